package egress

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"

	"serverscout/internal/scout"
)

// flight is one request on its way: how far it came is what an error is
// explained by.
type flight struct {
	url     *url.URL
	timeout time.Duration
	proxy   *proxy // nil: none
	ready   bool   // a connection was ready to use, TLS included
	reused  bool   // that connection had served before
	status  int    // of the answer; 0 until its headers were complete

	mu      sync.Mutex // dialling goes on in goroutines of the transport
	address string     // reached last, host:port; "" for none
	secured bool       // the handshake with the receiver has begun
	lookups int        // of names that are under way
}

// userAgent is sent when a request has none of its own.
const userAgent = "ServerScout"

// post sends the request and reads the answer.
func (f *flight) post(ctx context.Context, pool *http.Transport, r scout.Request) (scout.Response, error) {
	req, err := http.NewRequestWithContext(f.traced(ctx), http.MethodPost, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return scout.Response{}, err
	}
	req.Header = headerOf(r, f.url)
	if _, ok := req.Header["User-Agent"]; !ok {
		req.Header.Set("User-Agent", userAgent)
	}
	if _, ok := req.Header["Idempotency-Key"]; !ok {
		// Without a value it is not sent, but it tells the transport that this
		// POST may be repeated when a pooled connection turns out to be closed:
		// deliveries are at least once.
		req.Header["Idempotency-Key"] = nil
	}
	// The transport itself, not http.Client: that one judges the Location of a
	// redirect even when it does not follow it.
	res, err := pool.RoundTrip(req)
	if err != nil {
		return scout.Response{}, unlabelled(err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusProxyAuthRequired && f.proxy != nil && f.proxy.forwards(f.url) {
		return scout.Response{}, &proxyAnswer{res.StatusCode}
	}
	f.status = res.StatusCode
	resp := scout.Response{Status: res.StatusCode, Proto: res.Proto, Header: res.Header, Address: f.reached(), Host: f.url.Hostname()}
	if res.StatusCode == http.StatusSwitchingProtocols {
		// What follows is another protocol, without an end and outside the deadline.
		return resp, nil
	}
	resp.Body, resp.Truncated, err = readBody(res.Body)
	return resp, err
}

// readBody reads up to the limit. It looks for the end only as far as one
// byte beyond, so that a long or endless body is complete at once.
func readBody(body io.Reader) (read []byte, truncated bool, err error) {
	read, err = io.ReadAll(io.LimitReader(body, bodyLimit+1))
	if len(read) > bodyLimit {
		return read[:bodyLimit], true, nil
	}
	return read, false, err
}

// traced returns a context under which the transport reports the connection
// it uses.
func (f *flight) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// Also called when the request is repeated on another connection.
		GetConn:  func(string) { f.begin() },
		DNSStart: func(httptrace.DNSStartInfo) { f.look(1) },
		DNSDone:  func(httptrace.DNSDoneInfo) { f.look(-1) },
		ConnectDone: func(_, address string, err error) {
			if err == nil {
				f.reach(address)
			}
		},
		TLSHandshakeStart: f.secure,
		GotConn: func(info httptrace.GotConnInfo) {
			f.ready, f.reused = true, info.Reused
			f.reach(info.Conn.RemoteAddr().String())
		},
	})
}

func (f *flight) begin() {
	f.ready, f.reused = false, false
	f.mu.Lock()
	defer f.mu.Unlock()
	f.address, f.secured = "", false
}

func (f *flight) secure() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.secured = true
}

// look counts the lookups that are under way.
func (f *flight) look(more int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lookups += more
}

// lookingUp reports whether a name is still being resolved.
func (f *flight) lookingUp() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lookups > 0
}

// handshaking reports whether the handshake with the receiver has begun.
func (f *flight) handshaking() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.secured
}

// connected reports whether there was a connection for the request: to the
// receiver, or to a proxy that passes requests on itself.
func (f *flight) connected() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ready || f.secured
}

func (f *flight) reach(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.address = address
}

func (f *flight) reached() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.address
}

// headerOf returns the header fields that a request is sent with, and
// recorded with.
func headerOf(r scout.Request, u *url.URL) http.Header {
	h := http.Header{}
	for name, values := range r.Header {
		name = http.CanonicalHeaderKey(name)
		switch name {
		case "Host", "Content-Length", "Transfer-Encoding", "Connection":
			// They frame the request, which is the transport's to do.
		default:
			h[name] = append(h[name], values...)
		}
	}
	switch contentTypes := h["Content-Type"]; {
	case len(contentTypes) > 1: // two spellings of one name
		h["Content-Type"] = contentTypes[:1]
	case len(contentTypes) == 0 && r.ContentType != "":
		h.Set("Content-Type", r.ContentType)
	}
	if len(h["Authorization"]) == 0 && u != nil && u.User != nil {
		password, _ := u.User.Password()
		basic := http.Request{Header: h}
		basic.SetBasicAuth(u.User.Username(), password)
	}
	return h
}
