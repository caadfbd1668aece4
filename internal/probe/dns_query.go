package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"

	"serverscout/internal/scout"
)

const (
	dnsPort         = "53"
	dnsOverTLSPort  = "853"
	udpAnswerSize   = 1232 // bytes: fits into one packet on nearly every path
	udpSends        = 3
	longestExchange = 24 * time.Hour // no bound: the context's deadline is one
)

// resolver is a DNS server to ask.
type resolver struct {
	network string // udp or tcp
	host    string
	port    string
	tls     *tls.Config // nil: in clear
}

// place is where a resolver answers, for messages.
func (r resolver) place() place {
	return place{host: r.certificateHost(), port: r.port, of: "the resolver " + r.host}
}

func (r resolver) certificateHost() string {
	if r.tls != nil {
		return r.tls.ServerName
	}
	return r.host
}

// parseResolver reads host or host:port, after udp://, tcp:// or tls://.
func parseResolver(text string, roots *x509.CertPool) (resolver, error) {
	scheme, address, found := strings.Cut(text, "://")
	if !found {
		scheme, address = "udp", text
	}
	r := resolver{network: "tcp", port: dnsPort}
	switch scheme {
	case "udp":
		r.network = "udp"
	case "tcp":
	case "tls":
		r.port = dnsOverTLSPort
		r.tls = &tls.Config{RootCAs: roots}
	default:
		return resolver{}, errors.New("write host or host:port, after udp://, tcp:// or tls:// where it is not UDP")
	}
	var err error
	r.host, r.port, err = splitTarget(strings.TrimSuffix(address, "/"), r.port)
	if err != nil {
		return resolver{}, err
	}
	if r.tls != nil {
		r.tls.ServerName, _, _ = strings.Cut(r.host, "%") // certificates know no IPv6 zones
	}
	return r, nil
}

// resolvers lists whom to ask, in order. The system's are looked up anew each
// time, since they change with its network.
func (p *dnsProbe) resolvers() ([]resolver, error) {
	if p.resolver != nil {
		return []resolver{*p.resolver}, nil
	}
	system, err := dns.ClientConfigFromFile(p.net.resolvConf)
	if err != nil || len(system.Servers) == 0 {
		return nil, errors.New("Server Scout's own system names no resolver in " + p.net.resolvConf + ": name one in the check's resolver")
	}
	list := make([]resolver, 0, len(system.Servers))
	for _, host := range system.Servers {
		list = append(list, resolver{network: "udp", host: host, port: dnsPort})
	}
	return list, nil
}

// dnsAnswer is what came back, and from which address.
type dnsAnswer struct {
	*dns.Msg
	address string // "" when none was reached
}

// ask asks one resolver after the other until one answers. Each has its share
// of the time that is left.
func (p *dnsProbe) ask(ctx context.Context, resolvers []resolver) (answer dnsAnswer, from resolver, err error) {
	query := &dns.Msg{Question: []dns.Question{p.question}}
	query.Id = dns.Id()
	query.RecursionDesired = true
	query.SetEdns0(udpAnswerSize, false)
	for i, r := range resolvers {
		within, cancel := share(ctx, len(resolvers)-i)
		answer, err = r.ask(within, p.net, query)
		cancel()
		from = r
		if err == nil {
			break
		}
	}
	return answer, from, err
}

// share bounds ctx to one of so many equal parts of the time that is left.
func share(ctx context.Context, parts int) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok || parts == 1 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(parts))
}

var errForeignAnswer = errors.New("the answer is not to the question")

// ask asks a question, over TCP again where the answer does not fit into UDP.
func (r resolver) ask(ctx context.Context, n network, query *dns.Msg) (dnsAnswer, error) {
	answer, err := r.exchange(ctx, n, query)
	if r.network == "udp" && answer.Msg != nil && answer.Truncated {
		r.network = "tcp"
		answer, err = r.exchange(ctx, n, query)
	}
	if err == nil && !answersQuestion(answer.Msg, query.Question[0]) {
		err = errForeignAnswer
	}
	return answer, err
}

// answersQuestion reports whether a message is an answer to a question. Some
// servers leave the question out of an error.
func answersQuestion(answer *dns.Msg, question dns.Question) bool {
	if len(answer.Question) == 0 {
		return answer.Response && answer.Rcode != dns.RcodeSuccess
	}
	got := answer.Question[0]
	return answer.Response && strings.EqualFold(got.Name, question.Name) && got.Qtype == question.Qtype && got.Qclass == question.Qclass
}

// exchange makes a connection for one question and its answer.
func (r resolver) exchange(ctx context.Context, n network, query *dns.Msg) (dnsAnswer, error) {
	conn, err := n.dial(ctx, r.network, net.JoinHostPort(r.host, r.port))
	if err != nil {
		return dnsAnswer{}, err
	}
	defer conn.Close()
	answer := dnsAnswer{address: addressOf(conn.RemoteAddr().String())}
	// Reads and writes know deadlines but no contexts.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if r.tls != nil {
		beginStep(ctx, stepTLS)
		client := tls.Client(conn, r.tls)
		if err := client.HandshakeContext(ctx); err != nil {
			return answer, err
		}
		conn = client
	}
	beginStep(ctx, stepAnswer)
	answer.Msg, err = r.converse(ctx, conn, query)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // the connection may have been closed before its deadline was seen
	}
	return answer, err
}

// converse sends a question and reads the answer. A datagram can get lost, so
// over UDP the same question is sent several times, evenly spread over the
// time there is; an answer to any of them counts.
func (r resolver) converse(ctx context.Context, conn net.Conn, query *dns.Msg) (*dns.Msg, error) {
	client := dns.Client{Timeout: longestExchange}
	sends := 1
	if r.network == "udp" {
		sends = udpSends
	}
	for ; ; sends-- {
		within, cancel := share(ctx, sends)
		answer, _, err := client.ExchangeWithConnContext(within, query, &dns.Conn{Conn: conn})
		cancel()
		if sends == 1 || scout.FaultOf(err) != scout.FaultTimeout {
			return answer, err
		}
	}
}
