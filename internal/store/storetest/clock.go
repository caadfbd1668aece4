package storetest

import (
	"time"

	"serverscout/internal/scout"
)

var clocks = map[string]func(*world){
	"a due time comes after its delay":          dueAfterJump,
	"a new delivery goes at once":               bornBeforeJump,
	"a hold ends after its length":              holdAfterJump,
	"a failure does not lengthen a hold":        failureAfterJump,
	"a due time within its delay is left alone": dueIsKept,
}

const jump = -24 * time.Hour // how far the clock jumps in these scenarios

// due looks for work, once what a jump moved out of reach is put right.
func (w *world) due() []int64 {
	w.Helper()
	w.ok(w.store.Clamp(w.Context(), w.clock.Now()))
	return get(w, w.store.Due, w.clock.Now())
}

func dueAfterJump(w *world) {
	h := w.webhook("ops")
	job := w.down(h)
	w.finish(w.retry(job, time.Minute))
	w.clock.move(jump)
	w.equal("due at the jump", w.due(), []int64{})
	w.clock.move(time.Minute - time.Microsecond)
	w.equal("due before the delay is over", w.due(), []int64{})
	w.clock.move(time.Microsecond)
	w.equal("due after the delay", w.due(), []int64{h.ID})
	w.equal("claimed", w.claimIDs(h, 1), []int64{job.Delivery.ID})
}

func bornBeforeJump(w *world) {
	h := w.webhook("ops")
	d := w.story().pending(scout.Down, h)
	w.clock.move(jump)
	w.equal("due", w.due(), []int64{h.ID})
	w.equal("claimed", w.claimIDs(h, 1), []int64{d.ID})
}

func holdAfterJump(w *world) {
	h := w.webhook("ops")
	w.hold(h, time.Minute)
	w.clock.move(jump)
	d := w.story().pending(scout.Down, h)
	w.equal("due at the jump", w.due(), []int64{})
	w.clock.move(time.Minute - time.Microsecond)
	w.equal("due before the hold is over", w.due(), []int64{})
	w.clock.move(time.Microsecond)
	w.equal("due after the hold", w.due(), []int64{h.ID})
	w.equal("claimed", w.claimIDs(h, 1), []int64{d.ID})
}

// failureAfterJump has an attempt end between the jump and the next look for
// work.
func failureAfterJump(w *world) {
	h := w.webhook("ops")
	running := w.down(h)
	w.hold(h, time.Minute)
	w.clock.move(jump)
	w.finish(w.gaveUp(running))
	w.story().pending(scout.Down, h)
	w.equal("due at the jump", w.due(), []int64{})
	w.clock.move(time.Minute)
	w.equal("due after the hold", w.due(), []int64{h.ID})
}

func dueIsKept(w *world) {
	h := w.webhook("ops")
	c := w.retry(w.down(h), time.Hour)
	w.finish(c)
	w.clock.move(time.Minute)
	w.equal("due", w.due(), []int64{})
	w.equal("the due time", get(w, w.store.Delivery, c.Job.Delivery.ID).DueAt, c.DueAt)
}
