package egress

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// dialFunc opens a connection, as net.Dialer.DialContext does.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// dialer opens connections for one degree of trust, to addresses that the
// policy allows.
type dialer struct {
	policy   Policy
	trust    Trust
	timeout  time.Duration
	sources  sources
	resolver *net.Resolver // nil: the system's
	replaced dialFunc      // nil: real sockets
}

// dial connects to host:port. An address that the policy refuses is skipped;
// if no other one answers, the refusal is the error, because it is what the
// user can act on.
func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if hostKey(host) == "localhost" {
		// Hosts files know it without the final dot only; DNS should not be asked.
		address = net.JoinHostPort("localhost", port)
	}
	if err := d.policy.checkLiteral(host, d.trust); err != nil {
		return nil, err
	}
	if d.replaced != nil {
		return d.replaced(ctx, network, address)
	}
	g := gate{dialer: d, host: host}
	sockets := net.Dialer{Timeout: d.timeout, Resolver: d.resolver, ControlContext: g.control}
	conn, err := d.sources.dial(ctx, sockets, network, address)
	if err != nil {
		if refused := g.refusal(); refused != nil {
			return nil, refused
		}
		return nil, err
	}
	return conn, nil
}

// gate judges each address of one dial at the moment it is connected to, so
// that a name which resolves differently the second time gains nothing.
type gate struct {
	dialer *dialer
	host   string

	mu      sync.Mutex // the dialer races IPv6 against IPv4
	refused error
}

func (g *gate) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	err = g.dialer.policy.check(g.host, target.Addr(), g.dialer.trust)
	if err != nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.refused = err
	}
	return err
}

// refusal returns what the policy said to an address of this dial, or nil.
func (g *gate) refusal() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refused
}
