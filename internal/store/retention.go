package store

import (
	"cmp"
	"context"
	"math"
	"time"
)

// Retention says how long history is kept. A zero field stands for its
// default.
type Retention struct {
	Raw     time.Duration // every single result; 48 h
	FiveMin time.Duration // rollups of five minutes; 30 days
	Hour    time.Duration // rollups of one hour; 365 days
	// History is how long an incident is kept after its end, with its events,
	// deliveries and attempts, a hold after its end, and a check's changes of
	// level after they happened; 400 days. What is not over stays however old it
	// is.
	History time.Duration
	Tests   time.Duration // test deliveries and their attempts; 30 days
}

func (r Retention) orDefaults() Retention {
	const day = 24 * time.Hour
	return Retention{
		Raw:     cmp.Or(r.Raw, 2*day),
		FiveMin: cmp.Or(r.FiveMin, 30*day),
		Hour:    cmp.Or(r.Hour, 365*day),
		History: cmp.Or(r.History, 400*day),
		Tests:   cmp.Or(r.Tests, 30*day),
	}
}

// A prune works in transactions that are small and at a distance, so that an
// alert waits for a few milliseconds of it at most, and a processor is free.
const (
	pruneEvery      = 10 * time.Minute
	pruneRows       = 25 // of a transaction of the ledger
	breath          = 100 * time.Millisecond
	storiesAtATime  = 50
	oldestIncidents = `SELECT i.id FROM incidents i WHERE i.closed <> 0 AND i.closed < ? AND NOT EXISTS (
		SELECT 1 FROM deliveries d WHERE d.incident_id = i.id AND d.status IN ('pending', 'sending')) ORDER BY i.closed LIMIT ?`
	oldestTests = `SELECT d.incident_id FROM deliveries d WHERE d.test = 1 AND d.created_at < ? AND NOT EXISTS (
		SELECT 1 FROM deliveries o WHERE o.incident_id = d.incident_id AND o.status IN ('pending', 'sending')) ORDER BY d.id LIMIT ?`
)

// prune deletes from the ledger what is older than the retention.
func (s *Store) prune(ctx context.Context) error {
	now := s.now()
	history := stored(now.Add(-s.keep.History))
	if err := s.pruneStories(ctx, oldestIncidents, history); err != nil {
		return err
	}
	if err := s.pruneStories(ctx, oldestTests, stored(now.Add(-s.keep.Tests))); err != nil {
		return err
	}
	if err := s.pruneLevels(ctx, history); err != nil {
		return err
	}
	if err := s.ForgetAnswers(ctx, now.Add(-answersKept)); err != nil {
		return err
	}
	if err := s.pruneSessions(ctx, now); err != nil {
		return err
	}
	return s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec("DELETE FROM gaps WHERE ended < ?", history)
		if err != nil {
			return err
		}
		_, err = tx.exec("DELETE FROM holds WHERE ended_at <> 0 AND ended_at < ? AND catch_up = 0", history)
		return err
	})
}

// pruneStories deletes the incidents, or tests, that a query finds as older
// than a time, with all that belongs to them.
func (s *Store) pruneStories(ctx context.Context, query string, before int64) error {
	for {
		ids, err := collect(scanText)(s.read.QueryContext(ctx, s.dialect.bind(query), before, storiesAtATime))
		if err != nil || len(ids) == 0 {
			return err
		}
		for len(ids) > 0 {
			var left []string
			err := s.Update(ctx, func(tx *Tx) (err error) {
				left, err = tx.pruneStories(ids)
				return err
			})
			if err != nil {
				return err
			}
			ids = left
			if err := breathe(ctx, breath); err != nil {
				return err
			}
		}
	}
}

// pruneStories deletes as much of some incidents as a transaction may, and
// returns those of which something is left.
func (tx *Tx) pruneStories(ids []string) ([]string, error) {
	budget := pruneRows
	for i, id := range ids {
		n, err := tx.pruneStory(id, budget)
		if err != nil {
			return nil, err
		}
		if budget -= n; budget <= 0 {
			return ids[i:], nil
		}
	}
	return nil, nil
}

// pruneStory deletes an incident from its ends inwards, so that what is left
// after a part of it is found again. It deletes nothing if a delivery of it
// has become open again since it was found.
func (tx *Tx) pruneStory(id string, budget int) (int, error) {
	if open, err := tx.anyOpen(id); err != nil || open {
		return 0, err
	}
	deleted := 0
	for _, query := range []string{
		`DELETE FROM attempts WHERE id IN (
			SELECT a.id FROM deliveries d JOIN attempts a ON a.delivery_id = d.id WHERE d.incident_id = ? LIMIT ?)`,
		"DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE incident_id = ? LIMIT ?)",
		"DELETE FROM events WHERE id IN (SELECT id FROM events WHERE incident_id = ? LIMIT ?)",
		"DELETE FROM incidents WHERE id IN (SELECT id FROM incidents WHERE id = ? LIMIT ?)",
	} {
		n, err := tx.changed(query, id, budget-deleted)
		if err != nil {
			return deleted, err
		}
		if deleted += int(n); deleted >= budget {
			return deleted, nil
		}
	}
	return deleted, nil
}

func (tx *Tx) anyOpen(incidentID string) (open bool, err error) {
	err = tx.row("SELECT EXISTS (SELECT 1 FROM deliveries WHERE incident_id = ? AND status IN ('pending', 'sending'))",
		incidentID).Scan(&open)
	return open, err
}

// staleLevels finds the checks with changes to prune, each with the time
// before which they are. Of an existing check the last change before the cut
// stays, as the level that was in force there; of a removed one nothing does.
// The recursion steps from check to check instead of reading every change.
const staleLevels = `WITH RECURSIVE
	known (id) AS (
		SELECT MIN(check_id) FROM levels
		UNION ALL
		SELECT (SELECT MIN(check_id) FROM levels WHERE check_id > known.id) FROM known WHERE known.id IS NOT NULL),
	cuts (id, cut) AS (
		SELECT k.id, CASE WHEN EXISTS (SELECT 1 FROM checks c WHERE c.id = k.id)
			THEN (SELECT MAX(l.at) FROM levels l WHERE l.check_id = k.id AND l.at <= ?) ELSE ? END
		FROM known k WHERE k.id IS NOT NULL)
	SELECT id, cut FROM cuts WHERE EXISTS (SELECT 1 FROM levels l WHERE l.check_id = cuts.id AND l.at < cuts.cut)`

func (s *Store) pruneLevels(ctx context.Context, before int64) error {
	type stale struct{ check, cut int64 }
	list, err := collect(func(row scanner) (v stale, err error) { return v, row.Scan(&v.check, &v.cut) })(
		s.read.QueryContext(ctx, s.dialect.bind(staleLevels), before, int64(math.MaxInt64)))
	if err != nil {
		return err
	}
	for _, v := range list {
		for n := int64(pruneRows); n == pruneRows; {
			err := s.Update(ctx, func(tx *Tx) (err error) {
				n, err = tx.changed(`DELETE FROM levels WHERE check_id = ? AND at IN (
					SELECT at FROM levels WHERE check_id = ? AND at < ? LIMIT ?)`, v.check, v.check, v.cut, pruneRows)
				return err
			})
			if err != nil {
				return err
			}
			if err := breathe(ctx, breath); err != nil {
				return err
			}
		}
	}
	return nil
}

// breathe pauses between two transactions that nobody waits for, or returns why
// ctx has ended.
func breathe(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func scanText(row scanner) (s string, err error) { return s, row.Scan(&s) }
