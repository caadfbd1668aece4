package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"serverscout/internal/scout"
)

const (
	settle       = 30 * time.Second // a window is rolled up once it ended this long ago
	pruneAtATime = 5000             // rows; the writer is free in between
)

// The lengths of the windows that rollups sum up.
const (
	fiveMin = 5 * time.Minute
	hour    = time.Hour
)

// oldResults deletes results of before a time.
const oldResults = "DELETE FROM results WHERE (check_id, at) IN (SELECT check_id, at FROM results WHERE at < ? LIMIT ?)"

// oldRollups deletes rollups of a length that start before a time. It steps
// from check to check along the primary key, in which time comes last.
const oldRollups = `DELETE FROM rollups WHERE (window_us, check_id, start) IN (
	WITH RECURSIVE known (id) AS (
		SELECT MIN(check_id) FROM rollups WHERE window_us = ?
		UNION ALL
		SELECT (SELECT MIN(check_id) FROM rollups WHERE window_us = ? AND check_id > known.id)
		FROM known WHERE known.id IS NOT NULL)
	SELECT r.window_us, r.check_id, r.start FROM known k
		JOIN rollups r ON r.window_us = ? AND r.check_id = k.id AND r.start < ? LIMIT ?)`

// tidy rolls up the windows that have ended and prunes what is too old.
func (t *telemetry) tidy(ctx context.Context) error {
	now := t.now()
	err := errors.Join(
		t.rollUp(ctx, fiveMin, now),
		t.rollUp(ctx, hour, now),
	)
	if err != nil { // what is not rolled up is not pruned either
		return explain(err, t.read.dir)
	}
	return errors.Join(
		t.prune(ctx, oldResults, stored(now.Add(-t.keep.Raw))),
		t.pruneRollups(ctx, fiveMin, now.Add(-t.keep.FiveMin)),
		t.pruneRollups(ctx, hour, now.Add(-t.keep.Hour)),
	)
}

func (t *telemetry) pruneRollups(ctx context.Context, length time.Duration, before time.Time) error {
	us := micros(length)
	return t.prune(ctx, oldRollups, us, us, us, stored(before))
}

// prune repeats a bounded delete until it deletes less than its bound.
func (t *telemetry) prune(ctx context.Context, query string, args ...any) error {
	for {
		var n int64
		err := t.writer.do(ctx, func(b *batch) (err error) {
			n, err = b.changed(query, append(slices.Clone(args), pruneAtATime)...)
			return err
		})
		if err != nil || n < pruneAtATime {
			return err
		}
		if err := breathe(ctx); err != nil {
			return err
		}
	}
}

// rollUp makes the rollups of every window of a length that has ended since
// the last call. Windows of which the raw results are gone are passed over.
func (t *telemetry) rollUp(ctx context.Context, length time.Duration, now time.Time) error {
	start, err := t.nextWindow(ctx, length, now)
	if err != nil {
		return err
	}
	for end := start.Add(length); !end.Add(settle).After(now); start, end = end, end.Add(length) {
		rollups, err := t.sumUp(ctx, start, end)
		if err != nil {
			return err
		}
		if err := t.writer.do(ctx, func(b *batch) error { return b.saveRollups(rollups, length, end) }); err != nil {
			return err
		}
	}
	return nil
}

// nextWindow is the start of the first window that is not rolled up. A mark
// in the future (the clock jumped back) is brought back to the present window.
func (t *telemetry) nextWindow(ctx context.Context, length time.Duration, now time.Time) (time.Time, error) {
	var mark int64
	err := t.read.QueryRowContext(ctx, "SELECT at FROM marks WHERE name = ?", length.String()).Scan(&mark)
	if errors.Is(err, sql.ErrNoRows) {
		var first sql.NullInt64
		if err := t.read.QueryRowContext(ctx, "SELECT MIN(at) FROM results").Scan(&first); err != nil {
			return now, err
		}
		if !first.Valid {
			return now, nil
		}
		mark, err = first.Int64, nil
	}
	if err != nil {
		return now, err
	}
	start := instant(mark)
	if oldest := now.Add(-t.keep.Raw); start.Before(oldest) {
		start = oldest
	}
	if start.After(now) {
		start = now.Truncate(length)
		return start, t.writer.do(ctx, func(b *batch) error { return b.saveRollups(nil, length, start) })
	}
	return start.Truncate(length), nil
}

func (t *telemetry) sumUp(ctx context.Context, start, end time.Time) ([]scout.Rollup, error) {
	rows, err := t.read.QueryContext(ctx, "SELECT check_id, level, latency_us FROM results WHERE at >= ? AND at < ? ORDER BY check_id",
		stored(start), stored(end))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var rollups []scout.Rollup
	var latencies []time.Duration // of the last rollup
	for rows.Next() {
		var id, latency int64
		var level scout.Level
		if err := rows.Scan(&id, &level, &latency); err != nil {
			return nil, err
		}
		if n := len(rollups); n == 0 || rollups[n-1].CheckID != id {
			rollups = spread(rollups, latencies)
			rollups = append(rollups, scout.Rollup{CheckID: id, Start: start})
			latencies = latencies[:0]
		}
		latencies = append(latencies, duration(latency))
		count(&rollups[len(rollups)-1], level)
	}
	return spread(rollups, latencies), rows.Err()
}

func count(r *scout.Rollup, level scout.Level) {
	switch level {
	case scout.Down:
		r.Down++
	case scout.Warning:
		r.Warning++
	default:
		r.Up++
	}
}

// spread gives the last rollup the figures of its latencies.
func spread(rollups []scout.Rollup, latencies []time.Duration) []scout.Rollup {
	if len(rollups) > 0 {
		slices.Sort(latencies)
		r := &rollups[len(rollups)-1]
		r.Min, r.Median, r.Max = latencies[0], latencies[len(latencies)/2], latencies[len(latencies)-1]
	}
	return rollups
}

func (b *batch) saveRollups(rollups []scout.Rollup, length time.Duration, end time.Time) error {
	for _, r := range rollups {
		_, err := b.exec(`INSERT INTO rollups (check_id, window_us, start, up, warning, down, latency_min, latency_p50, latency_max)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (window_us, check_id, start) DO UPDATE SET up = excluded.up,
			warning = excluded.warning, down = excluded.down, latency_min = excluded.latency_min,
			latency_p50 = excluded.latency_p50, latency_max = excluded.latency_max`,
			r.CheckID, micros(length), stored(r.Start), r.Up, r.Warning, r.Down, micros(r.Min), micros(r.Median), micros(r.Max))
		if err != nil {
			return err
		}
	}
	return b.setMark(length.String(), end)
}

// setMark keeps a time under a name.
func (b *batch) setMark(name string, at time.Time) error {
	_, err := b.exec("INSERT INTO marks (name, at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at", name, stored(at))
	return err
}

// Rollups lists a check's rollups of a window length (5 minutes or 1 hour)
// that start in [from, to), oldest first.
func (s *Store) Rollups(ctx context.Context, checkID int64, length time.Duration, from, to time.Time) ([]scout.Rollup, error) {
	return collect(func(row scanner) (r scout.Rollup, err error) {
		var start, low, mid, high int64
		err = row.Scan(&start, &r.Up, &r.Warning, &r.Down, &low, &mid, &high)
		r.CheckID = checkID
		r.Start, r.Min, r.Median, r.Max = instant(start), duration(low), duration(mid), duration(high)
		return r, err
	})(s.results.read.QueryContext(ctx, s.dialect.bind(`SELECT start, up, warning, down, latency_min, latency_p50, latency_max
		FROM rollups WHERE window_us = ? AND check_id = ? AND start >= ? AND start < ? ORDER BY start`),
		micros(length), checkID, stored(from), stored(to)))
}

// Tidy rolls up and prunes now, in both databases, as the store does by itself
// once in a while.
func (s *Store) Tidy(ctx context.Context) error {
	if err := s.results.tidy(ctx); err != nil {
		return err
	}
	return s.prune(ctx)
}
