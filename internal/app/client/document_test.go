package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"serverscout/internal/api"
	"serverscout/internal/app/client"
	"serverscout/internal/scout"
)

// The client is held against the document that the API serves. A stub answers
// each request as the document says, with every property there; so a method
// that asks for something else is refused, and a field that the client reads
// and the document does not have stays zero.

// uncalled are the operations that no method calls, each with the reason.
var uncalled = map[string]string{
	"get_status":        "version and backlog are what /metrics and the dashboard show",
	"list_results":      "raw results are for charts; checks show says how a check is",
	"list_rollups":      "sums of results are for charts too",
	"get_availability":  "availability over a range is for charts too",
	"get_event":         "list_events has the same event",
	"list_all_attempts": "deliveries are what the command line lists, each with its attempts",
	"stream":            "the command line asks once",
}

// document is as much of an OpenAPI document as the test reads.
type document struct {
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	ID          string      `json:"operationId"`
	Parameters  []parameter `json:"parameters"`
	RequestBody *struct {
		Content map[string]media `json:"content"`
	} `json:"requestBody"`
	Responses map[string]struct {
		Content map[string]media `json:"content"`
	} `json:"responses"`
}

type parameter struct {
	Name string `json:"name"`
	In   string `json:"in"`
}

type media struct {
	Schema schema `json:"schema"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"` // a type, or a list of them
	Format     string            `json:"format"`
	Enum       []any             `json:"enum"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	MinItems   int               `json:"minItems"`
}

// served is the document that the API serves.
func served(t *testing.T) document {
	t.Helper()
	recorder := httptest.NewRecorder()
	api.New(api.Options{Version: "test"}).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/api/v1/openapi.json", nil))
	var d document
	if err := json.Unmarshal(recorder.Body.Bytes(), &d); err != nil || len(d.Paths) == 0 {
		t.Fatalf("the document cannot be read: %v", err)
	}
	return d
}

func (d document) resolve(s schema) schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return d.Components.Schemas[name]
	}
	return s
}

// example is a value with every property there, none of them zero.
func (d document) example(s schema) any {
	s = d.resolve(s)
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	kind, _ := s.Type.(string)
	if list, ok := s.Type.([]any); ok {
		kind, _ = list[0].(string)
	}
	switch kind {
	case "object":
		object := map[string]any{}
		for name, p := range s.Properties {
			object[name] = d.example(p)
		}
		return object
	case "array":
		return slices.Repeat([]any{d.example(*s.Items)}, max(s.MinItems, 1))
	case "integer":
		return 7
	case "number":
		return 7.5
	case "boolean":
		return true
	default:
		if s.Format == "date-time" {
			return "2026-01-15T10:30:00Z"
		}
		return "text"
	}
}

// stub answers as the document says and notes what it was asked.
type stub struct {
	document document
	called   map[string]bool // by operation id
	faults   []string
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op, ok := s.find(r)
	if !ok {
		s.fault("there is no operation %s %s", r.Method, r.URL.Path)
		http.NotFound(w, r)
		return
	}
	s.called[op.ID] = true
	for name := range r.URL.Query() {
		if !slices.Contains(op.Parameters, parameter{name, "query"}) {
			s.fault("%s has no query parameter %s", op.ID, name)
		}
	}
	if match := r.Header.Get("If-Match"); match != "" && match != `"7"` {
		s.fault("%s is sent If-Match: %s", op.ID, match)
	}
	s.judgeBody(op, r)
	s.answer(w, op)
}

// find returns the operation that a request is for.
func (s *stub) find(r *http.Request) (operation, bool) {
	var found operation
	ok := false
	for template, operations := range s.document.Paths {
		op, has := operations[strings.ToLower(r.Method)]
		if !has || !fits(template, r.URL.Path) || ok && strings.Contains(template, "{") {
			continue
		}
		found, ok = op, true
		if !strings.Contains(template, "{") {
			return found, true
		}
	}
	return found, ok
}

// fits reports whether a path is of a template such as /api/v1/checks/{id}.
func fits(template, path string) bool {
	a, b := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(a, b, func(t, p string) bool { return t == p || strings.HasPrefix(t, "{") && p != "" })
}

// judgeBody compares the keys of a body with those the operation takes.
func (s *stub) judgeBody(op operation, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil || len(text) == 0 {
		return
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil || op.RequestBody == nil {
		s.fault("%s is sent the body %s: %v", op.ID, text, err)
		return
	}
	known := s.document.resolve(op.RequestBody.Content["application/json"].Schema).Properties
	for key := range object {
		if _, ok := known[key]; !ok {
			s.fault("%s takes no key %s", op.ID, key)
		}
	}
}

func (s *stub) answer(w http.ResponseWriter, op operation) {
	for status, response := range op.Responses {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		content, ok := response.Content["application/json"]
		if !ok {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		v := s.document.example(content.Schema)
		if page, ok := v.(map[string]any); ok && page["items"] != nil {
			delete(page, "next") // one page is all there is
		}
		w.Header().Set("ETag", `"7"`)
		_ = json.NewEncoder(w).Encode(v)
		return
	}
	s.fault("%s documents no success", op.ID)
}

func (s *stub) fault(format string, args ...any) {
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

// argument is a value for a method's parameter, none of its fields zero.
func argument(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	switch {
	case t == reflect.TypeFor[time.Time]():
		return reflect.ValueOf(time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC))
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			v.Field(i).Set(argument(t.Field(i).Type))
		}
	case t.Kind() == reflect.String:
		v.SetString(`"7"`)
	case v.CanInt():
		v.SetInt(7)
	case t.Kind() == reflect.Bool:
		v.SetBool(true)
	case t.Kind() == reflect.Map:
		v.Set(reflect.ValueOf(map[string]any{}))
	}
	return v
}

// zeros lists the fields of a result that were not read from the answer.
func zeros(path string, v reflect.Value) []string {
	switch {
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		return nil
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return zeros(path, v.Elem())
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
		var list []string
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if name == "ETag" || name == "More" { // beside the body
				continue
			}
			list = append(list, zeros(path+"."+name, v.Field(i))...)
		}
		return list
	case v.Kind() == reflect.Slice && v.Len() > 0:
		return zeros(path+"[0]", v.Index(0))
	case v.IsZero() || v.Kind() == reflect.Slice:
		return []string{path}
	default:
		return nil
	}
}

// call calls a method with arguments that say as much as they can.
func call(method reflect.Method, c *client.Client) []reflect.Value {
	args := []reflect.Value{reflect.ValueOf(c), reflect.ValueOf(context.Background())}
	for i := 2; i < method.Type.NumIn(); i++ {
		args = append(args, argument(method.Type.In(i)))
	}
	return method.Func.Call(args)
}

// operations lists the client's methods that ask the server.
func operations() []reflect.Method {
	var list []reflect.Method
	t := reflect.TypeFor[*client.Client]()
	for i := range t.NumMethod() {
		if m := t.Method(i); m.Type.NumIn() > 1 && m.Type.In(1) == reflect.TypeFor[context.Context]() {
			list = append(list, m)
		}
	}
	return list
}

func TestClientSpeaksAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	s := &stub{document: served(t), called: map[string]bool{}}
	server := httptest.NewServer(s)
	c := client.New(server.URL, scout.NewSecret("scout_x"))
	for _, method := range operations() {
		s.faults = nil
		results := call(method, c)
		if err, _ := results[len(results)-1].Interface().(error); err != nil {
			t.Errorf("%s: %v", method.Name, err)
		}
		for _, result := range results[:len(results)-1] {
			for _, path := range zeros("", result) {
				t.Errorf("%s: %s is not in the answer", method.Name, path)
			}
		}
		for _, fault := range s.faults {
			t.Errorf("%s: %s", method.Name, fault)
		}
	}
	server.Close()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	judgeCoverage(t, s)
}

// judgeCoverage compares what was called with what there is.
func judgeCoverage(t *testing.T, s *stub) {
	t.Helper()
	known := map[string]bool{}
	for _, operations := range s.document.Paths {
		for _, op := range operations {
			known[op.ID] = true
			switch reason := uncalled[op.ID]; {
			case s.called[op.ID] && reason != "":
				t.Errorf("%s is called: it needs no reason in uncalled", op.ID)
			case !s.called[op.ID] && reason == "":
				t.Errorf("no method calls %s: add one, or a reason to uncalled", op.ID)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(uncalled)) {
		if !known[id] {
			t.Errorf("uncalled: there is no operation %s", id)
		}
	}
}
