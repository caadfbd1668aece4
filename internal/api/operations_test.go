package api

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// A call is a request that an operation grants.
type call struct {
	operation, method, path string
	body                    any
	status                  int
}

// calls has every operation once, in an order in which all are granted.
func calls(w world) []call {
	at := func(format string, args ...any) string { return "/api/v1" + fmt.Sprintf(format, args...) }
	return []call{
		{"get_status", "GET", at("/status"), nil, 200},
		{"list_servers", "GET", at("/servers"), nil, 200},
		{"create_server", "POST", at("/servers"), map[string]any{"name": "db-01"}, 201},
		{"get_server", "GET", at("/servers/%d", w.server), nil, 200},
		{"change_server", "PATCH", at("/servers/%d", w.server), map[string]any{"tags": nil}, 200},
		{"list_checks", "GET", at("/checks"), nil, 200},
		{"create_check", "POST", at("/checks"), map[string]any{"server_id": w.server, "kind": "http", "target": "https://example.com/"}, 201},
		{"get_check", "GET", at("/checks/%d", w.check), nil, 200},
		{"change_check", "PATCH", at("/checks/%d", w.check), map[string]any{"interval": "5m"}, 200},
		{"list_results", "GET", at("/checks/%d/results", w.check), nil, 200},
		{"get_availability", "GET", at("/checks/%d/availability", w.check), nil, 200},
		{"list_rollups", "GET", at("/checks/%d/rollups", w.check), nil, 200},
		{"pause_check", "POST", at("/checks/%d/pause", w.check), nil, 200},
		{"resume_check", "POST", at("/checks/%d/resume", w.check), nil, 200},
		{"probe_check", "POST", at("/checks/%d/probe", w.check), nil, 200},
		{"list_incidents", "GET", at("/incidents"), nil, 200},
		{"get_incident", "GET", at("/incidents/%s", w.incident), nil, 200},
		{"acknowledge_incident", "POST", at("/incidents/%s/acknowledgement", w.incident), map[string]any{"note": "on it"}, 200},
		{"unacknowledge_incident", "DELETE", at("/incidents/%s/acknowledgement", w.incident), nil, 204},
		{"explain_incident", "GET", at("/incidents/%s/why", w.incident), nil, 200},
		{"list_events", "GET", at("/events"), nil, 200},
		{"report_event", "POST", at("/events"), map[string]any{"status": "down", "server_name": "test-server", "message": "Test alert"}, 200},
		{"get_event", "GET", at("/events/%d", w.event), nil, 200},
		{"explain_event", "GET", at("/events/%d/why", w.event), nil, 200},
		{"list_webhooks", "GET", at("/webhooks"), nil, 200},
		{"create_webhook", "POST", at("/webhooks"), map[string]any{"name": "chat", "url": "https://hooks.slack.com/services/T1/B1/abc"}, 201},
		{"get_webhook", "GET", at("/webhooks/%d", w.webhook), nil, 200},
		{"change_webhook", "PATCH", at("/webhooks/%d", w.webhook), map[string]any{"alert_types": []string{"critical"}}, 200},
		{"pause_webhook", "POST", at("/webhooks/%d/pause", w.webhook), nil, 200},
		{"resume_webhook", "POST", at("/webhooks/%d/resume", w.webhook), nil, 200},
		{"test_webhook", "POST", at("/webhooks/%d/test", w.webhook), nil, 200},
		{"test_unsaved_webhook", "POST", at("/webhooks/test"), map[string]any{"url": "https://hooks.example.com/b"}, 200},
		{"list_holds", "GET", at("/holds"), nil, 200},
		{"create_hold", "POST", at("/holds"), map[string]any{"kind": "silence", "for": "1h", "everything": true}, 201},
		{"get_hold", "GET", at("/holds/%d", w.hold), nil, 200},
		{"change_hold", "PATCH", at("/holds/%d", w.hold), map[string]any{"for": "3h"}, 200},
		{"end_hold", "POST", at("/holds/%d/end", w.hold), nil, 200},
		{"delete_hold", "DELETE", at("/holds/%d", w.endedHold), nil, 204},
		{"diagnose_webhook", "POST", at("/webhooks/%d/diagnose", w.webhook), nil, 200},
		{"diagnose_unsaved_webhook", "POST", at("/webhooks/diagnose"), map[string]any{"url": "https://hooks.example.com/b"}, 200},
		{"list_deliveries", "GET", at("/deliveries"), nil, 200},
		{"get_delivery", "GET", at("/deliveries/%d", w.delivery), nil, 200},
		{"list_attempts", "GET", at("/deliveries/%d/attempts", w.delivery), nil, 200},
		{"list_all_attempts", "GET", at("/attempts"), nil, 200},
		{"send_failed_again", "POST", at("/deliveries/send-again"), nil, 200},
		{"retry_delivery", "POST", at("/deliveries/%d/retry", w.delivery), nil, 200},
		{"delete_webhook", "DELETE", at("/webhooks/%d", w.webhook), nil, 204},
		{"delete_incident", "DELETE", at("/incidents/%s", w.closedIncident), nil, 204},
		{"list_tokens", "GET", at("/tokens"), nil, 200},
		{"create_token", "POST", at("/tokens"), map[string]any{"name": "wall", "role": "viewer"}, 201},
		{"get_token", "GET", at("/tokens/%d", w.token), nil, 200},
		{"change_token", "PATCH", at("/tokens/%d", w.token), map[string]any{"role": "editor"}, 200},
		{"delete_token", "DELETE", at("/tokens/%d", w.token), nil, 204},
		{"list_status_pages", "GET", at("/status-pages"), nil, 200},
		{"create_status_page", "POST", at("/status-pages"), map[string]any{"title": "Inside", "access": "link", "groups": []any{map[string]any{"name": "All", "everything": true}}}, 201},
		{"get_status_page", "GET", at("/status-pages/%d", w.statusPage), nil, 200},
		{"change_status_page", "PATCH", at("/status-pages/%d", w.statusPage), map[string]any{"intro": "How we are."}, 200},
		{"list_status_notes", "GET", at("/status-pages/%d/notes", w.statusPage), nil, 200},
		{"create_status_note", "POST", at("/status-pages/%d/notes", w.statusPage), map[string]any{"text": "We are on it."}, 201},
		{"delete_status_note", "DELETE", at("/status-pages/%d/notes/%d", w.statusPage, w.statusNote), nil, 204},
		{"delete_status_page", "DELETE", at("/status-pages/%d", w.statusPage), nil, 204},
		{"list_accounts", "GET", at("/accounts"), nil, 200},
		{"create_account", "POST", at("/accounts"), map[string]any{"name": "bob", "role": "viewer", "password": "correct horse battery"}, 201},
		{"get_account", "GET", at("/accounts/%d", w.account), nil, 200},
		{"list_sessions", "GET", at("/accounts/%d/sessions", w.account), nil, 200},
		{"end_session", "DELETE", at("/accounts/%d/sessions/%d", w.account, w.session), nil, 204},
		{"end_sessions", "DELETE", at("/accounts/%d/sessions", w.account), nil, 204},
		{"change_account", "PATCH", at("/accounts/%d", w.account), map[string]any{"role": "editor"}, 200},
		{"delete_account", "DELETE", at("/accounts/%d", w.account), nil, 204},
		{"show_egress", "GET", at("/egress"), nil, 200},
		{"stream", "GET", at("/stream"), nil, 200},
		{"delete_check", "DELETE", at("/checks/%d", w.check), nil, 204},
		{"delete_server", "DELETE", at("/servers/%d", w.server), nil, 204},
	}
}

func TestEveryOperation(t *testing.T) {
	t.Parallel()
	r := setup(t)
	called := []string{}
	for _, c := range calls(r.populate()) {
		if op := r.operation(c.method, c.path); op == nil || op.OperationID != c.operation {
			t.Errorf("%s %s is not documented as %s", c.method, c.path, c.operation)
		}
		if a := r.do(scout.Admin, c.method, c.path, c.body); a.status != c.status {
			t.Errorf("%s %s = %d, want %d: %s", c.method, c.path, a.status, c.status, a.text)
		}
		called = append(called, c.operation)
	}
	documented := []string{}
	for path, item := range r.spec.Paths {
		for method, op := range operations(item) {
			if op == nil {
				continue
			}
			documented = append(documented, op.OperationID)
			if op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s %s lacks an id, a summary or a tag", method, path)
			}
		}
	}
	slices.Sort(called)
	slices.Sort(documented)
	if !slices.Equal(called, documented) {
		t.Errorf("operations called = %v\ndocumented = %v", called, documented)
	}
}

func TestUnknownObjectsAreNotFound(t *testing.T) {
	t.Parallel()
	r := setup(t)
	nowhere := world{server: 99, check: 99, webhook: 99, event: 99, delivery: 99, token: 99, account: 99, session: 99, hold: 99, endedHold: 99, statusPage: 99, statusNote: 99, incident: "99", closedIncident: "99"}
	for _, c := range calls(nowhere) {
		if strings.Contains(c.path, "99") {
			r.do(scout.Admin, c.method, c.path, c.body).problem(t, http.StatusNotFound, scout.NotFound)
		}
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	r := bare(t)
	req, err := http.NewRequestWithContext(t.Context(), "GET", "/api/v1/openapi.json", nil)
	noErr(t, err)
	a := r.send(req) // without a token
	if a.status != http.StatusOK || a.str("openapi") != "3.1.0" {
		t.Fatalf("document = %d %.100s", a.status, a.text)
	}
	for _, ref := range regexp.MustCompile(`"\$ref":"([^"]*)"`).FindAllStringSubmatch(a.text, -1) {
		if !resolves(a.body, ref[1]) {
			t.Errorf("%s leads nowhere", ref[1])
		}
	}
	for _, name := range []string{"Problem", "Server", "ServerPage", "Check", "NewCheck", "Webhook", "WebhookChange", "Delivery"} {
		if !resolves(a.body, "#/components/schemas/"+name) {
			t.Errorf("there is no schema %s", name)
		}
	}
	for name, schema := range r.spec.Components.Schemas.Map() {
		for _, key := range schema.Required {
			if schema.Properties[key] == nil {
				t.Errorf("%s requires %s and does not say what that is", name, key)
			}
		}
	}
	if strings.Contains(a.text, "ErrorModel") || strings.Contains(a.text, "$schema") {
		t.Error("the document shows huma's own models")
	}
}

// resolves reports whether a local reference leads to something.
func resolves(document map[string]any, ref string) bool {
	path, local := strings.CutPrefix(ref, "#/")
	var at any = document
	for part := range strings.SplitSeq(path, "/") {
		object, ok := at.(map[string]any)
		if !ok {
			return false
		}
		at = object[part]
	}
	return local && at != nil
}

func TestDocumentedFailures(t *testing.T) {
	t.Parallel()
	r := bare(t)
	for path, item := range r.spec.Paths {
		for method, op := range operations(item) {
			if op == nil {
				continue
			}
			want := []string{"401", "422", "500", "503"}
			if method != http.MethodGet {
				want = append(want, "403", "409")
			}
			if strings.Contains(path, "{") {
				want = append(want, "404")
			}
			if slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == "If-Match" }) {
				want = append(want, "400", "412")
			}
			if op.RequestBody != nil {
				want = append(want, "400", "413", "415")
			}
			for _, status := range want {
				if op.Responses[status] == nil {
					t.Errorf("%s does not document %s", op.OperationID, status)
				}
			}
		}
	}
}
