package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

func TestFilters(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	until := url.QueryEscape(began.Add(30 * time.Second).Format(time.RFC3339Nano))
	other := r.want(http.StatusCreated, "POST", "/api/v1/servers", map[string]any{"name": "db 01", "tags": []string{"db"}}).id()
	r.want(http.StatusCreated, "POST", "/api/v1/checks", map[string]any{"server_id": other, "kind": "heartbeat", "period": "1d", "name": "backup"})
	opened := url.QueryEscape(began.Add(20 * time.Second).Format(time.RFC3339Nano))
	tests := []struct {
		path string
		want int
	}{
		{"/servers", 2},
		{"/servers?name=db+01", 1},
		{"/servers?name=db", 0},
		{"/servers?tag=prod", 1},
		{"/servers?q=WEB", 1},
		{"/servers?q=192.0.2.1", 1},
		{"/servers?q=%25", 0},
		{"/checks", 2},
		{fmt.Sprintf("/checks?server_id=%d", other), 1},
		{"/checks?name=SSH", 1},
		{"/checks?kind=heartbeat", 1},
		{"/checks?level=down", 1},
		{"/checks?level=up", 0},
		{"/checks?level=unknown", 1},
		{"/checks?paused=true", 0},
		{"/checks?paused=false", 2},
		{"/checks?tag=prod", 1},
		{"/checks?q=ssh", 1},
		{"/checks?q=db+01", 1},
		{"/incidents", 2},
		{"/incidents?state=open", 1},
		{"/incidents?state=closed", 1},
		{"/incidents?state=ended", 1},
		{"/incidents?level=down", 2},
		{"/incidents?level=warning", 0},
		{"/incidents?until=" + opened, 0},
		{"/incidents?since=" + opened + "&until=" + until, 2},
		{fmt.Sprintf("/incidents?check_id=%d", w.check+1), 0},
		{"/incidents?server=web-01&service=SSH", 2},
		{"/incidents?since=" + opened, 2},
		{"/incidents?since=2026-01-15T10:30:21Z", 0},
		{"/incidents?acknowledged=true", 1},
		{"/incidents?acknowledged=false", 1},
		{"/holds", 2},
		{"/holds?state=planned", 0},
		{"/holds?state=active", 1},
		{"/holds?state=ended", 1},
		{"/holds?kind=silence", 1},
		{"/holds?kind=silence&state=active", 0},
		{"/status-pages", 1},
		{"/status-pages?slug=our-services", 1},
		{"/status-pages?slug=others", 0},
		{fmt.Sprintf("/status-pages/%d/notes", w.statusPage), 1},
		{fmt.Sprintf("/status-pages/%d/notes?incident_id=%s", w.statusPage, w.incident), 1},
		{fmt.Sprintf("/status-pages/%d/notes?incident_id=%s", w.statusPage, w.closedIncident), 0},
		{"/events", 2},
		{"/events?incident_id=" + w.incident, 1},
		{fmt.Sprintf("/events?check_id=%d", w.check), 2},
		{"/events?kind=opened", 2},
		{"/events?kind=recovered", 0},
		{"/events?include_tests=true", 3},
		{"/events?include_tests=true&test=false", 2},
		{"/events?test=true", 1},
		{"/events?since=" + opened, 2},
		{"/events?until=" + opened, 0},
		{"/incidents/" + w.incident + "/why", 1},
		{fmt.Sprintf("/incidents/%s/why?webhook_id=%d", w.incident, w.webhook), 1},
		{fmt.Sprintf("/incidents/%s/why?webhook_id=%d", w.incident, w.webhook+1), 0},
		{"/deliveries", 2},
		{fmt.Sprintf("/deliveries?webhook_id=%d", w.webhook+1), 0},
		{fmt.Sprintf("/deliveries?event_id=%d", w.event), 1},
		{"/deliveries?incident_id=" + w.incident, 1},
		{"/deliveries?status=pending", 2},
		{"/deliveries?status=failed", 0},
		{"/deliveries?status=failed,pending", 2},
		{"/deliveries?status=failed,cancelled", 0},
		{"/deliveries?reason=owed", 2},
		{"/deliveries?reason=gave_up", 0},
		{"/deliveries?q=ssh", 2},
		{"/deliveries?q=pager", 0},
		{"/deliveries?test=true", 0},
		{"/deliveries?test=false", 2},
		{"/deliveries?server=web-01&service=SSH", 2},
		{"/deliveries?until=" + opened, 0},
		{"/deliveries?since=" + opened, 2},
		{"/attempts", 4},
		{fmt.Sprintf("/attempts?webhook_id=%d", w.webhook), 4},
		{fmt.Sprintf("/attempts?webhook_id=%d", w.webhook+1), 0},
		{"/attempts?outcome=retry", 4},
		{"/attempts?outcome=delivered", 0},
		{"/attempts?fault=rate_limited", 4},
		{"/attempts?fault=timeout", 0},
		{"/attempts?since=2026-01-15T10:31:30Z", 2},
		{"/attempts?until=2026-01-15T10:31:30Z", 2},
		{"/attempts?before=3", 2},
		{"/webhooks", 1},
		{"/webhooks?name=ops", 1},
		{"/webhooks?name=op", 0},
		{"/webhooks?format=auto", 1},
		{"/webhooks?format=slack", 0},
		{"/webhooks?failing=true", 1},
		{"/webhooks?failing=false", 0},
		{"/webhooks?paused=true", 0},
		{"/webhooks?disabled=false", 1},
	}
	r.seedTest()
	r.want(http.StatusOK, "POST", "/api/v1/incidents/"+w.incident+"/acknowledgement", nil)
	for _, tt := range tests {
		if a := r.want(http.StatusOK, "GET", "/api/v1"+tt.path, nil); len(a.items()) != tt.want {
			t.Errorf("%s has %d items, want %d", tt.path, len(a.items()), tt.want)
		}
	}
}

func TestFiltersRefuseWhatTheyCannotMean(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for path, field := range map[string]string{
		"/checks?level=bad":                      "level",
		"/incidents?level=up":                    "level",
		"/checks?server_id=0":                    "server_id",
		"/incidents?state=ajar":                  "state",
		"/incidents?since=today":                 "since",
		"/holds?state=over":                      "state",
		"/holds?kind=silenced":                   "kind",
		"/incidents?acknowledged=perhaps":        "acknowledged",
		"/events?kind=gone":                      "kind",
		"/events?include_tests=may":              "include_tests",
		"/deliveries?status=lost":                "status",
		"/deliveries?status=failed,lost":         "status",
		"/webhooks?paused=perhaps":               "paused",
		"/attempts?outcome=fine":                 "outcome",
		"/incidents/1/why?webhook_id=0":          "webhook_id",
		"/attempts?before=0":                     "before",
		"/stream?types=event,noise":              "types",
		"/servers?q=" + strings.Repeat("x", 201): "q",
		"/servers/one":                           "id",
	} {
		fields := r.do(scout.Viewer, "GET", "/api/v1"+path, nil).problem(t, http.StatusUnprocessableEntity, scout.Invalid)
		if len(fields) != 1 || fields[0] != field {
			t.Errorf("%s: faulty fields = %q, want %s", path, fields, field)
		}
	}
}
