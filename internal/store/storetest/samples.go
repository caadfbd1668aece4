package storetest

import (
	"fmt"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// server saves a server of a name.
func (w *world) server(name string) scout.Server {
	w.Helper()
	s := scout.Server{Name: name, IP: "192.0.2.7", Tags: []string{"prod", "web"}, Source: scout.FromDatabase}
	w.update(func(tx *store.Tx) error { return tx.SaveServer(&s) })
	return s
}

// check saves a check of a name on a server.
func (w *world) check(server int64, name string) scout.Check {
	w.Helper()
	c := sampleCheck(server, name)
	w.update(func(tx *store.Tx) error { return tx.SaveCheck(&c) })
	return c
}

func sampleCheck(server int64, name string) scout.Check {
	return scout.Check{
		ServerID: server, Name: name, Kind: "http", Target: "http://user:pass@192.0.2.7/",
		Interval: time.Minute, Timeout: 10 * time.Second, ConfirmInterval: 15 * time.Second,
		FailAfter: 3, RecoverAfter: 2, Source: scout.FromDatabase,
		Settings: scout.Settings{
			"method": "GET", "insecure": false, "expect": map[string]any{"status": []any{"200-299"}}, "port": 8080.0,
		},
	}
}

// webhook saves a webhook of a name.
func (w *world) webhook(name string) scout.Webhook {
	w.Helper()
	h := sampleWebhook(name)
	w.update(func(tx *store.Tx) error { return tx.SaveWebhook(&h) })
	return h
}

func sampleWebhook(name string) scout.Webhook {
	return scout.Webhook{
		Name: name, URL: scout.NewSecret("https://hooks.example.com/T0/xyz"), DisplayURL: "https://hooks.example.com/…",
		Format: "native", AlertTypes: scout.AllAlerts, Source: scout.FromDatabase,
		Headers: []scout.Header{
			{Name: "Authorization", Value: scout.NewSecret("Bearer abc")},
			{Name: "X-Team", Value: scout.NewSecret("ops")},
		},
		Secret: scout.NewSecret("whsec_new"), PreviousSecret: scout.NewSecret("whsec_old"),
		Match:    scout.Match{Servers: []string{"web-1"}, Tags: []string{"prod"}, Checks: []string{"HTTP", "web-1/TCP"}},
		Settings: scout.Settings{"channel": "#ops"},
	}
}

// story is one incident, told as monitor does it.
type story struct {
	w  *world
	in scout.Incident
}

// story begins an incident of which nothing is told yet.
func (w *world) story() *story {
	now := w.clock.Now()
	return &story{w, scout.Incident{
		ID: scout.NewIncidentID(now), CheckID: 41, Server: "web-1", Service: "HTTP", ServerIP: "192.0.2.7",
		Began: now.Add(-time.Minute), Opened: now,
	}}
}

// enter tells each webhook in one transaction that the incident is at a level
// from now on; Up ends it. The deliveries are born pending, or claimed where
// status says Sending. What is open of the incident goes first.
func (s *story) enter(level scout.Level, status scout.DeliveryStatus, hooks ...scout.Webhook) []scout.Delivery {
	s.w.Helper()
	var made []scout.Delivery
	s.w.update(func(tx *store.Tx) (err error) {
		made, err = s.write(tx, level, status, hooks)
		return err
	})
	return made
}

func (s *story) write(tx *store.Tx, level scout.Level, status scout.DeliveryStatus, hooks []scout.Webhook) ([]scout.Delivery, error) {
	now := s.w.clock.Now()
	in := &s.in
	in.Events++
	in.Message = fmt.Sprintf("HTTP service is %s", level)
	e := scout.Event{
		IncidentID: in.ID, Seq: in.Events, Kind: scout.Opened, Level: level, At: now, CheckID: in.CheckID,
		Server: in.Server, Service: in.Service, ServerIP: in.ServerIP, Message: in.Message,
		Began: in.Began, Duration: now.Sub(in.Began),
	}
	if level == scout.Up {
		in.Ended, in.Closed = now, now
		e.Kind, e.Ended = scout.Recovered, now
	} else {
		in.Level, in.Worst = level, max(in.Worst, level)
	}
	if err := tx.SaveIncident(*in); err != nil {
		return nil, err
	}
	if err := tx.InsertEvent(&e); err != nil {
		return nil, err
	}
	var made []scout.Delivery
	for _, h := range hooks {
		d := scout.Delivery{
			MessageID: scout.NewMessageID(), EventID: e.ID, IncidentID: in.ID, Seq: e.Seq, WebhookID: h.ID, Webhook: h.Name,
			Tells: tells(level, h), Status: status, Reason: scout.Owed, DueAt: now, CreatedAt: now,
			Server: in.Server, Service: in.Service,
		}
		var err error
		if d.AfterID, err = tx.OpenDelivery(in.ID, h.ID); err != nil {
			return nil, err
		}
		if err := tx.InsertDelivery(&d); err != nil {
			return nil, err
		}
		made = append(made, d)
	}
	return made, nil
}

// tells is what a webhook is told of a level: a warning it does not hear is
// the end of what it heard.
func tells(level scout.Level, h scout.Webhook) scout.Status {
	if level == scout.Warning && !h.AlertTypes.Has(scout.WarningAlerts) {
		return scout.StatusRecovered
	}
	return scout.StatusOf(level)
}

// pending tells one webhook of a level by a delivery that is born pending.
func (s *story) pending(level scout.Level, h scout.Webhook) scout.Delivery {
	s.w.Helper()
	return s.enter(level, scout.Pending, h)[0]
}

// claimed tells one webhook of a level by a delivery that is born claimed.
func (s *story) claimed(level scout.Level, h scout.Webhook) scout.Job {
	s.w.Helper()
	d := s.enter(level, scout.Sending, h)[0]
	return scout.Job{Delivery: d, Webhook: h, ClaimedAt: s.w.clock.Now()}
}

// down begins an incident and tells one webhook of it, claimed at birth.
func (w *world) down(h scout.Webhook) scout.Job {
	w.Helper()
	return w.story().claimed(scout.Down, h)
}

// claim takes up to n deliveries of a webhook that are due now.
func (w *world) claim(h scout.Webhook, n int) []scout.Job {
	w.Helper()
	jobs, err := w.store.Claim(w.Context(), h.ID, n, w.clock.Now())
	w.ok(err)
	return jobs
}

// claimIDs is claim for its deliveries' ids.
func (w *world) claimIDs(h scout.Webhook, n int) []int64 {
	w.Helper()
	return idsOf(w.claim(h, n))
}

func idsOf(jobs []scout.Job) []int64 {
	ids := []int64{}
	for _, j := range jobs {
		ids = append(ids, j.Delivery.ID)
	}
	return ids
}

// finish records a completion and returns what was claimed with it.
func (w *world) finish(c scout.Completion) []scout.Job {
	w.Helper()
	jobs, err := w.store.Finish(w.Context(), c)
	w.ok(err)
	return jobs
}

// attempted is a completion of which the outcome is still to be said.
func (w *world) attempted(j scout.Job) scout.Completion {
	return scout.Completion{
		Job: j, Now: w.clock.Now(), Reason: j.Delivery.Reason,
		Attempt: scout.Attempt{
			DeliveryID: j.Delivery.ID, WebhookID: j.Webhook.ID, Number: j.Delivery.Attempts + 1,
			StartedAt: j.ClaimedAt, Duration: 20 * time.Millisecond,
		},
	}
}

// delivered is the completion of an attempt that was accepted.
func (w *world) delivered(j scout.Job) scout.Completion {
	c := w.attempted(j)
	c.Status, c.Says = scout.Delivered, scout.SaysSuccess
	c.Attempt.Status, c.Attempt.Verdict = 204, scout.Verdict{Outcome: scout.OutcomeDelivered}
	return c
}

// retry is the completion of an attempt that failed and is made again after
// a delay.
func (w *world) retry(j scout.Job, delay time.Duration) scout.Completion {
	c := w.attempted(j)
	c.Status, c.Says = scout.Pending, scout.SaysFailure
	c.DueAt, c.Delay = c.Now.Add(delay), delay
	c.Attempt.Status = 503
	c.Attempt.Verdict = scout.Verdict{Outcome: scout.OutcomeRetry, Fault: scout.FaultServerError, Detail: "answered 503"}
	return c
}

// gaveUp is the completion of the last attempt of a delivery that failed.
func (w *world) gaveUp(j scout.Job) scout.Completion {
	c := w.retry(j, 0)
	c.Status, c.Reason, c.DueAt = scout.DeliveryFailed, scout.GaveUp, time.Time{}
	c.Attempt.Verdict.Outcome = scout.OutcomeGaveUp
	return c
}

// is fails the scenario unless a delivery has a status and a reason.
func (w *world) is(id int64, status scout.DeliveryStatus, reason scout.Reason) scout.Delivery {
	w.Helper()
	d := get(w, w.store.Delivery, id)
	if d.Status != status || d.Reason != reason {
		w.Errorf("delivery %d is %s (%s), want %s (%s)", id, d.Status, d.Reason, status, reason)
	}
	return d
}

// attempts lists what is on record of a delivery.
func (w *world) attempts(delivery int64) []scout.Attempt {
	w.Helper()
	list, err := w.store.Attempts(w.Context(), delivery, 0, 100)
	w.ok(err)
	return list
}
