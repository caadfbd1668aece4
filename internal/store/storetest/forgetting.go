package storetest

import (
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var forgetting = map[string]func(*world){
	"an incident goes with all of it": deleteIncident,
	"what is owed is not forgotten":   deleteOwed,
	"tokens are listed and changed":   tokenChanges,
}

func (w *world) deleteIncident(id string) error {
	return w.store.Update(w.Context(), func(tx *store.Tx) error { return tx.DeleteIncident(id) })
}

func deleteIncident(w *world) {
	h := w.webhook("ops")
	gone, kept := w.story(), w.story()
	for _, s := range []*story{gone, kept} {
		s.pending(scout.Down, h)
		w.finish(w.delivered(w.claim(h, 1)[0]))
		s.pending(scout.Up, h)
		w.finish(w.delivered(w.claim(h, 1)[0]))
	}
	w.ok(w.deleteIncident(gone.in.ID))
	_, err := w.store.Incident(w.Context(), gone.in.ID)
	w.code(err, scout.NotFound)
	for _, s := range []*story{gone, kept} {
		want := 2
		if s == gone {
			want = 0
		}
		events, err := w.store.ListEvents(w.Context(), scout.EventFilter{IncidentID: s.in.ID}, 10)
		w.ok(err)
		deliveries, err := w.store.ListDeliveries(w.Context(), scout.DeliveryFilter{IncidentID: s.in.ID}, 10)
		w.ok(err)
		w.equal("events and deliveries", []int{len(events), len(deliveries)}, []int{want, want})
	}
	all, err := w.store.ListDeliveries(w.Context(), scout.DeliveryFilter{}, 10)
	w.ok(err)
	for _, d := range all {
		w.equal("attempts of what is kept", len(w.attempts(d.ID)), 1)
	}
	w.code(w.deleteIncident(gone.in.ID), scout.NotFound)
}

func deleteOwed(w *world) {
	h := w.webhook("ops")
	s := w.story()
	s.pending(scout.Down, h)
	w.code(w.deleteIncident(s.in.ID), scout.Conflict)
	w.finish(w.delivered(w.claim(h, 1)[0]))
	w.code(w.deleteIncident(s.in.ID), scout.Conflict) // still open
	s.pending(scout.Up, h)
	w.code(w.deleteIncident(s.in.ID), scout.Conflict) // still owed
	job := w.claim(h, 1)[0]
	w.code(w.deleteIncident(s.in.ID), scout.Conflict) // on its way
	w.finish(w.delivered(job))
	w.ok(w.deleteIncident(s.in.ID))
}

func tokenChanges(w *world) {
	a, text, err := w.saveToken("ci", scout.Admin)
	w.ok(err)
	b, _, err := w.saveToken("wall", scout.Viewer)
	w.ok(err)
	a.Name, a.Role = "robot", scout.Editor
	w.update(func(tx *store.Tx) error { return tx.SaveToken(&a, scout.Secret{}) })
	w.reopen()
	got, ok, err := w.store.TokenFor(w.Context(), text)
	w.ok(err)
	w.equal("the changed token", got, a)
	w.equal("its text opens", ok, true)
	list, err := w.store.ListTokens(w.Context(), 0, 10)
	w.ok(err)
	w.equal("all", list, []scout.Token{a, b})
	list, err = w.store.ListTokens(w.Context(), a.ID, 10)
	w.ok(err)
	w.equal("those after the first", list, []scout.Token{b})
	b.Name = "robot"
	w.code(w.store.Update(w.Context(), func(tx *store.Tx) error { return tx.SaveToken(&b, scout.Secret{}) }), scout.Conflict)
	w.update(func(tx *store.Tx) error { return tx.DeleteToken(a.ID) })
	_, err = w.store.Token(w.Context(), a.ID)
	w.code(err, scout.NotFound)
}
