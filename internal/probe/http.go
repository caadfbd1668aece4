package probe

import (
	"net"
	"net/http"
	"net/url"
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
	Method            string            `json:"method"`
	Headers           map[string]string `json:"headers"`
	Body              string            `json:"body"`
	BasicAuth         basicAuth         `json:"basic_auth"`
	BearerToken       string            `json:"bearer_token"`
	Redirects         string            `json:"redirects"`
	HTTPVersion       string            `json:"http_version"`
	Family            string            `json:"family"`
	CA                string            `json:"ca"`
	ClientCertificate string            `json:"client_certificate"`
	ClientKey         string            `json:"client_key"`
	Warn              latencyWarning    `json:"warn"`
	Expect            httpExpect        `json:"expect"`
	Certificate       bool              `json:"certificate"`
}

func defaultHTTPSettings() httpSettings {
	return httpSettings{
		Method:      http.MethodGet,
		Redirects:   redirectsFollow,
		HTTPVersion: versionAuto,
		Family:      familyAny,
		Expect:      httpExpect{Status: []string{anySuccess}},
		Certificate: true,
	}
}

func httpMethods() []string {
	return []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
}

func init() { register(httpKind()) }

// httpKind makes one request over a fresh connection. Redirects are followed
// as the check says and the last answer is judged; on the way to another host,
// or from https to http, the check's own headers and its client certificate
// stay behind. Certificate and host name are verified. No proxy is used.
func httpKind() Kind {
	return Kind{
		CheckKind: scout.CheckKind{
			Name:       "http",
			Title:      "HTTP",
			Help:       "Makes an HTTP request and judges status, content and time of the answer.",
			TargetHelp: "An http or https URL; http://<the server's address>/ unless named.",
			Fields: slices.Concat(
				httpRequestFields(),
				httpAuthFields(),
				[]scout.Field{httpRedirectsField(), httpVersionField()},
				connectionFields(),
				[]scout.Field{
					latencyWarningField(),
					httpExpectField(),
					{
						Name: "certificate", Type: scout.TypeBoolean, Default: true,
						Help: "Whether an https target brings along a check of its certificate's expiry.",
					},
				},
			),
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
// host, at most once a minute, over the same kind of connection.
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
		Settings:        s.connection().settings(),
	}, true
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
		redirects: s.Redirects,
		version:   s.HTTPVersion,
		family:    s.Family,
		expect:    s.Expect.compile(&faults),
		warn:      s.Warn,
		timeout:   timeoutOf(t.Check),
	}
	checkWord("method", s.Method, httpMethods(), &faults)
	if s.Method == http.MethodHead && p.expect.needsBody() {
		faults.Add("method", s.Method, "the answer to HEAD has no body to look into: use GET")
	}
	header := compileHeaders(s.Headers, &faults)
	s.compileAuth(u, header, &faults)
	checkWord("redirects", s.Redirects, redirectPolicies(), &faults)
	p.transport, p.anonymous = s.compileTransports(u, n, &faults)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	if p.request, err = newRequest(s, u, header); err != nil {
		faults.Add("target", showable(t.Check.Target), "no request can be made to this URL")
		return nil, faults.Err()
	}
	return newProber(t.Check, p.look), nil
}

// checkWord reports a value that is not among the words its field knows.
func checkWord(field, value string, known []string, faults *scout.Faults) {
	if !slices.Contains(known, value) {
		faults.Add(field, value, "use one of %s", strings.Join(known, ", "))
	}
}
