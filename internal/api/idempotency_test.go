package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"serverscout/internal/scout"
)

// keyed is do with an Idempotency-Key.
func (r *rig) keyed(role scout.Role, key, path, body string) reply {
	r.Helper()
	return r.send(r.withKey(role, key, path, body))
}

func (r *rig) withKey(role scout.Role, key, path, body string) *http.Request {
	req := httptest.NewRequestWithContext(r.Context(), "POST", path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+r.tokens[role])
	req.Header.Set("Idempotency-Key", key)
	return req
}

func TestRepeatedCreationIsAnsweredAgain(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	for _, c := range []struct {
		role       scout.Role
		path, body string
		list       string
	}{
		{scout.Editor, "/servers", `{"name":"a"}`, "/servers"},
		{scout.Editor, "/checks", fmt.Sprintf(`{"server_id":%d,"kind":"heartbeat","period":"1d"}`, w.server), "/checks"},
		{scout.Editor, "/webhooks", `{"name":"a","url":"https://example.com/"}`, "/webhooks"},
		{scout.Admin, "/tokens", `{"name":"a","role":"viewer"}`, "/tokens"},
		{scout.Editor, "/events", `{"status":"down","server_name":"b"}`, "/events"},
	} {
		before := len(r.do(scout.Admin, "GET", "/api/v1"+c.list+"?limit=500", nil).items())
		first := r.keyed(c.role, "key of "+c.path, "/api/v1"+c.path, c.body)
		again := r.keyed(c.role, "key of "+c.path, "/api/v1"+c.path, c.body)
		if first.status >= 300 || again.status != first.status || again.text != first.text {
			t.Errorf("%s = %d %s, again = %d %s", c.path, first.status, first.text, again.status, again.text)
		}
		for _, name := range []string{"Location", "ETag", "Content-Type"} {
			if again.header.Get(name) != first.header.Get(name) {
				t.Errorf("%s: %s = %q, again %q", c.path, name, first.header.Get(name), again.header.Get(name))
			}
		}
		if first.header.Get(replayedHeader) != "" || again.header.Get(replayedHeader) != "true" {
			t.Errorf("%s: %s = %q, again %q", c.path, replayedHeader, first.header.Get(replayedHeader), again.header.Get(replayedHeader))
		}
		if after := len(r.do(scout.Admin, "GET", "/api/v1"+c.list+"?limit=500", nil).items()); after != before+1 {
			t.Errorf("%s: %d were made", c.path, after-before)
		}
	}
	for range 2 {
		for _, path := range []string{"/api/v1/webhooks/test", fmt.Sprintf("/api/v1/webhooks/%d/test", w.webhook)} {
			r.keyed(scout.Editor, "test "+path, path, fmt.Sprintf(`{"event":"warning"%s}`, map[bool]string{true: `,"url":"https://example.com/"`}[strings.HasSuffix(path, "/webhooks/test")]))
		}
	}
	if len(r.engine.tests) != 2 {
		t.Errorf("%d tests were sent for two keys", len(r.engine.tests))
	}
}

func TestKeyIsForOneRequestOfOneToken(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.keyed(scout.Editor, "k", "/api/v1/servers", `{"name":"a"}`)
	for path, body := range map[string]string{"/api/v1/servers": `{"name":"b"}`, "/api/v1/webhooks": `{"name":"a"}`} {
		fields := r.keyed(scout.Editor, "k", path, body).problem(t, http.StatusUnprocessableEntity, scout.Invalid)
		if !slices.Equal(fields, []string{keyHeader}) {
			t.Errorf("faulty fields = %q", fields)
		}
	}
	if a := r.keyed(scout.Admin, "k", "/api/v1/servers", `{"name":"b"}`); a.status != http.StatusCreated {
		t.Errorf("another token's = %d %s", a.status, a.text)
	}
	r.keyed(scout.Viewer, "k", "/api/v1/servers", `{"name":"a"}`).problem(t, http.StatusForbidden, scout.Forbidden)
}

func TestBadKeys(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, key := range []string{strings.Repeat("k", 256), "ключ", "a\tb"} {
		fields := r.keyed(scout.Editor, key, "/api/v1/servers", `{"name":"a"}`).problem(t, http.StatusUnprocessableEntity, scout.Invalid)
		if !slices.Equal(fields, []string{keyHeader}) {
			t.Errorf("%.20q: faulty fields = %q", key, fields)
		}
	}
	if a := r.keyed(scout.Editor, strings.Repeat("k", 255), "/api/v1/servers", `{"name":"a"}`); a.status != http.StatusCreated {
		t.Errorf("the longest key = %d %s", a.status, a.text)
	}
}

func TestRefusalsAreKeptAndFailuresAreNot(t *testing.T) {
	t.Parallel()
	r := setup(t)
	refused := r.keyed(scout.Editor, "refused", "/api/v1/webhooks", `{"name":"a"}`)
	refused.problem(t, http.StatusUnprocessableEntity, scout.Invalid)
	if again := r.keyed(scout.Editor, "refused", "/api/v1/webhooks", `{"name":"a"}`); again.text != refused.text || again.header.Get(replayedHeader) != "true" {
		t.Errorf("the refusal again = %d %s", again.status, again.text)
	}
	body := `{"url":"https://example.com/"}`
	for _, failure := range []error{errors.New("disk on fire"), scout.Errorf(scout.Unavailable, "not now")} {
		r.engine.err = failure
		if a := r.keyed(scout.Editor, "failed", "/api/v1/webhooks/test", body); a.status < 500 || a.header.Get(replayedHeader) != "" {
			t.Errorf("a failure = %d %s", a.status, a.text)
		}
	}
	r.engine.err = nil
	if a := r.keyed(scout.Editor, "failed", "/api/v1/webhooks/test", body); a.status != http.StatusOK {
		t.Errorf("after the failure = %d %s", a.status, a.text)
	}
}

// brokenTest panics where it is to send a test.
type brokenTest struct{ *engine }

func (brokenTest) Test(context.Context, scout.Webhook, scout.Status) (scout.Delivery, scout.Attempt, error) {
	panic("a bug")
}

func TestPanicGivesTheKeyBack(t *testing.T) {
	t.Parallel()
	r := setup(t)
	body := `{"url":"https://example.com/"}`
	r.serve(Options{Engine: brokenTest{r.engine}})
	r.keyed(scout.Editor, "k", "/api/v1/webhooks/test", body).problem(t, http.StatusInternalServerError, scout.Internal)
	r.serve(Options{})
	if a := r.keyed(scout.Editor, "k", "/api/v1/webhooks/test", body); a.status != http.StatusOK {
		t.Errorf("after the panic = %d %s", a.status, a.text)
	}
}

// held answers a test when it is let go.
type held struct {
	*engine
	begun, goOn chan struct{}
}

func (h held) Test(ctx context.Context, w scout.Webhook, s scout.Status) (scout.Delivery, scout.Attempt, error) {
	close(h.begun)
	<-h.goOn
	return h.engine.Test(ctx, w, s)
}

func TestKeyOfRequestUnderWay(t *testing.T) {
	t.Parallel()
	r := setup(t)
	h := held{r.engine, make(chan struct{}), make(chan struct{})}
	r.serve(Options{Engine: h})
	body := `{"url":"https://example.com/"}`
	first := make(chan int)
	go func() {
		w := httptest.NewRecorder()
		r.handler.ServeHTTP(w, r.withKey(scout.Editor, "k", "/api/v1/webhooks/test", body))
		first <- w.Code
	}()
	<-h.begun
	a := r.keyed(scout.Editor, "k", "/api/v1/webhooks/test", body)
	a.problem(t, http.StatusConflict, scout.Conflict)
	if a.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After = %q", a.header.Get("Retry-After"))
	}
	close(h.goOn)
	if status := <-first; status != http.StatusOK {
		t.Errorf("the request under way = %d", status)
	}
	if a := r.keyed(scout.Editor, "k", "/api/v1/webhooks/test", body); a.header.Get(replayedHeader) != "true" {
		t.Errorf("after it = %d %s", a.status, a.text)
	}
}

// A client that gave up while the server was made must find it made.
func TestAnswerIsKeptForWhoGaveUp(t *testing.T) {
	t.Parallel()
	r := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	req := r.withKey(scout.Admin, "k", "/api/v1/tokens", `{"name":"a","role":"viewer"}`).WithContext(ctx)
	o := Options{Store: r.store, Manager: r.manager, Engine: r.engine}
	o.NewToken = func(ctx context.Context, keys map[string]any) (scout.Token, string, error) {
		t, plain, err := r.manager.CreateToken(ctx, keys)
		cancel()
		return t, plain.Reveal(), err
	}
	New(o).ServeHTTP(httptest.NewRecorder(), req)
	again := r.keyed(scout.Admin, "k", "/api/v1/tokens", `{"name":"a","role":"viewer"}`)
	if again.status != http.StatusCreated || again.header.Get(replayedHeader) != "true" || again.str("token") == "" {
		t.Errorf("again = %d %s", again.status, again.text)
	}
}
