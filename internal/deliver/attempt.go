package deliver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"serverscout/internal/egress"
	"serverscout/internal/integration"
	"serverscout/internal/scout"
)

// sending is a way to send one request.
type sending func(ctx context.Context, r scout.Request, trust egress.Trust) (scout.Response, error)

// send sends a request with the sender that the rules name by now.
func (e *Engine) send(ctx context.Context, r scout.Request, trust egress.Trust) (scout.Response, error) {
	return e.rules.Load().Sender.Do(ctx, r, trust)
}

// attempt makes one request of a delivery. It is false when ctx ended first,
// so that nothing is known of the outcome.
func (e *Engine) attempt(ctx context.Context, job scout.Job, send sending) (scout.Attempt, bool) {
	started, clock := e.options.Now(), time.Now()
	a := scout.Attempt{
		DeliveryID: job.Delivery.ID,
		WebhookID:  job.Webhook.ID,
		Number:     job.Delivery.Attempts + 1,
		StartedAt:  started,
	}
	f, request, err := e.request(job, started)
	if err != nil {
		a.Verdict = scout.Verdict{Outcome: scout.OutcomeRetry, Fault: scout.FaultUnrenderable, Detail: err.Error()}
		return a, true
	}
	a.Request = egress.Record(request, nil)
	response, err := send(ctx, request, trust(job.Webhook))
	a.Duration = time.Since(clock)
	a.Status, a.Address = response.Status, response.Address
	a.Response = egress.RecordResponse(response, request.Secrets)
	if err != nil {
		if ctx.Err() != nil {
			return a, false
		}
		a.Verdict, a.Address = failure(err, a.Address)
		return a, true
	}
	a.Verdict = integration.Classify(f, response, e.options.Now())
	a.Verdict.Detail = egress.MaskText(a.Verdict.Detail, request.Secrets) // it may quote the receiver
	return a, true
}

// request renders the event for the webhook as it is now, signs it and adds
// the custom headers, whose values are secrets.
func (e *Engine) request(job scout.Job, now time.Time) (_ integration.Format, _ scout.Request, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the message cannot be made: %v", p)
		}
	}()
	w := job.Webhook
	f, err := integration.Resolve(w.Format, w.URL.Reveal())
	if err != nil {
		return f, scout.Request{}, err
	}
	r, err := f.Render(e.notice(job, now), integration.Target{URL: w.URL.Reveal(), Settings: w.Settings, Headers: w.Headers})
	if err != nil {
		return f, r, err
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if e.options.UserAgent != "" {
		r.Header.Set("User-Agent", e.options.UserAgent)
	}
	for _, h := range w.Headers {
		r.Header.Set(h.Name, h.Value.Reveal())
		r.Secrets = append(r.Secrets, h.Value.Reveal())
	}
	signature, err := integration.Sign(job.Delivery.MessageID, now, r.Body, w.Secret, w.PreviousSecret)
	if err != nil {
		return f, r, err
	}
	for name, values := range signature {
		r.Header[name] = values
	}
	return f, r, nil
}

func (e *Engine) notice(job scout.Job, now time.Time) scout.Notice {
	n := job.Event.Notice(job.Delivery.Tells)
	n.SentAt = now
	n.MessageID = job.Delivery.MessageID
	if n.Ended.IsZero() {
		n.Ended = job.EndedAt
	}
	if base := e.rules.Load().PublicURL; base != "" && !n.Test {
		n.Link = strings.TrimSuffix(base, "/") + "/incidents/" + n.AlertID
	}
	return n
}

// trust says how far a webhook may reach: who declares it in the file could
// have written egress.allow there too.
func trust(w scout.Webhook) egress.Trust {
	if w.Source == scout.FromFile {
		return egress.TrustPrivate
	}
	return egress.PublicOnly
}

// failure is the verdict on an attempt that got no whole answer, and the
// address it reached.
func failure(err error, address string) (scout.Verdict, string) {
	v := scout.Verdict{Outcome: scout.OutcomeRetry, Fault: scout.FaultOther, Detail: err.Error()}
	var f *egress.Error
	if errors.As(err, &f) {
		v.Fault, v.Detail = f.Fault, f.Message
		address = cmp.Or(f.Address, address)
	}
	return v, address
}

// conclude decides what becomes of a delivery after an attempt.
func (e *Engine) conclude(job scout.Job, a scout.Attempt) scout.Completion {
	now := e.options.Now()
	c := scout.Completion{Job: job, Attempt: a, Now: now, Reason: job.Delivery.Reason, Says: scout.SaysFailure}
	switch a.Verdict.Outcome {
	case scout.OutcomeDelivered:
		c.Status, c.Says = scout.Delivered, scout.SaysSuccess
	case scout.OutcomeDisabled:
		c.Status, c.Reason, c.Disable = scout.DeliveryFailed, scout.Gone, a.Verdict.Detail
	default:
		e.again(&c, job.Delivery)
	}
	if job.Delivery.Test {
		c.Disable = ""
		if c.Status != scout.Delivered {
			c.Status, c.Reason, c.Says, c.HoldUntil = scout.DeliveryFailed, scout.TestFailed, scout.SaysNothing, time.Time{}
		}
	}
	return c
}

// again sets the next attempt of a delivery, or gives it up.
func (e *Engine) again(c *scout.Completion, d scout.Delivery) {
	first := d.FirstAttempt
	if first.IsZero() {
		first = c.Attempt.StartedAt
	}
	c.Delay = e.retryDelay(d.Tries + 1)
	if wish := c.Attempt.Verdict.RetryAfter; wish > 0 {
		c.Delay = max(c.Delay, wish)
		c.HoldUntil = c.Now.Add(wish)
	}
	c.DueAt = c.Now.Add(c.Delay)
	if c.Now.Sub(first) >= e.rules.Load().GiveUpAfter {
		c.Status, c.Reason = scout.DeliveryFailed, scout.GaveUp
		c.Attempt.Verdict.Outcome = scout.OutcomeGaveUp
		return
	}
	c.Status = scout.Pending
}
