package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

const (
	queryGoal = 50.0 // ms
	asked     = 40   // times, each query
	pageSize  = 100
)

// A question is one list or chart, asked of another part of the history each
// time.
type question struct {
	name string
	ask  func(context.Context, *store.Store, sample) (rows int, err error)
}

// sample is what a question is asked about.
type sample struct {
	now      time.Time
	checks   []scout.Check
	server   scout.Server
	check    scout.Check
	incident scout.Incident
	delivery scout.Delivery
	event    scout.Event
	webhook  scout.Webhook
}

// queries asks every list and chart of the store.
func queries(o options) (map[string]any, error) {
	s, err := store.Open(store.Options{Dir: o.dir})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	ctx := context.Background()
	samples, err := pick(ctx, s)
	if err != nil {
		return nil, err
	}
	figures := sizes(o.dir)
	slow := []string{}
	for _, q := range slices.Concat(configurationLists(), incidentLists(), eventLists(), deliveryLists(), attemptLists(), charts()) {
		took := make([]time.Duration, len(samples))
		rows := 0
		for i, about := range samples {
			start := time.Now()
			n, err := q.ask(ctx, s, about)
			took[i] = time.Since(start)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", q.name, err)
			}
			rows = max(rows, n)
		}
		p95 := quantile(took, .95)
		figures[q.name] = map[string]any{"p50_ms": quantile(took, .5), "p95_ms": p95, "rows": rows}
		if p95 > queryGoal {
			slow = append(slow, q.name)
		}
	}
	figures["over_50_ms"] = slow
	return figures, nil
}

// pickFrom is pick on a data folder.
func pickFrom(dir string) (_ []sample, err error) {
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return pick(context.Background(), s)
}

// pick chooses what the questions are about, all over the history.
func pick(ctx context.Context, s *store.Store) ([]sample, error) {
	checks, err := s.ListChecks(ctx, scout.CheckFilter{}, 1_000_000)
	if err != nil {
		return nil, err
	}
	newest, err := s.ListDeliveries(ctx, scout.DeliveryFilter{}, 1)
	if err != nil || len(newest) == 0 {
		return nil, fmt.Errorf("there is no history here: %w", err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	samples := make([]sample, asked)
	for i := range samples {
		v := &samples[i]
		v.now, v.checks = time.Now(), checks
		v.check = checks[random.IntN(len(checks))]
		if v.server, err = s.Server(ctx, v.check.ServerID); err != nil {
			return nil, err
		}
		if v.delivery, err = s.Delivery(ctx, 1+random.Int64N(newest[0].ID)); err != nil {
			return nil, err
		}
		if v.event, err = s.Event(ctx, v.delivery.EventID); err != nil {
			return nil, err
		}
		if v.incident, err = s.Incident(ctx, v.delivery.IncidentID); err != nil {
			return nil, err
		}
		if v.webhook, err = s.Webhook(ctx, v.delivery.WebhookID); err != nil {
			return nil, err
		}
	}
	return samples, nil
}

// counted gives the number of rows of a list.
func counted[T any](list []T, err error) (int, error) { return len(list), err }

func configurationLists() []question {
	servers := func(name string, f func(sample) scout.ServerFilter) question {
		return question{"servers" + name, func(ctx context.Context, s *store.Store, v sample) (int, error) {
			return counted(s.ListServers(ctx, f(v), pageSize))
		}}
	}
	checks := func(name string, f func(sample) scout.CheckFilter) question {
		return question{"checks" + name, func(ctx context.Context, s *store.Store, v sample) (int, error) {
			list, err := s.ListChecks(ctx, f(v), pageSize)
			if err != nil {
				return 0, err
			}
			ids := []int64{}
			for _, check := range list {
				ids = append(ids, check.ID)
			}
			_, err = s.StatesOf(ctx, ids)
			return len(list), err
		}}
	}
	return []question{
		servers("", func(sample) scout.ServerFilter { return scout.ServerFilter{} }),
		servers(" by name", func(v sample) scout.ServerFilter { return scout.ServerFilter{Name: v.server.Name} }),
		servers(" by tag", func(v sample) scout.ServerFilter { return scout.ServerFilter{Tag: v.server.Tags[0]} }),
		servers(" by unknown tag", func(sample) scout.ServerFilter { return scout.ServerFilter{Tag: "none"} }),
		checks(" and states", func(sample) scout.CheckFilter { return scout.CheckFilter{} }),
		checks(" by server", func(v sample) scout.CheckFilter { return scout.CheckFilter{ServerID: v.server.ID} }),
		checks(" by name", func(v sample) scout.CheckFilter { return scout.CheckFilter{Name: v.check.Name} }),
		checks(" by kind", func(v sample) scout.CheckFilter { return scout.CheckFilter{Kind: v.check.Kind} }),
		checks(" by unknown kind", func(sample) scout.CheckFilter { return scout.CheckFilter{Kind: "none"} }),
		checks(" up", func(sample) scout.CheckFilter { return scout.CheckFilter{Level: scout.Up} }),
		checks(" down", func(sample) scout.CheckFilter { return scout.CheckFilter{Level: scout.Down} }),
	}
}

func incidentLists() []question {
	incidents := func(name string, f func(sample) scout.IncidentFilter) question {
		return question{"incidents" + name, func(ctx context.Context, s *store.Store, v sample) (int, error) {
			return counted(s.ListIncidents(ctx, f(v), pageSize))
		}}
	}
	return []question{
		incidents("", func(sample) scout.IncidentFilter { return scout.IncidentFilter{} }),
		incidents(" before", func(v sample) scout.IncidentFilter { return scout.IncidentFilter{Before: v.incident.ID} }),
		incidents(" by check", func(v sample) scout.IncidentFilter { return scout.IncidentFilter{CheckID: v.check.ID} }),
		incidents(" by server", func(v sample) scout.IncidentFilter { return scout.IncidentFilter{Server: v.server.Name} }),
		incidents(" by service", func(v sample) scout.IncidentFilter { return scout.IncidentFilter{Service: v.check.Name} }),
		incidents(" by unknown service", func(sample) scout.IncidentFilter { return scout.IncidentFilter{Service: "none"} }),
		incidents(" by server and service", func(v sample) scout.IncidentFilter {
			return scout.IncidentFilter{Server: v.server.Name, Service: v.check.Name}
		}),
		incidents(" open", func(sample) scout.IncidentFilter { return scout.IncidentFilter{Open: true} }),
		incidents(" closed", func(sample) scout.IncidentFilter { return scout.IncidentFilter{Closed: true} }),
		incidents(" of a day", func(v sample) scout.IncidentFilter {
			return scout.IncidentFilter{Since: v.incident.Opened, Until: v.incident.Opened.AddDate(0, 0, 1)}
		}),
		incidents(" warning", func(sample) scout.IncidentFilter { return scout.IncidentFilter{Level: scout.Warning} }),
		incidents(" since an hour", func(v sample) scout.IncidentFilter { return scout.IncidentFilter{Since: v.now.Add(-time.Hour)} }),
		incidents(" since a year", func(v sample) scout.IncidentFilter { return scout.IncidentFilter{Since: v.now.AddDate(-1, 0, 0)} }),
	}
}

func eventLists() []question {
	events := func(name string, f func(sample) scout.EventFilter) question {
		return question{"events" + name, func(ctx context.Context, s *store.Store, v sample) (int, error) {
			return counted(s.ListEvents(ctx, f(v), pageSize))
		}}
	}
	return []question{
		events("", func(sample) scout.EventFilter { return scout.EventFilter{} }),
		events(" before", func(v sample) scout.EventFilter { return scout.EventFilter{Before: v.event.ID} }),
		events(" by incident", func(v sample) scout.EventFilter { return scout.EventFilter{IncidentID: v.incident.ID} }),
		events(" by check", func(v sample) scout.EventFilter { return scout.EventFilter{CheckID: v.check.ID} }),
		events(" by check and kind", func(v sample) scout.EventFilter {
			return scout.EventFilter{CheckID: v.check.ID, Kind: scout.Recovered}
		}),
		events(" opened", func(sample) scout.EventFilter { return scout.EventFilter{Kind: scout.Opened} }),
		events(" reminder", func(sample) scout.EventFilter { return scout.EventFilter{Kind: scout.Reminder} }),
		events(" since an hour", func(v sample) scout.EventFilter { return scout.EventFilter{Since: v.now.Add(-time.Hour)} }),
		events(" of an hour", func(v sample) scout.EventFilter {
			return scout.EventFilter{Since: v.event.At, Until: v.event.At.Add(time.Hour)}
		}),
		events(" of tests", func(sample) scout.EventFilter { return scout.EventFilter{OnlyTests: true} }),
		events(" with tests", func(sample) scout.EventFilter { return scout.EventFilter{Test: true} }),
	}
}

func deliveryLists() []question {
	type filter = scout.DeliveryFilter
	by := map[string]func(sample) filter{
		"":                          func(sample) filter { return filter{} },
		" before":                   func(v sample) filter { return filter{Before: v.delivery.ID} },
		" by webhook":               func(v sample) filter { return filter{WebhookID: v.webhook.ID} },
		" by event":                 func(v sample) filter { return filter{EventID: v.event.ID} },
		" by incident":              func(v sample) filter { return filter{IncidentID: v.incident.ID} },
		" by server":                func(v sample) filter { return filter{Server: v.server.Name} },
		" by service":               func(v sample) filter { return filter{Service: v.check.Name} },
		" by unknown service":       func(sample) filter { return filter{Service: "none"} },
		" by server and service":    func(v sample) filter { return filter{Server: v.server.Name, Service: v.check.Name} },
		" by server and webhook":    func(v sample) filter { return filter{Server: v.server.Name, WebhookID: v.webhook.ID} },
		" by webhook and delivered": func(v sample) filter { return filter{WebhookID: v.webhook.ID, Status: scout.Delivered} },
		" by webhook and failed":    func(v sample) filter { return filter{WebhookID: v.webhook.ID, Status: scout.DeliveryFailed} },
		" by webhook and cancelled": func(v sample) filter { return filter{WebhookID: v.webhook.ID, Status: scout.DeliveryCancelled} },
		" by server and failed":     func(v sample) filter { return filter{Server: v.server.Name, Status: scout.DeliveryFailed} },
		" by service and failed":    func(v sample) filter { return filter{Service: v.check.Name, Status: scout.DeliveryFailed} },
		" since an hour":            func(v sample) filter { return filter{Since: v.now.Add(-time.Hour)} },
		" since a year":             func(v sample) filter { return filter{Since: v.now.AddDate(-1, 0, 0)} },
		" failed since a day": func(v sample) filter {
			return filter{Status: scout.DeliveryFailed, Since: v.now.AddDate(0, 0, -1)}
		},
		" by webhook of a day": func(v sample) filter {
			return filter{WebhookID: v.webhook.ID, Since: v.delivery.CreatedAt, Until: v.delivery.CreatedAt.AddDate(0, 0, 1)}
		},
		" containing a server's name": func(v sample) filter { return filter{Contains: v.server.Name} },
		" containing what is nowhere": func(sample) filter { return filter{Contains: "nowhere"} },
		" that gave up":               func(sample) filter { return filter{Reason: scout.GaveUp} },
		" not delivered": func(sample) filter {
			return filter{Statuses: []scout.DeliveryStatus{scout.DeliveryFailed, scout.DeliveryCancelled}}
		},
		" of tests":              func(sample) filter { return filter{Test: scout.With} },
		" until half a year ago": func(v sample) filter { return filter{Until: v.now.AddDate(0, -6, 0)} },
	}
	for _, status := range []scout.DeliveryStatus{scout.Pending, scout.Sending, scout.Delivered, scout.DeliveryFailed, scout.DeliveryCancelled} {
		by[" "+string(status)] = func(sample) filter { return filter{Status: status} }
	}
	var list []question
	for name, f := range by {
		list = append(list, question{"deliveries" + name, func(ctx context.Context, s *store.Store, v sample) (int, error) {
			return counted(s.ListDeliveries(ctx, f(v), pageSize))
		}})
	}
	return list
}

func attemptLists() []question {
	type filter = scout.AttemptFilter
	by := map[string]func(sample) filter{
		"":                      func(sample) filter { return filter{} },
		" by webhook":           func(v sample) filter { return filter{WebhookID: v.webhook.ID} },
		" given up":             func(sample) filter { return filter{Outcome: scout.OutcomeGaveUp} },
		" with a fault":         func(sample) filter { return filter{Fault: scout.FaultServerError} },
		" with an unseen fault": func(sample) filter { return filter{Fault: scout.FaultTLS} },
		" since an hour":        func(v sample) filter { return filter{Since: v.now.Add(-time.Hour)} },
		" of an hour": func(v sample) filter {
			return filter{Since: v.delivery.CreatedAt, Until: v.delivery.CreatedAt.Add(time.Hour)}
		},
	}
	var list []question
	for name, f := range by {
		list = append(list, question{"all attempts" + name, func(ctx context.Context, s *store.Store, v sample) (int, error) {
			return counted(s.ListAttempts(ctx, f(v), pageSize))
		}})
	}
	return list
}

func charts() []question {
	const day = 24 * time.Hour
	list := []question{
		{"attempts", func(ctx context.Context, s *store.Store, v sample) (int, error) {
			return counted(s.Attempts(ctx, v.delivery.ID, 0, pageSize))
		}},
		{"backlog", func(ctx context.Context, s *store.Store, _ sample) (int, error) {
			_, err := s.Backlog(ctx)
			return 1, err
		}},
		{"results", func(ctx context.Context, s *store.Store, v sample) (int, error) {
			return counted(s.Results(ctx, v.check.ID, time.Time{}, pageSize))
		}},
	}
	rollups := func(name string, length, reach time.Duration) {
		list = append(list, question{"rollups " + name, func(ctx context.Context, s *store.Store, v sample) (int, error) {
			return counted(s.Rollups(ctx, v.check.ID, length, v.now.Add(-reach), v.now))
		}})
	}
	rollups("24 h of 5 min", 5*time.Minute, day)
	rollups("7 d of 5 min", 5*time.Minute, 7*day)
	rollups("30 d of 5 min", 5*time.Minute, 30*day)
	rollups("30 d of 1 h", time.Hour, 30*day)
	rollups("1 y of 1 h", time.Hour, 365*day)
	for name, reach := range map[string]time.Duration{"24 h": day, "7 d": 7 * day, "30 d": 30 * day, "1 y": 365 * day} {
		list = append(list, question{"availability of 50 checks, " + name, func(ctx context.Context, s *store.Store, v sample) (int, error) {
			first := int(v.check.ID) % max(len(v.checks)-50, 1)
			ids := []int64{}
			for _, c := range v.checks[first:min(first+50, len(v.checks))] {
				ids = append(ids, c.ID)
			}
			all, err := s.Availability(ctx, ids, v.now.Add(-reach), v.now)
			return len(all), err
		}})
	}
	return list
}
