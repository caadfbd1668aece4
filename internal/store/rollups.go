package store

import (
	"context"
	"time"

	"serverscout/internal/scout"
)

// rollupsOf begins a query of the rollups of some checks; it is followed by
// placeholders for their ids and by rollupsOrder.
const (
	rollupsOf = `SELECT check_id, start, up, warning, down, latency_min, latency_p50, latency_max
		FROM rollups WHERE window_us = ? AND start >= ? AND start < ? AND check_id IN (`
	rollupsOrder = `) ORDER BY check_id, start`
)

// Rollups lists a check's rollups of a window length (5 minutes or 1 hour)
// that start in [from, to), oldest first.
func (s *Store) Rollups(ctx context.Context, checkID int64, length time.Duration, from, to time.Time) ([]scout.Rollup, error) {
	return s.rollups(ctx, []int64{checkID}, length, from, to)
}

// RollupsOf lists the rollups of some checks of a window length (5 minutes or
// 1 hour) that start in [from, to), for each check the oldest first. A check
// without any has no entry. At most about 30,000 checks can be asked for.
func (s *Store) RollupsOf(ctx context.Context, checkIDs []int64, length time.Duration, from, to time.Time) (map[int64][]scout.Rollup, error) {
	list, err := s.rollups(ctx, checkIDs, length, from, to)
	if err != nil {
		return nil, err
	}
	of := make(map[int64][]scout.Rollup, len(checkIDs))
	for _, r := range list {
		of[r.CheckID] = append(of[r.CheckID], r)
	}
	return of, nil
}

func (s *Store) rollups(ctx context.Context, checkIDs []int64, length time.Duration, from, to time.Time) ([]scout.Rollup, error) {
	args := append([]any{micros(length), stored(from), stored(to)}, values(checkIDs)...)
	return collect(func(row scanner) (r scout.Rollup, err error) {
		var start, low, mid, high int64
		err = row.Scan(&r.CheckID, &start, &r.Up, &r.Warning, &r.Down, &low, &mid, &high)
		r.Start, r.Min, r.Median, r.Max = instant(start), duration(low), duration(mid), duration(high)
		return r, err
	})(s.results.read.QueryContext(ctx, s.dialect.bind(rollupsOf+placeholders(len(checkIDs))+rollupsOrder), args...))
}
