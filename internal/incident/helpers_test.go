package incident_test

import (
	"fmt"
	"testing"
	"time"

	"serverscout/internal/incident"
	"serverscout/internal/scout"
)

// start is the moment before the first result; results come a minute apart,
// so that minute n is the time of result n.
var start = time.Date(2024, 1, 15, 10, 0, 0, 0, time.UTC)

func minute(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }

// minuteOf is the inverse of minute.
func minuteOf(at time.Time) int { return int(at.Sub(start) / time.Minute) }

func target(failAfter, recoverAfter int) scout.Target {
	return scout.Target{
		Server: scout.Server{ID: 3, Name: "web-server-01", IP: "192.168.1.100", Tags: []string{"prod", "web"}},
		Check:  scout.Check{ID: 7, ServerID: 3, Name: "HTTP", Kind: "http", FailAfter: failAfter, RecoverAfter: recoverAfter},
	}
}

// levels are the letters that the tests write results and levels with.
var levels = map[rune]scout.Level{'U': scout.Up, 'W': scout.Warning, 'D': scout.Down}

// result is result n of a check.
func result(n int, level scout.Level) scout.Result {
	return scout.Result{
		CheckID: 7,
		At:      minute(n),
		Level:   level,
		Latency: time.Duration(n) * time.Millisecond,
		Message: fmt.Sprintf("result %d says %s", n, level),
	}
}

// A watch steps one check through its results as the engine does, and keeps
// what came of them.
type watch struct {
	target scout.Target
	state  incident.State
	seen   int // results so far
	ids    int // incidents so far
	events []scout.Event
}

// see takes results in, written as letters; '|' restarts the process and a
// space means nothing.
func (w *watch) see(t testing.TB, word string) {
	t.Helper()
	for _, letter := range word {
		switch level, ok := levels[letter]; {
		case ok:
			w.take(result(w.seen+1, level))
		case letter == '|':
			w.restart()
		case letter != ' ':
			t.Fatalf("%q is no result", letter)
		}
	}
}

func (w *watch) take(r scout.Result) {
	w.seen++
	next, e := incident.Step(w.state, w.target, r, w.newID)
	w.state = next
	if e == nil {
		return
	}
	w.events = append(w.events, *e)
	if e.Kind == scout.Recovered {
		w.state = next.Closed()
	}
}

func (w *watch) newID(time.Time) string {
	w.ids++
	return fmt.Sprint(w.ids)
}

// restart leaves of the state what the ledger keeps.
func (w *watch) restart() {
	w.state = incident.State{Level: w.state.Level, Since: w.state.Since, Incident: w.state.Incident}
}

// watched returns a check that has seen the results.
func watched(t testing.TB, failAfter, recoverAfter int, word string) *watch {
	t.Helper()
	w := &watch{target: target(failAfter, recoverAfter)}
	w.see(t, word)
	return w
}

// told writes events in minutes: "opened down 4, began 2".
func told(events []scout.Event) []string {
	lines := []string{}
	for _, e := range events {
		line := fmt.Sprintf("%s %s %d, began %d", e.Kind, e.Level, minuteOf(e.At), minuteOf(e.Began))
		if e.Kind == scout.Recovered {
			line = fmt.Sprintf("%s %d, began %d, ended %d", e.Kind, minuteOf(e.At), minuteOf(e.Began), minuteOf(e.Ended))
		}
		lines = append(lines, line)
	}
	return lines
}
