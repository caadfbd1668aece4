package storetest

import "serverscout/internal/scout"

func waiting(w *world) {
	ops, dev, idle := w.webhook("ops"), w.webhook("dev"), w.webhook("idle")
	count := func() map[int64]int {
		counts, err := w.store.Waiting(w.Context())
		w.ok(err)
		return counts
	}
	w.equal("what waits at first", count(), map[int64]int{})
	w.story().pending(scout.Down, ops)
	w.story().pending(scout.Down, ops)
	w.story().pending(scout.Down, dev)
	w.down(idle) // being sent, and so not waiting
	w.finish(w.delivered(w.down(dev)))
	w.equal("what waits", count(), map[int64]int{ops.ID: 2, dev.ID: 1})
}
