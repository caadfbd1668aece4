package store

import (
	"context"

	"serverscout/internal/scout"
)

// Tally counts the checks by what is known of them now.
func (s *Store) Tally(ctx context.Context) (t scout.CheckCounts, err error) {
	err = s.read.QueryRowContext(ctx, s.dialect.bind(`SELECT COALESCE(down, 0), COALESCE(warning, 0), COALESCE(unknown, 0),
		COALESCE(paused, 0), COALESCE(up, 0) FROM (SELECT `+countsOfChecks+`)`)).
		Scan(&t.Down, &t.Warning, &t.Unknown, &t.Paused, &t.Up)
	return t, err
}
