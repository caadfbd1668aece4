package monitor

import (
	"context"
	"errors"

	"serverscout/internal/incident"
	"serverscout/internal/scout"
)

// Sync brings what is watched in line with the configuration: new checks are
// watched from the state the ledger has of them, changed ones keep theirs, and
// those that are paused or gone end their incident. Then webhooks that were
// resumed are told what was held back.
func (m *Monitor) Sync(ctx context.Context) error {
	targets, err := m.ledger.Watched(ctx)
	if err != nil {
		return err
	}
	states, err := m.ledger.States(ctx)
	if err != nil {
		return err
	}
	open, err := m.openIncidents(ctx)
	if err != nil {
		return err
	}
	var errs []error
	wanted := map[int64]bool{}
	for _, t := range targets {
		if t.Check.Paused {
			continue
		}
		wanted[t.Check.ID] = true
		if err := m.watch(t, states[t.Check.ID], open); err != nil {
			m.options.Log.Error("a check cannot be watched", "server", t.Server.Name, "check", t.Check.Name, "error", err)
		}
	}
	for _, w := range m.all() {
		if !wanted[w.checkID] {
			errs = append(errs, m.end(ctx, w))
		}
	}
	errs = append(errs, m.endOrphans(ctx, wanted), m.catchUps(ctx))
	return errors.Join(errs...)
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
	m.mu.Lock()
	w := m.watches[t.Check.ID]
	m.mu.Unlock()
	if w == nil {
		w = &watch{checkID: t.Check.ID, index: -1, state: restore(s, open), pinged: m.options.Now()}
		if err := w.compile(t); err != nil {
			return err
		}
		m.enter(w)
		return nil
	}
	w.mu.Lock()
	same := w.target.Check.UpdatedAt.Equal(t.Check.UpdatedAt) && w.target.Server.UpdatedAt.Equal(t.Server.UpdatedAt)
	var err error
	var old string
	if !same {
		old = w.token()
		err = w.compile(t)
	}
	w.mu.Unlock()
	if same || err != nil {
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
	m.leave(w)
	return nil
}

// endOrphans ends the incidents of checks that were paused or removed while
// nobody was looking: in an earlier process, or before they were watched.
func (m *Monitor) endOrphans(ctx context.Context, wanted map[int64]bool) error {
	open, err := m.ledger.OpenIncidents(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, in := range open {
		if wanted[in.CheckID] {
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
