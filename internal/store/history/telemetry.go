package history

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// pendingHours are the last hours of a history, of which the results are not
// rolled up yet, as after a pause: that is work to measure against.
const pendingHours = 6

// daysAtATime is how much of the telemetry one transaction writes.
const daysAtATime = 15

// grains are what is kept of the results, by how long the default retention
// keeps it.
var grains = []struct {
	step  time.Duration
	keep  time.Duration
	query string
}{
	{time.Hour, 365 * 24 * time.Hour, rollupsQuery},
	{5 * time.Minute, 30 * 24 * time.Hour, rollupsQuery},
	{time.Minute, 48 * time.Hour, resultsQuery},
}

// series yields the starts of steps in [from, to). All checks come within each
// step, as they do in life.
const series = `WITH RECURSIVE
	shape (step, until, checks) AS (SELECT ?, ?, ?),
	starts (at) AS (
		SELECT ? UNION ALL SELECT at + step FROM starts, shape WHERE at + step < until),
	ids (id) AS (
		SELECT 1 UNION ALL SELECT id + 1 FROM ids, shape WHERE id < checks),
	noise (at, id, step, r) AS MATERIALIZED (
		SELECT at, id, step, random() & 1048575 FROM shape CROSS JOIN starts CROSS JOIN ids)
	`

// A window holds a result a minute. One in 256 has some that are down.
const rollupsQuery = `INSERT INTO rollups (check_id, window_us, start, up, warning, down, latency_min, latency_p50, latency_max) ` + series + `
	SELECT id, step, at,
		step / 60000000 - CASE WHEN r & 255 = 0 THEN 4 ELSE 0 END, 0, CASE WHEN r & 255 = 0 THEN 4 ELSE 0 END,
		9000 + (id % 50) * 1000 + (r & 1023), 11000 + (id % 50) * 1000 + (r & 4095), 20000 + (id % 50) * 1000 + (r >> 3)
	FROM noise`

const resultsQuery = `INSERT INTO results (check_id, at, level, latency_us, message, ip) ` + series + `
	SELECT id, at + (id * 7919) % 60000000, CASE WHEN r & 1023 = 0 THEN 3 ELSE 1 END, 11000 + (id % 50) * 1000 + (r & 8191),
		CASE WHEN r & 1023 = 0 THEN 'HTTP service is not responding on port 80' ELSE 'HTTP service answered with 200 OK' END,
		'10.' || (id / 1250) || '.' || (id / 5 % 250 + 1) || '.7'
	FROM noise`

// fillTelemetry writes results and rollups, by SQL alone: there are tens of
// millions.
func fillTelemetry(ctx context.Context, dir string, p plan) error {
	db, err := openFast(dir, "telemetry.db")
	if err != nil {
		return err
	}
	for _, g := range grains {
		from, to := p.to.Add(-g.keep), p.to
		if from.Before(p.from) {
			from = p.from
		}
		if g.query == rollupsQuery {
			to = to.Add(-pendingHours * time.Hour)
			_, err := db.ExecContext(ctx, "INSERT INTO marks (name, at) VALUES (?, ?)", g.step.String(), to.UnixMicro())
			if err != nil {
				return errors.Join(err, db.Close())
			}
		}
		// Some days at a time: fewer would write the same pages more often, and
		// more would outgrow the cache.
		for ; from.Before(to); from = from.AddDate(0, 0, daysAtATime) {
			end := from.AddDate(0, 0, daysAtATime)
			if end.After(to) {
				end = to
			}
			err := inTransaction(ctx, db, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, g.query, g.step.Microseconds(), end.UnixMicro(), len(p.checks), from.UnixMicro())
				return err
			})
			if err != nil {
				return errors.Join(err, db.Close())
			}
		}
	}
	return db.Close()
}
