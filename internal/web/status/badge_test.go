package status_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

func idText(id int64) string { return strconv.FormatInt(id, 10) }

// texts are the texts of a picture, which must be well-formed.
func texts(t *testing.T, picture string) []string {
	t.Helper()
	var list []string
	var within string
	for d := xml.NewDecoder(strings.NewReader(picture)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("%v in %s", err, picture)
		}
		switch token := token.(type) {
		case xml.StartElement:
			within = token.Name.Local
		case xml.CharData:
			if within == "text" {
				list = append(list, string(token))
			}
		case xml.EndElement:
			within = ""
		}
	}
}

func TestBadges(t *testing.T) {
	t.Parallel()
	r := setup(t)
	ids := r.server("web-01", "web", `<b>"HTTP" & co</b>`, "quiet")
	id, quiet := idText(ids[0]), idText(ids[1])
	other := idText(r.server("db-01", "db", "Postgres")[0])
	r.level(ids[0], scout.Down, "")
	r.move(12 * time.Hour)
	r.level(ids[0], scout.Up, "")
	r.move(6 * 24 * time.Hour)
	for range 3 {
		r.store.RecordResult(scout.Result{CheckID: ids[0], At: r.clock().Add(-2 * time.Hour), Level: scout.Up, Latency: 123 * time.Millisecond})
	}
	r.ok(r.store.FlushResults(t.Context()))
	r.ok(r.store.Tidy(t.Context()))
	r.page(map[string]any{"groups": []any{map[string]any{"name": "Sites", "match": map[string]any{"tags": []any{"web"}}}}})
	tests := []struct{ path, label, value, color string }{
		{id + "/status.svg", `<b>"HTTP" & co</b>`, "up", "#14733a"},
		{id + "/uptime.svg", "uptime 90 d", "92.31 %", "#b3201f"},
		{id + "/uptime.svg?days=1", "uptime 1 d", "100 %", "#14733a"},
		{id + "/uptime.svg?days=30", "uptime 30 d", "92.31 %", "#b3201f"},
		{id + "/uptime.svg?days=31", "uptime 90 d", "92.31 %", "#b3201f"},
		{id + "/latency.svg", "latency", "123 ms", "#14733a"},
		{id + "/certificate.svg", "certificate", "no data", "#5c6570"},
		{quiet + "/status.svg", "quiet", "unknown", "#5c6570"},
		{quiet + "/uptime.svg", "uptime 90 d", "no data", "#5c6570"},
		{quiet + "/latency.svg", "latency", "no data", "#5c6570"},
	}
	for _, tt := range tests {
		a := r.want(http.StatusOK, "status/our-services/badge/"+tt.path)
		if got := texts(t, a.body); len(got) != 2 || got[0] != tt.label || got[1] != tt.value {
			t.Errorf("%s says %q, want %q and %q", tt.path, got, tt.label, tt.value)
		}
		r.has(a, `fill="`+tt.color+`"`, `role="img"`, "<title>", "textLength=")
		if a.header.Get("Content-Type") != "image/svg+xml" || a.header.Get("Cache-Control") != "public, max-age=60" {
			t.Errorf("%s: header = %v", tt.path, a.header)
		}
	}
	for _, path := range []string{
		other + "/status.svg", "99/status.svg", "x/status.svg", "-1/status.svg", id + "/status", id + "/status.png", id + "/other.svg", id + "/.svg", id + "/Status.svg",
	} {
		r.want(http.StatusNotFound, "status/our-services/badge/"+path)
	}
}

func TestCertificateBadge(t *testing.T) {
	t.Parallel()
	r := setup(t)
	s, err := r.manager.CreateServer(t.Context(), map[string]any{"name": "web-01", "ip": "192.0.2.77"})
	r.ok(err)
	c, err := r.manager.CreateCheck(t.Context(), s.ID, map[string]any{"name": "HTTP", "kind": "http", "target": "https://example.com/"})
	r.ok(err)
	checks, err := r.store.ListChecks(t.Context(), scout.CheckFilter{Kind: "tls"}, 9)
	r.ok(err)
	if len(checks) != 1 || checks[0].ParentID != c.ID {
		t.Fatalf("the check brought %v along", checks)
	}
	r.level(checks[0].ID, scout.Warning, "")
	r.page(nil)
	for _, tt := range []struct{ message, value, color string }{
		{"The certificate of example.com is valid for 6 more days, until 2026-03-16", "6 days", "#8f5200"},
		{"The certificate of example.com has expired on 2026-03-01", "expired", "#b3201f"},
		{"something else", "no data", "#5c6570"},
	} {
		r.move(time.Second)
		r.store.RecordResult(scout.Result{CheckID: checks[0].ID, At: r.clock(), Level: scout.Warning, Message: tt.message})
		r.ok(r.store.FlushResults(t.Context()))
		for _, id := range []int64{c.ID, checks[0].ID} { // the service itself, and what watches it
			a := r.want(http.StatusOK, "status/our-services/badge/"+idText(id)+"/certificate.svg")
			if got := texts(t, a.body); got[1] != tt.value || !strings.Contains(a.body, tt.color) {
				t.Errorf("%s: the badge says %q", tt.message, got)
			}
		}
	}
}
