package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"serverscout/internal/scout"
)

type httpProbe struct {
	service   string
	request   *http.Request   // never sent itself: each probe sends a copy
	transport *http.Transport // for the target's host
	anonymous *http.Transport // for where a redirect strays to; mostly the same
	redirects string
	version   string
	family    string
	expect    expectation
	warn      latencyWarning
	timeout   time.Duration
}

func (p *httpProbe) look(ctx context.Context) scout.Result {
	start := time.Now()
	// Also ends what a timeout left behind: a dial under way.
	defer p.transport.CloseIdleConnections()
	defer p.anonymous.CloseIdleConnections()
	way := &journey{probe: p, last: p.request.URL}
	response, err := p.ask(ctx, &http.Client{Transport: way, CheckRedirect: way.redirect})
	at := p.placeOf(way.last)
	switch {
	case errors.Is(err, errRedirects):
		return down(time.Since(start), fmt.Sprintf("%s redirects more than %d times on %s", p.service, maxRedirects, at))
	case errors.Is(err, errOtherHost):
		return down(time.Since(start), fmt.Sprintf("%s redirects on port %s to another host: %s", p.service, at.port, short(at.detour)))
	case err != nil:
		return down(0, p.outage(at, err))
	}
	defer response.Body.Close()
	a := answer{status: response.StatusCode, major: response.ProtoMajor, header: headerOf(response)}
	a.body, a.err = p.read(response.Body)
	a.latency = time.Since(start)
	return p.judge(a, at)
}

func (p *httpProbe) ask(ctx context.Context, client *http.Client) (*http.Response, error) {
	r := p.request.WithContext(ctx)
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		r.Body = body
	}
	return client.Do(r)
}

// read takes in the answer up to the limit, and keeps it where it is judged.
func (p *httpProbe) read(body io.Reader) ([]byte, error) {
	limited := io.LimitReader(body, maxHTTPBody)
	if p.expect.needsBody() {
		return io.ReadAll(limited)
	}
	_, err := io.Copy(io.Discard, limited)
	return nil, err
}

func (p *httpProbe) placeOf(last *url.URL) place {
	first := p.request.URL
	at := place{host: last.Hostname(), port: portOf(first)}
	if where := net.JoinHostPort(last.Hostname(), portOf(last)); where != net.JoinHostPort(first.Hostname(), portOf(first)) {
		at.detour = where
	}
	return at
}

// answer is what came back.
type answer struct {
	status  int
	major   int // of the HTTP version
	header  http.Header
	body    []byte // nil unless the check looks into it
	err     error  // why reading the body ended early
	latency time.Duration
}

// headerOf returns the header as the service sent it: net/http takes a
// compression that it has undone out of it.
func headerOf(response *http.Response) http.Header {
	if response.Uncompressed {
		response.Header.Set("Content-Encoding", "gzip")
	}
	return response.Header
}

// judge looks at version, status, completeness, header, content and time, in
// this order: the first that is wrong explains the most.
func (p *httpProbe) judge(a answer, at place) scout.Result {
	status := statusText(a.status)
	switch {
	case p.version == version2 && a.major != 2:
		return down(a.latency, p.withoutHTTP2(at))
	case !p.expect.status.has(a.status):
		return down(a.latency, fmt.Sprintf("%s answered %s on %s, expected %s", p.service, status, at, p.expect.status))
	case a.err != nil:
		return down(0, p.outage(at, a.err))
	}
	if complaint := p.expect.complaint(a); complaint != "" {
		return down(a.latency, fmt.Sprintf("%s answered %s on %s, but %s", p.service, status, at, complaint))
	}
	if p.warn.exceeded(a.latency) {
		return warning(a.latency, slowly(p.service, at, a.latency, p.warn.Latency))
	}
	return up(a.latency, fmt.Sprintf("%s answers on %s (%s)", p.service, at, status))
}

// outage words an error, with what the check's own settings have to do with it.
func (p *httpProbe) outage(at place, err error) string {
	switch {
	case p.version == version2 && refusesHTTP2(err):
		return p.withoutHTTP2(at)
	case lacksAddress(err, p.family):
		return fmt.Sprintf("%s is not responding on %s: %s", p.service, at, withoutAddress(p.family, at.host))
	default:
		return outage(p.service, at, err, p.timeout)
	}
}

func (p *httpProbe) withoutHTTP2(at place) string {
	return fmt.Sprintf("%s does not speak HTTP/2 on %s", p.service, at)
}

// extent names the part of the answer that was looked into.
func (a answer) extent() string {
	if len(a.body) >= maxHTTPBody {
		return "the first 1 MiB of the answer"
	}
	return "the answer"
}
