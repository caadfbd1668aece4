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

// subscriber is told of some topics, each on one of its channels.
type subscriber map[store.Topic]chan struct{}

func (h *hub) listen(deliveries, config func()) { h.ears.Store(&ears{deliveries, config}) }

// Subscribe implements api.Changes.
func (h *hub) Subscribe() (history, configuration <-chan struct{}, cancel func()) {
	past, present := make(chan struct{}, 1), make(chan struct{}, 1)
	return past, present, h.add(subscriber{store.TopicHistory: past, store.TopicDeliveries: past, store.TopicConfig: present})
}

// Watch implements web.Changes.
func (h *hub) Watch() (changed, observed <-chan struct{}, cancel func()) {
	any, results := make(chan struct{}, 1), make(chan struct{}, 1)
	return any, results, h.add(subscriber{
		store.TopicHistory: any, store.TopicDeliveries: any, store.TopicConfig: any, store.TopicResults: results,
	})
}

func (h *hub) add(s subscriber) (cancel func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subscribers == nil {
		h.subscribers = map[*subscriber]bool{}
	}
	h.subscribers[&s] = true
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subscribers, &s)
	}
}

func (h *hub) tell(t store.Topic) {
	h.mu.Lock()
	for s := range h.subscribers {
		if c := (*s)[t]; c != nil {
			hint(c)
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
