package probe

import (
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"serverscout/internal/scout"
)

// What does not fit into a datagram is asked for over TCP.
func TestDNSTruncated(t *testing.T) {
	t.Parallel()
	udp := serveDNS(t, "udp", nil, func(w dns.ResponseWriter, query *dns.Msg) {
		answer := new(dns.Msg).SetReply(query)
		answer.Truncated = true
		if size := query.IsEdns0().UDPSize(); size != udpAnswerSize {
			t.Errorf("the question announces %d bytes", size)
		}
		_ = w.WriteMsg(answer)
	})
	tcp := serveDNS(t, "tcp", nil, zone(t, exampleZone))
	check := scout.Check{Target: "www.example.com", Settings: scout.Settings{"resolver": "udp://ns.example.com"}}
	r := observe(t, compileDNS, check, asking(udp, tcp))
	expect(t, r, scout.Up, "DNS service answers for www.example.com with A 192.0.2.1, 192.0.2.2")
	if got := stepNames(t, r, time.Minute); got != "answer, connect, answer" {
		t.Errorf("got the steps %s", got)
	}
	r = observe(t, compileDNS, check, asking(udp, closedPort(t)))
	expect(t, r, scout.Down, "DNS service is not responding on port 53 of the resolver ns.example.com: connection refused")
}

func TestDNSOverTLS(t *testing.T) {
	t.Parallel()
	now := time.Now()
	a := newAuthority(t, now.Add(1000*day))
	serving := func(from, until time.Time) network {
		certificate := a.issue(t, from, until)
		n := asking("", serveDNS(t, "tls", &certificate, zone(t, exampleZone)))
		n.roots = a.pool()
		return n
	}
	valid := serving(now.Add(-day), now.Add(day))
	found := "answers for www.example.com with A 192.0.2.1, 192.0.2.2"
	tests := []struct {
		name       string
		network    network
		resolver   string
		serverName string
		level      scout.Level
		message    string
	}{
		{"name", valid, "tls://www.example.com", "", scout.Up, found},
		{"address", valid, "tls://127.0.0.1:8853", "", scout.Up, found},
		{"zone", valid, "tls://[fe80::1%eth0]", "", scout.Up, found},
		{"named", valid, "tls://192.0.2.53", "www.example.com", scout.Up, found},
		{
			"other name", valid, "tls://192.0.2.53", "", scout.Down,
			"presents a certificate on port 853 of the resolver 192.0.2.53 that is not for the name 192.0.2.53",
		},
		{
			"expired", serving(now.Add(-9*day), now.Add(-day)), "tls://www.example.com", "", scout.Down,
			"presents a certificate on port 853 of the resolver www.example.com that expired on " + date(now.Add(-day)),
		},
		{
			"in clear", asking("", serve(t, func(c net.Conn) { _, _ = c.Write(make([]byte, 64)) })), "tls://www.example.com", "", scout.Down,
			"does not answer properly on port 853 of the resolver www.example.com: the other end does not speak TLS",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check := scout.Check{Target: "www.example.com", Settings: scout.Settings{"resolver": tt.resolver}}
			if tt.serverName != "" {
				check.Settings["server_name"] = tt.serverName
			}
			r := observe(t, compileDNS, check, tt.network)
			expect(t, r, tt.level, "DNS service "+tt.message)
			want := "connect, TLS"
			if tt.level == scout.Up {
				want += ", answer"
			}
			if got := stepNames(t, r, time.Minute); got != want {
				t.Errorf("got the steps %s", got)
			}
		})
	}
}

// What comes back must belong to the question.
func TestDNSForeignAnswers(t *testing.T) {
	t.Parallel()
	good := zone(t, exampleZone)
	tests := []struct {
		name   string
		change func(*dns.Msg)
		udp    string // what is made of it over UDP, where the true answer follows
		tcp    string
	}{
		{"id", func(m *dns.Msg) { m.Id++ }, "", "no usable answer"},
		{"name", func(m *dns.Msg) { m.Question[0].Name = "other.example.com." }, "no usable answer", "no usable answer"},
		{"type", func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeMX }, "no usable answer", "no usable answer"},
		{"no question", func(m *dns.Msg) { m.Question = nil }, "no usable answer", "no usable answer"},
		{"question", func(m *dns.Msg) { m.Response = false }, "no usable answer", "no usable answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			handle := func(w dns.ResponseWriter, query *dns.Msg) {
				wrong := new(dns.Msg).SetReply(query)
				tt.change(wrong)
				_ = w.WriteMsg(wrong)
				good(w, query)
			}
			n := asking(serveDNS(t, "udp", nil, handle), serveDNS(t, "tcp", nil, handle))
			for network, cause := range map[string]string{"udp": tt.udp, "tcp": tt.tcp} {
				check := scout.Check{Target: "www.example.com", Settings: scout.Settings{"resolver": network + "://192.0.2.53"}}
				r := observe(t, compileDNS, check, n)
				if cause == "" {
					expect(t, r, scout.Up, "DNS service answers for www.example.com with A 192.0.2.1, 192.0.2.2")
				} else {
					expect(t, r, scout.Down, "DNS service does not answer properly on port 53 of the resolver 192.0.2.53: "+cause)
				}
			}
		})
	}
}

// An error without the question, as some servers send it, is an answer.
func TestDNSBareError(t *testing.T) {
	t.Parallel()
	n := asking(serveDNS(t, "udp", nil, func(w dns.ResponseWriter, query *dns.Msg) {
		answer := new(dns.Msg).SetRcode(query, dns.RcodeRefused)
		answer.Question = nil
		_ = w.WriteMsg(answer)
	}), "")
	check := scout.Check{Target: "example.com", Settings: scout.Settings{"resolver": "192.0.2.53"}}
	expect(t, observe(t, compileDNS, check, n), scout.Down, "DNS service refuses to look up example.com (REFUSED)")
}

func TestDNSOutages(t *testing.T) {
	t.Parallel()
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	silent := serveDNS(t, "udp", nil, func(dns.ResponseWriter, *dns.Msg) {})
	garbage := func(w dns.ResponseWriter, query *dns.Msg) {
		b, _ := new(dns.Msg).SetReply(query).Pack()
		_, _ = w.Write(b[:len(b)-3])
	}
	tests := []struct {
		name     string
		network  network
		resolver string
		message  string
	}{
		{"silent", asking(silent, ""), "192.0.2.53", "is not responding on port 53 of the resolver 192.0.2.53: no answer within 90 ms"},
		{"refused", asking(closed.LocalAddr().String(), ""), "192.0.2.53:5353", "is not responding on port 5353 of the resolver 192.0.2.53: connection refused"},
		{"refused over TCP", asking("", closedPort(t)), "tcp://192.0.2.53/", "is not responding on port 53 of the resolver 192.0.2.53: connection refused"},
		{"silent over TCP", asking("", serve(t, untilClosed)), "tcp://192.0.2.53", "is not responding on port 53 of the resolver 192.0.2.53: no answer within 90 ms"},
		{"closed", asking("", serve(t, func(net.Conn) {})), "tcp://192.0.2.53", "is not responding on port 53 of the resolver 192.0.2.53: the connection was reset or closed early"},
		{"unknown host", resolving(t, 3), "ns.example.com", "is not responding on port 53 of the resolver ns.example.com: unknown host name ns.example.com"},
		{"unreachable", failing(syscall.ENETUNREACH), "192.0.2.53", "is not responding on port 53 of the resolver 192.0.2.53: network unreachable"},
		{"cut short", asking(serveDNS(t, "udp", nil, garbage), ""), "192.0.2.53", "does not answer properly on port 53 of the resolver 192.0.2.53: no usable answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check := scout.Check{Target: "www.example.com", Settings: scout.Settings{"resolver": tt.resolver}, Timeout: time.Minute}
			if strings.HasSuffix(tt.message, "90 ms") {
				check.Timeout = 90 * time.Millisecond
			}
			r := observe(t, compileDNS, check, tt.network)
			expect(t, r, scout.Down, "DNS service "+tt.message)
			if r.Latency != 0 {
				t.Errorf("the latency is %s", r.Latency)
			}
		})
	}
}

// One lost datagram is no outage.
func TestDNSAsksAgain(t *testing.T) {
	t.Parallel()
	var questions atomic.Int32
	good := zone(t, exampleZone)
	n := asking(serveDNS(t, "udp", nil, func(w dns.ResponseWriter, query *dns.Msg) {
		if questions.Add(1) == udpSends {
			good(w, query)
		}
	}), "")
	check := scout.Check{Target: "www.example.com", Settings: scout.Settings{"resolver": "192.0.2.53"}, Timeout: 900 * time.Millisecond}
	expect(t, observe(t, compileDNS, check, n), scout.Up, "DNS service answers for www.example.com with A 192.0.2.1, 192.0.2.2")
	if got := questions.Load(); got != udpSends {
		t.Errorf("the question was sent %d times", got)
	}
}

// The system's resolvers are asked in turn, as its configuration says now.
func TestDNSSystemResolvers(t *testing.T) {
	t.Parallel()
	n := systemNetwork()
	n.resolvConf = filepath.Join(t.TempDir(), "resolv.conf")
	working := serveDNS(t, "udp", nil, zone(t, exampleZone))
	silent := serveDNS(t, "udp", nil, func(dns.ResponseWriter, *dns.Msg) {})
	dial := n.dial
	n.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		switch address {
		case "192.0.2.1:53":
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ENETUNREACH}
		case "192.0.2.2:53":
			return dial(ctx, network, silent)
		default:
			conn, err := dial(ctx, network, working)
			if err != nil {
				return nil, err
			}
			return foundUDP{conn.(*net.UDPConn), net.UDPAddrFromAddrPort(netip.MustParseAddrPort(address))}, nil
		}
	}
	p, err := compileDNS(scout.Target{Check: scout.Check{Target: "www.example.com", Timeout: time.Second}}, n)
	if err != nil {
		t.Fatal(err)
	}
	none := "Server Scout's own system names no resolver in " + n.resolvConf + ": name one in the check's resolver"
	unreachable := "DNS service is not responding on port 53 of the resolver 192.0.2.1: network unreachable"
	found := "DNS service answers for www.example.com with A 192.0.2.1, 192.0.2.2"
	for _, step := range []struct {
		file    string
		level   scout.Level
		message string
		address string
	}{
		{"", scout.Down, tidy(none), ""},
		{"search example.com\n", scout.Down, tidy(none), ""},
		{"nameserver 192.0.2.1\n", scout.Down, unreachable, ""},
		{"nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 2001:db8::3\n", scout.Up, found, "2001:db8::3"},
	} {
		if step.file != "" {
			if err := os.WriteFile(n.resolvConf, []byte(step.file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r := p.Probe(t.Context())
		expect(t, r, step.level, step.message)
		if r.IP != step.address {
			t.Errorf("got the address %q, want %q", r.IP, step.address)
		}
	}
}

// foundUDP is a UDP connection to a chosen address.
type foundUDP struct {
	*net.UDPConn
	remote net.Addr
}

func (f foundUDP) RemoteAddr() net.Addr { return f.remote }

// Nothing but the check's timeout bounds how long an answer may take.
func TestDNSWaitsForTheTimeout(t *testing.T) {
	t.Parallel()
	for latency, message := range map[time.Duration]string{
		9 * time.Second:  "DNS service refuses to look up example.com (REFUSED)",
		11 * time.Second: "DNS service is not responding on port 53 of the resolver 192.0.2.53: no answer within 10 s",
	} {
		synctest.Test(t, func(t *testing.T) {
			var serving sync.WaitGroup
			defer serving.Wait()
			n := network{dial: func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				serving.Go(func() {
					defer server.Close()
					c := &dns.Conn{Conn: server}
					query, err := c.ReadMsg()
					if err != nil {
						t.Error(err)
						return
					}
					time.Sleep(latency)
					_ = c.WriteMsg(new(dns.Msg).SetRcode(query, dns.RcodeRefused))
				})
				return client, nil
			}}
			check := scout.Check{Target: "example.com", Settings: scout.Settings{"resolver": "tcp://192.0.2.53"}}
			expect(t, observe(t, compileDNS, check, n), scout.Down, message)
		})
	}
}
