package incidents

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// What is shown of texts that may be of any length, in characters.
const (
	shownName    = 60
	shownMessage = 400
)

// name is what an incident is about.
func name(i scout.Incident) string {
	return scout.Shorten(i.Service, shownName) + " on " + scout.Shorten(i.Server, shownName)
}

// stateSentence says how an incident stands, or how it was.
func stateSentence(i scout.Incident, now time.Time) string {
	switch {
	case i.Open() && i.Level < i.Worst:
		return fmt.Sprintf("%s has a warning now, after being down; it has not been up for %s", name(i), ui.Span(lasted(i, now)))
	case i.Open() && i.Level == scout.Down:
		return fmt.Sprintf("%s has been down for %s", name(i), ui.Span(lasted(i, now)))
	case i.Open():
		return fmt.Sprintf("%s has had a warning for %s", name(i), ui.Span(lasted(i, now)))
	case i.Worst == scout.Down:
		return fmt.Sprintf("%s was down for %s", name(i), ui.Span(lasted(i, now)))
	default:
		return fmt.Sprintf("%s had a warning for %s", name(i), ui.Span(lasted(i, now)))
	}
}

// lasted is how long an incident lasted, so far or in all.
func lasted(i scout.Incident, now time.Time) time.Duration {
	if !i.Open() {
		now = i.Ended
	}
	return max(now.Sub(i.Began), 0)
}

// is completes a sentence about a service at a level.
func is(l scout.Level) string {
	switch l {
	case scout.Down:
		return "is down"
	case scout.Warning:
		return "has a warning"
	default:
		return "is up"
	}
}

// stillIs is is for a level that has not changed.
func stillIs(l scout.Level) string {
	if l == scout.Down {
		return "is still down"
	}
	return "still " + is(l)
}

// eventSentence says what happened with an event.
func eventSentence(e scout.Event) string {
	service := scout.Shorten(e.Service, shownName)
	switch e.Kind {
	case scout.Opened:
		return fmt.Sprintf("The incident opened: %s %s.", service, is(e.Level))
	case scout.Worsened:
		return fmt.Sprintf("It got worse: %s %s.", service, is(e.Level))
	case scout.Eased:
		return fmt.Sprintf("It eased: %s %s.", service, is(e.Level))
	case scout.Reminder:
		if e.Repeats {
			return fmt.Sprintf("Reminder: after %s, %s %s.", ui.Span(e.Duration), service, stillIs(e.Level))
		}
		return fmt.Sprintf("After %s, those who did not know yet were to be told that %s %s.", ui.Span(e.Duration), service, is(e.Level))
	default:
		return fmt.Sprintf("The incident ended: it lasted %s in all.", scout.Clock(e.Duration))
	}
}

// why says in words why an event did not go to a webhook, or why a delivery
// ended undelivered.
func why(r scout.Reason) string {
	switch r {
	case scout.Owed, scout.CaughtUp:
		return "Owed, but what became of it is not on record."
	case scout.NotSelected:
		return "This alert type is not selected."
	case scout.Filtered:
		return "The filter names other servers, tags or checks."
	case scout.AlreadyTold:
		return "Told before, and nothing has changed since in what it hears."
	case scout.NeverTold:
		return "Never told that anything was wrong, so there was nothing to take back."
	case scout.WebhookPaused:
		return "Held back by a pause. When that ends and the incident is still open, it is told."
	case scout.Silenced:
		return "Held back by a silence. When that ends and the incident is still open, it is told."
	case scout.InMaintenance:
		return "Held back by a maintenance window. When that ends and the incident is still open, it is told."
	case scout.Disabled:
		return "Disabled, because the receiver said that it is gone. Resume the webhook to use it again."
	case scout.StillWaiting:
		return "An earlier message of this incident still waits to be sent there."
	case scout.WebhookRemoved:
		return "The webhook was removed before it could be told."
	case scout.GaveUp:
		return "Given up: it was tried for as long as the settings say."
	case scout.Gone:
		return "Given up: the receiver said that it is gone."
	default:
		return "Not told: " + strings.ReplaceAll(string(r), "_", " ") + "."
	}
}

// answers says what the latest attempt came to, to go on after a webhook's
// name.
func answers(a scout.Attempt) string {
	switch {
	case a.Verdict.Outcome == scout.OutcomeInterrupted:
		return ": interrupted, so it is not known whether it was told"
	case a.Verdict.Fault == scout.FaultRejected:
		return " does not accept the message"
	case a.Status >= http.StatusMultipleChoices:
		return fmt.Sprintf(" answers %d", a.Status)
	case a.Verdict.Fault != scout.NoFault:
		return ": " + a.Verdict.Fault.Describe()
	default:
		return " did not accept it"
	}
}

// nextTry says when a delivery that waits is tried next.
func nextTry(d scout.Delivery, c ui.Clock) string {
	if d.DueAt.After(c.Now) {
		return "next try " + c.Ago(d.DueAt)
	}
	return "due now"
}
