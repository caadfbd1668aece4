package status_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
)

const message = "connection refused by 10.9.8.7"

func TestPublicPage(t *testing.T) {
	t.Parallel()
	r := setup(t)
	web, db := r.server("web-01", "web", "HTTP", "SSH"), r.server("db-01", "db", "Postgres")
	r.server("hidden-01", "secret", "Vault")
	for _, id := range append(web, db...) {
		r.level(id, scout.Up, "")
	}
	r.move(24 * time.Hour)
	first := r.level(web[0], scout.Down, message)
	r.move(90 * time.Minute)
	r.recover(web[0], first)
	r.move(24 * time.Hour)
	second := r.level(db[0], scout.Down, message)
	r.move(12 * time.Minute)
	p := r.page(map[string]any{"intro": "Line one.\nStill one.\n\nLine two.", "groups": []any{
		map[string]any{"name": "Sites", "match": map[string]any{"tags": []any{"web"}}},
		map[string]any{"name": "Stores", "match": map[string]any{"servers": []any{"db-01"}}},
	}})
	r.note(p, second, "We are restoring it.")
	r.note(p, first, "A cable was cut.")
	r.note(p, "", "On Saturday we move.")
	r.person = page.Person{} // nobody is signed in

	a := r.want(http.StatusOK, "status/our-services")
	r.has(a, "<h1>Our services</h1>", "Line one.\nStill one.</p>", "Line two.</p>", "1 of 3 services is down", "Sites</h2>", "Stores</h2>",
		"Postgres on db-01 is down", "12 min so far, since 12 March 2026, 11:30 UTC", "We are restoring it.",
		"Wednesday, 11 March 2026", "HTTP on web-01 was down", "for 1 h 30 min, 10:00 to 11:30 UTC", "A cable was cut.", "On Saturday we move.",
		"2026-03-11: 93.75 %, down 1 h 30 min", "■ Our services</title>")
	r.hasNot(a, "ada-lovelace", "192.0.2.77", "10.1.2.3", "10.9.8.7", "refused", "hidden-01", "Vault", "old-name", "old-service", "<script", "scout.js", "sign-in", "rail")
	want := map[string]string{
		"Cache-Control": "public, max-age=30", "Refresh": "60", "Vary": "Accept-Encoding", "Content-Type": "text/html; charset=utf-8", "X-Robots-Tag": "",
	}
	for name, value := range want {
		if got := a.header.Get(name); got != value {
			t.Errorf("%s = %q, want %q", name, got, value)
		}
	}
	if n := len(regexp.MustCompile(`<rect class="[a-z]+" x=`).FindAllString(a.body, -1)); n != 3*90 {
		t.Errorf("there are %d days, want 90 for each of 3 services", n)
	}
}

func TestPublicPageShowsWhatItsOwnerChose(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.level(r.server("web-01", "web", "HTTP")[0], scout.Warning, message)
	r.page(map[string]any{"show_addresses": true, "show_messages": true})
	a := r.want(http.StatusOK, "status/our-services")
	r.has(a, "192.0.2.77", message, "The service answers, but not as it should")
	r.hasNot(a, "10.1.2.3") // the target, which may hold credentials
}

// An old incident is told when it ended lately, an old end is not told.
func TestPastIncidents(t *testing.T) {
	t.Parallel()
	r := setup(t)
	ids := r.server("web-01", "web", "Long", "Old")
	long, old := r.level(ids[0], scout.Warning, ""), r.level(ids[1], scout.Down, "")
	r.move(time.Hour)
	r.recover(ids[1], old)
	r.page(nil)
	r.move(20 * 24 * time.Hour)
	r.recover(ids[0], long)
	a := r.want(http.StatusOK, "status/our-services")
	r.has(a, "Long on web-01 answered, but not as it should", "for 20 d 1 h, 10 March, 10:00 to 11:00 UTC")
	r.hasNot(a, "Old on web-01 was down")
}

func TestManyServicesHaveNoBarsOfTheirOwn(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, name := range []string{"a", "b", "c"} {
		var checks []string
		for i := range 17 {
			checks = append(checks, string(rune('a'+i)))
		}
		r.server(name, "web", checks...)
	}
	r.page(nil)
	a := r.want(http.StatusOK, "status/our-services")
	if n := strings.Count(a.body, `class="beats"`); n != 1 {
		t.Errorf("51 services have %d bars, want one for all", n)
	}
	if n := strings.Count(a.body, `class="service"`); n != 51 {
		t.Errorf("%d services are listed, want 51", n)
	}
}

func TestPageByLink(t *testing.T) {
	t.Parallel()
	r := setup(t)
	id := r.server("web-01", "web", "HTTP")[0]
	p := r.page(map[string]any{"access": "link", "slug": "within"})
	r.page(map[string]any{"slug": "open"})
	nowhere := r.want(http.StatusNotFound, "status/nowhere")
	badge := "/badge/" + idText(id) + "/status.svg"
	for _, path := range []string{
		"status/within", "status/within/wrong", "status/within?key=wrong", "status/within/" + p.Key + "x", "status/within/" + p.Key[:25],
		"status/nowhere/" + p.Key, "status/open/" + p.Key, "status/within" + badge, "status/within/wrong" + badge, "status/nowhere" + badge,
	} {
		if a := r.want(http.StatusNotFound, path); a.body != nowhere.body || len(a.header) != len(nowhere.header) {
			t.Errorf("%s is told from a page that is not there", path)
		}
	}
	a := r.want(http.StatusOK, p.Path())
	if a.header.Get("Cache-Control") != "private, max-age=30" || a.header.Get("X-Robots-Tag") != "noindex" {
		t.Errorf("header = %v", a.header)
	}
	r.want(http.StatusOK, "status/within/"+p.Key+badge)
	r.want(http.StatusOK, "status/within"+badge+"?key="+p.Key)
	if moved := r.want(http.StatusSeeOther, "status/within?key="+p.Key); moved.header.Get("Location") != "/"+p.Path() {
		t.Errorf("Location = %q", moved.header.Get("Location"))
	}
	if _, err := r.manager.ChangeStatusPage(t.Context(), p.ID, manage.AnyRevision, map[string]any{"access": "public"}); err != nil {
		t.Fatal(err)
	}
	r.want(http.StatusOK, "status/within")
	r.want(http.StatusNotFound, p.Path())
}

func TestCompressed(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.page(nil)
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/status/our-services", nil)
	req.Header.Set("Accept-Encoding", "br, gzip")
	if a := r.do(req); a.header.Get("Content-Encoding") != "gzip" || !strings.HasPrefix(a.body, "\x1f\x8b") {
		t.Errorf("encoding = %q", a.header.Get("Content-Encoding"))
	}
}

// A page is composed once in 15 seconds, and at once after a change on these
// screens or of the page itself.
func TestPageIsKeptForAMoment(t *testing.T) {
	t.Parallel()
	r := setup(t)
	id := r.server("web-01", "web", "HTTP")[0]
	r.level(id, scout.Up, "")
	p := r.page(nil)
	sentence := func() string {
		_, after, _ := strings.Cut(r.want(http.StatusOK, "status/our-services").body, "The service is ")
		word, _, _ := strings.Cut(after, "<")
		return word
	}
	steps := []struct {
		name string
		do   func()
		want string
		made int64
	}{
		{"first", func() {}, "up", 1},
		{"down, 14 s later", func() { r.level(id, scout.Down, ""); r.move(14 * time.Second) }, "up", 1},
		{"1 s more", func() { r.move(time.Second) }, "down", 2},
		{"the clock is set back", func() { r.move(-time.Hour) }, "down", 3},
		{"the page is changed", func() {
			_, err := r.manager.ChangeStatusPage(t.Context(), p.ID, manage.AnyRevision, map[string]any{"title": "Other"})
			r.ok(err)
		}, "down", 4},
		{"a note is added", func() { r.post(screenOf(p, "/notes"), form("text", "On it.")) }, "down", 5},
	}
	for _, step := range steps {
		step.do()
		if got := sentence(); got != step.want || r.store.composed.Load() != step.made {
			t.Errorf("%s: the service is %s, composed %d times; want %s, %d times", step.name, got, r.store.composed.Load(), step.want, step.made)
		}
	}
}

func TestManyVisitorsAtOnce(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.server("web-01", "web", "HTTP")
	r.page(nil)
	var visitors sync.WaitGroup
	for range 20 {
		visitors.Go(func() {
			if a := r.get("status/our-services"); a.status != http.StatusOK {
				t.Errorf("status = %d", a.status)
			}
		})
	}
	visitors.Wait()
	if n := r.store.composed.Load(); n != 1 {
		t.Errorf("the page was composed %d times for 20 visitors", n)
	}
}

func TestPageWithNothing(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.page(nil)
	r.has(r.want(http.StatusOK, "status/our-services"), "No services are shown here yet", "No services are in this group yet.", "No incidents.")
}
