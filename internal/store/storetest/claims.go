package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var claims = map[string]func(*world){
	"born claimed is not claimed again":      bornClaimed,
	"a job has all that its attempt needs":   jobContents,
	"a job has the webhook as it is now":     jobIsFresh,
	"the order is urgent, then longest due":  claimOrder,
	"no more than the limit":                 claimLimit,
	"a later event waits for the earlier":    laterWaits,
	"incidents and webhooks do not wait":     othersDoNotWait,
	"due is who has something to claim":      dueIsClaimable,
	"claims do not overlap":                  claimsDoNotOverlap,
	"a claim outlives its reader's interest": claimIsDurable,
}

func bornClaimed(w *world) {
	h := w.webhook("ops")
	claimed := w.down(h)
	pending := w.story().pending(scout.Down, h)
	w.equal("what is claimed", w.claimIDs(h, 10), []int64{pending.ID})
	w.is(claimed.Delivery.ID, scout.Sending, scout.Owed)
	w.is(pending.ID, scout.Sending, scout.Owed)
	w.equal("what is left", w.claimIDs(h, 10), []int64{})
}

func jobContents(w *world) {
	h := w.webhook("ops")
	story := w.story()
	d := story.pending(scout.Down, h)
	w.clock.move(time.Minute)
	story.enter(scout.Up, scout.Pending) // not owed to h
	w.clock.move(time.Second)

	jobs := w.claim(h, 1)
	d.Status = scout.Sending
	w.equal("the job", jobs, []scout.Job{{
		Delivery: d, Event: get(w, w.store.Event, d.EventID), Webhook: h,
		ClaimedAt: w.clock.Now(), Closed: story.in.Closed, EndedAt: story.in.Ended,
	}})
	open := w.story().pending(scout.Down, h)
	job := w.claim(h, 1)[0]
	if job.Delivery.ID != open.ID || !job.Closed.IsZero() || !job.EndedAt.IsZero() {
		w.Errorf("the job of an open incident has an end: %v, %v", job.Closed, job.EndedAt)
	}
}

func jobIsFresh(w *world) {
	h := w.webhook("ops")
	job := w.down(h)
	w.finish(w.retry(job, 0))
	h.URL, h.Headers = scout.NewSecret("https://new.example/"), nil
	w.update(func(tx *store.Tx) error { return tx.SaveWebhook(&h) })
	again := w.claim(h, 1)[0].Webhook
	w.equal("the webhook of the second attempt", again, get(w, w.store.Webhook, h.ID))
	if again.URL != h.URL || again.Health.FailStreak != 1 {
		w.Errorf("the job has not the webhook of this moment: %+v", again)
	}
}

func claimOrder(w *world) {
	h := w.webhook("ops")
	var want []int64
	retried := w.down(h)
	c := w.retry(retried, 3*time.Second)
	c.Says = scout.SaysNothing
	w.finish(c)
	later := w.story().pending(scout.Warning, h)
	w.clock.move(time.Second)
	for range 2 { // of one due time: by id
		want = append(want, w.story().pending(scout.Down, h).ID)
	}
	w.clock.move(time.Second)
	want = append(want, w.story().pending(scout.Down, h).ID)
	want = append(want, retried.Delivery.ID) // the oldest, but due after the other urgent ones
	want = append(want, later.ID)
	want = append(want, w.story().pending(scout.Warning, h).ID)
	w.clock.move(time.Second)
	w.equal("the order", w.claimIDs(h, 10), want)
}

func claimLimit(w *world) {
	h := w.webhook("ops")
	var want []int64
	for i := range 5 {
		level := scout.Down
		if i >= 3 {
			level = scout.Warning
		}
		want = append(want, w.story().pending(level, h).ID)
	}
	w.equal("none", w.claimIDs(h, 0), []int64{})
	w.equal("the first two", w.claimIDs(h, 2), want[:2])
	w.equal("over the border of urgency", w.claimIDs(h, 2), want[2:4])
	w.equal("the rest", w.claimIDs(h, 2), want[4:])
}

func laterWaits(w *world) {
	h := w.webhook("ops")
	story := w.story()
	down := story.claimed(scout.Down, h)
	warning, up := story.pending(scout.Warning, h), story.pending(scout.Up, h)
	w.equal("whom the second waits for", get(w, w.store.Delivery, warning.ID).AfterID, down.Delivery.ID)
	w.equal("whom the third waits for", get(w, w.store.Delivery, up.ID).AfterID, warning.ID)
	w.equal("due while the first is under way", w.claimIDs(h, 10), []int64{})
	w.finish(w.retry(down, time.Minute))
	w.equal("due while the first waits for its next attempt", w.claimIDs(h, 10), []int64{})

	w.clock.move(time.Minute)
	jobs := w.claim(h, 10)
	w.equal("due then", idsOf(jobs), []int64{down.Delivery.ID})
	w.finish(w.delivered(jobs[0]))
	jobs = w.claim(h, 10)
	w.equal("due after the first", idsOf(jobs), []int64{warning.ID})
	w.finish(w.delivered(jobs[0]))
	w.equal("due after the second", w.claimIDs(h, 10), []int64{up.ID})
}

func othersDoNotWait(w *world) {
	slow, quick := w.webhook("slow"), w.webhook("quick")
	story := w.story()
	story.claimed(scout.Down, slow)
	d := story.pending(scout.Up, quick)
	other := w.story().pending(scout.Down, slow)
	w.equal("another webhook of the incident", w.claimIDs(quick, 1), []int64{d.ID})
	w.equal("another incident of the webhook", w.claimIDs(slow, 1), []int64{other.ID})
}

// webhookConditions are the conditions a webhook can be in, and whether it may
// be sent anything.
var webhookConditions = []struct {
	name  string
	sends bool
	bring func(w *world, h scout.Webhook)
}{
	{"healthy", true, func(*world, scout.Webhook) {}},
	{"failing", true, func(w *world, h scout.Webhook) { w.finish(w.gaveUp(w.down(h))) }},
	{"held until now", true, func(w *world, h scout.Webhook) { w.hold(h, 0) }},
	{"held", false, func(w *world, h scout.Webhook) { w.hold(h, time.Second) }},
	{"paused", false, func(w *world, h scout.Webhook) {
		w.update(func(tx *store.Tx) error { return tx.PauseWebhook(h.ID) })
	}},
	{"disabled", false, func(w *world, h scout.Webhook) {
		c := w.gaveUp(w.down(h))
		c.Disable = "answered 410"
		w.finish(c)
	}},
}

// hold makes a receiver ask for a pause of d.
func (w *world) hold(h scout.Webhook, d time.Duration) {
	w.Helper()
	c := w.gaveUp(w.down(h))
	c.HoldUntil = c.Now.Add(d)
	w.finish(c)
}

// waitingWork are the ways in which something can wait for a webhook, and
// whether it can go now.
var waitingWork = []struct {
	name string
	goes bool
	make func(w *world, h scout.Webhook)
}{
	{"nothing", false, func(*world, scout.Webhook) {}},
	{"urgent and due", true, func(w *world, h scout.Webhook) { w.story().pending(scout.Down, h) }},
	{"due", true, func(w *world, h scout.Webhook) { w.story().pending(scout.Warning, h) }},
	{"under way", false, func(w *world, h scout.Webhook) { w.down(h) }},
	{"due later", false, func(w *world, h scout.Webhook) {
		c := w.retry(w.down(h), time.Microsecond)
		c.Says = scout.SaysNothing
		w.finish(c)
	}},
	{"behind another", false, func(w *world, h scout.Webhook) {
		story := w.story()
		story.claimed(scout.Down, h)
		story.pending(scout.Up, h)
	}},
}

func dueIsClaimable(w *world) {
	var want []int64
	var all []scout.Webhook
	for _, condition := range webhookConditions {
		for _, work := range waitingWork {
			h := w.webhook(condition.name + ", " + work.name)
			condition.bring(w, h)
			work.make(w, h)
			all = append(all, h)
			if condition.sends && work.goes {
				want = append(want, h.ID)
			}
		}
	}
	removed := w.webhook("removed")
	w.story().pending(scout.Down, removed)
	w.update(func(tx *store.Tx) error { return tx.DeleteWebhook(removed.ID) })
	all = append(all, removed)

	due := get(w, w.store.Due, w.clock.Now())
	slices.Sort(due)
	w.equal("who is due", due, want)
	for _, h := range all {
		if got := len(w.claim(h, 5)) > 0; got != slices.Contains(want, h.ID) {
			w.Errorf("%s: something was claimed = %t", h.Name, got)
		}
	}
	w.equal("who is due once all is claimed", get(w, w.store.Due, w.clock.Now()), []int64{})
}

func claimsDoNotOverlap(w *world) {
	const deliveries, claimers = 60, 6
	h := w.webhook("ops")
	var want []int64
	w.update(func(tx *store.Tx) error {
		for range deliveries {
			made, err := w.story().write(tx, scout.Down, scout.Pending, []scout.Webhook{h})
			if err != nil {
				return err
			}
			want = append(want, made[0].ID)
		}
		return nil
	})
	var all sync.WaitGroup
	taken := make([][]int64, claimers)
	errs := make([]error, claimers)
	for i := range claimers {
		all.Go(func() {
			for {
				jobs, err := w.store.Claim(w.Context(), h.ID, 1+i%3, w.clock.Now())
				if errs[i] = err; err != nil || len(jobs) == 0 {
					return
				}
				taken[i] = append(taken[i], idsOf(jobs)...)
			}
		})
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			w.Errorf("claimer %d: %v", i, err)
		}
	}
	got := slices.Concat(taken...)
	slices.Sort(got)
	w.equal("what was claimed", fmt.Sprint(got), fmt.Sprint(want))
}

func claimIsDurable(w *world) {
	h := w.webhook("ops")
	d := w.story().pending(scout.Down, h)
	w.claim(h, 1)
	w.reopen()
	w.is(d.ID, scout.Sending, scout.Owed)
	w.equal("what another process can claim before recovery", w.claimIDs(h, 1), []int64{})
}
