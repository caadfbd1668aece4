package storetest

import (
	"errors"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var transitions = map[string]func(*world){
	"a state is kept":                       stateRoundTrip,
	"an incident keeps every field":         incidentRoundTrip,
	"an event keeps every field":            eventRoundTrip,
	"an event has its place once":           eventOnce,
	"the past is what was owed":             past,
	"the past of a first event is empty":    pastOfFirst,
	"the latest open delivery is found":     openDelivery,
	"ended incidents are found by time":     endedSince,
	"a delivery keeps every field":          deliveryRoundTrip,
	"closing ends urgency":                  closingEndsUrgency,
	"the backlog counts what has not ended": backlog,
	"what waits is counted by webhook":      waiting,
}

func stateRoundTrip(w *world) {
	c := w.check(w.server("web-1").ID, "HTTP")
	w.equal("the state before any", get(w, w.store.State, c.ID), scout.CheckState{CheckID: c.ID})
	st := scout.CheckState{CheckID: c.ID, Level: scout.Warning, Since: w.clock.Now(), IncidentID: "123"}
	w.allSet(st)
	w.update(func(tx *store.Tx) error { return tx.SaveState(st, st.Since) })
	w.equal("the state", get(w, w.store.State, c.ID), st)

	st = scout.CheckState{CheckID: c.ID, Level: scout.Up, Since: w.clock.Now().Add(time.Minute)}
	w.update(func(tx *store.Tx) error { return tx.SaveState(st, st.Since) })
	w.reopen()
	states, err := w.store.States(w.Context())
	w.ok(err)
	w.equal("the states", states, map[int64]scout.CheckState{c.ID: st})

	w.update(func(tx *store.Tx) error {
		if err := tx.DeleteCheck(c.ID); err != nil {
			return err
		}
		return tx.SaveState(st, st.Since) // the check ended between the result and its commit
	})
	states, err = w.store.States(w.Context())
	w.ok(err)
	w.equal("the states once the check is removed", states, map[int64]scout.CheckState{})
}

func incidentRoundTrip(w *world) {
	now := w.clock.Now()
	in := scout.Incident{
		ID: scout.NewIncidentID(now), CheckID: 3, Server: "web-1", Service: "HTTP", ServerIP: "192.0.2.7",
		Tags: []string{"prod"}, Level: scout.Warning, Worst: scout.Warning, Began: now.Add(-time.Minute), Opened: now, Message: "slow", Events: 1,
	}
	save := func(tx *store.Tx) error { return tx.SaveIncident(in) }
	w.update(save)
	w.equal("the incident", get(w, w.store.Incident, in.ID), in)
	open, err := w.store.OpenIncidents(w.Context())
	w.ok(err)
	w.equal("the open incidents", open, []scout.Incident{in})

	in.Level, in.Worst, in.ServerIP, in.Message, in.Events = scout.Up, scout.Down, "192.0.2.8", "back", 3
	in.Tags, in.Latest = []string{"prod", "web"}, now.Add(2*time.Minute)
	in.Ended, in.Closed = now.Add(time.Minute), now.Add(2*time.Minute)
	in.AcknowledgedAt, in.AcknowledgedBy, in.AcknowledgeNote = now, "alex", "on it"
	w.allSet(in)
	w.update(func(tx *store.Tx) error { return tx.Acknowledge(in) })
	w.update(save)
	w.equal("the ended incident", get(w, w.store.Incident, in.ID), in)
	open, err = w.store.OpenIncidents(w.Context())
	w.ok(err)
	w.equal("the open incidents after its end", open, []scout.Incident{})
}

func sampleEvent(now time.Time) scout.Event {
	return scout.Event{
		IncidentID: scout.NewIncidentID(now), Seq: 2, Kind: scout.Recovered, Level: scout.Up, At: now, CheckID: 3,
		Server: "web-1", Service: "HTTP", ServerIP: "192.0.2.7", Tags: []string{"prod"}, Message: "\"back\" \u2028 \x01 😀",
		Began: now.Add(-time.Hour), Ended: now.Add(-time.Minute), Duration: 59*time.Minute + time.Microsecond,
		Evidence: []scout.Result{
			{CheckID: 3, At: now, Level: scout.Up, Latency: 3 * time.Millisecond, Message: "200 OK", IP: "192.0.2.7"},
		},
		Decisions: []scout.Decision{{WebhookID: 5, Webhook: "ops", Reason: scout.Owed}},
		Repeats:   true,
		Test:      true,
	}
}

func eventRoundTrip(w *world) {
	e := sampleEvent(w.clock.Now())
	w.update(func(tx *store.Tx) error { return tx.InsertEvent(&e) })
	w.allSet(e)
	w.equal("the event", get(w, w.store.Event, e.ID), e)

	e.Decisions = []scout.Decision{{WebhookID: 5, Webhook: "ops", Reason: scout.CaughtUp}, {WebhookID: 6, Reason: scout.Filtered}}
	w.update(func(tx *store.Tx) error { return tx.SetDecisions(e.ID, e.Decisions) })
	w.equal("the event with other decisions", get(w, w.store.Event, e.ID), e)
}

func eventOnce(w *world) {
	e := sampleEvent(w.clock.Now())
	w.update(func(tx *store.Tx) error { return tx.InsertEvent(&e) })
	twin := e
	if err := w.store.Update(w.Context(), func(tx *store.Tx) error { return tx.InsertEvent(&twin) }); err == nil {
		w.Error("one incident has two events of one number")
	}
}

func past(w *world) {
	hooks := map[string]scout.Webhook{}
	for _, name := range []string{"told", "failed", "silenced", "mixed", "nothing"} {
		hooks[name] = w.webhook(name)
	}
	told, failed, silenced, mixed := hooks["told"], hooks["failed"], hooks["silenced"], hooks["mixed"]
	other := w.story() // of which nothing may be mixed in
	other.pending(scout.Down, hooks["nothing"])

	story := w.story()
	first := story.enter(scout.Warning, scout.Pending, told, failed, silenced, mixed)
	story.enter(scout.Down, scout.Pending, told, mixed)
	story.enter(scout.Up, scout.Pending, silenced)
	w.finish(w.delivered(w.claim(told, 1)[0]))
	for _, h := range []scout.Webhook{failed, silenced, mixed} {
		w.finish(w.gaveUp(w.claim(h, 1)[0]))
	}
	w.is(first[1].ID, scout.DeliveryFailed, scout.GaveUp)

	w.update(func(tx *store.Tx) error {
		got, err := tx.Past(story.in.ID, story.in.Events+1)
		down, warning, recovered := scout.StatusDown, scout.StatusWarning, scout.StatusRecovered
		w.equal("the past", got, scout.Past{
			Levels: []scout.Level{scout.Warning, scout.Down, scout.Up},
			Told: map[int64]scout.Told{
				told.ID:   {Statuses: map[int]scout.Status{1: warning, 2: down}},
				failed.ID: {Statuses: map[int]scout.Status{1: warning}, GivenUp: true},
				// Its recovery was cancelled as never told: that is not being told.
				silenced.ID: {Statuses: map[int]scout.Status{1: warning, 3: recovered}, GivenUp: true},
				mixed.ID:    {Statuses: map[int]scout.Status{1: warning, 2: down}}, // the second may still be accepted
			},
		})
		earlier, err2 := tx.Past(story.in.ID, 2)
		w.equal("the levels before the second event", earlier.Levels, []scout.Level{scout.Warning})
		return errors.Join(err, err2)
	})
}

func pastOfFirst(w *world) {
	story := w.story()
	w.update(func(tx *store.Tx) error {
		got, err := tx.Past(story.in.ID, 1)
		w.equal("the past", got, scout.Past{Told: map[int64]scout.Told{}})
		return err
	})
}

func openDelivery(w *world) {
	h, other := w.webhook("ops"), w.webhook("other")
	story := w.story()
	want := func(when string, want int64) {
		w.Helper()
		w.update(func(tx *store.Tx) error {
			got, err := tx.OpenDelivery(story.in.ID, h.ID)
			w.equal("the open delivery "+when, got, want)
			return err
		})
	}
	elsewhere := w.story().pending(scout.Down, h)
	story.pending(scout.Warning, other)
	want("before any", 0)
	job := story.claimed(scout.Down, h)
	want("that is being sent", job.Delivery.ID)
	up := story.pending(scout.Up, h)
	want("that waits", up.ID)
	next := w.delivered(job)
	next.Next = 2
	jobs := w.finish(next)
	w.equal("what was waiting", idsOf(jobs), []int64{elsewhere.ID, up.ID})
	w.finish(w.delivered(jobs[1]))
	want("once all have ended", 0)
}

func endedSince(w *world) {
	open, early, late := w.story(), w.story(), w.story()
	open.enter(scout.Down, scout.Pending)
	for _, s := range []*story{early, late} {
		s.enter(scout.Warning, scout.Pending)
		s.enter(scout.Down, scout.Pending)
		w.clock.move(time.Minute)
		s.enter(scout.Up, scout.Pending)
	}
	ends := func(since time.Time) []string {
		events := get(w, w.store.EndedSince, since)
		return names(events, func(e scout.Event) string { return e.IncidentID + " " + string(e.Kind) })
	}
	first, second := early.in.ID+" recovered", late.in.ID+" recovered"
	w.equal("since the first end", ends(early.in.Closed), []string{first, second})
	w.equal("after the first end", ends(early.in.Closed.Add(time.Microsecond)), []string{second})
	w.equal("after the last end", ends(late.in.Closed.Add(time.Microsecond)), []string(nil))
}

func deliveryRoundTrip(w *world) {
	h := w.webhook("ops")
	d := w.story().pending(scout.Down, h)
	w.equal("a new delivery", get(w, w.store.Delivery, d.ID), d)

	job := w.claim(h, 1)[0]
	w.finish(w.retry(job, time.Minute))
	w.equal("a delivery to be tried again", get(w, w.store.Delivery, d.ID), func() scout.Delivery {
		d := d
		d.Attempts, d.Tries, d.FirstAttempt = 1, 1, job.ClaimedAt
		d.DueAt, d.Delay = w.clock.Now().Add(time.Minute), time.Minute
		return d
	}())
	test := scout.Delivery{
		MessageID: scout.NewMessageID(), EventID: 7, IncidentID: "test-7", Seq: 1, Webhook: "unsaved", Tells: scout.StatusRecovered,
		Status: scout.Sending, Reason: scout.Owed, DueAt: w.clock.Now(), CreatedAt: w.clock.Now(), Test: true,
		Server: "test-server", Service: "HTTP",
	}
	w.update(func(tx *store.Tx) error { return tx.InsertDelivery(&test) })
	w.equal("a test of unsaved values", get(w, w.store.Delivery, test.ID), test)
}

func closingEndsUrgency(w *world) {
	h := w.webhook("ops")
	over, open := w.story(), w.story()
	ended := over.pending(scout.Down, h)
	w.clock.move(time.Second)
	urgent := open.pending(scout.Down, h)
	over.enter(scout.Up, scout.Pending)
	w.equal("the order of claims", w.claimIDs(h, 2), []int64{urgent.ID, ended.ID})
}

func backlog(w *world) {
	h := w.webhook("ops")
	count := func() scout.Backlog {
		b, err := w.store.Backlog(w.Context())
		w.ok(err)
		return b
	}
	w.equal("an empty backlog", count(), scout.Backlog{})
	oldest := w.clock.Now()
	w.story().pending(scout.Down, h)
	w.clock.move(time.Minute)
	w.story().pending(scout.Down, h)
	job := w.down(h)
	w.finish(w.delivered(w.down(h)))
	w.equal("the backlog", count(), scout.Backlog{Pending: 2, Sending: 1, OldestDue: oldest})
	w.finish(w.delivered(job))
	w.equal("the backlog after a delivery", count(), scout.Backlog{Pending: 2, OldestDue: oldest})
}
