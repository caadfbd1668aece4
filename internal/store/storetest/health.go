package storetest

import (
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var health = map[string]func(*world){
	"failures make a streak":             streak,
	"a success ends the streak":          streakEnds,
	"a success wakes what waits":         successWakes,
	"a success of a healthy one is none": successOfHealthy,
	"what says nothing changes nothing":  saysNothing,
	"a hold is kept":                     holdKept,
	"a hold is not shortened":            holdNotShortened,
}

func (w *world) health(h scout.Webhook) scout.WebhookHealth {
	w.Helper()
	return get(w, w.store.Webhook, h.ID).Health
}

func streak(w *world) {
	h := w.webhook("ops")
	job := w.down(h)
	from := job.ClaimedAt
	for n := 1; n <= 3; n++ {
		w.clock.move(time.Minute)
		c := w.retry(job, 0)
		c.Attempt.Verdict.Detail = time.Duration(n).String()
		w.finish(c)
		want := scout.WebhookHealth{FailStreak: n, FailingFrom: from, LastError: c.Attempt.Verdict.Detail}
		w.equal("the health", w.health(h), want)
		job = w.claim(h, 1)[0]
		w.equal("the health in the job", job.Webhook.Health, want)
	}
	w.reopen()
	w.equal("the streak in another process", w.health(h).FailStreak, 3)
}

func streakEnds(w *world) {
	h := w.webhook("ops")
	w.finish(w.gaveUp(w.down(h)))
	w.finish(w.delivered(w.down(h)))
	w.equal("the health after a success", w.health(h), scout.WebhookHealth{})
	job := w.down(h)
	w.clock.move(time.Minute)
	w.finish(w.gaveUp(job))
	want := scout.WebhookHealth{FailStreak: 1, FailingFrom: job.ClaimedAt, LastError: "answered 503"}
	w.equal("the health after another failure", w.health(h), want)
}

func successWakes(w *world) {
	h, other := w.webhook("ops"), w.webhook("other")
	for _, hook := range []scout.Webhook{h, other} {
		story := w.story()
		w.finish(w.retry(story.claimed(scout.Down, hook), time.Hour))
		story.pending(scout.Up, hook)
		w.finish(w.retry(w.story().claimed(scout.Warning, hook), time.Hour))
	}
	w.equal("due before", get(w, w.store.Due, w.clock.Now()), []int64{})
	c := w.delivered(w.down(h))
	c.Next = 5
	jobs := w.finish(c)
	var told []scout.Status
	for _, j := range jobs {
		told = append(told, j.Delivery.Tells)
	}
	// The incident that closed meanwhile is not urgent, and its recovery waits.
	w.equal("woken and claimed at once", told, []scout.Status{scout.StatusDown, scout.StatusWarning})
	w.equal("due of the other webhook", get(w, w.store.Due, w.clock.Now()), []int64{})
	for _, j := range jobs {
		w.equal("its delay", j.Delivery.Delay, time.Duration(0))
		w.equal("when it was due", j.Delivery.DueAt, w.clock.Now())
	}
}

func successOfHealthy(w *world) {
	h := w.webhook("ops")
	waits := w.retry(w.down(h), time.Hour)
	waits.Says = scout.SaysNothing
	w.finish(waits)
	w.finish(w.delivered(w.down(h)))
	w.equal("claimable though nothing had failed", w.claimIDs(h, 1), []int64{})
}

func saysNothing(w *world) {
	h := w.webhook("ops")
	w.finish(w.gaveUp(w.down(h)))
	before := w.health(h)
	c := w.gaveUp(w.down(h))
	c.Says = scout.SaysNothing
	w.finish(c)
	w.equal("the health", w.health(h), before)
}

func holdKept(w *world) {
	h := w.webhook("ops")
	d := w.story().pending(scout.Down, h)
	w.hold(h, time.Minute)
	w.equal("the hold", w.health(h).HoldUntil, w.clock.Now().Add(time.Minute))
	w.reopen()
	w.clock.move(time.Minute - time.Microsecond)
	w.equal("claimable during the hold", w.claimIDs(h, 1), []int64{})
	w.equal("due during the hold", get(w, w.store.Due, w.clock.Now()), []int64{})
	w.clock.move(time.Microsecond)
	w.equal("due after the hold", get(w, w.store.Due, w.clock.Now()), []int64{h.ID})
	w.equal("claimable after the hold", w.claimIDs(h, 1), []int64{d.ID})
}

func holdNotShortened(w *world) {
	h := w.webhook("ops")
	running, another := w.down(h), w.down(h)
	w.hold(h, time.Minute)
	until := w.health(h).HoldUntil
	w.clock.move(time.Second)
	shorter := w.gaveUp(running)
	shorter.HoldUntil = shorter.Now.Add(time.Second)
	w.finish(shorter)
	w.equal("the hold after a shorter one", w.health(h).HoldUntil, until)
	w.finish(w.delivered(another))
	w.equal("the health after a success that was under way", w.health(h), scout.WebhookHealth{HoldUntil: until})
	w.hold(h, time.Hour)
	w.equal("the hold after a longer one", w.health(h).HoldUntil, w.clock.Now().Add(time.Hour))
	until = w.health(h).HoldUntil
	w.update(func(tx *store.Tx) error { return tx.ResumeWebhook(h.ID) })
	w.equal("the health after a resume", w.health(h), scout.WebhookHealth{HoldUntil: until})
}
