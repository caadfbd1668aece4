package storetest

import (
	"fmt"
	"time"

	"serverscout/internal/scout"
)

var retention = map[string]func(*world){
	"incidents are kept for 400 days": incidentRetention,
	"what is not over is kept":        openIsKept,
	"what is owed keeps its incident": owedIsKept,
	"a long story goes whole":         longStory,
	"tests are kept for 30 days":      testRetention,
	"many incidents go at once":       manyIncidents,
}

const day = 24 * time.Hour

// left counts what is left of an incident: itself, its events, its deliveries,
// and the attempts of one of these.
func (w *world) left(incident string, delivery int64) [4]int {
	w.Helper()
	found := [4]int{}
	if _, err := w.store.Incident(w.Context(), incident); err == nil {
		found[0] = 1
	} else if scout.CodeOf(err) != scout.NotFound {
		w.Fatal(err)
	}
	events, err := w.store.ListEvents(w.Context(), scout.EventFilter{IncidentID: incident, Test: true}, 1000)
	w.ok(err)
	deliveries, err := w.store.ListDeliveries(w.Context(), scout.DeliveryFilter{IncidentID: incident}, 1000)
	w.ok(err)
	found[1], found[2], found[3] = len(events), len(deliveries), len(w.attempts(delivery))
	return found
}

// over tells an incident from its beginning to its end, at this moment. It
// returns a delivery of it.
func (w *world) over(h scout.Webhook) (*story, scout.Delivery) {
	w.Helper()
	s := w.story()
	down := s.claimed(scout.Down, h)
	w.finish(w.delivered(down))
	w.finish(w.delivered(s.claimed(scout.Up, h)))
	return s, down.Delivery
}

func incidentRetention(w *world) {
	h := w.webhook("ops")
	first, d := w.over(h)
	whole := [4]int{1, 2, 2, 1}
	w.clock.move(200 * day)
	second, e := w.over(h)
	w.clock.move(200 * day)
	w.tidy()
	w.equal("400 days after its end", w.left(first.in.ID, d.ID), whole)
	w.clock.move(time.Microsecond)
	w.tidy()
	w.equal("later", w.left(first.in.ID, d.ID), [4]int{})
	w.equal("an incident of later", w.left(second.in.ID, e.ID), whole)
	w.reopen()
	w.tidy()
	w.equal("an incident of later, after another start", w.left(second.in.ID, e.ID), whole)
}

func openIsKept(w *world) {
	h := w.webhook("ops")
	s := w.story()
	j := s.claimed(scout.Down, h)
	w.finish(w.delivered(j))
	w.clock.move(1000 * day)
	w.tidy()
	w.equal("what is left", w.left(s.in.ID, j.Delivery.ID), [4]int{1, 1, 1, 1})
}

func owedIsKept(w *world) {
	h := w.webhook("ops")
	s := w.story()
	down := s.claimed(scout.Down, h)
	w.finish(w.retry(down, time.Minute))
	s.pending(scout.Up, h) // waits for the one before
	w.clock.move(1000 * day)
	w.tidy()
	w.equal("what is left while it is owed", w.left(s.in.ID, down.Delivery.ID), [4]int{1, 2, 2, 1})
	for range 2 {
		w.finish(w.delivered(w.claim(h, 1)[0]))
	}
	w.tidy()
	w.equal("what is left when it was delivered", w.left(s.in.ID, down.Delivery.ID), [4]int{})
}

// longStory has more attempts than one transaction deletes.
func longStory(w *world) {
	h := w.webhook("ops")
	s := w.story()
	j := s.claimed(scout.Down, h)
	for range 220 {
		w.finish(w.retry(j, 0))
		j = w.claim(h, 1)[0]
	}
	w.finish(w.delivered(j))
	w.finish(w.delivered(s.claimed(scout.Up, h)))
	neighbour, d := w.over(h)
	w.clock.move(400*day + time.Microsecond)
	w.tidy()
	w.equal("the long story", w.left(s.in.ID, j.Delivery.ID), [4]int{})
	w.equal("the one beside it", w.left(neighbour.in.ID, d.ID), [4]int{})
}

func testRetention(w *world) {
	h := w.webhook("ops")
	now := w.clock.Now()
	e := scout.Event{IncidentID: scout.NewTestID(now), Seq: 1, Kind: scout.Opened, Level: scout.Down, At: now, Test: true}
	d := scout.Delivery{
		MessageID: scout.NewMessageID(), IncidentID: e.IncidentID, Seq: 1, WebhookID: h.ID, Tells: scout.StatusDown,
		Status: scout.Sending, DueAt: now, CreatedAt: now, Test: true,
	}
	w.ok(w.store.BeginTest(w.Context(), &e, &d))
	real, other := w.over(h)
	w.finish(w.delivered(scout.Job{Delivery: d, Webhook: h, ClaimedAt: now}))
	w.clock.move(30 * day)
	w.tidy()
	w.equal("after 30 days", w.left(e.IncidentID, d.ID), [4]int{0, 1, 1, 1})
	w.clock.move(time.Microsecond)
	w.tidy()
	w.equal("later", w.left(e.IncidentID, d.ID), [4]int{})
	w.equal("what was no test", w.left(real.in.ID, other.ID), [4]int{1, 2, 2, 1})
}

func manyIncidents(w *world) {
	h := w.webhook("ops")
	var ids []string
	for range 55 { // more than are looked for at a time
		s, _ := w.over(h)
		ids = append(ids, s.in.ID)
	}
	w.clock.move(400*day + time.Microsecond)
	w.tidy()
	for i, id := range ids {
		w.equal(fmt.Sprintf("what is left of incident %d", i), w.left(id, 0), [4]int{})
	}
}
