package probe

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"serverscout/internal/scout"
)

func httpRequestFields() []scout.Field {
	return []scout.Field{
		{
			Name: "method", Type: scout.TypeString, Default: http.MethodGet, Enum: httpMethods(),
			Help: "The request's method.",
		},
		{
			Name: "headers", Type: scout.TypeMap, Secret: true, Example: "Authorization: Bearer …", Max: 50,
			Help: "Headers of the request; Host sets the virtual host to ask for.",
		},
		{
			Name: "body", Type: scout.TypeText, Max: 64 << 10,
			Help: "The request's body; sent as application/json where it is JSON and as text/plain where not, unless the headers name a Content-Type.",
		},
	}
}

// httpTarget reads an http or https URL.
func httpTarget(target string) (*url.URL, error) {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("write an http or https URL, such as https://www.example.com/health")
	}
	if u.Hostname() == "" {
		return nil, errors.New("the URL names no host")
	}
	if err := checkPort(portOf(u)); err != nil {
		return nil, err
	}
	return u, nil
}

// portOf returns the port that a URL names or its scheme implies.
func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return httpsPort
	default:
		return "80"
	}
}

// compileHeaders checks names and values, of which no fault ever quotes the
// value, and brings the names to their usual form.
func compileHeaders(headers map[string]string, faults *scout.Faults) http.Header {
	out := http.Header{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		value := headers[name]
		field := scout.JoinPath("headers", scout.Shorten(name, maxName))
		key := http.CanonicalHeaderKey(name)
		switch {
		case !validHeaderName(name):
			faults.Add(field, "", "this is not a header name")
		case out[key] != nil:
			faults.Add(field, "", "this header is there twice")
		case slices.Contains([]string{"Connection", "Content-Length", "Transfer-Encoding"}, key):
			faults.Add(field, "", "this header is set by Server Scout itself")
		case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			faults.Add(field, "", "the value contains a control character")
		case key == "Host" && strings.ContainsAny(value, " /@?#"):
			faults.Add(field, "", "the value is not a host name")
		default:
			out.Set(key, value)
		}
	}
	return out
}

func validHeaderName(name string) bool {
	foreign := strings.ContainsFunc(name, func(r rune) bool {
		return !isAlphanumeric(r) && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
	return name != "" && !foreign
}

func newRequest(s httpSettings, u *url.URL, header http.Header) (*http.Request, error) {
	var body io.Reader
	if s.Body != "" {
		body = strings.NewReader(s.Body)
		if header["Content-Type"] == nil {
			header.Set("Content-Type", contentTypeOf(s.Body))
		}
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
	return r, nil
}

func contentTypeOf(body string) string {
	if json.Valid([]byte(body)) {
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}
