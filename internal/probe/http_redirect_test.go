package probe

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
)

func TestHTTPRedirects(t *testing.T) {
	t.Parallel()
	secrets := func(r *http.Request) bool {
		return r.Header.Get("X-Key") != "" || r.Header.Get("Authorization") != "" || strings.Contains(r.Referer(), "secret")
	}
	n := web(t, func(w http.ResponseWriter, r *http.Request) {
		var left int
		switch _, err := fmt.Sscanf(r.URL.Path, "/hops/%d", &left); {
		case err == nil && left > 0:
			http.Redirect(w, r, fmt.Sprintf("/hops/%d", left-1), http.StatusFound)
		case r.URL.Path == "/away":
			http.Redirect(w, r, "http://other.example.com:8080/landing?secret", http.StatusFound)
		case r.URL.Path == "/away-and-back":
			http.Redirect(w, r, "http://other.example.com/back", http.StatusFound)
		case r.URL.Path == "/back":
			http.Redirect(w, r, "http://www.example.com/landing", http.StatusFound)
		case r.URL.Path == "/ftp":
			http.Redirect(w, r, "ftp://www.example.com/", http.StatusFound)
		case r.URL.Path == "/home":
			http.Redirect(w, r, "http://www.example.com/signed-in", http.StatusFound)
		case r.URL.Path == "/signed-in" && r.Header.Get("Authorization") != "":
			w.WriteHeader(http.StatusOK)
		case r.URL.Path == "/landing" && !secrets(r), r.URL.Path == "/hops/0" && secrets(r):
			w.WriteHeader(http.StatusOK)
		default:
			w.WriteHeader(http.StatusTeapot)
		}
	})
	for path, want := range map[string]string{
		"/hops/10":       "HTTP service answers on port 80 (200 OK)",
		"/hops/11":       "HTTP service redirects more than 10 times on port 80",
		"/home":          "HTTP service answers on port 80 (200 OK)",
		"/away":          "HTTP service answers on port 80 (redirected to other.example.com:8080) (200 OK)",
		"/away-and-back": "HTTP service answers on port 80 (200 OK)",
		"/ftp":           "HTTP service does not answer properly on port 80: no usable answer",
	} {
		level := scout.Down
		if strings.HasSuffix(want, "OK)") {
			level = scout.Up
		}
		check := scout.Check{
			Target:   "http://user:password@www.example.com" + path + "?secret",
			Settings: scout.Settings{"headers": map[string]any{"X-Key": "secret"}},
		}
		expect(t, observe(t, compileHTTP, check, n), level, want)
	}
}

// A journey that has strayed to another host, or from https to http, has lost
// the check's headers for good.
func TestJourneyStrays(t *testing.T) {
	t.Parallel()
	for path, kept := range map[string]bool{
		"http://a.test https://A.test":                true,
		"http://a.test:8080 http://a.test":            true,
		"https://a.test http://a.test":                false,
		"http://a.test http://b.test":                 false,
		"http://a.test http://b.test http://a.test":   false,
		"https://a.test http://a.test https://a.test": false,
	} {
		var way *journey
		var hops []*http.Request
		for url := range strings.SplitSeq(path, " ") {
			next := httptest.NewRequest(http.MethodGet, url, nil)
			next.Header.Set("X-Key", "secret")
			if way == nil {
				way = &journey{probe: &httpProbe{redirects: redirectsFollow}, last: next.URL}
			} else if err := way.redirect(next, hops); err != nil {
				t.Fatal(err)
			}
			hops = append(hops, next)
		}
		if got := hops[len(hops)-1].Header.Get("X-Key") != ""; got != kept || way.strayed == kept {
			t.Errorf("%s: headers kept: %t, strayed: %t, want %t", path, got, way.strayed, kept)
		}
	}
}

// TestBodyStaysBehind follows redirects that keep method and body: the body
// goes along on the host, and not beyond.
func TestBodyStaysBehind(t *testing.T) {
	t.Parallel()
	n := web(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		switch {
		case err != nil:
			w.WriteHeader(http.StatusTeapot)
		case r.URL.Path == "/home":
			http.Redirect(w, r, "/landing?body=password", http.StatusTemporaryRedirect)
		case r.URL.Path == "/away":
			http.Redirect(w, r, "http://other.example.com/landing?body=", http.StatusPermanentRedirect)
		case r.Method != http.MethodPost || string(body) != r.URL.Query().Get("body"):
			w.WriteHeader(http.StatusTeapot)
		}
	})
	for _, path := range []string{"/home", "/away"} {
		check := scout.Check{
			Name: "HTTP", Target: "http://www.example.com" + path, Timeout: 5 * time.Second,
			Settings: scout.Settings{"method": "POST", "body": "password"},
		}
		p, err := compileHTTP(scout.Target{Check: check}, n)
		if err != nil {
			t.Fatal(err)
		}
		if r := p.Probe(t.Context()); r.Level != scout.Up {
			t.Errorf("%s: %s", path, r.Message)
		}
	}
}

func TestHTTPRedirectPolicies(t *testing.T) {
	t.Parallel()
	n := web(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/near":
			http.Redirect(w, r, "http://WWW.example.com:8080/", http.StatusFound)
		case "/far":
			http.Redirect(w, r, "http://login.example.com/?secret", http.StatusFound)
		}
	})
	const up = "HTTP service answers on port 80"
	tests := []struct{ policy, path, status, want string }{
		{"follow", "/near", "200", up + " (redirected to WWW.example.com:8080) (200 OK)"},
		{"follow", "/far", "200", up + " (redirected to login.example.com:80) (200 OK)"},
		{"none", "/far", "200", "HTTP service answered 302 Found on port 80, expected 200"},
		{"none", "/far", "302", up + " (302 Found)"},
		{"none", "/", "200", up + " (200 OK)"},
		{"same_host", "/near", "200", up + " (redirected to WWW.example.com:8080) (200 OK)"},
		{"same_host", "/far", "302", "HTTP service redirects on port 80 to another host: login.example.com:80"},
	}
	for _, tt := range tests {
		level := scout.Down
		if strings.HasPrefix(tt.want, up) {
			level = scout.Up
		}
		check := scout.Check{Target: "http://www.example.com" + tt.path, Settings: scout.Settings{
			"redirects": tt.policy, "expect": map[string]any{"status": []string{tt.status}},
		}}
		r := observe(t, compileHTTP, check, n)
		expect(t, r, level, tt.want)
		if r.Latency == 0 {
			t.Errorf("%s %s: an answer came, and the latency is 0", tt.policy, tt.path)
		}
	}
}

// The client certificate is for the target's host: it is not presented to
// another, nor again after that has led back.
func TestClientCertificateStaysBehind(t *testing.T) {
	t.Parallel()
	presented := make(chan string, 3)
	a, n := secureWeb(t, func(s *httptest.Server) { s.TLS.ClientAuth = tls.RequestClientCert }, func(w http.ResponseWriter, r *http.Request) {
		presented <- fmt.Sprintf("%s %d", r.Host, len(r.TLS.PeerCertificates))
		switch r.URL.Path {
		case "/":
			http.Redirect(w, r, "https://127.0.0.1/away", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "https://www.example.com/back", http.StatusFound)
		}
	})
	certificate, key := a.issueClient(t)
	r := observe(t, compileHTTP, scout.Check{Target: "https://www.example.com/", Settings: scout.Settings{
		"client_certificate": certificate, "client_key": key,
	}}, n)
	expect(t, r, scout.Up, "HTTP service answers on port 443 (200 OK)")
	for _, want := range []string{"www.example.com 1", "127.0.0.1 0", "www.example.com 0"} {
		if got := <-presented; got != want {
			t.Errorf("host and certificates: got %s, want %s", got, want)
		}
	}
}

// A dial that hangs, first or after a redirect to another host, ends with the
// probe also where a client certificate calls for two transports: a goroutine
// still dialing would hang the bubble.
func TestHTTPTransportsEnd(t *testing.T) {
	t.Parallel()
	certificate, key := newAuthority(t, time.Now().Add(time.Hour)).issueClient(t)
	for hanging, where := range map[string]string{
		"www.example.com:80":   "port 80",
		"other.example.com:80": "port 80 (redirected to other.example.com:80)",
	} {
		synctest.Test(t, func(t *testing.T) {
			n := network{dial: func(ctx context.Context, _, address string) (net.Conn, error) {
				if address == hanging {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				client, server := net.Pipe()
				go func() {
					defer server.Close()
					_, _ = http.ReadRequest(bufio.NewReader(server))
					_, _ = io.WriteString(server, "HTTP/1.1 302 Found\r\nLocation: http://other.example.com/\r\nContent-Length: 0\r\n\r\n")
				}()
				return client, nil
			}}
			r := observe(t, compileHTTP, scout.Check{Target: "http://www.example.com/", Settings: scout.Settings{
				"client_certificate": certificate, "client_key": key,
			}}, n)
			expect(t, r, scout.Down, "HTTP service is not responding on "+where+": no answer within 10 s")
		})
	}
}
