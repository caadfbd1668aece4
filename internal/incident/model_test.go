package incident_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"serverscout/internal/scout"
)

// An oracle knows what the rules say by looking at all results again each
// time. It counts nothing.
type oracle struct {
	failAfter, recoverAfter int

	history []scout.Result // since the start or the last restart
	level   scout.Level
	since   time.Time
	open    scout.Event // what the open incident's latest event must be; Seq 0 while there is none
	ids     int
}

// expect takes a result in and returns the event that must follow, without
// its evidence.
func (o *oracle) expect(r scout.Result) *scout.Event {
	o.history = append(o.history, r)
	level := o.speaksFor()
	if level == o.level {
		return nil
	}
	previous := o.level
	o.level, o.since = level, r.At
	opened := o.open.Seq == 0
	if level == scout.Up && opened {
		return nil
	}
	e := o.open
	e.Level, e.At, e.Message = level, r.At, r.Message
	e.Seq++
	switch {
	case opened:
		o.ids++
		e.IncidentID = fmt.Sprint(o.ids)
		e.Kind, e.Began = scout.Opened, o.firstOfStreak(func(l scout.Level) bool { return l != scout.Up })
	case level == scout.Up:
		e.Kind, e.Ended = scout.Recovered, o.firstOfStreak(func(l scout.Level) bool { return l == scout.Up })
	case level > previous:
		e.Kind = scout.Worsened
	default:
		e.Kind = scout.Eased
	}
	e.Duration = e.At.Sub(e.Began)
	o.open = e
	if e.Kind == scout.Recovered {
		e.Duration = e.Ended.Sub(e.Began)
		o.open = scout.Event{}
	}
	return &e
}

// speaksFor tries every level that differs from the present one: the worst of
// the worse ones first, then the best of the better ones.
func (o *oracle) speaksFor() scout.Level {
	if o.level == scout.Unknown && o.history[len(o.history)-1].Level == scout.Up {
		return scout.Up
	}
	for _, l := range []scout.Level{scout.Down, scout.Warning} {
		if l > o.level && o.lastAre(o.failAfter, func(seen scout.Level) bool { return seen >= l }) {
			return l
		}
	}
	for _, l := range []scout.Level{scout.Up, scout.Warning} {
		if l < o.level && o.lastAre(o.recoverAfter, func(seen scout.Level) bool { return seen <= l }) {
			return l
		}
	}
	return o.level
}

func (o *oracle) lastAre(n int, is func(scout.Level) bool) bool {
	if len(o.history) < n {
		return false
	}
	return !slices.ContainsFunc(o.history[len(o.history)-n:], func(r scout.Result) bool { return !is(r.Level) })
}

func (o *oracle) firstOfStreak(is func(scout.Level) bool) time.Time {
	first := len(o.history) - 1
	for first > 0 && is(o.history[first-1].Level) {
		first--
	}
	return o.history[first].At
}

func (o *oracle) confirming() bool {
	return len(o.history) > 0 && o.history[len(o.history)-1].Level != o.level
}

// checkAgainst takes a result into a watch and compares it with the oracle.
func (o *oracle) checkAgainst(t failer, w *watch, r scout.Result) {
	t.Helper()
	had := len(w.events)
	want := o.expect(r)
	w.take(r)
	var got *scout.Event
	if len(w.events) > had {
		got = &w.events[had]
		checkEvidence(t, *got, o.history)
	}
	known := cmpopts.IgnoreFields(scout.Event{}, "CheckID", "Server", "Service", "ServerIP", "Tags", "Evidence")
	if diff := cmp.Diff(want, got, known); diff != "" {
		t.Fatalf("event after result %d (-want +got):\n%s", w.seen, diff)
	}
	s := w.state
	if s.Level != o.level || !s.Since.Equal(o.since) || s.Confirming() != o.confirming() {
		t.Fatalf("after result %d: %s since %s, confirming %t; want %s since %s, %t",
			w.seen, s.Level, s.Since, s.Confirming(), o.level, o.since, o.confirming())
	}
	if s.Incident.ID != o.open.IncidentID || s.Incident.Events != o.open.Seq || s.Incident.Level != levelOf(o.open) {
		t.Fatalf("after result %d: incident %+v, want it as event %+v left it", w.seen, s.Incident, o.open)
	}
}

// levelOf is the level that an incident has after its latest event.
func levelOf(latest scout.Event) scout.Level {
	if latest.Seq == 0 {
		return scout.Unknown
	}
	return latest.Level
}

// failer is what *testing.T and *rapid.T have in common here.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkEvidence holds that an event's evidence is the latest results, ending
// with the one that confirmed the change.
func checkEvidence(t failer, e scout.Event, history []scout.Result) {
	t.Helper()
	n := len(e.Evidence)
	if n == 0 || n > 10 || n > len(history) {
		t.Fatalf("event %d of incident %s has %d results as evidence", e.Seq, e.IncidentID, n)
	}
	if diff := cmp.Diff(history[len(history)-n:], e.Evidence); diff != "" {
		t.Fatalf("evidence is not the latest results (-want +got):\n%s", diff)
	}
}

// checkStory holds what must be true of any check's events in their order.
func checkStory(t failer, events []scout.Event) {
	t.Helper()
	var before scout.Event // of the open incident; zero while there is none
	var ended time.Time
	used := map[string]bool{}
	for i, e := range events {
		fail := func(what string) { t.Fatalf("event %d %s: %+v", i, what, e) }
		open := before.Seq > 0
		if open != (e.Kind != scout.Opened) {
			fail("opens an open incident, or continues none")
		}
		if e.Seq != before.Seq+1 {
			fail("has the wrong place in its incident")
		}
		if open && (e.IncidentID != before.IncidentID || !e.Began.Equal(before.Began)) {
			fail("belongs to another incident than the open one")
		}
		if !open && (used[e.IncidentID] || e.Began.Before(ended)) {
			fail("reuses an id, or overlaps the incident before")
		}
		if e.Level == before.Level {
			fail("changes nothing")
		}
		if (e.Level == scout.Up) != (e.Kind == scout.Recovered) || e.Level == scout.Unknown ||
			e.Kind == scout.Worsened && e.Level < before.Level || e.Kind == scout.Eased && e.Level > before.Level {
			fail("has a level that does not go with its kind")
		}
		end := e.At
		if e.Kind == scout.Recovered {
			end = e.Ended
		} else if !e.Ended.IsZero() {
			fail("has an end before the end")
		}
		if e.Duration != end.Sub(e.Began) || e.Duration < 0 || end.After(e.At) {
			fail("has a wrong duration")
		}
		used[e.IncidentID] = true
		before = e
		if e.Kind == scout.Recovered {
			before, ended = scout.Event{}, e.Ended
		}
	}
}

// TestStepFollowsTheRules compares random histories with the oracle.
func TestStepFollowsTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		failAfter := rapid.IntRange(1, 4).Draw(t, "fail_after")
		recoverAfter := rapid.IntRange(1, 4).Draw(t, "recover_after")
		w := &watch{target: target(failAfter, recoverAfter)}
		o := &oracle{failAfter: failAfter, recoverAfter: recoverAfter}
		now := start
		for n := range rapid.IntRange(0, 60).Draw(t, "results") {
			if rapid.IntRange(0, 19).Draw(t, "restart") == 0 {
				w.restart()
				o.history = nil
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "seconds")) * time.Second)
			r := result(n+1, rapid.SampledFrom(likely).Draw(t, "level"))
			r.At = now
			o.checkAgainst(t, w, r)
		}
		checkStory(t, w.events)
	})
}

// likely makes streaks long enough to confirm something.
var likely = []scout.Level{scout.Up, scout.Up, scout.Up, scout.Warning, scout.Warning, scout.Down, scout.Down, scout.Down}

// TestStateIsAValue lets one state have two futures, stepped in turn: neither
// may show in the other's evidence, wherever they part.
func TestStateIsAValue(t *testing.T) {
	t.Parallel()
	for threshold := 1; threshold <= 12; threshold++ {
		for common := range threshold {
			past := watched(t, threshold, 1, "U"+strings.Repeat("D", common))
			futures := map[string]*watch{"one": {}, "other": {}}
			for _, w := range futures {
				*w = *past
			}
			for range threshold - common {
				for name, w := range futures {
					r := result(w.seen+1, scout.Down)
					r.Message = name
					w.take(r)
				}
			}
			for name, w := range futures {
				evidence := w.events[0].Evidence
				for _, r := range evidence[max(len(evidence)-threshold+common, 0):] {
					if r.Message != name {
						t.Errorf("parting after %d of %d results, future %s has result %d of the %s",
							common, threshold, name, minuteOf(r.At), r.Message)
					}
				}
			}
		}
	}
}

// TestEventsKeepTheirEvidence changes what an event carries: the state that it
// came from must not notice.
func TestEventsKeepTheirEvidence(t *testing.T) {
	t.Parallel()
	w := watched(t, 3, 2, "U WD")
	w.see(t, "D")
	opened := w.events[0].Evidence
	for i := range opened {
		opened[i].Message = "changed"
	}
	w.see(t, "D")
	for _, r := range w.events[1].Evidence {
		if r.Message == "changed" {
			t.Errorf("result %d is shared with the event before", minuteOf(r.At))
		}
	}
}

// FuzzStep reads thresholds, gaps, levels and restarts from bytes and holds
// the state machine against the oracle.
func FuzzStep(f *testing.F) {
	for _, seed := range [][]byte{
		{},
		{0x00, 0x01, 0x03, 0x01},
		{0x05, 0x01, 0x03, 0x03, 0x03, 0x01, 0x01},
		{0x0a, 0x05, 0x06, 0x07, 0x07, 0x06, 0x05, 0x05},
		{0x05, 0x03, 0x03, 0x00, 0x03, 0x03, 0x00, 0x01, 0x00, 0x01, 0x01},
		{0x0f, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xfd, 0xfe, 0xfd, 0xfd, 0xfd, 0xfd},
		[]byte("down, down, up, and down again"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return
		}
		o := &oracle{failAfter: 1 + int(data[0]&3), recoverAfter: 1 + int(data[0]>>2&3)}
		w := &watch{target: target(o.failAfter, o.recoverAfter)}
		now := start
		for _, b := range data[1:min(len(data), 200)] {
			now = now.Add(time.Duration(b>>2) * time.Second)
			level := scout.Level(b & 3)
			if level == scout.Unknown { // not a result: a restart
				w.restart()
				o.history = nil
				continue
			}
			r := result(w.seen+1, level)
			r.At = now
			o.checkAgainst(t, w, r)
		}
		checkStory(t, w.events)
	})
}
