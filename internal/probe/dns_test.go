package probe

import (
	"testing"
	"time"

	"github.com/miekg/dns"

	"serverscout/internal/scout"
)

func dnsExpects(answers ...any) map[string]any { return map[string]any{"answers": answers} }

func dnsExactly(answers ...any) map[string]any {
	return map[string]any{"answers": answers, "exact": true}
}

func TestDNS(t *testing.T) {
	t.Parallel()
	n := asking(serveDNS(t, "udp", nil, zone(t, exampleZone)), "")
	code := func(s string) map[string]any { return map[string]any{"rcode": s} }
	tests := []struct {
		record  string // "A" unless named
		target  string
		expect  map[string]any
		level   scout.Level
		message string // after "DNS service "
	}{
		{"", "www.example.com", nil, scout.Up, "answers for www.example.com with A 192.0.2.1, 192.0.2.2"},
		{"", "WWW.Example.com.", nil, scout.Up, "answers for WWW.Example.com. with A 192.0.2.1, 192.0.2.2"},
		{"", "shop.example.com", dnsExpects("192.0.2.2"), scout.Up, "answers for shop.example.com with A 192.0.2.1, 192.0.2.2"},
		{"", "many.example.com", nil, scout.Up, "answers for many.example.com with A 192.0.2.1, 192.0.2.2, 192.0.2.3 and 2 more"},
		{"", "www.example.com", dnsExpects("192.0.2.1", "192.0.2.9"), scout.Down, "answers for www.example.com with A 192.0.2.1, 192.0.2.2, without the expected 192.0.2.9"},
		{"", "www.example.com", dnsExactly("192.0.2.1", "192.0.2.2"), scout.Up, "answers for www.example.com with A 192.0.2.1, 192.0.2.2"},
		{"", "www.example.com", dnsExactly("192.0.2.2"), scout.Down, "answers for www.example.com with A 192.0.2.1, 192.0.2.2, expected only 192.0.2.2"},
		{"AAAA", "www.example.com", dnsExpects("2001:DB8:0::1"), scout.Up, "answers for www.example.com with AAAA 2001:db8::1"},
		{"CNAME", "shop.example.com", dnsExpects("cart.EXAMPLE.com"), scout.Up, "answers for shop.example.com with CNAME cart.example.com"},
		{"MX", "example.com", dnsExactly("10 mail.example.com.", "20 mail2.example.com"), scout.Up, "answers for example.com with MX 10 mail.example.com, 20 mail2.example.com"},
		{"MX", "example.com", dnsExpects("30 mail.example.com"), scout.Down, "answers for example.com with MX 10 mail.example.com, 20 mail2.example.com, without the expected 30 mail.example.com"},
		{"NS", "example.com", dnsExpects("ns1.example.com"), scout.Up, "answers for example.com with NS ns1.example.com, ns2.example.net"},
		{"NS", `odd\032n.example.com`, nil, scout.Unknown, ""},
		{"TXT", "example.com", dnsExpects(`v=spf1 mx ~all; "ä"`), scout.Up, "answers for example.com with 2 TXT records"},
		{"TXT", "example.com", dnsExpects("key=2"), scout.Down, "answers for example.com with 2 TXT records, without the expected key=2"},
		{"SOA", "example.com", dnsExpects("ns1.example.com hostmaster.example.com 7 3600 600 86400 300"), scout.Up, "answers for example.com with SOA ns1.example.com hostmaster.example.com 7 3600 600 86400 300"},
		{"SRV", "_sip._tcp.example.com", dnsExpects("10 5 5060 sip.example.com"), scout.Up, "answers for _sip._tcp.example.com with SRV 10 5 5060 sip.example.com"},
		{"CAA", "example.com", dnsExpects("0 issue ca.example.net"), scout.Up, "answers for example.com with 1 CAA record"},
		{"DS", "example.com", dnsExpects("60485 8 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A"), scout.Up, "answers for example.com with DS 60485 8 2 d4b7d520e7bb5f0f67674a0cceb1e3e0614b93c4f9e99b8383f6a1e4469da50a"},
		{"HTTPS", "example.com", dnsExpects("1 . alpn=h2,h3"), scout.Up, "answers for example.com with 1 HTTPS record"},
		{"PTR", "192.0.2.1", dnsExpects("www.example.com"), scout.Up, "answers for 192.0.2.1 with PTR www.example.com"},
		{"PTR", "[2001:db8::1]", nil, scout.Up, "answers for 2001:db8::1 with PTR www6.example.com"},
		{"PTR", "1.2.0.192.in-addr.arpa", nil, scout.Up, "answers for 1.2.0.192.in-addr.arpa with PTR www.example.com"},
		{"SRV", "www.example.com", nil, scout.Down, "has no SRV record for www.example.com"},
		{"", "gone.example.com", nil, scout.Down, "says that gone.example.com does not exist (NXDOMAIN)"},
		{"", "gone.example.com", code("NXDOMAIN"), scout.Up, "says that gone.example.com does not exist (NXDOMAIN), as expected"},
		{"", "www.example.com", code("NXDOMAIN"), scout.Down, "knows the name www.example.com (NOERROR), expected NXDOMAIN"},
		{"", "broken.example.com", nil, scout.Down, "fails to look up broken.example.com (SERVFAIL)"},
		{"", "broken.example.com", code("SERVFAIL"), scout.Up, "fails to look up broken.example.com (SERVFAIL), as expected"},
		{"", "secret.example.com", nil, scout.Down, "refuses to look up secret.example.com (REFUSED)"},
		{"", "odd.example.com", nil, scout.Down, "fails to look up odd.example.com (code 14)"},
	}
	for _, tt := range tests {
		t.Run(tt.record+" "+tt.target, func(t *testing.T) {
			t.Parallel()
			settings := scout.Settings{"resolver": "192.0.2.53"}
			if tt.record != "" {
				settings["record"] = tt.record
			}
			if tt.expect != nil {
				settings["expect"] = tt.expect
			}
			check := scout.Check{Target: tt.target, Settings: settings}
			if tt.level == scout.Unknown {
				if _, err := compileDNS(scout.Target{Check: check}, n); faultsOf(t, err)[0].Field != "target" {
					t.Errorf("got %v", err)
				}
				return
			}
			r := observe(t, compileDNS, check, n)
			expect(t, r, tt.level, "DNS service "+tt.message)
			if r.Latency <= 0 || r.IP != "127.0.0.1" {
				t.Errorf("got the latency %s and the address %q", r.Latency, r.IP)
			}
			if got := stepNames(t, r, r.Latency+time.Second); got != "answer" {
				t.Errorf("got the steps %s", got)
			}
		})
	}
}

// Text from a resolver that may be anything is not shown.
func TestDNSHidesText(t *testing.T) {
	t.Parallel()
	n := asking(serveDNS(t, "udp", nil, zone(t, `
@ NS \<script\>.example.com.
@ TXT "hello"
`)), "")
	for record, found := range map[string]string{"NS": "1 NS record", "TXT": "1 TXT record"} {
		check := scout.Check{Target: "example.com", Settings: scout.Settings{"resolver": "192.0.2.53", "record": record}}
		expect(t, observe(t, compileDNS, check, n), scout.Up, "DNS service answers for example.com with "+found)
	}
}

func TestDNSSlow(t *testing.T) {
	t.Parallel()
	p := &dnsProbe{service: "DNS service", name: "www.example.com", rcode: dns.RcodeNameError, warn: latencyWarning{scout.Duration(time.Second)}}
	at := resolver{host: "192.0.2.53", port: "53"}.place()
	missing := &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: dns.RcodeNameError}}
	expect(t, p.judge(missing, time.Second, at), scout.Up, "DNS service says that www.example.com does not exist (NXDOMAIN), as expected")
	expect(t, p.judge(missing, time.Second+1, at), scout.Warning,
		"DNS service answers slowly on port 53 of the resolver 192.0.2.53: 1.01 s, more than 1 s")
	expect(t, p.judge(new(dns.Msg), time.Minute, at), scout.Down, "DNS service knows the name www.example.com (NOERROR), expected NXDOMAIN")
}
