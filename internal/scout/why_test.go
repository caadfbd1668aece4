package scout

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var opened = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

func TestWhy(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) time.Time { return opened.Add(d) }
	now := at(10 * time.Minute)
	fine := Webhook{ID: 1, Name: "ops"}
	with := func(change func(*Webhook)) *Webhook {
		w := fine
		change(&w)
		return &w
	}
	pending := func(change func(*Delivery)) *Delivery {
		d := Delivery{ID: 7, WebhookID: 1, Tells: StatusDown, Status: Pending, Reason: Owed, DueAt: at(11 * time.Minute), Attempts: 2}
		if change != nil {
			change(&d)
		}
		return &d
	}
	ended := func(s DeliveryStatus, r Reason, attempts int, after time.Duration) *Delivery {
		return &Delivery{ID: 7, WebhookID: 1, Status: s, Reason: r, Attempts: attempts, FirstAttempt: at(time.Second), FinishedAt: at(after)}
	}
	tests := []struct {
		name     string
		reason   Reason
		webhook  *Webhook
		delivery *Delivery
		fault    string
		says     string
		next     time.Time
	}{
		{"not selected", NotSelected, &fine, nil, "", "Not sent: the webhook does not hear this alert type.", time.Time{}},
		{"filtered", Filtered, &fine, nil, "", "Not sent: the webhook's match names other servers, tags or checks.", time.Time{}},
		{"already told", AlreadyTold, &fine, nil, "", "Not sent: the webhook had been told this already.", time.Time{}},
		{"never told", NeverTold, &fine, nil, "", "Not sent: the webhook was never told what this would end.", time.Time{}},
		{"still waiting", StillWaiting, &fine, nil, "", "Not sent: an earlier message of the incident still waited to be sent.", time.Time{}},
		{"silenced", Silenced, &fine, nil, "", "Not sent: a silence was in force.", time.Time{}},
		{"in maintenance", InMaintenance, &fine, nil, "", "Not sent: a maintenance window was in force.", time.Time{}},
		{"made later", MadeLater, &fine, nil, "", "Not sent: the webhook was made after the event.", time.Time{}},
		{"a reason of tomorrow", "full_moon", &fine, nil, "", "Not sent: full moon.", time.Time{}},
		{"was paused", WebhookPaused, &fine, nil, "", "Not sent: the webhook was paused.", time.Time{}},
		{"was paused, and removed", WebhookPaused, nil, nil, "", "Not sent: the webhook was paused.", time.Time{}},
		{"is paused", WebhookPaused, with(func(w *Webhook) { w.Paused = true }), nil, "", "Held back: the webhook is paused; resume it to have it told where the incident is by then.", time.Time{}},
		{"was disabled", Disabled, &fine, nil, "", "Not sent: the webhook was disabled, as its receiver had said that it is gone.", time.Time{}},
		{"is disabled", Disabled, with(func(w *Webhook) { w.DisabledAt, w.DisabledWhy = opened, "The receiver answered 410." }), nil, "", "Held back: the webhook is disabled (The receiver answered 410); resume it once it can be reached again.", time.Time{}},
		{"owed, and pruned", Owed, &fine, nil, "", "It was owed, but what became of it is no longer on record.", time.Time{}},

		{"delivered at once", Owed, &fine, ended(Delivered, Owed, 1, 400*time.Millisecond), "", "Delivered within a second of the event, at the first attempt.", time.Time{}},
		{"delivered before the event, as the clock was set back", Owed, &fine, ended(Delivered, Owed, 1, -time.Hour), "", "Delivered within a second of the event, at the first attempt.", time.Time{}},
		{"delivered late", Owed, nil, ended(Delivered, Owed, 4, 5*time.Minute+3*time.Second), "", "Delivered 5m3s after the event, at attempt 4.", time.Time{}},
		{"caught up", CaughtUp, &fine, ended(Delivered, CaughtUp, 1, 26*time.Hour), "", "Delivered 1d2h after the event, at the first attempt: it was held back until then.", time.Time{}},
		{"sending", Owed, &fine, &Delivery{Status: Sending, Attempts: 2}, "", "Being sent now: attempt 3 is under way.", time.Time{}},
		{"given up", Owed, &fine, ended(DeliveryFailed, GaveUp, 290, 24*time.Hour+time.Second), "connection refused.", "Given up after 290 attempts over 1d; the last attempt ended with: connection refused.", time.Time{}},
		{"given up at once", Owed, &fine, ended(DeliveryFailed, GaveUp, 1, time.Second), "", "Given up after 1 attempt over 0s.", time.Time{}},
		{"gone", Owed, &fine, ended(DeliveryFailed, Gone, 1, time.Second), "The receiver answered 410 Gone", "Failed: the receiver said that it is gone; the last attempt ended with: The receiver answered 410 Gone.", time.Time{}},
		{"a failed test", Owed, nil, ended(DeliveryFailed, TestFailed, 1, time.Second), "no route", "The test failed; the last attempt ended with: no route.", time.Time{}},
		{"cancelled by a removal", Owed, nil, ended(DeliveryCancelled, WebhookRemoved, 1, time.Second), "", "Cancelled: the webhook was removed.", time.Time{}},
		{"cancelled as never told", Owed, &fine, ended(DeliveryCancelled, NeverTold, 0, time.Second), "", "Cancelled: the webhook was never told what this would end.", time.Time{}},

		{"waits", Owed, &fine, pending(nil), "The receiver answered 500.", "Waiting until 10:41:00 UTC for attempt 3, because attempt 2 failed: The receiver answered 500.", at(11 * time.Minute)},
		{"waits until tomorrow", Owed, &fine, pending(func(d *Delivery) { d.DueAt, d.Attempts = at(24*time.Hour), 0 }), "", "Waiting until 2026-01-16 10:30:00 UTC for the first attempt.", at(24 * time.Hour)},
		{"is due", Owed, &fine, pending(func(d *Delivery) { d.DueAt = now }), "", "Due: it goes as soon as the webhook has a place for it.", now},
		{"is due at a failing webhook", Owed, with(func(w *Webhook) { w.Health = WebhookHealth{FailStreak: 6, LastError: "no route."} }), pending(func(d *Delivery) { d.DueAt = now }), "", "Due, but the webhook is failing, and few messages are tried at a time: no route.", now},
		{"behind an earlier one", Owed, &fine, pending(func(d *Delivery) { d.AfterID = 6 }), "", "Waiting for an earlier message of the incident to end (delivery 6).", time.Time{}},
		{"held by Retry-After", Owed, with(func(w *Webhook) { w.Health.HoldUntil = at(time.Hour) }), pending(nil), "", "Waiting until 11:30:00 UTC, because the receiver asked for it (Retry-After).", at(time.Hour)},
		{"due after the hold", Owed, with(func(w *Webhook) { w.Health.HoldUntil = at(10*time.Minute + time.Second) }), pending(nil), "", "Waiting until 10:41:00 UTC, because the receiver asked for it (Retry-After).", at(11 * time.Minute)},
		{"a hold that is over", Owed, with(func(w *Webhook) { w.Health.HoldUntil = now }), pending(nil), "", "Waiting until 10:41:00 UTC for attempt 3.", at(11 * time.Minute)},
		{"waits while paused", Owed, with(func(w *Webhook) { w.Paused = true }), pending(nil), "", "Waiting: the webhook is paused; resume it to have it sent.", time.Time{}},
		{"a recovery does not wait for a pause", Owed, with(func(w *Webhook) { w.Paused = true }), pending(func(d *Delivery) { d.Tells = StatusRecovered }), "", "Waiting until 10:41:00 UTC for attempt 3.", at(11 * time.Minute)},
		{"waits while disabled", Owed, with(func(w *Webhook) { w.DisabledAt, w.Paused = opened, true }), pending(nil), "", "Waiting: the webhook is disabled; resume it once it can be reached again.", time.Time{}},
		{"waits for nobody", Owed, nil, pending(nil), "", "Waiting, but the webhook was removed.", time.Time{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q := inquiry{
				event: Event{At: opened}, decision: Decision{WebhookID: 1, Webhook: "ops", Reason: tt.reason},
				webhook: tt.webhook, delivery: tt.delivery, fault: tt.fault, now: now,
			}
			why := q.why()
			if why.Says != tt.says || !why.NextAt.Equal(tt.next) || why.Reason != tt.reason || why.Webhook != "ops" {
				t.Errorf("got %q, next at %v,\nwant %q, %v", why.Says, why.NextAt, tt.says, tt.next)
			}
		})
	}
}

func TestExplainHasAnItemForEachWebhook(t *testing.T) {
	t.Parallel()
	e := Event{At: opened, Decisions: []Decision{{3, "was removed", NotSelected}, {1, "old name", Owed}, {2, "night", Filtered}}}
	webhooks := []Webhook{{ID: 1, Name: "ops"}, {ID: 2, Name: "night"}, {ID: 4, Name: "new"}}
	deliveries := []Delivery{{ID: 7, WebhookID: 1, Status: DeliveryFailed, Reason: GaveUp, Attempts: 1}}
	type item struct {
		Webhook string
		Reason  Reason
		Owed    bool
	}
	items := func(list []Why) (got []item) {
		for _, w := range list {
			got = append(got, item{w.Webhook, w.Reason, w.Delivery != nil})
		}
		return got
	}
	list := Explain(e, webhooks, deliveries, map[int64]string{7: "no route"}, opened)
	want := []item{{"was removed", NotSelected, false}, {"ops", Owed, true}, {"night", Filtered, false}, {"new", MadeLater, false}}
	if diff := cmp.Diff(want, items(list)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if want := "Given up after 1 attempt over 0s; the last attempt ended with: no route."; list[1].Says != want {
		t.Errorf("got %q, want %q", list[1].Says, want)
	}

	sample := Event{At: opened, Test: true}
	list = Explain(sample, webhooks, []Delivery{{Webhook: "unsaved webhook", Status: Delivered, FinishedAt: opened}}, nil, opened)
	if diff := cmp.Diff([]item{{"unsaved webhook", Owed, true}}, items(list)); diff != "" {
		t.Errorf("of a sample (-want +got):\n%s", diff)
	}
	if list := Explain(Event{}, nil, nil, nil, opened); len(list) != 0 {
		t.Errorf("without webhooks: %v", list)
	}
}

func TestReasonsAreDescribed(t *testing.T) {
	t.Parallel()
	for _, r := range []Reason{
		Owed, NotSelected, Filtered, AlreadyTold, NeverTold, WebhookPaused, Silenced, InMaintenance, Disabled, WebhookRemoved, GaveUp, Gone, TestFailed, CaughtUp, StillWaiting, MadeLater,
	} {
		if text := r.Describe(); text == strings.ReplaceAll(string(r), "_", " ") {
			t.Errorf("%s is described as %q", r, text)
		}
	}
}
