package store

import (
	"context"

	"serverscout/internal/scout"
)

// attempted finds the deliveries among whose attempts are all that a filter
// lets through by what it says of deliveries. Where too many come into question
// it finds none.
func (s *Store) attempted(ctx context.Context, f scout.AttemptFilter) (candidates, error) {
	c, err := s.candidates(ctx, scout.DeliveryFilter{Server: f.Server, Service: f.Service, Contains: f.Contains})
	if err != nil || c.query != "" || f.Status == "" || f.Status == scout.Delivered {
		return c, err
	}
	c.or("SELECT id FROM deliveries WHERE status = ? AND status <> 'delivered'", f.Status)
	return s.few(ctx, c)
}

// faulty finds the deliveries of which an attempt failed by a fault.
func (s *Store) faulty(ctx context.Context, fault scout.Fault) (c candidates, err error) {
	if fault == scout.NoFault {
		return c, nil
	}
	c.or("SELECT delivery_id FROM attempts WHERE fault = ? AND fault <> ''", fault)
	return s.few(ctx, c)
}

// ofDeliveries narrows a list of attempts by what a filter says of their
// deliveries. The expressions hide the indexes of deliveries: the list is read
// from its newest attempt on, or along the candidates.
func (w *where) ofDeliveries(f scout.AttemptFilter, among candidates) {
	if among.query != "" && !w.narrowed {
		w.add("a.id IN (SELECT x.id FROM attempts x WHERE x.delivery_id IN ("+among.query+"))", among.args...)
		w.narrowed = true
	}
	if f.Status != "" {
		w.add("d.status || '' = ?", f.Status)
	}
	if f.Server != "" {
		w.add("d.server = ?", f.Server)
	}
	if f.Service != "" {
		w.add("d.service = ?", f.Service)
	}
	w.contains(f.Contains, "d.server", "d.service", "d.webhook")
	w.only(f.Test, "d.test + 0 = 1")
}

// became narrows a list of deliveries by how an attempt of theirs failed and by
// when they ended.
func (w *where) became(f scout.DeliveryFilter) {
	if f.Fault != scout.NoFault {
		w.add("EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = d.id AND a.fault || '' = ?)", f.Fault)
	}
	if !f.EndedSince.IsZero() {
		w.add("d.finished_at >= ?", stored(f.EndedSince))
	}
}
