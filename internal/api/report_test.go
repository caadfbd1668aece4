package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"serverscout/internal/scout"
)

// report sends an event from outside that is taken.
func (r *rig) report(body string) reply {
	r.Helper()
	return r.want(http.StatusOK, "POST", "/api/v1/events", body)
}

// openOf is how many incidents of a server are open.
func (r *rig) openOf(server string) int {
	r.Helper()
	return len(r.want(http.StatusOK, "GET", "/api/v1/incidents?state=open&server="+server, nil).items())
}

func TestReportOpensAndEnds(t *testing.T) {
	t.Parallel()
	r := setup(t)
	hook := r.want(http.StatusCreated, "POST", "/api/v1/webhooks", map[string]any{"name": "ops", "url": "https://hooks.example.com/a"}).id()
	down := r.report(`{"status":"down","server_name":"test-server","message":"Test alert"}`)
	if down.str("server") != "test-server" || down.str("service") != "External" || down.str("level") != "down" || down.str("incident_id") == "" {
		t.Fatalf("reported = %s", down.text)
	}
	incident := r.want(http.StatusOK, "GET", "/api/v1/incidents/"+down.str("incident_id"), nil)
	if incident.str("message") != "Test alert" || incident.body["open"] != true || incident.body["check_id"] != down.body["check_id"] {
		t.Errorf("incident = %s", incident.text)
	}
	again := r.report(`{"status":"down","server_name":"test-server","message":"Test alert"}`)
	if again.text != down.text {
		t.Errorf("reported again = %s, want %s", again.text, down.text)
	}
	up := r.report(`{"status":"recovered","server_name":"test-server"}`)
	if up.str("level") != "up" || up.str("incident_id") != down.str("incident_id") {
		t.Errorf("recovered = %s", up.text)
	}
	if r.openOf("test-server") != 0 {
		t.Error("the incident is still open")
	}
	owed := r.want(http.StatusOK, "GET", fmt.Sprintf("/api/v1/deliveries?webhook_id=%d", hook), nil).items()
	if len(owed) != 2 || owed[1].(map[string]any)["tells"] != "down" || owed[0].(map[string]any)["tells"] != "recovered" {
		t.Errorf("deliveries = %v", owed)
	}
}

func TestReportByAlertID(t *testing.T) {
	t.Parallel()
	r := setup(t)
	down := r.report(`{"alert_id":"12345","server_name":"web-01","service":"HTTP","status":"warning","server_ip":"192.0.2.1"}`)
	worse := r.report(`{"alert_id":"12345","status":"down","message":"It is worse now"}`)
	if worse.str("incident_id") != down.str("incident_id") || worse.str("level") != "down" || worse.str("service") != "HTTP" {
		t.Errorf("worse = %s, after %s", worse.text, down.text)
	}
	up := r.report(`{"alert_id":"12345","status":"recovered"}`)
	if up.str("incident_id") != down.str("incident_id") || up.str("level") != "up" || r.openOf("web-01") != 0 {
		t.Errorf("recovered = %s", up.text)
	}
	for _, unknown := range []string{`{"alert_id":"12345","status":"recovered"}`, `{"severity":"info","server_name":"nowhere","service":"HTTP"}`} {
		a := r.report(unknown)
		if a.str("level") != "up" || a.body["incident_id"] != nil || a.body["server_id"] != nil || a.body["check_id"] != nil {
			t.Errorf("the recovery of something unknown = %s", a.text)
		}
	}
	if servers := r.want(http.StatusOK, "GET", "/api/v1/servers?name=nowhere", nil).items(); len(servers) != 0 {
		t.Error("the recovery of something unknown has made a server")
	}
}

func TestReportRefused(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	tests := []struct {
		name, body string
		fields     []string
	}{
		{"nothing", `{}`, []string{"status"}},
		{"no server", `{"status":"down"}`, []string{"server_name"}},
		{"an unknown alert without a server", `{"status":"down","alert_id":"7"}`, []string{"server_name"}},
		{"a contradiction", `{"status":"down","severity":"info","server_name":"a"}`, []string{"severity"}},
		{"words", `{"status":"broken","server_name":"a","hostname":"b"}`, []string{"hostname", "status"}},
		{"a future", `{"status":"down","server_name":"a","timestamp":"2999-01-01T00:00:00Z"}`, []string{"timestamp"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fields := r.do(scout.Editor, "POST", "/api/v1/events", tt.body).problem(t, http.StatusUnprocessableEntity, scout.Invalid)
			slices.Sort(fields)
			if !slices.Equal(fields, tt.fields) {
				t.Errorf("faulty fields = %q, want %q", fields, tt.fields)
			}
		})
	}
	probed := r.do(scout.Editor, "POST", "/api/v1/events", `{"status":"down","server_name":"web-01","service":"SSH"}`)
	probed.problem(t, http.StatusConflict, scout.Conflict)
	if !strings.Contains(probed.str("detail"), "watched by Server Scout itself") {
		t.Errorf("the refusal for a check that is probed reads %q", probed.str("detail"))
	}
	r.do(scout.Viewer, "POST", "/api/v1/events", `{"status":"down","server_name":"a"}`).problem(t, http.StatusForbidden, scout.Forbidden)
	if n := r.openOf("web-01"); n != 1 { // the world's own
		t.Errorf("%d incidents of %d are open after what was refused", n, w.server)
	}
}

func TestReportAboutPausedCheck(t *testing.T) {
	t.Parallel()
	r := setup(t)
	down := r.report(`{"status":"down","server_name":"a","alert_id":"7"}`)
	r.want(http.StatusOK, "POST", fmt.Sprintf("/api/v1/checks/%v/pause", down.body["check_id"]), nil)
	for _, body := range []string{`{"status":"warning","alert_id":"7"}`, `{"status":"warning","server_name":"a"}`} {
		r.do(scout.Editor, "POST", "/api/v1/events", body).problem(t, http.StatusConflict, scout.Conflict)
	}
}
