package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"pgregory.net/rapid"

	"serverscout/internal/scout"
)

// requestsEach is how many requests each operation gets, beside the one that
// is as it should be.
const requestsEach = 40

// Whatever a client sends, every operation answers as the document says.
func TestEveryOperationKeepsToTheDocument(t *testing.T) {
	t.Parallel()
	r := setup(t)
	d := driver{r}
	for _, c := range calls(r.populate()) {
		op := r.operation(c.method, c.path)
		for _, finding := range d.drive(op, template(r.spec, op), c, requestsEach) {
			t.Error(finding)
		}
	}
	if a := r.do(scout.Admin, "GET", "/api/v1/tokens", nil); a.status != http.StatusOK {
		t.Errorf("the token that drove the operations = %d: what came after it was removed proves nothing", a.status)
	}
}

// A driver sends generated requests.
type driver struct{ *rig }

// drive sends an operation the request that it grants and n others, each made
// from that one, and says what is wrong with the answers.
func (d driver) drive(op *huma.Operation, path string, granted call, n int) []string {
	var findings []string
	if a, err := d.exchange(op, d.plain(granted)); err != nil {
		findings = append(findings, fmt.Sprintf("%s: %v: %s", op.OperationID, err, a.text))
	} else if a.status != granted.status {
		findings = append(findings, fmt.Sprintf("%s: a good request is answered %d: %s", op.OperationID, a.status, a.text))
	}
	odd := rapid.Custom(func(t *rapid.T) *http.Request { return d.request(t, op, path, granted) })
	for seed := range n {
		req := odd.Example(seed) // the same in every run
		line := fmt.Sprintf("%s %s %q", req.Method, req.URL.RequestURI(), req.Header)
		if a, err := d.exchange(op, req); err != nil {
			findings = append(findings, fmt.Sprintf("%s, request %d, %.300s: %v: %.300s", op.OperationID, seed, line, err, a.text))
		}
	}
	return findings
}

// exchange sends a request and says in what the answer breaks the document.
func (d driver) exchange(op *huma.Operation, req *http.Request) (reply, error) {
	w := recorder{httptest.NewRecorder()}
	d.handler.ServeHTTP(w, req)
	a := reply{status: w.Code, header: w.Header(), text: w.Body.String()}
	if strings.Contains(a.header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			return a, err
		}
	}
	if a.status >= http.StatusInternalServerError {
		return a, fmt.Errorf("status %d", a.status)
	}
	if a.status >= http.StatusBadRequest && a.header.Get("Content-Type") != "application/problem+json" {
		return a, errors.New("an error that is no problem")
	}
	return a, d.conforms(op, a)
}

func (d driver) plain(c call) *http.Request {
	req := httptest.NewRequestWithContext(d.Context(), c.method, c.path, nil)
	if c.body != nil {
		req = httptest.NewRequestWithContext(d.Context(), c.method, c.path, bytes.NewReader(encoded(c.body)))
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+d.tokens[scout.Admin])
	return req
}

// request makes one of an operation from the one that is granted.
func (d driver) request(t *rapid.T, op *huma.Operation, path string, granted call) *http.Request {
	target := granted.path
	if rapid.IntRange(0, 2).Draw(t, "other path") == 0 {
		target = oddPath(t, path)
	}
	query := url.Values{}
	header := http.Header{"Authorization": {"Bearer " + d.tokens[scout.Admin]}}
	for _, p := range op.Parameters {
		if p.In == "path" || rapid.Bool().Draw(t, "without "+p.Name) {
			continue
		}
		value := d.parameter(t, p)
		if p.In == "header" {
			header[http.CanonicalHeaderKey(p.Name)] = []string{value}
		} else {
			query.Add(p.Name, value)
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "unknown parameter") == 0 {
		query.Add("nmae", "x")
	}
	if rapid.IntRange(0, 19).Draw(t, "token") == 0 {
		header["Authorization"] = []string{rapid.SampledFrom([]string{"", "Bearer", "Bearer \x00", "Basic YTpi", "Bearer " + d.tokens[scout.Viewer]}).Draw(t, "authorization")}
	}
	var body []byte
	if op.RequestBody != nil {
		body = d.body(t, op, granted)
		header["Content-Type"] = []string{rapid.SampledFrom([]string{"application/json", "application/json", "application/json", "", "text/plain", "application/merge-patch+json", ";"}).Draw(t, "content type")}
	}
	req := httptest.NewRequestWithContext(d.Context(), granted.method, "/", bytes.NewReader(body))
	req.URL = &url.URL{Path: target, RawQuery: query.Encode()}
	req.RequestURI = req.URL.RequestURI()
	req.Header = header
	return req
}

// oddPath puts something odd where a path has an id.
func oddPath(t *rapid.T, path string) string {
	id := rapid.SampledFrom([]string{
		"0", "-1", "99999", "1.5", "x", "9223372036854775807", "9223372036854775808", "\x00", "%", "ü", "1 OR 1=1", strings.Repeat("9", 300),
	}).Draw(t, "id")
	before, rest, found := strings.Cut(path, "{")
	if !found {
		return path
	}
	_, after, _ := strings.Cut(rest, "}")
	return before + id + after
}

// parameter makes a value for a parameter, most of them as the document wants.
func (d driver) parameter(t *rapid.T, p *huma.Param) string {
	switch {
	case rapid.IntRange(0, 3).Draw(t, "odd "+p.Name) == 0:
		return oddText(t)
	case p.Name == "If-Match":
		return rapid.SampledFrom([]string{"*", `"1"`, `W/"1"`, `"1", "2", "x"`, `"`, "1", ","}).Draw(t, p.Name)
	case p.Name == "Last-Event-ID":
		return rapid.SampledFrom([]string{"0-0", "1-1", "99-99", "1", "x-y"}).Draw(t, p.Name)
	case p.Name == "cursor":
		list := rapid.SampledFrom([]string{"servers", "checks", "webhooks", "incidents", "events", "deliveries", "attempts", "all_attempts", "why", "tokens", "results", "accounts", "sessions", "holds", "status_pages", "status_notes"}).Draw(t, "list")
		return encodeCursor(list, rapid.SampledFrom([]string{"1", "0", "3000000000000000000", strings.Repeat("9", 40), "x"}).Draw(t, "key"))
	default:
		return fmt.Sprint(d.value(t, p.Schema, 0))
	}
}

// body makes a body: as granted, as the document wants, with something odd in
// it, or none that can be read.
func (d driver) body(t *rapid.T, op *huma.Operation, granted call) []byte {
	keys := map[string]any{}
	schema := d.resolved(op.RequestBody.Content["application/json"].Schema)
	switch rapid.IntRange(0, 5).Draw(t, "body") {
	case 0:
		return []byte(rapid.SampledFrom([]string{
			"", "{", "null", "[]", `"x"`, "1e999", `{"name":1e999}`, `{"a":"\ud800"}`, "{\"a\":\"\x00\"}", "\xff", `{"a":1,"a":2}`, `{} {}`, "\ufeff{}",
			strings.Repeat(`{"a":`, 20_000), `{"` + strings.Repeat("k", 100_000) + `":1}`,
		}).Draw(t, "text"))
	case 1:
		keys, _ = d.value(t, schema, 0).(map[string]any)
	default:
		_ = json.Unmarshal(encoded(granted.body), &keys) // which may be none
		if keys == nil {
			keys = map[string]any{}
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "odd keys") {
		key := rapid.SampledFrom(sortedKeys(schema.Properties)).Draw(t, "key")
		if rapid.Bool().Draw(t, "odd") {
			keys[key] = oddValue(t)
		} else {
			keys[key] = d.value(t, schema.Properties[key], 0)
		}
	}
	if rapid.IntRange(0, 5).Draw(t, "unknown key") == 0 {
		keys[oddText(t)] = oddValue(t)
	}
	return encoded(keys)
}

// resolved follows a schema's reference.
func (d driver) resolved(s *huma.Schema) *huma.Schema {
	for s.Ref != "" {
		s = d.spec.Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

// value makes a value that fits a schema as far as the schema says it all.
func (d driver) value(t *rapid.T, s *huma.Schema, depth int) any {
	s = d.resolved(s)
	if len(s.Enum) > 0 {
		return rapid.SampledFrom(s.Enum).Draw(t, "one of")
	}
	switch s.Type {
	case huma.TypeBoolean:
		return rapid.Bool().Draw(t, "boolean")
	case huma.TypeInteger, huma.TypeNumber:
		least, most := int64(-3), int64(1_000_000)
		if s.Minimum != nil {
			least = int64(*s.Minimum)
		}
		if s.Maximum != nil {
			most = int64(*s.Maximum)
		}
		return rapid.Int64Range(least, most).Draw(t, "integer")
	case huma.TypeArray:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			list = append(list, d.value(t, s.Items, depth+1))
		}
		return list
	case huma.TypeObject:
		object := map[string]any{}
		for _, key := range sortedKeys(s.Properties) {
			if depth < 3 && rapid.IntRange(0, 3).Draw(t, "with "+key) == 0 {
				object[key] = d.value(t, s.Properties[key], depth+1)
			}
		}
		return object
	default:
		return d.text(t, s)
	}
}

func (d driver) text(t *rapid.T, s *huma.Schema) string {
	switch {
	case s.Format == "date-time":
		return rapid.SampledFrom([]string{"2026-01-15T10:30:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+14:00"}).Draw(t, "time")
	case s.Format == "uri":
		return rapid.SampledFrom([]string{"https://example.com/x", "https://hooks.slack.com/services/T/B/x", "http://[::1]/"}).Draw(t, "uri")
	case s.Pattern == durationPattern:
		return rapid.SampledFrom([]string{"1s", "5m", "1d12h", "0s", "36500d"}).Draw(t, "duration")
	}
	most := 40
	if s.MaxLength != nil {
		most = min(most, *s.MaxLength)
	}
	return rapid.StringN(0, most, -1).Draw(t, "text")
}

func oddText(t *rapid.T) string {
	return rapid.SampledFrom([]string{
		"\x00", "a\x00b", "%", "'; DROP TABLE servers; --", "💥", "\u202e", strings.Repeat("x", 70_000), "-1", "NaN", "1e3", "null", "{}", "\xff\xfe", " ", "\r\nX-Y: z",
	}).Draw(t, "odd text")
}

func oddValue(t *rapid.T) any {
	return rapid.OneOf(
		rapid.Just[any](nil),
		rapid.SampledFrom([]any{true, -1, 1.5, 1e300, int64(1) << 62, []any{}, []any{nil}, map[string]any{}, map[string]any{"a": map[string]any{"b": []any{1}}}}),
		rapid.Custom(func(t *rapid.T) any { return oddText(t) }),
	).Draw(t, "odd value")
}

// template is the path of an operation, with its parameters.
func template(spec *huma.OpenAPI, op *huma.Operation) string {
	for path, item := range spec.Paths {
		if operations(item)[op.Method] == op {
			return path
		}
	}
	return ""
}

func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// broken is what an operation that breaks its promise answers.
type broken struct {
	Level string `json:"level" enum:"up,down"`
}

// A defect in an operation must not pass unseen.
func TestBrokenOperationsAreFound(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]func(q string) (string, error){
		"a value that is not documented":  func(string) (string, error) { return "sideways", nil },
		"a status that is not documented": func(string) (string, error) { return "", huma.NewError(http.StatusTeapot, "no") },
		"an internal error":               func(string) (string, error) { return "", errors.New("disk on fire") },
		"a panic":                         func(string) (string, error) { panic("a bug") },
		"a null byte that it minds": func(q string) (string, error) {
			if strings.Contains(q, "\x00") {
				return "", errors.New("a null byte")
			}
			return "up", nil
		},
		"nothing": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setup(t)
			mux := http.NewServeMux()
			a := newAPI(Options{Store: r.store, Manager: r.manager, Engine: r.engine}, mux)
			type request struct {
				Q string `query:"q"`
			}
			serve(a, huma.Operation{OperationID: "broken", Method: http.MethodGet, Path: "/broken"},
				func(_ context.Context, in *request) (*answer[broken], error) {
					if handle == nil {
						return &answer[broken]{broken{"up"}}, nil
					}
					level, err := handle(in.Q)
					return &answer[broken]{broken{level}}, err
				})
			r.handler, r.spec = a.guard(mux), a.huma.OpenAPI()
			op := r.spec.Paths["/api/v1/broken"].Get
			found := driver{r}.drive(op, "/api/v1/broken", call{"broken", "GET", "/api/v1/broken", nil, 200}, requestsEach)
			if (len(found) > 0) != (handle != nil) {
				t.Errorf("findings = %q", found)
			}
		})
	}
}
