package api

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

func TestHoldView(t *testing.T) {
	t.Parallel()
	r := setup(t)
	keys := map[string]any{
		"kind": "maintenance", "from": "2099-01-15T22:00:00Z", "until": "2099-01-16T02:00:00Z", "match": map[string]any{"tags": []string{"prod"}},
	}
	if fields := r.do(scout.Editor, "POST", "/api/v1/holds", keys).problem(t, http.StatusUnprocessableEntity, scout.Invalid); len(fields) != 1 || fields[0] != "until" {
		t.Errorf("a hold that ends in 2099: faulty fields = %q", fields)
	}
	delete(keys, "from")
	delete(keys, "until")
	keys["for"] = "2h"
	made := r.want(http.StatusCreated, "POST", "/api/v1/holds", keys)
	path := location("holds", made.id())
	if made.header.Get("Location") != path || made.header.Get("ETag") != `"1"` {
		t.Errorf("header = %v", made.header)
	}
	if diff := cmp.Diff(made.body, r.want(http.StatusOK, "GET", path, nil).body); diff != "" {
		t.Errorf("(-created +stored):\n%s", diff)
	}
	match := map[string]any{"servers": []any{}, "tags": []any{"prod"}, "checks": []any{}}
	if diff := cmp.Diff(match, made.body["match"]); diff != "" || made.body["everything"] != false || made.str("state") != "active" || made.str("author") != "editor" || made.body["ended_at"] != nil {
		t.Errorf("hold = %s", made.text)
	}
	ended := r.want(http.StatusOK, "POST", path+"/end", nil)
	if ended.str("state") != "ended" || ended.str("ended_at") == "" || ended.header.Get("ETag") != `"2"` {
		t.Errorf("ended = %s", ended.text)
	}
	r.do(scout.Editor, "PATCH", path, map[string]any{"for": "1h"}).problem(t, http.StatusConflict, scout.Conflict)
	r.do(scout.Viewer, "DELETE", path, nil).problem(t, http.StatusForbidden, scout.Forbidden)
	r.want(http.StatusNoContent, "DELETE", path, nil)
	r.do(scout.Viewer, "GET", path, nil).problem(t, http.StatusNotFound, scout.NotFound)
}

func TestAcknowledgementView(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	path := "/api/v1/incidents/" + w.incident
	if before := r.want(http.StatusOK, "GET", path, nil).body["acknowledgement"]; before != nil {
		t.Errorf("before = %v", before)
	}
	r.want(http.StatusOK, "POST", path+"/acknowledgement", map[string]any{"note": "on it"})
	shown, _ := r.want(http.StatusOK, "GET", path, nil).body["acknowledgement"].(map[string]any)
	if shown["by"] != "editor" || shown["note"] != "on it" || shown["at"] == nil {
		t.Errorf("acknowledgement = %v", shown)
	}
	fields := r.do(scout.Editor, "POST", path+"/acknowledgement", map[string]any{"note": 1, "by": "me"}).problem(t, http.StatusUnprocessableEntity, scout.Invalid)
	if fmt.Sprint(fields) != "[note by]" {
		t.Errorf("faulty fields = %q", fields)
	}
	r.do(scout.Viewer, "POST", path+"/acknowledgement", nil).problem(t, http.StatusForbidden, scout.Forbidden)
	closed := "/api/v1/incidents/" + w.closedIncident + "/acknowledgement"
	r.do(scout.Editor, "POST", closed, nil).problem(t, http.StatusConflict, scout.Conflict)
	r.want(http.StatusNoContent, "DELETE", path+"/acknowledgement", nil)
	if after := r.want(http.StatusOK, "GET", path, nil).body["acknowledgement"]; after != nil {
		t.Errorf("after = %v", after)
	}
}
