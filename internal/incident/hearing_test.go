package incident_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"serverscout/internal/scout"
)

// A listener knows by the words of the rules what a webhook must hear. It
// follows the incident through the webhook's selection.
type listener struct {
	selected scout.AlertTypes
	paused   bool
	sees     scout.Level // what the selection shows of the incident
	left     scout.Level // what the webhook was left at
	heard    []scout.Status
}

func newListener(selected scout.AlertTypes) *listener {
	return &listener{selected: selected, sees: scout.Up, left: scout.Up}
}

// enters follows the incident to a level.
func (l *listener) enters(level scout.Level) {
	switch {
	case level == scout.Down && !l.selected.Has(scout.Critical):
		// a critical it did not select changes nothing
	case level == scout.Warning && !l.selected.Has(scout.WarningAlerts):
		l.sees = scout.Up // a warning it did not select counts as up
	default:
		l.sees = level
	}
	if l.selected == scout.Recovery {
		if level == scout.Up && !l.paused {
			l.heard = append(l.heard, scout.StatusRecovered)
		}
		return
	}
	l.catchUp()
}

// catchUp tells what the webhook sees, unless it knows, or is not to know yet.
func (l *listener) catchUp() {
	switch {
	case l.sees == l.left:
	case l.sees == scout.Up:
		l.left = scout.Up
		if l.selected.Has(scout.Recovery) {
			l.heard = append(l.heard, scout.StatusRecovered)
		}
	case !l.paused:
		l.left = l.sees
		l.heard = append(l.heard, scout.StatusOf(l.sees))
	}
}

func (l *listener) resume() {
	l.paused = false
	l.catchUp()
}

// checkHeard compares a desk with the listeners, one for each webhook.
func checkHeard(t *rapid.T, d *desk, listeners []*listener) {
	t.Helper()
	for i, l := range listeners {
		heard := d.heard[d.webhooks[i].ID]
		if diff := cmp.Diff(l.heard, heard, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("of %v a webhook with %q hears (-want +got):\n%s", d.past.Levels, l.selected, diff)
		}
		if len(heard) > 0 && heard[0] == scout.StatusRecovered && l.selected != scout.Recovery {
			t.Fatalf("of %v a webhook with %q hears of a recovery first", d.past.Levels, l.selected)
		}
		if l.selected.Has(scout.Recovery) && len(slices.Compact(slices.Clone(heard))) != len(heard) {
			t.Fatalf("of %v a webhook with %q is told twice: %v", d.past.Levels, l.selected, heard)
		}
	}
}

// drawLevels draws the levels that an incident enters, each another than the
// one before, the last of them up if it ends.
func drawLevels(t *rapid.T) []scout.Level {
	level := rapid.SampledFrom([]scout.Level{scout.Warning, scout.Down}).Draw(t, "first")
	drawn := []scout.Level{}
	for range rapid.IntRange(1, 9).Draw(t, "events") {
		drawn = append(drawn, level)
		level = scout.Warning + scout.Down - level
	}
	if rapid.Bool().Draw(t, "ends") {
		drawn = append(drawn, scout.Up)
	}
	return drawn
}

func TestHearingFollowsTheSelection(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk()
		var listeners []*listener
		for selected := range scout.AllAlerts + 1 {
			d.webhooks = append(d.webhooks, webhook(int64(selected)+1, selected))
			listeners = append(listeners, newListener(selected))
		}
		story := drawLevels(t)
		for _, level := range story {
			d.enter(level)
			for _, l := range listeners {
				l.enters(level)
			}
			checkHeard(t, d, listeners)
		}
		if all := d.heard[int64(scout.AllAlerts)+1]; len(all) != len(story) {
			t.Fatalf("of %v a webhook with all types hears only %v", story, all)
		}
	})
}

// TestHearingWithPauses lets webhooks pause and resume at random, with the
// reminders that a resumed one is owed.
func TestHearingWithPauses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk()
		var listeners []*listener
		for n, selected := range rapid.SliceOfN(rapid.SampledFrom(pausing), 1, 4).Draw(t, "selections") {
			d.webhooks = append(d.webhooks, webhook(int64(n)+1, selected))
			listeners = append(listeners, newListener(selected))
		}
		toggle := func() {
			for i, l := range listeners {
				switch {
				case !rapid.Bool().Draw(t, "toggle"):
				case l.paused:
					d.resume(i)
					l.resume()
				default:
					d.webhooks[i].Paused, l.paused = true, true
				}
			}
		}
		for _, level := range drawLevels(t) {
			toggle()
			d.enter(level)
			for _, l := range listeners {
				l.enters(level)
			}
			checkHeard(t, d, listeners)
		}
		toggle()
		checkHeard(t, d, listeners)
	})
}

// pausing are the selections that pauses are tried on: all of them.
var pausing = []scout.AlertTypes{none, crit, warn, reco, crit | warn, crit | reco, warn | reco, scout.AllAlerts}
