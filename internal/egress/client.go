// Package egress is the one way out: the HTTP client that every notification
// is sent with.
//
// It promises that a request reaches only addresses the policy allows, judged
// when the connection is made and on the address really used (through a proxy,
// which resolves names itself, on the address in the URL); that everything
// from the DNS query to the last byte of the answer shares one deadline; that
// redirects are returned and never followed; that an answer of any size costs
// a bounded amount of memory; and that what is recorded or reported holds no
// secret.
package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"serverscout/internal/scout"
)

const (
	defaultTimeout = 10 * time.Second
	bodyLimit      = 64 << 10 // of an answer, after decompression
	headerLimit    = 64 << 10 // of an answer, interim ones included

	// A pooled connection is used no longer than this after its last request,
	// so that a changed DNS record is seen.
	idleTimeout    = time.Minute
	idlePerHost    = 64
	idleAltogether = 1024

	// An HTTP/2 connection that stays silent this long is asked whether it is
	// alive; together they are shorter than the default deadline.
	pingAfter   = 5 * time.Second
	pingTimeout = 3 * time.Second
)

// Options configure a Client. The zero value reaches public addresses only.
type Options struct {
	Allow   []string       // egress.allow: CIDR ranges, single addresses or host names
	Source  []string       // egress.source: addresses of this machine that connections come from; none: the system chooses
	Proxy   scout.Secret   // egress.proxy: URL of the proxy that all requests go through; empty: none
	Timeout time.Duration  // over DNS, connect, proxy, TLS, request and the whole answer; 0: 10 s
	RootCAs *x509.CertPool // nil: the system's; LoadCAs makes others

	// Dial replaces the network in tests. Addresses in the URL are still
	// judged by the policy; what a name would resolve to is not, and
	// connections do not come from Source.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client sends notifications. It is safe for concurrent use.
type Client struct {
	timeout time.Duration
	policy  Policy
	source  []netip.Addr
	proxy   *proxy // nil: none

	// A connection made with more trust must never serve a request with less:
	// each degree has a pool of its own.
	public, private *http.Transport
}

// New makes a client. The error is an Invalid scout.Error with every fault of
// egress.allow, egress.source and egress.proxy.
func New(o Options) (*Client, error) {
	var faults scout.Faults
	policy, err := ParseAllow(o.Allow)
	faults.Join("", err)
	source, err := ParseSource(o.Source)
	faults.Join("", err)
	c := &Client{timeout: o.Timeout, policy: policy, source: source}
	if !o.Proxy.Empty() {
		c.proxy, err = parseProxy(o.Proxy.Reveal())
		faults.Join("egress.proxy", err)
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	c.connect(o.RootCAs, dialer{sources: newSources(source), replaced: o.Dial})
	return c, nil
}

// connect gives the client a pool for each degree of trust, whose connections
// are made as d makes them.
func (c *Client) connect(roots *x509.CertPool, d dialer) {
	d.policy, d.timeout = c.policy, c.timeout
	pool := func(trust Trust) *http.Transport {
		d.trust = trust
		if c.proxy == nil {
			return newTransport(d, roots)
		}
		d.trust = anywhere // only the proxy is dialled
		t := newTransport(d, roots)
		c.proxy.carry(t, d.timeout)
		return t
	}
	c.public, c.private = pool(PublicOnly), pool(TrustPrivate)
}

// newTransport makes a pool of connections. It has no proxy: not even one
// that the environment names.
func newTransport(d dialer, roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		DialContext:            d.dial,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    d.timeout,
		ForceAttemptHTTP2:      true, // a DialContext of our own would switch it off
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
		MaxIdleConns:           idleAltogether,
		MaxIdleConnsPerHost:    idlePerHost,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: headerLimit,
	}
}

// Do posts r and returns the answer, whatever its status: a redirect is an
// answer like any other. A body longer than 64 KiB is cut, marked Truncated,
// and counts as complete.
//
// Through a proxy the address of the response, and of an error, is the
// proxy's, because it is the one that was really dialled. A proxy passes
// requests to http:// URLs on itself, and a failure of its own is then an
// answer like one of the receiver's, but for a request for credentials (407).
//
// The error is always an *Error; that of a cancelled ctx wraps
// context.Canceled. If the answer began and did not end, the response holds
// what had come by then.
func (c *Client) Do(ctx context.Context, r scout.Request, trust Trust) (scout.Response, error) {
	u, err := parseURL(r.URL)
	if err != nil {
		return scout.Response{}, badURL(err)
	}
	return c.fly(ctx, c.flightTo(u), c.pool(trust), r, trust)
}

// pool returns the connections of a degree of trust.
func (c *Client) pool(trust Trust) *http.Transport {
	if trust == TrustPrivate {
		return c.private
	}
	return c.public
}

func (c *Client) flightTo(u *url.URL) *flight {
	return &flight{url: u, timeout: c.timeout, proxy: c.proxy}
}

// fly makes a flight of a request within the deadline. Its error is an *Error.
func (c *Client) fly(ctx context.Context, f *flight, pool *http.Transport, r scout.Request, trust Trust) (scout.Response, error) {
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	resp, err := c.send(limited, f, pool, r, trust)
	if err == nil {
		return resp, nil
	}
	e := f.explain(ctx, err)
	e.Message = c.maskerFor(r, f.url).mask(e.Message)
	if e.Fault == scout.FaultTimeout && f.reused {
		// A firewall that forgot one connection has forgotten its siblings:
		// without this, each of them would cost one more timeout.
		pool.CloseIdleConnections()
	}
	return resp, e
}

// maskerFor hides the secrets of a request and of the proxy.
func (c *Client) maskerFor(r scout.Request, u *url.URL) masker {
	secrets := requestSecrets(r, u)
	if c.proxy != nil {
		secrets = append(secrets, c.proxy.secrets...)
	}
	return newMasker(secrets)
}

// send posts a request, past the judgement that is due before a proxy is asked.
func (c *Client) send(ctx context.Context, f *flight, pool *http.Transport, r scout.Request, trust Trust) (scout.Response, error) {
	if c.proxy == nil {
		return f.post(ctx, pool, r)
	}
	if err := c.policy.checkUnresolved(f.url.Hostname(), trust); err != nil {
		return scout.Response{}, err
	}
	resp, err := f.post(ctx, pool, r)
	if c.proxy.forwards(f.url) {
		c.proxy.hide(&resp)
	}
	return resp, err
}

// Close closes the connections that are not in use. The client stays usable.
func (c *Client) Close() {
	c.public.CloseIdleConnections()
	c.private.CloseIdleConnections()
}
