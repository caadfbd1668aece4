package api

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"serverscout/internal/scout"
)

// panicking is an engine that does so.
type panicking struct{ *engine }

func (panicking) ProbeNow(context.Context, int64) (scout.Result, error) { panic("unthinkable") }

func TestPanicIsAnswered(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.populate()
	var log bytes.Buffer
	r.serve(Options{Engine: panicking{r.engine}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	a := r.do(scout.Editor, "POST", "/api/v1/checks/1/probe", nil)
	a.problem(t, http.StatusInternalServerError, scout.Internal)
	if strings.Contains(a.text, "unthinkable") || !strings.Contains(log.String(), "unthinkable") || !strings.Contains(log.String(), "guard_test.go") {
		t.Errorf("the reason belongs into the log alone: answer %s, log %s", a.text, &log)
	}
}

func TestPanicBreaksOffWhatHasBegun(t *testing.T) {
	t.Parallel()
	r := bare(t)
	r.serve(Options{Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("half"))
		panic("unthinkable")
	})})
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("the server is told %v", p)
		}
	}()
	r.do(scout.Viewer, "GET", "/metrics", nil)
	t.Error("the answer looks complete")
}

func TestHealth(t *testing.T) {
	t.Parallel()
	r := bare(t)
	get := func(path string) reply {
		return r.send(httptest.NewRequestWithContext(t.Context(), "GET", path, nil)) // without a token
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := get(path); a.status != http.StatusOK || a.text != "ok\n" {
			t.Errorf("%s = %d %q", path, a.status, a.text)
		}
	}
	if a := get("/metrics"); a.status != http.StatusNotFound {
		t.Errorf("/metrics without metrics = %d", a.status)
	}
	r.serve(Options{
		Ready:   func(context.Context) error { return errors.New("the ledger cannot be written") },
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("scout_up 1\n")) }),
	})
	if a := get("/healthz"); a.status != http.StatusOK {
		t.Errorf("/healthz while not ready = %d", a.status)
	}
	a := get("/readyz")
	if a.status != http.StatusServiceUnavailable || a.text != "the ledger cannot be written\n" || a.header.Get("Retry-After") == "" {
		t.Errorf("/readyz = %d %q", a.status, a.text)
	}
	if a := get("/metrics"); a.text != "scout_up 1\n" {
		t.Errorf("/metrics = %q", a.text)
	}
}

func TestEveryAnswerHasTheHeaders(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, path := range []string{"/api/v1/servers", "/api/v1/openapi.json", "/api/v1/nothing", "/heartbeats/x", "/healthz", "/nothing"} {
		a := r.do(scout.Viewer, "GET", path, nil)
		if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s has headers %v", path, a.header)
		}
		if a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s is open to other origins", path)
		}
	}
}

func TestRequestLogHasNoTokens(t *testing.T) {
	t.Parallel()
	r := setup(t)
	var log bytes.Buffer
	r.serve(Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	r.do(scout.Viewer, "GET", "/heartbeats/my-secret-token-123", nil)
	r.do(scout.Viewer, "GET", "/api/v1/servers", nil)
	text := log.String()
	if strings.Contains(text, "my-secret") || strings.Contains(text, r.tokens[scout.Viewer]) {
		t.Errorf("log = %s", text)
	}
	if !strings.Contains(text, `pattern="GET /heartbeats/{token}" status=200`) || !strings.Contains(text, `pattern="GET /api/v1/servers" status=200`) {
		t.Errorf("log = %s", text)
	}
}
