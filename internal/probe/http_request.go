package probe

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"serverscout/internal/scout"
)

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

var errRedirects = errors.New("too many redirects")

// followRedirect limits redirects. The check's headers, and the URL that a
// Referer would tell, go neither to another host nor from https over to http.
func followRedirect(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errRedirects
	}
	for i, hop := range append(via[1:len(via):len(via)], next) {
		before := via[i].URL
		if hop.URL.Hostname() != before.Hostname() || hop.URL.Scheme == "http" && before.Scheme == "https" {
			next.Header = http.Header{"User-Agent": {userAgent}}
			return nil
		}
	}
	return nil
}

// statusRange is an inclusive range of status codes.
type statusRange struct{ from, to int }

// statusSet is a union of ranges.
type statusSet []statusRange

func (s statusSet) has(code int) bool {
	return slices.ContainsFunc(s, func(r statusRange) bool { return code >= r.from && code <= r.to })
}

// String lists the ranges as users write them.
func (s statusSet) String() string {
	texts := make([]string, 0, len(s))
	for _, r := range s {
		if r.from == r.to {
			texts = append(texts, strconv.Itoa(r.from))
		} else {
			texts = append(texts, fmt.Sprintf("%d-%d", r.from, r.to))
		}
	}
	return strings.Join(texts, ", ")
}

func (e httpExpect) compileStatus(faults *scout.Faults) statusSet {
	if len(e.Status) == 0 {
		faults.Add("expect.status", "", "name at least one status code")
	}
	set := make(statusSet, 0, len(e.Status))
	for i, text := range e.Status {
		r, err := parseStatusRange(text)
		if err != nil {
			faults.Add(fmt.Sprintf("expect.status[%d]", i), text, "%s", err)
			continue
		}
		set = append(set, r)
	}
	return set
}

// parseStatusRange reads "404" or "200-299".
func parseStatusRange(text string) (statusRange, error) {
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	from, errFrom := parseStatus(first)
	to, errTo := parseStatus(last)
	if errFrom != nil || errTo != nil || from > to {
		return statusRange{}, errors.New("write a status code from 100 to 599, or a range such as 200-299")
	}
	return statusRange{from, to}, nil
}

func parseStatus(text string) (int, error) {
	code, err := strconv.Atoi(strings.TrimSpace(text))
	if err == nil && (code < 100 || code > 599) {
		err = errors.New("out of range")
	}
	return code, err
}

// statusText writes a code with its registered name, never the server's own.
func statusText(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}

// compileExpression returns the compiled body_matches, nil where there is none.
func (e httpExpect) compileExpression(faults *scout.Faults) *regexp.Regexp {
	if e.BodyMatches == "" {
		return nil
	}
	expression, err := regexp.Compile(e.BodyMatches)
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		faults.Add("expect.body_matches", e.BodyMatches, "this is not a regular expression (RE2): %s", wrong.Code)
	}
	return expression
}
