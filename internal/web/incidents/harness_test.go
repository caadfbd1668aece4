package incidents

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/store"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

var _ Store = (*store.Store)(nil)

// noon is when the pages of the tests are drawn.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// ledger gives manage the real store.
type ledger struct{ *store.Store }

func (l ledger) Update(ctx context.Context, fn func(manage.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// emptyStore is a folder of a store without content. A copy of it opens faster
// than a new one, which has all migrations before it.
var emptyStore = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return "", err
	}
	s, err := store.Open(store.Options{Dir: dir, Key: make([]byte, 32)})
	if err != nil {
		return dir, err
	}
	return dir, s.Close()
})

// rig is the area on a real store.
type rig struct {
	*testing.T
	store  *store.Store
	mux    *http.ServeMux
	now    time.Time
	person string // who is signed in
	zone   string // of the reader; empty: not known

	mu    sync.Mutex
	flash []ui.Notice // what the next page says
}

func setup(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, mux: http.NewServeMux(), now: noon, person: "Ann"}
	empty, err := emptyStore()
	noErr(t, err)
	dir := t.TempDir()
	noErr(t, os.CopyFS(dir, os.DirFS(empty)))
	r.store, err = store.Open(store.Options{Dir: dir, Key: make([]byte, 32), Now: func() time.Time { return r.now }})
	noErr(t, err)
	t.Cleanup(func() { noErr(t, r.store.Close()) })
	New(r.store, manage.New(ledger{r.store}, egress.CheckURL)).Route(r.site(), r.mux)
	return r
}

// site has the rig's person signed in.
func (r *rig) site() *page.Site {
	return &page.Site{
		Assets: ui.NewAssets(), Now: func() time.Time { return r.now }, Log: slog.New(slog.DiscardHandler),
		Person: func(*http.Request) (page.Person, bool) {
			return page.Person{ID: 1, Name: r.person, Role: "admin"}, r.person != ""
		},
		Tally:   func(context.Context) (ui.Tally, []ui.Notice, error) { return ui.Tally{}, nil, nil },
		Flash:   func(_ context.Context, n ui.Notice) { r.mu.Lock(); defer r.mu.Unlock(); r.flash = append(r.flash, n) },
		Flashes: func(context.Context) []ui.Notice { return nil },
	}
}

// answer is what a request was answered with.
type answer struct {
	*testing.T
	status int
	to     string // of a redirect
	body   string
	doc    *html.Node
}

// get asks for a page that must be shown.
func (r *rig) get(path string) answer {
	r.Helper()
	a := r.do(http.MethodGet, path, nil)
	if a.status != http.StatusOK {
		r.Fatalf("GET %s = %d: %s", path, a.status, a.text())
	}
	return a
}

func (r *rig) do(method, path string, form url.Values) answer {
	r.Helper()
	in := httptest.NewRequestWithContext(r.Context(), method, "/"+path, strings.NewReader(form.Encode()))
	if form != nil {
		in.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if r.zone != "" {
		in.AddCookie(&http.Cookie{Name: "zone", Value: url.QueryEscape(r.zone)})
	}
	out := httptest.NewRecorder()
	r.mux.ServeHTTP(out, in)
	doc, err := html.Parse(strings.NewReader(out.Body.String()))
	noErr(r.T, err)
	a := answer{r.T, out.Code, out.Header().Get("Location"), out.Body.String(), doc}
	a.wellBehaved()
	return a
}

// wellBehaved fails the test where a page holds what the policy of the site
// forbids, or an address that leaves the dashboard's folder.
func (a answer) wellBehaved() {
	a.Helper()
	for n := range a.doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "style" || n.Data == "script" && attr(n, "src") == "" {
			a.Errorf("the page has an inline %s", n.Data)
		}
		for _, at := range n.Attr {
			if at.Key == "style" || strings.HasPrefix(at.Key, "on") {
				a.Errorf("<%s> has the attribute %s", n.Data, at.Key)
			}
			address := at.Key == "href" || at.Key == "src" || at.Key == "action" || at.Key == "formaction"
			if address && n.Data != "base" && (at.Val == "" || strings.ContainsAny(at.Val[:1], "/?#") || strings.Contains(at.Val, ":")) {
				a.Errorf("<%s> leads to %q, which is not relative to the base", n.Data, at.Val)
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

// find returns the elements with a tag, or with an id written as #id.
func find(within *html.Node, what string) []*html.Node {
	var found []*html.Node
	for n := range within.Descendants() {
		if n.Type == html.ElementNode && (n.Data == what || strings.HasPrefix(what, "#") && attr(n, "id") == what[1:]) {
			found = append(found, n)
		}
	}
	return found
}

// textOf is what a reader sees of a node, in one line.
func textOf(n *html.Node) string {
	var parts []string
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			parts = append(parts, d.Data)
		}
	}
	return strings.Join(strings.Fields(strings.Join(parts, "")), " ")
}

// text is what a reader sees of the content.
func (a answer) text() string { return a.at("main") }

// at is the text of the first element with a tag or an #id.
func (a answer) at(what string) string {
	a.Helper()
	found := find(a.doc, what)
	if len(found) == 0 {
		a.Fatalf("the page has no %s: %s", what, a.body)
	}
	return textOf(found[0])
}

// has fails the test unless a text holds all of some others.
func (a answer) has(what string, want ...string) {
	a.Helper()
	text := a.at(what)
	for _, w := range want {
		if !strings.Contains(text, w) {
			a.Errorf("%s does not say %q: %s", what, w, text)
		}
	}
}

// lacks fails the test if a text holds one of some others.
func (a answer) lacks(what string, unwanted ...string) {
	a.Helper()
	text := a.at(what)
	for _, w := range unwanted {
		if strings.Contains(text, w) {
			a.Errorf("%s says %q: %s", what, w, text)
		}
	}
}

func noErr(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMain(m *testing.M) {
	dir, err := emptyStore()
	if err != nil {
		panic(err)
	}
	code := m.Run()
	if err := errors.Join(os.RemoveAll(dir), leaks()); err != nil {
		slog.Error("after the tests", "error", err)
		code = 1
	}
	os.Exit(code)
}
