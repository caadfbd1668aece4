package incidents

import (
	"fmt"
	"slices"
	"strings"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// told sums up who was told of an incident.
type told struct {
	all     []scout.Telling
	untold  []scout.Telling // those of all who do not know how it stands
	failing bool            // one of them was tried in vain
}

func sumUp(tellings []scout.Telling) told {
	t := told{all: tellings}
	for _, one := range tellings {
		if !one.Told() {
			t.untold = append(t.untold, one)
			t.failing = t.failing || vain(one)
		}
	}
	return t
}

// vain reports whether a webhook that was not told was tried, or given up.
func vain(t scout.Telling) bool {
	return t.Attempt.ID != 0 || t.Delivery.Status.Final()
}

// state is the sign of who was told: a warning if somebody should know and
// does not.
func (t told) state() ui.State {
	switch {
	case len(t.all) == 0, len(t.untold) > 0 && !t.failing:
		return ui.Unknown
	case len(t.untold) > 0:
		return ui.Warning
	default:
		return ui.Up
	}
}

// count says how many of those who should know were told.
func (t told) count() string {
	switch n := len(t.all); n {
	case 0:
		return "Nobody was told"
	case 1:
		return fmt.Sprintf("%d of 1 webhook told", n-len(t.untold))
	default:
		return fmt.Sprintf("%d of %d webhooks told", n-len(t.untold), n)
	}
}

// namedTroubles is how many webhooks that were not told are named on a line.
const namedTroubles = 2

// line says on one line who was told and what keeps the others from it.
func (t told) line() string {
	parts := []string{t.count()}
	worst := slices.Clone(t.untold)
	slices.SortStableFunc(worst, func(a, b scout.Telling) int { return rank(a) - rank(b) })
	for i, one := range worst {
		if i == namedTroubles {
			parts = append(parts, fmt.Sprintf("%d more not told", len(worst)-i))
			break
		}
		parts = append(parts, trouble(one))
	}
	return strings.Join(parts, "; ")
}

// rank puts what needs a person first.
func rank(t scout.Telling) int {
	switch {
	case t.Delivery.Status == scout.DeliveryFailed:
		return 0
	case vain(t):
		return 1
	default:
		return 2
	}
}

// trouble says in a few words why a webhook was not told.
func trouble(t scout.Telling) string {
	who := scout.Shorten(t.Webhook, shownName)
	d := t.Delivery
	switch {
	case d.Status == scout.DeliveryCancelled && d.Reason == scout.WebhookRemoved:
		return who + " was removed"
	case d.Status == scout.DeliveryCancelled:
		return who + " was never told the beginning"
	case d.Status == scout.DeliveryFailed && d.Reason == scout.Gone:
		return who + " says that it is gone"
	case t.Attempt.ID != 0 && d.Status == scout.DeliveryFailed:
		return who + answers(t.Attempt) + ", given up"
	case t.Attempt.ID != 0:
		return who + answers(t.Attempt)
	case d.Status == scout.DeliveryFailed:
		return who + " was given up"
	case d.Status == scout.Sending:
		return who + " is being told"
	default:
		return who + " waits"
	}
}

// nextOf says why a webhook was not told and what is next, to go on after its
// name.
func nextOf(t scout.Telling, c ui.Clock) string {
	return becameOf(scout.Event{}, t.Delivery, t.Attempt, c)
}

// sendAgain is what the button is called that sends a delivery now; "" where
// that makes no sense.
func sendAgain(d scout.Delivery) string {
	switch d.Status {
	case scout.Pending:
		return "Send now"
	case scout.DeliveryFailed:
		return "Send again"
	default:
		return ""
	}
}

// heldBack lists the webhooks that were not told of the latest event of an open
// incident, though they would hear it, with what keeps them from it.
func heldBack(i scout.Incident, latest scout.Event) []group[scout.Decision] {
	if !i.Open() {
		return nil
	}
	var held []group[scout.Decision]
	for _, d := range latest.Decisions {
		switch d.Reason {
		case scout.WebhookPaused, scout.Disabled, scout.Silenced, scout.InMaintenance:
			held = add(held, why(d.Reason), ui.Unknown, d)
		}
	}
	return held
}
