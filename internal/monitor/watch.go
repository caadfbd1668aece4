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
	probing chan struct{} // holds a value while a probe runs, so that there is never a second

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

// newWatch makes a watch that is not in the agenda yet.
func newWatch(checkID int64, s incident.State) *watch {
	return &watch{checkID: checkID, index: -1, probing: make(chan struct{}, 1), state: s, pinged: time.Now()}
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

// compile makes what a check is probed with. After an error the watch is as it
// was.
func (w *watch) compile(t scout.Target) error {
	kind, ok := probe.Lookup(t.Check.Kind)
	if !ok {
		return scout.Errorf(scout.Invalid, "there is no check kind %q", t.Check.Kind)
	}
	if kind.Passive {
		beat, err := probe.HeartbeatOf(t.Check)
		if err != nil {
			return err
		}
		w.target, w.prober, w.beat = t, nil, &beat
		return nil
	}
	prober, err := kind.Compile(t)
	if err != nil {
		return err
	}
	w.target, w.prober, w.beat = t, prober, nil
	return nil
}

// over reports whether the check is not to be watched any more.
func (w *watch) over() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ended
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
