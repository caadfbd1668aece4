package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var transactions = map[string]func(*world){
	"what was acknowledged is there":    acknowledged,
	"a failure leaves no trace":         failureLeavesNoTrace,
	"a panic leaves no trace":           panicLeavesNoTrace,
	"others stand beside failures":      othersStand,
	"a cancelled caller writes nothing": cancelled,
	"changes are told once committed":   toldOnceCommitted,
	"each change has its topics":        topicsOfChanges,
	"nothing works after closing":       closed,
}

var errRefused = errors.New("refused by the scenario")

func acknowledged(w *world) {
	h := w.webhook("ops")
	story := w.story()
	d := story.pending(scout.Down, h)
	w.reopen()
	w.equal("the incident", get(w, w.store.Incident, story.in.ID), story.in)
	w.equal("the delivery", get(w, w.store.Delivery, d.ID), d)
	w.ok(w.store.Ping(w.Context()))
}

// traces writes something of every kind, reads it back inside the transaction
// and then ends as it is told.
func traces(w *world, end func() error) error {
	story := w.story()
	return w.store.Update(w.Context(), func(tx *store.Tx) error {
		s, h := scout.Server{Name: "ghost"}, sampleWebhook("ghost")
		if err := errors.Join(tx.SaveServer(&s), tx.SaveWebhook(&h)); err != nil {
			return err
		}
		if _, err := story.write(tx, scout.Down, scout.Pending, []scout.Webhook{h}); err != nil {
			return err
		}
		hooks, err := tx.Webhooks()
		if len(hooks) != 1 {
			w.Errorf("the transaction sees %d webhooks, want its own", len(hooks))
		}
		return errors.Join(err, end())
	})
}

// noTrace fails the scenario if traces left one.
func (w *world) noTrace() {
	w.Helper()
	servers, err := w.store.ListServers(w.Context(), scout.ServerFilter{}, 10)
	w.ok(err)
	incidents, err := w.store.ListIncidents(w.Context(), scout.IncidentFilter{}, 10)
	w.ok(err)
	deliveries, err := w.store.ListDeliveries(w.Context(), scout.DeliveryFilter{}, 10)
	w.ok(err)
	stored, err := w.store.ListWebhooks(w.Context(), 0, 10)
	w.ok(err)
	if n := len(servers) + len(incidents) + len(deliveries) + len(stored); n > 0 {
		w.Errorf("%d rows are left of a transaction that failed", n)
	}
	w.update(func(tx *store.Tx) error {
		hooks, err := tx.Webhooks()
		if len(hooks) > 0 {
			w.Errorf("a later transaction still sees %d webhooks of the one that failed", len(hooks))
		}
		return err
	})
	w.equal("topics told", w.topics.take(), []store.Topic(nil))
}

func failureLeavesNoTrace(w *world) {
	if err := traces(w, func() error { return errRefused }); !errors.Is(err, errRefused) {
		w.Errorf("error = %v, want the function's own", err)
	}
	w.noTrace()
}

func panicLeavesNoTrace(w *world) {
	if err := traces(w, func() error { panic("by the scenario") }); err == nil || !strings.Contains(err.Error(), "by the scenario") {
		w.Errorf("error = %v, want one that says what panicked", err)
	}
	w.noTrace()
}

func othersStand(w *world) {
	const callers = 60
	var all sync.WaitGroup
	errs := make([]error, callers)
	for i := range callers {
		all.Go(func() {
			errs[i] = w.store.Update(w.Context(), func(tx *store.Tx) error {
				if err := tx.SaveServer(&scout.Server{Name: fmt.Sprintf("server-%02d", i)}); err != nil {
					return err
				}
				switch i % 3 {
				case 1:
					return errRefused
				case 2:
					panic("by the scenario")
				}
				return nil
			})
		})
	}
	all.Wait()
	var want []string
	for i, err := range errs {
		if i%3 == 0 {
			want = append(want, fmt.Sprintf("server-%02d", i))
		}
		if failed := err != nil; failed != (i%3 != 0) {
			w.Errorf("caller %d: error = %v", i, err)
		}
	}
	w.reopen()
	list, err := w.store.ListServers(w.Context(), scout.ServerFilter{}, callers)
	w.ok(err)
	got := names(list, func(s scout.Server) string { return s.Name })
	slices.Sort(got)
	w.equal("the servers", got, want)
}

func cancelled(w *world) {
	begun, release := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		first <- w.store.Update(w.Context(), func(*store.Tx) error {
			close(begun)
			<-release
			return nil
		})
	}()
	<-begun // nothing else begins until release
	ctx, cancel := context.WithCancel(w.Context())
	second := make(chan error, 1)
	go func() {
		second <- w.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveServer(&scout.Server{Name: "ghost"}) })
	}()
	cancel()
	close(release)
	w.ok(<-first)
	if err := <-second; !errors.Is(err, context.Canceled) {
		w.Errorf("error = %v, want that the caller cancelled", err)
	}
	w.noTrace()
}

func toldOnceCommitted(w *world) {
	s := scout.Server{Name: "web-1"}
	calls := 0 // told in the store's goroutine, before Update returns
	w.topics.hear(func(store.Topic) {
		calls++
		if _, err := w.store.Server(w.Context(), s.ID); err != nil {
			w.Errorf("told of a change that readers do not see: %v", err)
		}
	})
	w.update(func(tx *store.Tx) error {
		err := tx.SaveServer(&s)
		if calls > 0 {
			w.Error("told inside the transaction")
		}
		return err
	})
	if calls != 1 {
		w.Errorf("told %d times, want once", calls)
	}
}

func topicsOfChanges(w *world) {
	h, s := w.webhook("ops"), w.server("web-1")
	c := w.check(s.ID, "HTTP")
	story := w.story()
	config, history, deliveries := store.TopicConfig, store.TopicHistory, store.TopicDeliveries
	w.topics.take()
	steps := []struct {
		name string
		do   func()
		want []store.Topic
	}{
		{"reading", func() { w.claim(h, 1) }, nil},
		{"a server", func() { w.update(func(tx *store.Tx) error { return tx.SaveServer(&s) }) }, []store.Topic{config}},
		{"a check", func() { w.update(func(tx *store.Tx) error { return tx.SaveCheck(&c) }) }, []store.Topic{config}},
		{"a webhook", func() { w.update(func(tx *store.Tx) error { return tx.SaveWebhook(&h) }) }, []store.Topic{config, deliveries}},
		{"an event", func() { story.enter(scout.Warning, scout.Pending) }, []store.Topic{history}},
		{"a delivery that waits", func() { story.pending(scout.Down, h) }, []store.Topic{deliveries, history}},
		{"a delivery born claimed", func() { w.down(h) }, []store.Topic{history}},
		{"a retry", func() { w.finish(w.retry(w.claim(h, 1)[0], 0)) }, []store.Topic{history}},
		{"a first success", func() { w.finish(w.delivered(w.claim(h, 1)[0])) }, []store.Topic{deliveries, history}},
		{"a pause", func() { w.update(func(tx *store.Tx) error { return tx.PauseWebhook(h.ID) }) }, []store.Topic{config}},
		{"a resume", func() { w.update(func(tx *store.Tx) error { return tx.ResumeWebhook(h.ID) }) }, []store.Topic{config, deliveries}},
		{"a removal", func() { w.update(func(tx *store.Tx) error { return tx.DeleteServer(s.ID) }) }, []store.Topic{config}},
	}
	for _, step := range steps {
		step.do()
		w.equal("what "+step.name+" tells", w.topics.take(), step.want)
	}
}

func closed(w *world) {
	w.ok(w.store.Close())
	ran := false
	err := w.store.Update(w.Context(), func(*store.Tx) error { ran = true; return nil })
	if err == nil || ran {
		w.Errorf("Update after Close: error = %v, run = %t, want an error and nothing run", err, ran)
	}
	if err := w.store.Ping(w.Context()); err == nil {
		w.Error("Ping after Close succeeds")
	}
	if _, err := w.store.States(w.Context()); err == nil {
		w.Error("reading after Close succeeds")
	}
	w.ok(w.store.Close())
}
