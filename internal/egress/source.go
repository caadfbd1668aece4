package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"serverscout/internal/scout"
)

// mostSources is how many addresses egress.source takes: a receiver's firewall
// has to let each of them in.
const mostSources = 8

// ParseSource reads the entries of egress.source: addresses of this machine,
// IPv4 and IPv6. Whether the machine has them is seen when a connection is
// made, because addresses come and go. The error is an Invalid scout.Error
// that names every bad entry.
func ParseSource(entries []string) ([]netip.Addr, error) {
	var faults scout.Faults
	if len(entries) > mostSources {
		faults.Add("egress.source", "", "must be at most %d addresses", mostSources)
	}
	var source []netip.Addr
	for i, entry := range entries {
		entry = strings.TrimSpace(entry)
		addr, err := netip.ParseAddr(entry)
		addr = addr.Unmap()
		field := fmt.Sprintf("egress.source[%d]", i)
		switch {
		case err != nil || addr.Zone() != "" || !addr.IsGlobalUnicast() && !addr.IsLoopback():
			faults.Add(field, entry, "%q is not an address that requests can come from: write one of this machine's, such as 192.0.2.10 or 2001:db8::10", scout.Shorten(entry, 80))
		case slices.Contains(source, addr):
			faults.Add(field, entry, "%s is given twice", addr)
		default:
			source = append(source, addr)
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return source, nil
}

// sources are the addresses that connections come from. Without any, as in the
// zero value, the system chooses.
type sources struct{ v4, v6 family }

// family is the IPv4 or the IPv6 part of egress.source.
type family struct {
	name string
	list []netip.Addr
}

func newSources(list []netip.Addr) sources {
	s := sources{v4: family{name: "IPv4"}, v6: family{name: "IPv6"}}
	for _, addr := range list {
		if addr.Is4() {
			s.v4.list = append(s.v4.list, addr)
		} else {
			s.v6.list = append(s.v6.list, addr)
		}
	}
	return s
}

// dial connects from an address of the destination's family: the first one
// that this machine has. A family without such an address is not used. If the
// destination has both families, IPv6 gets a head start.
func (s sources) dial(ctx context.Context, sockets net.Dialer, network, address string) (net.Conn, error) {
	if len(s.v4.list) == 0 && len(s.v6.list) == 0 {
		return sockets.DialContext(ctx, network, address)
	}
	from := func(f family) func(context.Context) (net.Conn, error) {
		return func(ctx context.Context) (net.Conn, error) { return f.dial(ctx, sockets, network, address) }
	}
	conn, errs := race(ctx, from(s.v6), from(s.v4))
	if len(errs) > 0 {
		return nil, slices.MaxFunc(errs, func(a, b error) int { return telling(a) - telling(b) })
	}
	return conn, nil
}

// dial connects from an address of the family; a *net.AddrError says that the
// destination has none of this family.
func (f family) dial(ctx context.Context, sockets net.Dialer, network, address string) (net.Conn, error) {
	local, err := f.present()
	if err != nil {
		return nil, err
	}
	if !local.IsValid() {
		return nil, f.unusable(address)
	}
	// The dialer leaves out what is not of the local address's family.
	sockets.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(local, 0))
	return sockets.DialContext(ctx, network, address)
}

// present returns the first address that this machine has; an invalid one if
// it has none of them. The error is of something else, such as a lack of file
// descriptors.
func (f family) present() (netip.Addr, error) {
	for _, addr := range f.list {
		// A UDP socket is bound and nothing is sent. Reading the bind out of the
		// error of a connection instead would miss it behind other errors.
		socket, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, 0)))
		if err == nil {
			return addr, socket.Close()
		}
		if !errors.Is(err, syscall.EADDRNOTAVAIL) {
			return netip.Addr{}, fmt.Errorf("cannot use %s of egress.source: %w", addr, err)
		}
	}
	return netip.Addr{}, nil
}

// sourceError is a family that no connection can come from.
type sourceError struct {
	advice  advice
	missing bool // addresses of the family are configured, but this machine has none of them
}

func (e *sourceError) Error() string { return e.advice.message() }

// unusable says why no connection to an address can come from the family.
func (f family) unusable(address string) *sourceError {
	if len(f.list) == 0 {
		return &sourceError{advice: advice{
			found:  fmt.Sprintf("egress.source has no %s address, without which %s cannot be reached", f.name, address),
			remedy: "add one that this machine has",
		}}
	}
	names := make([]string, len(f.list))
	for i, addr := range f.list {
		names[i] = addr.String()
	}
	return &sourceError{
		advice: advice{
			found:  fmt.Sprintf("egress.source names %s, but this machine has no such address", strings.Join(names, " and ")),
			remedy: "correct the setting, or give the address to a network interface",
		},
		missing: true,
	}
}

// telling ranks the errors of two families by what they say about the
// destination: that it has no address of a family says least.
func telling(err error) int {
	var unsuitable *net.AddrError
	var source *sourceError
	switch {
	case errors.As(err, &unsuitable):
		return 0
	case !errors.As(err, &source):
		return 3
	case source.missing:
		return 2
	default:
		return 1
	}
}

// headStart is what the first dial of a race has, as in package net.
const headStart = 300 * time.Millisecond

// race starts the first dial, and the second as soon as the first has failed
// or the head start is over. It returns the connection that is ready first, or
// the errors of both.
func race(ctx context.Context, first, second func(context.Context) (net.Conn, error)) (net.Conn, []error) {
	type result struct {
		conn net.Conn
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	over := make(chan struct{})
	defer close(over)
	results := make(chan result)
	run := func(dial func(context.Context) (net.Conn, error)) {
		conn, err := dial(ctx)
		select {
		case results <- result{conn, err}:
		case <-over:
			if err == nil {
				conn.Close()
			}
		}
	}

	go run(first)
	var errs []error
	timer := time.NewTimer(headStart)
	defer timer.Stop()
	select {
	case r := <-results:
		if r.err == nil {
			return r.conn, nil
		}
		errs = append(errs, r.err)
	case <-timer.C:
	}
	go run(second)
	for len(errs) < 2 {
		r := <-results
		if r.err == nil {
			return r.conn, nil
		}
		errs = append(errs, r.err)
	}
	return nil, errs
}

// anyPublic are destinations that stand for the public network, one for each
// family. Nothing is sent to them.
var anyPublic = []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}

// Sources returns the addresses that requests come from, for the receivers'
// firewalls: all of egress.source, or else those that the system chooses for
// public destinations at this moment, at most one for each family. A gateway
// on the way may translate them. There are none with a proxy: receivers see
// the proxy's address.
func (c *Client) Sources() []netip.Addr {
	if c.proxy != nil {
		return nil
	}
	if len(c.source) > 0 {
		return slices.Clone(c.source)
	}
	var list []netip.Addr
	for _, destination := range anyPublic {
		if addr, ok := chosenFor(destination); ok {
			list = append(list, addr)
		}
	}
	return list
}

// chosenFor returns the address that the system would connect from to reach a
// destination, if there is a route. Connecting a UDP socket sends nothing.
func chosenFor(destination netip.Addr) (netip.Addr, bool) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(destination, 9)))
	if err != nil {
		return netip.Addr{}, false
	}
	defer conn.Close()
	local, ok := conn.LocalAddr().(*net.UDPAddr)
	if !ok {
		return netip.Addr{}, false
	}
	return plain(local.AddrPort().Addr()), true
}
