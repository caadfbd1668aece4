package storetest

import (
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var finishes = map[string]func(*world){
	"an attempt keeps every field":           attemptRoundTrip,
	"delivered":                              finishDelivered,
	"to be tried again":                      finishRetry,
	"given up":                               finishGaveUp,
	"the next are claimed with it":           finishClaimsNext,
	"gone disables the webhook":              finishGone,
	"a removed webhook's retry is cancelled": finishRemoved,
	"an earlier owner changes nothing":       finishFenced,
	"a second completion changes nothing":    finishTwice,
	"a test of unsaved values":               finishUnsaved,
}

func attemptRoundTrip(w *world) {
	c := w.retry(w.down(w.webhook("ops")), time.Minute)
	c.Attempt.Address = "192.0.2.9:443"
	c.Attempt.Verdict.RetryAfter = 1500 * time.Millisecond
	c.Attempt.Request = scout.Exchange{
		Line: "POST https://hooks.example.com/…", Header: [][2]string{{"A", "1"}, {"A", "2"}}, Body: `{"a":"é\u0000"}`, Truncated: true,
	}
	c.Attempt.Response = scout.Exchange{Line: "HTTP/1.1 503 Service Unavailable", Header: [][2]string{{"B", "1"}}, Body: "busy", Truncated: true}
	w.finish(c)
	got := w.attempts(c.Job.Delivery.ID)
	if len(got) != 1 {
		w.Fatalf("%d attempts are on record, want 1", len(got))
	}
	c.Attempt.ID = got[0].ID
	w.allSet(c.Attempt)
	w.allSet(c.Attempt.Request)
	w.equal("the attempt", got[0], c.Attempt)
}

func finishDelivered(w *world) {
	job := w.down(w.webhook("ops"))
	w.clock.move(time.Second)
	w.finish(w.delivered(job))
	d := job.Delivery
	d.Status, d.Attempts, d.Tries = scout.Delivered, 1, 1
	d.DueAt, d.FirstAttempt, d.FinishedAt = time.Time{}, job.ClaimedAt, w.clock.Now()
	w.equal("the delivery", get(w, w.store.Delivery, d.ID), d)
}

func finishRetry(w *world) {
	h := w.webhook("ops")
	job := w.down(h)
	first := job.ClaimedAt
	for n := 1; n <= 3; n++ {
		w.clock.move(time.Second)
		w.finish(w.retry(job, time.Minute))
		w.equal("claimable before it is due", w.claimIDs(h, 1), []int64{})
		w.clock.move(time.Minute)
		jobs := w.claim(h, 1)
		if len(jobs) != 1 {
			w.Fatalf("after attempt %d it is not due in time", n)
		}
		job = jobs[0]
		d := job.Delivery
		w.equal("its counts", []int{d.Attempts, d.Tries}, []int{n, n})
		w.equal("its first attempt", d.FirstAttempt, first)
	}
	var numbers []int
	for _, a := range w.attempts(job.Delivery.ID) {
		numbers = append(numbers, a.Number)
	}
	w.equal("the attempts", numbers, []int{1, 2, 3})
}

func finishGaveUp(w *world) {
	job := w.down(w.webhook("ops"))
	w.finish(w.gaveUp(job))
	d := w.is(job.Delivery.ID, scout.DeliveryFailed, scout.GaveUp)
	w.equal("its end", d.FinishedAt, w.clock.Now())
	w.equal("the outcome on record", w.attempts(d.ID)[0].Verdict.Outcome, scout.OutcomeGaveUp)
}

func finishClaimsNext(w *world) {
	h, other := w.webhook("ops"), w.webhook("other")
	story := w.story()
	down := story.claimed(scout.Down, h)
	up := story.pending(scout.Up, h)
	w.clock.move(time.Second)
	urgent := w.story().pending(scout.Down, h)
	w.story().pending(scout.Down, other)
	c := w.delivered(down)
	c.Next = 3
	jobs := w.finish(c)
	w.equal("what was claimed with it", idsOf(jobs), []int64{urgent.ID, up.ID})
	w.is(up.ID, scout.Sending, scout.Owed)
	w.equal("the webhook of the next", jobs[0].Webhook, h)
	w.finish(w.retry(jobs[0], 0))
	w.equal("claimed without being asked to", w.finish(w.delivered(jobs[1])), []scout.Job{})
}

func finishGone(w *world) {
	h := w.webhook("ops")
	waits := w.story().pending(scout.Down, h)
	c := w.gaveUp(w.down(h))
	c.Reason, c.Disable, c.Next = scout.Gone, "the receiver answered 410", 5
	c.Attempt.Verdict.Outcome = scout.OutcomeDisabled
	w.equal("what is claimed for a webhook that is gone", w.finish(c), []scout.Job{})
	w.is(c.Job.Delivery.ID, scout.DeliveryFailed, scout.Gone)
	w.is(waits.ID, scout.Pending, scout.Owed) // held, not lost
	got := get(w, w.store.Webhook, h.ID)
	if !got.DisabledAt.Equal(w.clock.Now()) || got.DisabledWhy != c.Disable {
		w.Errorf("disabled at %v because %q", got.DisabledAt, got.DisabledWhy)
	}
	w.update(func(tx *store.Tx) error {
		list, err := tx.Webhooks()
		if len(list) != 1 || list[0].DisabledAt.IsZero() {
			w.Error("the next transition does not see that the webhook is disabled")
		}
		return err
	})
}

func finishRemoved(w *world) {
	for _, removedBefore := range []string{"a retry", "a success"} {
		h := w.webhook("ops")
		story := w.story()
		job := story.claimed(scout.Down, h)
		waits := story.pending(scout.Up, h)
		w.update(func(tx *store.Tx) error { return tx.DeleteWebhook(h.ID) })
		w.is(waits.ID, scout.DeliveryCancelled, scout.WebhookRemoved)
		w.is(job.Delivery.ID, scout.Sending, scout.Owed) // its request ends by itself
		if removedBefore == "a retry" {
			w.finish(w.retry(job, time.Minute))
			d := w.is(job.Delivery.ID, scout.DeliveryCancelled, scout.WebhookRemoved)
			w.equal("its end", d.FinishedAt, w.clock.Now())
		} else {
			w.finish(w.delivered(job))
			w.is(job.Delivery.ID, scout.Delivered, scout.Owed)
		}
		w.equal("the attempts on record", len(w.attempts(job.Delivery.ID)), 1)
	}
}

func finishFenced(w *world) {
	h := w.webhook("ops")
	job := w.down(h)
	waits := w.story().pending(scout.Down, h)
	w.reopen() // the claim is of an earlier process now
	before := get(w, w.store.Delivery, job.Delivery.ID)
	c := w.gaveUp(job)
	c.Disable, c.HoldUntil, c.Next = "answered 410", c.Now.Add(time.Hour), 1
	w.equal("what is claimed", idsOf(w.finish(c)), []int64{waits.ID})
	w.equal("the delivery", get(w, w.store.Delivery, job.Delivery.ID), before)
	w.equal("the webhook", get(w, w.store.Webhook, h.ID), h)
	got := w.attempts(job.Delivery.ID)
	if len(got) != 1 || got[0].Verdict.Outcome != scout.OutcomeGaveUp {
		w.Errorf("the attempts on record are %+v, want the late one", got)
	}
}

func finishTwice(w *world) {
	h := w.webhook("ops")
	job := w.down(h)
	w.finish(w.delivered(job))
	before := get(w, w.store.Delivery, job.Delivery.ID)
	w.finish(w.retry(job, time.Minute))
	w.equal("the delivery", get(w, w.store.Delivery, job.Delivery.ID), before)
	w.equal("the webhook", get(w, w.store.Webhook, h.ID), h)
}

func finishUnsaved(w *world) {
	now := w.clock.Now()
	e := sampleEvent(now)
	e.IncidentID, e.Seq = scout.NewTestID(now), 1
	d := scout.Delivery{
		MessageID: scout.NewMessageID(), IncidentID: e.IncidentID, Seq: 1, Webhook: "unsaved", Tells: scout.StatusDown,
		Status: scout.Sending, Reason: scout.Owed, DueAt: now, CreatedAt: now, Test: true,
	}
	w.ok(w.store.BeginTest(w.Context(), &e, &d))
	if e.ID == 0 || d.ID == 0 || d.EventID != e.ID {
		w.Fatalf("the test has the event %d and the delivery %d of event %d", e.ID, d.ID, d.EventID)
	}
	w.equal("the test's event", get(w, w.store.Event, e.ID), e)
	c := w.gaveUp(scout.Job{Delivery: d, ClaimedAt: now})
	c.Reason, c.Says = scout.TestFailed, scout.SaysNothing
	w.finish(c)
	w.is(d.ID, scout.DeliveryFailed, scout.TestFailed)
	w.equal("the attempts on record", len(w.attempts(d.ID)), 1)
}
