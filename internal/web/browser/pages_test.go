package browser

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"serverscout/internal/store"
	"serverscout/internal/store/history"
)

// post sends a request as another program would.
func (p program) post(t *testing.T, path string) {
	t.Helper()
	resp, err := http.Post(p.base+"/"+path, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d: %s, %v", path, resp.StatusCode, text, err)
	}
}

// past is a data folder with a month of history, and the tokens of its
// heartbeats by server and check. The first check is of a site at an address.
func past(t *testing.T, site string) (dir string, tokens map[string]string) {
	t.Helper()
	dir, tokens = t.TempDir(), map[string]string{}
	ctx := context.Background()
	if err := history.Fill(ctx, history.Options{Dir: dir, Checks: 60, Days: 31, PerYear: 12}); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Options{Dir: dir, Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	targets, err := s.Watched(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first := targets[0].Check
	first.Kind, first.Target, first.Settings = "http", site, nil
	if err := s.Update(ctx, func(tx *store.Tx) error { return tx.SaveCheck(&first) }); err != nil {
		t.Fatal(err)
	}
	for _, target := range targets[1:] {
		tokens[target.Server.Name+"/"+target.Check.Name], _ = target.Check.Settings["token"].(string)
	}
	return dir, tokens
}

// Every page can be used by everybody: in the light and in the dark, on a desk
// and on a phone, and with what axe-core stands for. The program has watched for
// a month; two services are down, and one of the webhooks is not reached.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	web, _ := service(t)
	dir, tokens := past(t, web.URL)
	yaml := internet(t, map[string]http.Handler{"hooks.example.com": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "2") {
			http.Error(w, "no_service", http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, "ok")
	})})
	p := serveOn(t, dir, yaml, "1.0.0").inhabited(t)
	for _, service := range []string{"web-001/PostgreSQL", "db-001/HTTP"} {
		for range 3 {
			p.post(t, "heartbeats/"+tokens[service]+"/fail")
		}
	}
	at := p.tab(t)
	at.open("holds/new?kind=maintenance&server=mail-001")
	at.fill("#field-comment", "Kernel update")
	at.follow("form.fields button.main-action")
	at.open("holds/new")
	at.forEverybody("hold-new")
	at.open("status-pages/new")
	at.fill("#field-title", "Example services")
	at.forEverybody("status-page-new")
	at.fill("input[name$='name']", "Shop")
	at.fill("input[name$='servers']", "web-001")
	at.follow("form.fields button.main-action")
	statusPage := at.here()
	if statusPage == "status-pages/new" {
		t.Fatalf("the status page was not saved: %s", at.text("#content"))
	}
	at.open("settings")
	at.fill("#field-token-name, input[name='name']", "backup script")
	at.follow("form[action='settings/tokens'] button")
	at.forEverybody("settings-token")

	at.open("")
	at.waitText("#verdict", "2 checks are down")
	at.follow("#incidents a.rowlink")
	incident := at.here()
	at.waitText("#content", "told")
	at.follow("form[action$='/acknowledge'] button")
	pages := map[string]string{
		"overview-many":      "",
		"overview-month":     "?range=30d",
		"overview-nothing":   "?q=nobody",
		"wall":               "wall",
		"servers":            "servers",
		"server":             "servers/1",
		"server-new":         "servers/new",
		"server-edit":        "servers/1/edit",
		"server-delete":      "servers/1/delete",
		"check":              "checks/1",
		"check-week":         "checks/1?range=7d",
		"check-new":          "servers/1/checks/new",
		"check-new-http":     "servers/1/checks/new?kind=http",
		"check-edit":         "checks/1/edit",
		"check-delete":       "checks/1/delete",
		"add-something":      "add",
		"incidents":          "incidents",
		"incidents-wrong":    "incidents?since=soon",
		"incident-open":      incident,
		"webhooks":           "notifications/settings",
		"webhook":            "notifications/settings/2",
		"webhook-delete":     "notifications/settings/2/delete",
		"history-server":     "notifications/history?server=db-001",
		"holds":              "holds",
		"hold-edit":          "holds/1/edit",
		"status-pages":       "status-pages",
		"status-page":        statusPage,
		"status-page-edit":   statusPage + "/edit",
		"status-page-public": "status/example-services",
		"settings":           "settings",
		"search":             "search?q=web",
		"search-nothing":     "search?q=nobody",
		"nowhere":            "nowhere",
	}
	for name, path := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := p.tab(t)
			want := int64(http.StatusOK)
			switch name {
			case "nowhere":
				want = http.StatusNotFound
			case "incidents-wrong":
				want = http.StatusUnprocessableEntity
			}
			if status := at.open(path); status != want {
				t.Errorf("%s answers %d: %s", path, status, at.text("body"))
			}
			at.forEverybody(name)
		})
	}
	t.Run("sign-in", func(t *testing.T) {
		t.Parallel()
		at := site{base: p.base}.tab(t)
		at.open("sign-in")
		at.forEverybody("sign-in")
	})
}

// Every piece that screens are made of can be used by everybody, in every
// state; only builds for development show them on a page of their own.
func TestComponents(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int64{"dev": http.StatusOK, "1.0.0": http.StatusNotFound} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			at := serveOn(t, t.TempDir(), "", version).inhabited(t).tab(t)
			if status := at.open("dev/components"); status != want {
				t.Fatalf("the page of components answers %d, want %d", status, want)
			}
			if want == http.StatusOK {
				at.forEverybody("components")
			}
		})
	}
}
