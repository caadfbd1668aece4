package incident

import (
	"slices"

	"serverscout/internal/scout"
)

// Routed is the decision for one webhook. Tells is what the webhook is told;
// it is "" unless the reason is Owed.
type Routed struct {
	scout.Decision
	Tells scout.Status
}

// Route decides for each webhook whether it is owed the event, and why. Each
// webhook follows the incident through its own selection of alert types: a
// warning it did not select counts as up, a critical it did not select changes
// nothing, and it hears each change of what it sees, once, and each reminder
// that repeats. A pause, and a hold that is in force at the event's time, hold
// back what is new, but let an earlier telling be followed by its recovery.
func Route(e scout.Event, past scout.Past, webhooks []scout.Webhook, holds []scout.Hold) []Routed {
	held := holdOn(e, holds)
	routed := make([]Routed, 0, len(webhooks))
	for _, w := range webhooks {
		tells, reason := decide(e, past, w, held)
		if reason != scout.Owed {
			tells = ""
		}
		routed = append(routed, Routed{scout.Decision{WebhookID: w.ID, Webhook: w.Name, Reason: reason}, tells})
	}
	return routed
}

// decide decides for one webhook. held is why the event is held back from all;
// "" if it is not.
func decide(e scout.Event, past scout.Past, w scout.Webhook, held scout.Reason) (scout.Status, scout.Reason) {
	told := past.Told[w.ID]
	if !w.DisabledAt.IsZero() {
		return "", scout.Disabled
	}
	seen, ok := view(e.Level, w.AlertTypes)
	if !ok && e.Kind == scout.Reminder && !e.Repeats {
		seen, ok = latestView(past.Levels, w.AlertTypes)
	}
	if !ok {
		return "", scout.NotSelected
	}
	if seen == scout.Up {
		return scout.StatusRecovered, recovery(e, past, w, held)
	}
	switch {
	case !Matches(w.Match, e):
		return "", scout.Filtered
	case seen == lastSeen(past.Levels, told, w.AlertTypes) && !e.Repeats && !(told.GivenUp && e.Kind == scout.Reminder):
		return "", scout.AlreadyTold // a reminder also tells those whose every telling was given up
	default:
		return scout.StatusOf(seen), unlessHeld(w, held)
	}
}

// unlessHeld is the decision about what is new to a webhook.
func unlessHeld(w scout.Webhook, held scout.Reason) scout.Reason {
	switch {
	case w.Paused:
		return scout.WebhookPaused
	case held != "":
		return held
	default:
		return scout.Owed
	}
}

// recovery decides about an event that the webhook sees as a recovery.
func recovery(e scout.Event, past scout.Past, w scout.Webhook, held scout.Reason) scout.Reason {
	told := past.Told[w.ID]
	switch {
	case !w.AlertTypes.Has(scout.Recovery):
		return scout.NotSelected
	case w.AlertTypes == scout.Recovery:
		return endOnly(e, w, held)
	case len(told.Statuses) == 0 && e.Kind != scout.Recovered:
		return scout.NotSelected // a warning it does not hear, and nothing to take back
	case len(told.Statuses) == 0 && !Matches(w.Match, e):
		return scout.Filtered
	case len(told.Statuses) == 0, told.GivenUp:
		return scout.NeverTold
	case lastSeen(past.Levels, told, w.AlertTypes) == scout.Up:
		return scout.AlreadyTold
	default:
		return scout.Owed
	}
}

// endOnly decides for a webhook that selects recovery alone: it hears the end
// of every incident.
func endOnly(e scout.Event, w scout.Webhook, held scout.Reason) scout.Reason {
	switch {
	case e.Kind != scout.Recovered:
		return scout.NotSelected
	case !Matches(w.Match, e):
		return scout.Filtered
	default:
		return unlessHeld(w, held)
	}
}

// view is how a level looks through a selection; false where it changes
// nothing for the webhook.
func view(l scout.Level, selected scout.AlertTypes) (scout.Level, bool) {
	switch {
	case l == scout.Down:
		return l, selected.Has(scout.Critical)
	case l == scout.Warning && selected.Has(scout.WarningAlerts):
		return l, true
	default:
		return scout.Up, true
	}
}

// latestView is how an incident that went through levels looks through a
// selection by now; false where nothing of it can be seen. A reminder tells
// this: after a warning that was held back, a critical that is not selected
// leaves the warning to be told.
func latestView(levels []scout.Level, selected scout.AlertTypes) (scout.Level, bool) {
	for _, level := range slices.Backward(levels) {
		if seen, ok := view(level, selected); ok {
			return seen, true
		}
	}
	return scout.Unknown, false
}

// lastSeen is the level the webhook was left at: the last one it was owed, or
// up again where it silently became up because it does not hear recoveries, or
// because all it was owed was given up and there was nothing to take back.
func lastSeen(levels []scout.Level, told scout.Told, selected scout.AlertTypes) scout.Level {
	seen := scout.Up
	for i, level := range levels {
		if status, ok := told.Statuses[i+1]; ok {
			seen = status.Level()
			continue
		}
		if v, ok := view(level, selected); ok && v == scout.Up && (!selected.Has(scout.Recovery) || told.GivenUp) {
			seen = scout.Up
		}
	}
	return seen
}

// Matches reports whether a webhook's match lets the event through.
func Matches(m scout.Match, e scout.Event) bool { return m.Covers(e.Server, e.Tags, e.Service) }
