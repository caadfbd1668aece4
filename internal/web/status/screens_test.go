package status_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// form makes a form of names and values.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func TestMakingAPage(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.has(r.want(http.StatusOK, "status-pages"), "No status page yet", `href="status-pages/new"`)
	r.server("web-01", "web", "HTTP")
	r.has(r.want(http.StatusOK, "status-pages/new"), `<option value="web-01">`, `<option value="web">`, `<option value="HTTP">`)
	a := r.post("status-pages/new", form("title", "Our Services", "access", "link", "form-groups", "3", "show_messages", "yes",
		"groups[0].name", "", // nothing in it
		"groups[1].name", "Sites", "groups[1].match.tags", "web", "groups[1].match.tags", " ", "groups[1].match.checks", " HTTP ",
		"groups[2].name", "All", "groups[2].everything", "yes"))
	if a.status != http.StatusSeeOther {
		t.Fatalf("status = %d: %.2000s", a.status, a.body)
	}
	pages, err := r.store.ListStatusPages(t.Context(), scout.StatusPageFilter{Slug: "our-services"}, 9)
	r.ok(err)
	if len(pages) != 1 || a.header.Get("Location") != "/"+screenOf(pages[0], "") {
		t.Fatalf("pages = %+v, sent to %s", pages, a.header.Get("Location"))
	}
	p := pages[0]
	groups := p.Groups
	if p.Access != scout.LinkAccess || p.Key == "" || !p.ShowMessages || p.ShowAddresses || len(groups) != 2 ||
		groups[0].Match.Tags[0] != "web" || groups[0].Match.Checks[0] != "HTTP" || !groups[1].Everything {
		t.Errorf("page = %+v", p)
	}
	r.has(r.want(http.StatusOK, "status-pages"), "Our Services", "Who has the link", "Sites, All")
	r.has(r.want(http.StatusOK, screenOf(p, "")), "https://status.example.com/scout/status/our-services/"+p.Key, "1 service, uptime no data")
}

func TestFaultyPage(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.page(nil)
	tests := []struct {
		name  string
		form  url.Values
		wants []string
	}{
		{"nothing at all", form(), []string{"title", "is missing"}},
		{
			"what was typed stays",
			form("title", "A <b>", "slug", "Not so", "intro", "Hello & goodbye", "form-groups", "1", "groups[0].name", "Sites", "groups[0].match.tags", "x<y"),
			[]string{`value="A &lt;b&gt;"`, `value="Not so"`, "Hello &amp; goodbye", `value="Sites"`, `value="x&lt;y"`, `id="slug-error"`, "must be of a-z"},
		},
		{"a group without a match", form("title", "A", "form-groups", "1", "groups[0].name", "Sites"), []string{"Names nothing: name servers"}},
		{"a group without a name", form("title", "A", "form-groups", "1", "groups[0].everything", "yes"), []string{`id="groups[0].name-error"`, "checked"}},
		{"both", form("title", "A", "form-groups", "1", "groups[0].name", "B", "groups[0].everything", "yes", "groups[0].match.tags", "x"), []string{"Cannot go with a match"}},
		{"a slug that is taken", form("title", "Our services", "form-groups", "1", "groups[0].name", "B", "groups[0].everything", "yes"), []string{`There is a status page at &#34;our-services&#34; already`}},
		{"no groups", form("title", "A", "form-groups", "-5"), []string{`id="groups-error"`}},
		{"more groups than there can be", form("title", "A", "form-groups", "999999999999999999999"), []string{`id="groups-error"`}},
		{"an access of its own", form("title", "A", "access", "everybody", "form-groups", "1", "groups[0].name", "B", "groups[0].everything", "yes"), []string{`id="access-error"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := r.post("status-pages/new", tt.form)
			if a.status != http.StatusUnprocessableEntity {
				t.Fatalf("status = %d", a.status)
			}
			r.has(a, tt.wants...)
		})
	}
}

func TestChangingAPage(t *testing.T) {
	t.Parallel()
	r := setup(t)
	p := r.page(map[string]any{"intro": "Before."})
	r.has(r.want(http.StatusOK, screenOf(p, "/edit")), "Before.", `name="form-revision" value="1"`, `name="groups[0].everything" value="yes" checked`)
	change := form("title", "After", "slug", p.Slug, "access", "public", "form-revision", "1", "form-groups", "1", "groups[0].name", "All", "groups[0].everything", "yes")
	if a := r.post(screenOf(p, "/edit"), change); a.status != http.StatusSeeOther {
		t.Fatalf("status = %d: %.2000s", a.status, a.body)
	}
	a := r.post(screenOf(p, "/edit"), change) // of a revision that is no more
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("an old form = %d", a.status)
	}
	r.has(a, "was changed meanwhile")
	change.Del("form-revision")
	if a := r.post(screenOf(p, "/edit"), change); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a form without a revision = %d", a.status)
	}
	if a := r.post("status-pages/99/edit", change); a.status != http.StatusNotFound {
		t.Errorf("a page that is not there = %d", a.status)
	}
	got, err := r.store.StatusPage(t.Context(), p.ID)
	r.ok(err)
	if got.Title != "After" || got.Intro != "" || got.Revision != 2 {
		t.Errorf("page = %+v", got)
	}
}

// One more group is drawn by the server, with what was typed so far.
func TestMoreGroups(t *testing.T) {
	t.Parallel()
	r := setup(t)
	p := r.page(nil)
	a := r.post("status-pages/form", form("title", "Typed", "form-groups", "1", "groups[0].name", "Sites"))
	r.has(a, `value="Typed"`, `value="Sites"`, `name="form-groups" value="2"`, `name="groups[1].name"`, `action="status-pages/new"`)
	a = r.post("status-pages/form", form("form-id", idText(p.ID), "form-revision", "1", "title", "Typed", "form-groups", "0"))
	r.has(a, `action="`+screenOf(p, "/edit")+`"`, `name="form-revision" value="1"`, `name="form-groups" value="1"`)
	if a.status != http.StatusOK {
		t.Errorf("status = %d", a.status)
	}
	if a := r.post("status-pages/form", form("form-id", "99")); a.status != http.StatusNotFound {
		t.Errorf("a page that is not there = %d", a.status)
	}
}

func TestDeletingAPage(t *testing.T) {
	t.Parallel()
	r := setup(t)
	p := r.page(map[string]any{"title": "Gone soon"})
	r.has(r.want(http.StatusOK, screenOf(p, "/delete")), "Delete status page “Gone soon”?", `action="`+screenOf(p, "/delete")+`"`)
	if a := r.post(screenOf(p, "/delete"), nil); a.status != http.StatusSeeOther || a.header.Get("Location") != "/status-pages" {
		t.Errorf("status = %d", a.status)
	}
	if len(r.told) != 1 || !strings.Contains(r.told[0].Title, "Gone soon") {
		t.Errorf("told = %+v", r.told)
	}
	r.want(http.StatusNotFound, screenOf(p, ""))
	r.want(http.StatusNotFound, "status/gone-soon")
}

func TestNotes(t *testing.T) {
	t.Parallel()
	r := setup(t)
	id := r.server("web-01", "web", "HTTP")[0]
	incident := r.level(id, scout.Down, message)
	p, other := r.page(nil), r.page(map[string]any{"slug": "other"})
	r.has(r.want(http.StatusOK, screenOf(p, "?about="+incident)), `<option value="`+incident+`" selected>HTTP on web-01 is down`)
	if a := r.post(screenOf(p, "/notes"), form("text", "We are on it.", "incident_id", incident)); a.status != http.StatusSeeOther {
		t.Fatalf("status = %d: %s", a.status, a.body)
	}
	a := r.want(http.StatusOK, screenOf(p, ""))
	r.has(a, "We are on it.", "By ada-lovelace, about HTTP on web-01")
	for _, tt := range []struct {
		form url.Values
		want string
	}{
		{form("text", " \n "), `id="text-error"`},
		{form("text", strings.Repeat("x", 4001)), `id="text-error"`},
		{form("text", "Of nothing.", "incident_id", "12"), `id="incident_id-error"`},
	} {
		a := r.post(screenOf(p, "/notes"), tt.form)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("status = %d", a.status)
		}
		r.has(a, tt.want, tt.form.Get("text"))
	}
	r.has(r.want(http.StatusOK, screenOf(p, "/notes/1/delete")), "Delete this note?", "We are on it.")
	r.want(http.StatusNotFound, screenOf(other, "/notes/1/delete"))
	r.want(http.StatusNotFound, screenOf(p, "/notes/7/delete"))
	if a := r.post(screenOf(other, "/notes/1/delete"), nil); a.status != http.StatusNotFound {
		t.Errorf("a note of another page = %d", a.status)
	}
	if a := r.post(screenOf(p, "/notes/1/delete"), nil); a.status != http.StatusSeeOther {
		t.Errorf("status = %d", a.status)
	}
	r.hasNot(r.want(http.StatusOK, "status/our-services"), "We are on it.")
}

func TestSnippets(t *testing.T) {
	t.Parallel()
	r := setup(t)
	ids := r.server("web-01", "web", "HTTP", `a"]<b`)
	p := r.page(map[string]any{"access": "link"})
	a := r.want(http.StatusOK, screenOf(p, "?check="+idText(ids[1])+"&days=7"))
	text := html.UnescapeString(a.body)
	address := "https://status.example.com/scout/" + p.Path()
	for _, want := range []string{
		`<a href="` + address + `"><img src="` + address + "/badge/" + idText(ids[1]) + `/status.svg" alt="a&#34;]&lt;b on web-01: status"></a>`,
		`[![a"\]<b on web-01: uptime](` + address + "/badge/" + idText(ids[1]) + `/uptime.svg?days=7)](` + address + ")",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s", want)
		}
	}
	r.has(a, `<img src="`+p.Path()+"/badge/"+idText(ids[1])+`/uptime.svg?days=7"`)
}

func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	r := setup(t)
	p := r.page(nil)
	r.person.Role = scout.Viewer
	r.want(http.StatusOK, screenOf(p, ""))
	for _, path := range []string{"status-pages/new", "status-pages/form", screenOf(p, "/edit"), screenOf(p, "/delete"), screenOf(p, "/notes"), screenOf(p, "/notes/1/delete")} {
		if a := r.post(path, form("title", "x", "text", "x")); a.status != http.StatusForbidden {
			t.Errorf("a viewer's POST %s = %d", path, a.status)
		}
	}
	r.person.Name = ""
	for _, path := range []string{"status-pages", "status-pages/new", screenOf(p, ""), screenOf(p, "/edit"), screenOf(p, "/delete")} {
		if a := r.want(http.StatusSeeOther, path); !strings.HasPrefix(a.header.Get("Location"), "/sign-in") {
			t.Errorf("%s sends to %s", path, a.header.Get("Location"))
		}
	}
}

func TestLongListOfPages(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for i := range 51 {
		r.page(map[string]any{"slug": "p" + idText(int64(i))})
	}
	a := r.want(http.StatusOK, "status-pages")
	r.has(a, `href="status-pages?after=50"`)
	a = r.want(http.StatusOK, "status-pages?after=50")
	r.has(a, "status/p50")
	r.hasNot(a, "status/p49", "More status pages")
	r.has(r.want(http.StatusOK, "status-pages?after=51"), "No more status pages")
	r.has(r.want(http.StatusOK, "status-pages?after=x"), "status/p0")
}

var (
	address = regexp.MustCompile(`(?:href|src|action|formaction)="([^"]*)"`)
	inline  = regexp.MustCompile(`(?i)<script(?:>| [^>]*>[^<])|<style|\sstyle=|\son[a-z]+=|javascript:`)
)

// Whatever names say, no page runs or styles anything, and every link keeps to
// where the dashboard lies.
func TestEveryPageIsHarmless(t *testing.T) {
	t.Parallel()
	r := setup(t)
	const evil = `<script>alert(1)</script>"' onload=x`
	ids := r.server(evil, evil, evil+" 2")
	incident := r.level(ids[0], scout.Down, strings.Repeat(evil, 2000))
	p := r.page(map[string]any{
		"title": evil, "slug": "evil", "intro": evil, "show_messages": true, "show_addresses": true,
		"groups": []any{map[string]any{"name": evil, "match": map[string]any{"servers": []any{evil}, "tags": []any{evil}, "checks": []any{evil + " 2"}}}},
	})
	r.note(p, incident, evil)
	r.note(p, "", evil)
	badge := "status/evil/badge/" + idText(ids[0]) + "/"
	for _, path := range []string{
		"status/evil", "status/nowhere", badge + "status.svg", badge + "uptime.svg", "status-pages", "status-pages/new", screenOf(p, ""), screenOf(p, "/edit"), screenOf(p, "/delete"),
		screenOf(p, "/notes/1/delete"), screenOf(p, "?check="+url.QueryEscape(evil)+"&about="+url.QueryEscape(evil)),
	} {
		a := r.get(path)
		if a.status >= http.StatusInternalServerError {
			t.Errorf("%s = %d", path, a.status)
		}
		if strings.Contains(a.body, "<script>") || inline.MatchString(unquoted.ReplaceAllString(a.body, "")) {
			t.Errorf("%s holds something inline: %q", path, inline.FindString(unquoted.ReplaceAllString(a.body, "")))
		}
		for _, m := range address.FindAllStringSubmatch(a.body, -1) {
			if to := html.UnescapeString(m[1]); to != "/" && (strings.HasPrefix(to, "/") || strings.HasPrefix(to, "?") || strings.HasPrefix(to, "#") || strings.Contains(to, ":")) {
				t.Errorf("%s leads to %q", path, to)
			}
		}
	}
	if _, err := r.manager.ChangeStatusPage(t.Context(), p.ID, manage.AnyRevision, map[string]any{"intro": strings.Repeat("x ", 2000)}); err != nil {
		t.Fatal(err)
	}
	r.want(http.StatusOK, "status/evil")
}

// unquoted takes out what stands between tags and in values, where the words of
// hostile names are text.
var unquoted = regexp.MustCompile(`"[^"]*"|>[^<]*<`)
