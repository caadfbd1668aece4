package deliver

import (
	"context"
	"errors"
	"time"

	"serverscout/internal/scout"
)

// Test sends a sample event that tells status to a webhook, stored or not, by
// the way every event takes, and returns the recorded delivery and attempt,
// whatever the receiver said. It is tried once. ID 0 stands for a webhook that
// is not stored.
func (e *Engine) Test(ctx context.Context, w scout.Webhook, status scout.Status) (scout.Delivery, scout.Attempt, error) {
	e.mu.Lock()
	if e.stopping {
		e.mu.Unlock()
		return scout.Delivery{}, scout.Attempt{}, scout.Errorf(scout.Unavailable, "Server Scout is stopping")
	}
	e.work.Add(1)
	e.mu.Unlock()
	defer e.work.Done()

	now := e.options.Now()
	event := sample(status, now)
	job := scout.Job{Webhook: w, ClaimedAt: now, Delivery: scout.Delivery{
		MessageID:  scout.NewMessageID(),
		IncidentID: event.IncidentID,
		Seq:        event.Seq,
		WebhookID:  w.ID,
		Webhook:    w.Name,
		Tells:      status,
		Status:     scout.Sending,
		Reason:     scout.Owed,
		DueAt:      now,
		CreatedAt:  now,
		Test:       true,
		Server:     event.Server,
		Service:    event.Service,
	}}
	if err := e.ledger.BeginTest(ctx, &event, &job.Delivery); err != nil {
		return job.Delivery, scout.Attempt{}, err
	}
	job.Event = event
	attempt, ok := e.attempt(e.ctx, job)
	if !ok {
		return job.Delivery, attempt, scout.Errorf(scout.Unavailable, "Server Scout is stopping")
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

func sample(status scout.Status, now time.Time) scout.Event {
	e := scout.Event{
		IncidentID: scout.NewTestID(now),
		Seq:        1,
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
