package store

import (
	"context"

	"serverscout/internal/scout"
)

// Finish records an attempt and what became of its delivery, in one
// transaction, and claims the webhook's next deliveries in the same. The
// outcome counts only while this process still owns the delivery; the attempt
// is on record either way.
func (s *Store) Finish(ctx context.Context, c scout.Completion) ([]scout.Job, error) {
	exchange, err := encode(recorded{c.Attempt.Request, c.Attempt.Response})
	if err != nil {
		return nil, err
	}
	var claimed []claim
	err = s.Update(ctx, func(tx *Tx) (err error) {
		if err := tx.insertAttempt(c.Attempt, exchange); err != nil {
			return err
		}
		if err := tx.conclude(c); err != nil {
			return err
		}
		if c.Next > 0 {
			claimed, err = tx.claim(c.Job.Webhook.ID, c.Next, c.Now)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return decodeClaims(claimed)
}

// recorded is the form in which an exchange is kept.
type recorded struct {
	Request  scout.Exchange `json:"request"`
	Response scout.Exchange `json:"response"`
}

func (tx *Tx) insertAttempt(a scout.Attempt, exchange string) error {
	_, err := tx.exec(`INSERT INTO attempts (delivery_id, webhook_id, number, started_at, duration_us, outcome, fault, detail,
		retry_us, status_code, address, exchange) VALUES (`+placeholders(12)+`)`,
		a.DeliveryID, a.WebhookID, a.Number, stored(a.StartedAt), micros(a.Duration), a.Verdict.Outcome, a.Verdict.Fault,
		a.Verdict.Detail, micros(a.Verdict.RetryAfter), a.Status, a.Address, exchange)
	tx.notify(TopicHistory)
	return err
}

// conclude writes what became of the delivery and what follows from it.
func (tx *Tx) conclude(c scout.Completion) error {
	id, webhook, now := c.Job.Delivery.ID, c.Job.Webhook.ID, stored(c.Now)
	w, known, err := tx.webhook(webhook)
	if err != nil {
		return err
	}
	if !known && c.Status == scout.Pending {
		c.Status, c.Reason = scout.DeliveryCancelled, scout.WebhookRemoved
	}
	finished := int64(0)
	if c.Status.Final() {
		finished = now
	}
	n, err := tx.changed(`UPDATE deliveries SET status = ?, reason = ?, attempts = ?, tries = tries + 1, due_at = ?, delay_us = ?,
		owner = 0, finished_at = ?, first_attempt = CASE first_attempt WHEN 0 THEN ? ELSE first_attempt END
		WHERE id = ? AND status = 'sending' AND owner = ?`,
		c.Status, c.Reason, c.Attempt.Number, stored(c.DueAt), micros(c.Delay), finished,
		stored(c.Attempt.StartedAt), id, tx.s.epoch)
	if err != nil || n == 0 {
		return err
	}
	if c.Status.Final() {
		if err := tx.release(c.Job.Delivery, c.Status, now); err != nil {
			return err
		}
	}
	if !known {
		return nil
	}
	if c.Disable != "" {
		if err := tx.disable(webhook, c.Disable, now); err != nil {
			return err
		}
	}
	return tx.health(c, w.Health)
}

// release lets go the delivery that waited for d to end. A recovery of which
// the receiver was told nothing before, because all of that was given up, is
// cancelled instead, and what waits behind it is looked at in turn.
func (tx *Tx) release(d scout.Delivery, ended scout.DeliveryStatus, now int64) error {
	for {
		next, err := collect(scanDelivery)(tx.query("SELECT "+deliveryColumns+" FROM deliveries d WHERE d.after_id = ? AND d.after_id <> 0 ORDER BY d.id LIMIT 1", d.ID))
		if err != nil || len(next) == 0 {
			return err
		}
		untold := false
		if ended != scout.Delivered && next[0].Tells == scout.StatusRecovered {
			if untold, err = tx.untold(next[0]); err != nil {
				return err
			}
		}
		if !untold {
			_, err := tx.exec("UPDATE deliveries SET after_id = 0 WHERE after_id = ? AND after_id <> 0", d.ID)
			tx.notify(TopicDeliveries)
			return err
		}
		_, err = tx.exec("UPDATE deliveries SET status = 'cancelled', reason = ?, after_id = 0, finished_at = ? WHERE id = ?",
			scout.NeverTold, now, next[0].ID)
		if err != nil {
			return err
		}
		d = next[0]
	}
}

// untold reports whether a webhook was owed something of an incident before
// the recovery r and all of it was given up.
func (tx *Tx) untold(r scout.Delivery) (bool, error) {
	var owed, failed int
	err := tx.row(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN status IN ('failed', 'cancelled') THEN 1 ELSE 0 END), 0) FROM deliveries
		WHERE incident_id = ? AND webhook_id = ? AND id < ? AND test = 0`, r.IncidentID, r.WebhookID, r.ID).Scan(&owed, &failed)
	return owed > 0 && owed == failed, err
}

func (tx *Tx) disable(webhookID int64, why string, now int64) error {
	_, err := tx.exec(`UPDATE webhooks SET disabled_at = ?, disabled_why = ?,
		held_from = CASE held_from WHEN 0 THEN ? ELSE held_from END WHERE id = ?`, now, why, now, webhookID)
	tx.s.hooks.drop()
	tx.notify(TopicConfig)
	return err
}

// health writes what an attempt says of its endpoint, if that is news. The
// first success after failures makes all that waits for the webhook due.
func (tx *Tx) health(c scout.Completion, h scout.WebhookHealth) error {
	id := c.Job.Webhook.ID
	woken := false
	switch c.Says {
	case scout.SaysFailure:
		if h.FailStreak == 0 {
			h.FailingFrom = c.Attempt.StartedAt
		}
		h.FailStreak++
		h.LastError = c.Attempt.Verdict.Detail
	case scout.SaysSuccess:
		if h.FailStreak == 0 {
			return nil
		}
		h = scout.WebhookHealth{HoldUntil: h.HoldUntil}
		woken = true
	default:
		return nil
	}
	if c.HoldUntil.After(h.HoldUntil) {
		h.HoldUntil = c.HoldUntil
	}
	// A hold that stays keeps its length too: what is left of it is not a length
	// if the clock has jumped.
	hold := micros(max(h.HoldUntil.Sub(c.Now), 0))
	_, err := tx.exec(`INSERT INTO webhook_health (webhook_id, fail_streak, failing_from, hold_until, hold_us, last_error)
		VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (webhook_id) DO UPDATE SET fail_streak = excluded.fail_streak,
		failing_from = excluded.failing_from, hold_until = excluded.hold_until, last_error = excluded.last_error,
		hold_us = CASE WHEN excluded.hold_until = webhook_health.hold_until THEN webhook_health.hold_us ELSE excluded.hold_us END`,
		id, h.FailStreak, stored(h.FailingFrom), stored(h.HoldUntil), hold, h.LastError)
	if err != nil {
		return err
	}
	tx.s.hooks.health(id, h)
	if woken {
		tx.notify(TopicDeliveries)
		return tx.wake(id, stored(c.Now))
	}
	return nil
}
