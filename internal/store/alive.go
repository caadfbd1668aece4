package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"
)

// The mark of life says until when this or an earlier process ran on the
// ledger. Without it the time a check was "up" would include the time nobody
// looked.
const (
	aliveKey   = "alive"
	aliveEvery = 30 * time.Second
	// shortestGap is how long nothing may have run without it being a gap: a
	// restart is none.
	shortestGap = 5 * time.Second
)

// alive records as a gap the time since the last mark of life if it is longer
// than a limit, and sets the mark.
func (tx *Tx) alive(limit time.Duration) error {
	now := stored(tx.s.now())
	last, err := tx.number(aliveKey)
	if err != nil {
		return err
	}
	if last != 0 && now-last > micros(limit) {
		if _, err := tx.exec("INSERT INTO gaps (began, ended) VALUES (?, ?)", last, now); err != nil {
			return err
		}
	}
	return tx.setNumber(aliveKey, now)
}

// beat sets the mark of life. When the process itself stood still, as in a
// suspended machine, that was a gap.
func (s *Store) beat(ctx context.Context) error {
	// The wall clock, because the monotonic one stands still with the machine.
	now := stored(s.now())
	limit := 2 * aliveEvery
	if before := s.beaten.Swap(now); before == 0 || now-before <= micros(limit) {
		limit = forever // it ran all the time; the mark may not have been written
	}
	return s.Update(ctx, func(tx *Tx) error { return tx.alive(limit) })
}

// lastBeat sets the mark of life at the end.
func (s *Store) lastBeat() error {
	return s.Update(context.Background(), func(tx *Tx) error { return tx.alive(forever) })
}

// forever is longer than any time that is measured here.
const forever = time.Duration(1<<63 - 1)

// number reads a number that the ledger keeps under a name, 0 if it has none.
func (tx *Tx) number(key string) (int64, error) {
	var text string
	err := tx.row("SELECT value FROM meta WHERE key = ?", key).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

// setNumber keeps a number under a name.
func (tx *Tx) setNumber(key string, n int64) error {
	_, err := tx.exec("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
		key, strconv.FormatInt(n, 10))
	return err
}
