// Package egress is the one way out: the HTTP client that every notification
// is sent with.
//
// It promises that a request reaches only addresses the policy allows, judged
// when the connection is made and on the address really used; that everything
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
	Timeout time.Duration  // over DNS, connect, TLS, request and the whole answer; 0: 10 s
	RootCAs *x509.CertPool // nil: the system's

	// Dial replaces the network in tests. Addresses in the URL are still
	// judged by the policy; what a name would resolve to is not.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client sends notifications. It is safe for concurrent use.
type Client struct {
	timeout time.Duration

	// A connection made with more trust must never serve a request with less:
	// each degree has a pool of its own.
	public, private *http.Transport
}

// New makes a client. The error is that of ParseAllow.
func New(o Options) (*Client, error) {
	policy, err := ParseAllow(o.Allow)
	if err != nil {
		return nil, err
	}
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	d := dialer{policy: policy, timeout: timeout, replaced: o.Dial}
	return newClient(o, d), nil
}

// newClient makes a client that dials as d does, for each degree of trust.
func newClient(o Options, d dialer) *Client {
	pool := func(trust Trust) *http.Transport {
		d.trust = trust
		return newTransport(d, o.RootCAs)
	}
	return &Client{timeout: d.timeout, public: pool(PublicOnly), private: pool(TrustPrivate)}
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
// The error is always an *Error; that of a cancelled ctx wraps
// context.Canceled. If the answer began and did not end, the response holds
// what had come by then.
func (c *Client) Do(ctx context.Context, r scout.Request, trust Trust) (scout.Response, error) {
	u, err := parseURL(r.URL)
	if err != nil {
		return scout.Response{}, &Error{Fault: scout.FaultMisconfigured, Message: err.Error(), Err: err}
	}
	pool := c.public
	if trust == TrustPrivate {
		pool = c.private
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	f := &flight{url: u, timeout: c.timeout}
	resp, err := f.post(limited, pool, r)
	if err == nil {
		return resp, nil
	}
	e := f.explain(ctx, err)
	e.Message = newMasker(requestSecrets(r, u)).mask(e.Message)
	if e.Fault == scout.FaultTimeout && f.reused {
		// A firewall that forgot one connection has forgotten its siblings:
		// without this, each of them would cost one more timeout.
		pool.CloseIdleConnections()
	}
	return resp, e
}

// Close closes the connections that are not in use. The client stays usable.
func (c *Client) Close() {
	c.public.CloseIdleConnections()
	c.private.CloseIdleConnections()
}
