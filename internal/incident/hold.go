package incident

import (
	"time"

	"serverscout/internal/scout"
)

// Held returns the hold that covers a check at a moment, and false if none
// does. Of several it is the one that is in force for longest, because nothing
// is told before that one ends.
func Held(holds []scout.Hold, server string, tags []string, check string, at time.Time) (last scout.Hold, held bool) {
	for _, h := range holds {
		if h.State(at) == scout.HoldActive && h.Match.Covers(server, tags, check) && (!held || h.Until.After(last.Until)) {
			last, held = h, true
		}
	}
	return last, held
}

// holdOn returns the reason for which an event is held back from every
// webhook; "" if it is not.
func holdOn(e scout.Event, holds []scout.Hold) scout.Reason {
	h, held := Held(holds, e.Server, e.Tags, e.Service, e.At)
	if !held {
		return ""
	}
	return h.Kind.Reason()
}
