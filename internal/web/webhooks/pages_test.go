package webhooks_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>`

// everyPage are pages of the area in many states, with hostile names in them.
func (r *rig) everyPage() map[string]answer {
	r.Helper()
	long := strings.Repeat("w", 500)
	w := r.webhook(map[string]any{
		"name": hostile, "url": "https://hooks.example.com/" + url.PathEscape(hostile), "headers": map[string]any{"X-Key": "1"},
		"match": map[string]any{"servers": []any{hostile}, "tags": []any{"prod"}}, "secret": "whsec_aHVudGVyMi1jb3JyZWN0LWhvcnNlLWJhdHRlcnktc3RhcGxl",
	})
	r.webhook(map[string]any{"name": long, "url": "https://hooks.example.com/" + long})
	file := r.declared("file "+hostile, "http://192.168.1.9/")
	r.ok(r.store.Update(r.Context(), func(tx *store.Tx) error {
		return tx.SaveServer(&scout.Server{Name: hostile, Tags: []string{hostile}, Source: scout.FromDatabase})
	}))
	r.receives("hooks.example.com", answering(500, hostile+strings.Repeat("<", 64<<10)))
	path := fmt.Sprintf("%s/%d", settings, w.ID)
	form := r.filled("url", hostile, "name", hostile)
	form["header-name"], form["header-value"] = []string{hostile}, []string{hostile}
	form["match.tags"] = []string{hostile}
	return map[string]answer{
		"test":     r.post(settings+"/test", url.Values{"form-id": {fmt.Sprint(w.ID)}}).is(200),
		"list":     r.get(settings).is(200),
		"new":      r.get(settings + "/new?preview=warning").is(200),
		"webhook":  r.get(path + "?json=yes").is(200),
		"declared": r.get(fmt.Sprintf("%s/%d", settings, file.ID)).is(200),
		"delete":   r.get(path + "/delete").is(200),
		"unsign":   r.get(path + "/unsign").is(200),
		"rotated":  r.post(path+"/rotate", url.Values{"form-revision": {"1"}}).is(200),
		"refused":  r.post(settings+"/new", form).is(422),
		"unknown":  r.get(settings + "/99").is(404),
	}
}

// TestPagesAreStrict holds every page against the content policy and against
// what makes it work for everybody.
func TestPagesAreStrict(t *testing.T) {
	t.Parallel()
	for name, page := range setup(t).everyPage() {
		ids := map[string]bool{}
		for n := range page.root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			for _, at := range n.Attr {
				if at.Key == "style" || strings.HasPrefix(at.Key, "on") {
					t.Errorf("%s: <%s %s=%q>", name, n.Data, at.Key, at.Val)
				}
			}
			if id, ok := lookup(n, "id"); ok {
				if ids[id] {
					t.Errorf("%s: the id %q is there twice", name, id)
				}
				ids[id] = true
			}
			inspect(t, name, n)
		}
		if n := len(page.all("*", "role=alert")); n > 0 != (name == "unknown") {
			t.Errorf("%s: %d alerts", name, n)
		}
		if n := len(page.all("h1")); n != 1 {
			t.Errorf("%s: %d headings of the first order", name, n)
		}
		for _, n := range page.all("label") {
			if id, ok := lookup(n, "for"); ok && !ids[id] {
				t.Errorf("%s: a label is for %q, which is not there", name, id)
			}
		}
	}
}

func inspect(t *testing.T, page string, n *html.Node) {
	t.Helper()
	switch n.Data {
	case "script":
		if attr(n, "src") == "" || n.FirstChild != nil {
			t.Errorf("%s: a script in the page: %s", page, textOf(n))
		}
	case "img", "style", "iframe":
		t.Errorf("%s: <%s>", page, n.Data)
	case "th":
		if attr(n, "scope") == "" {
			t.Errorf("%s: a head of a table has no scope", page)
		}
	case "input", "select", "textarea":
		if !named(n) {
			t.Errorf("%s: the input %q has no name for those who do not see it", page, attr(n, "name"))
		}
	}
	for _, key := range []string{"href", "action", "formaction", "data-address"} {
		if to, ok := lookup(n, key); ok && n.Data != "base" && (to == "" || strings.ContainsAny(to[:1], "/?#") || strings.Contains(to, ":")) {
			if to != "https://scout.example.com/incidents/12345" { // the link in a preview
				t.Errorf("%s: %s=%q is not relative to the base", page, key, to)
			}
		}
	}
}

func named(n *html.Node) bool {
	return attr(n, "type") == "hidden" || attr(n, "aria-label") != "" || strings.HasPrefix(attr(n, "id"), "field-") || attr(n, "id") == "search" || within(n, "label")
}

// TestPagesAreSmall keeps what others write from swelling a page.
func TestPagesAreSmall(t *testing.T) {
	t.Parallel()
	for name, page := range setup(t).everyPage() {
		if len(page.raw) > 60<<10 {
			t.Errorf("%s has %d bytes", name, len(page.raw))
		}
	}
}

// TestStyleSheet finds the previews' style sheet where the page says.
func TestStyleSheet(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, link := range r.get(settings+"/new").all("link", "rel=stylesheet") {
		r.get(attr(link, "href")).is(http.StatusOK)
	}
	if n := len(r.get(settings+"/new").all("link", "rel=stylesheet")); n != 2 {
		t.Errorf("%d style sheets", n)
	}
}
