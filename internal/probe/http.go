package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"serverscout/internal/scout"
)

const (
	maxRedirects  = 10
	maxHTTPBody   = 1 << 20   // bytes of an answer that are read
	maxHTTPHeader = 256 << 10 // bytes of an answer's header that are accepted
	userAgent     = "ServerScout"
	anySuccess    = "200-299"
)

type httpSettings struct {
	Method      string            `json:"method"`
	Headers     map[string]string `json:"headers"`
	Body        string            `json:"body"`
	Warn        latencyWarning    `json:"warn"`
	Expect      httpExpect        `json:"expect"`
	Certificate bool              `json:"certificate"`
}

type httpExpect struct {
	Status       []string `json:"status"`
	BodyContains string   `json:"body_contains"`
	BodyMatches  string   `json:"body_matches"`
}

func defaultHTTPSettings() httpSettings {
	return httpSettings{
		Method:      http.MethodGet,
		Expect:      httpExpect{Status: []string{anySuccess}},
		Certificate: true,
	}
}

func httpMethods() []string {
	return []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
}

func init() { register(httpKind()) }

// httpKind makes one request over a fresh connection. Up to ten redirects are
// followed and the last answer is judged; on the way to another host, or from
// https to http, the check's own headers stay behind. Certificate and host
// name are verified. No proxy is used.
func httpKind() Kind {
	return Kind{
		CheckKind: scout.CheckKind{
			Name:       "http",
			Title:      "HTTP",
			Help:       "Makes an HTTP request and judges status, content and time of the answer.",
			TargetHelp: "An http or https URL; http://<the server's address>/ unless named.",
			Fields: []scout.Field{
				{
					Name: "method", Type: scout.TypeString, Default: http.MethodGet, Enum: httpMethods(),
					Help: "The request's method.",
				},
				{
					Name: "headers", Type: scout.TypeMap, Secret: true, Example: "Authorization: Bearer …", Max: 50,
					Help: "Headers of the request; Host sets the virtual host to ask for.",
				},
				{Name: "body", Type: scout.TypeText, Max: 64 << 10, Help: "The request's body."},
				latencyWarningField(),
				{
					Name: "expect", Type: scout.TypeObject,
					Help: "What the answer must be like.",
					Fields: []scout.Field{
						{
							Name: "status", Type: scout.TypeStrings, Default: []any{anySuccess}, Example: "200-299", Min: 1, Max: 50,
							Help: "The status codes, or ranges of them, that are right.",
						},
						{
							Name: "body_contains", Type: scout.TypeString, Max: 4096,
							Help: "Text that the first 1 MiB of the answer must contain.",
						},
						{
							Name: "body_matches", Type: scout.TypeString, Example: `"status":\s*"ok"`, Max: 4096,
							Help: "A regular expression (RE2) that the first 1 MiB of the answer must match.",
						},
					},
				},
				{
					Name: "certificate", Type: scout.TypeBoolean, Default: true,
					Help: "Whether an https target brings along a check of its certificate's expiry.",
				},
			},
		},
		DefaultTarget: defaultHTTPTarget,
		Compile:       func(t scout.Target) (Prober, error) { return compileHTTP(t, systemNetwork()) },
		Companion:     certificateCheck,
	}
}

func defaultHTTPTarget(server scout.Server) string {
	host := unbracket(server.IP)
	switch {
	case host == "":
		return ""
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	return (&url.URL{Scheme: "http", Host: host, Path: "/"}).String()
}

// certificateCheck is the Companion of an https check: a tls check of the same
// host, at most once a minute.
func certificateCheck(c scout.Check, _ scout.Server) (scout.Check, bool) {
	const suffix, maxCheckName = " certificate", 500
	var faults scout.Faults
	s := decode(c.Settings, defaultHTTPSettings(), &faults)
	u, err := httpTarget(c.Target)
	if err != nil || faults.Err() != nil || u.Scheme != "https" || !s.Certificate {
		return scout.Check{}, false
	}
	return scout.Check{
		Name:            scout.Shorten(c.Name, maxCheckName-len(suffix)) + suffix,
		Kind:            "tls",
		Target:          net.JoinHostPort(u.Hostname(), portOf(u)),
		Interval:        max(c.Interval, time.Minute),
		Timeout:         c.Timeout,
		ConfirmInterval: c.ConfirmInterval,
		FailAfter:       c.FailAfter,
		RecoverAfter:    c.RecoverAfter,
		Settings:        scout.Settings{},
	}, true
}

type httpProbe struct {
	service   string
	request   *http.Request // never sent itself: each probe sends a copy
	transport *http.Transport
	status    statusSet
	contains  []byte
	matches   *regexp.Regexp // nil: no expression
	warn      latencyWarning
	timeout   time.Duration
}

func compileHTTP(t scout.Target, n network) (Prober, error) {
	var faults scout.Faults
	s := decode(t.Check.Settings, defaultHTTPSettings(), &faults)
	u, err := httpTarget(t.Check.Target)
	if err != nil {
		faults.Add("target", showable(t.Check.Target), "%s", err)
	}
	p := &httpProbe{
		service:   serviceName(t.Check.Name, "HTTP"),
		transport: httpTransport(n),
		status:    s.Expect.compileStatus(&faults),
		contains:  []byte(s.Expect.BodyContains),
		matches:   s.Expect.compileExpression(&faults),
		warn:      s.Warn,
		timeout:   timeoutOf(t.Check),
	}
	if !slices.Contains(httpMethods(), s.Method) {
		faults.Add("method", s.Method, "use one of %s", strings.Join(httpMethods(), ", "))
	}
	if s.Method == http.MethodHead && p.wantsBody() {
		faults.Add("method", s.Method, "the answer to HEAD has no body to look into: use GET")
	}
	header := compileHeaders(s.Headers, &faults)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	if p.request, err = newRequest(s, u, header); err != nil {
		faults.Add("target", showable(t.Check.Target), "no request can be made to this URL")
		return nil, faults.Err()
	}
	return newProber(t.Check, p.look), nil
}

// httpTransport makes connections that serve one request each.
func httpTransport(n network) *http.Transport {
	return &http.Transport{
		DialContext:            n.dial,
		TLSClientConfig:        &tls.Config{RootCAs: n.roots},
		DisableKeepAlives:      true,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: maxHTTPHeader,
	}
}

func newRequest(s httpSettings, u *url.URL, header http.Header) (*http.Request, error) {
	var body io.Reader
	if s.Body != "" {
		body = strings.NewReader(s.Body)
	}
	r, err := http.NewRequest(s.Method, u.String(), body)
	if err != nil {
		return nil, err
	}
	r.Header = header
	if host := header.Get("Host"); host != "" {
		r.Host = host
		header.Del("Host")
	}
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", userAgent)
	}
	// As a header, the URL's user and password obey the rule for redirects.
	if user := r.URL.User; user != nil && header.Get("Authorization") == "" {
		password, _ := user.Password()
		r.SetBasicAuth(user.Username(), password)
	}
	return r, nil
}

func (p *httpProbe) wantsBody() bool { return len(p.contains) > 0 || p.matches != nil }

func (p *httpProbe) look(ctx context.Context) scout.Result {
	start := time.Now()
	// Also ends what a timeout left behind: a dial under way.
	defer p.transport.CloseIdleConnections()
	last := p.request.URL
	client := http.Client{
		Transport: p.transport,
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			last = next.URL
			return followRedirect(next, via)
		},
	}
	response, err := p.ask(ctx, &client)
	at := p.placeOf(last)
	if errors.Is(err, errRedirects) {
		return down(time.Since(start), fmt.Sprintf("%s redirects more than %d times on %s", p.service, maxRedirects, at))
	}
	if err != nil {
		return down(0, outage(p.service, at, err, p.timeout))
	}
	defer response.Body.Close()
	body, err := p.read(response.Body)
	return p.judge(answer{response.StatusCode, body, err, time.Since(start)}, at)
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
	if p.wantsBody() {
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
	body    []byte // nil unless the check looks into it
	err     error  // why reading the body ended early
	latency time.Duration
}

// judge looks at status, completeness, content and time, in this order: the
// first that is wrong explains the most.
func (p *httpProbe) judge(a answer, at place) scout.Result {
	status := statusText(a.status)
	switch {
	case !p.status.has(a.status):
		return down(a.latency, fmt.Sprintf("%s answered %s on %s, expected %s", p.service, status, at, p.status))
	case a.err != nil:
		return down(0, outage(p.service, at, a.err, p.timeout))
	case !bytes.Contains(a.body, p.contains):
		return down(a.latency, fmt.Sprintf("%s answered %s on %s, but %s does not contain the expected text", p.service, status, at, a.extent()))
	case p.matches != nil && !p.matches.Match(a.body):
		return down(a.latency, fmt.Sprintf("%s answered %s on %s, but %s does not match the expected pattern", p.service, status, at, a.extent()))
	case p.warn.exceeded(a.latency):
		return warning(a.latency, slowly(p.service, at, a.latency, p.warn.Latency))
	default:
		return up(a.latency, fmt.Sprintf("%s answers on %s (%s)", p.service, at, status))
	}
}

// extent names the part of the answer that was looked into.
func (a answer) extent() string {
	if len(a.body) >= maxHTTPBody {
		return "the first 1 MiB of the answer"
	}
	return "the answer"
}
