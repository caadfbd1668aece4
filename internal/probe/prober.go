package probe

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"sync"
	"time"

	"serverscout/internal/scout"
)

const defaultTimeout = 10 * time.Second

// network is the world a probe looks at.
type network struct {
	roots      *x509.CertPool // trusted authorities; nil for the system's
	dial       func(ctx context.Context, network, address string) (net.Conn, error)
	ping       pinger
	resolvConf string // the file that names the system's DNS resolvers
}

func systemNetwork() network {
	// A probe's connection is too short for keep-alive packets: not asking for
	// them saves system calls.
	dialer := &net.Dialer{KeepAlive: -1}
	return network{dial: dialer.DialContext, ping: ping, resolvConf: "/etc/resolv.conf"}
}

// bounded is the Prober of every active kind: it keeps the time, the steps,
// the address and the message's form, and leaves the looking to the kind.
type bounded struct {
	checkID int64
	timeout time.Duration
	look    func(ctx context.Context) scout.Result // sets Level, Latency and Message; IP where it knows better than sight
}

func newProber(c scout.Check, look func(context.Context) scout.Result) Prober {
	return &bounded{checkID: c.ID, timeout: timeoutOf(c), look: look}
}

func timeoutOf(c scout.Check) time.Duration {
	if c.Timeout <= 0 {
		return defaultTimeout
	}
	return c.Timeout
}

// Probe implements Prober.
func (b *bounded) Probe(ctx context.Context) scout.Result {
	var seen sight
	within, cancel := context.WithTimeout(seen.watch(ctx), b.timeout)
	defer cancel()
	r := b.look(within)
	if ctx.Err() != nil {
		return scout.Result{CheckID: b.checkID, At: time.Now()}
	}
	r.CheckID = b.checkID
	r.At = time.Now()
	if r.IP == "" {
		r.IP = seen.ip()
	}
	r.Steps = seen.take()
	r.Message = tidy(r.Message)
	return r
}

// peer remembers the address a probe reached: the first one, since a redirect
// may lead on to other hosts; or, while none is reached, the last one tried.
// Addresses of one host may be tried side by side, hence the lock.
type peer struct {
	mu      sync.Mutex
	address string
	reached bool
}

func (p *peer) note(address string, reached bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reached {
		p.address, p.reached = address, reached
	}
}

// ip returns the address without its port, "" for none.
func (p *peer) ip() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return addressOf(p.address)
}

// addressOf returns the address in host:port, "" where there is none.
func addressOf(hostPort string) string {
	a, err := netip.ParseAddrPort(hostPort)
	if err != nil {
		return ""
	}
	return a.Addr().Unmap().String()
}

func up(latency time.Duration, message string) scout.Result {
	return scout.Result{Level: scout.Up, Latency: latency, Message: message}
}

func warning(latency time.Duration, message string) scout.Result {
	return scout.Result{Level: scout.Warning, Latency: latency, Message: message}
}

func down(latency time.Duration, message string) scout.Result {
	return scout.Result{Level: scout.Down, Latency: latency, Message: message}
}
