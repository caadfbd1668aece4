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

	mu       sync.Mutex
	target   scout.Target
	prober   probe.Prober     // nil for a check that is not probed
	beat     *probe.Heartbeat // nil for what is no heartbeat
	state    incident.State
	queue    []scout.Result // results that wait for an earlier one's commit
	retry    *time.Timer    // set while the queue waits
	reminder *time.Timer    // set while an incident is open that is to be told again
	ended    bool           // removed or paused: later results are nobody's
	pinged   time.Time      // last ping of a heartbeat; at first the start of watching
	begun    time.Time      // start of the heartbeat's run; zero if none is under way

	// The agenda's, under the monitor's lock.
	slot    time.Time // the last due time on the check's own grid
	due     time.Time // when it is looked at next
	index   int       // place in the agenda; -1 when not in it
	looking bool      // taken out of the agenda, to be put back when it was looked at
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

// compile makes what a check is probed with by means of prober. After an error
// the watch is as it was.
func (w *watch) compile(t scout.Target, prober func(probe.Kind, scout.Target) (probe.Prober, error)) error {
	kind, ok := probe.Lookup(t.Check.Kind)
	if !ok {
		return scout.Errorf(scout.Invalid, "there is no check kind %q", t.Check.Kind)
	}
	var probes probe.Prober
	var beat *probe.Heartbeat
	switch {
	case !kind.Passive:
		p, err := prober(kind, t)
		if err != nil {
			return err
		}
		probes = p
	case kind.Name == probe.HeartbeatName:
		b, err := probe.HeartbeatOf(t.Check)
		if err != nil {
			return err
		}
		beat = &b
	}
	w.target, w.prober, w.beat = t, probes, beat
	return nil
}

// over reports whether the check is not to be watched any more.
func (w *watch) over() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ended
}

// probed reports whether the program itself looks at the service.
func (w *watch) probed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.prober != nil
}

// scheduled reports whether the check has a place in the agenda, w.mu held: all
// that is known of an external one comes from outside.
func (w *watch) scheduled() bool { return w.prober != nil || w.beat != nil }

// grid is where the slots of a scheduled check begin, w.mu held.
func (w *watch) grid(now time.Time) time.Time {
	if w.beat != nil {
		return now.Add(w.beat.Period + w.beat.Grace)
	}
	return now.Add(offset(w.checkID, w.target.Check.Interval))
}

// restore returns the live state that the ledger's record stands for.
// Half-counted confirmations are not kept, so they start again.
func restore(s scout.CheckState, open map[string]scout.Incident) incident.State {
	return incident.State{Level: s.Level, Since: s.Since, Incident: open[s.IncidentID]}
}
