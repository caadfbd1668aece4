package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"serverscout/internal/scout"
)

// The levels that a check's history is made of: scout's own, and one beside
// them.
const (
	levelUnknown = int(scout.Unknown)
	levelUp      = int(scout.Up)
	levelWarning = int(scout.Warning)
	levelDown    = int(scout.Down)
	levelPaused  = int(scout.Down) + 1
)

// clockSlip is how far back a clock may be set for what it says then to
// replace what it said before.
const clockSlip = 24 * time.Hour

// noteLevel records that a check is at a level from a time on; the zero time
// is now. A level that is no change is not recorded again.
//
// The call that comes later knows better: what is recorded at that time or
// after it is replaced. That happens when a change is confirmed late, and when
// the clock was set back. What lies more than a day after it stays, since a
// clock that far off is the one that is wrong, and must not erase a history.
func (tx *Tx) noteLevel(checkID int64, at time.Time, level int) error {
	if at.IsZero() {
		at = tx.s.now()
	}
	us, last, before := stored(at), int64(0), levelUnknown
	err := tx.row("SELECT at, level FROM levels WHERE check_id = ? ORDER BY at DESC LIMIT 1", checkID).Scan(&last, &before)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err == nil && last >= us {
		if before, err = tx.rewind(checkID, us); err != nil {
			return err
		}
	}
	if before == level {
		return nil
	}
	_, err = tx.exec("INSERT INTO levels (check_id, at, level) VALUES (?, ?, ?)", checkID, us, level)
	return err
}

// rewind removes what a check's history says of a time and the day after it,
// and returns the level before that.
func (tx *Tx) rewind(checkID, us int64) (before int, err error) {
	_, err = tx.exec("DELETE FROM levels WHERE check_id = ? AND at >= ? AND at < ?", checkID, us, us+micros(clockSlip))
	if err != nil {
		return levelUnknown, err
	}
	err = tx.row("SELECT level FROM levels WHERE check_id = ? AND at < ? ORDER BY at DESC LIMIT 1", checkID, us).Scan(&before)
	if errors.Is(err, sql.ErrNoRows) {
		return levelUnknown, nil
	}
	return before, err
}

// Availability sums up how each of some checks spent the time in [from, to).
// Time before a check existed and time to come are left out. A check that does
// not exist has no entry. At most about 30,000 checks can be asked for.
func (s *Store) Availability(ctx context.Context, checkIDs []int64, from, to time.Time) (map[int64]scout.Availability, error) {
	gaps, err := s.gaps(ctx, from, to)
	if err != nil {
		return nil, err
	}
	// Of each check: the change that was in force at the beginning, and what
	// followed it.
	args := []any{stored(to), stored(from)}
	for _, id := range checkIDs {
		args = append(args, id)
	}
	rows, err := s.read.QueryContext(ctx, s.dialect.bind(`SELECT c.id, c.created_at, COALESCE(l.at, 0), COALESCE(l.level, 0)
		FROM checks c LEFT JOIN levels l ON l.check_id = c.id AND l.at < ?
			AND l.at >= COALESCE((SELECT MAX(p.at) FROM levels p WHERE p.check_id = c.id AND p.at <= ?), 0)
		WHERE c.id IN (`+placeholders(len(checkIDs))+`) ORDER BY c.id, l.at`), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	end := min(stored(to), stored(s.now()))
	all := make(map[int64]scout.Availability, len(checkIDs))
	var present tally
	for rows.Next() {
		var id, created, at int64
		var level int
		if err := rows.Scan(&id, &created, &at, &level); err != nil {
			return nil, err
		}
		if id != present.check {
			present.finish(end, all)
			present = tally{check: id, at: max(stored(from), created), gaps: gaps}
		}
		present.enter(level, min(at, end))
	}
	present.finish(end, all)
	return all, explain(rows.Err(), s.read.dir)
}

// span is a stretch of time, in microseconds since 1970.
type span struct{ began, ended int64 }

// gaps lists the stretches in which nothing ran that reach into [from, to),
// in their order and without overlaps.
func (s *Store) gaps(ctx context.Context, from, to time.Time) ([]span, error) {
	list, err := collect(func(row scanner) (g span, err error) { return g, row.Scan(&g.began, &g.ended) })(
		s.read.QueryContext(ctx, s.dialect.bind("SELECT began, ended FROM gaps WHERE ended > ? AND began < ? ORDER BY began"),
			stored(from), stored(to)))
	if err != nil {
		return nil, err
	}
	merged := list[:0]
	for _, g := range list {
		if n := len(merged); n > 0 && g.began <= merged[n-1].ended {
			merged[n-1].ended = max(merged[n-1].ended, g.ended)
		} else {
			merged = append(merged, g)
		}
	}
	return merged, nil
}

// tally adds up one check's time while its changes come by in their order.
type tally struct {
	check int64
	level int
	at    int64 // up to here the time is added up
	gaps  []span
	sum   scout.Availability
}

// enter adds the time up to a change, and goes on at the level entered.
func (t *tally) enter(level int, at int64) {
	if at > t.at {
		t.add(span{t.at, at})
		t.at = at
	}
	t.level = level
}

// finish adds the time up to the end and files the sum.
func (t *tally) finish(end int64, into map[int64]scout.Availability) {
	if t.check == 0 { // before the first check
		return
	}
	t.enter(t.level, end)
	into[t.check] = t.sum
}

// add counts a stretch at the present level, but as unknown where nothing ran.
// A pause is one whether anything ran or not.
func (t *tally) add(s span) {
	length := duration(s.ended - s.began)
	switch t.level {
	case levelPaused:
		t.sum.Paused += length
		return
	case levelUnknown:
		t.sum.Unknown += length
		return
	}
	away := t.away(s)
	t.sum.Unknown += away
	switch t.level {
	case levelUp:
		t.sum.Up += length - away
	case levelWarning:
		t.sum.Warning += length - away
	case levelDown:
		t.sum.Down += length - away
	}
}

// away is how much of a stretch lies in gaps.
func (t *tally) away(s span) time.Duration {
	// Stretches come in their order: what ended before this one is done with.
	first := slices.IndexFunc(t.gaps, func(g span) bool { return g.ended > s.began })
	if first < 0 {
		t.gaps = nil
		return 0
	}
	t.gaps = t.gaps[first:]
	us := int64(0)
	for _, g := range t.gaps {
		if g.began >= s.ended {
			break
		}
		us += min(g.ended, s.ended) - max(g.began, s.began)
	}
	return duration(us)
}
