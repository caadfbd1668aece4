package storetest

import (
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var recoveries = map[string]func(*world){
	"interrupted attempts are on record":   recoverInterrupted,
	"the count of attempts goes on":        recoverCounts,
	"this process's claims stay":           recoverOwn,
	"what waits goes on waiting":           recoverOrder,
	"a test that was interrupted fails":    recoverTest,
	"of a removed webhook it is cancelled": recoverRemoved,
}

func (w *world) recover() int {
	w.Helper()
	n, err := w.store.Recover(w.Context())
	w.ok(err)
	return n
}

func recoverInterrupted(w *world) {
	h := w.webhook("ops")
	born := w.down(h)
	claimed := w.story().pending(scout.Down, h)
	w.claim(h, 1)
	w.reopen()
	w.clock.move(time.Hour)
	w.equal("how many are sent again", w.recover(), 2)
	for _, id := range []int64{born.Delivery.ID, claimed.ID} {
		d := w.is(id, scout.Pending, scout.Owed)
		w.equal("when it is due", d.DueAt, w.clock.Now())
		w.equal("its counts", []int{d.Attempts, d.Tries}, []int{1, 0})
		w.equal("its first attempt", d.FirstAttempt, born.ClaimedAt)
		got := w.attempts(id)
		if len(got) != 1 {
			w.Fatalf("%d attempts are on record, want the interrupted one", len(got))
		}
		v := got[0].Verdict
		if v.Outcome != scout.OutcomeInterrupted || v.Fault != scout.FaultInterrupted || v.Detail == "" {
			w.Errorf("the verdict on record is %+v", v)
		}
		want := scout.Attempt{ID: got[0].ID, DeliveryID: id, WebhookID: h.ID, Number: 1, StartedAt: born.ClaimedAt, Verdict: v}
		w.equal("the attempt", got[0], want)
	}
	jobs := w.claim(h, 5)
	w.equal("what is sent again", idsOf(jobs), []int64{born.Delivery.ID, claimed.ID})
	w.equal("under the same Webhook-Id", jobs[0].Delivery.MessageID, born.Delivery.MessageID)
	w.equal("how many a second recovery finds", w.recover(), 0)
}

func recoverCounts(w *world) {
	h := w.webhook("ops")
	job := w.down(h)
	first := job.ClaimedAt
	w.finish(w.retry(job, time.Minute))
	w.clock.move(time.Minute)
	w.claim(h, 1)
	w.reopen()
	w.recover()
	job = w.claim(h, 1)[0]
	w.equal("its attempts", job.Delivery.Attempts, 2)
	w.equal("its first attempt", job.Delivery.FirstAttempt, first)
	w.finish(w.delivered(job))
	var numbers []int
	for _, a := range w.attempts(job.Delivery.ID) {
		numbers = append(numbers, a.Number)
	}
	w.equal("the attempts on record", numbers, []int{1, 2, 3})
}

func recoverOwn(w *world) {
	h := w.webhook("ops")
	old := w.down(h)
	w.reopen()
	own := w.down(h)
	w.equal("how many are sent again", w.recover(), 1)
	w.is(old.Delivery.ID, scout.Pending, scout.Owed)
	w.is(own.Delivery.ID, scout.Sending, scout.Owed)
	w.finish(w.delivered(own))
	w.is(own.Delivery.ID, scout.Delivered, scout.Owed)
}

func recoverOrder(w *world) {
	h := w.webhook("ops")
	story := w.story()
	down := story.claimed(scout.Down, h)
	up := story.pending(scout.Up, h)
	w.reopen()
	w.recover()
	jobs := w.claim(h, 5)
	w.equal("what is due", idsOf(jobs), []int64{down.Delivery.ID})
	w.finish(w.delivered(jobs[0]))
	w.equal("what is due then", w.claimIDs(h, 5), []int64{up.ID})
}

func recoverTest(w *world) {
	now := w.clock.Now()
	e := sampleEvent(now)
	d := scout.Delivery{
		MessageID: scout.NewMessageID(), IncidentID: e.IncidentID, Seq: e.Seq, Tells: scout.StatusDown,
		Status: scout.Sending, Reason: scout.Owed, CreatedAt: now, Test: true,
	}
	w.ok(w.store.BeginTest(w.Context(), &e, &d))
	w.reopen()
	w.equal("how many are sent again", w.recover(), 0)
	got := w.is(d.ID, scout.DeliveryFailed, scout.TestFailed)
	w.equal("its end", got.FinishedAt, now)
	w.equal("the attempts on record", len(w.attempts(d.ID)), 1)
}

func recoverRemoved(w *world) {
	h := w.webhook("ops")
	job := w.down(h)
	w.update(func(tx *store.Tx) error { return tx.DeleteWebhook(h.ID) })
	w.reopen()
	w.equal("how many are sent again", w.recover(), 0)
	d := w.is(job.Delivery.ID, scout.DeliveryCancelled, scout.WebhookRemoved)
	w.equal("its end", d.FinishedAt, w.clock.Now())
	w.equal("the outcome on record", w.attempts(d.ID)[0].Verdict.Outcome, scout.OutcomeInterrupted)
}
