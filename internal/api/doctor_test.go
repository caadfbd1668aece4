package api

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

func TestDiagnosisView(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	a := r.want(http.StatusOK, "POST", fmt.Sprintf("/api/v1/webhooks/%d/diagnose", w.webhook), nil)
	findings := a.body["findings"].([]any)
	if a.body["healthy"] != false || len(findings) != len(scout.DoctorSteps()) {
		t.Fatalf("the diagnosis is %s", a.text)
	}
	want := map[string]any{"step": "url", "title": "URL", "outcome": "passed", "says": "Fine.", "took_ms": 1.5, "facts": []any{}}
	if diff := cmp.Diff(want, findings[0]); diff != "" {
		t.Errorf("the first finding (-want +got):\n%s", diff)
	}
	want = map[string]any{
		"step": "accepted", "title": "Payload accepted", "outcome": "failed", "says": "Fine.", "remedy": "Do something.", "took_ms": 1.5,
		"facts": []any{[]any{"status", "200 OK"}},
	}
	if diff := cmp.Diff(want, findings[len(findings)-1]); diff != "" {
		t.Errorf("the last finding (-want +got):\n%s", diff)
	}
}

func TestDiagnosesReachTheEngine(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	const unsaved = "/api/v1/webhooks/diagnose"
	r.want(http.StatusOK, "POST", unsaved, map[string]any{"id": w.webhook, "name": "renamed"})
	r.want(http.StatusOK, "POST", unsaved, map[string]any{"event": "down", "url": "https://hooks.example.com/b"})
	r.want(http.StatusOK, "POST", fmt.Sprintf("/api/v1/webhooks/%d/diagnose", w.webhook), nil)
	sent := r.engine.diagnosed
	if len(sent) != 3 || sent[0].ID != w.webhook || sent[0].Name != "renamed" || sent[1].ID != 0 || sent[2].Name != "ops" {
		t.Errorf("diagnosed webhooks = %v", sent)
	}
	for field, body := range map[string]map[string]any{
		"event":  {"event": "recovered", "url": "https://hooks.example.com/b"},
		"url":    {"url": "ftp://hooks.example.com/b"},
		"id":     {"id": "one"},
		"colour": {"url": "https://hooks.example.com/b", "colour": "red"},
	} {
		if fields := r.do(scout.Editor, "POST", unsaved, body).problem(t, http.StatusUnprocessableEntity, scout.Invalid); !slices.Equal(fields, []string{field}) {
			t.Errorf("%v: faulty fields = %q", body, fields)
		}
	}
	r.engine.err = scout.Errorf(scout.Unavailable, "Server Scout is stopping")
	r.do(scout.Editor, "POST", unsaved, map[string]any{"url": "https://hooks.example.com/b"}).problem(t, http.StatusServiceUnavailable, scout.Unavailable)
	if a := r.do(scout.Viewer, "POST", unsaved, map[string]any{"url": "https://hooks.example.com/b"}); a.status != http.StatusForbidden {
		t.Errorf("a viewer's diagnosis = %d", a.status)
	}
}
