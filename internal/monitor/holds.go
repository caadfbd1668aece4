package monitor

import (
	"context"
	"time"

	"serverscout/internal/scout"
)

// HoldLedger is what monitor needs of the store to notice that holds are over.
type HoldLedger interface {
	// NextHoldEnd is when the next hold is over: a time long past if what one
	// held back is still to be told, the zero time if there is none.
	NextHoldEnd(ctx context.Context) (time.Time, error)
}

// HoldTx is the part of a transaction that is about holds.
type HoldTx interface {
	// Holds lists those that have not ended.
	Holds() ([]scout.Hold, error)
	// EndHolds ends those that are over, and returns all, ended or changed, of
	// which what they held back is still to be told.
	EndHolds(now time.Time) ([]scout.Hold, error)
	// HoldsCaughtUp records that it was, of those that were not changed since.
	HoldsCaughtUp(holds []scout.Hold) error
}

// endHolds ends the holds that are over by now and tells what they held back,
// and sets a timer for the next one. The timer is a hint: every Sync looks.
func (m *Monitor) endHolds(ctx context.Context) error {
	now := m.options.Now()
	next, err := m.ledger.NextHoldEnd(ctx)
	if err == nil && !next.IsZero() && !next.After(now) {
		if err = m.catchUpHolds(ctx, now); err == nil {
			next, err = m.ledger.NextHoldEnd(ctx)
		}
	}
	if m.holdEnd != nil {
		m.holdEnd.Stop()
		m.holdEnd = nil
	}
	if err == nil && next.After(now) {
		m.holdEnd = time.AfterFunc(next.Sub(now), m.Nudge)
	}
	return err
}

// catchUpHolds ends holds and then tells those not yet told of each incident
// still open where it is by now. First the end is on record: an event decided
// after that is held back no more, and one decided before is seen here. All
// incidents are looked at, not only those that the holds cover by now: names,
// tags and the holds themselves may have changed. It may be repeated: nobody is
// told twice.
func (m *Monitor) catchUpHolds(ctx context.Context, now time.Time) error {
	var over []scout.Hold
	err := m.transact(ctx, func(tx Tx, _ *outbox) (err error) {
		over, err = tx.EndHolds(now)
		return err
	})
	if err != nil {
		return err
	}
	if err := m.tellPresents(ctx, decision.tellsAnybody); err != nil {
		return err
	}
	return m.transact(ctx, func(tx Tx, _ *outbox) error { return tx.HoldsCaughtUp(over) })
}
