package probe

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
)

// stepNames checks that steps took no longer than the probe, and lists them.
func stepNames(t *testing.T, r scout.Result, longest time.Duration) string {
	t.Helper()
	var names []string
	var sum time.Duration
	for _, s := range r.Steps {
		names = append(names, s.Name)
		sum += s.Took
		if s.Took < 0 {
			t.Errorf("%s took %s", s.Name, s.Took)
		}
	}
	if sum > longest {
		t.Errorf("the steps took %s, the probe %s", sum, longest)
	}
	return strings.Join(names, ", ")
}

func TestStepsOfKinds(t *testing.T) {
	t.Parallel()
	now := time.Now()
	a := newAuthority(t, now.Add(1000*day))
	secure := routed(serveTLS(t, a.issue(t, now.Add(-day), now.Add(90*day))))
	secure.roots = a.pool()
	greeting := routed(serve(t, func(c net.Conn) { _, _ = io.WriteString(c, "220 ready\r\n") }))
	web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/home", http.StatusFound)
		}
	}))
	t.Cleanup(web.Close)
	page := routed(web.Listener.Addr().String())
	page.roots = web.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	waits := scout.Settings{"expect": map[string]any{"contains": "220"}}
	tests := []struct {
		name    string
		compile func(scout.Target, network) (Prober, error)
		check   scout.Check
		network network
		want    string
	}{
		{"tcp connects", compileTCP, scout.Check{Target: "192.0.2.1:25"}, greeting, "connect"},
		{"tcp waits", compileTCP, scout.Check{Target: "192.0.2.1:25", Settings: waits}, greeting, "connect, answer"},
		{"tcp resolves", compileTCP, scout.Check{Target: "www.example.com:25"}, resolving(t, 3), "DNS"},
		{"tcp refused", compileTCP, scout.Check{Target: "192.0.2.1:25"}, routed(closedPort(t)), "connect"},
		{"tls", compileTLS, scout.Check{Target: "www.example.com"}, secure, "connect, TLS"},
		{"http", compileHTTP, scout.Check{Target: "https://example.com/home"}, page, "connect, TLS, first byte, content"},
		{
			"http redirected", compileHTTP,
			scout.Check{Target: "https://example.com/"},
			page,
			"connect, TLS, first byte, content, connect, TLS, first byte, content",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			r := observe(t, tt.compile, tt.check, tt.network)
			if got := stepNames(t, r, time.Since(start)); got != tt.want {
				t.Errorf("got %s, want %s (%s)", got, tt.want, r.Message)
			}
		})
	}
}

// A step lasts until the next begins, the last one until the probe ends; what
// begins twice in a row is one step.
func TestStepsTakeTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s sight
		ctx := s.watch(t.Context())
		hooks := httptrace.ContextClientTrace(ctx)
		hooks.DNSStart(httptrace.DNSStartInfo{})
		time.Sleep(time.Second)
		hooks.ConnectStart("udp", "192.0.2.1:80")
		time.Sleep(time.Second)
		hooks.ConnectStart("tcp", "[2001:db8::1]:80")
		time.Sleep(time.Second)
		hooks.ConnectStart("tcp", "192.0.2.1:80")
		time.Sleep(time.Second)
		beginStep(ctx, stepTLS)
		time.Sleep(time.Second)
		got := s.take()
		want := []scout.Step{{Name: "DNS", Took: 2 * time.Second}, {Name: "connect", Took: 2 * time.Second}, {Name: "TLS", Took: time.Second}}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		// A hook that is late changes nothing that was handed over.
		time.Sleep(time.Second)
		hooks.ConnectStart("tcp", "192.0.2.1:80")
		if !slices.Equal(got, want) {
			t.Errorf("after a late hook: got %v, want %v", got, want)
		}
	})
	beginStep(context.Background(), stepTLS) // outside a probe nothing is recorded
}
