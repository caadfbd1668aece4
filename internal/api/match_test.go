package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"serverscout/internal/scout"
)

func TestStrongTags(t *testing.T) {
	t.Parallel()
	tests := []struct {
		list string
		want []string
		ok   bool
	}{
		{`"1"`, []string{`"1"`}, true},
		{` "1" ,	"abc",, "",`, []string{`"1"`, `"abc"`, `""`}, true},
		{`W/"1"`, nil, true},
		{`W/"1", "2"`, []string{`"2"`}, true},
		{`"a,b"`, []string{`"a,b"`}, true},
		{`"ä"`, []string{`"ä"`}, true},
		{``, nil, false},
		{` , `, nil, false},
		{`1`, nil, false},
		{`"1`, nil, false},
		{`1"`, nil, false},
		{`"1""2"`, nil, false},
		{`"1" "2"`, nil, false},
		{`w/"1"`, nil, false},
		{`W/ "1"`, nil, false},
		{`"1 2"`, nil, false},
		{`*, "1"`, nil, false},
		{"\"\x7f\"", nil, false},
	}
	for _, tt := range tests {
		got, ok := strongTags(tt.list)
		if !slices.Equal(got, tt.want) || ok != tt.ok {
			t.Errorf("%q holds %q, %t, want %q, %t", tt.list, got, ok, tt.want, tt.ok)
		}
	}
}

func FuzzStrongTags(f *testing.F) {
	for _, seed := range []string{`"1"`, `W/"1", "2"`, `*`, `,`, `"`, `"a,b" ,"c"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		tags, ok := strongTags(list)
		if !ok && tags != nil {
			t.Errorf("%q is refused and holds %q", list, tags)
		}
		again, _ := strongTags(strings.Join(tags, ", "))
		if !slices.Equal(again, tags) {
			t.Errorf("%q holds %q, which read again hold %q", list, tags, again)
		}
	})
}

// matched is do as an editor, with an If-Match.
func (r *rig) matched(method, path, tag string, body string) reply {
	r.Helper()
	req := httptest.NewRequestWithContext(r.Context(), method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+r.tokens[scout.Editor])
	req.Header.Set("If-Match", tag)
	return r.send(req)
}

func TestChangesOfWhatWasSeen(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	for path, patch := range map[string]string{
		location("servers", w.server):   `{"tags":["a"]}`,
		location("checks", w.check):     `{"interval":"5m"}`,
		location("webhooks", w.webhook): `{"name":"renamed"}`,
	} {
		seen := r.want(http.StatusOK, "GET", path, nil)
		tag := seen.header.Get("ETag")
		if tag != fmt.Sprintf(`"%v"`, seen.body["revision"]) {
			t.Errorf("%s has the ETag %s and the revision %v", path, tag, seen.body["revision"])
		}
		changed := r.matched("PATCH", path, `"999", `+tag, patch)
		if changed.status != http.StatusOK || changed.header.Get("ETag") == tag {
			t.Fatalf("a change of what was seen = %d, ETag %s: %s", changed.status, changed.header.Get("ETag"), changed.text)
		}
		for _, stale := range []string{tag, "W/" + changed.header.Get("ETag"), `"x"`} {
			r.matched("PATCH", path, stale, patch).problem(t, http.StatusPreconditionFailed, scout.Changed)
			r.matched("DELETE", path, stale, "").problem(t, http.StatusPreconditionFailed, scout.Changed)
		}
		fields := r.matched("PATCH", path, "1", patch).problem(t, http.StatusBadRequest, scout.Invalid)
		if !slices.Equal(fields, []string{"If-Match"}) {
			t.Errorf("faulty fields = %q", fields)
		}
		if again := r.want(http.StatusOK, "GET", path, nil); again.text != changed.text {
			t.Errorf("a refused change has changed %s to %s", changed.text, again.text)
		}
		any := r.matched("PATCH", path, " * ", patch)
		if any.status != http.StatusOK {
			t.Errorf("a change of any revision = %d %s", any.status, any.text)
		}
	}
	for _, path := range []string{location("webhooks", w.webhook), location("checks", w.check), location("servers", w.server)} {
		tag := r.want(http.StatusOK, "GET", path, nil).header.Get("ETag")
		if a := r.matched("DELETE", path, tag, ""); a.status != http.StatusNoContent {
			t.Errorf("removing what was seen = %d %s", a.status, a.text)
		}
		r.matched("DELETE", path, tag, "").problem(t, http.StatusNotFound, scout.NotFound)
	}
}

func TestOperationsShowTheETag(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	for _, path := range []string{location("checks", w.check), location("webhooks", w.webhook)} {
		for _, operation := range []string{"/pause", "/resume"} {
			done := r.want(http.StatusOK, "POST", path+operation, nil)
			if now := r.want(http.StatusOK, "GET", path, nil).header.Get("ETag"); now == "" || done.header.Get("ETag") != now {
				t.Errorf("%s%s shows the ETag %q and not %q", path, operation, done.header.Get("ETag"), now)
			}
		}
	}
	made := r.want(http.StatusCreated, "POST", "/api/v1/servers", map[string]any{"name": "a"})
	if made.header.Get("ETag") != `"1"` {
		t.Errorf("a new server's ETag is %q", made.header.Get("ETag"))
	}
}
