package store

import (
	"slices"
	"strings"
	"testing"

	"serverscout/internal/scout"
)

// An incident's page is read while the incident goes on, and may be about
// hundreds of reminders.
func TestTellingsAreReadAlongAnIndex(t *testing.T) {
	t.Parallel()
	s := openIn(t, Options{})
	few := candidates{query: "SELECT id FROM incidents WHERE server IN ('a')"}
	byText, _ := incidentsQuery(scout.IncidentFilter{Contains: "a"}, few, 1)
	tests := []struct{ query, step string }{
		{tellingsQuery(2), "SEARCH deliveries USING COVERING INDEX deliveries_incident (incident_id=?)"},
		{tellingsQuery(2), "SEARCH l USING INTEGER PRIMARY KEY (rowid=?)"},
		{tellingsQuery(2), "SEARCH o USING INDEX deliveries_incident (incident_id=? AND webhook_id=?)"},
		{tellingsQuery(2), "SEARCH d USING INTEGER PRIMARY KEY (rowid=?)"},
		{tellingsQuery(2), "SEARCH a USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN"},
		{tellingsQuery(2), "SEARCH x USING COVERING INDEX attempts_delivery (delivery_id=?)"},
		{deliveriesOfQuery(2), "SEARCH d USING INDEX deliveries_incident (incident_id=?)"},
		{latestAttemptsQuery(2), "SEARCH d USING INTEGER PRIMARY KEY (rowid=?)"},
		{latestAttemptsQuery(2), "SEARCH x USING COVERING INDEX attempts_delivery (delivery_id=?)"},
		{messageQuery, "SEARCH d USING INTEGER PRIMARY KEY (rowid>?)"},
		{byText, "SEARCH incidents USING INDEX sqlite_autoindex_incidents_1 (id=?)"},
		{byText, "SEARCH incidents USING COVERING INDEX incidents_server (server=?)"},
	}
	for _, tt := range tests {
		steps := plan(t, s, tt.query)
		scans := slices.ContainsFunc(steps, func(step string) bool {
			return strings.HasPrefix(step, "SCAN ") && step != "SCAN owed"
		})
		if !slices.Contains(steps, tt.step) || scans {
			t.Errorf("%s\nis read by %q, want %q", tt.query, steps, tt.step)
		}
	}
}
