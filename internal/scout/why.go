package scout

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// MadeLater is the reason of a webhook that did not exist when an event was
// decided. No decision has it.
const MadeLater Reason = "made_later"

// Why is why one event did or did not reach one webhook.
type Why struct {
	Event     Event
	WebhookID int64 // 0 for the test of unsaved values
	Webhook   string
	Reason    Reason    // of the decision
	Says      string    // one sentence: what became of it, and why
	Delivery  *Delivery // nil if it is owed nothing
	NextAt    time.Time // when it is tried next; zero where nothing is, or no time is set
}

// Explain says why an event did or did not reach each webhook: those there were
// when it was decided, then those made since. The deliveries are the event's;
// last is, by delivery, the sentence that its latest attempt failed with.
func Explain(e Event, webhooks []Webhook, deliveries []Delivery, last map[int64]string, now time.Time) []Why {
	var list []Why
	explain := func(d Decision, w *Webhook, owed *Delivery) {
		q := inquiry{event: e, decision: d, webhook: w, delivery: owed, now: now}
		if owed != nil {
			q.fault = last[owed.ID]
		}
		list = append(list, q.why())
	}
	decisions := e.Decisions
	if e.Test { // it is decided by who asks for it
		for i, d := range deliveries {
			explain(Decision{WebhookID: d.WebhookID, Webhook: d.Webhook, Reason: Owed}, find(webhooks, d.WebhookID), &deliveries[i])
		}
		return list
	}
	for _, d := range decisions {
		i := slices.IndexFunc(deliveries, func(owed Delivery) bool { return owed.WebhookID == d.WebhookID })
		if i < 0 {
			explain(d, find(webhooks, d.WebhookID), nil)
		} else {
			explain(d, find(webhooks, d.WebhookID), &deliveries[i])
		}
	}
	for i, w := range webhooks {
		if !slices.ContainsFunc(decisions, func(d Decision) bool { return d.WebhookID == w.ID }) {
			explain(Decision{WebhookID: w.ID, Webhook: w.Name, Reason: MadeLater}, &webhooks[i], nil)
		}
	}
	return list
}

func find(webhooks []Webhook, id int64) *Webhook {
	if i := slices.IndexFunc(webhooks, func(w Webhook) bool { return w.ID == id }); i >= 0 {
		return &webhooks[i]
	}
	return nil
}

// inquiry is what is known of one event and one webhook.
type inquiry struct {
	event    Event
	decision Decision
	webhook  *Webhook  // as it is now; nil if it is not there any more
	delivery *Delivery // nil if it is owed nothing
	fault    string    // what the latest attempt failed with; "" for nothing
	now      time.Time
}

func (q inquiry) why() Why {
	why := Why{
		Event: q.event, WebhookID: q.decision.WebhookID, Webhook: q.decision.Webhook, Reason: q.decision.Reason, Delivery: q.delivery,
	}
	if q.webhook != nil {
		why.Webhook = q.webhook.Name
	}
	says := ""
	switch d := q.delivery; {
	case d == nil:
		says = q.untold()
	case d.Status == Delivered:
		says = q.delivered()
	case d.Status == Sending:
		says = fmt.Sprintf("being sent now: attempt %d is under way", d.Attempts+1)
	case d.Status == DeliveryFailed:
		says = q.failed()
	case d.Status == DeliveryCancelled:
		says = "cancelled: " + d.Reason.Describe()
	default:
		says, why.NextAt = q.waits()
	}
	why.Says = strings.ToUpper(says[:1]) + says[1:] + "."
	return why
}

// untold says why there is no delivery.
func (q inquiry) untold() string {
	r := q.decision.Reason
	switch {
	case r == Owed, r == CaughtUp:
		return "it was owed, but what became of it is no longer on record"
	case r == WebhookPaused && q.webhook != nil && q.webhook.Paused:
		return "held back: the webhook is paused; resume it to have it told where the incident is by then"
	case r == Disabled && q.webhook != nil && !q.webhook.DisabledAt.IsZero():
		return "held back: " + q.disabled()
	default:
		return "not sent: " + r.Describe()
	}
}

// disabled says that the webhook is, and what to do.
func (q inquiry) disabled() string {
	says := "the webhook is disabled"
	if why := q.webhook.DisabledWhy; why != "" {
		says += " (" + unended(why) + ")"
	}
	return says + "; resume it once it can be reached again"
}

func (q inquiry) delivered() string {
	says := fmt.Sprintf("delivered %s the event, at %s", after(q.delivery.FinishedAt.Sub(q.event.At)), nth(q.delivery.Attempts))
	if q.delivery.Reason == CaughtUp {
		says += ": " + CaughtUp.Describe()
	}
	return says
}

// after says how long after something another thing was.
func after(d time.Duration) string {
	if d < time.Second { // the clock may have been set back meanwhile
		return "within a second of"
	}
	return Duration(d.Round(time.Second)).String() + " after"
}

func nth(attempt int) string {
	if attempt <= 1 {
		return "the first attempt"
	}
	return fmt.Sprintf("attempt %d", attempt)
}

func (q inquiry) failed() string {
	d := q.delivery
	says := ""
	switch d.Reason {
	case GaveUp:
		says = fmt.Sprintf("given up after %s over %s", attempts(d.Attempts), Duration(max(d.FinishedAt.Sub(d.FirstAttempt), 0).Round(time.Second)))
	case TestFailed:
		says = "the test failed"
	default:
		says = "failed: " + d.Reason.Describe()
	}
	if q.fault != "" {
		says += "; the last attempt ended with: " + unended(q.fault)
	}
	return says
}

func attempts(n int) string {
	if n == 1 {
		return "1 attempt"
	}
	return fmt.Sprintf("%d attempts", n)
}

// waits says what a pending delivery waits for, and until when if that is
// known: first what only a person can end, then what ends by itself.
func (q inquiry) waits() (says string, next time.Time) {
	d, w := q.delivery, q.webhook
	switch {
	case w == nil:
		return "waiting, but " + WebhookRemoved.Describe(), next
	case !w.DisabledAt.IsZero():
		return "waiting: " + q.disabled(), next
	case w.Paused && d.Tells != StatusRecovered:
		return "waiting: the webhook is paused; resume it to have it sent", next
	case d.AfterID != 0:
		return fmt.Sprintf("waiting for an earlier message of the incident to end (delivery %d)", d.AfterID), next
	case w.Health.HoldUntil.After(q.now):
		next = latest(w.Health.HoldUntil, d.DueAt)
		return fmt.Sprintf("waiting until %s, because the receiver asked for it (Retry-After)", q.clock(next)), next
	case d.DueAt.After(q.now):
		says = fmt.Sprintf("waiting until %s for %s", q.clock(d.DueAt), nth(d.Attempts+1))
		if q.fault != "" {
			says += fmt.Sprintf(", because %s failed: %s", nth(d.Attempts), unended(q.fault))
		}
		return says, d.DueAt
	case w.Health.FailStreak > 0:
		return "due, but the webhook is failing, and few messages are tried at a time: " + unended(w.Health.LastError), d.DueAt
	default:
		return "due: it goes as soon as the webhook has a place for it", d.DueAt
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// clock is a time of today as such, another one with its date; in UTC.
func (q inquiry) clock(t time.Time) string {
	t, now := t.UTC(), q.now.UTC()
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04:05 UTC")
	}
	return t.Format("2006-01-02 15:04:05 UTC")
}

// unended is a sentence as the end of another one.
func unended(sentence string) string { return strings.TrimSuffix(sentence, ".") }
