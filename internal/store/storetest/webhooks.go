package storetest

import (
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var webhooks = map[string]func(*world){
	"a pause holds until it ends":            pauseHolds,
	"a pause is caught up from its start":    catchUpMarks,
	"a second pause keeps the first start":   pausedAgain,
	"a resume of what was not held":          resumeOfRunning,
	"a resume enables what was disabled":     resumeDisabled,
	"a removal cancels what waits":           removalCancels,
	"a removal leaves others alone":          removalIsNarrow,
	"the next transition sees each change":   listIsFresh,
	"one that is being read does not change": listIsStable,
}

func (w *world) pause(h scout.Webhook) {
	w.Helper()
	w.update(func(tx *store.Tx) error { return tx.PauseWebhook(h.ID) })
}

func (w *world) resume(h scout.Webhook) {
	w.Helper()
	w.update(func(tx *store.Tx) error { return tx.ResumeWebhook(h.ID) })
}

func (w *world) catchUps() map[int64]time.Time {
	w.Helper()
	marks, err := w.store.CatchUps(w.Context())
	w.ok(err)
	return marks
}

func pauseHolds(w *world) {
	h := w.webhook("ops")
	job := w.down(h)
	w.finish(w.retry(job, time.Hour))
	w.pause(h)
	w.clock.move(2 * time.Hour)
	w.reopen()
	if !get(w, w.store.Webhook, h.ID).Paused {
		w.Error("the pause is over after a restart")
	}
	w.equal("claimable while paused", w.claimIDs(h, 1), []int64{})
	w.resume(h)
	w.equal("the webhook after the pause", get(w, w.store.Webhook, h.ID), h)
	w.equal("claimable after the pause", w.claimIDs(h, 1), []int64{job.Delivery.ID})
}

func catchUpMarks(w *world) {
	h := w.webhook("ops")
	from := w.clock.Now()
	none := map[int64]time.Time{}
	w.pause(h)
	w.equal("while paused", w.catchUps(), none)
	w.clock.move(time.Hour)
	w.resume(h)
	w.reopen()
	w.equal("when resumed", w.catchUps(), map[int64]time.Time{h.ID: from})
	w.update(func(tx *store.Tx) error { return tx.CaughtUp(h.ID) })
	w.equal("once caught up", w.catchUps(), none)

	from = w.clock.Now()
	w.pause(h)
	w.resume(h)
	w.equal("after another pause", w.catchUps(), map[int64]time.Time{h.ID: from})
}

func pausedAgain(w *world) {
	h := w.webhook("ops")
	from := w.clock.Now()
	w.pause(h)
	w.clock.move(time.Hour)
	w.pause(h)
	w.resume(h)
	w.clock.move(time.Hour)
	w.pause(h) // before what was held back was told
	w.equal("while paused again", w.catchUps(), map[int64]time.Time{})
	w.update(func(tx *store.Tx) error { return tx.CaughtUp(h.ID) }) // began before the pause: does not count
	w.resume(h)
	w.equal("when resumed", w.catchUps(), map[int64]time.Time{h.ID: from})
}

func resumeOfRunning(w *world) {
	h := w.webhook("ops")
	w.resume(h)
	w.equal("the marks of a webhook that nothing was held from", w.catchUps(), map[int64]time.Time{})
	job := w.down(h)
	w.finish(w.retry(job, time.Hour))
	w.resume(h)
	w.equal("what is due though its retry is later", w.due(), []int64{h.ID})
	w.equal("the health", w.health(h), scout.WebhookHealth{})
}

func resumeDisabled(w *world) {
	h := w.webhook("ops")
	waits := w.story().pending(scout.Down, h)
	job := w.down(h)
	from := w.clock.Now()
	c := w.gaveUp(job)
	c.Disable = "answered 410"
	w.finish(c)
	w.clock.move(time.Minute)
	w.pause(h)
	w.resume(h)
	w.equal("the webhook", get(w, w.store.Webhook, h.ID), h)
	w.equal("its marks", w.catchUps(), map[int64]time.Time{h.ID: from})
	w.equal("what goes on", w.claimIDs(h, 1), []int64{waits.ID})
}

func removalCancels(w *world) {
	h := w.webhook("ops")
	story := w.story()
	first := story.pending(scout.Down, h)
	second := story.pending(scout.Up, h)
	done := w.down(h)
	w.finish(w.delivered(done))
	w.finish(w.retry(w.down(h), time.Hour)) // the webhook has a health to be forgotten
	w.clock.move(time.Minute)
	w.update(func(tx *store.Tx) error { return tx.DeleteWebhook(h.ID) })
	for _, id := range []int64{first.ID, second.ID} {
		d := w.is(id, scout.DeliveryCancelled, scout.WebhookRemoved)
		w.equal("its end", d.FinishedAt, w.clock.Now())
		w.equal("whom it waits for", d.AfterID, int64(0))
	}
	w.is(done.Delivery.ID, scout.Delivered, scout.Owed)
	w.equal("its name in the history", get(w, w.store.Delivery, first.ID).Webhook, "ops")
	list, err := w.store.ListWebhooks(w.Context(), 0, 10)
	w.ok(err)
	w.equal("the webhooks", list, []scout.Webhook{})
	_, err = w.store.Webhook(w.Context(), h.ID)
	w.code(err, scout.NotFound)
}

func removalIsNarrow(w *world) {
	gone, stays := w.webhook("gone"), w.webhook("stays")
	made := w.story().enter(scout.Down, scout.Pending, gone, stays)
	w.update(func(tx *store.Tx) error { return tx.DeleteWebhook(gone.ID) })
	w.is(made[1].ID, scout.Pending, scout.Owed)
	w.equal("what is due", w.due(), []int64{stays.ID})
}

// listIsFresh reads the webhooks as a transition does, after each change.
func listIsFresh(w *world) {
	seen := func() []scout.Webhook {
		var list []scout.Webhook
		w.update(func(tx *store.Tx) (err error) {
			list, err = tx.Webhooks()
			return err
		})
		return list
	}
	fresh := func(when string) {
		w.Helper()
		want, err := w.store.ListWebhooks(w.Context(), 0, 10)
		w.ok(err)
		w.equal("the webhooks "+when, seen(), want)
	}
	seen()
	h := w.webhook("ops")
	fresh("after a new one")
	h.Format = "slack"
	w.update(func(tx *store.Tx) error { return tx.SaveWebhook(&h) })
	fresh("after a change")
	w.pause(h)
	fresh("after a pause")
	w.resume(h)
	fresh("after a resume")
	w.finish(w.retry(w.down(h), time.Minute))
	fresh("after a failure")
	w.hold(h, time.Minute)
	fresh("after a hold")
	w.clock.move(jump)
	w.due()
	fresh("after a jump of the clock")
	w.finish(w.delivered(w.down(h)))
	fresh("after a success")
	w.update(func(tx *store.Tx) error { return tx.DeleteWebhook(h.ID) })
	fresh("after a removal")
}

func listIsStable(w *world) {
	h := w.webhook("ops")
	job := w.down(h)
	var before []scout.Webhook
	w.update(func(tx *store.Tx) (err error) {
		before, err = tx.Webhooks()
		return err
	})
	w.finish(w.retry(job, time.Minute))
	w.equal("the list read before", before, []scout.Webhook{h})
}
