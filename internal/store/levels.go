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
	all := make(map[int64]scout.Availability, len(checkIDs))
	err := s.walk(ctx, checkIDs, from, to, func(checkID int64, level int, part span) {
		sum := all[checkID]
		sum.Add(part.stretch(level))
		all[checkID] = sum
	})
	return all, err
}

// Stretches lists how each of some checks spent the time in [from, to), without
// holes and oldest first. Time before a check existed and time to come are left
// out. At most about 30,000 checks can be asked for.
func (s *Store) Stretches(ctx context.Context, checkIDs []int64, from, to time.Time) (map[int64][]scout.Stretch, error) {
	all := make(map[int64][]scout.Stretch, len(checkIDs))
	err := s.walk(ctx, checkIDs, from, to, func(checkID int64, level int, part span) {
		if part.began < part.ended {
			all[checkID] = append(all[checkID], part.stretch(level))
		}
	})
	return all, err
}

// levelChanges begins a query of the changes of some checks: of each the one
// that was in force at the beginning, and what followed it. It is followed by
// placeholders for the checks and by levelOrder.
const (
	levelChanges = `SELECT c.id, c.created_at, COALESCE(l.at, 0), COALESCE(l.level, 0)
		FROM checks c LEFT JOIN levels l ON l.check_id = c.id AND l.at < ?
			AND l.at >= COALESCE((SELECT MAX(p.at) FROM levels p WHERE p.check_id = c.id AND p.at <= ?), 0)
		WHERE c.id IN (`
	levelOrder = `) ORDER BY c.id, l.at`
)

// walk calls visit with how each of some checks spent [from, to): part by part,
// in the order of checks and time, and at least once for each check there is.
func (s *Store) walk(ctx context.Context, checkIDs []int64, from, to time.Time, visit func(checkID int64, level int, part span)) error {
	gaps, err := s.gaps(ctx, from, to)
	if err != nil {
		return err
	}
	args := append([]any{stored(to), stored(from)}, values(checkIDs)...)
	rows, err := s.read.QueryContext(ctx, s.dialect.bind(levelChanges+placeholders(len(checkIDs))+levelOrder), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	end := min(stored(to), stored(s.now()))
	present := course{visit: visit}
	for rows.Next() {
		var id, created, at int64
		var level int
		if err := rows.Scan(&id, &created, &at, &level); err != nil {
			return err
		}
		if id != present.check {
			present.finish(end)
			present = course{check: id, at: max(stored(from), created), gaps: gaps, visit: visit}
		}
		present.enter(level, min(at, end))
	}
	present.finish(end)
	return explain(rows.Err(), s.read.dir)
}

// span is a stretch of time, in microseconds since 1970.
type span struct{ began, ended int64 }

// stretch is how a check that is at a level spends that time.
func (s span) stretch(level int) scout.Stretch {
	v := scout.Stretch{From: instant(s.began), To: instant(s.ended)}
	if v.Paused = level == levelPaused; !v.Paused {
		v.Level = scout.Level(level)
	}
	return v
}

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

// course is how far one check's time has been gone through, while its changes
// come by in their order.
type course struct {
	check int64
	level int
	at    int64 // up to here its time has been visited
	gaps  []span
	visit func(checkID int64, level int, part span)
}

// enter goes on to a change, and from there at the level entered.
func (c *course) enter(level int, at int64) {
	if at > c.at {
		c.pass(span{c.at, at})
		c.at = at
	}
	c.level = level
}

// finish goes on to the end.
func (c *course) finish(end int64) {
	if c.check == 0 { // before the first check
		return
	}
	c.enter(c.level, end)
	c.visit(c.check, levelUnknown, span{c.at, c.at})
}

// pass visits a stretch at the present level, but as unknown where nothing ran.
// A pause is one whether anything ran or not.
func (c *course) pass(s span) {
	if c.level == levelPaused || c.level == levelUnknown {
		c.visit(c.check, c.level, s)
		return
	}
	// Stretches come in their order: what ended before this one is done with.
	c.gaps = c.gaps[endedBy(c.gaps, s.began):]
	for _, g := range c.gaps {
		if g.began >= s.ended {
			break
		}
		if g.began > s.began {
			c.visit(c.check, c.level, span{s.began, g.began})
		}
		away := span{max(g.began, s.began), min(g.ended, s.ended)}
		c.visit(c.check, levelUnknown, away)
		s.began = away.ended
	}
	if s.began < s.ended {
		c.visit(c.check, c.level, s)
	}
}

// endedBy is how many gaps, at the beginning of the list, have ended by a time.
func endedBy(gaps []span, at int64) int {
	if i := slices.IndexFunc(gaps, func(g span) bool { return g.ended > at }); i >= 0 {
		return i
	}
	return len(gaps)
}
