package monitor

import (
	"container/heap"
	"context"
	"math"
	"time"

	"serverscout/internal/scout"
)

// agenda is a heap of watches by due time.
type agenda []*watch

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].due.Before(a[j].due) }
func (a agenda) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].index, a[j].index = i, j
}

func (a *agenda) Push(x any) {
	w := x.(*watch)
	w.index = len(*a)
	*a = append(*a, w)
}

func (a *agenda) Pop() any {
	last := len(*a) - 1
	w := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	w.index = -1
	return w
}

// follow starts what is due, when it is due.
func (m *Monitor) follow(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
		case <-timer.C:
		}
		timer.Reset(m.begin(time.Now()))
	}
}

// begin starts everything that is due at now and returns the time until the
// next thing is.
func (m *Monitor) begin(now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.agenda) > 0 {
		w := m.agenda[0]
		if wait := w.due.Sub(now); wait > 0 {
			return wait
		}
		heap.Pop(&m.agenda)
		w.looking = true
		due := w.due
		m.probes.Go(func() { m.look(w, due) })
	}
	return time.Hour
}

// look does what a watch is due for: a probe, or judging a heartbeat's silence.
func (m *Monitor) look(w *watch, due time.Time) {
	if !w.probed() {
		m.listen(w)
		return
	}
	select {
	case w.probing <- struct{}{}:
		m.options.Late(time.Since(due))
		_, _ = m.probe(w) // a result that cannot be recorded is kept, and logged
		<-w.probing
	default: // ProbeNow is at it
	}
	m.next(w, due, time.Now())
}

// probe probes once, w.probing taken, and takes the result in. It is false when
// there is no result because the program stops.
func (m *Monitor) probe(w *watch) (scout.Result, error) {
	w.mu.Lock()
	prober := w.prober
	w.mu.Unlock()
	if prober == nil { // it has become a check of another kind just now
		return scout.Result{}, scout.Errorf(scout.Conflict, "the check is not probed any more")
	}
	r := prober.Probe(m.ctx)
	if r.Level == scout.Unknown {
		return r, scout.Errorf(scout.Unavailable, "Server Scout is stopping")
	}
	return r, m.Ingest(m.ctx, r)
}

// ProbeNow probes a check at once, outside its schedule, and returns the
// result after it was taken in. It waits for a probe under way, unless ctx
// ends.
func (m *Monitor) ProbeNow(ctx context.Context, checkID int64) (scout.Result, error) {
	w := m.watched(checkID)
	if w == nil {
		return scout.Result{}, scout.Errorf(scout.Conflict, "check %d is not watched: it is paused, or not there", checkID)
	}
	if !w.probed() {
		return scout.Result{}, scout.Errorf(scout.Conflict, "check %d is not probed: what is known of it comes from outside", checkID)
	}
	select {
	case w.probing <- struct{}{}:
	case <-ctx.Done():
		return scout.Result{}, ctx.Err()
	}
	defer func() { <-w.probing }()
	if err := ctx.Err(); err != nil { // it may have ended while the place was free
		return scout.Result{}, err
	}
	return m.probe(w)
}

// next puts a watch that was due back into the agenda: at its next slot, or
// sooner while a change is being confirmed. Slots lie on a grid, so that a check
// keeps its schedule whatever each probe takes; slots that a long probe missed
// are left out.
func (m *Monitor) next(w *watch, due, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	w.looking = false
	if m.watches[w.checkID] != w || !w.scheduled() {
		return
	}
	if !w.due.Equal(due) { // it was changed meanwhile, and is to be looked at anew
		m.schedule(w)
		return
	}
	c, confirming := w.target.Check, w.state.Confirming()
	if missed := now.Sub(w.slot); missed >= 0 && c.Interval > 0 { // a heartbeat, as it may be by now, has no grid
		w.slot = w.slot.Add((missed/c.Interval + 1) * c.Interval)
	}
	soon := w.due.Add(c.ConfirmInterval)
	if soon.Before(now) {
		soon = now
	}
	w.due = w.slot
	if confirming && soon.Before(w.slot) {
		w.due = soon
	}
	m.schedule(w)
}

// schedule puts a watch into the agenda at its due time, m.mu held.
func (m *Monitor) schedule(w *watch) {
	if w.index >= 0 {
		heap.Fix(&m.agenda, w.index)
	} else {
		heap.Push(&m.agenda, w)
	}
	if m.agenda[0] == w {
		signal(m.wake)
	}
}

// unschedule takes a watch out of the agenda, m.mu held.
func (m *Monitor) unschedule(w *watch) {
	if w.index >= 0 {
		heap.Remove(&m.agenda, w.index)
	}
}

// offset spreads checks over an interval: each id has its own place, and any
// run of ids lies evenly, so that a first round is complete within an interval.
func offset(id int64, interval time.Duration) time.Duration {
	const golden = 0.6180339887498949
	_, place := math.Modf(float64(id) * golden)
	return time.Duration(place * float64(interval))
}

// enter begins to watch.
func (m *Monitor) enter(w *watch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m.planReminder(w)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watches[w.checkID] = w
	if token := w.token(); token != "" {
		m.heartbeats[token] = w
	}
	if w.scheduled() {
		m.plan(w, time.Now())
	}
}

// reenter takes over how a check is configured now, w.mu held. oldToken is the
// one it had as a heartbeat before.
func (m *Monitor) reenter(w *watch, oldToken string) {
	m.planReminder(w)
	m.mu.Lock()
	defer m.mu.Unlock()
	if oldToken != "" && m.heartbeats[oldToken] == w {
		delete(m.heartbeats, oldToken)
	}
	if token := w.token(); token != "" {
		m.heartbeats[token] = w
	}
	if !w.scheduled() {
		m.unschedule(w)
		return
	}
	m.plan(w, time.Now())
}

// apart is the time between the first probes of checks that came together, so
// that a thousand of them do not all begin at one moment.
const apart = 10 * time.Millisecond

// plan lays the grid of a watch that is new, or was changed, and has it probed
// at once: after those that came with it, or at its slot if that is sooner. w.mu
// and m.mu held.
func (m *Monitor) plan(w *watch, now time.Time) {
	w.slot = w.grid(now)
	w.due = w.slot
	if m.vacant.Before(now) {
		m.vacant = now
	}
	if w.prober != nil && m.vacant.Before(w.slot) {
		w.due = m.vacant
		m.vacant = m.vacant.Add(apart)
	}
	if !w.looking { // else it is put back when that has ended
		m.schedule(w)
	}
}

// leave ends watching, w.mu held.
func (m *Monitor) leave(w *watch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.watches, w.checkID)
	if token := w.token(); m.heartbeats[token] == w {
		delete(m.heartbeats, token)
	}
	m.unschedule(w)
}
