package manage

import (
	"context"
	"slices"

	"serverscout/internal/scout"
)

// MostAgain is how many deliveries one command sends again at most, so that it
// ends while somebody waits for it.
const MostAgain = 1000

// againPage is how many of them share a transaction. Alerts wait for no more
// than that.
const againPage = 100

// DeliveryLister lists deliveries, newest first, at most limit.
type DeliveryLister interface {
	ListDeliveries(ctx context.Context, f scout.DeliveryFilter, limit int) ([]scout.Delivery, error)
}

// SentAgain is what became of sending many deliveries again.
type SentAgain struct {
	Sent int            // how many are due now
	Left []NotSentAgain // the others, oldest first
	More bool           // there are further ones that the limit left out: the older ones
}

// NotSentAgain is a failed delivery that was not sent again.
type NotSentAgain struct {
	Delivery scout.Delivery
	Why      string // one sentence
}

// FailedDeliveries lists the deliveries that SendAgainAll would send again,
// newest first, at most limit, and reports whether there are more. The filter's
// status and test are not asked: tests are never sent again.
func (m *Manager) FailedDeliveries(ctx context.Context, f scout.DeliveryFilter, limit int) (list []scout.Delivery, more bool, err error) {
	f.Status, f.Statuses, f.Test = scout.DeliveryFailed, nil, scout.Without
	list, err = m.ledger.ListDeliveries(ctx, f, limit+1)
	if len(list) > limit {
		list, more = list[:limit], true
	}
	return list, more, err
}

// SendAgainAll makes the failed deliveries that a filter lets through due now,
// the latest of them, at most limit. It goes from the oldest to the newest, in
// several transactions: where one fails, what came before it stays done, the
// rest is left, and the error comes with the result.
func (m *Manager) SendAgainAll(ctx context.Context, f scout.DeliveryFilter, limit int) (SentAgain, error) {
	list, more, err := m.FailedDeliveries(ctx, f, limit)
	done := SentAgain{More: more}
	if err != nil {
		return done, err
	}
	slices.Reverse(list)
	for len(list) > 0 {
		page := list[:min(againPage, len(list))]
		refused, err := m.sendAgain(ctx, page)
		if err != nil {
			for _, d := range list {
				done.Left = append(done.Left, NotSentAgain{d, "it could not be written down: try again"})
			}
			return done, err
		}
		done.Sent += len(page) - len(refused)
		done.Left = append(done.Left, refused...)
		list = list[len(page):]
	}
	return done, nil
}

// sendAgain makes deliveries due now, in one transaction, and returns those
// that cannot be.
func (m *Manager) sendAgain(ctx context.Context, page []scout.Delivery) (refused []NotSentAgain, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		refused = nil
		for _, d := range page {
			err := tx.SendAgain(d.ID)
			switch {
			case scout.HasCode(err, scout.Conflict), scout.HasCode(err, scout.NotFound):
				refused = append(refused, NotSentAgain{d, err.Error()})
			case err != nil:
				return err
			}
		}
		return nil
	})
	return refused, err
}
