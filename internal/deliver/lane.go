package deliver

import (
	"time"

	"serverscout/internal/scout"
)

// A lane is one webhook's way out. It exists only while it has something to
// send or a pause to keep.
type lane struct {
	inFlight  int
	streak    int       // failures since the last success
	failing   time.Time // since when
	notBefore time.Time // while failing: the next attempt
}

const (
	// brokenAfter is how many failures in a row make a lane narrow: one
	// attempt at a time, and pauses in between.
	brokenAfter = 5
	minPause    = time.Second
	maxPause    = 30 * time.Second
)

func (l *lane) broken() bool { return l.streak >= brokenAfter }

// free is how many more requests the lane may have under way at now.
func (l *lane) free(limit int, now time.Time) int {
	if l.broken() {
		if now.Before(l.notBefore) {
			return 0
		}
		limit = 1
	}
	return max(limit-l.inFlight, 0)
}

// pause is how long a broken lane waits between attempts: longer the longer
// it has been failing, so that a receiver that is back is found soon and one
// that stays away is left alone.
func (l *lane) pause(now time.Time) time.Duration {
	return min(max(now.Sub(l.failing)/10, minPause), maxPause)
}

// note takes the outcome of an attempt into account.
func (l *lane) note(says scout.Says, now time.Time) {
	switch says {
	case scout.SaysSuccess:
		*l = lane{inFlight: l.inFlight}
	case scout.SaysFailure:
		if l.streak == 0 {
			l.failing = now
		}
		l.streak++
		if l.broken() {
			l.notBefore = now.Add(l.pause(now))
		}
	}
}

func (e *Engine) lane(id int64) *lane {
	l := e.lanes[id]
	if l == nil {
		l = &lane{}
		e.lanes[id] = l
	}
	return l
}

// Reserve takes a place in the webhook's lane, if there is one, for a delivery
// that is born claimed. The caller must Start or Release it.
func (e *Engine) Reserve(webhookID int64) bool {
	return e.take(webhookID, 1) == 1
}

// room takes every free place in the webhook's lane.
func (e *Engine) room(webhookID int64) int {
	return e.take(webhookID, e.options.InFlight)
}

func (e *Engine) take(webhookID int64, n int) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopping {
		return 0
	}
	l := e.lane(webhookID)
	n = min(n, l.free(e.options.InFlight, time.Now()))
	l.inFlight += n
	e.tidy(webhookID, l)
	return n
}

// Release gives a reserved place back.
func (e *Engine) Release(webhookID int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.lane(webhookID)
	l.inFlight--
	e.tidy(webhookID, l)
}

// tidy forgets a lane that has nothing to remember.
func (e *Engine) tidy(id int64, l *lane) {
	if l.inFlight == 0 && l.streak == 0 {
		delete(e.lanes, id)
	}
}

// Start sends a claimed delivery for which a place is reserved. It returns at
// once. The place is used for what is due next, and given back when nothing
// is.
func (e *Engine) Start(job scout.Job) {
	e.work.Go(func() { e.run(job) })
}

func (e *Engine) run(job scout.Job) {
	id := job.Webhook.ID
	for {
		attempt, ok := e.attempt(e.ctx, job, e.send)
		if !ok { // stopped in the middle: the next start finds it interrupted
			e.Release(id)
			return
		}
		c := e.conclude(job, attempt)
		places := e.settle(&c)
		jobs := e.finish(c)
		e.options.Observe(job, c.Attempt)
		for range places - len(jobs) {
			e.Release(id)
		}
		if len(jobs) == 0 {
			return
		}
		for _, next := range jobs[1:] {
			e.Start(next)
		}
		job = jobs[0]
	}
}

// settle takes an outcome into account in its lane and decides how many
// deliveries to claim next: one in this one's place, all there is room for when
// the endpoint has just come back, none while it pauses. It returns how many
// places are held for that, this one included.
func (e *Engine) settle(c *scout.Completion) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.lane(c.Job.Webhook.ID)
	wasBroken := l.broken()
	now := time.Now()
	l.note(c.Says, now)
	switch {
	case e.stopping:
		c.Next = 0
	case l.broken():
		c.Next = 0
		e.alarm(l.notBefore)
	case wasBroken:
		c.Next = 1 + l.free(e.options.InFlight, now)
	default:
		c.Next = 1
	}
	if c.Next > 1 {
		l.inFlight += c.Next - 1
	}
	if c.Status == scout.Pending {
		e.alarm(now.Add(c.Delay))
	}
	return max(c.Next, 1)
}

// heal ends a lane's pause: a test has shown that the endpoint answers again.
func (e *Engine) heal(webhookID int64) {
	e.mu.Lock()
	l := e.lane(webhookID)
	l.note(scout.SaysSuccess, time.Now())
	e.tidy(webhookID, l)
	e.mu.Unlock()
	e.Nudge()
}

// finish records a completion, however long the ledger takes to accept it, and
// returns what was claimed next. While it cannot be recorded its delivery
// stays claimed.
func (e *Engine) finish(c scout.Completion) []scout.Job {
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		jobs, err := e.ledger.Finish(e.ctx, c)
		if err == nil {
			return jobs
		}
		e.options.Log.Error("an attempt cannot be recorded; it is tried again",
			"delivery", c.Job.Delivery.ID, "error", err)
		select {
		case <-e.ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// Idle reports whether nothing is being sent or recorded at this moment.
func (e *Engine) Idle() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, l := range e.lanes {
		if l.inFlight > 0 {
			return false
		}
	}
	return true
}
