package history

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"serverscout/internal/scout"
)

const perTransaction = 20_000 // events

// fillLedger writes the incidents with all that was told of them, in the order
// in which it happened.
func fillLedger(ctx context.Context, dir string, p plan) error {
	db, err := openFast(dir, "ledger.db")
	if err != nil {
		return err
	}
	for rest := p.tellings(); len(rest) > 0; {
		n := min(perTransaction, len(rest))
		err := inTransaction(ctx, db, func(tx *sql.Tx) error { return writeAll(ctx, tx, rest[:n]) })
		if err != nil {
			return errors.Join(err, db.Close())
		}
		rest = rest[n:]
	}
	err = inTransaction(ctx, db, func(tx *sql.Tx) error { return p.writeStates(ctx, tx) })
	return errors.Join(err, db.Close())
}

// scribe is the prepared statements of one transaction.
type scribe struct {
	level, incident, event, delivery, attempt *sql.Stmt
}

func prepare(ctx context.Context, tx *sql.Tx) (s scribe, err error) {
	for _, p := range []struct {
		into  **sql.Stmt
		query string
	}{
		{&s.level, "INSERT OR REPLACE INTO levels (check_id, at, level) VALUES (?, ?, ?)"},
		{&s.incident, `INSERT INTO incidents (id, check_id, server, service, server_ip, tags, level, worst, began, opened, ended,
			closed, message, events, latest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.event, `INSERT INTO events (incident_id, seq, kind, level, at, check_id, snapshot, decisions, test)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)`},
		{&s.delivery, `INSERT INTO deliveries (message_id, event_id, incident_id, seq, webhook_id, webhook, server, service, tells,
			status, reason, attempts, tries, due_at, first_attempt, created_at, finished_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.attempt, `INSERT INTO attempts (delivery_id, webhook_id, number, started_at, duration_us, outcome, fault, detail,
			retry_us, status_code, address, exchange) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
	} {
		if *p.into, err = tx.PrepareContext(ctx, p.query); err != nil {
			return s, err
		}
	}
	return s, nil
}

func writeAll(ctx context.Context, tx *sql.Tx, list []telling) error {
	s, err := prepare(ctx, tx)
	if err != nil {
		return err
	}
	for _, t := range list {
		if err := errors.Join(ctx.Err(), s.write(t)); err != nil {
			return err
		}
	}
	return nil
}

// write writes one event with its deliveries and their attempts. The incident
// is written with its first event, as it was in the end.
func (s scribe) write(t telling) error {
	in := t.incident
	e := t.event()
	if e.Seq == 1 {
		_, err := s.incident.Exec(in.id, in.target.Check.ID, in.target.Server.Name, in.target.Check.Name, in.target.Server.IP,
			text(in.target.Server.Tags), in.level, in.level, us(in.began), us(in.opened), us(in.ended), us(in.closed),
			e.Message, in.events, us(in.closed))
		if err != nil {
			return err
		}
	}
	if _, err := s.level.Exec(e.CheckID, us(t.levelFrom()), e.Level); err != nil {
		return err
	}
	r, err := s.event.Exec(e.IncidentID, e.Seq, e.Kind, e.Level, us(e.At), e.CheckID, snapshotOf(e), text(e.Decisions))
	if err != nil {
		return err
	}
	if e.ID, err = r.LastInsertId(); err != nil {
		return err
	}
	for _, w := range t.hears {
		if err := s.deliver(t, e, w); err != nil {
			return err
		}
	}
	return nil
}

func (s scribe) deliver(t telling, e scout.Event, w scout.Webhook) error {
	attempts := t.attempts(e, w)
	status, reason := scout.Delivered, scout.Owed
	last := attempts[len(attempts)-1]
	finished := last.StartedAt.Add(last.Duration)
	if last.Verdict.Outcome != scout.OutcomeDelivered {
		status, reason = scout.DeliveryFailed, scout.GaveUp
	}
	r, err := s.delivery.Exec(scout.NewMessageID(), e.ID, e.IncidentID, e.Seq, w.ID, w.Name, e.Server, e.Service,
		scout.StatusOf(e.Level), status, reason, len(attempts), len(attempts), us(last.StartedAt), us(attempts[0].StartedAt),
		us(e.At), us(finished))
	if err != nil {
		return err
	}
	id, err := r.LastInsertId()
	if err != nil {
		return err
	}
	for _, a := range attempts {
		_, err := s.attempt.Exec(id, w.ID, a.Number, us(a.StartedAt), a.Duration.Microseconds(), a.Verdict.Outcome, a.Verdict.Fault,
			a.Verdict.Detail, a.Verdict.RetryAfter.Microseconds(), a.Status, a.Address, exchangeOf(a))
		if err != nil {
			return err
		}
	}
	return nil
}

// writeStates has every check up, since its first result and by now, and the
// server having run all the time.
func (p plan) writeStates(ctx context.Context, tx *sql.Tx) error {
	for _, query := range []struct {
		text string
		args []any
	}{
		{"INSERT OR IGNORE INTO levels (check_id, at, level) SELECT id, created_at, 1 FROM checks", nil},
		{"INSERT INTO check_states (check_id, level, since, incident_id) SELECT check_id, 1, MAX(at), '' FROM levels GROUP BY check_id", nil},
		{"UPDATE meta SET value = ? WHERE key = 'alive'", []any{us(p.to)}},
		{"DELETE FROM gaps", nil},
	} {
		if _, err := tx.ExecContext(ctx, query.text, query.args...); err != nil {
			return err
		}
	}
	return nil
}

func us(t time.Time) int64 { return t.UnixMicro() }
