package status_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
	"serverscout/internal/web/page"
	"serverscout/internal/web/status"
	"serverscout/internal/web/ui"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// began is when a rig's clock begins.
var began = time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)

// A rig is the pages on a real store and a real manager, with somebody signed
// in, and a clock that moves only when it is moved.
type rig struct {
	testing.TB
	store   *countingStore
	manager *manage.Manager
	person  page.Person
	told    []ui.Notice
	mux     *http.ServeMux
	now     atomic.Int64 // nanoseconds since 1970
}

// countingStore counts how often a page is composed.
type countingStore struct {
	*store.Store
	composed atomic.Int64
}

func (s *countingStore) Outlines(ctx context.Context) ([]scout.Target, error) {
	s.composed.Add(1)
	return s.Store.Outlines(ctx)
}

type ledger struct{ *store.Store }

func (l ledger) Update(ctx context.Context, fn func(manage.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// emptyStore is the files of a store without content, which open faster than
// new ones.
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

func setup(t testing.TB) *rig {
	t.Helper()
	r := &rig{TB: t, person: page.Person{ID: 1, Name: "ada-lovelace", Role: scout.Editor}, mux: http.NewServeMux()}
	r.now.Store(began.UnixNano())
	dir := t.TempDir()
	r.ok(os.CopyFS(dir, emptyStore()))
	s, err := store.Open(store.Options{Dir: dir, Key: make([]byte, 32), Now: r.clock})
	r.ok(err)
	t.Cleanup(func() { r.ok(s.Close()) })
	r.store, r.manager = &countingStore{Store: s}, manage.New(ledger{s}, egress.CheckURL)
	site := &page.Site{
		Assets: ui.NewAssets(), Now: r.clock, Log: slog.New(slog.DiscardHandler),
		Person:  func(*http.Request) (page.Person, bool) { return r.person, r.person.Name != "" },
		Tally:   func(context.Context) (ui.Tally, []ui.Notice, error) { return ui.Tally{}, nil, nil },
		Flash:   func(_ context.Context, n ui.Notice) { r.told = append(r.told, n) },
		Flashes: func(context.Context) []ui.Notice { return nil },
	}
	status.New(status.Options{
		Store: r.store, Manager: r.manager, Outside: func(*http.Request) string { return "https://status.example.com/scout" },
	}).Route(site, r.mux)
	return r
}

func (r *rig) clock() time.Time { return time.Unix(0, r.now.Load()).UTC() }

func (r *rig) move(d time.Duration) { r.now.Add(int64(d)) }

func (r *rig) ok(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// An answer is a response with its body read.
type answer struct {
	status int
	header http.Header
	body   string
}

func (r *rig) do(req *http.Request) answer {
	r.Helper()
	w := httptest.NewRecorder()
	r.mux.ServeHTTP(w, req)
	return answer{w.Code, w.Header(), w.Body.String()}
}

func (r *rig) get(path string) answer {
	r.Helper()
	return r.do(httptest.NewRequestWithContext(r.Context(), http.MethodGet, "/"+path, nil))
}

// want is get, failing unless the status is the wanted one.
func (r *rig) want(status int, path string) answer {
	r.Helper()
	a := r.get(path)
	if a.status != status {
		r.Fatalf("GET %s = %d, want %d: %.500s", path, a.status, status, a.body)
	}
	return a
}

func (r *rig) post(path string, form url.Values) answer {
	r.Helper()
	req := httptest.NewRequestWithContext(r.Context(), http.MethodPost, "/"+path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.do(req)
}

// has fails the test unless the body holds every text.
func (r *rig) has(a answer, texts ...string) {
	r.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			r.Errorf("the page does not say %q", text)
		}
	}
}

// hasNot fails the test if the body holds any of the texts.
func (r *rig) hasNot(a answer, texts ...string) {
	r.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			r.Errorf("the page says %q", text)
		}
	}
}

// server makes a server with a check of each name, and returns their ids.
func (r *rig) server(name, tag string, checks ...string) []int64 {
	r.Helper()
	s, err := r.manager.CreateServer(r.Context(), map[string]any{"name": name, "ip": "192.0.2.77", "tags": []any{tag}})
	r.ok(err)
	var ids []int64
	for _, check := range checks {
		c, err := r.manager.CreateCheck(r.Context(), s.ID, map[string]any{"name": check, "kind": "tcp", "target": "10.1.2.3:22"})
		r.ok(err)
		ids = append(ids, c.ID)
	}
	return ids
}

// level has a check enter a level now; a bad one opens an incident, whose id is
// returned.
func (r *rig) level(id int64, level scout.Level, message string) (incident string) {
	r.Helper()
	now := r.clock()
	if level != scout.Up {
		incident = scout.NewIncidentID(now)
	}
	r.ok(r.store.Update(r.Context(), func(tx *store.Tx) error {
		if incident != "" {
			in := scout.Incident{
				ID: incident, CheckID: id, Server: "old-name", Service: "old-service", ServerIP: "192.0.2.77", Level: level, Worst: level,
				Began: now, Opened: now, Message: message, Events: 1,
			}
			if err := tx.SaveIncident(in); err != nil {
				return err
			}
		}
		return tx.SaveState(scout.CheckState{CheckID: id, Level: level, Since: now, IncidentID: incident}, now)
	}))
	return incident
}

// recover ends an incident of a check now.
func (r *rig) recover(id int64, incident string) {
	r.Helper()
	in, err := r.store.Incident(r.Context(), incident)
	r.ok(err)
	in.Ended, in.Closed = r.clock(), r.clock()
	r.ok(r.store.Update(r.Context(), func(tx *store.Tx) error { return tx.SaveIncident(in) }))
	r.level(id, scout.Up, "")
}

// page makes a status page: everything in one group, but for what keys say.
func (r *rig) page(keys map[string]any) scout.StatusPage {
	r.Helper()
	in := map[string]any{"title": "Our services", "groups": []any{map[string]any{"name": "All of it", "everything": true}}}
	for k, v := range keys {
		in[k] = v
	}
	p, err := r.manager.CreateStatusPage(r.Context(), in)
	r.ok(err)
	return p
}

func (r *rig) note(p scout.StatusPage, incident, text string) scout.StatusNote {
	r.Helper()
	keys := map[string]any{"text": text}
	if incident != "" {
		keys["incident_id"] = incident
	}
	n, err := r.manager.AddStatusNote(r.Context(), p.ID, r.person.Name, keys)
	r.ok(err)
	return n
}

func screenOf(p scout.StatusPage, more string) string {
	return fmt.Sprintf("status-pages/%d%s", p.ID, more)
}
