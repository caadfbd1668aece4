package api

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

func TestDeleteIncident(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	path := "/api/v1/incidents/" + w.closedIncident
	for _, kept := range []string{"/api/v1/incidents/" + w.incident, path} { // one is open, of the other something is owed
		r.do(scout.Editor, "DELETE", kept, nil).problem(t, http.StatusConflict, scout.Conflict)
	}
	r.want(http.StatusNoContent, "DELETE", fmt.Sprintf("/api/v1/webhooks/%d", w.webhook), nil)
	r.want(http.StatusNoContent, "DELETE", path, nil)
	r.do(scout.Editor, "GET", path, nil).problem(t, http.StatusNotFound, scout.NotFound)
	for list, left := range map[string]int{"/incidents": 1, "/events": 1, "/deliveries": 1, "/attempts": 2} {
		if a := r.want(http.StatusOK, "GET", "/api/v1"+list, nil); len(a.items()) != left {
			t.Errorf("%s has %d items, want %d", list, len(a.items()), left)
		}
	}
}

func TestEgress(t *testing.T) {
	t.Parallel()
	r := setup(t)
	nothing := map[string]any{"source_addresses": []any{}, "proxy": "", "limits": ""}
	if diff := cmp.Diff(nothing, r.want(http.StatusOK, "GET", "/api/v1/egress", nil).body); diff != "" {
		t.Errorf("without a source (-want +got):\n%s", diff)
	}
	r.serve(Options{Egress: func() EgressView {
		return EgressView{SourceAddresses: []string{"192.0.2.1"}, Proxy: "http://proxy.example.com:3128", Limits: "Public addresses only."}
	}})
	want := map[string]any{"source_addresses": []any{"192.0.2.1"}, "proxy": "http://proxy.example.com:3128", "limits": "Public addresses only."}
	if diff := cmp.Diff(want, r.want(http.StatusOK, "GET", "/api/v1/egress", nil).body); diff != "" {
		t.Errorf("egress (-want +got):\n%s", diff)
	}
}

func TestAttemptsOfAllDeliveries(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	items := r.want(http.StatusOK, "GET", "/api/v1/attempts", nil).items()
	var ids []any
	for _, item := range items {
		ids = append(ids, item.(map[string]any)["id"])
	}
	if diff := cmp.Diff([]any{4.0, 3.0, 2.0, 1.0}, ids); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	oldest := items[3].(map[string]any)
	alone := r.want(http.StatusOK, "GET", fmt.Sprintf("/api/v1/deliveries/%d/attempts", w.delivery), nil).items()[0].(map[string]any)
	alone["delivery_id"], alone["delivery_status"], alone["event_id"] = float64(w.delivery), "pending", float64(w.event)
	alone["webhook_id"], alone["webhook"], alone["check_id"] = float64(w.webhook), "ops", float64(w.check)
	alone["incident_id"], alone["server"], alone["service"], alone["tells"], alone["test"] = w.incident, "web-01", "SSH", "down", false
	if diff := cmp.Diff(alone, oldest); diff != "" {
		t.Errorf("an attempt with its delivery (-want +got):\n%s", diff)
	}
}
