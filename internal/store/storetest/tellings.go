package storetest

import (
	"slices"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var tellingScenarios = map[string]func(*world){
	"what each webhook was told":     whatWasTold,
	"the first that waits matters":   firstThatWaits,
	"deliveries of some events":      deliveriesOfEvents,
	"the latest attempts":            latestAttempts,
	"a delivery by its Webhook-Id":   deliveryByMessage,
	"incidents by a part of a name":  incidentsByText,
	"incidents by a common name":     incidentsByCommonText,
	"nothing is asked for":           nothingAskedFor,
	"a webhook that is owed nothing": owedNothing,
}

func whatWasTold(w *world) {
	x, y := w.webhook("x"), w.webhook("y")
	s := w.story()
	first := s.enter(scout.Warning, scout.Sending, x, y)
	w.finish(w.delivered(w.job(first[0], x)))
	w.finish(w.retry(w.job(first[1], y), time.Minute))
	other := w.down(y)
	w.finish(w.gaveUp(other))
	got, err := w.store.Tellings(w.Context(), []string{s.in.ID, other.Delivery.IncidentID, "1"})
	w.ok(err)
	w.equal("the incidents", len(got), 2)
	told := got[s.in.ID]
	w.equal("who was told", []bool{told[0].Told(), told[1].Told()}, []bool{true, false})
	w.equal("the webhooks", []string{told[0].Webhook, told[1].Webhook}, []string{"x", "y"})
	w.equal("what is owed", told[1].Delivery, get(w, w.store.Delivery, first[1].ID))
	attempt := w.attempts(first[1].ID)[0]
	attempt.Request, attempt.Response = scout.Exchange{}, scout.Exchange{}
	w.equal("its attempt", told[1].Attempt, attempt)
	w.equal("what was given up", got[other.Delivery.IncidentID][0].Delivery.Status, scout.DeliveryFailed)
}

func firstThatWaits(w *world) {
	x := w.webhook("x")
	s := w.story()
	s.pending(scout.Warning, x)
	w.finish(w.delivered(w.claim(x, 1)[0]))
	first := s.pending(scout.Down, x)
	w.finish(w.retry(w.claim(x, 1)[0], time.Minute))
	last := s.pending(scout.Up, x)
	telling := func() scout.Telling {
		got, err := w.store.Tellings(w.Context(), []string{s.in.ID})
		w.ok(err)
		return got[s.in.ID][0]
	}
	w.equal("what matters", telling().Delivery.ID, first.ID)
	w.equal("the attempt", telling().Attempt.Status, 503)
	w.clock.move(time.Hour)
	w.finish(w.delivered(w.claim(x, 1)[0]))
	w.equal("what matters then", telling().Delivery.ID, last.ID)
	w.equal("the attempt then", telling().Attempt, scout.Attempt{})
}

func deliveriesOfEvents(w *world) {
	x, y := w.webhook("x"), w.webhook("y")
	s, other := w.story(), w.story()
	opened := s.enter(scout.Warning, scout.Pending, x, y)
	foreign := other.enter(scout.Down, scout.Pending, x)
	s.enter(scout.Down, scout.Pending, x, y)
	ended := s.enter(scout.Up, scout.Pending, y)
	got, err := w.store.DeliveriesOf(w.Context(), s.in.ID, []int64{ended[0].EventID, opened[0].EventID, foreign[0].EventID})
	w.ok(err)
	want := []scout.Delivery{}
	for _, d := range append(opened, ended...) {
		want = append(want, get(w, w.store.Delivery, d.ID))
	}
	w.equal("the deliveries", got, want)
}

func latestAttempts(w *world) {
	x := w.webhook("x")
	job := w.down(x)
	for range 3 {
		w.finish(w.retry(job, 0))
		job = w.claim(x, 1)[0]
	}
	other := w.down(x)
	w.finish(w.delivered(other))
	got, err := w.store.LatestAttempts(w.Context(), []int64{job.Delivery.ID, other.Delivery.ID, 99}, 2)
	w.ok(err)
	w.equal("the attempts", got, map[int64][]scout.Attempt{
		job.Delivery.ID:   w.attempts(job.Delivery.ID)[1:],
		other.Delivery.ID: w.attempts(other.Delivery.ID),
	})
}

func deliveryByMessage(w *world) {
	x := w.webhook("x")
	d := w.down(x).Delivery
	w.down(x)
	w.equal("the delivery", get(w, w.store.DeliveryByMessage, d.MessageID), get(w, w.store.Delivery, d.ID))
	_, err := w.store.DeliveryByMessage(w.Context(), "msg_unheard_of")
	w.code(err, scout.NotFound)
	_, err = w.store.DeliveryByMessage(w.Context(), "")
	w.code(err, scout.NotFound)
}

func incidentsByText(w *world) {
	begin := func(server, service string) string {
		s := w.story()
		s.in.Server, s.in.Service = server, service
		s.enter(scout.Down, scout.Pending)
		w.clock.move(time.Minute)
		return s.in.ID
	}
	a, b, c := begin("web-1", "HTTP"), begin("web-2", "SSH"), begin("db_1", "HTTP")
	type f = filtered[scout.IncidentFilter, string]
	each(w, w.store.ListIncidents, func(i scout.Incident) string { return i.ID }, map[string]f{
		"a part of the server":   {scout.IncidentFilter{Contains: "EB-"}, []string{b, a}},
		"a part of the service":  {scout.IncidentFilter{Contains: "http"}, []string{c, a}},
		"a sign with a meaning":  {scout.IncidentFilter{Contains: "_"}, []string{c}},
		"what is nowhere":        {scout.IncidentFilter{Contains: "x"}, nil},
		"a part and the service": {scout.IncidentFilter{Contains: "web", Service: "SSH"}, []string{b}},
		"a part, before":         {scout.IncidentFilter{Contains: "web", Before: b}, []string{a}},
		"a part of those open":   {scout.IncidentFilter{Contains: "web", Closed: true}, nil},
	})
}

// incidentsByCommonText searches for what more incidents have in a name than
// are gathered.
func incidentsByCommonText(w *world) {
	var other string
	w.update(func(tx *store.Tx) error {
		for i := range 5001 {
			in := scout.Incident{ID: scout.NewIncidentID(w.clock.Now().Add(time.Duration(i) * time.Second)), Server: "web-1", Service: "HTTP"}
			if i == 4999 {
				in.Service, other = "SSH", in.ID
			}
			if err := tx.SaveIncident(in); err != nil {
				return err
			}
		}
		return nil
	})
	for text, want := range map[string]bool{"http": false, "ssh": true, "web": true} {
		list, err := w.store.ListIncidents(w.Context(), scout.IncidentFilter{Contains: text}, 10)
		w.ok(err)
		found := slices.ContainsFunc(list, func(i scout.Incident) bool { return i.ID == other })
		w.equal("whether "+text+" finds the one that is not HTTP", found, want)
	}
}

func nothingAskedFor(w *world) {
	w.down(w.webhook("x"))
	told, err := w.store.Tellings(w.Context(), nil)
	w.ok(err)
	w.equal("the tellings", len(told), 0)
	deliveries, err := w.store.DeliveriesOf(w.Context(), "1", nil)
	w.ok(err)
	w.equal("the deliveries", len(deliveries), 0)
	attempts, err := w.store.LatestAttempts(w.Context(), nil, 1)
	w.ok(err)
	w.equal("the attempts", len(attempts), 0)
}

func owedNothing(w *world) {
	w.webhook("x")
	s := w.story()
	s.enter(scout.Down, scout.Pending)
	told, err := w.store.Tellings(w.Context(), []string{s.in.ID})
	w.ok(err)
	w.equal("the tellings", told, map[string][]scout.Telling{})
}

// job is a delivery that was born claimed.
func (w *world) job(d scout.Delivery, h scout.Webhook) scout.Job {
	return scout.Job{Delivery: d, Webhook: h, ClaimedAt: w.clock.Now()}
}
