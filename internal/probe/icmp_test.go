package probe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
)

// pinging is a network in which ping answers for every host, found at the
// loopback address.
func pinging(ping pinger) network {
	n := routed("127.0.0.1:7")
	n.ping = ping
	return n
}

// echoing answers every ping so.
func echoing(received int, mean time.Duration, err error) pinger {
	return func(context.Context, netip.Addr, int, time.Duration) (echoes, error) {
		return echoes{received, mean}, err
	}
}

func TestICMP(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	warn := func(key string, value any) scout.Settings {
		return scout.Settings{"warn": map[string]any{key: value}}
	}
	loses := func(count, most int) scout.Settings {
		return scout.Settings{"count": count, "expect": map[string]any{"max_loss": most}}
	}
	tests := []struct {
		name     string
		ping     pinger
		settings scout.Settings
		level    scout.Level
		message  string
	}{
		{"all answered", echoing(3, 12*ms, nil), nil, scout.Up, "answers 3 of 3 pings in 12 ms on average"},
		{"one ping", echoing(1, 12*ms, nil), scout.Settings{"count": 1}, scout.Up, "answers a ping in 12 ms"},
		{"none answered", echoing(0, 0, context.DeadlineExceeded), nil, scout.Down, "does not answer pings: none of 3 within 10 s"},
		{"one lost", echoing(2, 12*ms, context.DeadlineExceeded), nil, scout.Warning, "answers only 2 of 3 pings: 34 % are lost"},
		{"loss allowed", echoing(9, ms, nil), merged(loses(10, 99), warn("loss", 10)), scout.Up, "answers 9 of 10 pings in 1 ms on average"},
		{"loss not allowed", echoing(8, ms, nil), merged(loses(10, 20), warn("loss", 19)), scout.Warning, "answers only 8 of 10 pings: 20 % are lost, more than 19 %"},
		{"too much loss", echoing(7, ms, nil), merged(loses(10, 20), warn("loss", 100)), scout.Down, "answers only 7 of 10 pings: 30 % are lost, more than 20 %"},
		{"any loss is too much", echoing(19, ms, nil), loses(20, 0), scout.Down, "answers only 19 of 20 pings: 5 % are lost"},
		{"in time", echoing(3, 800*ms, nil), warn("latency", "800ms"), scout.Up, "answers 3 of 3 pings in 800 ms on average"},
		{"slow", echoing(3, 801*ms, nil), warn("latency", "800ms"), scout.Warning, "answers pings slowly: 801 ms on average, more than 800 ms"},
		{"unreachable", echoing(0, 0, syscall.ENETUNREACH), nil, scout.Down, "cannot be pinged: network unreachable"},
		{"answers, then unreachable", echoing(2, ms, syscall.ENETUNREACH), nil, scout.Warning, "answers only 2 of 3 pings: 34 % are lost"},
		{"other", echoing(0, 0, errors.New("gopher ate the cable")), nil, scout.Down, "cannot be pinged: no usable answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := observe(t, compileICMP, scout.Check{Name: "Reachable", Target: "db.example.com", Settings: tt.settings}, pinging(tt.ping))
			expect(t, r, tt.level, "db.example.com "+tt.message)
			if want, _ := tt.ping(t.Context(), netip.Addr{}, 0, 0); r.Latency != want.mean || r.IP != "127.0.0.1" {
				t.Errorf("got the latency %s and the address %q", r.Latency, r.IP)
			}
			if got := stepNames(t, r, time.Minute); got != "ping" {
				t.Errorf("got the steps %s", got)
			}
		})
	}
}

func merged(settings, more scout.Settings) scout.Settings {
	for key, value := range more {
		settings[key] = value
	}
	return settings
}

// A host that is not found, or to which no way is known, is not pinged.
func TestICMPRoute(t *testing.T) {
	t.Parallel()
	for cause, n := range map[string]network{
		"unknown host name db.example.com": resolving(t, 3),
		"network unreachable":              failing(syscall.ENETUNREACH),
	} {
		r := observe(t, compileICMP, scout.Check{Target: "db.example.com"}, n)
		expect(t, r, scout.Down, "db.example.com cannot be pinged: "+cause)
	}
	check := scout.Check{Target: "db.example.com", Settings: scout.Settings{"family": "ipv6"}}
	r := observe(t, compileICMP, check, failing(&net.AddrError{Err: "no suitable address found", Addr: "db.example.com"}))
	expect(t, r, scout.Down, "db.example.com cannot be pinged: no IPv6 address is known for db.example.com")
}

// The family decides on the address; the zone of an address is kept.
func TestICMPAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ family, network, remote, want string }{
		{"any", "udp", "[::ffff:192.0.2.1]:7", "192.0.2.1"},
		{"ipv4", "udp4", "192.0.2.1:7", "192.0.2.1"},
		{"ipv6", "udp6", "[fe80::1%lo]:7", "fe80::1%lo"},
	} {
		n := network{
			dial: func(_ context.Context, network, address string) (net.Conn, error) {
				if network != tt.network || address != "db.example.com:7" {
					t.Errorf("%s: dialed %s %s", tt.family, network, address)
				}
				client, server := net.Pipe()
				return found{client, net.UDPAddrFromAddrPort(netip.MustParseAddrPort(tt.remote))}, server.Close()
			},
			ping: func(_ context.Context, address netip.Addr, _ int, _ time.Duration) (echoes, error) {
				if address.String() != tt.want {
					t.Errorf("%s: pinged %s, want %s", tt.family, address, tt.want)
				}
				return echoes{received: 3}, nil
			},
		}
		r := observe(t, compileICMP, scout.Check{Target: "db.example.com", Settings: scout.Settings{"family": tt.family}}, n)
		if r.Level != scout.Up || r.IP != tt.want {
			t.Errorf("%s: got %+v", tt.family, r)
		}
	}
}

// found is a connection to a chosen address.
type found struct {
	net.Conn
	remote net.Addr
}

func (f found) RemoteAddr() net.Addr { return f.remote }

// All pings are sent within half of the timeout.
func TestICMPInterval(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		count    int
		timeout  time.Duration
		interval time.Duration
	}{
		{3, 10 * time.Second, 200 * time.Millisecond},
		{20, 8 * time.Second, 200 * time.Millisecond},
		{20, time.Second, 25 * time.Millisecond},
		{1, 100 * time.Millisecond, 50 * time.Millisecond},
	} {
		n := pinging(func(_ context.Context, _ netip.Addr, count int, interval time.Duration) (echoes, error) {
			if count != tt.count || interval != tt.interval {
				t.Errorf("%d within %s: got %d, %s apart", tt.count, tt.timeout, count, interval)
			}
			return echoes{received: count}, nil
		})
		observe(t, compileICMP, scout.Check{Target: "127.0.0.1", Timeout: tt.timeout, Settings: scout.Settings{"count": tt.count}}, n)
	}
}

func TestICMPKeepsTheTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := network{
			dial: func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				return found{client, &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 7}}, server.Close()
			},
			ping: func(ctx context.Context, _ netip.Addr, _ int, _ time.Duration) (echoes, error) {
				<-ctx.Done()
				return echoes{}, ctx.Err()
			},
		}
		p, err := compileICMP(scout.Target{Check: scout.Check{Target: "192.0.2.1", Timeout: 3 * time.Second}}, n)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		expect(t, p.Probe(t.Context()), scout.Down, "192.0.2.1 does not answer pings: none of 3 within 3 s")
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("the probe took %s", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if r := p.Probe(ctx); r.Level != scout.Unknown {
			t.Errorf("cancelled: got %+v", r)
		}
	})
}

const pingForbidden = `Server Scout itself may not send pings here: allow it with sysctl net.ipv4.ping_group_range="0 2147483647"` +
	" or with the capability CAP_NET_RAW (setcap cap_net_raw+ep)"

func TestICMPForbidden(t *testing.T) {
	t.Parallel()
	r := observe(t, compileICMP, scout.Check{Target: "127.0.0.1"}, pinging(echoing(0, 0, errPingForbidden)))
	expect(t, r, scout.Down, pingForbidden)
}

// A real ping of the loopback address is answered, or this process may not
// ping and says so.
func TestICMPForReal(t *testing.T) {
	t.Parallel()
	raw, err := net.ListenPacket("ip4:icmp", "127.0.0.1")
	permitted := err == nil
	if permitted {
		raw.Close()
	}
	r := observe(t, compileICMP, scout.Check{Target: "127.0.0.1", Settings: scout.Settings{"count": 2}}, systemNetwork())
	if r.IP != "127.0.0.1" {
		t.Errorf("got the address %q", r.IP)
	}
	if r.Level == scout.Down && !permitted {
		expect(t, r, scout.Down, pingForbidden)
		return
	}
	if r.Level != scout.Up || r.Latency <= 0 || !strings.HasPrefix(r.Message, "127.0.0.1 answers 2 of 2 pings in ") {
		t.Errorf("got %+v", r)
	}
}

// A ping that is under way ends with its context, and nothing is left running.
func TestPingCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e, err := ping(ctx, netip.MustParseAddr("127.0.0.1"), 3, time.Hour)
	if e.received > 1 || !errors.Is(err, context.Canceled) && !errors.Is(err, errPingForbidden) {
		t.Errorf("got %+v, %v", e, err)
	}
}
