package holds

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
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

var _ Store = (*store.Store)(nil)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if dir, err := emptyStore(); err == nil {
			os.RemoveAll(dir)
		}
		os.Exit(code)
	}))
}

// emptyStore is the folder of a store without content. A copy of it opens
// faster than a new one, which has all migrations before it.
var emptyStore = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "holds")
	if err != nil {
		return "", err
	}
	s, err := store.Open(store.Options{Dir: dir, Key: make([]byte, 32)})
	if err != nil {
		return dir, err
	}
	return dir, s.Close()
})

type object = map[string]any

// ledger gives manage the real store.
type ledger struct{ *store.Store }

func (l ledger) Update(ctx context.Context, fn func(manage.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// noon is when the pages of the tests are drawn, unless the clock moves.
var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// A rig is the area on a real store and a real manager, for an editor named
// ada.
type rig struct {
	*testing.T
	store   *store.Store
	manager *manage.Manager
	mux     *http.ServeMux
	now     time.Time
	zone    string // of the reader; "" for not known
	role    scout.Role
	told    []string // what the next page says
}

func setup(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, mux: http.NewServeMux(), now: noon, role: scout.Editor}
	empty, err := emptyStore()
	r.must(err)
	dir := t.TempDir()
	r.must(os.CopyFS(dir, os.DirFS(empty)))
	r.store, err = store.Open(store.Options{Dir: dir, Key: make([]byte, 32), Now: func() time.Time { return r.now }})
	r.must(err)
	t.Cleanup(func() { r.must(r.store.Close()) })
	r.manager = manage.New(ledger{r.store}, egress.CheckURL)
	New(r.store, r.manager).Route(&page.Site{
		Root: "/scout", Assets: ui.NewAssets(), Now: func() time.Time { return r.now }, Log: slog.New(slog.DiscardHandler),
		Person:  func(*http.Request) (page.Person, bool) { return page.Person{ID: 1, Name: "ada", Role: r.role}, true },
		Tally:   func(context.Context) (ui.Tally, []ui.Notice, error) { return ui.Tally{}, nil, nil },
		Flash:   func(_ context.Context, n ui.Notice) { r.told = append(r.told, n.Title) },
		Flashes: func(context.Context) []ui.Notice { return nil },
	}, r.mux)
	return r
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// hold sets a hold by bob.
func (r *rig) hold(keys object) scout.Hold {
	r.Helper()
	h, err := r.manager.CreateHold(r.Context(), "bob", keys)
	r.must(err)
	return h
}

// An answer is a page, parsed.
type answer struct {
	*testing.T
	status   int
	location string
	root     *html.Node
}

func (r *rig) get(path string) answer {
	r.Helper()
	return r.send(httptest.NewRequestWithContext(r.Context(), http.MethodGet, "/"+path, nil))
}

func (r *rig) post(path string, form url.Values) answer {
	r.Helper()
	in := httptest.NewRequestWithContext(r.Context(), http.MethodPost, "/"+path, strings.NewReader(form.Encode()))
	in.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.send(in)
}

// send sends a request, and judges what every page must keep to.
func (r *rig) send(in *http.Request) answer {
	r.Helper()
	if r.zone != "" {
		in.AddCookie(&http.Cookie{Name: "zone", Value: url.QueryEscape(r.zone)})
	}
	w := httptest.NewRecorder()
	r.mux.ServeHTTP(w, in)
	root, err := html.Parse(w.Body)
	r.must(err)
	a := answer{r.T, w.Code, w.Header().Get("Location"), root}
	for n := range root.Descendants() {
		a.keepsToPolicy(n)
	}
	return a
}

// keepsToPolicy fails the test where an element holds what the site's policy
// forbids, or an address that leaves the dashboard.
func (a answer) keepsToPolicy(n *html.Node) {
	a.Helper()
	if n.Data == "style" || n.Data == "script" && attr(n, "src") == "" {
		a.Errorf("the page has an inline %s", n.Data)
	}
	for _, at := range n.Attr {
		switch at.Key {
		case "style", "onclick", "onload":
			a.Errorf("<%s> has the attribute %s", n.Data, at.Key)
		case "href", "src", "action", "formaction":
			if n.Data != "base" && (at.Val == "" || strings.ContainsAny(at.Val[:1], "/?#") || strings.Contains(at.Val, ":")) {
				a.Errorf("<%s> leads to %q, which is not relative", n.Data, at.Val)
			}
		}
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// words is what a reader sees of a node, in one line.
func words(n *html.Node) string {
	var parts []string
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			parts = append(parts, d.Data)
		}
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// find is the first element with an id; nil for none.
func (a answer) find(id string) *html.Node {
	for n := range a.root.Descendants() {
		if attr(n, "id") == id {
			return n
		}
	}
	return nil
}

// at is the text of the element with an id; "" for none.
func (a answer) at(id string) string {
	if n := a.find(id); n != nil {
		return words(n)
	}
	return ""
}

// want fails the test unless the answer has a status and says some words.
func (a answer) want(status int, says ...string) answer {
	a.Helper()
	text := words(a.root)
	if a.status != status {
		a.Fatalf("status = %d, want %d: %s", a.status, status, text)
	}
	for _, s := range says {
		if !strings.Contains(text, s) {
			a.Errorf("the page does not say %q: %s", s, text)
		}
	}
	return a
}

// goesTo fails the test unless the answer leads to the list.
func (a answer) goesToList() {
	a.Helper()
	if a.status != http.StatusSeeOther || a.location != "/scout/holds" {
		a.Fatalf("answer = %d to %q: %s", a.status, a.location, words(a.root))
	}
}

// form is what a browser sends of the form of the page.
func (a answer) form() url.Values {
	values := url.Values{}
	for n := range a.root.Descendants() {
		name := attr(n, "name")
		kind := attr(n, "type")
		_, ticked := attrOf(n, "checked")
		switch {
		case name == "" || name == "q" || inTemplate(n):
		case n.Data == "input" && (kind == "checkbox" || kind == "radio") && !ticked:
		case n.Data == "input":
			values.Add(name, attr(n, "value"))
		case n.Data == "select":
			for o := range n.ChildNodes() {
				if _, chosen := attrOf(o, "selected"); chosen {
					values.Set(name, attr(o, "value"))
				}
			}
		}
	}
	return values
}

func inTemplate(n *html.Node) bool {
	for above := range n.Ancestors() {
		if above.Data == "template" {
			return true
		}
	}
	return false
}

func attrOf(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}
