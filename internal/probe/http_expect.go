package probe

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"serverscout/internal/scout"
)

type httpExpect struct {
	Status       []string          `json:"status"`
	Headers      map[string]string `json:"headers"`
	BodyContains string            `json:"body_contains"`
	BodyMatches  string            `json:"body_matches"`
	JSON         []string          `json:"json"`
}

func httpExpectField() scout.Field {
	return scout.Field{
		Name: "expect", Type: scout.TypeObject,
		Help: "What the answer must be like.",
		Fields: []scout.Field{
			{
				Name: "status", Type: scout.TypeStrings, Default: []any{anySuccess}, Example: "200-299", Min: 1, Max: 50,
				Help: "The status codes, or ranges of them, that are right.",
			},
			{
				Name: "headers", Type: scout.TypeMap, Example: "Content-Type: application/json", Max: 50,
				Help: "Headers of the answer: the exact value, ~ and a regular expression (RE2), or an empty value for any; !Name with an empty value must be absent.",
			},
			{
				Name: "body_contains", Type: scout.TypeString, Max: 4096,
				Help: "Text that the first 1 MiB of the answer must contain.",
			},
			{
				Name: "body_matches", Type: scout.TypeString, Example: `"status":\s*"ok"`, Max: 4096,
				Help: "A regular expression (RE2) that the first 1 MiB of the answer must match.",
			},
			{
				Name: "json", Type: scout.TypeStrings, Example: `checks[0].latency_ms < 200`, Max: maxAssertions,
				Help: "What must hold of a JSON answer of at most 1 MiB: a path, one of == != < <= > >= contains matches exists absent, and a JSON value.",
			},
		},
	}
}

// expectation is a compiled httpExpect.
type expectation struct {
	status     statusSet
	headers    []headerExpectation
	contains   []byte
	matches    *regexp.Regexp // nil: no expression
	assertions []assertion
}

func (e httpExpect) compile(faults *scout.Faults) expectation {
	return expectation{
		status:     e.compileStatus(faults),
		headers:    e.compileHeaders(faults),
		contains:   []byte(e.BodyContains),
		matches:    compileExpression("expect.body_matches", e.BodyMatches, e.BodyMatches, faults),
		assertions: e.compileJSON(faults),
	}
}

// needsBody reports whether the answer's body is looked into.
func (e expectation) needsBody() bool {
	return len(e.contains) > 0 || e.matches != nil || len(e.assertions) > 0
}

// complaint says what is wrong with a complete answer of the right status, to
// complete "but …"; "" when nothing is.
func (e expectation) complaint(a answer) string {
	for _, h := range e.headers {
		if complaint := h.complaint(a.header); complaint != "" {
			return complaint
		}
	}
	switch {
	case !bytes.Contains(a.body, e.contains):
		return a.extent() + " does not contain the expected text"
	case e.matches != nil && !e.matches.Match(a.body):
		return a.extent() + " does not match the expected pattern"
	case len(e.assertions) == 0:
		return ""
	}
	document, err := decodeJSON(a.body)
	if err != nil {
		return a.extent() + " is not valid JSON"
	}
	for _, assertion := range e.assertions {
		if complaint := assertion.complaint(document); complaint != "" {
			return complaint
		}
	}
	return ""
}

// headerExpectation is one entry of expect.headers. A header that is there
// several times is right when one of its values is.
type headerExpectation struct {
	name    string
	absent  bool
	value   string         // "": any
	pattern *regexp.Regexp // instead of value, unless nil
}

func (e httpExpect) compileHeaders(faults *scout.Faults) []headerExpectation {
	list := make([]headerExpectation, 0, len(e.Headers))
	for _, key := range slices.Sorted(maps.Keys(e.Headers)) {
		value := e.Headers[key]
		field := scout.JoinPath("expect.headers", scout.Shorten(key, maxName))
		name, absent := strings.CutPrefix(key, "!")
		h := headerExpectation{name: http.CanonicalHeaderKey(name), absent: absent}
		switch expression, isExpression := strings.CutPrefix(value, "~"); {
		case !validHeaderName(name):
			faults.Add(field, "", "this is not a header name")
		case slices.ContainsFunc(list, func(other headerExpectation) bool { return other.name == h.name }):
			faults.Add(field, "", "this header is there twice")
		case absent && value != "":
			faults.Add(field, value, `a header that must be absent has no value: write ""`)
		case isExpression:
			h.pattern = compileExpression(field, value, expression, faults)
		default:
			h.value = value
		}
		list = append(list, h)
	}
	return list
}

func (h headerExpectation) complaint(header http.Header) string {
	values := header.Values(h.name)
	switch {
	case h.absent && len(values) > 0:
		return fmt.Sprintf("it has the header %s, which must be absent", short(h.name))
	case !h.absent && len(values) == 0:
		return fmt.Sprintf("the header %s is missing", short(h.name))
	case !h.absent && !slices.ContainsFunc(values, h.admits):
		return fmt.Sprintf("the header %s does not have the expected value", short(h.name))
	default:
		return ""
	}
}

func (h headerExpectation) admits(value string) bool {
	if h.pattern != nil {
		return h.pattern.MatchString(value)
	}
	return h.value == "" || value == h.value
}

// compileExpression returns the compiled regular expression of a field whose
// value holds it, nil where there is none.
func compileExpression(field, value, expression string, faults *scout.Faults) *regexp.Regexp {
	if expression == "" {
		return nil
	}
	compiled, err := regexp.Compile(expression)
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		faults.Add(field, value, "this is not a regular expression (RE2): %s", wrong.Code)
	}
	return compiled
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
