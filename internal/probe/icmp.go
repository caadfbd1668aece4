package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"serverscout/internal/scout"
)

const (
	pingCount    = 3
	maxPingCount = 20
	maxPingLoss  = 99 // percent
	pingInterval = 200 * time.Millisecond
	// routePort is any port: a UDP socket that is connected to it sends nothing.
	routePort = "7"
)

type icmpSettings struct {
	Count  int         `json:"count"`
	Family string      `json:"family"`
	Expect icmpExpect  `json:"expect"`
	Warn   icmpWarning `json:"warn"`
}

type icmpExpect struct {
	MaxLoss int `json:"max_loss"`
}

type icmpWarning struct {
	Loss    int            `json:"loss"`
	Latency scout.Duration `json:"latency"`
}

func defaultICMPSettings() icmpSettings {
	return icmpSettings{Count: pingCount, Family: familyAny, Expect: icmpExpect{MaxLoss: maxPingLoss}}
}

func init() { register(icmpKind()) }

// icmpKind pings a host. Nothing is asked of Server Scout's permissions when a
// check is compiled: it may be validated as another user, on another machine.
func icmpKind() Kind {
	return Kind{
		CheckKind: scout.CheckKind{
			Name:       "icmp",
			Title:      "Ping",
			Help:       "Pings a host and judges how many answers come and how fast.",
			TargetHelp: "A host name or an address; the server's address unless named.",
			Fields: []scout.Field{
				{
					Name: "count", Type: scout.TypeInteger, Default: pingCount, Min: 1, Max: maxPingCount,
					Help: "How many pings are sent, 200 ms apart or as far as the timeout leaves room.",
				},
				{
					Name: "family", Type: scout.TypeString, Default: familyAny, Enum: families(),
					Help: "The kind of address to ping.",
				},
				{
					Name: "expect", Type: scout.TypeObject,
					Help: "What the answers must be like.",
					Fields: []scout.Field{{
						Name: "max_loss", Type: scout.TypeInteger, Default: maxPingLoss, Max: maxPingLoss,
						Help: "The check is down when more than this percentage of the pings stays unanswered.",
					}},
				},
				icmpWarningField(),
			},
		},
		DefaultTarget: func(server scout.Server) string { return unbracket(server.IP) },
		Compile:       func(t scout.Target) (Prober, error) { return compileICMP(t, systemNetwork()) },
	}
}

func icmpWarningField() scout.Field {
	field := latencyWarningField()
	field.Help = "What makes the check a warning although the host answers."
	field.Fields[0].Help = "Answers that take longer on average are a warning."
	field.Fields = append(field.Fields, scout.Field{
		Name: "loss", Type: scout.TypeInteger, Example: "20", Max: 100,
		Help: "More than this percentage of unanswered pings is a warning; any is unless this is set.",
	})
	return field
}

type icmpProbe struct {
	net      network
	host     string
	family   string
	count    int
	interval time.Duration
	maxLoss  int
	warn     icmpWarning
	timeout  time.Duration
}

func compileICMP(t scout.Target, n network) (Prober, error) {
	var faults scout.Faults
	s := decode(t.Check.Settings, defaultICMPSettings(), &faults)
	host := unbracket(t.Check.Target)
	if host == "" {
		faults.Add("target", "", "the host is missing: write a host name or an address")
	} else if err := checkHost(host); err != nil {
		faults.Add("target", showable(t.Check.Target), "%s", err)
	}
	if s.Count < 1 || s.Count > maxPingCount {
		faults.Add("count", fmt.Sprint(s.Count), "the count is from 1 to %d", maxPingCount)
	}
	checkFamily(s.Family, host, &faults)
	if s.Expect.MaxLoss < 0 || s.Expect.MaxLoss > maxPingLoss {
		faults.Add("expect.max_loss", fmt.Sprint(s.Expect.MaxLoss), "the loss is from 0 to %d percent", maxPingLoss)
	}
	if s.Warn.Loss < 0 || s.Warn.Loss > 100 {
		faults.Add("warn.loss", fmt.Sprint(s.Warn.Loss), "the loss is from 0 to 100 percent")
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	timeout := timeoutOf(t.Check)
	p := &icmpProbe{
		net:    n,
		host:   host,
		family: s.Family,
		count:  s.Count,
		// The last answer has at least half of the timeout to come.
		interval: min(pingInterval, timeout/time.Duration(2*s.Count)),
		maxLoss:  s.Expect.MaxLoss,
		warn:     s.Warn,
		timeout:  timeout,
	}
	return newProber(t.Check, p.look), nil
}

func (p *icmpProbe) look(ctx context.Context) scout.Result {
	address, err := p.route(ctx)
	if err != nil {
		return p.outage(err)
	}
	beginStep(ctx, stepPing)
	e, err := p.net.ping(ctx, address, p.count, p.interval)
	r := p.judge(e)
	if err != nil && e.received == 0 && scout.FaultOf(err) != scout.FaultTimeout {
		r = p.outage(err)
	}
	r.IP = address.String()
	return r
}

// route returns the address to ping: of a name's addresses the first that the
// system knows a way to. Without one, the ping library would try for ever to
// send where the system forbids it.
func (p *icmpProbe) route(ctx context.Context) (netip.Addr, error) {
	network := map[string]string{familyAny: "udp", familyIPv4: "udp4", familyIPv6: "udp6"}[p.family]
	conn, err := p.net.dial(ctx, network, net.JoinHostPort(p.host, routePort))
	if err != nil {
		return netip.Addr{}, err
	}
	defer conn.Close()
	to, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}, fmt.Errorf("the address to ping: %w", err)
	}
	return to.Addr(), nil
}

func (p *icmpProbe) outage(err error) scout.Result {
	if errors.Is(err, errPingForbidden) {
		return down(0, `Server Scout itself may not send pings here: allow it with sysctl net.ipv4.ping_group_range="0 2147483647"`+
			" or with the capability CAP_NET_RAW (setcap cap_net_raw+ep)")
	}
	why := cause(err, p.host, p.timeout)
	if lacksAddress(err, p.family) {
		why = withoutAddress(p.family, p.host)
	}
	return down(0, fmt.Sprintf("%s cannot be pinged: %s", short(p.host), why))
}

// judge looks at loss and time, in this order.
func (p *icmpProbe) judge(e echoes) scout.Result {
	host := short(p.host)
	switch {
	case e.received == 0:
		return down(0, fmt.Sprintf("%s does not answer pings: none of %d within %s", host, p.count, latencyText(p.timeout)))
	case p.lostMore(e, p.maxLoss):
		return down(e.mean, p.lossSentence(e, p.maxLoss))
	case p.lostMore(e, p.warn.Loss):
		return warning(e.mean, p.lossSentence(e, p.warn.Loss))
	case latencyWarning{p.warn.Latency}.exceeded(e.mean):
		return warning(e.mean, fmt.Sprintf("%s answers pings slowly: %s on average, more than %s",
			host, latencyText(e.mean), latencyText(time.Duration(p.warn.Latency))))
	case p.count == 1:
		return up(e.mean, fmt.Sprintf("%s answers a ping in %s", host, latencyText(e.mean)))
	default:
		return up(e.mean, fmt.Sprintf("%s answers %d of %d pings in %s on average", host, e.received, p.count, latencyText(e.mean)))
	}
}

func (p *icmpProbe) lostMore(e echoes, percent int) bool {
	return 100*(p.count-e.received) > percent*p.count
}

// lossSentence words a loss above a limit. The percentage is rounded up, so
// that what exceeds the limit also reads so.
func (p *icmpProbe) lossSentence(e echoes, limit int) string {
	loss := (100*(p.count-e.received) + p.count - 1) / p.count
	sentence := fmt.Sprintf("%s answers only %d of %d pings: %d %% are lost", short(p.host), e.received, p.count, loss)
	if limit > 0 {
		sentence += fmt.Sprintf(", more than %d %%", limit)
	}
	return sentence
}
