package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"serverscout/internal/scout"
)

const (
	settle = 30 * time.Second // a window is rolled up once it ended this long ago
	// Rows that one transaction writes or deletes, and the pause after it. Nearly
	// each row lies in a page of its own, and an alert shares the processor and
	// the disk with what is done here, which nobody waits for.
	rowsAtATime = 50
	rowsBreath  = 20 * time.Millisecond
)

// The lengths of the windows that rollups sum up.
const (
	fiveMin = 5 * time.Minute
	hour    = time.Hour
)

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
		// By whole hours, so that what is deleted of a check lies together.
		t.prune(ctx, "results", "at", "check_id > 0", now.Add(-t.keep.Raw).Truncate(hour)),
		t.pruneRollups(ctx, fiveMin, now.Add(-t.keep.FiveMin)),
		t.pruneRollups(ctx, hour, now.Add(-t.keep.Hour)),
	)
}

func (t *telemetry) pruneRollups(ctx context.Context, length time.Duration, before time.Time) error {
	return t.prune(ctx, "rollups", "start", fmt.Sprintf("window_us = %d", micros(length)), before)
}

// knownChecks begins a query that has, as known, the checks with rows in a
// table among those that fulfil a condition, after the check of the first
// argument and at most as many as the second says. It steps from check to
// check along the primary key, in which time comes last.
const knownChecks = `WITH RECURSIVE known (id, n) AS (
	SELECT (SELECT MIN(check_id) FROM {table} WHERE {among} AND check_id > ?), 1
	UNION ALL
	SELECT (SELECT MIN(check_id) FROM {table} WHERE {among} AND check_id > known.id), n + 1
	FROM known WHERE known.id IS NOT NULL AND n < ?) `

// prune deletes the rows of a table that have a time of before, among those
// that fulfil a condition: check by check, some rows in each transaction.
func (t *telemetry) prune(ctx context.Context, table, column, among string, before time.Time) error {
	in := strings.NewReplacer("{table}", table, "{column}", column, "{among}", among).Replace
	ids, err := collect(scanID)(t.read.QueryContext(ctx, in(knownChecks+`SELECT id FROM known WHERE id IS NOT NULL
		AND EXISTS (SELECT 1 FROM {table} WHERE {among} AND check_id = known.id AND {column} < ?)`),
		0, math.MaxInt64, stored(before)))
	if err != nil {
		return err
	}
	query := in(`DELETE FROM {table} WHERE {among} AND check_id = ? AND {column} IN (
		SELECT {column} FROM {table} WHERE {among} AND check_id = ? AND {column} < ? LIMIT ?)`)
	for len(ids) > 0 {
		err := t.writer.do(ctx, func(b *batch) error {
			for left := int64(rowsAtATime); len(ids) > 0 && left > 0; {
				n, err := b.changed(query, ids[0], ids[0], stored(before), left)
				if err != nil {
					return err
				}
				if left -= n; left > 0 {
					ids = ids[1:]
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := breathe(ctx, rowsBreath); err != nil {
			return err
		}
	}
	return nil
}

// rollUp makes the rollups of every window of a length that has ended since
// the last call. Windows of which the raw results are gone are passed over.
func (t *telemetry) rollUp(ctx context.Context, length time.Duration, now time.Time) error {
	start, err := t.nextWindow(ctx, length, now)
	if err != nil {
		return err
	}
	for end := start.Add(length); !end.Add(settle).After(now); start, end = end, end.Add(length) {
		if err := t.rollUpWindow(ctx, length, start, end); err != nil {
			return err
		}
	}
	return nil
}

// rollUpWindow makes the rollups of one window, of some checks at a time, and
// records that it is done. A window that was begun is begun again.
func (t *telemetry) rollUpWindow(ctx context.Context, length time.Duration, start, end time.Time) error {
	for last := int64(0); ; {
		rollups, next, err := t.sumUp(ctx, last, start, end)
		if err != nil {
			return err
		}
		if next == last {
			return t.mark(ctx, length.String(), end)
		}
		last = next
		if err := t.writer.do(ctx, func(b *batch) error { return b.saveRollups(rollups, length) }); err != nil {
			return err
		}
		if err := breathe(ctx, rowsBreath*time.Duration(len(rollups))/rowsAtATime); err != nil {
			return err
		}
	}
}

func (t *telemetry) mark(ctx context.Context, name string, at time.Time) error {
	return t.writer.do(ctx, func(b *batch) error { return b.setMark(name, at) })
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
		return start, t.mark(ctx, length.String(), start)
	}
	return start.Truncate(length), nil
}

// sumUp makes the rollups of a window for the next checks after one, and
// returns the last of these; the same one where there are no more.
func (t *telemetry) sumUp(ctx context.Context, after int64, start, end time.Time) (rollups []scout.Rollup, last int64, err error) {
	last = after
	query := strings.NewReplacer("{table}", "results", "{among}", "check_id > 0").Replace(knownChecks) +
		`SELECT known.id, r.level, r.latency_us FROM known LEFT JOIN results r ON r.check_id = known.id AND r.at >= ? AND r.at < ?
		WHERE known.id IS NOT NULL ORDER BY known.id`
	rows, err := t.read.QueryContext(ctx, query, after, rowsAtATime, stored(start), stored(end))
	if err != nil {
		return nil, last, err
	}
	defer rows.Close()
	var latencies []time.Duration // of the last rollup
	for rows.Next() {
		var level, latency sql.NullInt64 // null: nothing in this window
		if err := rows.Scan(&last, &level, &latency); err != nil {
			return nil, last, err
		}
		if !level.Valid {
			continue
		}
		if n := len(rollups); n == 0 || rollups[n-1].CheckID != last {
			rollups = spread(rollups, latencies)
			rollups = append(rollups, scout.Rollup{CheckID: last, Start: start})
			latencies = latencies[:0]
		}
		latencies = append(latencies, duration(latency.Int64))
		count(&rollups[len(rollups)-1], scout.Level(level.Int64))
	}
	return spread(rollups, latencies), last, rows.Err()
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

func (b *batch) saveRollups(rollups []scout.Rollup, length time.Duration) error {
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
	return nil
}

// setMark keeps a time under a name.
func (b *batch) setMark(name string, at time.Time) error {
	_, err := b.exec("INSERT INTO marks (name, at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at", name, stored(at))
	return err
}

// Tidy rolls up and prunes now, in both databases, as the store does by itself
// once in a while.
func (s *Store) Tidy(ctx context.Context) error {
	if err := s.results.tidy(ctx); err != nil {
		return err
	}
	return s.prune(ctx)
}
