package egress

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

// needsLoopbackRange skips the test where 127.0.0.2 is no address of the
// machine until somebody adds it.
func needsLoopbackRange(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has every address of 127.0.0.0/8 from the start")
	}
}

// tellsOrigin runs a server that answers with the address a request comes from.
func tellsOrigin(t *testing.T) *httptest.Server {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		io.WriteString(w, host)
	})
}

func TestRequestsComeFromTheSource(t *testing.T) {
	t.Parallel()
	needsLoopbackRange(t)
	server := tellsOrigin(t)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	tests := []struct {
		name   string
		source []string
		want   string
	}{
		{"none", nil, "127.0.0.1"},
		{"one", []string{"127.0.0.2"}, "127.0.0.2"},
		{"the first", []string{"127.0.0.3", "127.0.0.2"}, "127.0.0.3"},
		{"the first that the machine has", []string{"192.0.2.7", "127.0.0.2"}, "127.0.0.2"},
		{"the one of the family", []string{"::1", "127.0.0.2"}, "127.0.0.2"},
		{"beside a missing one of the other family", []string{"2001:db8::7", "127.0.0.2"}, "127.0.0.2"},
		{"IPv4 within IPv6", []string{"::ffff:127.0.0.2"}, "127.0.0.2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, host := range []string{"127.0.0.1", "hooks.internal"} {
				c := clientWithDNS(t, nil, test.source, [][]string{{"127.0.0.1"}})
				resp, err := post(c, "http://"+net.JoinHostPort(host, port))
				if err != nil || string(resp.Body) != test.want {
					t.Errorf("to %s: got %q, %v", host, resp.Body, err)
				}
			}
		})
	}
}

func TestNewTakesTheSource(t *testing.T) {
	t.Parallel()
	needsLoopbackRange(t)
	resp, err := post(newTestClient(t, Options{Source: []string{"127.0.0.2"}}), tellsOrigin(t).URL)
	if err != nil || string(resp.Body) != "127.0.0.2" {
		t.Errorf("got %q, %v", resp.Body, err)
	}
}

func TestRequestsComeFromAnIPv6Source(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("no IPv6 here: %v", err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Listener.Close()
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
	if _, err := post(newTestClient(t, Options{Source: []string{"127.0.0.1", "::1"}}), server.URL); err != nil {
		t.Error(err)
	}
	_, err = post(newTestClient(t, Options{Source: []string{"127.0.0.1"}}), server.URL)
	e := wantFault(t, err, scout.FaultMisconfigured)
	if want := "egress.source has no IPv6 address, without which " + l.Addr().String() + " cannot be reached; add one that this machine has"; e.Message != want {
		t.Errorf("got %q, want %q", e.Message, want)
	}
}

func TestFaultsOfTheSource(t *testing.T) {
	t.Parallel()
	needsLoopbackRange(t)
	server := tellsOrigin(t)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	local := [][]string{{"127.0.0.1"}}
	tests := []struct {
		name    string
		source  []string
		host    string
		answers [][]string
		trust   Trust
		fault   scout.Fault
		message string
	}{
		{
			"not this machine's",
			[]string{"192.0.2.7"},
			"127.0.0.1", nil,
			TrustPrivate, scout.FaultMisconfigured,
			"egress.source names 192.0.2.7, but this machine has no such address; correct the setting, or give the address to a network interface",
		},
		{
			"none of several",
			[]string{"192.0.2.7", "192.0.2.8", "::1"},
			"hooks.internal", local,
			TrustPrivate, scout.FaultMisconfigured, "egress.source names 192.0.2.7 and 192.0.2.8, but",
		},
		{
			"the other family for an address",
			[]string{"::1"},
			"127.0.0.1", nil,
			TrustPrivate, scout.FaultMisconfigured, "egress.source has no IPv4 address, without which 127.0.0.1:" + port + " cannot be reached; add one",
		},
		{
			"the other family for a name",
			[]string{"::1"},
			"hooks.internal", local,
			TrustPrivate, scout.FaultMisconfigured, "egress.source has no IPv4 address, without which hooks.internal:" + port,
		},
		{
			"the policy holds",
			[]string{"127.0.0.2"},
			"hooks.internal", local,
			PublicOnly, scout.FaultAddressRefused, "hooks.internal resolves to 127.0.0.1, a loopback address",
		},
		{"an unknown name", []string{"::1", "127.0.0.2"}, "hooks.internal", nil, TrustPrivate, scout.FaultUnknownHost, "the host name hooks.internal does not exist"},
		{
			"a refused connection",
			[]string{"127.0.0.2"},
			"hooks.internal",
			[][]string{{"127.0.0.9"}},
			TrustPrivate, scout.FaultRefused, "hooks.internal refused the connection",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := clientWithDNS(t, nil, test.source, test.answers)
			_, err := c.Do(t.Context(), scout.Request{URL: "http://" + net.JoinHostPort(test.host, port)}, test.trust)
			if e := wantFault(t, err, test.fault); !strings.HasPrefix(e.Message, test.message) {
				t.Errorf("got %q, want it to begin with %q", e.Message, test.message)
			}
		})
	}
}

func TestParseSource(t *testing.T) {
	t.Parallel()
	got, err := ParseSource([]string{"192.0.2.10", " 2001:db8::10 ", "::ffff:10.0.0.1"})
	want := []netip.Addr{netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("2001:db8::10"), netip.MustParseAddr("10.0.0.1")}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = ParseSource([]string{
		"10.0.0.1", "", "0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "fe80::1", "fe80::1%eth0",
		"2001:db8::1%eth0", "10.0.0.0/8", "eth0", "127.1", "10.0.0.1:80", "::ffff:10.0.0.1",
	})
	var fields []string
	var invalid *scout.Error
	if !errors.As(err, &invalid) || invalid.Code != scout.Invalid {
		t.Fatalf("got %v", err)
	}
	for _, f := range invalid.Fields {
		fields = append(fields, f.Field)
	}
	all := []string{
		"egress.source", "egress.source[1]", "egress.source[2]", "egress.source[3]", "egress.source[4]", "egress.source[5]", "egress.source[6]",
		"egress.source[7]", "egress.source[8]", "egress.source[9]", "egress.source[10]", "egress.source[11]", "egress.source[12]", "egress.source[13]",
	}
	if diff := cmp.Diff(all, fields); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzParseSource(f *testing.F) {
	for _, seed := range []string{"192.0.2.10", "2001:db8::10,::1", "::ffff:1.2.3.4,1.2.3.4", "fe80::1%x", "0.0.0.0", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		source, err := ParseSource(strings.Split(text, ","))
		if err != nil {
			if scout.CodeOf(err) != scout.Invalid || source != nil {
				t.Errorf("got %v, %v", source, err)
			}
			return
		}
		s := newSources(source)
		if len(s.v4.list)+len(s.v6.list) != len(source) {
			t.Errorf("%v is not wholly in %+v", source, s)
		}
		for i, addr := range source {
			if addr != plain(addr) || addr.IsUnspecified() || slices.Contains(source[:i], addr) {
				t.Errorf("%q gives %v", text, source)
			}
		}
	})
}

func TestSources(t *testing.T) {
	t.Parallel()
	configured := newTestClient(t, Options{Source: []string{"192.0.2.10", "2001:db8::10"}}).Sources()
	if want := []netip.Addr{netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("2001:db8::10")}; !slices.Equal(configured, want) {
		t.Errorf("got %v, want %v", configured, want)
	}
	behind := newTestClient(t, Options{Source: []string{"192.0.2.10"}, Proxy: scout.NewSecret("http://proxy.internal:3128")}).Sources()
	if len(behind) != 0 {
		t.Errorf("behind a proxy: got %v", behind)
	}
	// What the system chooses depends on the machine, but it has it.
	for _, addr := range newTestClient(t, Options{}).Sources() {
		if found, err := (family{list: []netip.Addr{addr}}).present(); err != nil || found != addr || addr.IsUnspecified() {
			t.Errorf("got %v: %v", addr, err)
		}
	}
	loopback := netip.MustParseAddr("127.0.0.1")
	if addr, ok := chosenFor(loopback); !ok || addr != loopback {
		t.Errorf("to loopback from %v", addr)
	}
}

// watched is a connection that tells when it is closed.
type watched struct {
	net.Conn
	closed chan struct{}
}

func (w *watched) Close() error {
	close(w.closed)
	return nil
}

func TestRace(t *testing.T) {
	t.Parallel()
	type dial struct {
		after time.Duration
		err   error
	}
	first, second := errors.New("first"), errors.New("second")
	tests := []struct {
		name    string
		dials   [2]dial
		winner  int // -1: none
		took    time.Duration
		started bool // the second one
	}{
		{"the first is quick", [2]dial{{after: headStart - 1}, {}}, 0, headStart - 1, false},
		{"the first fails", [2]dial{{after: 1, err: first}, {after: 2}}, 1, 3, true},
		{"the first is slow", [2]dial{{after: time.Hour}, {after: 5}}, 1, headStart + 5, true},
		{"the first wins after its head start", [2]dial{{after: headStart + 5}, {after: 10}}, 0, headStart + 5, true},
		{"the second fails", [2]dial{{after: time.Second}, {err: second}}, 0, time.Second, true},
		{"both fail", [2]dial{{after: time.Second, err: first}, {after: 2, err: second}}, -1, time.Second, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				conns := [2]*watched{{closed: make(chan struct{})}, {closed: make(chan struct{})}}
				var started atomic.Bool // the second one
				run := func(i int) func(context.Context) (net.Conn, error) {
					return func(context.Context) (net.Conn, error) {
						if i == 1 {
							started.Store(true)
						}
						time.Sleep(test.dials[i].after)
						if err := test.dials[i].err; err != nil {
							return nil, err
						}
						return conns[i], nil
					}
				}
				start := time.Now()
				conn, errs := race(t.Context(), run(0), run(1))
				if took := time.Since(start); took != test.took || started.Load() != test.started {
					t.Errorf("took %s, the second one started: %v", took, started.Load())
				}
				if test.winner < 0 {
					if conn != nil || !slices.Contains(errs, first) || !slices.Contains(errs, second) {
						t.Errorf("got %v, %v", conn, errs)
					}
					return
				}
				if conn != conns[test.winner] || len(errs) > 0 {
					t.Errorf("got %v, %v", conn, errs)
				}
				if loser := 1 - test.winner; test.started && test.dials[loser].err == nil {
					<-conns[loser].closed // otherwise the bubble is deadlocked
				}
			})
		})
	}
}

func TestRaceEndsTheOtherDial(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		near, far := net.Pipe()
		defer near.Close()
		defer far.Close()
		_, errs := race(t.Context(), func(ctx context.Context) (net.Conn, error) {
			<-ctx.Done()
			close(ended)
			return nil, ctx.Err()
		}, func(context.Context) (net.Conn, error) { return near, nil })
		<-ended
		if len(errs) > 0 {
			t.Errorf("got %v", errs)
		}
	})
}
