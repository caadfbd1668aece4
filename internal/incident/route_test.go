package incident_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/incident"
	"serverscout/internal/scout"
)

const (
	none = scout.AlertTypes(0)
	crit = scout.Critical
	warn = scout.WarningAlerts
	reco = scout.Recovery
)

// A desk routes the events of one incident and keeps what webhooks were owed,
// as the ledger does.
type desk struct {
	webhooks []scout.Webhook
	holds    []scout.Hold
	now      time.Time // when the next event is; only holds mind
	past     scout.Past
	heard    map[int64][]scout.Status
}

func newDesk(webhooks ...scout.Webhook) *desk {
	return &desk{webhooks: webhooks, past: scout.Past{Told: map[int64]scout.Told{}}, heard: map[int64][]scout.Status{}}
}

// enter routes the event of a level that the incident enters.
func (d *desk) enter(level scout.Level) []incident.Routed {
	return d.record(d.change(level))
}

// change returns the event of a level that the incident enters.
func (d *desk) change(level scout.Level) scout.Event {
	before := scout.Unknown
	if n := len(d.past.Levels); n > 0 {
		before = d.past.Levels[n-1]
	}
	kind := scout.Opened
	switch {
	case level == scout.Up:
		kind = scout.Recovered
	case before != scout.Unknown && level > before:
		kind = scout.Worsened
	case before != scout.Unknown:
		kind = scout.Eased
	}
	return d.event(kind, level)
}

func (d *desk) event(kind scout.EventKind, level scout.Level) scout.Event {
	return scout.Event{
		IncidentID: "1", Seq: len(d.past.Levels) + 1, Kind: kind, Level: level,
		Server: "web-server-01", Service: "HTTP", Tags: []string{"prod", "web"}, At: d.now,
	}
}

// resume makes a webhook hear again. It routes a reminder of the present
// level, which is kept only if the webhook is owed it, as the engine does.
func (d *desk) resume(i int) {
	d.webhooks[i].Paused, d.webhooks[i].DisabledAt = false, time.Time{}
	d.remind(func(routed []incident.Routed) bool { return routed[i].Reason == scout.Owed })
}

// remind routes a reminder of the present level, which is kept only if wanted
// says so.
func (d *desk) remind(wanted func([]incident.Routed) bool) {
	n := len(d.past.Levels)
	if n == 0 || d.past.Levels[n-1] == scout.Up {
		return
	}
	e := d.event(scout.Reminder, d.past.Levels[n-1])
	if wanted(incident.Route(e, d.past, d.webhooks, d.holds)) {
		d.record(e)
	}
}

func (d *desk) record(e scout.Event) []incident.Routed {
	routed := incident.Route(e, d.past, d.webhooks, d.holds)
	for _, r := range routed {
		if r.Reason != scout.Owed {
			continue
		}
		told := d.past.Told[r.WebhookID]
		if told.Statuses == nil {
			told.Statuses = map[int]scout.Status{}
		}
		told.Statuses[e.Seq] = r.Tells
		d.past.Told[r.WebhookID] = told
		d.heard[r.WebhookID] = append(d.heard[r.WebhookID], r.Tells)
	}
	d.past.Levels = append(d.past.Levels, e.Level)
	return routed
}

// letter writes what a webhook is told of one event: d, w, r, or a point for
// nothing.
func letter(r incident.Routed) string {
	if r.Tells == "" {
		return "."
	}
	return string(r.Tells[:1])
}

func webhook(id int64, selected scout.AlertTypes) scout.Webhook {
	return scout.Webhook{ID: id, Name: "webhook " + selected.String(), AlertTypes: selected}
}

// TestWhatAWebhookHears holds, for every selection of alert types, what is
// heard of each event of an incident.
func TestWhatAWebhookHears(t *testing.T) {
	t.Parallel()
	histories := []string{"DU", "WU", "WDU", "DWU", "DWDU", "WDWU", "DWDWU"}
	tests := []struct {
		rule     string
		selected scout.AlertTypes
		heard    string // a word for each history
	}{
		{"nothing selected, nothing heard", none, ".. .. ... ... .... .... ....."},
		{"critical alone: a warning counts as up", crit, "d. .. .d. d.. d.d. .d.. d.d.."},
		{"warning alone: down changes nothing", warn, ".. w. w.. .w. .w.. w... .w..."},
		{"recovery alone: the end of every incident", reco, ".r .r ..r ..r ...r ...r ....r"},
		{"critical and warning, no end", crit | warn, "d. w. wd. dw. dwd. wdw. dwdw."},
		{"critical and recovery: recovered when down eases", crit | reco, "dr .. .dr dr. drdr .dr. drdr."},
		{"warning and recovery: the end of what was told", warn | reco, ".. wr w.r .wr .w.r w..r .w..r"},
		{"everything selected, every event heard", scout.AllAlerts, "dr wr wdr dwr dwdr wdwr dwdwr"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			for i, want := range strings.Fields(tt.heard) {
				d, got := newDesk(webhook(1, tt.selected)), ""
				for _, level := range histories[i] {
					got += letter(d.enter(levels[level])[0])
				}
				if got != want {
					t.Errorf("of %s it hears %s, want %s", histories[i], got, want)
				}
			}
		})
	}
}

// TestPause holds that a pause holds back and never swallows. In a script, P
// pauses the webhook, X disables it, and R resumes it.
func TestPause(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule     string
		selected scout.AlertTypes
		script   string
		want     string
	}{
		{"what is held is told when the pause ends", scout.AllAlerts, "P D R U", "down recovered"},
		{"with the level it has by then", scout.AllAlerts, "P W D R U", "down recovered"},
		{"but not when the incident has ended", scout.AllAlerts, "P D U R", ""},
		{"nobody is told twice", scout.AllAlerts, "D P R U", "down recovered"},
		{"nor by pausing again", scout.AllAlerts, "P D R P R P U", "down recovered"},
		{"those told before hear the recovery even during it", scout.AllAlerts, "D P U R", "down recovered"},
		{"a worsening is held too", scout.AllAlerts, "W P D R U", "warning down recovered"},
		{"unless it has eased again", scout.AllAlerts, "W P D W R U", "warning recovered"},
		{"easing to a warning is a recovery for critical", crit | reco, "D P W R U", "down recovered"},
		{"down again in the same pause is told after it", crit | reco, "D P W D R U", "down recovered down recovered"},
		{"a warning it does not hear is not caught up", crit | reco, "P D W R U", ""},
		{"recovery alone hears nothing while paused", reco, "P D U R", ""},
		{"and nothing of an incident still open", reco, "P D R U", "recovered"},
		{"a recovery it does not hear is not kept for later", crit, "D P W R U", "down"},
		{"down once more is told after the pause", crit, "D P W D R", "down down"},
		{"what came while it was disabled is told too", scout.AllAlerts, "X D R U", "down recovered"},
		{"and the recovery of what it was told before", crit | reco, "D X W R", "down recovered"},
		{"but not what it was told before", crit | reco, "D X W D R U", "down recovered"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			d := newDesk(webhook(1, tt.selected))
			for _, step := range strings.Fields(tt.script) {
				switch step {
				case "P":
					d.webhooks[0].Paused = true
				case "X":
					d.webhooks[0].DisabledAt = start
				case "R":
					d.resume(0)
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

// TestCatchUpTellsTheOthersNothing routes the reminder that one webhook is
// owed to those which heard of it in time.
func TestCatchUpTellsTheOthersNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(webhook(1, scout.AllAlerts), webhook(2, scout.AllAlerts), webhook(3, reco))
	d.webhooks[1].Paused = true
	d.enter(scout.Down)
	d.resume(1)
	d.enter(scout.Up)
	want := map[int64][]scout.Status{
		1: {scout.StatusDown, scout.StatusRecovered},
		2: {scout.StatusDown, scout.StatusRecovered},
		3: {scout.StatusRecovered},
	}
	if diff := cmp.Diff(want, d.heard); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]scout.Level{scout.Down, scout.Down, scout.Up}, d.past.Levels); diff != "" {
		t.Errorf("the reminder is not an event of the incident (-want +got):\n%s", diff)
	}
}

// TestReasons holds the name of each decision. The event is the last level of
// the history; the webhook was owed what past says, by place.
func TestReasons(t *testing.T) {
	t.Parallel()
	toldDown := scout.Told{Statuses: map[int]scout.Status{1: scout.StatusDown}}
	givenUp := scout.Told{Statuses: map[int]scout.Status{1: scout.StatusDown}, GivenUp: true}
	disabled := func(w *scout.Webhook) { w.DisabledAt = time.Unix(1, 0) }
	paused := func(w *scout.Webhook) { w.Paused = true }
	staging := func(w *scout.Webhook) { w.Match.Tags = []string{"staging"} }
	both := func(w *scout.Webhook) { disabled(w); paused(w) }
	as := func(*scout.Webhook) {}
	tests := []struct {
		name     string
		selected scout.AlertTypes
		history  string
		past     scout.Told
		change   func(*scout.Webhook)
		want     scout.Reason
	}{
		{"a level it hears", scout.AllAlerts, "D", scout.Told{}, as, scout.Owed},
		{"a level it did not select", warn, "D", scout.Told{}, as, scout.NotSelected},
		{"a warning it did not select", crit | reco, "W", scout.Told{}, as, scout.NotSelected},
		{"an end it did not select", crit, "DU", toldDown, as, scout.NotSelected},
		{"before the end, for recovery alone", reco, "D", scout.Told{}, as, scout.NotSelected},
		{"an easing, for recovery alone", reco, "DW", scout.Told{}, as, scout.NotSelected},
		{"the end, for recovery alone", reco, "DU", scout.Told{}, as, scout.Owed},

		{"the end of what it was told", scout.AllAlerts, "DU", toldDown, as, scout.Owed},
		{"the end of what it was never told", scout.AllAlerts, "DU", scout.Told{}, as, scout.NeverTold},
		{"the end of what was given up", scout.AllAlerts, "DU", givenUp, as, scout.NeverTold},
		{"an easing of what was given up", crit | reco, "DW", givenUp, as, scout.NeverTold},
		{"down again after what was given up", crit | reco, "DWD", givenUp, as, scout.Owed},
		{"the end after an easing of what was given up", crit | reco, "DWU", givenUp, as, scout.NeverTold},
		{"the end after an easing told as recovered", crit | reco, "DWU", scout.Told{Statuses: map[int]scout.Status{
			1: scout.StatusDown, 2: scout.StatusRecovered,
		}}, as, scout.AlreadyTold},
		{"what it sees again, having seen no other", warn | reco, "WDW", scout.Told{Statuses: map[int]scout.Status{
			1: scout.StatusWarning,
		}}, as, scout.AlreadyTold},

		{"another tag", scout.AllAlerts, "D", scout.Told{}, staging, scout.Filtered},
		{"another tag, for recovery alone", reco, "DU", scout.Told{}, staging, scout.Filtered},
		{"another tag at the end, never told", scout.AllAlerts, "DU", scout.Told{}, staging, scout.Filtered},
		{"another tag since it was told", scout.AllAlerts, "DU", toldDown, staging, scout.Owed},

		{"paused", scout.AllAlerts, "D", scout.Told{}, paused, scout.WebhookPaused},
		{"paused, for recovery alone", reco, "DU", scout.Told{}, paused, scout.WebhookPaused},
		{"paused, the end of what it was told", scout.AllAlerts, "DU", toldDown, paused, scout.Owed},
		{"paused, the end of what it was never told", scout.AllAlerts, "DU", scout.Told{}, paused, scout.NeverTold},

		{"disabled", scout.AllAlerts, "D", scout.Told{}, disabled, scout.Disabled},
		{"disabled, the end of what it was told", scout.AllAlerts, "DU", toldDown, disabled, scout.Disabled},
		{"disabled and paused", scout.AllAlerts, "D", scout.Told{}, both, scout.Disabled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := webhook(1, tt.selected)
			tt.change(&w)
			d := newDesk(w)
			last := len(tt.history) - 1
			for _, level := range tt.history[:last] {
				d.past.Levels = append(d.past.Levels, levels[level])
			}
			d.past.Told[1] = tt.past
			e := d.change(levels[rune(tt.history[last])])
			got := incident.Route(e, d.past, d.webhooks, d.holds)[0]
			if got.Reason != tt.want || (got.Tells != "") != (got.Reason == scout.Owed) {
				t.Errorf("reason %s, tells %q; want %s", got.Reason, got.Tells, tt.want)
			}
			if got.WebhookID != 1 || got.Webhook != w.Name {
				t.Errorf("the decision is about %d %q, want 1 %q", got.WebhookID, got.Webhook, w.Name)
			}
		})
	}
}

func TestRouteKeepsTheOrderOfWebhooks(t *testing.T) {
	t.Parallel()
	d := newDesk(webhook(9, crit), webhook(4, warn), webhook(6, scout.AllAlerts))
	ids := []int64{}
	for _, r := range d.enter(scout.Down) {
		ids = append(ids, r.WebhookID)
	}
	if diff := cmp.Diff([]int64{9, 4, 6}, ids); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
	if got := newDesk().enter(scout.Down); len(got) != 0 {
		t.Errorf("without webhooks there are decisions: %v", got)
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	list := func(s ...string) []string { return s }
	tests := []struct {
		name  string
		match scout.Match
		want  bool
	}{
		{"nothing named", scout.Match{}, true},
		{"its server", scout.Match{Servers: list("db-1", "web-server-01")}, true},
		{"another server", scout.Match{Servers: list("db-1")}, false},
		{"one of its tags", scout.Match{Tags: list("staging", "web")}, true},
		{"another tag", scout.Match{Tags: list("staging")}, false},
		{"its check", scout.Match{Checks: list("HTTP")}, true},
		{"its check on its server", scout.Match{Checks: list("web-server-01/HTTP")}, true},
		{"its check on another server", scout.Match{Checks: list("db-1/HTTP")}, false},
		{"another check", scout.Match{Checks: list("TCP")}, false},
		{"names are whole", scout.Match{Servers: list("web-server")}, false},
		{"all keys", scout.Match{Servers: list("web-server-01"), Tags: list("prod"), Checks: list("HTTP")}, true},
		{"one key of three does not", scout.Match{Servers: list("web-server-01"), Tags: list("staging"), Checks: list("HTTP")}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := incident.Matches(tt.match, newDesk().event(scout.Opened, scout.Down)); got != tt.want {
				t.Errorf("Matches = %t, want %t", got, tt.want)
			}
		})
	}
}

// TestReminderOfWhatWasGivenUp: a receiver that was gone when an incident began
// was told nothing, so a reminder of it is owed, and only until one arrives.
func TestReminderOfWhatWasGivenUp(t *testing.T) {
	t.Parallel()
	told := func(givenUp bool) scout.Past {
		return scout.Past{Levels: []scout.Level{scout.Down}, Told: map[int64]scout.Told{
			1: {Statuses: map[int]scout.Status{1: scout.StatusDown}, GivenUp: givenUp},
		}}
	}
	reminder := scout.Event{Kind: scout.Reminder, Level: scout.Down, Seq: 2}
	hook := []scout.Webhook{{ID: 1, AlertTypes: scout.AllAlerts}}
	if got := incident.Route(reminder, told(true), hook, nil)[0]; got.Reason != scout.Owed || got.Tells != scout.StatusDown {
		t.Errorf("after giving up: %s %s, want owed down", got.Reason, got.Tells)
	}
	if got := incident.Route(reminder, told(false), hook, nil)[0]; got.Reason != scout.AlreadyTold {
		t.Errorf("after telling: %s, want already_told", got.Reason)
	}
}
