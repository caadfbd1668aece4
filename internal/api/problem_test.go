package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

func TestBodies(t *testing.T) {
	t.Parallel()
	r := setup(t)
	tests := []struct {
		name, contentType string
		body              io.Reader
		status            int
	}{
		{"an object", "application/json", strings.NewReader(`{"name":"a"}`), 201},
		{"a charset", "application/json; charset=utf-8", strings.NewReader(`{"name":"b"}`), 201},
		{"no type", "", strings.NewReader(`{"name":"c"}`), 201},
		{"the longest", "application/json", strings.NewReader(`{"name":"d"}` + strings.Repeat(" ", maxBody-12)), 201},
		{"too long", "application/json", strings.NewReader(`{"name":"e"}` + strings.Repeat(" ", maxBody-11)), 413},
		{"a form", "application/x-www-form-urlencoded", strings.NewReader("name=a"), 415},
		{"no body", "application/json", http.NoBody, 400},
		{"no JSON", "application/json", strings.NewReader(`{"name":`), 400},
		{"more than one object", "application/json", strings.NewReader(`{"name":"f"}{}`), 400},
		{"no UTF-8", "application/json", strings.NewReader("{\"name\":\"\xff\"}"), 400},
		{"broken off", "application/json", iotest.ErrReader(errors.New("reset")), 400},
		{"a list", "application/json", strings.NewReader(`[{"name":"g"}]`), 422},
		{"null", "application/json", strings.NewReader(`null`), 422},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := httptest.NewRequestWithContext(t.Context(), "POST", "/api/v1/servers", tt.body)
			req.Header.Set("Authorization", "Bearer "+r.tokens[scout.Editor])
			req.Header.Set("Content-Type", tt.contentType)
			a := r.send(req)
			if tt.status != http.StatusCreated {
				if fields := a.problem(t, tt.status, scout.Invalid); fields != nil {
					t.Errorf("the body itself is at fault, and not %q", fields)
				}
			} else if a.status != tt.status {
				t.Errorf("answer = %d %s", a.status, a.text)
			}
		})
	}
}

func TestMergePatchType(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	req := httptest.NewRequestWithContext(t.Context(), "PATCH", fmt.Sprintf("/api/v1/servers/%d", w.server), strings.NewReader(`{"ip":null}`))
	req.Header.Set("Authorization", "Bearer "+r.tokens[scout.Editor])
	req.Header.Set("Content-Type", "application/merge-patch+json")
	if a := r.send(req); a.status != http.StatusOK || a.str("ip") != "" || a.str("name") != "web-01" {
		t.Errorf("answer = %d %s", a.status, a.text)
	}
}

func TestFaultyFieldsAreAllNamed(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	tests := []struct {
		name, method, path, body string
		fields                   []string
	}{
		{"a server", "POST", "/servers", `{"ip":"a b","tag":["x"]}`, []string{"ip", "name", "tag"}},
		{"a check without a server", "POST", "/checks", `{"kind":"tcp"}`, []string{"server_id"}},
		{"a check on no server", "POST", "/checks", `{"kind":"tcp","server_id":99}`, []string{"server_id"}},
		{"a check on half a server", "POST", "/checks", `{"kind":"tcp","server_id":1.5}`, []string{"server_id"}},
		{"a check", "POST", "/checks", fmt.Sprintf(`{"kind":"http","server_id":%d,"interval":"1ms","expect":{"stat":[1]}}`, w.server), []string{"expect.stat", "interval"}},
		{"a change of kind", "PATCH", fmt.Sprintf("/checks/%d", w.check), `{"kind":"smoke"}`, []string{"kind"}},
		{"a webhook", "POST", "/webhooks", `{"url":"ftp://x","format":"fax"}`, []string{"format", "name", "url"}},
		{"a test", "POST", fmt.Sprintf("/webhooks/%d/test", w.webhook), `{"event":"up","even":1}`, []string{"even", "event"}},
		{"an unsaved test", "POST", "/webhooks/test", `{"event":1,"id":"x"}`, []string{"event", "id"}},
		{"unsaved values", "POST", "/webhooks/test", `{"urn":"https://example.com"}`, []string{"url", "urn"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fields := r.do(scout.Editor, tt.method, "/api/v1"+tt.path, tt.body).problem(t, http.StatusUnprocessableEntity, scout.Invalid)
			slices.Sort(fields)
			if !slices.Equal(fields, tt.fields) {
				t.Errorf("faulty fields = %q, want %q", fields, tt.fields)
			}
		})
	}
	if len(r.engine.tests) != 0 {
		t.Error("a test was sent although its values were refused")
	}
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.populate()
	declared, err := manage.ParseDeclared([]map[string]any{{"name": "filed", "checks": []any{map[string]any{"kind": "tcp", "target": "a:1"}}}},
		[]map[string]any{{"name": "filed", "url": "https://example.com/"}}, func(string) error { return nil })
	noErr(t, err)
	noErr(t, r.manager.Apply(t.Context(), declared))
	filed := r.want(http.StatusOK, "GET", "/api/v1/servers?name=filed", nil).items()[0].(map[string]any)
	if filed["source"] != "file" {
		t.Errorf("source = %v", filed["source"])
	}
	path := fmt.Sprintf("/api/v1/servers/%v", filed["id"])
	r.do(scout.Editor, "PATCH", path, map[string]any{"ip": "192.0.2.1"}).problem(t, http.StatusConflict, scout.ManagedByFile)
	r.do(scout.Editor, "DELETE", path, nil).problem(t, http.StatusConflict, scout.ManagedByFile)
	r.do(scout.Editor, "POST", "/api/v1/servers", map[string]any{"name": "filed"}).problem(t, http.StatusConflict, scout.Conflict)
}

func TestAddressesAndMethods(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, path := range []string{"/api/v1/nothing", "/api/v1/", "/api/v2/servers", "/api/v1/servers/1/nothing"} {
		r.do(scout.Editor, "GET", path, nil).problem(t, http.StatusNotFound, scout.NotFound)
	}
	for _, method := range []string{"PUT", "DELETE", "OPTIONS"} {
		a := r.do(scout.Editor, method, "/api/v1/servers", nil)
		a.problem(t, http.StatusMethodNotAllowed, scout.Invalid)
		if a.header.Get("Allow") != "GET, HEAD, POST" {
			t.Errorf("%s: Allow = %q", method, a.header.Get("Allow"))
		}
	}
	if a := r.do(scout.Editor, "GET", "/nothing", nil); a.status != http.StatusNotFound || a.body != nil {
		t.Errorf("an address outside of the API = %d %s", a.status, a.text)
	}
}

func TestEngineFailures(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	var log bytes.Buffer
	r.serve(Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	probe := fmt.Sprintf("/api/v1/checks/%d/probe", w.check)

	r.engine.err = scout.Errorf(scout.Unavailable, "Server Scout is stopping")
	a := r.do(scout.Editor, "POST", "/api/v1/webhooks/test", map[string]any{"url": "https://example.com/"})
	a.problem(t, http.StatusServiceUnavailable, scout.Unavailable)
	if a.header.Get("Retry-After") != "5" {
		t.Errorf("Retry-After = %q", a.header.Get("Retry-After"))
	}
	r.engine.err = scout.Errorf(scout.Conflict, "the check is paused")
	r.do(scout.Editor, "POST", probe, nil).problem(t, http.StatusConflict, scout.Conflict)
	if log.Len() != 0 {
		t.Errorf("log = %s", &log)
	}
	r.engine.err = fmt.Errorf("reading: %w", errors.New("disk on fire"))
	a = r.do(scout.Editor, "POST", probe, nil)
	a.problem(t, http.StatusInternalServerError, scout.Internal)
	if strings.Contains(a.text, "fire") || !strings.Contains(log.String(), "disk on fire") || !strings.Contains(log.String(), "probe_check") {
		t.Errorf("the cause belongs into the log alone: answer %s, log %s", a.text, &log)
	}
}

func TestRequestGivenUp(t *testing.T) {
	t.Parallel()
	r := setup(t)
	var log bytes.Buffer
	r.serve(Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req := httptest.NewRequestWithContext(ctx, "GET", "/api/v1/status", nil)
	req.Header.Set("Authorization", "Bearer "+r.tokens[scout.Viewer])
	r.send(req).problem(t, http.StatusServiceUnavailable, scout.Unavailable)
	if log.Len() != 0 {
		t.Errorf("log = %s", &log)
	}
}
