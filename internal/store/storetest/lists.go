package storetest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var lists = map[string]func(*world){
	"servers by each filter":     serverFilters,
	"checks by each filter":      checkFilters,
	"incidents by each filter":   incidentFilters,
	"events by each filter":      eventFilters,
	"deliveries by each filter":  deliveryFilters,
	"pages while rows come":      pagesWhileRowsCome,
	"filters go together":        filtersTogether,
	"states of some checks":      statesOfSome,
	"times when the clock slips": timesWhenTheClockSlips,
}

// each fails the scenario where a filter does not list exactly what is wanted,
// in that order.
func each[F any, V any, K comparable](
	w *world, list func(context.Context, F, int) ([]V, error), key func(V) K, cases map[string]filtered[F, K],
) {
	w.Helper()
	for name, c := range cases {
		got, err := list(w.Context(), c.by, 100)
		w.ok(err)
		keys := []K{}
		for _, v := range got {
			keys = append(keys, key(v))
		}
		w.equal("the list by "+name, keys, append([]K{}, c.want...))
	}
}

// filtered is a filter and the keys of what it lets through.
type filtered[F any, K comparable] struct {
	by   F
	want []K
}

func serverFilters(w *world) {
	a := scout.Server{Name: "a", Tags: []string{"prod", "web"}}
	b := scout.Server{Name: "b", Tags: []string{"prod"}}
	c := scout.Server{Name: "c"}
	for _, s := range []*scout.Server{&b, &a, &c} {
		w.update(func(tx *store.Tx) error { return tx.SaveServer(s) })
	}
	type f = filtered[scout.ServerFilter, string]
	each(w, w.store.ListServers, func(s scout.Server) string { return s.Name }, map[string]f{
		"nothing":        {scout.ServerFilter{}, []string{"b", "a", "c"}},
		"name":           {scout.ServerFilter{Name: "a"}, []string{"a"}},
		"another name":   {scout.ServerFilter{Name: "A"}, nil},
		"tag":            {scout.ServerFilter{Tag: "prod"}, []string{"b", "a"}},
		"part of a tag":  {scout.ServerFilter{Tag: "pro"}, nil},
		"name and tag":   {scout.ServerFilter{Name: "b", Tag: "web"}, nil},
		"tag after id":   {scout.ServerFilter{Tag: "prod", After: b.ID}, []string{"a"}},
		"after the last": {scout.ServerFilter{After: c.ID}, nil},
	})
}

func checkFilters(w *world) {
	one, two := w.server("one"), w.server("two")
	a, b, c := w.check(one.ID, "HTTP"), w.check(one.ID, "TCP"), w.check(two.ID, "HTTP")
	b.Kind = "tcp"
	w.update(func(tx *store.Tx) error {
		if err := tx.SaveCheck(&b); err != nil {
			return err
		}
		if err := tx.SaveState(scout.CheckState{CheckID: a.ID, Level: scout.Up}, time.Time{}); err != nil {
			return err
		}
		return tx.SaveState(scout.CheckState{CheckID: b.ID, Level: scout.Down}, time.Time{})
	})
	type f = filtered[scout.CheckFilter, int64]
	each(w, w.store.ListChecks, func(c scout.Check) int64 { return c.ID }, map[string]f{
		"nothing":         {scout.CheckFilter{}, []int64{a.ID, b.ID, c.ID}},
		"server":          {scout.CheckFilter{ServerID: one.ID}, []int64{a.ID, b.ID}},
		"name":            {scout.CheckFilter{Name: "HTTP"}, []int64{a.ID, c.ID}},
		"kind":            {scout.CheckFilter{Kind: "tcp"}, []int64{b.ID}},
		"up":              {scout.CheckFilter{Level: scout.Up}, []int64{a.ID}},
		"down":            {scout.CheckFilter{Level: scout.Down}, []int64{b.ID}},
		"warning":         {scout.CheckFilter{Level: scout.Warning}, nil},
		"server and name": {scout.CheckFilter{ServerID: two.ID, Name: "HTTP"}, []int64{c.ID}},
		"after":           {scout.CheckFilter{After: a.ID}, []int64{b.ID, c.ID}},
	})
}

// tellings are three incidents at a minute's distance. The first has ended;
// the second is of another check.
func (w *world) tellings(hooks ...scout.Webhook) []*story {
	w.Helper()
	var all []*story
	for i := range 3 {
		s := w.story()
		if i == 1 {
			s.in.CheckID, s.in.Server, s.in.Service = 42, "db-1", "TCP"
		}
		s.enter(scout.Down, scout.Pending, hooks...)
		all = append(all, s)
		w.clock.move(time.Minute)
	}
	all[0].enter(scout.Up, scout.Pending, hooks...)
	return all
}

func incidentFilters(w *world) {
	all := w.tellings()
	a, b, c := all[0].in.ID, all[1].in.ID, all[2].in.ID
	type f = filtered[scout.IncidentFilter, string]
	each(w, w.store.ListIncidents, func(i scout.Incident) string { return i.ID }, map[string]f{
		"nothing":            {scout.IncidentFilter{}, []string{c, b, a}},
		"check":              {scout.IncidentFilter{CheckID: 42}, []string{b}},
		"server":             {scout.IncidentFilter{Server: "web-1"}, []string{c, a}},
		"service":            {scout.IncidentFilter{Service: "TCP"}, []string{b}},
		"server and service": {scout.IncidentFilter{Server: "web-1", Service: "TCP"}, nil},
		"open":               {scout.IncidentFilter{Open: true}, []string{c, b}},
		"closed":             {scout.IncidentFilter{Closed: true}, []string{a}},
		"open and closed":    {scout.IncidentFilter{Open: true, Closed: true}, nil},
		"since":              {scout.IncidentFilter{Since: all[1].in.Opened}, []string{c, b}},
		"since just after":   {scout.IncidentFilter{Since: all[1].in.Opened.Add(time.Microsecond)}, []string{c}},
		"before":             {scout.IncidentFilter{Before: c}, []string{b, a}},
		"before the first":   {scout.IncidentFilter{Before: a}, nil},
	})
}

func eventFilters(w *world) {
	all := w.tellings()
	test := sampleEvent(w.clock.Now())
	w.update(func(tx *store.Tx) error { return tx.InsertEvent(&test) })
	a, b, c := all[0].in.ID, all[1].in.ID, all[2].in.ID
	key := func(e scout.Event) string { return e.IncidentID + " " + string(e.Kind) }
	downA, downB, downC, upA := a+" opened", b+" opened", c+" opened", a+" recovered"
	sample := test.IncidentID + " recovered"
	recent, err := w.store.ListEvents(w.Context(), scout.EventFilter{}, 1)
	w.ok(err)
	type f = filtered[scout.EventFilter, string]
	each(w, w.store.ListEvents, key, map[string]f{
		"nothing":     {scout.EventFilter{}, []string{upA, downC, downB, downA}},
		"incident":    {scout.EventFilter{IncidentID: a}, []string{upA, downA}},
		"check":       {scout.EventFilter{CheckID: 42}, []string{downB}},
		"kind":        {scout.EventFilter{Kind: scout.Recovered}, []string{upA}},
		"kind, tests": {scout.EventFilter{Kind: scout.Recovered, Test: true}, []string{sample, upA}},
		"before":      {scout.EventFilter{Before: recent[0].ID}, []string{downC, downB, downA}},
	})
}

func deliveryFilters(w *world) {
	x, y := w.webhook("x"), w.webhook("y")
	all := w.tellings(x, y)
	got, err := w.store.ListDeliveries(w.Context(), scout.DeliveryFilter{}, 100)
	w.ok(err)
	d := []int64{} // x and y in turn, of the three incidents and the end of the first
	for _, v := range slices.Backward(got) {
		d = append(d, v.ID)
	}
	if len(d) != 8 || !slices.IsSorted(d) {
		w.Fatalf("the deliveries are %v, want eight, newest first", d)
	}
	w.finish(w.delivered(w.claim(y, 1)[0]))
	from, until := all[1].in.Opened, all[2].in.Opened
	type f = filtered[scout.DeliveryFilter, int64]
	each(w, w.store.ListDeliveries, func(d scout.Delivery) int64 { return d.ID }, map[string]f{
		"webhook":          {scout.DeliveryFilter{WebhookID: x.ID}, []int64{d[6], d[4], d[2], d[0]}},
		"event":            {scout.DeliveryFilter{EventID: got[0].EventID}, []int64{d[7], d[6]}},
		"incident":         {scout.DeliveryFilter{IncidentID: all[0].in.ID}, []int64{d[7], d[6], d[1], d[0]}},
		"status":           {scout.DeliveryFilter{Status: scout.Delivered}, []int64{d[3]}},
		"another status":   {scout.DeliveryFilter{Status: scout.DeliveryFailed}, nil},
		"server":           {scout.DeliveryFilter{Server: "db-1"}, []int64{d[3], d[2]}},
		"service":          {scout.DeliveryFilter{Service: "TCP", WebhookID: x.ID}, []int64{d[2]}},
		"since":            {scout.DeliveryFilter{Since: until}, []int64{d[7], d[6], d[5], d[4]}},
		"until":            {scout.DeliveryFilter{Until: from}, []int64{d[1], d[0]}},
		"since and until":  {scout.DeliveryFilter{Since: from, Until: until}, []int64{d[3], d[2]}},
		"before":           {scout.DeliveryFilter{Before: d[2]}, []int64{d[1], d[0]}},
		"before, webhook":  {scout.DeliveryFilter{Before: d[6], WebhookID: y.ID}, []int64{d[5], d[3], d[1]}},
		"before the first": {scout.DeliveryFilter{Before: d[0]}, nil},
	})
}

// paged reads a list in pages of two to its end, and makes a row before each
// page. It fails the scenario unless what was there at the start comes once,
// in its order, and nothing new between.
func paged[V any, K comparable](w *world, what string, insert func(), page func(ctx context.Context, last K, limit int) ([]V, error), key func(V) K) {
	w.Helper()
	for range 5 {
		insert()
	}
	var zero K
	all, err := page(w.Context(), zero, 1000)
	w.ok(err)
	want := []K{}
	for _, v := range all {
		want = append(want, key(v))
	}
	got := []K{}
	for last := zero; ; last = got[len(got)-1] {
		next, err := page(w.Context(), last, 2)
		w.ok(err)
		if len(next) > 2 {
			w.Fatalf("%s: a page of 2 has %d rows", what, len(next))
		}
		for _, v := range next {
			got = append(got, key(v))
		}
		if len(next) < 2 || len(got) > len(want) {
			break
		}
		insert()
	}
	if len(got) < len(want) {
		w.Fatalf("%s: the pages hold %d of %d rows", what, len(got), len(want))
	}
	w.equal(what+" in pages", got[:len(want)], want)
	if rest := slices.Compact(slices.Clone(got)); len(rest) != len(got) {
		w.Errorf("%s: a row comes twice in %v", what, got)
	}
}

func pagesWhileRowsCome(w *world) {
	n := 0
	name := func() string { n++; return fmt.Sprintf("row-%d", n) }
	server, hook := w.server("web-1"), w.webhook("ops")
	var job scout.Job
	story := func() { job = w.down(hook) }

	paged(w, "servers", func() { w.server(name()) }, func(ctx context.Context, last int64, limit int) ([]scout.Server, error) {
		return w.store.ListServers(ctx, scout.ServerFilter{After: last}, limit)
	}, func(v scout.Server) int64 { return v.ID })
	paged(w, "checks", func() { w.check(server.ID, name()) }, func(ctx context.Context, last int64, limit int) ([]scout.Check, error) {
		return w.store.ListChecks(ctx, scout.CheckFilter{After: last}, limit)
	}, func(v scout.Check) int64 { return v.ID })
	paged(w, "webhooks", func() { w.webhook(name()) }, w.store.ListWebhooks, func(v scout.Webhook) int64 { return v.ID })
	paged(w, "incidents", func() { w.clock.move(time.Second); story() }, func(ctx context.Context, last string, limit int) ([]scout.Incident, error) {
		return w.store.ListIncidents(ctx, scout.IncidentFilter{Before: last}, limit)
	}, func(v scout.Incident) string { return v.ID })
	paged(w, "events", story, func(ctx context.Context, last int64, limit int) ([]scout.Event, error) {
		return w.store.ListEvents(ctx, scout.EventFilter{Before: last}, limit)
	}, func(v scout.Event) int64 { return v.ID })
	paged(w, "deliveries", story, func(ctx context.Context, last int64, limit int) ([]scout.Delivery, error) {
		return w.store.ListDeliveries(ctx, scout.DeliveryFilter{Before: last}, limit)
	}, func(v scout.Delivery) int64 { return v.ID })
	of := job.Delivery.ID
	paged(w, "attempts", func() {
		job.Delivery.Attempts++
		w.finish(w.delivered(job))
	}, func(ctx context.Context, last int64, limit int) ([]scout.Attempt, error) {
		return w.store.Attempts(ctx, of, last, limit)
	}, func(v scout.Attempt) int64 { return v.ID })
}

// filtersTogether compares lists by several filters with what each of these
// lets through.
func filtersTogether(w *world) {
	x, y := w.webhook("x"), w.webhook("y")
	w.tellings(x, y)
	w.finish(w.delivered(w.claim(y, 1)[0]))
	w.finish(w.gaveUp(w.claim(x, 1)[0]))
	all, err := w.store.ListDeliveries(w.Context(), scout.DeliveryFilter{}, 100)
	w.ok(err)
	for _, d := range all[:4] {
		for mask := range 1 << 6 {
			var f scout.DeliveryFilter
			set := func(bit int) bool { return mask>>bit&1 == 1 }
			if set(0) {
				f.WebhookID = d.WebhookID
			}
			if set(1) {
				f.Status = d.Status
			}
			if set(2) {
				f.Server = d.Server
			}
			if set(3) {
				f.Service = d.Service
			}
			if set(4) {
				f.IncidentID = d.IncidentID
			}
			if set(5) {
				f.EventID = d.EventID
			}
			want := []int64{}
			for _, v := range all {
				if (!set(0) || v.WebhookID == d.WebhookID) && (!set(1) || v.Status == d.Status) && (!set(2) || v.Server == d.Server) &&
					(!set(3) || v.Service == d.Service) && (!set(4) || v.IncidentID == d.IncidentID) && (!set(5) || v.EventID == d.EventID) {
					want = append(want, v.ID)
				}
			}
			got := []int64{}
			list, err := w.store.ListDeliveries(w.Context(), f, 100)
			w.ok(err)
			for _, v := range list {
				got = append(got, v.ID)
			}
			w.equal(fmt.Sprintf("the list by %+v", f), got, want)
		}
	}
}

func statesOfSome(w *world) {
	server := w.server("web-1")
	up, down, never := w.check(server.ID, "up"), w.check(server.ID, "down"), w.check(server.ID, "never")
	want := map[int64]scout.CheckState{}
	for c, level := range map[int64]scout.Level{up.ID: scout.Up, down.ID: scout.Down} {
		want[c] = scout.CheckState{CheckID: c, Level: level, Since: w.clock.Now(), IncidentID: "1"}
		w.update(func(tx *store.Tx) error { return tx.SaveState(want[c], w.clock.Now()) })
	}
	got, err := w.store.StatesOf(w.Context(), []int64{up.ID, never.ID, down.ID, 99})
	w.ok(err)
	w.equal("the states", got, want)
	delete(want, down.ID)
	got, err = w.store.StatesOf(w.Context(), []int64{up.ID})
	w.ok(err)
	w.equal("the states of one", got, want)
	got, err = w.store.StatesOf(w.Context(), nil)
	w.ok(err)
	w.equal("the states of none", got, map[int64]scout.CheckState{})
}

// timesWhenTheClockSlips lists by time what was made while the clock was set
// back: what was made later is dated earlier.
func timesWhenTheClockSlips(w *world) {
	h := w.webhook("ops")
	times := map[int64]time.Time{}
	for _, step := range []time.Duration{0, 20, 20, -50, 15, 15, 30, 120, -59, 1} {
		w.clock.move(step * time.Minute)
		times[w.story().pending(scout.Down, h).ID] = w.clock.Now()
	}
	start, end := w.clock.Now().Add(-5*time.Hour), w.clock.Now().Add(5*time.Hour)
	for from := start; from.Before(end); from = from.Add(15 * time.Minute) {
		for _, f := range []scout.DeliveryFilter{{Since: from}, {Until: from}, {Since: from, Until: from.Add(time.Hour)}} {
			want := 0
			for _, at := range times {
				if !at.Before(f.Since) && (f.Until.IsZero() || at.Before(f.Until)) {
					want++
				}
			}
			got, err := w.store.ListDeliveries(w.Context(), f, 100)
			w.ok(err)
			if len(got) != want {
				w.Errorf("%d deliveries are listed from %v to %v, want %d", len(got), f.Since, f.Until, want)
			}
		}
	}
}
