package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

func TestWhyOfAnEvent(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	r.want(http.StatusCreated, "POST", "/api/v1/webhooks", map[string]any{"name": "new", "url": "https://hooks.example.com/new"})
	items := r.want(http.StatusOK, "GET", fmt.Sprintf("/api/v1/events/%d/why", w.event), nil).items()
	if len(items) != 2 {
		t.Fatalf("the items are %v", items)
	}
	ops, later := items[0].(map[string]any), items[1].(map[string]any)
	delivery, _ := ops["delivery"].(map[string]any)
	delete(ops, "delivery")
	want := map[string]any{
		"event_id": float64(w.event), "incident_id": w.incident, "seq": 1.0, "kind": "opened", "level": "down",
		"at": "2026-01-15T10:30:20.123456Z", "message": "connection refused", "webhook_id": float64(w.webhook), "webhook": "ops",
		"reason": "owed", "says": "Due, but the webhook is failing, and few messages are tried at a time: too many requests.",
		"next_at": "2026-01-15T10:32:01.123456Z",
	}
	if diff := cmp.Diff(want, ops); diff != "" || delivery["id"] != float64(w.delivery) {
		t.Errorf("(-want +got):\n%s\nof the delivery %v", diff, delivery)
	}
	if later["webhook"] != "new" || later["reason"] != "made_later" || later["delivery"] != nil || later["next_at"] != nil {
		t.Errorf("a webhook made later: %v", later)
	}
}

func TestWhyNamesTheLastFault(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	ctx, now := r.Context(), time.Now()
	jobs, err := r.store.Claim(ctx, w.webhook, 1, now)
	noErr(t, err)
	noErr(t, r.store.Update(ctx, func(tx *store.Tx) error { return tx.ResumeWebhook(w.webhook) }))
	a := failedAttempt(jobs[0].Delivery, 3, now)
	a.Verdict.Detail = "The receiver answered 500."
	_, err = r.store.Finish(ctx, scout.Completion{
		Job: jobs[0], Attempt: a, Status: scout.DeliveryFailed, Reason: scout.GaveUp, Now: now, Says: scout.SaysFailure,
	})
	noErr(t, err)
	items := r.want(http.StatusOK, "GET", fmt.Sprintf("/api/v1/events/%d/why", jobs[0].Delivery.EventID), nil).items()
	says := items[0].(map[string]any)["says"].(string)
	took := scout.Duration(now.Sub(jobs[0].Delivery.FirstAttempt).Round(time.Second)).String()
	if want := "Given up after 3 attempts over " + took + "; the last attempt ended with: The receiver answered 500."; says != want {
		t.Errorf("it says %q, want %q", says, want)
	}
}

func TestWhyOfAnIncidentComesInOrder(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.populate()
	noErr(t, r.store.Update(r.Context(), func(tx *store.Tx) error {
		for seq := 2; seq <= 5; seq++ {
			e := scout.Event{
				IncidentID: w.incident, Seq: seq, Kind: scout.Reminder, Level: scout.Down, At: began.Add(time.Duration(seq) * time.Minute),
				Decisions: []scout.Decision{
					{WebhookID: w.webhook, Webhook: "ops", Reason: scout.AlreadyTold}, {WebhookID: 99, Webhook: "was removed", Reason: scout.Filtered},
				},
			}
			if err := tx.InsertEvent(&e); err != nil {
				return err
			}
		}
		return nil
	}))
	path := "/api/v1/incidents/" + w.incident + "/why"
	walk := func(query string) (got []string) {
		for cursor := ""; ; {
			a := r.want(http.StatusOK, "GET", path+"?limit=2"+query+cursor, nil)
			for _, item := range a.items() {
				v := item.(map[string]any)
				got = append(got, fmt.Sprint(v["seq"], " ", v["webhook"]))
			}
			if a.str("next") == "" {
				return got
			}
			cursor = "&cursor=" + url.QueryEscape(a.str("next"))
		}
	}
	all := []string{"1 ops", "2 ops", "2 was removed", "3 ops", "3 was removed", "4 ops", "4 was removed", "5 ops", "5 was removed"}
	if got := walk(""); !slices.Equal(got, all) {
		t.Errorf("got %q", got)
	}
	if got, want := walk("&webhook_id=99"), []string{"2 was removed", "3 was removed", "4 was removed", "5 was removed"}; !slices.Equal(got, want) {
		t.Errorf("of one webhook: got %q", got)
	}
	r.do(scout.Viewer, "GET", path+"?cursor=x", nil).problem(t, http.StatusBadRequest, scout.Invalid)
}
