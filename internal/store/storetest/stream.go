package storetest

import (
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var streams = map[string]func(*world){
	"what comes after a place":       historyAfter,
	"what is missing between places": historyBetween,
}

func historyAfter(w *world) {
	empty, err := w.store.LastPlace(w.Context())
	w.ok(err)
	w.equal("the place in an empty history", empty, scout.Place{})
	hook := w.webhook("ops")
	for range 3 {
		w.finish(w.delivered(w.down(hook)))
	}
	events, err := w.store.EventsAfter(w.Context(), 1, 1)
	w.ok(err)
	w.equal("the event after the first", events, []scout.Event{get(w, w.store.Event, 2)})
	attempts, err := w.store.AttemptsAfter(w.Context(), 1, 10)
	w.ok(err)
	if len(attempts) != 2 || attempts[0].Attempt.ID != 2 || attempts[1].Attempt.ID != 3 {
		w.Errorf("the attempts after the first are %v", attempts)
	}
	w.equal("the delivery of an attempt", attempts[0].Delivery, get(w, w.store.Delivery, 2))
	last, err := w.store.LastPlace(w.Context())
	w.ok(err)
	w.equal("the last place", last, scout.Place{Event: 3, Attempt: 3})
}

func historyBetween(w *world) {
	hook := w.webhook("ops")
	var first *story
	for range 3 {
		s := w.story()
		w.finish(w.delivered(s.claimed(scout.Down, hook)))
		if first == nil {
			first = s
		}
	}
	w.finish(w.delivered(first.claimed(scout.Up, hook)))
	count := func(what string, after, upTo, want scout.Place) {
		got, err := w.store.CountBetween(w.Context(), after, upTo)
		w.ok(err)
		w.equal(what, got, want)
	}
	end := scout.Place{Event: 4, Attempt: 4}
	count("all", scout.Place{}, end, end)
	count("a part", scout.Place{Event: 1, Attempt: 2}, scout.Place{Event: 3, Attempt: 3}, scout.Place{Event: 2, Attempt: 1})
	w.update(func(tx *store.Tx) error { return tx.DeleteIncident(first.in.ID) })
	count("what is left", scout.Place{}, end, scout.Place{Event: 2, Attempt: 2})
}
