package monitor

import (
	"context"
	"time"

	"serverscout/internal/scout"
)

// catchUp tells a resumed webhook what was held back: of each incident still
// open, where it is by now, and the end of those that ended meanwhile and of
// which it was told the beginning. It may be repeated: nobody is told twice.
func (m *Monitor) catchUp(ctx context.Context, webhookID int64, from time.Time) error {
	err := m.tellPresents(ctx, func(d decision) bool {
		_, owed := d.owed(webhookID)
		return owed
	})
	if err != nil {
		return err
	}
	ended, err := m.ledger.EndedSince(ctx, from)
	if err != nil {
		return err
	}
	for _, e := range ended {
		if err := m.tellEnd(ctx, e, webhookID); err != nil {
			return err
		}
	}
	return m.transact(ctx, func(tx Tx, _ *outbox) error { return tx.CaughtUp(webhookID) })
}

// tellPresents looks at every open incident again.
func (m *Monitor) tellPresents(ctx context.Context, wanted func(decision) bool) error {
	for _, w := range m.all() {
		if err := m.tellPresent(ctx, w, wanted); err != nil {
			return err
		}
	}
	return nil
}

// tellPresent makes a reminder of a check's open incident if somebody who is
// wanted is owed one: if what they would see differs from what they were told.
func (m *Monitor) tellPresent(ctx context.Context, w *watch, wanted func(decision) bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state.Incident.ID == "" || w.ended {
		return nil
	}
	return m.remind(ctx, w, false, wanted)
}

// tellEnd delivers the end of an incident to a webhook that could not hear it,
// if it was told the beginning.
func (m *Monitor) tellEnd(ctx context.Context, e scout.Event, webhookID int64) error {
	return m.transact(ctx, func(tx Tx, out *outbox) error {
		d, err := decide(tx, e)
		if err != nil {
			return err
		}
		i, owed := d.owed(webhookID)
		statuses := d.past.Told[webhookID].Statuses
		if _, told := statuses[e.Seq]; told || !owed || len(statuses) == 0 {
			return nil
		}
		r := d.routed[i]
		r.Reason = scout.CaughtUp
		if err := tx.SetDecisions(e.ID, decided(e.Decisions, r.Decision)); err != nil {
			return err
		}
		in := scout.Incident{ID: e.IncidentID, Ended: e.Ended, Closed: e.At}
		return out.owe(tx, e, in, d.webhooks[i], r, true)
	})
}

// decided returns the decisions with d in the place of its webhook's old one.
func decided(all []scout.Decision, d scout.Decision) []scout.Decision {
	out := make([]scout.Decision, 0, len(all)+1)
	for _, old := range all {
		if old.WebhookID != d.WebhookID {
			out = append(out, old)
		}
	}
	return append(out, d)
}
