package storetest

import (
	"context"
	"errors"
	"strings"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var configuration = map[string]func(*world){
	"a server keeps every field":          serverRoundTrip,
	"a check keeps every field":           checkRoundTrip,
	"a webhook keeps every field":         webhookRoundTrip,
	"a webhook's state is not overridden": webhookStateStays,
	"names are unique":                    namesAreUnique,
	"ids are not used again":              idsAreNotReused,
	"a server takes its checks along":     deleteServer,
	"a check takes its companion along":   deleteCheck,
	"what is not there is NotFound":       notFound,
	"lists are in order":                  configOrder,
}

func serverRoundTrip(w *world) {
	s := w.server("Größe 東京 \"'%_")
	w.allSet(s)
	w.equal("the saved server", get(w, w.store.Server, s.ID), s)

	w.clock.move(time.Hour)
	created := s.CreatedAt
	s.Name, s.IP, s.Tags, s.Source = "other", "db.example.com", []string{"z"}, scout.FromFile
	w.update(func(tx *store.Tx) error { return tx.SaveServer(&s) })
	w.reopen()
	got := get(w, w.store.Server, s.ID)
	w.equal("the changed server", got, s)
	w.equal("its times", []time.Time{got.CreatedAt, got.UpdatedAt}, []time.Time{created, w.clock.Now()})
	w.update(func(tx *store.Tx) error {
		got, err := tx.Server(s.ID)
		w.equal("the server in a transaction", got, s)
		return err
	})
}

func checkRoundTrip(w *world) {
	s := w.server("web-1")
	c := w.check(s.ID, "HTTP")
	w.equal("the saved check", get(w, w.store.Check, c.ID), c)

	w.clock.move(time.Hour)
	created := c.CreatedAt
	c.Name, c.Kind, c.Target, c.Source = "TCP", "tcp", "192.0.2.7:5432", scout.FromFile
	c.Interval, c.Timeout, c.ConfirmInterval = 2*time.Second, 50*time.Millisecond, time.Second
	c.FailAfter, c.RecoverAfter, c.Paused, c.ParentID = 1, 7, true, 99
	c.Remind = 4 * time.Hour
	c.Settings = scout.Settings{"send": "PING", "deep": map[string]any{"list": []any{"a", 1.5, nil, true}}}
	w.allSet(c)
	w.update(func(tx *store.Tx) error { return tx.SaveCheck(&c) })
	w.reopen()
	got := get(w, w.store.Check, c.ID)
	w.equal("the changed check", got, c)
	w.equal("its times", []time.Time{got.CreatedAt, got.UpdatedAt}, []time.Time{created, w.clock.Now()})
	w.update(func(tx *store.Tx) error {
		got, err := tx.Check(c.ID)
		w.equal("the check in a transaction", got, c)
		return err
	})
	targets, err := w.store.Watched(w.Context())
	w.ok(err)
	w.equal("what is watched", targets, []scout.Target{{Check: c, Server: s}})
}

func webhookRoundTrip(w *world) {
	h := w.webhook("ops")
	w.equal("the saved webhook", get(w, w.store.Webhook, h.ID), h)

	w.clock.move(time.Hour)
	h.Name, h.URL, h.DisplayURL = "night", scout.NewSecret("https://a.example/?sig=1%2F2"), "https://a.example/?sig=…"
	h.Format, h.AlertTypes, h.Source = "slack", scout.Critical, scout.FromFile
	h.Headers = []scout.Header{{Name: "b", Value: scout.NewSecret("")}, {Name: "a", Value: scout.NewSecret("2")}}
	h.Secret, h.PreviousSecret = h.PreviousSecret, scout.NewSecret("whsec_third")
	h.Match, h.Settings = scout.Match{Tags: []string{"x"}}, scout.Settings{"n": 2.0}
	w.update(func(tx *store.Tx) error { return tx.SaveWebhook(&h) })
	w.reopen()
	w.equal("the changed webhook", get(w, w.store.Webhook, h.ID), h)
	w.update(func(tx *store.Tx) error {
		one, err := tx.Webhook(h.ID)
		w.equal("the webhook in a transaction", one, h)
		return err
	})

	all := h
	all.Paused, all.DisabledAt, all.DisabledWhy, all.Health = true, h.CreatedAt, "-", scout.WebhookHealth{FailStreak: 1}
	w.allSet(all) // what is set here is not SaveWebhook's to keep
}

func webhookStateStays(w *world) {
	h := w.webhook("ops")
	w.update(func(tx *store.Tx) error { return tx.PauseWebhook(h.ID) })
	gone := w.retry(w.down(h), time.Minute)
	gone.Disable, gone.HoldUntil = "answered 410", gone.Now.Add(time.Minute)
	w.finish(gone)
	before := get(w, w.store.Webhook, h.ID)
	if !before.Paused || before.DisabledAt.IsZero() || before.Health == (scout.WebhookHealth{}) {
		w.Fatalf("the webhook is not paused, disabled and failing: %+v", before)
	}
	h.Name = "renamed"
	w.update(func(tx *store.Tx) error { return tx.SaveWebhook(&h) })
	before.Name, before.Revision = h.Name, before.Revision+1
	w.equal("the webhook after a change", get(w, w.store.Webhook, h.ID), before)
}

func namesAreUnique(w *world) {
	a, b := w.server("a"), w.server("b")
	check, sibling := w.check(a.ID, "HTTP"), w.check(a.ID, "TCP")
	w.check(b.ID, "HTTP") // the same name on another server
	w.webhook("ops")
	other := w.webhook("night")

	tests := []struct {
		names string // what the message must name
		save  func(tx *store.Tx) error
	}{
		{`"a"`, func(tx *store.Tx) error { return tx.SaveServer(&scout.Server{Name: "a"}) }},
		{`"a"`, func(tx *store.Tx) error { b.Name = "a"; return tx.SaveServer(&b) }},
		{`"HTTP"`, func(tx *store.Tx) error { c := sampleCheck(a.ID, check.Name); return tx.SaveCheck(&c) }},
		{`"HTTP"`, func(tx *store.Tx) error { sibling.Name = check.Name; return tx.SaveCheck(&sibling) }},
		{`"ops"`, func(tx *store.Tx) error { h := sampleWebhook("ops"); return tx.SaveWebhook(&h) }},
		{`"ops"`, func(tx *store.Tx) error { other.Name = "ops"; return tx.SaveWebhook(&other) }},
	}
	for i, tt := range tests {
		err := w.store.Update(w.Context(), tt.save)
		w.code(err, scout.Conflict)
		if err != nil && !strings.Contains(err.Error(), tt.names) {
			w.Errorf("case %d: the message %q does not name %s", i, err, tt.names)
		}
	}
	w.equal("the second webhook's name", get(w, w.store.Webhook, other.ID).Name, "night")
}

func idsAreNotReused(w *world) {
	s := w.server("a")
	c := w.check(s.ID, "HTTP")
	h := w.webhook("ops")
	w.update(func(tx *store.Tx) error {
		if err := tx.DeleteWebhook(h.ID); err != nil {
			return err
		}
		return tx.DeleteServer(s.ID)
	})
	again := w.server("a")
	if again.ID <= s.ID || w.check(again.ID, "HTTP").ID <= c.ID || w.webhook("ops").ID <= h.ID {
		w.Error("an id was used again: it may still stand in a delivery or an incident")
	}
}

func deleteServer(w *world) {
	gone, stays := w.server("gone"), w.server("stays")
	c, kept := w.check(gone.ID, "HTTP"), w.check(stays.ID, "HTTP")
	story := w.story()
	story.in.CheckID = c.ID
	story.pending(scout.Down, w.webhook("ops"))
	w.update(func(tx *store.Tx) error {
		for _, id := range []int64{c.ID, kept.ID} {
			if err := tx.SaveState(scout.CheckState{CheckID: id, Level: scout.Down, IncidentID: story.in.ID}, time.Time{}); err != nil {
				return err
			}
		}
		return tx.DeleteServer(gone.ID)
	})

	_, err := w.store.Server(w.Context(), gone.ID)
	w.code(err, scout.NotFound)
	_, err = w.store.Check(w.Context(), c.ID)
	w.code(err, scout.NotFound)
	states, err := w.store.States(w.Context())
	w.ok(err)
	if _, ok := states[kept.ID]; !ok || len(states) != 1 {
		w.Errorf("states = %v, want that of check %d alone", states, kept.ID)
	}
	open, err := w.store.OpenIncidents(w.Context())
	w.ok(err)
	w.equal("the incidents left for monitor to end", open, []scout.Incident{story.in})
}

func deleteCheck(w *world) {
	s := w.server("web-1")
	parent, other := w.check(s.ID, "HTTP"), w.check(s.ID, "TCP")
	companion := sampleCheck(s.ID, "HTTP certificate")
	companion.ParentID = parent.ID
	w.update(func(tx *store.Tx) error {
		if err := tx.SaveCheck(&companion); err != nil {
			return err
		}
		return tx.DeleteCheck(parent.ID)
	})
	list, err := w.store.ListChecks(w.Context(), scout.CheckFilter{}, 10)
	w.ok(err)
	w.equal("the checks left", list, []scout.Check{other})
}

func notFound(w *world) {
	const id = 12345
	reads := map[string]func(context.Context) error{
		"server":   func(ctx context.Context) error { _, err := w.store.Server(ctx, id); return err },
		"check":    func(ctx context.Context) error { _, err := w.store.Check(ctx, id); return err },
		"webhook":  func(ctx context.Context) error { _, err := w.store.Webhook(ctx, id); return err },
		"incident": func(ctx context.Context) error { _, err := w.store.Incident(ctx, "12345"); return err },
		"event":    func(ctx context.Context) error { _, err := w.store.Event(ctx, id); return err },
		"delivery": func(ctx context.Context) error { _, err := w.store.Delivery(ctx, id); return err },
	}
	for what, read := range reads {
		err := read(w.Context())
		w.code(err, scout.NotFound)
		if err != nil && (!strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "12345")) {
			w.Errorf("the message %q does not name the %s and its id", err, what)
		}
	}
	w.update(func(tx *store.Tx) error {
		_, err := tx.Server(id)
		w.code(err, scout.NotFound)
		_, err = tx.Check(id)
		w.code(err, scout.NotFound)
		_, err = tx.Webhook(id)
		w.code(err, scout.NotFound)
		w.code(tx.SendAgain(id), scout.NotFound)
		return nil
	})
}

func configOrder(w *world) {
	b, a := w.server("b"), w.server("a")
	for _, name := range []string{"z", "x", "y"} {
		w.check(b.ID, name)
		w.webhook(name)
	}
	w.check(a.ID, "w")
	w.update(func(tx *store.Tx) error {
		servers, err := tx.Servers()
		checks, err2 := tx.Checks()
		of, err3 := tx.ChecksOf(b.ID)
		hooks, err4 := tx.Webhooks()
		checkName := func(c scout.Check) string { return c.Name }
		w.equal("servers", names(servers, func(s scout.Server) string { return s.Name }), []string{"a", "b"})
		w.equal("checks", names(checks, checkName), []string{"x", "y", "z", "w"})
		w.equal("the checks of a server", names(of, checkName), []string{"x", "y", "z"})
		w.equal("webhooks", names(hooks, func(h scout.Webhook) string { return h.Name }), []string{"x", "y", "z"})
		return errors.Join(err, err2, err3, err4)
	})
}

func names[T any](list []T, name func(T) string) []string {
	var all []string
	for _, v := range list {
		all = append(all, name(v))
	}
	return all
}
