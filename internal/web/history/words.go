package history

import (
	"fmt"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// statuses are those of a delivery, in the order in which they are offered.
var statuses = [...]scout.DeliveryStatus{scout.Delivered, scout.Pending, scout.Sending, scout.DeliveryFailed, scout.DeliveryCancelled}

// statusKey is a status as addresses have it: what the engine calls pending is
// waiting to a reader.
func statusKey(s scout.DeliveryStatus) string {
	if s == scout.Pending {
		return "waiting"
	}
	return string(s)
}

// A badge is a word with the shape and colour of a state.
type badge struct {
	State ui.State
	Word  string
}

// statusBadge shows how far a delivery is. One that waits after a failure is
// worse news than one that waits for its first attempt.
func statusBadge(d scout.Delivery) badge {
	word := ui.Capital(statusKey(d.Status))
	switch d.Status {
	case scout.Delivered:
		return badge{ui.Up, word}
	case scout.DeliveryFailed:
		return badge{ui.Down, word}
	case scout.DeliveryCancelled:
		return badge{ui.Paused, word}
	case scout.Sending:
		return badge{ui.Maintenance, word}
	}
	if d.Tries > 0 {
		return badge{ui.Warning, word}
	}
	return badge{ui.Unknown, word}
}

// outcomeBadge shows what an attempt came to.
func outcomeBadge(o scout.Outcome) badge {
	switch o {
	case scout.OutcomeDelivered:
		return badge{ui.Up, "Accepted"}
	case scout.OutcomeInterrupted:
		return badge{ui.Unknown, "Interrupted"}
	case scout.OutcomeRetry:
		return badge{ui.Warning, "Not accepted"}
	case scout.OutcomeDisabled:
		return badge{ui.Down, "Refused for good"}
	default:
		return badge{ui.Down, "Given up"}
	}
}

// tellsState is the state that a webhook is told of.
func tellsState(s scout.Status) ui.State { return ui.StateOf(s.Level()) }

// about says what a delivery tells, as a sentence without its full stop.
func about(d scout.Delivery) string {
	what := d.Service + " on " + d.Server
	switch d.Tells {
	case scout.StatusDown:
		return what + " is down"
	case scout.StatusWarning:
		return what + " has a warning"
	default:
		return what + " has recovered"
	}
}

// reasonWords says why a delivery ended without being delivered; "" where the
// reason says nothing of that.
func reasonWords(r scout.Reason) string {
	switch r {
	case scout.GaveUp:
		return "It was tried for as long as the settings say, and given up."
	case scout.Gone:
		return "The receiver said that it is gone for good. Its webhook is disabled until it is resumed."
	case scout.TestFailed:
		return "It was a test, and a test is tried once."
	case scout.WebhookRemoved:
		return "Its webhook was removed."
	case scout.NeverTold:
		return "The webhook was never told that this began, so it is not told that it ended."
	case scout.Disabled:
		return "Its webhook was disabled."
	default:
		return ""
	}
}

// faults are what an attempt can fail by, in the order in which they are
// offered.
var faults = [...]scout.Fault{
	scout.FaultMisconfigured, scout.FaultServerError, scout.FaultRateLimited, scout.FaultRedirect, scout.FaultGone,
	scout.FaultRejected, scout.FaultStatus,
	scout.FaultTimeout, scout.FaultRefused, scout.FaultReset, scout.FaultUnreachable, scout.FaultUnknownHost, scout.FaultResolver,
	scout.FaultAddressRefused, scout.FaultCertExpired, scout.FaultCertNotYet, scout.FaultCertName, scout.FaultCertUnknown,
	scout.FaultCertSelf, scout.FaultTLS, scout.FaultNotTLS, scout.FaultProtocol,
	scout.FaultUnrenderable, scout.FaultInterrupted, scout.FaultOther,
}

// answered is what an attempt was answered, and after how long.
func answered(a scout.Attempt) string {
	if a.Verdict.Outcome == scout.OutcomeInterrupted {
		return "unknown"
	}
	if a.Status == 0 {
		return "none · " + ui.Millis(a.Duration)
	}
	return fmt.Sprintf("%d · %s", a.Status, ui.Millis(a.Duration))
}

// wrong is what is wrong with an attempt, in words; "" if nothing is.
func wrong(a scout.Attempt) string {
	switch {
	case a.Verdict.Detail != "":
		return ui.Sentence(a.Verdict.Detail)
	case a.Verdict.Fault != scout.NoFault:
		return ui.Sentence(a.Verdict.Fault.Describe())
	default:
		return ""
	}
}

// A wait is what a delivery that has not ended waits for.
type wait struct {
	Text  string    // completes "It waits …"
	Until time.Time // zero where no time is known
}

// waits says what a delivery waits for. The webhook is as it is now.
func waits(d scout.Delivery, hook scout.Webhook, now time.Time) wait {
	switch {
	case d.Status != scout.Pending:
		return wait{}
	case d.AfterID != 0:
		return wait{Text: fmt.Sprintf("behind delivery %d of the same incident", d.AfterID)}
	case !hook.DisabledAt.IsZero():
		return wait{Text: "until its webhook, which is disabled, is resumed"}
	case hook.Paused && d.Tells != scout.StatusRecovered:
		return wait{Text: "until its webhook, which is paused, is resumed"}
	case hook.Health.HoldUntil.After(now) && hook.Health.HoldUntil.After(d.DueAt):
		return wait{Text: "as the receiver asked for", Until: hook.Health.HoldUntil}
	case d.DueAt.After(now):
		return wait{Text: "for its next attempt", Until: d.DueAt}
	default:
		return wait{Text: "for its turn: it is due now"}
	}
}

// became is what became of a delivery, in one sentence or two.
func became(d scout.Delivery, hook scout.Webhook, clock ui.Clock) string {
	switch d.Status {
	case scout.Delivered:
		return fmt.Sprintf("%s took it on the %s attempt, %s.", name(d.Webhook), ui.Ordinal(d.Attempts), after(d))
	case scout.Sending:
		return "It is being sent at this moment."
	case scout.DeliveryFailed:
		return "It was not delivered. " + failures(d) + " " + reasonWords(d.Reason)
	case scout.DeliveryCancelled:
		return "It was cancelled. " + reasonWords(d.Reason)
	}
	text := ""
	if d.Tries > 0 {
		text = failures(d) + " "
	}
	w := waits(d, hook, clock.Now)
	if w.Until.IsZero() {
		return text + "It waits " + w.Text + "."
	}
	return text + "It waits " + w.Text + ", " + clock.Ago(w.Until) + "."
}

// failures counts the attempts that failed since a delivery was made, or since
// it was sent again.
func failures(d scout.Delivery) string {
	text := ui.Count(d.Tries, "attempt") + " failed"
	if d.Attempts > d.Tries {
		text += " since it was sent again or interrupted"
	}
	return text + "."
}

// after says how long after it was made a delivery ended.
func after(d scout.Delivery) string {
	if took := d.FinishedAt.Sub(d.CreatedAt); took >= time.Second {
		return ui.Span(took) + " after it was made"
	}
	return "at once"
}

// name is a webhook's name; that of one which was never saved may be empty.
func name(webhook string) string {
	if webhook == "" {
		return "A webhook without a name"
	}
	return webhook
}
