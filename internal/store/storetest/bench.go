package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// callers are how many callers the benchmarks have at a time.
var callers = []int{1, 16, 256}

// BenchmarkTransition measures how many state changes a second a database
// takes: each an incident, its event and one delivery that is born claimed,
// on disk when it counts.
func BenchmarkTransition(b *testing.B, h Harness) {
	for _, n := range callers {
		b.Run(fmt.Sprintf("callers=%d", n), func(b *testing.B) {
			w := newWorld(b, h)
			hooks := []scout.Webhook{w.webhook("ops")}
			b.ResetTimer()
			w.share(b, n, func(int) error {
				story := w.story()
				return w.store.Update(w.Context(), func(tx *store.Tx) error {
					_, err := story.write(tx, scout.Down, scout.Sending, hooks)
					return err
				})
			})
		})
	}
}

// BenchmarkFinish measures how many attempts a second are recorded with what
// became of their deliveries.
func BenchmarkFinish(b *testing.B, h Harness) {
	for _, n := range callers {
		b.Run(fmt.Sprintf("callers=%d", n), func(b *testing.B) {
			w := newWorld(b, h)
			hook := w.webhook("ops")
			done := make([]scout.Completion, b.N)
			w.update(func(tx *store.Tx) error {
				for i := range done {
					made, err := w.story().write(tx, scout.Down, scout.Sending, []scout.Webhook{hook})
					if err != nil {
						return err
					}
					done[i] = w.delivered(scout.Job{Delivery: made[0], Webhook: hook, ClaimedAt: w.clock.Now()})
				}
				return nil
			})
			b.ResetTimer()
			w.share(b, n, func(i int) error {
				_, err := w.store.Finish(w.Context(), done[i])
				return err
			})
		})
	}
}

// share has callers do b.N things, each with its number, and reports how many
// were done a second.
func (w *world) share(b *testing.B, callers int, do func(i int) error) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}
