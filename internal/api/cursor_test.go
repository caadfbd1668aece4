package api

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

func TestPagesCoverTheList(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	for n := range 3 {
		r.want(http.StatusCreated, "POST", "/api/v1/servers", map[string]any{"name": fmt.Sprint("s", n)})
		r.want(http.StatusCreated, "POST", "/api/v1/checks", map[string]any{"server_id": w.server, "kind": "tcp", "target": "a:1", "name": fmt.Sprint("c", n)})
		r.want(http.StatusCreated, "POST", "/api/v1/webhooks", map[string]any{"name": fmt.Sprint("w", n), "url": "https://example.com/"})
		r.seedIncident(w, began.Add(time.Hour))
		r.want(http.StatusCreated, "POST", "/api/v1/status-pages", map[string]any{"title": fmt.Sprint("p", n), "groups": []any{map[string]any{"name": "All", "everything": true}}})
		r.want(http.StatusCreated, "POST", fmt.Sprintf("/api/v1/status-pages/%d/notes", w.statusPage), map[string]any{"text": fmt.Sprint("n", n)})
	}
	lists := map[string]string{ // and the key that is never the same twice
		"/api/v1/servers":    "id",
		"/api/v1/checks":     "id",
		"/api/v1/webhooks":   "id",
		"/api/v1/holds":      "id",
		"/api/v1/incidents":  "id",
		"/api/v1/events":     "id",
		"/api/v1/deliveries": "id",
		"/api/v1/attempts":   "id",
		fmt.Sprintf("/api/v1/checks/%d/results", w.check):          "at",
		fmt.Sprintf("/api/v1/deliveries/%d/attempts", w.delivery):  "id",
		"/api/v1/status-pages":                                     "id",
		fmt.Sprintf("/api/v1/status-pages/%d/notes", w.statusPage): "id",
	}
	for path, key := range lists {
		whole := keysOf(r.want(http.StatusOK, "GET", path+"?limit=500", nil), key)
		for _, limit := range []int{1, 2, len(whole) - 1, len(whole), len(whole) + 1} {
			paged, cursor, pages := []string{}, "", 0
			for pages == 0 || cursor != "" && pages <= len(whole) {
				a := r.want(http.StatusOK, "GET", fmt.Sprintf("%s?limit=%d&cursor=%s", path, limit, url.QueryEscape(cursor)), nil)
				paged = append(paged, keysOf(a, key)...)
				cursor = a.str("next")
				pages++
			}
			if len(whole) < 2 || !slices.Equal(paged, whole) || pages != (len(whole)+limit-1)/limit {
				t.Errorf("%s in pages of %d = %v in %d pages, want %v", path, limit, paged, pages, whole)
			}
		}
	}
}

func keysOf(a reply, key string) []string {
	keys := []string{}
	for _, item := range a.items() {
		keys = append(keys, fmt.Sprintf("%v", item.(map[string]any)[key]))
	}
	return keys
}

func TestBadPages(t *testing.T) {
	t.Parallel()
	r := setup(t)
	raw := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	tests := []struct {
		name, query, field string
		status             int
	}{
		{"no base64", "cursor=!", "cursor", 400},
		{"another list's", "cursor=" + encodeCursor("checks", "1"), "cursor", 400},
		{"no key", "cursor=" + raw("servers:"), "cursor", 400},
		{"no number", "cursor=" + raw("servers:x"), "cursor", 400},
		{"a negative key", "cursor=" + raw("servers:-1"), "cursor", 400},
		{"a key too large", "cursor=" + encodeCursor("servers", strings.Repeat("9", 30)), "cursor", 400},
		{"a limit too small", "limit=0", "limit", 422},
		{"a limit too large", "limit=501", "limit", 422},
		{"a limit that is no number", "limit=many", "limit", 422},
		{"an unknown parameter", "nmae=x", "nmae", 422},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fields := r.do(scout.Viewer, "GET", "/api/v1/servers?"+tt.query, nil).problem(t, tt.status, scout.Invalid)
			if !slices.Equal(fields, []string{tt.field}) {
				t.Errorf("faulty fields = %q, want %s", fields, tt.field)
			}
		})
	}
}

func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "!", encodeCursor("servers", "12"), encodeCursor("incidents", "17684717651230123456789"), "c2VydmVyczo", "c2Vy\ndmVyczox", "c2VydmVyczoxMh"} {
		f.Add("servers", seed)
	}
	f.Fuzz(func(t *testing.T, list, cursor string) {
		key, ok := decodeCursor(list, cursor)
		if !ok {
			return
		}
		if again := encodeCursor(list, key); again != cursor {
			t.Errorf("%q reads as %q of %q, which is written %q", cursor, key, list, again)
		}
		if key == "" || strings.Trim(key, "0123456789") != "" {
			t.Errorf("key = %q", key)
		}
	})
}
