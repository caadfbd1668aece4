package store

import "context"

// Waiting counts the deliveries that wait to be sent, by webhook. A webhook for
// which nothing waits is not in it.
func (s *Store) Waiting(ctx context.Context) (map[int64]int, error) {
	type count struct {
		webhook int64
		waiting int
	}
	list, err := collect(func(row scanner) (c count, err error) {
		return c, row.Scan(&c.webhook, &c.waiting)
	})(s.read.QueryContext(ctx, `SELECT webhook_id, COUNT(*) FROM deliveries
		WHERE status = 'pending' AND status <> 'delivered' GROUP BY webhook_id`))
	waiting := make(map[int64]int, len(list))
	for _, c := range list {
		waiting[c.webhook] = c.waiting
	}
	return waiting, err
}
