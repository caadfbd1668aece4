package store

import (
	"context"
	"time"

	"serverscout/internal/scout"
)

// Where a query below says status <> 'delivered' beside another status, it
// repeats the condition of the index deliveries_undelivered: SQLite uses a
// partial index only for a query that says its condition.

const deliveryColumns = `d.id, d.message_id, d.event_id, d.incident_id, d.seq, d.webhook_id, d.webhook, d.server, d.service,
	d.tells, d.status, d.reason, d.attempts, d.tries, d.due_at, d.delay_us, d.after_id, d.first_attempt, d.created_at,
	d.finished_at, d.test`

type deliveryRow struct {
	delivery                             scout.Delivery
	due, delay, first, created, finished int64
}

func (r *deliveryRow) into() []any {
	d := &r.delivery
	return []any{
		&d.ID, &d.MessageID, &d.EventID, &d.IncidentID, &d.Seq, &d.WebhookID, &d.Webhook, &d.Server, &d.Service,
		&d.Tells, &d.Status, &d.Reason, &d.Attempts, &d.Tries, &r.due, &r.delay, &d.AfterID, &r.first, &r.created,
		&r.finished, &d.Test,
	}
}

func (r *deliveryRow) decode() scout.Delivery {
	d := r.delivery
	d.DueAt, d.Delay, d.FirstAttempt = instant(r.due), duration(r.delay), instant(r.first)
	d.CreatedAt, d.FinishedAt = instant(r.created), instant(r.finished)
	return d
}

func scanDelivery(row scanner) (scout.Delivery, error) {
	var r deliveryRow
	err := row.Scan(r.into()...)
	return r.decode(), err
}

// Recover gives back what an earlier process had claimed: each such attempt is
// put on record as interrupted and its delivery is due at once, unless it was a
// test or its webhook is gone. It returns how many are due. Call it before
// anything is claimed in this epoch.
func (s *Store) Recover(ctx context.Context) (n int, err error) {
	err = s.Update(ctx, func(tx *Tx) error {
		now := stored(s.now())
		_, err := tx.exec(`INSERT INTO attempts (delivery_id, webhook_id, number, started_at, duration_us, outcome, fault,
			detail, retry_us, status_code, address, exchange)
			SELECT id, webhook_id, attempts + 1, claimed_at, 0, ?, ?, ?, 0, 0, '', '{}'
			FROM deliveries WHERE status = 'sending' AND status <> 'delivered' AND owner <> ?`,
			scout.OutcomeInterrupted, scout.FaultInterrupted,
			"Server Scout ended during this attempt; whether the receiver got it is unknown", s.epoch)
		if err != nil {
			return err
		}
		_, err = tx.exec(`UPDATE deliveries SET status = 'failed', reason = ?, attempts = attempts + 1, finished_at = ?, owner = 0
			WHERE status = 'sending' AND status <> 'delivered' AND owner <> ? AND test = 1`, scout.TestFailed, now, s.epoch)
		if err != nil {
			return err
		}
		_, err = tx.exec(`UPDATE deliveries SET status = 'cancelled', reason = ?, attempts = attempts + 1, finished_at = ?, owner = 0
			WHERE status = 'sending' AND status <> 'delivered' AND owner <> ? AND NOT EXISTS (SELECT 1 FROM webhooks w WHERE w.id = deliveries.webhook_id)`,
			scout.WebhookRemoved, now, s.epoch)
		if err != nil {
			return err
		}
		rows, err := tx.changed(`UPDATE deliveries SET status = 'pending', attempts = attempts + 1, due_at = ?, delay_us = 0, owner = 0,
			first_attempt = CASE first_attempt WHEN 0 THEN claimed_at ELSE first_attempt END
			WHERE status = 'sending' AND status <> 'delivered' AND owner <> ?`, now, s.epoch)
		n = int(rows)
		tx.notify(TopicDeliveries)
		return err
	})
	return n, err
}

// Due lists the webhooks for which something can be claimed now.
func (s *Store) Due(ctx context.Context, now time.Time) ([]int64, error) {
	us := stored(now)
	return collect(scanID)(s.read.QueryContext(ctx, s.dialect.bind(`SELECT w.id `+webhookTables+`
		WHERE w.disabled_at = 0 AND COALESCE(h.hold_until, 0) <= ? AND EXISTS (
			SELECT 1 FROM deliveries d WHERE d.webhook_id = w.id AND d.status = 'pending' AND d.after_id = 0
			AND d.urgent IN (0, 1) AND d.due_at <= ? AND (w.paused = 0 OR d.tells = 'recovered'))`), us, us))
}

// Clamp brings due times nearer that lie farther ahead than the delay they
// were set with: the clock has jumped back since.
func (s *Store) Clamp(ctx context.Context, now time.Time) error {
	us := stored(now)
	var jumped bool
	err := s.read.QueryRowContext(ctx, s.dialect.bind(`SELECT
		EXISTS (SELECT 1 FROM deliveries WHERE status = 'pending' AND status <> 'delivered' AND due_at > ? + delay_us) OR
		EXISTS (SELECT 1 FROM webhook_health WHERE hold_until > ? + hold_us)`), us, us).Scan(&jumped)
	if err != nil || !jumped {
		return err
	}
	return s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec("UPDATE deliveries SET due_at = ? + delay_us WHERE status = 'pending' AND status <> 'delivered' AND due_at > ? + delay_us", us, us)
		if err != nil {
			return err
		}
		_, err = tx.exec("UPDATE webhook_health SET hold_until = ? + hold_us WHERE hold_until > ? + hold_us", us, us)
		s.hooks.drop()
		return err
	})
}

// Claim takes up to n deliveries of a webhook that are due, for this process
// to send: open critical incidents first, then the longest due. Of a paused
// webhook only recoveries are taken: who was told hears the end.
func (s *Store) Claim(ctx context.Context, webhookID int64, n int, now time.Time) ([]scout.Job, error) {
	var claimed []claim
	err := s.Update(ctx, func(tx *Tx) (err error) {
		claimed, err = tx.claim(webhookID, n, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return decodeClaims(claimed)
}

// claim is a job as it is read in the writer, its JSON not yet decoded.
type claim struct {
	delivery      deliveryRow
	event         eventRow
	webhook       scout.Webhook
	closed, ended int64
	at            time.Time
}

func (tx *Tx) claim(webhookID int64, n int, now time.Time) ([]claim, error) {
	w, ok, err := tx.webhook(webhookID)
	if err != nil || !ok || !w.DisabledAt.IsZero() || w.Health.HoldUntil.After(now) {
		return nil, err
	}
	var claimed []claim
	for _, urgent := range []int{1, 0} {
		if len(claimed) >= n {
			break
		}
		more, err := tx.claimSome(w, urgent, n-len(claimed), now)
		if err != nil {
			return nil, err
		}
		claimed = append(claimed, more...)
	}
	for i := range claimed {
		c := &claimed[i]
		c.delivery.delivery.Status = scout.Sending
		_, err := tx.exec("UPDATE deliveries SET status = 'sending', owner = ?, claimed_at = ? WHERE id = ?",
			tx.s.epoch, stored(now), c.delivery.delivery.ID)
		if err != nil {
			return nil, err
		}
	}
	return claimed, nil
}

func (tx *Tx) claimSome(w scout.Webhook, urgent, n int, now time.Time) ([]claim, error) {
	return collect(func(row scanner) (c claim, err error) {
		c.webhook, c.at = w, now
		return c, row.Scan(append(append(c.delivery.into(), c.event.into()...), &c.closed, &c.ended)...)
	})(tx.query(`SELECT `+deliveryColumns+`, `+eventColumns+`, COALESCE(i.closed, 0), COALESCE(i.ended, 0)
		FROM deliveries d JOIN events e ON e.id = d.event_id LEFT JOIN incidents i ON i.id = d.incident_id
		WHERE d.webhook_id = ? AND d.urgent = ? AND d.status = 'pending' AND d.after_id = 0 AND d.due_at <= ?
		AND (? = 0 OR d.tells = 'recovered')
		ORDER BY d.due_at, d.id LIMIT ?`, w.ID, urgent, stored(now), flag(w.Paused), n))
}

func decodeClaims(claimed []claim) ([]scout.Job, error) {
	jobs := make([]scout.Job, 0, len(claimed))
	for i := range claimed {
		c := &claimed[i]
		e, err := c.event.decode()
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, scout.Job{
			Delivery: c.delivery.decode(), Event: e, Webhook: c.webhook,
			ClaimedAt: c.at, Closed: instant(c.closed), EndedAt: instant(c.ended),
		})
	}
	return jobs, nil
}

// SendAgain makes a delivery due now, whether it waits, has failed, was
// cancelled or was delivered. It keeps its Webhook-Id and starts its retry
// schedule anew. It takes its place in the row of what is still owed of its
// incident: it waits behind what is from before, and what is from after waits
// behind it, so that a receiver is not told the end and then the beginning.
func (tx *Tx) SendAgain(id int64) error {
	now := stored(tx.s.now())
	n, err := tx.changed(`UPDATE deliveries SET status = 'pending', reason = ?, tries = 0, due_at = ?, delay_us = 0,
		first_attempt = 0, finished_at = 0,
		after_id = (SELECT COALESCE(MAX(e.id), 0) FROM deliveries e WHERE e.incident_id = deliveries.incident_id
			AND e.webhook_id = deliveries.webhook_id AND e.id < deliveries.id AND e.status IN ('pending', 'sending')),
		urgent = CASE WHEN EXISTS (SELECT 1 FROM incidents i WHERE i.id = deliveries.incident_id AND i.closed = 0) THEN urgent ELSE 0 END
		WHERE id = ? AND status <> 'sending' AND test = 0
		AND EXISTS (SELECT 1 FROM webhooks w WHERE w.id = deliveries.webhook_id)`, scout.Owed, now, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return tx.whyNotAgain(id)
	}
	_, err = tx.exec(`UPDATE deliveries SET after_id = ? WHERE status = 'pending' AND id = (SELECT MIN(e.id)
		FROM deliveries d CROSS JOIN deliveries e WHERE d.id = ? AND e.incident_id = d.incident_id
		AND e.webhook_id = d.webhook_id AND e.id > d.id AND e.status IN ('pending', 'sending'))`, id, id)
	tx.notify(TopicDeliveries)
	return err
}

func (tx *Tx) whyNotAgain(id int64) error {
	d, err := scanDelivery(tx.row("SELECT "+deliveryColumns+" FROM deliveries d WHERE d.id = ?", id))
	switch {
	case err != nil:
		return missing(err, "delivery", id)
	case d.Status == scout.Sending:
		return scout.Errorf(scout.Conflict, "delivery %d is being sent at this moment", id)
	case d.Test:
		return scout.Errorf(scout.Conflict, "delivery %d is a test: send another with Test Webhook", id)
	default:
		return scout.Errorf(scout.Conflict, "the webhook of delivery %d was removed", id)
	}
}

// wake makes everything that waits for a webhook due now.
func (tx *Tx) wake(webhookID, now int64) error {
	_, err := tx.exec(`UPDATE deliveries SET due_at = ?, delay_us = 0
		WHERE webhook_id = ? AND urgent IN (0, 1) AND status = 'pending' AND after_id = 0 AND due_at > ?`, now, webhookID, now)
	return err
}

// BeginTest writes a sample event and its delivery, claimed by this process.
func (s *Store) BeginTest(ctx context.Context, e *scout.Event, d *scout.Delivery) error {
	return s.Update(ctx, func(tx *Tx) error {
		if err := tx.InsertEvent(e); err != nil {
			return err
		}
		d.EventID = e.ID
		return tx.InsertDelivery(d)
	})
}
