package incidents

import (
	"errors"
	"fmt"
	"time"

	"go.uber.org/goleak"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// leaks finds goroutines that outlived the tests.
func leaks() error { return goleak.Find() }

// webhook saves a webhook of a name.
func (r *rig) webhook(name string) scout.Webhook {
	r.Helper()
	w := scout.Webhook{
		Name: name, URL: scout.NewSecret("https://hooks.example.com/T0/s3cr3t"), DisplayURL: "https://hooks.example.com/…",
		Format: "native", AlertTypes: scout.AllAlerts, Source: scout.FromDatabase,
	}
	noErr(r.T, r.store.Update(r.Context(), func(tx *store.Tx) error { return tx.SaveWebhook(&w) }))
	return w
}

// webhooks saves as many webhooks as there are names.
func (r *rig) webhooks(names ...string) []scout.Webhook {
	r.Helper()
	var list []scout.Webhook
	for _, name := range names {
		list = append(list, r.webhook(name))
	}
	return list
}

// check saves a check on a server of its own, unless that is there.
func (r *rig) check(server, name string) scout.Check {
	r.Helper()
	c := scout.Check{Name: name, Kind: "http", Target: "http://192.0.2.7/", Interval: time.Minute, FailAfter: 3, RecoverAfter: 2, Source: scout.FromDatabase}
	noErr(r.T, r.store.Update(r.Context(), func(tx *store.Tx) error {
		s := scout.Server{Name: server, IP: "192.0.2.7", Tags: []string{"prod"}, Source: scout.FromDatabase}
		if err := tx.SaveServer(&s); err != nil {
			return err
		}
		c.ServerID = s.ID
		return tx.SaveCheck(&c)
	}))
	return c
}

// tale is an incident that is told event by event, as the engine does it.
type tale struct {
	r  *rig
	in scout.Incident
}

// begin begins an incident of a check some time before now.
func (r *rig) begin(c scout.Check, server string, ago time.Duration) *tale {
	began := r.now.Add(-ago)
	opened := began.Add(20 * time.Second)
	return &tale{r, scout.Incident{
		ID: scout.NewIncidentID(opened), CheckID: c.ID, Server: server, Service: c.Name, ServerIP: "192.0.2.7", Tags: []string{"prod"},
		Began: began, Opened: opened,
	}}
}

// happens is one event, with who is owed it and why the others are not.
type happens struct {
	kind    scout.EventKind
	level   scout.Level
	after   time.Duration // since the beginning
	message string
	hooks   []scout.Webhook
	reasons []scout.Decision
	repeats bool
	told    bool // its deliveries have arrived already
}

// event records one event and what is owed of it, and returns the deliveries.
func (t *tale) event(h happens) []scout.Delivery {
	t.r.Helper()
	in := &t.in
	in.Events++
	at := in.Began.Add(h.after)
	in.Message, in.Latest = h.message, at
	e := scout.Event{
		IncidentID: in.ID, Seq: in.Events, Kind: h.kind, Level: h.level, At: at, CheckID: in.CheckID, Server: in.Server, Service: in.Service,
		ServerIP: in.ServerIP, Tags: in.Tags, Message: h.message, Began: in.Began, Duration: h.after, Repeats: h.repeats,
		Decisions: h.reasons,
	}
	evidence := func(n int, first time.Time) {
		for i := range n {
			e.Evidence = append(e.Evidence, scout.Result{
				CheckID: in.CheckID, At: first.Add(time.Duration(i)*10*time.Second + 7), Level: h.level, Latency: 2500 * time.Microsecond, Message: h.message,
			})
		}
	}
	switch h.kind {
	case scout.Opened:
		evidence(3, in.Began)
	case scout.Recovered:
		e.Ended = at.Add(-10 * time.Second)
		e.Duration = e.Ended.Sub(in.Began)
		in.Ended, in.Closed = e.Ended, at
		evidence(2, e.Ended)
	}
	if h.kind != scout.Recovered {
		in.Level, in.Worst = h.level, max(in.Worst, h.level)
	}
	for _, w := range h.hooks {
		e.Decisions = append(e.Decisions, scout.Decision{WebhookID: w.ID, Webhook: w.Name, Reason: scout.Owed})
	}
	var made []scout.Delivery
	noErr(t.r.T, t.r.store.Update(t.r.Context(), func(tx *store.Tx) error {
		if err := errors.Join(tx.SaveIncident(*in), tx.InsertEvent(&e)); err != nil {
			return err
		}
		for _, w := range h.hooks {
			d := scout.Delivery{
				MessageID: scout.NewMessageID(), EventID: e.ID, IncidentID: in.ID, Seq: e.Seq, WebhookID: w.ID, Webhook: w.Name,
				Tells: scout.StatusOf(h.level), Status: scout.Sending, Reason: scout.Owed, DueAt: at, CreatedAt: at, Server: in.Server, Service: in.Service,
			}
			var err error
			if d.AfterID, err = tx.OpenDelivery(in.ID, w.ID); err != nil {
				return err
			}
			switch {
			case h.told:
				d.Status = scout.Delivered
			case d.AfterID != 0:
				d.Status = scout.Pending
			}
			if err := tx.InsertDelivery(&d); err != nil {
				return err
			}
			made = append(made, d)
		}
		return nil
	}))
	return made
}

// outcome is what an attempt comes to.
type outcome struct {
	status  int
	verdict scout.Verdict
	then    scout.DeliveryStatus
	reason  scout.Reason
	next    time.Duration // until the next attempt
	body    string        // that came back
}

var (
	accepted = outcome{status: 204, verdict: scout.Verdict{Outcome: scout.OutcomeDelivered}, then: scout.Delivered, reason: scout.Owed}
	refused  = outcome{
		status: 404, then: scout.Pending, reason: scout.Owed, next: 3 * time.Minute, body: `{"message": "Unknown Webhook"}`,
		verdict: scout.Verdict{Outcome: scout.OutcomeRetry, Fault: scout.FaultMisconfigured, Detail: "The receiver answered 404: Unknown Webhook"},
	}
	gaveUp = outcome{
		status: 503, then: scout.DeliveryFailed, reason: scout.GaveUp,
		verdict: scout.Verdict{Outcome: scout.OutcomeGaveUp, Fault: scout.FaultServerError, Detail: "The receiver answered 503"},
	}
)

// attempted records one attempt of a delivery that is being sent.
func (r *rig) attempted(d scout.Delivery, at time.Time, o outcome) {
	r.Helper()
	_, err := r.store.Finish(r.Context(), scout.Completion{
		Job: scout.Job{Delivery: d, Webhook: scout.Webhook{ID: d.WebhookID}, ClaimedAt: at}, Status: o.then, Reason: o.reason,
		DueAt: at.Add(o.next), Delay: o.next, Now: at.Add(83 * time.Millisecond), Says: scout.SaysNothing,
		Attempt: scout.Attempt{
			DeliveryID: d.ID, WebhookID: d.WebhookID, Number: d.Attempts + 1, StartedAt: at, Duration: 83 * time.Millisecond,
			Verdict: o.verdict, Status: o.status, Address: "203.0.113.9:443",
			Request: scout.Exchange{
				Line: "POST https://hooks.example.com/" + scout.Masked, Body: `{"alert_id":"` + d.IncidentID + `"}`,
				Header: [][2]string{{"Authorization", scout.Masked}, {"Content-Type", "application/json"}, {"Webhook-Id", d.MessageID}},
			},
			Response: scout.Exchange{Line: fmt.Sprintf("HTTP/1.1 %d", o.status), Body: o.body, Header: [][2]string{{"Server", "test"}}},
		},
	})
	noErr(r.T, err)
}

// again claims a delivery whose next attempt is due.
func (r *rig) again(d scout.Delivery, at time.Time) scout.Delivery {
	r.Helper()
	jobs, err := r.store.Claim(r.Context(), d.WebhookID, 1, at)
	noErr(r.T, err)
	if len(jobs) != 1 || jobs[0].Delivery.ID != d.ID {
		r.Fatalf("claimed %d deliveries, want delivery %d", len(jobs), d.ID)
	}
	return jobs[0].Delivery
}

// outage is an open incident of HTTP on web-server-01 that 3 of 4 webhooks were
// told of.
func (r *rig) outage() (*tale, []scout.Webhook) {
	r.Helper()
	hooks := r.webhooks("Slack (ops)", "PagerDuty", "Teams", "Discord (ops)")
	quiet := r.webhook("Warnings only")
	t := r.begin(r.check("web-server-01", "HTTP"), "web-server-01", 12*time.Minute)
	made := t.event(happens{
		kind: scout.Opened, level: scout.Down, after: 20 * time.Second, message: "HTTP service is not responding on port 80: connection refused", hooks: hooks,
		reasons: []scout.Decision{{WebhookID: quiet.ID, Webhook: quiet.Name, Reason: scout.NotSelected}},
	})
	at := t.in.Opened
	r.attempted(made[0], at, accepted)
	r.attempted(made[1], at, outcome{
		status: 503, then: scout.Pending, reason: scout.Owed, next: 5 * time.Second, body: "try later",
		verdict: scout.Verdict{Outcome: scout.OutcomeRetry, Fault: scout.FaultServerError, Detail: "PagerDuty answered 503: try later"},
	})
	r.attempted(r.again(made[1], at.Add(6*time.Second)), at.Add(6*time.Second), accepted)
	r.attempted(made[2], at, accepted)
	r.attempted(made[3], r.now.Add(-time.Minute), refused)
	return t, hooks
}
