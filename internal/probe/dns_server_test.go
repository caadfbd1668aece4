package probe

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// serveDNS answers questions over UDP, TCP or, with a certificate, TLS.
func serveDNS(t testing.TB, network string, certificate *tls.Certificate, handle dns.HandlerFunc) (address string) {
	t.Helper()
	server := &dns.Server{Handler: handle}
	if network == "udp" {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server.PacketConn, address = c, c.LocalAddr().String()
	} else {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address = l.Addr().String()
		if certificate != nil {
			l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{*certificate}})
		}
		server.Listener = l
	}
	started, ended := make(chan struct{}), make(chan error, 1)
	server.NotifyStartedFunc = func() { close(started) }
	go func() { ended <- server.ActivateAndServe() }()
	<-started
	t.Cleanup(func() {
		_ = server.Shutdown()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return address
}

// asking is a network in which every UDP address leads to one server, every
// TCP address to another.
func asking(udp, tcp string) network {
	n := systemNetwork()
	dial := n.dial
	n.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dial(ctx, network, map[string]string{"udp": udp, "tcp": tcp}[network])
	}
	return n
}

// zone answers from records; what is not there does not exist.
func zone(t testing.TB, records string) dns.HandlerFunc {
	t.Helper()
	var all []dns.RR
	parser := dns.NewZoneParser(strings.NewReader(records), "example.com.", "")
	parser.SetDefaultTTL(60)
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		all = append(all, rr)
	}
	if err := parser.Err(); err != nil {
		t.Fatal(err)
	}
	return func(w dns.ResponseWriter, query *dns.Msg) {
		answer := new(dns.Msg).SetReply(query)
		name := query.Question[0].Name
		known := false
		for range len(all) {
			next := name
			for _, rr := range all {
				if !strings.EqualFold(rr.Header().Name, name) {
					continue
				}
				known = true
				alias, ok := rr.(*dns.CNAME)
				if rr.Header().Rrtype == query.Question[0].Qtype || ok {
					answer.Answer = append(answer.Answer, rr)
				}
				if ok {
					next = alias.Target
				}
			}
			if next == name {
				break
			}
			name = next
		}
		switch {
		case name == "broken.example.com.":
			answer.Rcode = dns.RcodeServerFailure
		case name == "secret.example.com.":
			answer.Rcode = dns.RcodeRefused
		case name == "odd.example.com.":
			answer.Rcode = 14
		case !known:
			answer.Rcode = dns.RcodeNameError
		}
		_ = w.WriteMsg(answer)
	}
}

const exampleZone = `
www    A     192.0.2.2
www    A     192.0.2.1
www    AAAA  2001:db8::1
many   A     192.0.2.1
many   A     192.0.2.2
many   A     192.0.2.3
many   A     192.0.2.4
many   A     192.0.2.5
shop   CNAME Cart
cart   CNAME www
odd\ n NS    ns
@      NS    NS1
@      NS    ns2.example.net.
@      MX    10 Mail
@      MX    20 mail2
@      TXT   "v=spf1 mx " "~all; \"ä\""
@      TXT   "key=1"
@      SOA   ns1 hostmaster 7 3600 600 86400 300
@      CAA   0 issue "ca.example.net"
@      DS    60485 8 2 d4b7d520e7bb5f0f67674a0cceb1e3e0614b93c4f9e99b8383f6a1e4469da50a
@      HTTPS 1 . alpn="h2,h3"
_sip._tcp SRV 10 5 5060 sip
1.2.0.192.in-addr.arpa. PTR www
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR www6
`
