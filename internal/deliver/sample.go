package deliver

import (
	"context"
	"errors"
	"time"

	"serverscout/internal/integration"
	"serverscout/internal/scout"
)

// Test sends a sample event that tells status to a webhook, stored or not, by
// the way every event takes, and returns the recorded delivery and attempt,
// whatever the receiver said. It is tried once. ID 0 stands for a webhook that
// is not stored.
//
// A target that keeps state is told that the sample is down before it is told
// the end, and the end after anything else, so that the test leaves nothing
// open there. What is returned then is the telling of status, or the first one
// that was not delivered.
func (e *Engine) Test(ctx context.Context, w scout.Webhook, status scout.Status) (scout.Delivery, scout.Attempt, error) {
	ended, err := e.begin()
	if err != nil {
		return scout.Delivery{}, scout.Attempt{}, err
	}
	defer ended()

	var asked scout.Delivery
	var answer scout.Attempt
	incident := scout.NewTestID(e.options.Now())
	for i, tells := range story(w, status) {
		d, a, err := e.try(ctx, w, sample(incident, i+1, tells, e.options.Now()), e.send)
		if err != nil || d.Status != scout.Delivered {
			return d, a, err
		}
		if tells == status {
			asked, answer = d, a
		}
	}
	return asked, answer, nil
}

// begin lets a test begin, unless the engine stops. Stop waits until ended is
// called.
func (e *Engine) begin() (ended func(), err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopping {
		return nil, stopping()
	}
	e.work.Add(1)
	return e.work.Done, nil
}

func stopping() error { return scout.Errorf(scout.Unavailable, "Server Scout is stopping") }

// story is what a test of status tells a webhook, in order.
func story(w scout.Webhook, status scout.Status) []scout.Status {
	f, err := integration.Resolve(w.Format, w.URL.Reveal())
	switch {
	case err != nil || !f.KeepsState:
		return []scout.Status{status}
	case status == scout.StatusRecovered:
		return []scout.Status{scout.StatusDown, status}
	default:
		return []scout.Status{status, scout.StatusRecovered}
	}
}

// try delivers a sample event to a webhook, once.
func (e *Engine) try(ctx context.Context, w scout.Webhook, event scout.Event, send sending) (scout.Delivery, scout.Attempt, error) {
	job := scout.Job{Webhook: w, ClaimedAt: event.At, Delivery: scout.Delivery{
		MessageID:  scout.NewMessageID(),
		IncidentID: event.IncidentID,
		Seq:        event.Seq,
		WebhookID:  w.ID,
		Webhook:    w.Name,
		Tells:      scout.StatusOf(event.Level),
		Status:     scout.Sending,
		Reason:     scout.Owed,
		DueAt:      event.At,
		CreatedAt:  event.At,
		Test:       true,
		Server:     event.Server,
		Service:    event.Service,
	}}
	if err := e.ledger.BeginTest(ctx, &event, &job.Delivery); err != nil {
		return job.Delivery, scout.Attempt{}, err
	}
	job.Event = event
	attempt, ok := e.attempt(e.ctx, job, send)
	if !ok {
		return job.Delivery, attempt, stopping()
	}
	c := e.conclude(job, attempt)
	if _, err := e.ledger.Finish(context.WithoutCancel(ctx), c); err != nil {
		return job.Delivery, attempt, errors.Join(errors.New("the test was sent but not recorded"), err)
	}
	e.options.Observe(job, c.Attempt)
	if c.Says == scout.SaysSuccess {
		e.heal(w.ID)
	}
	job.Delivery.Status, job.Delivery.Reason = c.Status, c.Reason
	job.Delivery.Attempts, job.Delivery.FirstAttempt, job.Delivery.FinishedAt = 1, attempt.StartedAt, c.Now
	return job.Delivery, c.Attempt, nil
}

// sampleDuration is how long the sample's incident has lasted.
const sampleDuration = 5*time.Minute + 23*time.Second

func sample(incidentID string, seq int, status scout.Status, now time.Time) scout.Event {
	e := scout.Event{
		IncidentID: incidentID,
		Seq:        seq,
		Kind:       scout.Opened,
		Level:      status.Level(),
		At:         now,
		Server:     "test-server",
		Service:    "HTTP",
		ServerIP:   "192.0.2.1",
		Message:    "Test alert",
		Began:      now.Add(-sampleDuration),
		Duration:   sampleDuration,
		Test:       true,
	}
	if status == scout.StatusRecovered {
		e.Kind, e.Ended = scout.Recovered, now
	}
	return e
}
