package store

import (
	"slices"
	"strings"
	"testing"

	"serverscout/internal/scout"
)

// A list by the filter is read along one index, the one that narrows it most,
// from its newest row on. SQLite does otherwise in silence where it can not, or
// guesses wrong, and that shows only once a history is long.
func TestListsAreReadAlongAnIndex(t *testing.T) {
	t.Parallel()
	s := openIn(t, Options{})
	few := candidates{query: "SELECT id FROM deliveries WHERE webhook_id = 1"}
	deliveries := func(f scout.DeliveryFilter) string { q, _ := deliveriesQuery(f, idRange{}, candidates{}, 1); return q }
	among := func(f scout.DeliveryFilter) string { q, _ := deliveriesQuery(f, idRange{}, few, 1); return q }
	incidents := func(f scout.IncidentFilter) string { q, _ := incidentsQuery(f, candidates{}, 1); return q }
	events := func(f scout.EventFilter) string { q, _ := eventsQuery(f, idRange{}, 1); return q }
	attempts := func(f scout.AttemptFilter) string { q, _ := attemptsQuery(f, idRange{}, candidates{}, 1); return q }
	amongAttempts := func(f scout.AttemptFilter) string { q, _ := attemptsQuery(f, idRange{}, few, 1); return q }
	type d = scout.DeliveryFilter
	tests := []struct{ query, step string }{
		{deliveries(d{}), "SCAN d"}, // by the primary key
		{deliveries(d{Status: scout.Delivered}), "SCAN d"},
		{deliveries(d{Since: noon, Until: noon}), "SEARCH d USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		{deliveries(d{WebhookID: 1}), "SEARCH d USING INDEX deliveries_webhook (webhook_id=?)"},
		{deliveries(d{WebhookID: 1, Since: noon, Until: noon}), "SEARCH d USING INDEX deliveries_webhook (webhook_id=? AND id>? AND id<?)"},
		{deliveries(d{WebhookID: 1, Status: scout.DeliveryFailed}), "SEARCH d USING INDEX deliveries_given_up (webhook_id=? AND status=?)"},
		{deliveries(d{WebhookID: 1, Status: scout.Pending}), "SEARCH d USING INDEX deliveries_undelivered (status=?)"},
		{deliveries(d{WebhookID: 1, Status: scout.Delivered}), "SEARCH d USING INDEX deliveries_webhook (webhook_id=?)"},
		{deliveries(d{WebhookID: 1, Service: "HTTP"}), "SEARCH d USING INDEX deliveries_webhook (webhook_id=?)"},
		{among(d{WebhookID: 1, Service: "HTTP", Server: "a"}), "SEARCH d USING INTEGER PRIMARY KEY (rowid=?)"},
		{deliveries(d{Server: "a", Service: "HTTP", Status: scout.DeliveryFailed}), "SEARCH d USING INDEX deliveries_given_up_server (server=? AND status=?)"},
		{deliveries(d{Service: "HTTP", WebhookID: 1, Status: scout.DeliveryFailed}), "SEARCH d USING INDEX deliveries_given_up_service (service=? AND status=?)"},
		{among(d{Server: "a", Status: scout.DeliveryFailed, Since: noon}), "SEARCH d USING INTEGER PRIMARY KEY (rowid=?)"},
		{deliveries(d{Service: "HTTP", Status: scout.Pending}), "SEARCH d USING INDEX deliveries_undelivered (status=?)"},
		{deliveries(d{Service: "HTTP"}), "SCAN d"}, // where very many have it
		{deliveries(d{Reason: scout.NeverTold}), "SEARCH d USING INDEX deliveries_reason (reason=?)"},
		{deliveries(d{Test: scout.With}), "SCAN d USING INDEX deliveries_tests"},
		{deliveries(d{IncidentID: "1", Server: "a"}), "SEARCH d USING INDEX deliveries_incident (incident_id=?)"},
		{deliveries(d{Fault: scout.FaultTLS}), "SCAN d"}, // where very many have it
		{deliveries(d{Status: scout.DeliveryFailed, EndedSince: noon}), "SEARCH d USING INDEX deliveries_undelivered (status=?)"},
		{deliveries(d{EventID: 1, WebhookID: 1}), "SEARCH d USING INDEX deliveries_incident (incident_id=?)"},
		{incidents(scout.IncidentFilter{CheckID: 1, Server: "a"}), "SEARCH incidents USING INDEX incidents_check (check_id=?)"},
		{incidents(scout.IncidentFilter{Server: "a", Service: "HTTP"}), "SEARCH incidents USING INDEX incidents_server (server=?)"},
		{incidents(scout.IncidentFilter{Service: "HTTP", Closed: true}), "SEARCH incidents USING INDEX incidents_service (service=?)"},
		{incidents(scout.IncidentFilter{Closed: true}), "SCAN incidents USING INDEX sqlite_autoindex_incidents_1"},
		{incidents(scout.IncidentFilter{Since: noon}), "SEARCH incidents USING INDEX sqlite_autoindex_incidents_1 (id>?)"},
		{incidents(scout.IncidentFilter{Open: true}), "SCAN incidents USING INDEX incidents_open"},
		{events(scout.EventFilter{CheckID: 1, Kind: scout.Opened}), "SEARCH e USING INDEX events_check (check_id=?)"},
		{events(scout.EventFilter{Kind: scout.Opened}), "SCAN e"},
		{events(scout.EventFilter{Kind: scout.Reminder}), "SEARCH e USING INDEX events_rare (kind=?)"},
		{events(scout.EventFilter{}), "SCAN e"},
		{events(scout.EventFilter{IncidentID: "1", OldestFirst: true, After: 1}), "SEARCH e USING INDEX sqlite_autoindex_events_1 (incident_id=?)"},
		{events(scout.EventFilter{OnlyTests: true}), "SCAN e USING INDEX events_tests"},
		{events(scout.EventFilter{Since: noon}), "SEARCH e USING INTEGER PRIMARY KEY (rowid>?)"},
		{attempts(scout.AttemptFilter{Fault: scout.FaultTLS, WebhookID: 1}), "SEARCH a USING INDEX attempts_fault (fault=?)"},
		{attempts(scout.AttemptFilter{DeliveryID: 1, WebhookID: 1}), "SEARCH a USING INDEX attempts_delivery (delivery_id=?)"},
		{attempts(scout.AttemptFilter{Status: scout.DeliveryFailed, Server: "a", Test: scout.With, Contains: "x"}), "SCAN a"}, // where very many have it
		{amongAttempts(scout.AttemptFilter{Status: scout.DeliveryFailed, WebhookID: 1}), "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)"},
		{attempts(scout.AttemptFilter{Outcome: scout.OutcomeGaveUp}), "SEARCH a USING INDEX attempts_outcome (outcome=?)"},
		{attempts(scout.AttemptFilter{WebhookID: 1, Outcome: scout.OutcomeDelivered}), "SEARCH a USING INDEX attempts_webhook (webhook_id=?)"},
	}
	for _, tt := range tests {
		steps := plan(t, s, tt.query)
		// The few rows of one incident may be sorted.
		sorts := slices.ContainsFunc(steps, func(step string) bool { return strings.Contains(step, "TEMP B-TREE") }) &&
			!strings.Contains(tt.query, "incident_id =")
		if !slices.Contains(steps, tt.step) || sorts {
			t.Errorf("%s\nis read by %q, want %q", tt.query, steps, tt.step)
		}
	}
}
