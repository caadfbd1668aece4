package api

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"serverscout/internal/scout"
)

// giveUp ends the delivery that waits for a webhook longest.
func (r *rig) giveUp(webhook int64, at time.Time) int64 {
	r.Helper()
	jobs, err := r.store.Claim(r.Context(), webhook, 1, at)
	noErr(r.T, err)
	d := jobs[0].Delivery
	_, err = r.store.Finish(r.Context(), scout.Completion{
		Job: jobs[0], Attempt: failedAttempt(d, d.Attempts+1, at), Status: scout.DeliveryFailed, Reason: scout.GaveUp, Now: at,
	})
	noErr(r.T, err)
	return d.ID
}

func TestSendFailedAgain(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	at := began.Add(26 * time.Hour)
	id := r.giveUp(w.webhook, at)
	status := func() any {
		return r.want(http.StatusOK, "GET", fmt.Sprintf("/api/v1/deliveries/%d", id), nil).body["status"]
	}
	since := "since=" + at.Format(time.RFC3339Nano)
	for query, want := range map[string]float64{
		since: 1,
		"since=" + at.Add(time.Microsecond).Format(time.RFC3339Nano): 0,
		since + "&server=web-01&service=SSH":                         1,
		since + "&server=db-01":                                      0,
		fmt.Sprintf("webhook_id=%d", w.webhook+1):                    0,
		"": 1,
	} {
		a := r.want(http.StatusOK, "POST", "/api/v1/deliveries/send-again?dry_run=true&"+query, nil)
		if a.body["count"] != want || a.body["dry_run"] != true || a.body["more"] != false {
			t.Errorf("%q: %s", query, a.text)
		}
	}
	if got := status(); got != "failed" {
		t.Fatalf("a dry run left it %v", got)
	}
	a := r.want(http.StatusOK, "POST", "/api/v1/deliveries/send-again?"+since, nil)
	if a.body["count"] != 1.0 || a.body["dry_run"] != false || len(a.body["left"].([]any)) != 0 || status() != "pending" {
		t.Errorf("sent again: %s, and it is %v", a.text, status())
	}
	if a := r.do(scout.Viewer, "POST", "/api/v1/deliveries/send-again", nil); a.status != http.StatusForbidden {
		t.Errorf("a viewer gets %d", a.status)
	}
}

// What cannot be sent again is named, and the rest is sent.
func TestSendFailedAgainNamesWhatIsLeft(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	at := began.Add(26 * time.Hour)
	id := r.giveUp(w.webhook, at)
	r.want(http.StatusNoContent, "DELETE", fmt.Sprintf("/api/v1/webhooks/%d", w.webhook), nil)
	a := r.want(http.StatusOK, "POST", "/api/v1/deliveries/send-again", nil)
	left := a.body["left"].([]any)
	if a.body["count"] != 0.0 || len(left) != 1 {
		t.Fatalf("answer = %s", a.text)
	}
	one := left[0].(map[string]any)
	if one["delivery_id"] != float64(id) || one["webhook"] != "ops" || one["why"] != fmt.Sprintf("the webhook of delivery %d was removed", id) {
		t.Errorf("left = %v", one)
	}
}
