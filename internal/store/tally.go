package store

import (
	"context"

	"serverscout/internal/scout"
)

// Tally counts the checks by what is known of them now.
func (s *Store) Tally(ctx context.Context) (t scout.CheckCounts, err error) {
	count := func(condition string) string {
		return "COALESCE(SUM(CASE WHEN " + condition + " THEN 1 ELSE 0 END), 0)"
	}
	err = s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+
		count("c.paused = 0 AND s.level = ?")+", "+count("c.paused = 0 AND s.level = ?")+", "+count("c.paused = 0 AND s.level = ?")+", "+
		count("c.paused = 0 AND COALESCE(s.level, 0) = 0")+", "+count("c.paused = 1")+`
		FROM checks c LEFT JOIN check_states s ON s.check_id = c.id`), scout.Up, scout.Warning, scout.Down).
		Scan(&t.Up, &t.Warning, &t.Down, &t.Unknown, &t.Paused)
	return t, err
}
