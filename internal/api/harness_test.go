package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/monitor"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var _ Store = (*store.Store)(nil)

// ledger gives manage the real store.
type ledger struct{ *store.Store }

func (l ledger) Update(ctx context.Context, fn func(manage.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// watchLedger gives monitor the real store.
type watchLedger struct{ *store.Store }

func (l watchLedger) Update(ctx context.Context, fn func(monitor.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// noLanes has no room: what is owed waits in the store.
type noLanes struct{}

func (noLanes) Reserve(int64) bool { return false }
func (noLanes) Release(int64)      {}
func (noLanes) Start(scout.Job)    {}

// engine answers in the stead of the running one. Results go to a real monitor
// that does not probe.
type engine struct {
	monitor *monitor.Monitor

	mu    sync.Mutex
	pings []ping
	tests []scout.Webhook
	err   error // what every call fails with

	diagnosed []scout.Webhook
}

type ping struct {
	token  string
	signal scout.Signal
}

func (e *engine) Ping(_ context.Context, token string, s scout.Signal) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err != nil {
		return e.err
	}
	e.pings = append(e.pings, ping{token, s})
	return nil
}

func (e *engine) Ingest(ctx context.Context, r scout.Result) error {
	if e.err != nil {
		return e.err
	}
	if err := e.monitor.Sync(ctx); err != nil {
		return err
	}
	return e.monitor.Ingest(ctx, r)
}

func (e *engine) ProbeNow(_ context.Context, id int64) (scout.Result, error) {
	return scout.Result{CheckID: id, At: time.Now(), Level: scout.Up, Latency: 1500 * time.Microsecond, Message: "fine", IP: "127.0.0.1"}, e.err
}

func (e *engine) Test(_ context.Context, w scout.Webhook, s scout.Status) (scout.Delivery, scout.Attempt, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tests = append(e.tests, w)
	now := time.Now()
	d := scout.Delivery{
		ID: 1, MessageID: scout.NewMessageID(), EventID: 1, IncidentID: scout.NewTestID(now), Seq: 1, WebhookID: w.ID, Webhook: w.Name,
		Tells: s, Status: scout.DeliveryFailed, Reason: scout.TestFailed, Attempts: 1, CreatedAt: now, FinishedAt: now, Test: true,
	}
	return d, failedAttempt(d, 1, now), e.err
}

// Diagnose finds that every step has passed but for the last one.
func (e *engine) Diagnose(_ context.Context, w scout.Webhook, report func(scout.Finding)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.diagnosed = append(e.diagnosed, w)
	if e.err != nil {
		return e.err
	}
	for _, step := range scout.DoctorSteps() {
		f := scout.Finding{Step: step, Outcome: scout.FindingPassed, Says: "Fine.", Took: 1500 * time.Microsecond}
		if step == scout.StepAccepted {
			f.Outcome, f.Remedy, f.Facts = scout.FindingFailed, "Do something.", [][2]string{{"status", "200 OK"}}
		}
		report(f)
	}
	return nil
}

// failedAttempt is an attempt with everything it can have.
func failedAttempt(d scout.Delivery, number int, at time.Time) scout.Attempt {
	return scout.Attempt{
		DeliveryID: d.ID, WebhookID: d.WebhookID, Number: number, StartedAt: at, Duration: 12345 * time.Microsecond,
		Verdict: scout.Verdict{Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited, Detail: "too many requests", RetryAfter: 30 * time.Second},
		Status:  429, Address: "192.0.2.1:443",
		Request: scout.Exchange{
			Line: "POST https://hooks.example.com/" + scout.Masked, Body: "{}",
			Header: [][2]string{{"Authorization", scout.Masked}, {"Content-Type", "application/json"}},
		},
		Response: scout.Exchange{Line: "HTTP/1.1 429 Too Many Requests", Header: [][2]string{{"Retry-After", "30"}}, Truncated: true},
	}
}

// A rig is the API on a real store and a real manager.
type rig struct {
	*testing.T
	store   *store.Store
	manager *manage.Manager
	engine  *engine
	handler http.Handler
	spec    *huma.OpenAPI
	tokens  map[scout.Role]string
}

// bare makes a rig without a store, for what needs none.
func bare(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.serve(Options{})
	return r
}

func newRig(t *testing.T) *rig {
	return &rig{T: t, engine: &engine{}, tokens: map[scout.Role]string{}, spec: specification()}
}

// emptyStore is the files of a store without content. A copy of it opens
// faster than a new one, which has all migrations before it.
var emptyStore = sync.OnceValue(func() fs.FS {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(store.Options{Dir: dir, Key: make([]byte, 32)})
	if err == nil {
		err = s.Close()
	}
	files := fstest.MapFS{}
	err = errors.Join(err, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[filepath.Base(path)] = &fstest.MapFile{Data: text, Mode: 0o600}
		return err
	}))
	if err != nil {
		panic(err)
	}
	return files
})

func setup(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	var err error
	dir := t.TempDir()
	noErr(t, os.CopyFS(dir, emptyStore()))
	r.store, err = store.Open(store.Options{Dir: dir, Key: make([]byte, 32)})
	noErr(t, err)
	t.Cleanup(func() {
		if err := r.store.Close(); err != nil {
			t.Error(err)
		}
	})
	noErr(t, r.store.Update(t.Context(), func(tx *store.Tx) error {
		for _, role := range []scout.Role{scout.Viewer, scout.Editor, scout.Admin} {
			plain := scout.NewTokenSecret()
			r.tokens[role] = plain.Reveal()
			if err := tx.SaveToken(&scout.Token{Name: string(role), Role: role}, plain); err != nil {
				return err
			}
		}
		return nil
	}))
	r.manager = manage.New(ledger{r.store}, egress.CheckURL)
	r.engine.monitor = monitor.New(watchLedger{r.store}, noLanes{}, monitor.Options{})
	r.serve(Options{})
	return r
}

// specification is the OpenAPI document that answers are held against.
var specification = sync.OnceValue(func() *huma.OpenAPI {
	return newAPI(Options{}, http.NewServeMux()).huma.OpenAPI()
})

// serve makes the handler with further options.
func (r *rig) serve(o Options) {
	o.Version = "1.2.3"
	if o.Store == nil {
		o.Store = r.store
	}
	o.Manager = r.manager
	o.NewToken = func(ctx context.Context, keys map[string]any) (scout.Token, string, error) {
		t, plain, err := r.manager.CreateToken(ctx, keys)
		return t, plain.Reveal(), err
	}
	if o.Done == nil { // whoever wants a stream to last says so
		stopped := make(chan struct{})
		close(stopped)
		o.Done = stopped
	}
	if o.Engine == nil {
		o.Engine = r.engine
	}
	r.handler = New(o)
}

// A reply is an answer with its body read.
type reply struct {
	status int
	header http.Header
	text   string
	body   map[string]any // nil unless it is a JSON object
}

func (a reply) id() int64           { return int64(a.body["id"].(float64)) }
func (a reply) items() []any        { return a.body["items"].([]any) }
func (a reply) str(k string) string { s, _ := a.body[k].(string); return s }

// recorder takes deadlines, as the writers of a server do.
type recorder struct{ *httptest.ResponseRecorder }

func (recorder) SetWriteDeadline(time.Time) error { return nil }

// send sends a request and holds the answer against the OpenAPI document.
func (r *rig) send(req *http.Request) reply {
	r.Helper()
	w := recorder{httptest.NewRecorder()}
	r.handler.ServeHTTP(w, req)
	a := reply{status: w.Code, header: w.Header(), text: w.Body.String()}
	if strings.Contains(a.header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			r.Fatalf("%s %s: %v in %q", req.Method, req.URL, err, a.text)
		}
	}
	if op := r.operation(req.Method, req.URL.Path); op != nil {
		if err := r.conforms(op, a); err != nil {
			r.Errorf("%s %s: %v: %s", req.Method, req.URL, err, a.text)
		}
	}
	return a
}

// do sends a request with a role's token; a body that is not nil is sent as
// JSON, text as it stands.
func (r *rig) do(role scout.Role, method, path string, body any) reply {
	r.Helper()
	var content io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(body)
	default:
		b, err := json.Marshal(body)
		if err != nil {
			r.Fatal(err)
		}
		content = bytes.NewReader(b)
	}
	req := httptest.NewRequestWithContext(r.Context(), method, path, content)
	if content != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+r.tokens[role])
	return r.send(req)
}

// want is do as an editor, failing unless the status is the wanted one.
func (r *rig) want(status int, method, path string, body any) reply {
	r.Helper()
	a := r.do(scout.Editor, method, path, body)
	if a.status != status {
		r.Fatalf("%s %s = %d, want %d: %s", method, path, a.status, status, a.text)
	}
	return a
}

// operation finds the documented operation for a request.
func (r *rig) operation(method, path string) *huma.Operation {
	parts := strings.Split(path, "/")
	var found *huma.Operation
	for template, item := range r.spec.Paths {
		if op := operations(item)[method]; op != nil && matches(strings.Split(template, "/"), parts) {
			if found == nil || !strings.Contains(template, "{") {
				found = op
			}
		}
	}
	return found
}

func operations(item *huma.PathItem) map[string]*huma.Operation {
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}
}

func matches(template, path []string) bool {
	if len(template) != len(path) {
		return false
	}
	for i, part := range template {
		if part != path[i] && !strings.HasPrefix(part, "{") {
			return false
		}
	}
	return true
}

// conforms says in what an answer differs from what its operation documents.
func (r *rig) conforms(op *huma.Operation, a reply) error {
	documented := op.Responses[strconv.Itoa(a.status)]
	if documented == nil {
		return fmt.Errorf("status %d is not documented", a.status)
	}
	if len(documented.Content) == 0 {
		if a.text != "" {
			return errors.New("a body is not documented")
		}
		return nil
	}
	media := documented.Content[a.header.Get("Content-Type")]
	if media == nil {
		return fmt.Errorf("content type %q is not documented", a.header.Get("Content-Type"))
	}
	var content any = a.body
	if a.body == nil {
		content = a.text
	}
	var result huma.ValidateResult
	huma.Validate(r.spec.Components.Schemas, media.Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, content, &result)
	return errors.Join(result.Errors...)
}

// problem checks that an answer is a problem, and returns the faulty fields.
func (a reply) problem(t *testing.T, status int, code scout.Code) []string {
	t.Helper()
	if a.status != status || a.str("code") != string(code) || a.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("answer = %d %s %s, want problem %d with code %s", a.status, a.header.Get("Content-Type"), a.text, status, code)
	}
	if a.str("type") != "about:blank" || a.str("title") != http.StatusText(status) || a.body["status"] != float64(status) || a.str("detail") == "" {
		t.Errorf("problem is incomplete: %s", a.text)
	}
	var fields []string
	list, _ := a.body["errors"].([]any)
	for _, item := range list {
		fields = append(fields, item.(map[string]any)["field"].(string))
	}
	return fields
}

func noErr(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
