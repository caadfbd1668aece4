package probe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	probing "github.com/prometheus-community/pro-bing"
)

// echoes is what became of a number of pings.
type echoes struct {
	received int           // pings that were answered
	mean     time.Duration // round trip of those
}

// pinger sends so many pings to an address, so far apart, and returns when all
// are answered or ctx ends. An error says why pings could not be sent or
// answers not be received; what had come until then is returned beside it.
type pinger func(ctx context.Context, address netip.Addr, count int, interval time.Duration) (echoes, error)

var errPingForbidden = errors.New("neither ICMP sockets nor raw sockets are permitted")

// ping pings through a datagram ICMP socket, which the system may grant to
// anybody, or where it does not through a raw socket.
func ping(ctx context.Context, address netip.Addr, count int, interval time.Duration) (echoes, error) {
	var err error
	for _, privileged := range []bool{false, true} {
		p := newPinger(address, count, interval)
		p.SetPrivileged(privileged)
		opened := false
		p.OnSetup = func() { opened = true }
		err = p.RunWithContext(ctx)
		if opened {
			got := p.Statistics()
			// The library measures by the wall clock, which may be set back.
			return echoes{received: got.PacketsRecv, mean: max(0, got.AvgRtt)}, err
		}
	}
	if errors.Is(err, os.ErrPermission) {
		err = errPingForbidden
	}
	return echoes{}, err
}

func newPinger(address netip.Addr, count int, interval time.Duration) *probing.Pinger {
	p := probing.New("")
	p.SetIPAddr(&net.IPAddr{IP: address.AsSlice(), Zone: address.Zone()})
	p.SetLogger(probing.NoopLogger{})
	p.Count = count
	p.Interval = interval
	p.RecordRtts = false
	p.RecordTTLs = false
	return p
}
