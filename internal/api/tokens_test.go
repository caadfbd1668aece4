package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

func TestTokenIsShownOnce(t *testing.T) {
	t.Parallel()
	r := setup(t)
	made := r.do(scout.Admin, "POST", "/api/v1/tokens", map[string]any{"name": "ci", "role": "editor"})
	text := made.str("token")
	if made.status != http.StatusCreated || !strings.HasPrefix(text, "scout_") || made.header.Get("Location") != location("tokens", made.id()) {
		t.Fatalf("made = %d %s", made.status, made.text)
	}
	shown := r.do(scout.Admin, "GET", made.header.Get("Location"), nil)
	want := map[string]any{"id": made.body["id"], "name": "ci", "role": "editor", "created_at": made.body["created_at"]}
	if diff := cmp.Diff(want, shown.body); diff != "" {
		t.Errorf("the token (-want +got):\n%s", diff)
	}
	list := r.do(scout.Admin, "GET", "/api/v1/tokens?limit=500", nil)
	if len(list.items()) != 4 || strings.Contains(list.text, text) {
		t.Errorf("the list = %s", list.text)
	}
	r.tokens["made"] = text
	if a := r.do("made", "POST", "/api/v1/servers", map[string]any{"name": "a"}); a.status != http.StatusCreated {
		t.Errorf("the new token's request = %d %s", a.status, a.text)
	}
}

func TestTokensAreChangedAndDeleted(t *testing.T) {
	t.Parallel()
	r := setup(t)
	made := r.do(scout.Admin, "POST", "/api/v1/tokens", map[string]any{"name": "ci", "role": "editor"})
	r.tokens["made"] = made.str("token")
	path := made.header.Get("Location")
	changed := r.do(scout.Admin, "PATCH", path, map[string]any{"role": "viewer"})
	if changed.str("role") != "viewer" || changed.str("name") != "ci" {
		t.Errorf("changed = %s", changed.text)
	}
	r.do("made", "POST", "/api/v1/servers", map[string]any{"name": "a"}).problem(t, http.StatusForbidden, scout.Forbidden)
	if a := r.do(scout.Admin, "DELETE", path, nil); a.status != http.StatusNoContent {
		t.Errorf("deleted = %d %s", a.status, a.text)
	}
	r.do("made", "GET", "/api/v1/servers", nil).problem(t, http.StatusUnauthorized, scout.Unauthorized)
	r.do(scout.Admin, "DELETE", path, nil).problem(t, http.StatusNotFound, scout.NotFound)
}

func TestTokensRefused(t *testing.T) {
	t.Parallel()
	r := setup(t)
	fields := r.do(scout.Admin, "POST", "/api/v1/tokens", `{"role":"root","nmae":"x"}`).problem(t, http.StatusUnprocessableEntity, scout.Invalid)
	slices.Sort(fields)
	if !slices.Equal(fields, []string{"name", "nmae", "role"}) {
		t.Errorf("faulty fields = %q", fields)
	}
	r.do(scout.Admin, "POST", "/api/v1/tokens", `{"role":"viewer","name":"admin"}`).problem(t, http.StatusConflict, scout.Conflict)
}

// Whoever locks everybody out can make a token on the machine.
func TestLastAdminMayGo(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, item := range r.do(scout.Admin, "GET", "/api/v1/tokens", nil).items() {
		if token := item.(map[string]any); token["role"] == "admin" {
			if a := r.do(scout.Admin, "DELETE", fmt.Sprintf("/api/v1/tokens/%v", token["id"]), nil); a.status != http.StatusNoContent {
				t.Errorf("deleted = %d %s", a.status, a.text)
			}
		}
	}
	r.do(scout.Admin, "GET", "/api/v1/tokens", nil).problem(t, http.StatusUnauthorized, scout.Unauthorized)
}
