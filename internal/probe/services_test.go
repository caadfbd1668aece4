package probe

import (
	"context"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

// town is a network in which some addresses accept connections, others refuse
// them and the rest says nothing.
func town(open, silent string) network {
	return network{dial: func(ctx context.Context, _, address string) (net.Conn, error) {
		switch {
		case slices.Contains(strings.Fields(open), address):
			client, server := net.Pipe()
			return client, server.Close()
		case slices.Contains(strings.Fields(silent), address):
			<-ctx.Done()
			return nil, ctx.Err()
		default:
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}
	}}
}

func TestServices(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		host, open string
		want       []scout.Found
	}{
		"nothing answers": {"example.com", "", []scout.Found{}},
		"a web server": {"example.com", "example.com:443 example.com:80 example.com:22", []scout.Found{
			{Kind: "http", Name: "HTTPS", Target: "https://example.com/"},
			{Kind: "http", Name: "HTTP", Target: "http://example.com/"},
			{Kind: "tcp", Name: "SSH", Target: "example.com:22"},
		}},
		"other ports": {"10.0.0.7", "10.0.0.7:8080 10.0.0.7:5432", []scout.Found{
			{Kind: "http", Name: "HTTP 8080", Target: "http://10.0.0.7:8080/"},
			{Kind: "tcp", Name: "PostgreSQL", Target: "10.0.0.7:5432"},
		}},
		"an IPv6 address": {"2001:db8::7", "[2001:db8::7]:443 [2001:db8::7]:25", []scout.Found{
			{Kind: "http", Name: "HTTPS", Target: "https://[2001:db8::7]/"},
			{Kind: "tcp", Name: "SMTP", Target: "[2001:db8::7]:25"},
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := services(t.Context(), tt.host, town(tt.open, ""))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is found can be watched as it stands.
func TestServicesCanBeWatched(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"example.com", "10.0.0.7", "2001:db8::7"} {
		names := map[string]bool{}
		for _, p := range usualPorts() {
			f := p.found(host)
			kind, ok := Lookup(f.Kind)
			if !ok || names[f.Name] {
				t.Fatalf("%+v: no such kind, or its name is taken", f)
			}
			names[f.Name] = true
			if _, err := kind.Compile(scout.Target{Check: scout.Check{Name: f.Name, Target: f.Target}}); err != nil {
				t.Errorf("%+v: %v", f, err)
			}
		}
	}
}

func TestServicesOfNoHost(t *testing.T) {
	t.Parallel()
	unknown := failing(&net.DNSError{IsNotFound: true})
	for _, host := range []string{"", "no such host", "a/b", "ex\x00ample", strings.Repeat("a", 300), "unknown.example"} {
		if _, err := services(t.Context(), host, unknown); !scout.HasCode(err, scout.Invalid) {
			t.Errorf("%q: %v, want an Invalid error", host, err)
		}
	}
}

func TestServicesEndWithTheirContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := services(ctx, "example.com", town("", "example.com:22 example.com:443")); err != context.DeadlineExceeded {
		t.Errorf("error = %v, want that of the context", err)
	}
}
