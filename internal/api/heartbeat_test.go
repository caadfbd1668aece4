package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"serverscout/internal/scout"
)

func TestPings(t *testing.T) {
	t.Parallel()
	r := bare(t)
	tests := []struct {
		method, path string
		signal       scout.Signal
	}{
		{"GET", "/heartbeats/t0ken", scout.Signal{Kind: scout.SignalSuccess}},
		{"POST", "/heartbeats/t0ken", scout.Signal{Kind: scout.SignalSuccess}},
		{"HEAD", "/heartbeats/t0ken", scout.Signal{Kind: scout.SignalSuccess}},
		{"GET", "/heartbeats/t0ken/start", scout.Signal{Kind: scout.SignalStart}},
		{"POST", "/heartbeats/t0ken/fail", scout.Signal{Kind: scout.SignalFail}},
		{"GET", "/heartbeats/t0ken/0", scout.Signal{Kind: scout.SignalExit}},
		{"POST", "/heartbeats/t0ken/255", scout.Signal{Kind: scout.SignalExit, Code: 255}},
	}
	for _, tt := range tests {
		r.engine.pings = nil
		a := r.send(httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, strings.NewReader("some output")))
		if a.status != http.StatusOK || a.text != "ok\n" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s = %d %q", tt.method, tt.path, a.status, a.text)
		}
		if len(r.engine.pings) != 1 || r.engine.pings[0] != (ping{"t0ken", tt.signal}) {
			t.Errorf("%s %s pings %v", tt.method, tt.path, r.engine.pings)
		}
	}
}

func TestPingsRefused(t *testing.T) {
	t.Parallel()
	r := bare(t)
	tests := []struct {
		method, path string
		err          error
		status       int
	}{
		{"GET", "/heartbeats/t0ken/256", nil, 400},
		{"GET", "/heartbeats/t0ken/-1", nil, 400},
		{"GET", "/heartbeats/t0ken/stop", nil, 400},
		{"GET", "/heartbeats/t0ken/1/2", nil, 404},
		{"GET", "/heartbeats/", nil, 404},
		{"PUT", "/heartbeats/t0ken", nil, 405},
		{"GET", "/heartbeats/t0ken", scout.Errorf(scout.NotFound, "there is none"), 404},
		{"GET", "/heartbeats/t0ken", scout.Errorf(scout.Unavailable, "not now"), 503},
		{"GET", "/heartbeats/t0ken", errors.New("disk on fire"), 503},
	}
	for _, tt := range tests {
		r.engine.err = tt.err
		a := r.send(httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, nil))
		if a.status != tt.status || strings.Contains(a.text, "fire") || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s %s = %d %q, want %d", tt.method, tt.path, a.status, a.text, tt.status)
		}
		if wait := a.header.Get("Retry-After"); (tt.status == http.StatusServiceUnavailable) != (wait != "") {
			t.Errorf("%s %s has Retry-After %q", tt.method, tt.path, wait)
		}
	}
	if len(r.engine.pings) != 0 {
		t.Errorf("pings = %v", r.engine.pings)
	}
}

// counting counts what is read of an endless body.
type counting struct{ read int }

func (c *counting) Read(b []byte) (int, error) {
	c.read += len(b)
	return len(b), nil
}

func TestPingBodyIsBounded(t *testing.T) {
	t.Parallel()
	r := bare(t)
	body := &counting{}
	a := r.send(httptest.NewRequestWithContext(t.Context(), "POST", "/heartbeats/t0ken", io.NopCloser(body)))
	if a.status != http.StatusOK || body.read < longestPing || body.read > 2*longestPing {
		t.Errorf("answer = %d after %d bytes", a.status, body.read)
	}
}

func TestHeartbeatTokenIsShownOnce(t *testing.T) {
	t.Parallel()
	r := setup(t)
	server := r.want(http.StatusCreated, "POST", "/api/v1/servers", map[string]any{"name": "web-01"}).id()
	create := func(keys map[string]any) reply {
		keys["server_id"], keys["kind"], keys["period"] = server, "heartbeat", "1d"
		return r.want(http.StatusCreated, "POST", "/api/v1/checks", keys)
	}
	made := create(map[string]any{"name": "made"})
	given := create(map[string]any{"name": "given", "token": "my-own-token-of-mine"})
	if token := made.str("token"); len(token) != 32 || made.str("ping_path") != "/heartbeats/"+token {
		t.Errorf("the new heartbeat reads %s", made.text)
	}
	if given.str("token") != "my-own-token-of-mine" || given.str("ping_path") != "/heartbeats/my-own-token-of-mine" {
		t.Errorf("the new heartbeat reads %s", given.text)
	}
	if again := create(map[string]any{"name": "again", "token": nil}); again.str("token") == made.str("token") || len(again.str("token")) != 32 {
		t.Errorf("the second token is %q", again.str("token"))
	}
	for _, c := range []reply{made, given} {
		path := fmt.Sprintf("/api/v1/checks/%d", c.id())
		for _, a := range []reply{
			r.want(http.StatusOK, "GET", path, nil),
			r.want(http.StatusOK, "PATCH", path, map[string]any{"grace": "2m"}),
			r.want(http.StatusOK, "POST", path+"/pause", nil),
		} {
			if a.str("token") != scout.Masked || a.str("ping_path") != "/heartbeats/"+scout.Masked || strings.Contains(a.text, c.str("token")) {
				t.Errorf("later it reads %s", a.text)
			}
		}
		stored, err := r.store.Check(t.Context(), c.id())
		noErr(t, err)
		if stored.Settings["token"] != c.str("token") {
			t.Errorf("the stored token is not the one shown")
		}
	}
}
