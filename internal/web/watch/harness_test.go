package watch

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/html"

	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type object = map[string]any

var _ Store = (*store.Store)(nil)

// ledger gives manage the real store.
type ledger struct{ *store.Store }

func (l ledger) Update(ctx context.Context, fn func(manage.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// emptyStore is the files of a store without content. A copy of it opens
// faster than a new one, which has all migrations before it.
var emptyStore = sync.OnceValues(func() (fs.FS, error) {
	dir, err := os.MkdirTemp("", "watch-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(store.Options{Dir: dir, Key: make([]byte, 32)})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	files := fstest.MapFS{}
	for _, name := range []string{"ledger.db", "telemetry.db"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		files[name] = &fstest.MapFile{Data: text, Mode: 0o600}
	}
	return files, nil
})

// A rig is the pages on a real store and a real manager. What is probed is
// made up.
type rig struct {
	*testing.T
	store   *store.Store
	manager *manage.Manager
	mux     *http.ServeMux
	now     time.Time

	mu      sync.Mutex
	flashes []ui.Notice
	probed  []scout.Check // what Try was asked
	result  scout.Result  // what every probe sees
	err     error         // what every probe fails with
	found   []scout.Found
}

func setup(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, now: time.Now(), mux: http.NewServeMux(), result: scout.Result{Level: scout.Up, Latency: 31 * time.Millisecond, Message: "It answers"}}
	dir := t.TempDir()
	files, err := emptyStore()
	r.must(err)
	r.must(os.CopyFS(dir, files))
	r.store, err = store.Open(store.Options{Dir: dir, Key: make([]byte, 32)})
	r.must(err)
	t.Cleanup(func() { r.must(r.store.Close()) })
	r.manager = manage.New(ledger{r.store}, egress.CheckURL)
	area := New(Options{
		Store: r.store, Manager: r.manager, ConfigFile: "/etc/scout.yaml",
		ProbeNow: func(context.Context, int64) (scout.Result, error) { return r.result, r.err },
		Try:      r.try,
		Services: func(context.Context, string) ([]scout.Found, error) { return r.found, r.err },
		PingURL:  func(_ *http.Request, token string) string { return "https://scout.example/heartbeats/" + token },
	})
	area.Route(&page.Site{
		Root: "/scout", Assets: ui.NewAssets(), Version: "1.2.3", Now: func() time.Time { return r.now }, Log: slog.New(slog.DiscardHandler),
		Person: func(*http.Request) (page.Person, bool) {
			return page.Person{ID: 1, Name: "anna", Role: scout.Admin}, true
		},
		Tally:   func(context.Context) (ui.Tally, []ui.Notice, error) { return ui.Tally{}, nil, nil },
		Flash:   func(_ context.Context, n ui.Notice) { r.flashes = append(r.flashes, n) },
		Flashes: func(context.Context) []ui.Notice { return nil },
	}, r.mux)
	return r
}

func (r *rig) try(_ context.Context, _ scout.Server, c scout.Check) (scout.Result, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.probed = append(r.probed, c)
	return r.result, r.err
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// An answer is a page, parsed.
type answer struct {
	status   int
	location string
	text     string // as it was sent
	root     *html.Node
}

func (r *rig) send(in *http.Request) answer {
	r.Helper()
	w := httptest.NewRecorder()
	r.mux.ServeHTTP(w, in)
	root, err := html.Parse(strings.NewReader(w.Body.String()))
	r.must(err)
	return answer{w.Code, w.Header().Get("Location"), w.Body.String(), root}
}

func (r *rig) get(path string) answer {
	r.Helper()
	return r.send(httptest.NewRequestWithContext(r.Context(), http.MethodGet, "/"+path, nil))
}

// form is a request with a form, as a browser sends it without JavaScript.
func (r *rig) form(path string, pairs ...string) *http.Request {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	in := httptest.NewRequestWithContext(r.Context(), http.MethodPost, "/"+path, strings.NewReader(form.Encode()))
	in.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return in
}

func (r *rig) post(path string, pairs ...string) answer {
	r.Helper()
	return r.send(r.form(path, pairs...))
}

// part posts a form as the browser code does.
func (r *rig) part(path string, pairs ...string) answer {
	r.Helper()
	in := r.form(path, pairs...)
	in.Header.Set("X-Part", "1")
	return r.send(in)
}

// want is the answer, failing unless it has a status and, in its text, each of
// some words.
func (a answer) want(t *testing.T, status int, words ...string) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status = %d, want %d: %s", a.status, status, a.words())
	}
	text := a.words()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q:\n%s", w, text)
		}
	}
	return a
}

func (a answer) lacks(t *testing.T, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(a.text, w) {
			t.Errorf("the page holds %q", w)
		}
	}
}

// goesTo checks that the answer is a redirect.
func (a answer) goesTo(t *testing.T, path string) {
	t.Helper()
	if a.status != http.StatusSeeOther || a.location != "/scout/"+path {
		t.Fatalf("answer = %d to %q, want a redirect to %q: %s", a.status, a.location, path, a.words())
	}
}

// words is the visible text of the page, in one line.
func (a answer) words() string {
	var parts []string
	for n := range a.root.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" {
			parts = append(parts, n.Data)
		}
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// inputs are the values of the fields of the page, by name; checkboxes only
// where they are ticked.
func (a answer) inputs() url.Values {
	values := url.Values{}
	for n := range a.root.Descendants() {
		name := attr(n, "name")
		switch {
		case n.Type != html.ElementNode || name == "":
		case n.Data == "textarea" && n.FirstChild != nil:
			values.Add(name, n.FirstChild.Data)
		case n.Data == "input" && attr(n, "type") == "checkbox" && !has(n, "checked"):
		case n.Data == "input":
			values.Add(name, attr(n, "value"))
		}
	}
	return values
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func flat(form url.Values) []string {
	var list []string
	for name, values := range form {
		for _, v := range values {
			list = append(list, name, v)
		}
	}
	return list
}

// seeded has a server with a check of most kinds and a past.
func seeded(t *testing.T) (*rig, scout.Server, []scout.Check) {
	t.Helper()
	r := setup(t)
	ctx := t.Context()
	server, err := r.manager.CreateServer(ctx, object{"name": "web-server-01", "ip": "192.0.2.1", "tags": []any{"prod", "web"}})
	r.must(err)
	for _, keys := range []object{
		{
			"kind": "http", "name": "HTTP", "target": "https://probe:hush-password@example.com/health", "interval": "30s",
			"headers": object{"X-Key": "hush-header", "Accept": "hush-accept"}, "expect": object{"status": []any{"200", "204"}},
			"bearer_token": nil,
		},
		{"kind": "tcp", "name": "SSH", "target": "22"},
		{"kind": "heartbeat", "name": "Backup", "period": "1d", "token": "hush-token-hush-token"},
	} {
		_, err := r.manager.CreateCheck(ctx, server.ID, keys)
		r.must(err)
	}
	checks, err := r.store.ListChecks(ctx, scout.CheckFilter{}, 10)
	r.must(err)
	return r, server, checks
}

// enter has a check reach a level, with an incident where it is not up.
func (r *rig) enter(c scout.Check, level scout.Level, at time.Time) scout.Incident {
	r.Helper()
	in := scout.Incident{}
	err := r.store.Update(r.Context(), func(tx *store.Tx) error {
		if level != scout.Up {
			in = scout.Incident{
				ID: scout.NewIncidentID(at), CheckID: c.ID, Server: "web-server-01", Service: c.Name, Level: level, Worst: level,
				Began: at, Opened: at, Message: "It is not as it should be", Events: 1, Latest: at,
			}
			if err := tx.SaveIncident(in); err != nil {
				return err
			}
		}
		return tx.SaveState(scout.CheckState{CheckID: c.ID, Level: level, Since: at, IncidentID: in.ID}, at)
	})
	r.must(err)
	return in
}

func named(t *testing.T, checks []scout.Check, name string) scout.Check {
	t.Helper()
	for _, c := range checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatal(errors.New("there is no check " + name))
	return scout.Check{}
}
