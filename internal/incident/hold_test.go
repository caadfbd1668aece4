package incident_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"serverscout/internal/incident"
	"serverscout/internal/scout"
)

// elsewhere is a match that does not cover what a desk routes.
var elsewhere = scout.Match{Servers: []string{"db-1"}}

func hold(kind scout.HoldKind, from, until int, m scout.Match) scout.Hold {
	return scout.Hold{Kind: kind, From: minute(from), Until: minute(until), Match: m}
}

func TestHeld(t *testing.T) {
	t.Parallel()
	short := hold(scout.Silence, 10, 20, scout.Match{})
	long := hold(scout.Maintenance, 10, 30, scout.Match{Tags: []string{"web"}})
	ended := hold(scout.Silence, 10, 40, scout.Match{})
	ended.EndedAt = minute(11)
	tests := []struct {
		name  string
		holds []scout.Hold
		at    int
		want  scout.HoldKind // "": not held
	}{
		{"no hold", nil, 15, ""},
		{"in force", []scout.Hold{short}, 15, scout.Silence},
		{"before it begins", []scout.Hold{short}, 9, ""},
		{"the moment it begins", []scout.Hold{short}, 10, scout.Silence},
		{"the moment it is over", []scout.Hold{short}, 20, ""},
		{"the longest of two", []scout.Hold{short, long}, 15, scout.Maintenance},
		{"in whichever order", []scout.Hold{long, short}, 15, scout.Maintenance},
		{"after the shorter one", []scout.Hold{short, long}, 25, scout.Maintenance},
		{"ended early", []scout.Hold{ended}, 15, ""},
		{"ended early, at a time before that", []scout.Hold{ended}, 10, ""}, // over is over
		{"of something else", []scout.Hold{hold(scout.Silence, 0, 99, elsewhere)}, 15, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, held := incident.Held(tt.holds, "web-server-01", []string{"web"}, "HTTP", minute(tt.at))
			if got.Kind != tt.want || held != (tt.want != "") {
				t.Errorf("held = %t by %q, want %q", held, got.Kind, tt.want)
			}
		})
	}
}

// TestHoldReasons holds the name of each decision while a hold is in force.
func TestHoldReasons(t *testing.T) {
	t.Parallel()
	silence, maintenance := hold(scout.Silence, 0, 99, scout.Match{}), hold(scout.Maintenance, 0, 99, scout.Match{})
	told := map[int]scout.Status{1: scout.StatusDown}
	tests := []struct {
		name     string
		hold     scout.Hold
		selected scout.AlertTypes
		history  string
		told     map[int]scout.Status
		paused   bool
		want     scout.Reason
	}{
		{"something new", silence, scout.AllAlerts, "D", nil, false, scout.Silenced},
		{"in maintenance", maintenance, scout.AllAlerts, "D", nil, false, scout.InMaintenance},
		{"of something else", hold(scout.Silence, 0, 99, elsewhere), scout.AllAlerts, "D", nil, false, scout.Owed},
		{"paused as well", silence, scout.AllAlerts, "D", nil, true, scout.WebhookPaused},
		{"not selected", silence, warn, "D", nil, false, scout.NotSelected},
		{"a worsening", silence, scout.AllAlerts, "WD", map[int]scout.Status{1: scout.StatusWarning}, false, scout.Silenced},
		{"an easing", silence, scout.AllAlerts, "DW", told, false, scout.Silenced},
		{"the end of what it was told", silence, scout.AllAlerts, "DU", told, false, scout.Owed},
		{"an easing told as an end", silence, crit | reco, "DW", told, false, scout.Owed},
		{"the end of what it was never told", silence, scout.AllAlerts, "DU", nil, false, scout.NeverTold},
		{"the end, for recovery alone", silence, reco, "DU", nil, false, scout.Silenced},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := webhook(1, tt.selected)
			w.Paused = tt.paused
			d := newDesk(w)
			d.holds, d.now = []scout.Hold{tt.hold}, minute(5)
			last := len(tt.history) - 1
			for _, level := range tt.history[:last] {
				d.past.Levels = append(d.past.Levels, levels[level])
			}
			d.past.Told[1] = scout.Told{Statuses: tt.told}
			got := incident.Route(d.change(levels[rune(tt.history[last])]), d.past, d.webhooks, d.holds)[0]
			if got.Reason != tt.want || (got.Tells != "") != (got.Reason == scout.Owed) {
				t.Errorf("reason %s, tells %q; want %s", got.Reason, got.Tells, tt.want)
			}
		})
	}
}

// TestHoldStopsReminders routes a reminder that repeats to somebody who was
// told before.
func TestHoldStopsReminders(t *testing.T) {
	t.Parallel()
	d := newDesk(webhook(1, scout.AllAlerts))
	d.enter(scout.Down)
	again := d.event(scout.Reminder, scout.Down)
	again.Repeats, again.At = true, minute(5)
	for reason, holds := range map[scout.Reason][]scout.Hold{
		scout.Owed:     nil,
		scout.Silenced: {hold(scout.Silence, 0, 99, scout.Match{})},
	} {
		if got := incident.Route(again, d.past, d.webhooks, holds)[0]; got.Reason != reason {
			t.Errorf("with %d holds the reminder is %s, want %s", len(holds), got.Reason, reason)
		}
	}
}

// TestHold holds that a hold holds back and never swallows. In a script, S and
// M begin a silence and a maintenance window, s and m end them, P pauses the
// webhook and R resumes it.
func TestHold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule     string
		selected scout.AlertTypes
		script   string
		want     string
	}{
		{"what is held is told when the hold ends", scout.AllAlerts, "S D s U", "down recovered"},
		{"with the level it has by then", scout.AllAlerts, "S W D s U", "down recovered"},
		{"but not when the incident has ended", scout.AllAlerts, "S D U s", ""},
		{"nobody is told twice", scout.AllAlerts, "D S s U", "down recovered"},
		{"nor by a second hold", scout.AllAlerts, "S D s S s U", "down recovered"},
		{"those told before hear the recovery even during it", scout.AllAlerts, "D S U s", "down recovered"},
		{"a worsening is held too", scout.AllAlerts, "W S D s U", "warning down recovered"},
		{"the last of two holds lets go", scout.AllAlerts, "S M D s m U", "down recovered"},
		{"and nothing goes before", scout.AllAlerts, "S D M s", ""},
		{"a pause outlasts a hold", scout.AllAlerts, "P S D s R U", "down recovered"},
		{"a hold outlasts a pause", scout.AllAlerts, "P S D R s U", "down recovered"},
		{"easing to a warning is a recovery for critical", crit | reco, "D S W s U", "down recovered"},
		{"down again in the same hold is told after it", crit | reco, "D S W D s U", "down recovered down recovered"},
		{"recovery alone hears nothing of what ends in it", reco, "S D U s", ""},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			d := newDesk(webhook(1, tt.selected))
			for _, step := range strings.Fields(tt.script) {
				d.now = d.now.Add(time.Minute)
				switch step {
				case "P":
					d.webhooks[0].Paused = true
				case "R":
					d.resume(0)
				case "S":
					d.hold(scout.Silence)
				case "M":
					d.hold(scout.Maintenance)
				case "s":
					d.endHold(scout.Silence)
				case "m":
					d.endHold(scout.Maintenance)
				default:
					d.enter(levels[rune(step[0])])
				}
			}
			got := ""
			for _, status := range d.heard[1] {
				got += string(status) + " "
			}
			if strings.TrimSpace(got) != tt.want {
				t.Errorf("%s: it hears %q, want %q", tt.script, got, tt.want)
			}
		})
	}
}

// hold begins a hold of everything.
func (d *desk) hold(kind scout.HoldKind) {
	d.holds = append(d.holds, scout.Hold{Kind: kind, From: d.now, Until: d.now.Add(24 * time.Hour)})
}

// endHold ends the holds of a kind. A reminder is kept if anybody is owed it,
// as the engine does.
func (d *desk) endHold(kind scout.HoldKind) {
	d.holds = slices.DeleteFunc(d.holds, func(h scout.Hold) bool { return h.Kind == kind })
	d.remindAnybody()
}

func (d *desk) remindAnybody() {
	d.remind(func(routed []incident.Routed) bool {
		return slices.ContainsFunc(routed, func(r incident.Routed) bool { return r.Reason == scout.Owed })
	})
}

// TestHearingWithHolds lets holds come, overlap and pass at random, among
// pauses of the webhooks. The listeners know only whether anything holds them.
func TestHearingWithHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk()
		d.now = start
		var listeners []*listener
		for n, selected := range rapid.SliceOfN(rapid.SampledFrom(pausing), 1, 4).Draw(t, "selections") {
			d.webhooks = append(d.webhooks, webhook(int64(n)+1, selected))
			listeners = append(listeners, newListener(selected))
		}
		held := func() bool {
			return slices.ContainsFunc(d.holds, func(h scout.Hold) bool {
				return h.Match.Empty() && !d.now.Before(h.From) && d.now.Before(h.Until)
			})
		}
		catchUp := func() { // as after a hold: who is not held knows what it sees
			d.remindAnybody()
			for i, l := range listeners {
				if l.paused = d.webhooks[i].Paused || held(); !l.paused {
					l.catchUp()
				}
			}
		}
		for _, level := range drawLevels(t) {
			for range rapid.IntRange(0, 3).Draw(t, "steps") {
				switch rapid.IntRange(0, 3).Draw(t, "step") {
				case 0:
					from := d.now.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "from")) * time.Minute)
					until := from.Add(time.Duration(rapid.IntRange(1, 5).Draw(t, "long")) * time.Minute)
					m := rapid.SampledFrom([]scout.Match{{}, {}, elsewhere}).Draw(t, "match")
					d.holds = append(d.holds, scout.Hold{Kind: scout.Silence, From: from, Until: until, Match: m})
				case 1:
					w := &d.webhooks[rapid.IntRange(0, len(d.webhooks)-1).Draw(t, "pausing")]
					w.Paused = !w.Paused
				default:
					d.now = d.now.Add(time.Minute)
				}
				catchUp()
				checkHeard(t, d, listeners)
			}
			d.enter(level)
			for _, l := range listeners {
				l.enters(level)
			}
			checkHeard(t, d, listeners)
		}
	})
}
