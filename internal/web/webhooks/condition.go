package webhooks

import (
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// A condition is how a webhook is, for a reader.
type condition struct {
	State ui.State
	Word  string
	Since time.Time // zero where that says nothing
	Says  string
}

// conditionOf tells how a webhook is. used is whether anything was ever sent to
// it.
func conditionOf(w scout.Webhook, used bool, now time.Time) condition {
	switch {
	case !w.DisabledAt.IsZero():
		return condition{ui.Down, "Disabled", w.DisabledAt, says(w.DisabledWhy)}
	case w.Paused:
		return condition{State: ui.Paused, Word: "Paused", Says: "Alerts are held back until it is resumed."}
	case w.Health.FailStreak > 0:
		return condition{ui.Down, "Failing", w.Health.FailingFrom, says(w.Health.LastError)}
	case w.Health.HoldUntil.After(now):
		return condition{State: ui.Warning, Word: "On hold", Says: "The receiver asked to be sent nothing for a while."}
	case !used:
		return condition{State: ui.Unknown, Word: "Not used yet"}
	default:
		return condition{State: ui.Up, Word: "Well"}
	}
}

// stopped reports whether a webhook is sent nothing until it is resumed.
func stopped(w scout.Webhook) bool { return w.Paused || !w.DisabledAt.IsZero() }

// says is what somebody said as a sentence for a page, cut to what a person
// reads.
func says(text string) string { return ui.Capital(scout.Shorten(text, 300)) }

// statusOf is a delivery's status as state and word.
func statusOf(d scout.Delivery) (ui.State, string) {
	switch d.Status {
	case scout.Delivered:
		return ui.Up, "Delivered"
	case scout.DeliveryFailed:
		return ui.Down, "Failed"
	case scout.DeliveryCancelled:
		return ui.Unknown, "Cancelled"
	case scout.Sending:
		return ui.Maintenance, "Sending"
	default:
		return ui.Warning, "Waiting"
	}
}
