package storetest

import (
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var holds = map[string]func(*world){
	"a hold keeps every field":                 holdRoundTrip,
	"a hold ends and is caught up with":        holdEnds,
	"a change is caught up with":               holdChanges,
	"a change while that is done is not lost":  holdChangesMeanwhile,
	"a hold that is deleted is caught up with": holdIsDeleted,
	"the next transition sees each change":     holdsAreFresh,
	"what is rolled back is not seen":          holdsAreRolledBack,
	"lists by state and kind":                  filterHolds,
	"an acknowledgement stands for what was":   acknowledgements,
}

// silence saves a hold that begins now, of a length.
func (w *world) silence(long time.Duration) scout.Hold {
	w.Helper()
	now := w.clock.Now()
	h := scout.Hold{
		Kind: scout.Silence, Author: "alex", Comment: "known", From: now, Until: now.Add(long),
		Match: scout.Match{Servers: []string{"web-1"}, Tags: []string{"prod"}, Checks: []string{"HTTP"}},
	}
	w.saveHold(&h)
	return h
}

func (w *world) saveHold(h *scout.Hold) {
	w.Helper()
	w.update(func(tx *store.Tx) error { return tx.SaveHold(h) })
}

// endHolds ends what is over and returns what is to be caught up with.
func (w *world) endHolds() (due []scout.Hold) {
	w.Helper()
	w.update(func(tx *store.Tx) (err error) {
		due, err = tx.EndHolds(w.clock.Now())
		return err
	})
	return due
}

func (w *world) caughtUp(due []scout.Hold) {
	w.Helper()
	w.update(func(tx *store.Tx) error { return tx.HoldsCaughtUp(due) })
}

func (w *world) nextHoldEnd() time.Time {
	w.Helper()
	next, err := w.store.NextHoldEnd(w.Context())
	w.ok(err)
	return next
}

// isDue fails the scenario unless something is to be caught up with now.
func (w *world) isDue(when string) {
	w.Helper()
	if next := w.nextHoldEnd(); next.IsZero() || next.After(w.clock.Now().Add(jump)) {
		w.Errorf("%s, the next hold is over at %s", when, next)
	}
}

func holdRoundTrip(w *world) {
	h := w.silence(time.Hour)
	h.EndedAt = w.clock.Now().Add(time.Minute)
	h.Kind, h.Comment, h.Author = scout.Maintenance, "new disks", "kim"
	h.Match = scout.Match{Tags: []string{"db"}}
	w.saveHold(&h)
	w.allSet(h)
	w.equal("its revision", h.Revision, int64(2))
	w.reopen()
	w.equal("the hold", get(w, w.store.Hold, h.ID), h)
	w.update(func(tx *store.Tx) error {
		got, err := tx.Hold(h.ID)
		w.equal("the hold in a transaction", got, h)
		return err
	})
	_, err := w.store.Hold(w.Context(), 99)
	w.code(err, scout.NotFound)
}

func holdEnds(w *world) {
	w.equal("without a hold, the next end", w.nextHoldEnd(), time.Time{})
	w.equal("without a hold, what is due", w.endHolds(), []scout.Hold{})
	h := w.silence(time.Hour)
	w.equal("the next end", w.nextHoldEnd(), h.Until)
	w.clock.move(time.Hour - time.Microsecond)
	w.equal("just before, what is due", w.endHolds(), []scout.Hold{})
	w.clock.move(time.Microsecond)
	w.reopen()
	due := w.endHolds()
	h.EndedAt = h.Until
	w.equal("what is due", due, []scout.Hold{h})
	w.isDue("before that is done")
	w.reopen()
	w.equal("what is still due", w.endHolds(), due)
	w.caughtUp(due)
	w.equal("the end after that", w.nextHoldEnd(), time.Time{})
	w.equal("what is due after that", w.endHolds(), []scout.Hold{})
}

func holdChanges(w *world) {
	h := w.silence(time.Hour)
	h.Match = scout.Match{Tags: []string{"db"}}
	w.saveHold(&h)
	w.isDue("after a change")
	w.equal("what is due", w.endHolds(), []scout.Hold{h})
	w.caughtUp([]scout.Hold{h})
	w.equal("the next end", w.nextHoldEnd(), h.Until)
}

func holdChangesMeanwhile(w *world) {
	h := w.silence(time.Hour)
	w.saveHold(&h)
	due := w.endHolds()
	h.EndedAt = w.clock.Now()
	w.saveHold(&h)
	w.caughtUp(due)
	w.equal("what is due", w.endHolds(), []scout.Hold{h})
}

func holdIsDeleted(w *world) {
	h := w.silence(time.Hour)
	h.EndedAt = w.clock.Now()
	w.saveHold(&h)
	w.update(func(tx *store.Tx) error { return tx.DeleteHold(h.ID) })
	_, err := w.store.Hold(w.Context(), h.ID)
	w.code(err, scout.NotFound)
	list, err := w.store.ListHolds(w.Context(), scout.HoldFilter{}, 10)
	w.ok(err)
	w.equal("the holds", list, []scout.Hold{})
	due := w.endHolds()
	w.equal("what is due", due, []scout.Hold{h})
	w.caughtUp(due)
	w.equal("the next end", w.nextHoldEnd(), time.Time{})
}

// holdsAreFresh reads the holds as a transition does, after each change.
func holdsAreFresh(w *world) {
	fresh := func(when string, want ...scout.Hold) {
		w.Helper()
		w.update(func(tx *store.Tx) error {
			got, err := tx.Holds()
			w.equal("the holds "+when, got, append([]scout.Hold{}, want...))
			return err
		})
		got, err := w.store.HoldsOf(w.Context(), w.clock.Now())
		w.ok(err)
		w.equal("those in force "+when, got, append([]scout.Hold{}, want...))
	}
	fresh("at first")
	long, short := w.silence(2*time.Hour), w.silence(time.Hour)
	fresh("after two new ones", short, long)
	long.Comment = "changed"
	w.saveHold(&long)
	fresh("after a change", short, long)
	w.clock.move(time.Hour)
	w.endHolds()
	fresh("after one is over", long)
	long.EndedAt = w.clock.Now()
	w.saveHold(&long)
	fresh("after the other was ended")
}

func holdsAreRolledBack(w *world) {
	h := w.silence(time.Hour)
	w.update(func(tx *store.Tx) error { _, err := tx.Holds(); return err })
	err := w.store.Update(w.Context(), func(tx *store.Tx) error {
		ended := h
		ended.EndedAt = w.clock.Now()
		if err := tx.SaveHold(&ended); err != nil {
			return err
		}
		if _, err := tx.Holds(); err != nil {
			return err
		}
		return errRefused
	})
	if err == nil {
		w.Error("the change was not refused")
	}
	w.update(func(tx *store.Tx) error {
		got, err := tx.Holds()
		w.equal("the holds", got, []scout.Hold{h})
		return err
	})
}

func filterHolds(w *world) {
	over := w.silence(time.Minute)
	w.clock.move(time.Hour)
	ended, active, planned := w.silence(time.Hour), w.silence(time.Hour), w.silence(time.Hour)
	ended.EndedAt = w.clock.Now()
	active.Kind = scout.Maintenance
	planned.From = planned.From.Add(time.Minute)
	for _, h := range []*scout.Hold{&ended, &active, &planned} {
		w.saveHold(h)
	}
	type f = filtered[scout.HoldFilter, int64]
	each(w, w.store.ListHolds, func(h scout.Hold) int64 { return h.ID }, map[string]f{
		"nothing":        {scout.HoldFilter{}, []int64{planned.ID, active.ID, ended.ID, over.ID}},
		"planned":        {scout.HoldFilter{State: scout.HoldPlanned}, []int64{planned.ID}},
		"active":         {scout.HoldFilter{State: scout.HoldActive}, []int64{active.ID}},
		"ended":          {scout.HoldFilter{State: scout.HoldEnded}, []int64{ended.ID, over.ID}},
		"kind":           {scout.HoldFilter{Kind: scout.Maintenance}, []int64{active.ID}},
		"kind and state": {scout.HoldFilter{Kind: scout.Silence, State: scout.HoldActive}, nil},
		"the next page":  {scout.HoldFilter{Before: active.ID}, []int64{ended.ID, over.ID}},
	})
	inForce, err := w.store.HoldsOf(w.Context(), w.clock.Now())
	w.ok(err)
	w.equal("those in force", inForce, []scout.Hold{active})
}

func acknowledgements(w *world) {
	story := w.story()
	story.enter(scout.Warning, scout.Pending)
	taken := func(want bool, when string) {
		w.Helper()
		w.update(func(tx *store.Tx) error {
			got, err := tx.Acknowledged(story.in.ID)
			w.equal("acknowledged "+when, got, want)
			return err
		})
	}
	acknowledge := func(at time.Time, by, note string) {
		w.Helper()
		in := story.in
		in.AcknowledgedAt, in.AcknowledgedBy, in.AcknowledgeNote = at, by, note
		w.update(func(tx *store.Tx) error { return tx.Acknowledge(in) })
	}
	taken(false, "at first")
	acknowledge(w.clock.Now(), "alex", "on it")
	taken(true, "once it is")
	w.reopen()
	got := get(w, w.store.Incident, story.in.ID)
	w.equal("who it was", []string{got.AcknowledgedBy, got.AcknowledgeNote}, []string{"alex", "on it"})
	w.equal("when", got.AcknowledgedAt, w.clock.Now())

	worse := scout.Event{IncidentID: story.in.ID, Seq: 2, Kind: scout.Worsened, At: w.clock.Now()}
	w.update(func(tx *store.Tx) error {
		in := story.in
		in.Events = 2
		if err := tx.SaveIncident(in); err != nil {
			return err
		}
		return tx.InsertEvent(&worse)
	})
	taken(false, "after it worsened")
	w.equal("who it was then", get(w, w.store.Incident, story.in.ID).AcknowledgedBy, "alex")
	acknowledge(w.clock.Now(), "alex", "")
	taken(true, "once more")
	type f = filtered[scout.IncidentFilter, string]
	id := func(i scout.Incident) string { return i.ID }
	each(w, w.store.ListIncidents, id, map[string]f{
		"acknowledged": {scout.IncidentFilter{Acknowledged: scout.With}, []string{story.in.ID}},
		"not":          {scout.IncidentFilter{Acknowledged: scout.Without}, nil},
	})
	acknowledge(time.Time{}, "", "")
	taken(false, "when it was taken back")
}
