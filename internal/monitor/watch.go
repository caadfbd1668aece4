package monitor

import (
	"sync"
	"time"

	"serverscout/internal/incident"
	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

// A watch is one check being watched: its live state belongs to it.
type watch struct {
	checkID int64
	probing sync.Mutex // held while a probe runs, so that there is never a second

	mu     sync.Mutex
	target scout.Target
	prober probe.Prober     // nil for a passive check
	beat   *probe.Heartbeat // nil for a probed check
	state  incident.State
	queue  []scout.Result // results that wait for an earlier one's commit
	retry  *time.Timer    // set while the queue waits
	ended  bool           // removed or paused: later results are nobody's
	pinged time.Time      // last ping of a heartbeat; at first the start of watching
	begun  time.Time      // start of the heartbeat's run; zero if none is under way

	// The agenda's, under the monitor's lock.
	slot  time.Time // the last due time on the check's own grid
	due   time.Time // when it is looked at next
	index int       // place in the agenda; -1 when not in it
}

// advance makes a committed state the live one. A closed incident is past.
func (w *watch) advance(s incident.State) {
	if !s.Incident.Open() {
		s = s.Closed()
	}
	w.state = s
}

const retryCommit = 500 * time.Millisecond

// retryLater works through the queue again after a while, w.mu held.
func (w *watch) retryLater(m *Monitor) {
	if w.retry != nil {
		return
	}
	w.retry = time.AfterFunc(retryCommit, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.retry = nil
		if m.ctx.Err() == nil {
			_ = m.drain(m.ctx, w) // logged, and tried again by itself
		}
	})
}

// compile makes what a check is probed with.
func (w *watch) compile(t scout.Target) error {
	kind, ok := probe.Lookup(t.Check.Kind)
	if !ok {
		return scout.Errorf(scout.Invalid, "there is no check kind %q", t.Check.Kind)
	}
	w.target = t
	if kind.Passive {
		beat, err := probe.HeartbeatOf(t.Check)
		w.prober, w.beat = nil, &beat
		return err
	}
	prober, err := kind.Compile(t)
	w.prober, w.beat = prober, nil
	return err
}

func (w *watch) passive() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.beat != nil
}

// restore returns the live state that the ledger's record stands for.
// Half-counted confirmations are not kept, so they start again.
func restore(s scout.CheckState, open map[string]scout.Incident) incident.State {
	return incident.State{Level: s.Level, Since: s.Since, Incident: open[s.IncidentID]}
}
