package app

import (
	"sync"
	"sync/atomic"

	"serverscout/internal/store"
)

// hub passes the store's hints on: to the engine, once it is there, and to
// whoever has subscribed. It never waits.
type hub struct {
	ears atomic.Pointer[ears]

	mu          sync.Mutex
	subscribers map[*subscriber]bool
}

type ears struct{ deliveries, config func() }

type subscriber struct{ history, configuration chan struct{} }

func (h *hub) listen(deliveries, config func()) { h.ears.Store(&ears{deliveries, config}) }

// Subscribe implements api.Changes.
func (h *hub) Subscribe() (history, configuration <-chan struct{}, cancel func()) {
	s := &subscriber{make(chan struct{}, 1), make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subscribers == nil {
		h.subscribers = map[*subscriber]bool{}
	}
	h.subscribers[s] = true
	return s.history, s.configuration, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subscribers, s)
	}
}

func (h *hub) tell(t store.Topic) {
	h.mu.Lock()
	for s := range h.subscribers {
		if t == store.TopicConfig {
			hint(s.configuration)
		} else {
			hint(s.history)
		}
	}
	h.mu.Unlock()
	to := h.ears.Load()
	if to == nil {
		return
	}
	switch t {
	case store.TopicDeliveries:
		to.deliveries()
	case store.TopicConfig:
		to.config()
		to.deliveries()
	}
}

// hint leaves a value in a channel that has room for one.
func hint(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
