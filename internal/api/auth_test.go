package api

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"serverscout/internal/scout"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	r := setup(t)
	tests := []struct {
		name, header string
		status       int
	}{
		{"no token", "", 401},
		{"another scheme", "Basic " + r.tokens[scout.Admin], 401},
		{"no scheme", r.tokens[scout.Admin], 401},
		{"an empty token", "Bearer ", 401},
		{"an unknown token", "Bearer scout_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 401},
		{"a part of a token", "Bearer " + r.tokens[scout.Admin][:20], 401},
		{"a token", "Bearer " + r.tokens[scout.Viewer], 200},
		{"a scheme in small letters", "bearer  " + r.tokens[scout.Viewer], 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/servers", nil)
			req.Header.Set("Authorization", tt.header)
			a := r.send(req)
			if tt.status == http.StatusOK {
				if a.status != tt.status {
					t.Errorf("status = %d", a.status)
				}
				return
			}
			a.problem(t, tt.status, scout.Unauthorized)
			if a.header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("WWW-Authenticate = %q", a.header.Get("WWW-Authenticate"))
			}
		})
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, c := range calls(r.populate()) {
		if strings.Contains(c.path, "/tokens") || strings.Contains(c.path, "/accounts") {
			r.do(scout.Editor, c.method, c.path, c.body).problem(t, http.StatusForbidden, scout.Forbidden)
			continue
		}
		if c.method == http.MethodGet {
			if a := r.do(scout.Viewer, c.method, c.path, c.body); a.status != c.status {
				t.Errorf("a viewer's %s %s = %d", c.method, c.path, a.status)
			}
			continue
		}
		r.do(scout.Viewer, c.method, c.path, c.body).problem(t, http.StatusForbidden, scout.Forbidden)
	}
	for _, c := range calls(world{server: 1, check: 1, webhook: 1, event: 1, delivery: 1, incident: "1", hold: 1, endedHold: 1}) {
		if a := r.do(scout.Admin, c.method, c.path, c.body); a.status == http.StatusForbidden {
			t.Errorf("an admin's %s %s = 403", c.method, c.path)
		}
	}
	if len(r.engine.tests) != 2 || len(r.engine.diagnosed) != 2 {
		t.Errorf("%d tests were sent and %d diagnoses made, want the admin's two of each", len(r.engine.tests), len(r.engine.diagnosed))
	}
}

// forgetful is a store that cannot look up tokens.
type forgetful struct{ Store }

func (forgetful) TokenFor(context.Context, scout.Secret) (scout.Token, bool, error) {
	return scout.Token{}, false, errors.New("disk on fire")
}

func TestTokenLookupFails(t *testing.T) {
	t.Parallel()
	r := bare(t)
	r.tokens[scout.Admin] = "scout_any"
	r.serve(Options{Store: forgetful{}})
	r.do(scout.Admin, "GET", "/api/v1/servers", nil).problem(t, http.StatusInternalServerError, scout.Internal)
}
