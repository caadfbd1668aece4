package front

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

var trusted = []netip.Prefix{
	netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32"),
}

// seen is what a handler behind Trust is told of a request's sender.
type seen struct{ addr, scheme, host string }

// through sends a request through Trust.
func through(t *testing.T, peer string, secure bool, header http.Header) seen {
	t.Helper()
	var got seen
	h := Trust(trusted, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil && r.RemoteAddr != peer {
			t.Errorf("RemoteAddr is %q: %v", r.RemoteAddr, err)
		}
		got = seen{host, r.URL.Scheme, r.Host}
	}))
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/a?b=c", nil)
	r.Host, r.RemoteAddr, r.Header = "own.example.com", peer, header
	if secure {
		r.TLS = &tls.ConnectionState{}
	}
	before := *r.URL
	h.ServeHTTP(httptest.NewRecorder(), r)
	if r.RemoteAddr != peer || *r.URL != before || r.Host != "own.example.com" {
		t.Error("the request itself was changed")
	}
	return got
}

func TestTrust(t *testing.T) {
	t.Parallel()
	const own = "own.example.com"
	forwardedFor := func(values ...string) http.Header { return http.Header{"X-Forwarded-For": values} }
	tests := map[string]struct {
		peer   string
		secure bool
		header http.Header
		want   seen
	}{
		"nobody between":            {"192.0.2.1:5", false, nil, seen{"192.0.2.1", "http", own}},
		"nobody between, over TLS":  {"192.0.2.1:5", true, nil, seen{"192.0.2.1", "https", own}},
		"a proxy that says nothing": {"127.0.0.1:5", true, nil, seen{"127.0.0.1", "https", own}},
		"a proxy": {"127.0.0.1:5", false, http.Header{
			"X-Forwarded-For": {"192.0.2.1"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"example.com:8443"},
		}, seen{"192.0.2.1", "https", "example.com:8443"}},
		"a stranger who says all that": {"192.0.2.9:5", false, http.Header{
			"X-Forwarded-For": {"127.0.0.1"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"evil.example"},
		}, seen{"192.0.2.9", "http", own}},
		"Forwarded does not count":          {"127.0.0.1:5", false, http.Header{"Forwarded": {"for=192.0.2.1;proto=https;host=evil"}}, seen{"127.0.0.1", "http", own}},
		"TLS ends at us, not at the proxy":  {"127.0.0.1:5", true, http.Header{"X-Forwarded-Proto": {"http"}}, seen{"127.0.0.1", "http", own}},
		"two proxies":                       {"127.0.0.1:5", false, forwardedFor("192.0.2.1, 10.0.0.7"), seen{"192.0.2.1", "http", own}},
		"two lines":                         {"127.0.0.1:5", false, forwardedFor("192.0.2.1", "10.0.0.7"), seen{"192.0.2.1", "http", own}},
		"what a client made up":             {"127.0.0.1:5", false, forwardedFor("198.51.100.1, 127.0.0.1, 192.0.2.1"), seen{"192.0.2.1", "http", own}},
		"a trusted address behind a client": {"127.0.0.1:5", false, forwardedFor("10.0.0.1, 192.0.2.1, 10.0.0.7"), seen{"192.0.2.1", "http", own}},
		"nothing but proxies":               {"127.0.0.1:5", false, forwardedFor("10.0.0.9, 10.0.0.7"), seen{"10.0.0.9", "http", own}},
		"IPv6":                              {"[2001:db8::1]:5", false, forwardedFor("2001:DB9::1"), seen{"2001:db9::1", "http", own}},
		"with ports":                        {"127.0.0.1:5", false, forwardedFor("192.0.2.1:443, [2001:db8::9]:80"), seen{"192.0.2.1", "http", own}},
		"in brackets":                       {"127.0.0.1:5", false, forwardedFor("[2001:db9::1]"), seen{"2001:db9::1", "http", own}},
		"IPv4 in IPv6":                      {"[::ffff:127.0.0.1]:5", false, forwardedFor("::ffff:192.0.2.1"), seen{"192.0.2.1", "http", own}},
		"a zone":                            {"127.0.0.1:5", false, forwardedFor("fe80::1%eth0"), seen{"fe80::1", "http", own}},
		"unknown":                           {"127.0.0.1:5", false, forwardedFor("192.0.2.1, unknown"), seen{"127.0.0.1", "http", own}},
		"not an address":                    {"127.0.0.1:5", false, forwardedFor("'; DROP TABLE users, 10.0.0.7"), seen{"10.0.0.7", "http", own}},
		"empty":                             {"127.0.0.1:5", false, forwardedFor("", " , "), seen{"127.0.0.1", "http", own}},
		"a line break":                      {"127.0.0.1:5", false, forwardedFor("192.0.2.1\r\nX: y"), seen{"127.0.0.1", "http", own}},
		"huge":                              {"127.0.0.1:5", false, forwardedFor(strings.Repeat("198.51.100.1,", 5000) + "192.0.2.1"), seen{"192.0.2.1", "http", own}},
		"the nearest proxy's scheme":        {"127.0.0.1:5", false, http.Header{"X-Forwarded-Proto": {"http, HTTPS "}}, seen{"127.0.0.1", "https", own}},
		"another scheme":                    {"127.0.0.1:5", false, http.Header{"X-Forwarded-Proto": {"javascript"}}, seen{"127.0.0.1", "http", own}},
		"the nearest proxy's host":          {"127.0.0.1:5", false, http.Header{"X-Forwarded-Host": {"evil.example", "a, [::1]:80"}}, seen{"127.0.0.1", "http", "[::1]:80"}},
		"a host with a path":                {"127.0.0.1:5", false, http.Header{"X-Forwarded-Host": {"example.com/evil"}}, seen{"127.0.0.1", "http", own}},
		"a host with a user":                {"127.0.0.1:5", false, http.Header{"X-Forwarded-Host": {"a@example.com"}}, seen{"127.0.0.1", "http", own}},
		"an endless host":                   {"127.0.0.1:5", false, http.Header{"X-Forwarded-Host": {strings.Repeat("a", 256)}}, seen{"127.0.0.1", "http", own}},
		"no peer":                           {"@", false, forwardedFor("192.0.2.1"), seen{"", "http", own}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := through(t, tt.peer, tt.secure, tt.header); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestTrustOverridesTheRequestLine has a scheme that the client itself named.
func TestTrustOverridesTheRequestLine(t *testing.T) {
	t.Parallel()
	scheme := ""
	h := Trust(nil, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { scheme = r.URL.Scheme }))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "GET", "https://evil.example/", nil))
	if scheme != "https" { // httptest sets TLS for such a target
		t.Fatalf("scheme = %q", scheme)
	}
	r := httptest.NewRequestWithContext(t.Context(), "GET", "https://evil.example/", nil)
	r.TLS = nil
	h.ServeHTTP(httptest.NewRecorder(), r)
	if scheme != "http" {
		t.Errorf("a client without TLS made it %q", scheme)
	}
}

// FuzzTrust has any headers, from a stranger and by a proxy: what a stranger
// says changes nothing, and what a proxy says becomes an address or nothing.
func FuzzTrust(f *testing.F) {
	f.Add("192.0.2.1, 10.0.0.7", "https", "example.com")
	f.Add("[::1]:80,,%", "HTTP,", "[::]")
	f.Fuzz(func(t *testing.T, addresses, scheme, host string) {
		header := http.Header{"X-Forwarded-For": {addresses}, "X-Forwarded-Proto": {scheme}, "X-Forwarded-Host": {host}}
		if got := through(t, "192.0.2.9:5", false, header); got != (seen{"192.0.2.9", "http", "own.example.com"}) {
			t.Errorf("a stranger became %+v", got)
		}
		got := through(t, "127.0.0.1:5", false, header)
		if _, err := netip.ParseAddr(got.addr); err != nil {
			t.Errorf("the address is %q", got.addr)
		}
		if got.scheme != "http" && got.scheme != "https" || strings.ContainsAny(got.host, "/@\r\n \"'<>") {
			t.Errorf("got %+v", got)
		}
	})
}
