package manage

import (
	"context"
	"fmt"
	"time"

	"serverscout/internal/scout"
)

// HoldTx keeps holds. Saving one without ID makes it.
type HoldTx interface {
	// Now is the time by which holds begin and end.
	Now() time.Time
	Hold(id int64) (scout.Hold, error)
	SaveHold(h *scout.Hold) error
	DeleteHold(id int64) error
}

// CreateHold makes a hold from its keys. The author is who asks for it.
func (m *Manager) CreateHold(ctx context.Context, author string, in map[string]any) (h scout.Hold, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		if h, err = ParseHold(in, tx.Now()); err != nil {
			return err
		}
		h.Author = author
		return tx.SaveHold(&h)
	})
	return h, err
}

// ChangeHold applies a merge patch to a hold that is of revision match and has
// not ended. What it covers no longer is told.
func (m *Manager) ChangeHold(ctx context.Context, id, match int64, patch map[string]any) (h scout.Hold, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		old, err := holdOf(tx, id, match)
		if err != nil {
			return err
		}
		if old.State(tx.Now()) == scout.HoldEnded {
			return scout.Errorf(scout.Conflict, "hold %d has ended: make a new one", id)
		}
		if h, err = changeHold(old, patch, tx.Now()); err != nil {
			return err
		}
		return tx.SaveHold(&h)
	})
	return h, err
}

// EndHold ends a hold now, also one that has not begun. What it held back is
// told. One that has ended stays as it is.
func (m *Manager) EndHold(ctx context.Context, id int64) (h scout.Hold, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		if h, err = tx.Hold(id); err != nil || h.State(tx.Now()) == scout.HoldEnded {
			return err
		}
		h.EndedAt = tx.Now()
		return tx.SaveHold(&h)
	})
	return h, err
}

// DeleteHold forgets a hold that is of revision match and has ended.
func (m *Manager) DeleteHold(ctx context.Context, id, match int64) error {
	return m.ledger.Update(ctx, func(tx Tx) error {
		h, err := holdOf(tx, id, match)
		if err != nil {
			return err
		}
		if h.State(tx.Now()) != scout.HoldEnded {
			return scout.Errorf(scout.Conflict, "hold %d has not ended: end it first", id)
		}
		return tx.DeleteHold(id)
	})
}

// holdOf returns a hold that is of revision match.
func holdOf(tx Tx, id, match int64) (scout.Hold, error) {
	h, err := tx.Hold(id)
	if err != nil {
		return h, err
	}
	return h, unchanged("hold", fmt.Sprint(id), h.Revision, match)
}
