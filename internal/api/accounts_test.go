package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

const aPassword = "correct horse battery"

// ifMatch is do as an admin, with an If-Match.
func (r *rig) ifMatch(method, path, tag, body string) reply {
	r.Helper()
	req := httptest.NewRequestWithContext(r.Context(), method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+r.tokens[scout.Admin])
	req.Header.Set("If-Match", tag)
	return r.send(req)
}

func TestAccountsAreMadeChangedAndDeleted(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.seedAccount("seed", "t")
	made := r.do(scout.Admin, "POST", "/api/v1/accounts", map[string]any{"name": "ada", "role": "editor", "password": aPassword})
	path := made.header.Get("Location")
	if made.status != http.StatusCreated || made.header.Get("ETag") != `"1"` || path != location("accounts", made.id()) {
		t.Fatalf("made = %d %v %s", made.status, made.header, made.text)
	}
	if shown := r.do(scout.Admin, "GET", path, nil); cmp.Diff(made.body, shown.body) != "" || shown.header.Get("ETag") != `"1"` {
		t.Errorf("made is %s\nshown is %s", made.text, shown.text)
	}
	if _, err := r.manager.SignIn(t.Context(), "ADA", scout.NewSecret(aPassword), ""); err != nil {
		t.Errorf("signing in: %v", err)
	}
	changed := r.ifMatch("PATCH", path, `"1"`, `{"name":"Ada","password":"another password"}`)
	if changed.status != http.StatusOK || changed.header.Get("ETag") != `"2"` || changed.str("name") != "Ada" || changed.str("role") != "editor" {
		t.Errorf("changed = %d %s", changed.status, changed.text)
	}
	if _, err := r.manager.SignIn(t.Context(), "ada", scout.NewSecret("another password"), ""); err != nil {
		t.Errorf("signing in with the new password: %v", err)
	}
	r.ifMatch("PATCH", path, `"1"`, `{"role":"viewer"}`).problem(t, http.StatusPreconditionFailed, scout.Changed)
	r.ifMatch("DELETE", path, `"1"`, "").problem(t, http.StatusPreconditionFailed, scout.Changed)
	if a := r.ifMatch("DELETE", path, `"2"`, ""); a.status != http.StatusNoContent {
		t.Errorf("deleted = %d %s", a.status, a.text)
	}
	r.do(scout.Admin, "GET", path, nil).problem(t, http.StatusNotFound, scout.NotFound)
}

func TestAccountsRefused(t *testing.T) {
	t.Parallel()
	r := setup(t)
	const hidden = "hidden456"
	bad := r.do(scout.Admin, "POST", "/api/v1/accounts", map[string]any{"name": "", "role": "root", "password": hidden})
	fields := bad.problem(t, http.StatusUnprocessableEntity, scout.Invalid)
	slices.Sort(fields)
	if !slices.Equal(fields, []string{"name", "password", "role"}) || strings.Contains(bad.text, hidden) {
		t.Errorf("the problem is %s", bad.text)
	}
	only := r.do(scout.Admin, "POST", "/api/v1/accounts", map[string]any{"name": "root", "role": "admin", "password": aPassword})
	r.do(scout.Admin, "POST", "/api/v1/accounts", map[string]any{"name": "ROOT", "role": "admin", "password": aPassword}).problem(t, http.StatusConflict, scout.Conflict)
	path := only.header.Get("Location")
	r.do(scout.Admin, "DELETE", path, nil).problem(t, http.StatusConflict, scout.Conflict)
	r.do(scout.Admin, "PATCH", path, map[string]any{"role": "editor"}).problem(t, http.StatusConflict, scout.Conflict)
}

// Nothing of a password is kept with an Idempotency-Key: it is not taken.
func TestNewAccountsTakeNoKey(t *testing.T) {
	t.Parallel()
	r := setup(t)
	body := fmt.Sprintf(`{"name":"ada","role":"admin","password":%q}`, aPassword)
	if a := r.keyed(scout.Admin, "k", "/api/v1/accounts", body); a.status != http.StatusCreated {
		t.Fatalf("made = %d %s", a.status, a.text)
	}
	r.keyed(scout.Admin, "k", "/api/v1/accounts", body).problem(t, http.StatusConflict, scout.Conflict)
}

func TestAccountsAndSessionsInPages(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.seedAccount("bob", "of bob")
	account, first := r.seedAccount("ada", "1")
	a, err := r.store.Account(t.Context(), account)
	noErr(t, err)
	for i := range 4 {
		_, err := r.store.Sessions().Begin(t.Context(), fmt.Sprint("more ", i), a, "", "", began.AddDate(100, 0, 0))
		noErr(t, err)
	}
	for path, want := range map[string]int{"/api/v1/accounts": 4, location("accounts", account) + "/sessions": 5} {
		found, cursor := []any{}, ""
		for {
			page := r.do(scout.Admin, "GET", path+"?limit=2&cursor="+cursor, nil)
			found = append(found, page.items()...)
			if strings.Contains(page.text, "hash") {
				t.Errorf("a hash is shown: %s", page.text)
			}
			if cursor = page.str("next"); cursor == "" {
				break
			}
		}
		if len(found) != want {
			t.Errorf("%s lists %d, want %d", path, len(found), want)
		}
	}
	sessions := location("accounts", account) + "/sessions"
	shown := r.do(scout.Admin, "GET", sessions+"?limit=1", nil).items()[0].(map[string]any)
	if shown["id"] != float64(first) || shown["account_id"] != float64(account) || shown["address"] != "192.0.2.7" || shown["agent"] != "Firefox" {
		t.Errorf("the first session is %v", shown)
	}
	for _, step := range []struct {
		path string
		left int
	}{{fmt.Sprint(sessions, "/", first), 4}, {sessions, 0}, {sessions, 0}} {
		if a := r.do(scout.Admin, "DELETE", step.path, nil); a.status != http.StatusNoContent {
			t.Errorf("DELETE %s = %d %s", step.path, a.status, a.text)
		}
		if left := len(r.do(scout.Admin, "GET", sessions, nil).items()); left != step.left {
			t.Errorf("after DELETE %s %d are left, want %d", step.path, left, step.left)
		}
	}
	r.do(scout.Admin, "DELETE", fmt.Sprint(sessions, "/", first), nil).problem(t, http.StatusNotFound, scout.NotFound)
}
