package monitor

import (
	"context"
	"slices"
	"time"

	"serverscout/internal/incident"
	"serverscout/internal/scout"
)

// commit writes a check's new state and, if it is worth telling, the incident,
// the event and every delivery it owes, all or nothing. Deliveries that can go
// at once are born claimed and handed to their lanes when it is on disk.
func (m *Monitor) commit(ctx context.Context, checkID int64, s incident.State, e *scout.Event) error {
	return m.transact(ctx, func(tx Tx, out *outbox) error {
		open := s.Incident.ID
		if e != nil {
			if err := tx.SaveIncident(s.Incident); err != nil {
				return err
			}
			d, err := decide(tx, *e)
			if err != nil {
				return err
			}
			if err := out.tell(tx, *e, s.Incident, d); err != nil {
				return err
			}
			if !s.Incident.Open() {
				open = ""
			}
		}
		return tx.SaveState(scout.CheckState{CheckID: checkID, Level: s.Level, Since: s.Since, IncidentID: open}, s.Began(e))
	})
}

// transact runs fn in a transaction of the ledger and starts the jobs it put
// in the outbox, or gives their places back when the transaction failed.
func (m *Monitor) transact(ctx context.Context, fn func(Tx, *outbox) error) error {
	out := outbox{lanes: m.lanes, now: m.options.Now()}
	err := m.ledger.Update(ctx, func(tx Tx) error { return fn(tx, &out) })
	for _, job := range out.claimed {
		if err != nil {
			m.lanes.Release(job.Webhook.ID)
		} else {
			m.lanes.Start(job)
		}
	}
	return err
}

// An outbox turns decisions into deliveries, inside a transaction.
type outbox struct {
	lanes   Lanes
	now     time.Time
	claimed []scout.Job
}

// decision is what an event means for every webhook there is.
type decision struct {
	past     scout.Past
	webhooks []scout.Webhook
	routed   []incident.Routed // one for each webhook, in the same order
}

// decide routes an event by what the ledger holds in this transaction. A
// reminder is not put behind a message that still waits: that one will tell.
func decide(tx Tx, e scout.Event) (d decision, err error) {
	if d.webhooks, err = tx.Webhooks(); err != nil {
		return d, err
	}
	if d.past, err = tx.Past(e.IncidentID, e.Seq); err != nil {
		return d, err
	}
	holds, err := tx.Holds()
	if err != nil {
		return d, err
	}
	d.routed = incident.Route(e, d.past, d.webhooks, holds)
	for i := range d.routed {
		r := &d.routed[i]
		if !e.Repeats || r.Reason != scout.Owed {
			continue
		}
		waiting, err := tx.OpenDelivery(e.IncidentID, r.WebhookID)
		if err != nil {
			return d, err
		}
		if waiting != 0 {
			r.Reason, r.Tells = scout.StillWaiting, ""
		}
	}
	return d, nil
}

// tellsAnybody reports whether any webhook is owed the event.
func (d decision) tellsAnybody() bool {
	return slices.ContainsFunc(d.routed, func(r incident.Routed) bool { return r.Reason == scout.Owed })
}

// owed finds a webhook that is owed the event; false if it is not owed it, or
// there is no such webhook.
func (d decision) owed(webhookID int64) (i int, ok bool) {
	i = slices.IndexFunc(d.routed, func(r incident.Routed) bool { return r.WebhookID == webhookID })
	return i, i >= 0 && d.routed[i].Reason == scout.Owed
}

// tell writes an event with the decision for every webhook, and the
// deliveries it owes.
func (o *outbox) tell(tx Tx, e scout.Event, in scout.Incident, d decision) error {
	for _, r := range d.routed {
		e.Decisions = append(e.Decisions, r.Decision)
	}
	if err := tx.InsertEvent(&e); err != nil {
		return err
	}
	for i, r := range d.routed {
		if r.Reason != scout.Owed {
			continue
		}
		if err := o.owe(tx, e, in, d.webhooks[i], r, len(d.past.Levels) > 0); err != nil {
			return err
		}
	}
	return nil
}

// owe writes one delivery. It is born claimed when nothing stands before it:
// no earlier one of this incident (which only a later event can have), no hold,
// no pause unless it tells a recovery, and a free place in its lane.
func (o *outbox) owe(tx Tx, e scout.Event, in scout.Incident, w scout.Webhook, r incident.Routed, later bool) error {
	d := scout.Delivery{
		MessageID:  scout.NewMessageID(),
		EventID:    e.ID,
		IncidentID: e.IncidentID,
		Seq:        e.Seq,
		WebhookID:  w.ID,
		Webhook:    w.Name,
		Tells:      r.Tells,
		Status:     scout.Pending,
		Reason:     r.Reason,
		DueAt:      o.now,
		CreatedAt:  o.now,
		Server:     e.Server,
		Service:    e.Service,
	}
	if later {
		var err error
		if d.AfterID, err = tx.OpenDelivery(e.IncidentID, w.ID); err != nil {
			return err
		}
	}
	ready := d.AfterID == 0 && (!w.Paused || r.Tells == scout.StatusRecovered) && w.DisabledAt.IsZero() && !w.Health.HoldUntil.After(o.now)
	if ready && o.lanes.Reserve(w.ID) {
		d.Status = scout.Sending
		o.claimed = append(o.claimed, scout.Job{Webhook: w, Event: e, ClaimedAt: o.now, Closed: in.Closed, EndedAt: in.Ended})
	}
	if err := tx.InsertDelivery(&d); err != nil {
		return err
	}
	if d.Status == scout.Sending {
		o.claimed[len(o.claimed)-1].Delivery = d
	}
	return nil
}
