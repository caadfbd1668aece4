package storetest

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// world is what one scenario has to itself: a database, the store that is open
// on it, and the time.
type world struct {
	testing.TB
	store  *store.Store
	clock  *clock
	topics *topics

	harness Harness
	options Options
}

func newWorld(t testing.TB, h Harness) *world {
	w := &world{TB: t, clock: newClock(), topics: &topics{}, harness: h}
	w.options = Options{Data: h.New(t), Now: w.clock.Now, Changed: w.topics.add}
	w.open()
	return w
}

func (w *world) open() {
	w.Helper()
	s, err := w.harness.Open(w.options)
	if err != nil {
		w.Fatalf("opening the store: %v", err)
	}
	w.store = s
	w.Cleanup(func() {
		if err := s.Close(); err != nil {
			w.Errorf("closing the store: %v", err)
		}
	})
}

// reopen ends the process and begins another on the same data.
func (w *world) reopen() {
	w.Helper()
	w.ok(w.store.Close())
	w.open()
}

// clock is a wall clock that stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)}
}

// Now returns the time, in UTC and whole microseconds as a store keeps it.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// move turns the clock forward, or back when d is negative.
func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// topics collects what a store tells of its changes.
type topics struct {
	mu   sync.Mutex
	told []store.Topic
	also func(store.Topic)
}

func (t *topics) add(topic store.Topic) {
	t.mu.Lock()
	t.told = append(t.told, topic)
	also := t.also
	t.mu.Unlock()
	if also != nil {
		also(topic)
	}
}

// hear also calls f at every change from now on.
func (t *topics) hear(f func(store.Topic)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.also = f
}

// take returns the topics told since the last call, sorted, each once.
func (t *topics) take() []store.Topic {
	t.mu.Lock()
	defer t.mu.Unlock()
	told := t.told
	t.told = nil
	slices.Sort(told)
	return slices.Compact(told)
}

// ok ends the scenario if err is not nil.
func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// code fails the scenario unless err has a code.
func (w *world) code(err error, want scout.Code) {
	w.Helper()
	if err == nil || scout.CodeOf(err) != want {
		w.Errorf("error = %v, want one with the code %s", err, want)
	}
}

// equal fails the scenario where got differs from want. Secrets are compared
// and not shown.
func (w *world) equal(what string, got, want any) {
	w.Helper()
	secret := cmp.Comparer(func(a, b scout.Secret) bool { return a == b })
	if diff := cmp.Diff(want, got, secret); diff != "" {
		w.Errorf("%s differs (- wanted, + got):\n%s", what, diff)
	}
}

// allSet fails the scenario if a field of a sample is zero: its round trip
// would not show whether that field is kept.
func (w *world) allSet(sample any) {
	w.Helper()
	v := reflect.ValueOf(sample)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			w.Errorf("the sample %s has no %s", v.Type(), v.Type().Field(i).Name)
		}
	}
}

// update runs fn in a transaction that must succeed. fn runs in the store's
// goroutine: it may fail the scenario with Errorf or by its error, not Fatal.
func (w *world) update(fn func(tx *store.Tx) error) {
	w.Helper()
	w.ok(w.store.Update(w.Context(), fn))
}

// get reads one thing that must be there.
func get[K, V any](w *world, read func(context.Context, K) (V, error), key K) V {
	w.Helper()
	v, err := read(w.Context(), key)
	w.ok(err)
	return v
}
