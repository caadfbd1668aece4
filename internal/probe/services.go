package probe

import (
	"context"
	"net"
	"strconv"
	"sync"
	"time"

	"serverscout/internal/scout"
)

// serviceTimeout is how long a port has to accept a connection: enough for the
// other side of the earth, and for a lost packet to be sent again.
const serviceTimeout = 3 * time.Second

// A usualPort is a port at which a service usually answers.
type usualPort struct {
	port   int
	name   string
	scheme string // of a website; "" for what only a connection can be made to
}

// usualPorts are what Services looks at, in the order in which it tells.
func usualPorts() []usualPort {
	return []usualPort{
		{443, "HTTPS", "https"},
		{80, "HTTP", "http"},
		{8443, "HTTPS 8443", "https"},
		{8080, "HTTP 8080", "http"},
		{22, "SSH", ""},
		{25, "SMTP", ""},
		{465, "SMTP over TLS", ""},
		{587, "Mail submission", ""},
		{143, "IMAP", ""},
		{993, "IMAP over TLS", ""},
		{53, "DNS over TCP", ""},
		{389, "LDAP", ""},
		{445, "SMB", ""},
		{3389, "Remote desktop", ""},
		{1883, "MQTT", ""},
		{3306, "MySQL", ""},
		{5432, "PostgreSQL", ""},
		{6379, "Redis", ""},
		{9200, "Elasticsearch", ""},
		{27017, "MongoDB", ""},
	}
}

// Services connects to the usual ports of a host, once each and all at a time,
// and tells where something accepts the connection. Nothing is sent. What a
// port is called is what usually answers there, not what was seen to. The error
// is Invalid if the host is none or is not known, and that of ctx if it ended.
func Services(ctx context.Context, host string) ([]scout.Found, error) {
	return services(ctx, host, systemNetwork())
}

func services(ctx context.Context, host string, n network) ([]scout.Found, error) {
	host = unbracket(host)
	if err := checkHost(host); err != nil {
		return nil, scout.Errorf(scout.Invalid, "%s", err)
	}
	ports := usualPorts()
	faults := make([]error, len(ports))
	within, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	var running sync.WaitGroup
	for i, p := range ports {
		running.Go(func() {
			conn, err := n.dial(within, "tcp", p.address(host))
			if err == nil {
				err = conn.Close()
			}
			faults[i] = err
		})
	}
	running.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	found := []scout.Found{}
	for i, p := range ports {
		switch scout.FaultOf(faults[i]) {
		case scout.NoFault:
			found = append(found, p.found(host))
		case scout.FaultUnknownHost:
			return nil, scout.Errorf(scout.Invalid, "the host name %s is not known: check how it is written", short(host))
		}
	}
	return found, nil
}

func (p usualPort) address(host string) string { return net.JoinHostPort(host, strconv.Itoa(p.port)) }

// found is the check that can be made of what answers at a port.
func (p usualPort) found(host string) scout.Found {
	if p.scheme == "" {
		return scout.Found{Kind: "tcp", Name: p.name, Target: p.address(host)}
	}
	at := p.address(host)
	if p.port == 80 || p.port == 443 {
		at = net.JoinHostPort(host, "")
		at = at[:len(at)-1] // the scheme says the port
	}
	return scout.Found{Kind: "http", Name: p.name, Target: p.scheme + "://" + at + "/"}
}
