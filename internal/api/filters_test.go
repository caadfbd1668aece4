package api

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"serverscout/internal/scout"
)

func TestFilters(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
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
		{"/checks", 2},
		{fmt.Sprintf("/checks?server_id=%d", other), 1},
		{"/checks?name=SSH", 1},
		{"/checks?kind=heartbeat", 1},
		{"/checks?level=down", 1},
		{"/checks?level=up", 0},
		{"/incidents", 2},
		{"/incidents?state=open", 1},
		{"/incidents?state=closed", 1},
		{fmt.Sprintf("/incidents?check_id=%d", w.check+1), 0},
		{"/incidents?server=web-01&service=SSH", 2},
		{"/incidents?since=" + opened, 2},
		{"/incidents?since=2026-01-15T10:30:21Z", 0},
		{"/events", 2},
		{"/events?incident_id=" + w.incident, 1},
		{fmt.Sprintf("/events?check_id=%d", w.check), 2},
		{"/events?kind=opened", 2},
		{"/events?kind=recovered", 0},
		{"/events?include_tests=true", 3},
		{"/deliveries", 2},
		{fmt.Sprintf("/deliveries?webhook_id=%d", w.webhook+1), 0},
		{fmt.Sprintf("/deliveries?event_id=%d", w.event), 1},
		{"/deliveries?incident_id=" + w.incident, 1},
		{"/deliveries?status=pending", 2},
		{"/deliveries?status=failed", 0},
		{"/deliveries?server=web-01&service=SSH", 2},
		{"/deliveries?until=" + opened, 0},
		{"/deliveries?since=" + opened, 2},
	}
	r.seedTest()
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
		"/checks?level=bad":         "level",
		"/checks?server_id=0":       "server_id",
		"/incidents?state=ajar":     "state",
		"/incidents?since=today":    "since",
		"/events?kind=gone":         "kind",
		"/events?include_tests=may": "include_tests",
		"/deliveries?status=lost":   "status",
		"/servers/one":              "id",
	} {
		fields := r.do(scout.Viewer, "GET", "/api/v1"+path, nil).problem(t, http.StatusUnprocessableEntity, scout.Invalid)
		if len(fields) != 1 || fields[0] != field {
			t.Errorf("%s: faulty fields = %q, want %s", path, fields, field)
		}
	}
}
