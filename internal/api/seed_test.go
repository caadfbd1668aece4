package api

import (
	"fmt"
	"net/http"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// A world is some of everything.
type world struct {
	server, check, webhook   int64
	incident, closedIncident string
	event, delivery          int64
	token                    int64
	hold, endedHold          int64
	statusPage, statusNote   int64
	account, session         int64
}

var began = time.Date(2026, 1, 15, 10, 30, 0, 123456000, time.UTC)

// populate makes a server, a check and a webhook through the API, and an open
// and a closed incident with events, deliveries, attempts and results as the
// engine would.
func (r *rig) populate() world {
	r.Helper()
	var w world
	w.server = r.want(http.StatusCreated, "POST", "/api/v1/servers", map[string]any{"name": "web-01", "ip": "192.0.2.10", "tags": []string{"web", "prod"}}).id()
	w.check = r.want(http.StatusCreated, "POST", "/api/v1/checks", map[string]any{"server_id": w.server, "kind": "tcp", "target": "192.0.2.10:22", "name": "SSH"}).id()
	w.webhook = r.want(http.StatusCreated, "POST", "/api/v1/webhooks", map[string]any{"name": "ops", "url": "https://hooks.example.com/a"}).id()
	w.token = r.do(scout.Admin, "POST", "/api/v1/tokens", map[string]any{"name": "ci", "role": "viewer"}).id()
	w.hold, w.endedHold = r.seedHold("maintenance"), r.seedHold("silence")
	r.want(http.StatusOK, "POST", fmt.Sprintf("/api/v1/holds/%d/end", w.endedHold), nil)
	w.account, w.session = r.seedAccount("ada", "t")
	w.incident = r.seedIncident(w, time.Time{})
	w.closedIncident = r.seedIncident(w, began.Add(5*time.Minute+23*time.Second))
	noErr(r.T, r.store.Update(r.Context(), func(tx *store.Tx) error {
		return tx.SaveState(scout.CheckState{CheckID: w.check, Level: scout.Down, Since: began, IncidentID: w.incident}, began)
	}))
	w.statusPage, w.statusNote = r.seedStatusPage(w)
	events, err := r.store.ListEvents(r.Context(), scout.EventFilter{IncidentID: w.incident}, 10)
	noErr(r.T, err)
	w.event = events[0].ID
	deliveries, err := r.store.ListDeliveries(r.Context(), scout.DeliveryFilter{IncidentID: w.incident}, 10)
	noErr(r.T, err)
	w.delivery = deliveries[0].ID
	for i := range 3 {
		at := began.Add(time.Duration(i) * time.Second)
		r.store.RecordResult(scout.Result{CheckID: w.check, At: at, Level: scout.Down, Latency: 2500 * time.Microsecond, Message: "refused"})
	}
	noErr(r.T, r.store.FlushResults(r.Context()))
	return w
}

// seedIncident writes an incident with one event and its delivery, which was
// tried twice and still waits. A zero end leaves it open.
func (r *rig) seedIncident(w world, ended time.Time) string {
	r.Helper()
	i := scout.Incident{
		ID: scout.NewIncidentID(began.Add(20 * time.Second)), CheckID: w.check, Server: "web-01", Service: "SSH", ServerIP: "192.0.2.10",
		Level: scout.Down, Worst: scout.Down, Began: began, Opened: began.Add(20 * time.Second), Ended: ended, Closed: ended,
		Message: "connection refused", Events: 1,
	}
	e := scout.Event{
		IncidentID: i.ID, Seq: 1, Kind: scout.Opened, Level: scout.Down, At: i.Opened, CheckID: w.check, Server: i.Server,
		Service: i.Service, ServerIP: i.ServerIP, Tags: []string{"prod"}, Message: i.Message, Began: began, Duration: 20 * time.Second,
		Evidence:  []scout.Result{{CheckID: w.check, At: began, Level: scout.Down, Message: "refused"}},
		Decisions: []scout.Decision{{WebhookID: w.webhook, Webhook: "ops", Reason: scout.Owed}},
	}
	noErr(r.T, r.store.Update(r.Context(), func(tx *store.Tx) error {
		if err := tx.SaveIncident(i); err != nil {
			return err
		}
		return tx.InsertEvent(&e)
	}))
	d := scout.Delivery{
		MessageID: scout.NewMessageID(), EventID: e.ID, IncidentID: i.ID, Seq: 1, WebhookID: w.webhook, Webhook: "ops",
		Tells: scout.StatusDown, Status: scout.Pending, Reason: scout.Owed, DueAt: began, CreatedAt: i.Opened, Server: i.Server, Service: i.Service,
	}
	noErr(r.T, r.store.Update(r.Context(), func(tx *store.Tx) error { return tx.InsertDelivery(&d) }))
	for n := range 2 {
		at := began.Add(time.Minute * time.Duration(n+1))
		jobs, err := r.store.Claim(r.Context(), w.webhook, 1, at)
		noErr(r.T, err)
		_, err = r.store.Finish(r.Context(), scout.Completion{
			Job: jobs[0], Attempt: failedAttempt(jobs[0].Delivery, n+1, at), Status: scout.Pending, Reason: scout.Owed,
			DueAt: at.Add(time.Second), Delay: time.Second, Now: at, Says: scout.SaysFailure,
		})
		noErr(r.T, err)
	}
	return i.ID
}

// seedHold makes a hold for the next two hours.
func (r *rig) seedHold(kind string) int64 {
	r.Helper()
	keys := map[string]any{"kind": kind, "for": "2h", "match": map[string]any{"servers": []string{"web-01"}}, "comment": "new disks"}
	return r.want(http.StatusCreated, "POST", "/api/v1/holds", keys).id()
}

// seedTest writes the sample event of a test.
func (r *rig) seedTest() {
	r.Helper()
	e := scout.Event{IncidentID: scout.NewTestID(began), Seq: 1, Kind: scout.Opened, Level: scout.Down, At: began, Began: began, Server: "test-server", Test: true}
	noErr(r.T, r.store.Update(r.Context(), func(tx *store.Tx) error { return tx.InsertEvent(&e) }))
}

// seedStatusPage makes a status page, and a note on it about the open incident.
func (r *rig) seedStatusPage(w world) (page, note int64) {
	r.Helper()
	page = r.want(http.StatusCreated, "POST", "/api/v1/status-pages", map[string]any{
		"title": "Our services", "groups": []any{map[string]any{"name": "Web", "match": map[string]any{"tags": []string{"web"}}}},
	}).id()
	note = r.want(http.StatusCreated, "POST", fmt.Sprintf("/api/v1/status-pages/%d/notes", page),
		map[string]any{"text": "We are restarting it.", "incident_id": w.incident}).id()
	return page, note
}

// seedAccount makes a viewer's account that is signed in, and one of an admin.
func (r *rig) seedAccount(name, token string) (account, session int64) {
	r.Helper()
	noErr(r.T, r.store.Update(r.Context(), func(tx *store.Tx) error {
		return tx.SaveAccount(&scout.Account{Name: name + "'s admin", Role: scout.Admin}, scout.NewSecret("hash"))
	}))
	a := scout.Account{Name: name, Role: scout.Viewer}
	noErr(r.T, r.store.Update(r.Context(), func(tx *store.Tx) error { return tx.SaveAccount(&a, scout.NewSecret("hash")) }))
	s, err := r.store.Sessions().Begin(r.Context(), token, a, "192.0.2.7", "Firefox", time.Now().Add(time.Hour))
	noErr(r.T, err)
	return a.ID, s.ID
}
