package probe

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
)

// activeKind is a kind that probes, set to wait for an answer over TCP.
type activeKind struct {
	compile  func(scout.Target, network) (Prober, error)
	target   string
	settings scout.Settings
}

// activeKinds are all of them but icmp, which makes no connections.
func activeKinds() map[string]activeKind {
	return map[string]activeKind{
		"dns":   {compileDNS, "www.example.com", scout.Settings{"resolver": "tcp://ns.example.com"}},
		"http":  {compileHTTP, "http://www.example.com/", nil},
		"https": {compileHTTP, "https://www.example.com/", nil},
		"tcp":   {compileTCP, "www.example.com:80", scout.Settings{"expect": map[string]any{"contains": "never sent"}}},
		"tls":   {compileTLS, "www.example.com", nil},
	}
}

// A dial that hangs ends with the check's timeout, whatever the parent says,
// and leaves nothing behind: a goroutine still dialing would hang the bubble.
func TestProbeKeepsTheTimeout(t *testing.T) {
	t.Parallel()
	for name, k := range activeKinds() {
		for _, timeout := range []time.Duration{0, 3 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				n := network{dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				}}
				start := time.Now()
				r := observe(t, k.compile, scout.Check{ID: 7, Target: k.target, Settings: k.settings, Timeout: timeout}, n)
				want := timeout
				if want == 0 {
					want = 10 * time.Second
				}
				if took := time.Since(start); took != want {
					t.Errorf("%s: the probe took %s, want %s", name, took, want)
				}
				if r.CheckID != 7 || r.Level != scout.Down || r.Latency != 0 || !r.At.Equal(time.Now()) {
					t.Errorf("%s: got %+v", name, r)
				}
				if !strings.HasSuffix(r.Message, "no answer within "+latencyText(want)) {
					t.Errorf("%s: got message %q", name, r.Message)
				}
			})
		}
	}
}

// Cancelling a probe says nothing about the service.
func TestProbeCancelled(t *testing.T) {
	t.Parallel()
	for name, k := range activeKinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connected := make(chan struct{}, 1)
			n := routed(serve(t, func(c net.Conn) {
				connected <- struct{}{}
				untilClosed(c)
			}))
			check := scout.Check{ID: 7, Target: k.target, Settings: k.settings, Timeout: time.Hour}
			p, err := k.compile(scout.Target{Check: check}, n)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-connected
				cancel()
			}()
			if r := p.Probe(ctx); r.Level != scout.Unknown || r.CheckID != 7 {
				t.Errorf("got %+v, want a result of level unknown", r)
			}
		})
	}
}

// resolving is a network whose names are asked of a small DNS server that
// answers every question with one code.
func resolving(t *testing.T, code byte) network {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 1500)
		for {
			size, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			buffer[2] |= 0x80 // this is an answer
			buffer[3] = 0x80 | code
			_, _ = server.WriteTo(buffer[:size], from)
		}
	}()
	t.Cleanup(func() {
		server.Close()
		<-done
	})
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	return network{dial: (&net.Dialer{Resolver: resolver}).DialContext}
}

func TestOutages(t *testing.T) {
	t.Parallel()
	const notFound, serverFailure = 3, 2
	tests := []struct {
		name    string
		network network
		cause   string
		other   bool // the other end may be there, or it is not its fault
	}{
		{"refused", routed(closedPort(t)), "connection refused", false},
		{"reset", routed(serve(t, reset)), "the connection was reset or closed early", false},
		{"closed", routed(serve(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 1024)) })), "the connection was reset or closed early", false},
		{"silent", routed(serve(t, untilClosed)), "no answer within 100 ms", false},
		{"host unreachable", failing(syscall.EHOSTUNREACH), "network unreachable", false},
		{"network unreachable", failing(syscall.ENETUNREACH), "network unreachable", false},
		{"unknown host", resolving(t, notFound), "unknown host name www.example.com", false},
		{"resolver", resolving(t, serverFailure), "name resolution failed", false},
		{"files", failing(syscall.EMFILE), "Server Scout itself has too many open files to probe it", true},
		{"firewall", failing(syscall.EPERM), "a firewall on Server Scout's own machine does not let it out", true},
		{"other", failing(errors.New("gopher ate the cable")), "no usable answer", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			verb := "is not responding"
			if tt.other {
				verb = "does not answer properly"
			}
			check := scout.Check{Name: "Web", Target: "http://user:password@www.example.com/?key=secret", Timeout: 100 * time.Millisecond}
			if tt.name == "resolver" { // is asked several times
				check.Timeout = time.Minute
			}
			expect(t, observe(t, compileHTTP, check, tt.network), scout.Down, "Web service "+verb+" on port 80: "+tt.cause)

			check.Target = "www.example.com:80"
			check.Settings = scout.Settings{"send": "hello", "expect": map[string]any{"contains": "ok"}}
			expect(t, observe(t, compileTCP, check, tt.network), scout.Down, "Web service "+verb+" on port 80: "+tt.cause)

			check.Settings = nil
			expect(t, observe(t, compileTLS, check, tt.network), scout.Down, "Web certificate cannot be checked on port 80: "+tt.cause)
		})
	}
}

// The address is the one first reached, or else the last one tried.
func TestPeer(t *testing.T) {
	t.Parallel()
	var p peer
	for _, step := range []struct {
		address string
		reached bool
		want    string
	}{
		{"[2001:db8::1]:80", false, "2001:db8::1"},
		{"192.0.2.1:80", false, "192.0.2.1"},
		{"[::ffff:192.0.2.2]:80", true, "192.0.2.2"},
		{"192.0.2.3:80", false, "192.0.2.2"},
		{"192.0.2.3:80", true, "192.0.2.2"},
	} {
		p.note(step.address, step.reached)
		if got := p.ip(); got != step.want {
			t.Errorf("after %s, %t: got %q, want %q", step.address, step.reached, got, step.want)
		}
	}
	if got := new(peer).ip(); got != "" {
		t.Errorf("without any address: got %q", got)
	}
}

func TestProbeTellsTheAddress(t *testing.T) {
	t.Parallel()
	for name, k := range activeKinds() {
		for _, address := range []string{closedPort(t), serve(t, func(net.Conn) {})} {
			r := observe(t, k.compile, scout.Check{Target: k.target, Settings: k.settings}, routed(address))
			if r.IP != "127.0.0.1" {
				t.Errorf("%s: got the address %q", name, r.IP)
			}
		}
	}
}

// Each probe makes a connection of its own.
func TestProbeConnectsAnew(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	n := routed(serve(t, func(c net.Conn) {
		connections.Add(1)
		_, _ = c.Read(make([]byte, 1024))
		_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
		untilClosed(c)
	}))
	p, err := compileHTTP(scout.Target{Check: scout.Check{Target: "http://www.example.com/"}}, n)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if r := p.Probe(t.Context()); r.Level != scout.Up {
			t.Fatalf("got %+v", r)
		}
	}
	if got := connections.Load(); got != 3 {
		t.Errorf("three probes made %d connections", got)
	}
}
