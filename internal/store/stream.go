package store

import (
	"context"

	"serverscout/internal/scout"
)

const attemptColumns = `a.id, a.delivery_id, a.webhook_id, a.number, a.started_at, a.duration_us, a.outcome, a.fault, a.detail,
	a.retry_us, a.status_code, a.address, a.exchange`

// sentAttempts are attempts with their deliveries. An event stays as long as
// its deliveries do.
const sentAttempts = "SELECT " + attemptColumns + ", " + deliveryColumns + `, e.check_id FROM attempts a
	JOIN deliveries d ON d.id = a.delivery_id JOIN events e ON e.id = d.event_id`

func scanSentAttempt(row scanner) (v scout.SentAttempt, err error) {
	var a attemptRow
	var d deliveryRow
	if err = row.Scan(append(append(a.into(), d.into()...), &v.CheckID)...); err != nil {
		return v, err
	}
	v.Delivery = d.decode()
	v.Attempt, err = a.decode()
	return v, err
}

// ListAttempts lists the attempts of all deliveries, newest first, at most
// limit.
func (s *Store) ListAttempts(ctx context.Context, f scout.AttemptFilter, limit int) ([]scout.SentAttempt, error) {
	ids, err := s.ids(ctx, "attempts", "started_at", f.Since, f.Until)
	if err != nil {
		return nil, err
	}
	among, err := s.attempted(ctx, f)
	if err != nil {
		return nil, err
	}
	query, args := attemptsQuery(f, ids, among, limit)
	return collect(scanSentAttempt)(s.read.QueryContext(ctx, s.dialect.bind(query), args...))
}

func attemptsQuery(f scout.AttemptFilter, ids idRange, among candidates, limit int) (string, []any) {
	var w where
	if f.Before != 0 {
		w.add("a.id < ?", f.Before)
	}
	if f.DeliveryID != 0 {
		w.equal("a.delivery_id", f.DeliveryID)
	}
	w.ofDeliveries(f, among)
	if f.Fault != scout.NoFault {
		w.equal("a.fault", string(f.Fault))
		w.add("a.fault <> ''") // the index's condition
	}
	if f.Outcome == scout.OutcomeDelivered {
		w.add("a.outcome = ?", f.Outcome) // nearly all are
	} else if f.Outcome != "" {
		w.equal("a.outcome", string(f.Outcome))
		w.add("a.outcome <> 'delivered'") // the index's condition
	}
	if f.WebhookID != 0 {
		w.equal("a.webhook_id", f.WebhookID)
	}
	w.within("a.id", "a.started_at", f.Since, f.Until, ids)
	end, args := w.list("a.id DESC", limit)
	return sentAttempts + end, args
}

// EventsAfter lists events after an event's id, oldest first, samples of tests
// too, at most limit. There is one writer, so that ids come in the order of
// commits: nothing is ever added before what was read.
func (s *Store) EventsAfter(ctx context.Context, id int64, limit int) ([]scout.Event, error) {
	return collect(scanEvent)(s.read.QueryContext(ctx,
		s.dialect.bind("SELECT "+eventColumns+" FROM events e WHERE e.id > ? ORDER BY e.id LIMIT ?"), id, limit))
}

// AttemptsAfter lists the attempts of all deliveries after an attempt's id,
// oldest first, at most limit.
func (s *Store) AttemptsAfter(ctx context.Context, id int64, limit int) ([]scout.SentAttempt, error) {
	return collect(scanSentAttempt)(s.read.QueryContext(ctx,
		s.dialect.bind(sentAttempts+" WHERE a.id > ? ORDER BY a.id LIMIT ?"), id, limit))
}

// LastPlace returns the place at the end of the history.
func (s *Store) LastPlace(ctx context.Context) (p scout.Place, err error) {
	err = s.read.QueryRowContext(ctx,
		"SELECT COALESCE((SELECT MAX(id) FROM events), 0), COALESCE((SELECT MAX(id) FROM attempts), 0)").Scan(&p.Event, &p.Attempt)
	return p, err
}

// CountBetween counts the events and the attempts after one place, up to
// another.
func (s *Store) CountBetween(ctx context.Context, after, upTo scout.Place) (n scout.Place, err error) {
	err = s.read.QueryRowContext(ctx, s.dialect.bind(`SELECT
		(SELECT COUNT(*) FROM events WHERE id > ? AND id <= ?),
		(SELECT COUNT(*) FROM attempts WHERE id > ? AND id <= ?)`),
		after.Event, upTo.Event, after.Attempt, upTo.Attempt).Scan(&n.Event, &n.Attempt)
	return n, err
}
