package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"serverscout/internal/scout"
)

const holdColumns = "id, kind, match, author, comment, from_at, until_at, ended_at, revision, created_at"

func scanHold(row scanner) (h scout.Hold, err error) {
	var match string
	var from, until, ended, created int64
	if err = row.Scan(&h.ID, &h.Kind, &match, &h.Author, &h.Comment, &from, &until, &ended, &h.Revision, &created); err != nil {
		return h, err
	}
	h.From, h.Until, h.EndedAt, h.CreatedAt = instant(from), instant(until), instant(ended), instant(created)
	return h, json.Unmarshal([]byte(match), &h.Match)
}

// Now is the time by the ledger's clock.
func (tx *Tx) Now() time.Time { return tx.s.now() }

// SaveHold writes a hold: a new one when ID is 0, whose id it sets. Whatever a
// change was, it may let something go that was held back, so the hold is marked
// to be caught up with (see EndHolds).
func (tx *Tx) SaveHold(h *scout.Hold) error {
	match, err := encode(h.Match)
	if err != nil {
		return err
	}
	if h.ID == 0 {
		h.CreatedAt, h.Revision = tx.s.now(), 1
		h.ID, err = tx.insert(`INSERT INTO holds (kind, match, author, comment, from_at, until_at, created_at)
			VALUES (`+placeholders(7)+`)`,
			h.Kind, match, h.Author, h.Comment, stored(h.From), stored(h.Until), stored(h.CreatedAt))
	} else {
		h.Revision, err = tx.revise(`UPDATE holds SET kind = ?, match = ?, author = ?, comment = ?, from_at = ?, until_at = ?,
			ended_at = ?, catch_up = 1`, h.ID,
			h.Kind, match, h.Author, h.Comment, stored(h.From), stored(h.Until), stored(h.EndedAt))
	}
	tx.s.holds.drop()
	tx.notify(TopicConfig)
	return err
}

// DeleteHold forgets a hold. What it held back is told all the same.
func (tx *Tx) DeleteHold(id int64) error {
	_, err := tx.exec("UPDATE holds SET removed = 1, catch_up = 1 WHERE id = ?", id)
	tx.s.holds.drop()
	tx.notify(TopicConfig)
	return err
}

// Holds lists the holds that have not ended, as they are in this transaction.
// The caller must not change what it gets.
func (tx *Tx) Holds() (_ []scout.Hold, err error) {
	if tx.s.holds.list == nil {
		tx.s.holds.list, err = collect(scanHold)(tx.query(
			"SELECT " + holdColumns + " FROM holds WHERE ended_at = 0 AND removed = 0 ORDER BY until_at"))
	}
	return tx.s.holds.list, err
}

// holdCache spares every transition from reading the holds, as webhookCache
// does with the webhooks.
type holdCache struct{ list []scout.Hold }

func (c *holdCache) drop() { *c = holdCache{} }

// EndHolds ends the holds that are over at a time, and returns all, ended or
// changed, of which what they held back is still to be told.
func (tx *Tx) EndHolds(now time.Time) ([]scout.Hold, error) {
	_, err := tx.exec("UPDATE holds SET ended_at = until_at, catch_up = 1 WHERE ended_at = 0 AND until_at <= ?", stored(now))
	if err != nil {
		return nil, err
	}
	tx.s.holds.drop()
	return collect(scanHold)(tx.query("SELECT " + holdColumns + " FROM holds WHERE catch_up = 1"))
}

// HoldsCaughtUp records that what holds held back was told. Those that were
// changed since EndHolds returned them keep their mark.
func (tx *Tx) HoldsCaughtUp(holds []scout.Hold) error {
	for _, h := range holds {
		_, err := tx.exec("UPDATE holds SET catch_up = 0 WHERE id = ? AND revision = ?", h.ID, h.Revision)
		if err != nil {
			return err
		}
	}
	_, err := tx.exec("DELETE FROM holds WHERE removed = 1 AND catch_up = 0")
	tx.notify(TopicConfig)
	return err
}

// NextHoldEnd returns when the next hold is over: a time long past if what one
// held back is still to be told, the zero time if there is none.
func (s *Store) NextHoldEnd(ctx context.Context) (time.Time, error) {
	var next sql.NullInt64
	err := s.read.QueryRowContext(ctx, `SELECT MIN(at) FROM (
		SELECT MIN(until_at) AS at FROM holds WHERE ended_at = 0
		UNION ALL SELECT 1 FROM holds WHERE catch_up = 1)`).Scan(&next)
	return instant(next.Int64), err
}

// HoldsOf lists the holds that are in force at a time, the one that ends first
// first.
func (s *Store) HoldsOf(ctx context.Context, now time.Time) ([]scout.Hold, error) {
	return collect(scanHold)(s.read.QueryContext(ctx, s.dialect.bind("SELECT "+holdColumns+` FROM holds
		WHERE ended_at = 0 AND removed = 0 AND from_at <= ? AND until_at > ? ORDER BY until_at, id`), stored(now), stored(now)))
}

// ListHolds lists holds, newest first, at most limit.
func (s *Store) ListHolds(ctx context.Context, f scout.HoldFilter, limit int) ([]scout.Hold, error) {
	var w where
	now := stored(s.now())
	w.add("removed = 0")
	if f.Before != 0 {
		w.add("id < ?", f.Before)
	}
	if f.Kind != "" {
		w.add("kind = ?", f.Kind)
	}
	switch f.State {
	case scout.HoldPlanned:
		w.add("ended_at = 0 AND until_at > ? AND from_at > ?", now, now)
	case scout.HoldActive:
		w.add("ended_at = 0 AND until_at > ? AND from_at <= ?", now, now)
	case scout.HoldEnded:
		w.add("(ended_at <> 0 OR until_at <= ?)", now)
	}
	end, args := w.list("id DESC", limit)
	return collect(scanHold)(s.read.QueryContext(ctx, s.dialect.bind("SELECT "+holdColumns+" FROM holds"+end), args...))
}

const oneHold = "SELECT " + holdColumns + " FROM holds WHERE id = ? AND removed = 0"

// Hold returns one hold, or NotFound.
func (s *Store) Hold(ctx context.Context, id int64) (scout.Hold, error) {
	h, err := scanHold(s.read.QueryRowContext(ctx, s.dialect.bind(oneHold), id))
	return h, missing(err, "hold", id)
}

// Hold returns one hold, or NotFound.
func (tx *Tx) Hold(id int64) (scout.Hold, error) {
	h, err := scanHold(tx.row(oneHold, id))
	return h, missing(err, "hold", id)
}
