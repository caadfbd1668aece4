package storetest

import (
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var again = map[string]func(*world){
	"whatever has ended goes again":       againEnded,
	"what waits for a retry goes now":     againWaiting,
	"what waits for another still waits":  againBehind,
	"what goes again keeps its order":     againInOrder,
	"what goes again is not overtaken":    againBetween,
	"none is left behind one never told":  againNeverTold,
	"what is being sent is refused":       againSending,
	"a test is refused":                   againTest,
	"a removed webhook is refused":        againRemoved,
	"a paused webhook still holds":        againPaused,
	"an ended incident is not urgent now": againNotUrgent,
}

func (w *world) sendAgain(id int64) error {
	return w.store.Update(w.Context(), func(tx *store.Tx) error { return tx.SendAgain(id) })
}

func againEnded(w *world) {
	h := w.webhook("ops")
	delivered, failed := w.down(h), w.down(h)
	story := w.story()
	lost := story.claimed(scout.Down, h)
	untold := story.pending(scout.Up, h)
	w.finish(w.delivered(delivered))
	w.finish(w.gaveUp(failed))
	w.finish(w.gaveUp(lost))
	w.is(untold.ID, scout.DeliveryCancelled, scout.NeverTold)

	w.clock.move(time.Hour)
	for _, before := range []scout.Delivery{delivered.Delivery, failed.Delivery, untold} {
		w.ok(w.sendAgain(before.ID))
		d := w.is(before.ID, scout.Pending, scout.Owed)
		w.equal("when it is due", d.DueAt, w.clock.Now())
		w.equal("its place in the retry schedule", d.Tries, 0)
		if !d.FirstAttempt.IsZero() || !d.FinishedAt.IsZero() {
			w.Errorf("it still has the first attempt %v and the end %v", d.FirstAttempt, d.FinishedAt)
		}
		jobs := w.claim(h, 5)
		w.equal("what is claimed", idsOf(jobs), []int64{before.ID})
		w.equal("its Webhook-Id", jobs[0].Delivery.MessageID, before.MessageID)
		w.finish(w.delivered(jobs[0]))
		got := get(w, w.store.Delivery, before.ID)
		w.equal("its tries", got.Tries, 1)
		w.equal("its first attempt since", got.FirstAttempt, w.clock.Now())
		w.equal("the attempts on record", len(w.attempts(before.ID)), got.Attempts)
	}
	w.equal("all attempts of the first", get(w, w.store.Delivery, delivered.Delivery.ID).Attempts, 2)
}

func againWaiting(w *world) {
	h := w.webhook("ops")
	job := w.down(h)
	w.finish(w.retry(job, time.Hour))
	w.ok(w.sendAgain(job.Delivery.ID))
	w.equal("what is claimed", w.claimIDs(h, 1), []int64{job.Delivery.ID})
	w.equal("its tries", get(w, w.store.Delivery, job.Delivery.ID).Tries, 0)
}

func againBehind(w *world) {
	h := w.webhook("ops")
	story := w.story()
	down := story.claimed(scout.Down, h)
	up := story.pending(scout.Up, h)
	w.ok(w.sendAgain(up.ID))
	w.equal("claimed before its turn", w.claimIDs(h, 1), []int64{})
	w.finish(w.delivered(down))
	w.equal("claimed in its turn", w.claimIDs(h, 1), []int64{up.ID})
}

func againInOrder(w *world) {
	h := w.webhook("ops")
	story := w.story()
	down := story.claimed(scout.Down, h)
	reminder := story.pending(scout.Down, h)
	w.finish(w.gaveUp(down))
	w.finish(w.gaveUp(w.claim(h, 1)[0]))
	w.ok(w.sendAgain(down.Delivery.ID))
	w.ok(w.sendAgain(reminder.ID))
	first := w.claim(h, 5)
	w.equal("claimed first", idsOf(first), []int64{down.Delivery.ID})
	w.finish(w.delivered(first[0]))
	w.equal("claimed behind it", w.claimIDs(h, 5), []int64{reminder.ID})
}

func againBetween(w *world) {
	h := w.webhook("ops")
	story := w.story()
	down, reminder, up := story.pending(scout.Down, h), story.pending(scout.Down, h), story.pending(scout.Up, h)
	w.play(h, []int64{down.ID, reminder.ID, up.ID}, []int{0, 1})
	for _, d := range []scout.Delivery{down, up, reminder} {
		w.ok(w.sendAgain(d.ID))
	}
	w.play(h, nil, nil)
	w.equal("how they end", w.ends([]int64{down.ID, reminder.ID, up.ID}), "d d d")
}

// againNeverTold has two deliveries go again behind one that is given up, the
// first of which is then cancelled: nothing but the other's place behind that
// one says that it is still owed.
func againNeverTold(w *world) {
	h := sampleWebhook("ops")
	h.AlertTypes = scout.Critical | scout.Recovery // easing to a warning is a recovery
	w.update(func(tx *store.Tx) error { return tx.SaveWebhook(&h) })
	story := w.story()
	down, eased, worse := story.pending(scout.Down, h), story.pending(scout.Warning, h), story.pending(scout.Down, h)
	all := []int64{down.ID, eased.ID, worse.ID}
	w.play(h, all, []int{0, 2})
	w.equal("how they end at first", w.ends(all), "f n f")
	for _, d := range []scout.Delivery{down, worse, eased} {
		w.ok(w.sendAgain(d.ID))
	}
	w.play(h, all, []int{0})
	w.equal("how they end when sent again", w.ends(all), "f n d")
}

func againSending(w *world) {
	job := w.down(w.webhook("ops"))
	before := get(w, w.store.Delivery, job.Delivery.ID)
	w.code(w.sendAgain(job.Delivery.ID), scout.Conflict)
	w.equal("the delivery", get(w, w.store.Delivery, job.Delivery.ID), before)
}

func againTest(w *world) {
	h := w.webhook("ops")
	e := sampleEvent(w.clock.Now())
	d := scout.Delivery{
		MessageID: scout.NewMessageID(), IncidentID: e.IncidentID, Seq: e.Seq, WebhookID: h.ID, Tells: scout.StatusDown,
		Status: scout.Sending, Reason: scout.Owed, CreatedAt: w.clock.Now(), Test: true,
	}
	w.ok(w.store.BeginTest(w.Context(), &e, &d))
	w.finish(w.delivered(scout.Job{Delivery: d, Webhook: h}))
	w.code(w.sendAgain(d.ID), scout.Conflict)
	w.is(d.ID, scout.Delivered, scout.Owed)
}

func againRemoved(w *world) {
	h := w.webhook("ops")
	d := w.story().pending(scout.Down, h)
	w.update(func(tx *store.Tx) error { return tx.DeleteWebhook(h.ID) })
	w.code(w.sendAgain(d.ID), scout.Conflict)
	w.is(d.ID, scout.DeliveryCancelled, scout.WebhookRemoved)
}

func againPaused(w *world) {
	h := w.webhook("ops")
	job := w.down(h)
	w.finish(w.gaveUp(job))
	w.update(func(tx *store.Tx) error { return tx.PauseWebhook(h.ID) })
	w.ok(w.sendAgain(job.Delivery.ID))
	w.equal("due while paused", w.due(), []int64{})
	w.update(func(tx *store.Tx) error { return tx.ResumeWebhook(h.ID) })
	w.equal("claimed after the pause", w.claimIDs(h, 1), []int64{job.Delivery.ID})
}

func againNotUrgent(w *world) {
	h := w.webhook("ops")
	over, open := w.story(), w.story()
	ended, urgent := over.claimed(scout.Down, h), open.claimed(scout.Down, h)
	w.finish(w.delivered(ended))
	w.finish(w.delivered(urgent))
	over.enter(scout.Up, scout.Pending)
	w.ok(w.sendAgain(ended.Delivery.ID))
	w.clock.move(time.Second)
	w.ok(w.sendAgain(urgent.Delivery.ID))
	w.equal("the order of claims", w.claimIDs(h, 2), []int64{urgent.Delivery.ID, ended.Delivery.ID})
}
