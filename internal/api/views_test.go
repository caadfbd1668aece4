package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

func TestSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	const secret = "s3cret"
	signing := "whsec_" + strings.Repeat("czNj", 8)
	hook := r.want(http.StatusCreated, "POST", "/api/v1/webhooks", map[string]any{
		"name": "private", "url": "https://user:" + secret + "@hooks.example.com/x?key=" + secret,
		"headers": map[string]any{"Authorization": "Bearer " + secret}, "secret": signing, "previous_secret": signing,
	})
	check := r.want(http.StatusCreated, "POST", "/api/v1/checks", map[string]any{
		"server_id": w.server, "kind": "http", "target": "https://user:" + secret + "@example.com/", "headers": map[string]any{"X-Key": secret},
	})
	answers := []reply{
		hook, check,
		r.want(http.StatusOK, "PATCH", fmt.Sprintf("/api/v1/webhooks/%d", hook.id()), map[string]any{"secret": signing}),
		r.want(http.StatusOK, "PATCH", fmt.Sprintf("/api/v1/checks/%d", check.id()), map[string]any{"headers": map[string]any{"X-Key": secret}}),
		r.do(scout.Editor, "POST", "/api/v1/webhooks", map[string]any{"name": "x", "url": secret, "secret": secret, "headers": map[string]any{"a b": secret}}),
		r.do(scout.Editor, "POST", "/api/v1/webhooks", `{"name":"x","secret":"`+secret),
		r.do(scout.Editor, "POST", "/api/v1/webhooks", `["`+secret+`"]`),
		r.do(scout.Editor, "POST", "/api/v1/webhooks/test", map[string]any{"url": "https://x.example.com/" + secret, "secret": secret}),
	}
	for _, c := range append(calls(w), call{path: fmt.Sprintf("/api/v1/webhooks/%d", hook.id()), method: "GET"}, call{path: fmt.Sprintf("/api/v1/checks/%d", check.id()), method: "GET"}) {
		if c.method == http.MethodGet {
			answers = append(answers, r.do(scout.Admin, c.method, c.path, nil))
		}
	}
	for _, a := range answers {
		if strings.Contains(a.text, secret) || strings.Contains(a.text, signing) {
			t.Errorf("a secret is in %s", a.text)
		}
	}
	stored, err := r.store.Webhook(t.Context(), hook.id())
	noErr(t, err)
	if stored.Secret.Reveal() != signing {
		t.Error("the secret was not stored, so nothing was proven")
	}
}

func TestMaskedSecretsKeepWhatIsStored(t *testing.T) {
	t.Parallel()
	r := setup(t)
	hook := r.want(http.StatusCreated, "POST", "/api/v1/webhooks", map[string]any{
		"name": "ops", "url": "https://hooks.example.com/x", "headers": map[string]any{"Authorization": "Bearer abc"},
	})
	path := fmt.Sprintf("/api/v1/webhooks/%d", hook.id())
	r.want(http.StatusOK, "PATCH", path, map[string]any{"headers": hook.body["headers"], "url": hook.body["url"]})
	stored, err := r.store.Webhook(t.Context(), hook.id())
	noErr(t, err)
	if stored.Headers[0].Value.Reveal() != "Bearer abc" {
		t.Error("the mask has replaced the secret")
	}
	fields := r.do(scout.Editor, "PATCH", path, map[string]any{"url": "https://elsewhere.example.com/"}).
		problem(t, http.StatusUnprocessableEntity, scout.Invalid)
	if !slices.Equal(fields, []string{"headers.Authorization"}) {
		t.Errorf("faulty fields = %q", fields)
	}
}

func TestViews(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	get := func(format string, args ...any) map[string]any {
		return r.want(http.StatusOK, "GET", "/api/v1"+fmt.Sprintf(format, args...), nil).body
	}
	closed := get("/incidents/%s", w.closedIncident)
	if closed["duration"] != "00:05:23" || closed["duration_seconds"] != 323.0 || closed["open"] != false || closed["ended"] != "2026-01-15T10:35:23.123456Z" {
		t.Errorf("closed incident = %v", closed)
	}
	open := get("/incidents/%s", w.incident)
	lasted := time.Duration(open["duration_seconds"].(float64) * float64(time.Second))
	if open["open"] != true || open["ended"] != nil || open["closed"] != nil || lasted < time.Since(began)-time.Minute {
		t.Errorf("open incident = %v", open)
	}
	check := get("/checks/%d", w.check)
	want := map[string]any{"level": "down", "since": "2026-01-15T10:30:00.123456Z", "incident_id": w.incident}
	if diff := cmp.Diff(want, check["state"]); diff != "" || check["server"] != "web-01" || check["interval"] != "1m" {
		t.Errorf("check = %v", check)
	}
	event := get("/events/%d", w.event)
	if event["status"] != "down" || event["duration"] != "00:00:20" || event["test"] != false {
		t.Errorf("event = %v", event)
	}
	decisions := []any{map[string]any{"webhook_id": float64(w.webhook), "webhook": "ops", "reason": "owed"}}
	if diff := cmp.Diff(decisions, event["decisions"]); diff != "" || len(event["evidence"].([]any)) != 1 {
		t.Errorf("event = %v", event)
	}
	hook := get("/webhooks/%d", w.webhook)
	health := hook["health"].(map[string]any)
	if health["fail_streak"] != 4.0 || health["last_error"] != "too many requests" || hook["disabled_at"] != nil {
		t.Errorf("webhook = %v", hook)
	}
}

func TestDeliveryView(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	delivery := r.want(http.StatusOK, "GET", fmt.Sprintf("/api/v1/deliveries/%d", w.delivery), nil).body
	list := delivery["attempt_list"].([]any)
	if delivery["attempts"] != 2.0 || len(list) != 2 || delivery["tells"] != "down" || delivery["incident_id"] != w.incident {
		t.Errorf("delivery = %v", delivery)
	}
	attempt := list[0].(map[string]any)
	delete(attempt, "id")
	want := map[string]any{
		"number": 1.0, "started_at": "2026-01-15T10:31:00.123456Z", "duration_ms": 12.345, "outcome": "retry", "fault": "rate_limited",
		"detail": "too many requests", "retry_after_seconds": 30.0, "status_code": 429.0, "address": "192.0.2.1:443",
		"request": map[string]any{
			"line": "POST https://hooks.example.com/" + scout.Masked, "body": "{}", "truncated": false,
			"headers": []any{[]any{"Authorization", scout.Masked}, []any{"Content-Type", "application/json"}},
		},
		"response": map[string]any{
			"line": "HTTP/1.1 429 Too Many Requests", "body": "", "truncated": true, "headers": []any{[]any{"Retry-After", "30"}},
		},
	}
	if diff := cmp.Diff(want, attempt); diff != "" {
		t.Errorf("attempt (-want +got):\n%s", diff)
	}
	again := r.want(http.StatusOK, "POST", fmt.Sprintf("/api/v1/deliveries/%d/retry", w.delivery), nil).body
	if again["status"] != "pending" || again["due_at"] == delivery["due_at"] {
		t.Errorf("sent again = %v", again)
	}
}

func TestCreatedReadsLikeStored(t *testing.T) {
	t.Parallel()
	r := setup(t)
	server := r.want(http.StatusCreated, "POST", "/api/v1/servers", map[string]any{"name": "a", "tags": []string{"y", "x"}})
	check := r.want(http.StatusCreated, "POST", "/api/v1/checks", map[string]any{"server_id": server.id(), "kind": "tcp", "target": "a:1"})
	hook := r.want(http.StatusCreated, "POST", "/api/v1/webhooks", map[string]any{"name": "a", "url": "https://example.com/"})
	made := map[string]reply{
		location("servers", server.id()): server,
		location("checks", check.id()):   check,
		location("webhooks", hook.id()):  hook,
	}
	for path, a := range made {
		if a.header.Get("Location") != path {
			t.Errorf("Location = %q, want %s", a.header.Get("Location"), path)
		}
		if diff := cmp.Diff(a.body, r.want(http.StatusOK, "GET", path, nil).body); diff != "" {
			t.Errorf("%s (-created +stored):\n%s", path, diff)
		}
	}
}

func TestTestsReachTheEngine(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	stored := fmt.Sprintf("/api/v1/webhooks/%d/test", w.webhook)
	r.want(http.StatusOK, "POST", "/api/v1/webhooks/test", map[string]any{"id": w.webhook, "event": "warning", "name": "renamed"})
	a := r.want(http.StatusOK, "POST", stored, map[string]any{"event": "recovered"})
	b := r.want(http.StatusOK, "POST", stored, nil)
	if a.body["delivery"].(map[string]any)["tells"] != "recovered" || b.body["delivery"].(map[string]any)["tells"] != "down" {
		t.Errorf("the tests tell %v and %v", a.body["delivery"], b.body["delivery"])
	}
	if a.body["attempt"].(map[string]any)["status_code"] != 429.0 {
		t.Errorf("attempt = %v", a.body["attempt"])
	}
	sent := r.engine.tests
	if len(sent) != 3 || sent[0].ID != w.webhook || sent[0].Name != "renamed" || sent[1].Name != "ops" {
		t.Errorf("tested webhooks = %v", sent)
	}
	if now, err := r.store.Webhook(t.Context(), w.webhook); err != nil || now.Name != "ops" {
		t.Errorf("a test has changed what is stored: %q, %v", now.Name, err)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	r := setup(t)
	empty := r.want(http.StatusOK, "GET", "/api/v1/status", nil).body
	want := map[string]any{"version": "1.2.3", "deliveries": map[string]any{"pending": 0.0, "sending": 0.0}}
	if diff := cmp.Diff(want, empty); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	r.populate()
	full := r.want(http.StatusOK, "GET", "/api/v1/status", nil).body["deliveries"].(map[string]any)
	if full["pending"] != 2.0 || full["oldest_due"] == nil {
		t.Errorf("deliveries = %v", full)
	}
}
