package probe

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestParseAnswerRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ record, text string }{
		{"A", "2001:db8::1"},
		{"A", "www.example.com"},
		{"A", ""},
		{"A", "192.0.2.1\n192.0.2.2"},
		{"A", "192.0.2.1 192.0.2.2"},
		{"AAAA", "192.0.2.1"},
		{"CAA", "issue ca.example.com"},
		{"CNAME", "a b"},
		{"DS", "1 2"},
		{"HTTPS", "alpn=h2"},
		{"MX", "mail.example.com"},
		{"NS", ""},
		{"PTR", "; comment"},
		{"SOA", "ns1 hostmaster"},
		{"SRV", "5060 sip.example.com"},
	} {
		if got, err := parseAnswer(tt.record, tt.text); err == nil || err.Error() != "write "+answerForm(tt.record) {
			t.Errorf("%s %q: got %q, %v", tt.record, tt.text, got, err)
		}
	}
}

func TestAnswersTo(t *testing.T) {
	t.Parallel()
	section := func(records ...string) []dns.RR {
		var list []dns.RR
		for _, text := range records {
			rr, err := dns.NewRR(text)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, rr)
		}
		return list
	}
	long := []string{"a16. A 192.0.2.1"}
	for i := range 16 {
		long = append(long, fmt.Sprintf("a%d. CNAME a%d.", i, i+1))
	}
	tests := []struct {
		name    string
		section []dns.RR
		want    []string
	}{
		{"none", nil, nil},
		{"sorted and without repeats", section("A0. A 192.0.2.2", "a0. A 192.0.2.1", "a0. A 192.0.2.2"), []string{"192.0.2.1", "192.0.2.2"}},
		{"alias, out of order", section("b. A 192.0.2.1", "a0. CNAME B."), []string{"192.0.2.1"}},
		{"of another name", section("b. A 192.0.2.1"), nil},
		{"of another type", section("a0. AAAA 2001:db8::1"), nil},
		{"alias without end", section("a0. CNAME b.", "b. CNAME a0."), nil},
		{"alias of nothing", section("a0. CNAME b."), nil},
		{"fifteen aliases", section(long...)[:16], nil},
		{"sixteen aliases", section(long...), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			question := dns.Question{Name: "a0.", Qtype: dns.TypeA, Qclass: dns.ClassINET}
			if got := answersTo(question, tt.section); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	question := dns.Question{Name: "a1.", Qtype: dns.TypeA, Qclass: dns.ClassINET}
	if got := answersTo(question, section(long...)); !slices.Equal(got, []string{"192.0.2.1"}) {
		t.Errorf("after 15 aliases: got %q", got)
	}
}

func TestParseResolver(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"192.0.2.53":            "udp 192.0.2.53 53",
		"ns.example.com:5353":   "udp ns.example.com 5353",
		"2001:db8::53":          "udp 2001:db8::53 53",
		"udp://[2001:db8::53]/": "udp 2001:db8::53 53",
		"tcp://192.0.2.53:54":   "tcp 192.0.2.53 54",
		"tls://192.0.2.53":      "tls 192.0.2.53 853",
		"tls://ns:8853":         "tls ns 8853",
		"https://192.0.2.53":    "",
		"192.0.2.53:0":          "",
		"tls://":                "",
		"":                      "",
		"a b":                   "",
	} {
		got := ""
		if r, err := parseResolver(text, nil); err == nil {
			if r.tls != nil {
				r.network = "tls"
			}
			got = strings.Join([]string{r.network, r.host, r.port}, " ")
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// Whatever bytes a TXT record holds come back as they are.
func FuzzTXT(f *testing.F) {
	f.Add("v=spf1 -all")
	f.Add("\"\\ä\x00\xff;1\\065")
	f.Fuzz(func(t *testing.T, text string) {
		sent := &dns.TXT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeTXT, Class: dns.ClassINET}}
		for part := range slices.Chunk([]byte(text), 255) {
			var escaped strings.Builder
			for _, b := range part {
				fmt.Fprintf(&escaped, `\%03d`, b)
			}
			sent.Txt = append(sent.Txt, escaped.String())
		}
		packed := make([]byte, 2*len(text)+64)
		end, err := dns.PackRR(sent, packed, 0, nil, false)
		if err != nil {
			t.Skip("too long")
		}
		got, _, err := dns.UnpackRR(packed[:end], 0)
		if err != nil || answerText(got) != text {
			t.Errorf("%q came back as %q, %v", text, answerText(got), err)
		}
	})
}

// Whatever a user expects is refused in words or can be found.
func FuzzParseAnswer(f *testing.F) {
	for i, text := range []string{"192.0.2.1", "::1", `0 issue "a;b"`, "www", `1 2 3 \# 0`, "1 . alpn=h2", "10 mail", "@", "(", "a b 1 2 3 4 5", "1 2 3 .", "x"} {
		f.Add(i, text)
	}
	f.Fuzz(func(t *testing.T, i int, text string) {
		record := dnsRecords()[uint(i)%uint(len(dnsRecords()))]
		answer, err := parseAnswer(record, text)
		if err != nil || record == "TXT" {
			return
		}
		rr, err := dns.NewRR(". 0 IN " + record + " " + text)
		if err != nil {
			t.Fatal(err)
		}
		rr.Header().Name = "www.example.com."
		question := dns.Question{Name: "www.example.com.", Qtype: dns.StringToType[record], Qclass: dns.ClassINET}
		if got := answersTo(question, []dns.RR{rr}); !slices.Equal(got, []string{answer}) {
			t.Errorf("%s %q: expected as %q, found as %q", record, text, answer, got)
		}
		_ = foundText(record, []string{answer})
	})
}
