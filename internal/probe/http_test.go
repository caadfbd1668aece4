package probe

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

// web serves HTTP on the loopback address.
func web(t testing.TB, handler http.HandlerFunc) network {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return routed(s.Listener.Addr().String())
}

// answering serves one raw answer to every connection.
func answering(t *testing.T, raw string) network {
	t.Helper()
	return routed(serve(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = io.WriteString(c, raw)
	}))
}

func TestHTTPJudges(t *testing.T) {
	t.Parallel()
	status := func(s ...string) map[string]any { return map[string]any{"status": s} }
	pages := web(t, func(w http.ResponseWriter, r *http.Request) {
		code := http.StatusOK
		if _, err := fmt.Sscanf(r.URL.Path, "/%d", &code); err == nil {
			w.WriteHeader(code)
		}
		_, _ = io.WriteString(w, "version 42 is ok\n")
	})
	big := web(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", maxHTTPBody)+"ok")
	})
	tests := []struct {
		name     string
		network  network
		path     string
		settings scout.Settings
		level    scout.Level
		message  string
	}{
		{"ok", pages, "/", nil, scout.Up, "HTTP service answers on port 80 (200 OK)"},
		{"any success", pages, "/204", nil, scout.Up, "HTTP service answers on port 80 (204 No Content)"},
		{"wrong status", pages, "/503", nil, scout.Down, "HTTP service answered 503 Service Unavailable on port 80, expected 200-299"},
		{"nameless status", pages, "/599", scout.Settings{"expect": status("200", "300-399")}, scout.Down, "HTTP service answered 599 on port 80, expected 200, 300-399"},
		{"expected status", pages, "/404", scout.Settings{"expect": status("200-299", "404")}, scout.Up, "HTTP service answers on port 80 (404 Not Found)"},
		{"redirect without a location", pages, "/302", nil, scout.Down, "HTTP service answered 302 Found on port 80, expected 200-299"},
		{"contains", pages, "/", scout.Settings{"expect": map[string]any{"body_contains": "is ok", "body_matches": "version [0-9]+"}}, scout.Up, "HTTP service answers on port 80 (200 OK)"},
		{"contains not", pages, "/", scout.Settings{"expect": map[string]any{"body_contains": "is fine"}}, scout.Down, "HTTP service answered 200 OK on port 80, but the answer does not contain the expected text"},
		{"matches not", pages, "/", scout.Settings{"expect": map[string]any{"body_matches": "^[0-9]+$"}}, scout.Down, "HTTP service answered 200 OK on port 80, but the answer does not match the expected pattern"},
		{"beyond the limit", big, "/", scout.Settings{"expect": map[string]any{"body_contains": "ok"}}, scout.Down, "HTTP service answered 200 OK on port 80, but the first 1 MiB of the answer does not contain the expected text"},
		{"big", big, "/", nil, scout.Up, "HTTP service answers on port 80 (200 OK)"},
		{"head", pages, "/", scout.Settings{"method": "HEAD"}, scout.Up, "HTTP service answers on port 80 (200 OK)"},
		{"slow", pages, "/", scout.Settings{"warn": map[string]any{"latency": "0.000001ms"}}, scout.Warning, ""},
		{"cut short", answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"), "/", nil, scout.Down, "HTTP service is not responding on port 80: the connection was reset or closed early"},
		{"cut short but wrong", answering(t, "HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nshort"), "/", nil, scout.Down, "HTTP service answered 500 Internal Server Error on port 80, expected 200-299"},
		{"not HTTP", answering(t, "SSH-2.0-OpenSSH_9.9\r\n"), "/", nil, scout.Down, "HTTP service does not answer properly on port 80: the answer is not valid HTTP"},
		{"header too long", answering(t, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 2*maxHTTPHeader)), "/", nil, scout.Down, "HTTP service does not answer properly on port 80: no usable answer"},
		{"hostile reason", answering(t, "HTTP/1.1 503 \x1b[31m<!channel>\r\n\r\n"), "/", nil, scout.Down, "HTTP service answered 503 Service Unavailable on port 80, expected 200-299"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target := "http://user:password@www.example.com" + tt.path + "?key=secret"
			r := observe(t, compileHTTP, scout.Check{Name: "HTTP", Target: target, Settings: tt.settings}, tt.network)
			if tt.name == "slow" { // its message tells the time it took
				if r.Level != scout.Warning || !strings.HasPrefix(r.Message, "HTTP service answers slowly on port 80: ") {
					t.Errorf("got %+v", r)
				}
				return
			}
			expect(t, r, tt.level, tt.message)
			unanswered := strings.Contains(r.Message, "is not responding") || strings.Contains(r.Message, "does not answer properly")
			if unanswered != (r.Latency == 0) {
				t.Errorf("the latency is %s", r.Latency)
			}
		})
	}
}

// Latency covers the time until the whole body is there.
func TestHTTPSlow(t *testing.T) {
	t.Parallel()
	for body, message := range map[time.Duration]string{
		400 * time.Millisecond: "HTTP service answers on port 80 (200 OK)",
		840 * time.Millisecond: "HTTP service answers slowly on port 80: 1.24 s, more than 800 ms",
	} {
		synctest.Test(t, func(t *testing.T) {
			n := network{dial: func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				go func() {
					defer server.Close()
					_, _ = http.ReadRequest(bufio.NewReader(server))
					<-time.After(400 * time.Millisecond)
					_, _ = io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
					<-time.After(body)
					_, _ = io.WriteString(server, "k")
				}()
				return client, nil
			}}
			check := scout.Check{Target: "http://www.example.com/", Settings: scout.Settings{"warn": map[string]any{"latency": "800ms"}}}
			level := scout.Up
			if body > 400*time.Millisecond {
				level = scout.Warning
			}
			r := observe(t, compileHTTP, check, n)
			expect(t, r, level, message)
			if want := 400*time.Millisecond + body; r.Latency != want {
				t.Errorf("the latency is %s, want %s", r.Latency, want)
			}
		})
	}
}

func TestHTTPRequest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		target   string
		settings scout.Settings
		want     string // method, host, path, body, and headers of interest
	}{
		{
			"defaults", "http://www.example.com/a?b=c#d", nil,
			"GET www.example.com /a?b=c  agent=ServerScout auth= type= x= close=true",
		},
		{
			"everything", "http://www.example.com:8080/",
			scout.Settings{"method": "POST", "body": "ping", "headers": map[string]any{"host": "shop.internal", "user-agent": "Mine/1", "authorization": "Bearer secret", "x-test": "1"}},
			"POST shop.internal / ping agent=Mine/1 auth=Bearer secret type=text/plain; charset=utf-8 x=1 close=true",
		},
		{
			"credentials in the URL", "http://user:password@www.example.com/", nil,
			"GET www.example.com /  agent=ServerScout auth=Basic dXNlcjpwYXNzd29yZA== type= x= close=true",
		},
		{
			"credentials twice", "http://user:password@www.example.com/",
			scout.Settings{"headers": map[string]any{"Authorization": "Bearer secret"}},
			"GET www.example.com /  agent=ServerScout auth=Bearer secret type= x= close=true",
		},
		{
			"basic authentication", "http://www.example.com/",
			scout.Settings{"basic_auth": map[string]any{"username": "user", "password": "password"}},
			"GET www.example.com /  agent=ServerScout auth=Basic dXNlcjpwYXNzd29yZA== type= x= close=true",
		},
		{
			"bearer authentication", "http://www.example.com/",
			scout.Settings{"bearer_token": "secret"},
			"GET www.example.com /  agent=ServerScout auth=Bearer secret type= x= close=true",
		},
		{
			"a JSON body", "http://www.example.com/",
			scout.Settings{"method": "PUT", "body": `{"a": 1}`},
			`PUT www.example.com / {"a": 1} agent=ServerScout auth= type=application/json x= close=true`,
		},
		{
			"a body of a named type", "http://www.example.com/",
			scout.Settings{"method": "PUT", "body": `{"a": 1}`, "headers": map[string]any{"content-type": "text/csv"}},
			`PUT www.example.com / {"a": 1} agent=ServerScout auth= type=text/csv x= close=true`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := make(chan string, 2)
			n := web(t, func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got <- fmt.Sprintf("%s %s %s %s agent=%s auth=%s type=%s x=%s close=%t", r.Method, r.Host, r.URL.RequestURI(), body,
					r.UserAgent(), r.Header.Get("Authorization"), r.Header.Get("Content-Type"), r.Header.Get("X-Test"), r.Close)
			})
			p, err := compileHTTP(scout.Target{Check: scout.Check{Target: tt.target, Settings: tt.settings}}, n)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // a second probe sends the same again
				if r := p.Probe(t.Context()); r.Level != scout.Up {
					t.Fatalf("got %+v", r)
				}
				if diff := cmp.Diff(tt.want, <-got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			}
		})
	}
}

// Over TLS, HTTP/2 is spoken where the other end offers it, and nothing is
// left open.
func TestHTTPS(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if (r.ProtoMajor == 2) != http2 {
				w.WriteHeader(http.StatusTeapot)
			}
		}))
		a := newAuthority(t, time.Now().Add(time.Hour))
		s.EnableHTTP2 = http2
		s.StartTLS()
		defer s.Close()
		s.TLS.Certificates[0] = a.issue(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
		n := routed(s.Listener.Addr().String())
		n.roots = a.pool()
		for range 2 {
			r := observe(t, compileHTTP, scout.Check{Target: "https://www.example.com/"}, n)
			expect(t, r, scout.Up, "HTTP service answers on port 443 (200 OK)")
		}
	}
}

func TestCertificateCheck(t *testing.T) {
	t.Parallel()
	check := scout.Check{
		ID: 7, ServerID: 3, Name: strings.Repeat("ä", 500), Target: "https://user:pw@[2001:db8::1]/x", Interval: 30 * time.Second,
		Timeout: 5 * time.Second, ConfirmInterval: 10 * time.Second, FailAfter: 3, RecoverAfter: 2,
	}
	want := scout.Check{
		Name: strings.Repeat("ä", 487) + "… certificate", Kind: "tls", Target: "[2001:db8::1]:443", Interval: time.Minute,
		Timeout: 5 * time.Second, ConfirmInterval: 10 * time.Second, FailAfter: 3, RecoverAfter: 2, Settings: scout.Settings{},
	}
	got, ok := certificateCheck(check, scout.Server{})
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Errorf("got %t, -want +got:\n%s", ok, diff)
	}
	check.Interval = time.Hour
	if got, _ := certificateCheck(check, scout.Server{}); got.Interval != time.Hour {
		t.Errorf("the interval is %s", got.Interval)
	}
	if _, err := compileTLS(scout.Target{Check: got}, systemNetwork()); err != nil {
		t.Errorf("the companion does not compile: %v", err)
	}
}

func FuzzParseStatusRange(f *testing.F) {
	f.Add("200-299")
	f.Add(" 404 ")
	f.Add("299-200")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := parseStatusRange(s)
		if err != nil {
			return
		}
		set := statusSet{r}
		if !set.has(r.from) || !set.has(r.to) || set.has(r.from-1) || set.has(r.to+1) {
			t.Errorf("%q: %v does not hold just its ends and what is between", s, set)
		}
		if again, err := parseStatusRange(set.String()); err != nil || again != r {
			t.Errorf("%q: %v came back as %v, %v", s, r, again, err)
		}
	})
}

func BenchmarkHTTPProbe(b *testing.B) {
	n := web(b, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	p, err := compileHTTP(scout.Target{Check: scout.Check{Target: "http://www.example.com/"}}, n)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r := p.Probe(b.Context()); r.Level != scout.Up {
			b.Fatal(r.Message)
		}
	}
}
