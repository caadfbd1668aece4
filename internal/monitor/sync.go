package monitor

import (
	"context"
	"errors"
	"slices"

	"serverscout/internal/incident"
	"serverscout/internal/scout"
)

// Sync brings what is watched in line with the configuration: new checks are
// watched from the state the ledger has of them, changed ones keep theirs, and
// those that are paused or gone end their incident. Then what was held back is
// told: of holds that are over, and to webhooks that were resumed. It is safe for
// concurrent use.
func (m *Monitor) Sync(ctx context.Context) error {
	m.syncing.Lock()
	defer m.syncing.Unlock()
	targets, err := m.ledger.Watched(ctx)
	if err != nil {
		return err
	}
	targets = slices.DeleteFunc(targets, func(t scout.Target) bool { return t.Check.Paused })
	wanted := make(map[int64]bool, len(targets))
	for _, t := range targets {
		wanted[t.Check.ID] = true
	}
	return errors.Join(m.endOthers(ctx, wanted), m.watchAll(ctx, targets), m.endHolds(ctx), m.catchUps(ctx))
}

// watchAll watches what is wanted. It reads states only now, when whatever had
// to end has ended.
func (m *Monitor) watchAll(ctx context.Context, targets []scout.Target) error {
	states, err := m.ledger.States(ctx)
	if err != nil {
		return err
	}
	open, err := m.openIncidents(ctx)
	if err != nil {
		return err
	}
	for _, t := range targets {
		if err := m.watch(t, states[t.Check.ID], open); err != nil {
			m.options.Log.Error("a check cannot be watched", "server", t.Server.Name, "check", t.Check.Name, "error", err)
		}
	}
	return nil
}

func (m *Monitor) openIncidents(ctx context.Context) (map[string]scout.Incident, error) {
	list, err := m.ledger.OpenIncidents(ctx)
	open := make(map[string]scout.Incident, len(list))
	for _, i := range list {
		open[i.ID] = i
	}
	return open, err
}

// watch begins to watch a check, or takes over how it is configured now.
func (m *Monitor) watch(t scout.Target, s scout.CheckState, open map[string]scout.Incident) error {
	w := m.watched(t.Check.ID)
	if w == nil {
		w = newWatch(t.Check.ID, restore(s, open))
		if err := w.compile(t, m.prober); err != nil {
			return err
		}
		m.enter(w)
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	same := w.target.Check.Revision == t.Check.Revision && w.target.Server.Revision == t.Server.Revision
	if same || w.ended { // that it ended could not be recorded yet: it begins anew after that
		return nil
	}
	old := w.token()
	if err := w.compile(t, m.prober); err != nil {
		return err
	}
	m.reenter(w, old)
	return nil
}

// token is the secret part of a heartbeat's address; "" for other kinds.
func (w *watch) token() string {
	if w.beat == nil {
		return ""
	}
	return w.beat.Token.Reveal()
}

// watched returns the watch of a check, nil if there is none.
func (m *Monitor) watched(checkID int64) *watch {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.watches[checkID]
}

func (m *Monitor) all() []*watch {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]*watch, 0, len(m.watches))
	for _, w := range m.watches {
		list = append(list, w)
	}
	return list
}

// end stops watching a check and ends its incident. If that cannot be
// recorded the check stays, ended, for the next Sync.
func (m *Monitor) end(ctx context.Context, w *watch) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := m.drain(ctx, w); err != nil {
		return err
	}
	w.ended = true
	next, e := incident.End(w.state, m.options.Now())
	if err := m.commit(ctx, w.checkID, next, e); err != nil {
		return err
	}
	m.announce(w, next, e)
	w.advance(next)
	m.planReminder(w)
	m.leave(w)
	return nil
}

// endOthers ends what is watched and not wanted, also what could not be ended
// before, and the incidents of checks that were paused or removed while nobody
// was looking: in an earlier process, or before they were watched.
func (m *Monitor) endOthers(ctx context.Context, wanted map[int64]bool) error {
	var errs []error
	for _, w := range m.all() {
		if !wanted[w.checkID] || w.over() {
			errs = append(errs, m.end(ctx, w))
		}
	}
	open, err := m.ledger.OpenIncidents(ctx)
	errs = append(errs, err)
	for _, in := range open {
		if wanted[in.CheckID] || m.watched(in.CheckID) != nil {
			continue
		}
		next, e := incident.End(incident.State{Level: in.Level, Incident: in}, m.options.Now())
		errs = append(errs, m.commit(ctx, in.CheckID, next, e))
	}
	return errors.Join(errs...)
}

func (m *Monitor) catchUps(ctx context.Context) error {
	held, err := m.ledger.CatchUps(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for id, from := range held {
		errs = append(errs, m.catchUp(ctx, id, from))
	}
	return errors.Join(errs...)
}
