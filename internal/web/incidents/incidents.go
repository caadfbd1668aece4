// Package incidents is the area of the dashboard that tells what broke: the
// list of incidents, and of each one the whole story, with who was told of it,
// who was not, and why.
package incidents

import (
	"context"
	"net/http"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
)

// Store is what the area reads. What is not there is a NotFound error. Lists
// have at most limit items.
type Store interface {
	StoryReader
	NotificationReader
}

// StoryReader reads incidents, their events, and the checks they are about.
type StoryReader interface {
	ListIncidents(ctx context.Context, f scout.IncidentFilter, limit int) ([]scout.Incident, error)
	Incident(ctx context.Context, id string) (scout.Incident, error)
	ListEvents(ctx context.Context, f scout.EventFilter, limit int) ([]scout.Event, error)
	Check(ctx context.Context, id int64) (scout.Check, error)
}

// NotificationReader reads what became of the notifications of incidents.
type NotificationReader interface {
	// Tellings has no entry for an incident of which nobody was owed anything.
	Tellings(ctx context.Context, incidentIDs []string) (map[string][]scout.Telling, error)
	DeliveriesOf(ctx context.Context, incidentID string, eventIDs []int64) ([]scout.Delivery, error)
	LatestAttempts(ctx context.Context, deliveryIDs []int64, each int) (map[int64][]scout.Attempt, error)
	Delivery(ctx context.Context, id int64) (scout.Delivery, error)
}

// Area serves the pages. It is safe for concurrent use.
type Area struct {
	store   Store
	manager *manage.Manager
}

// New makes the area.
func New(store Store, manager *manage.Manager) *Area { return &Area{store, manager} }

// Route registers the area's pages.
func (a *Area) Route(site *page.Site, mux *http.ServeMux) {
	site.Handle(mux, "GET /incidents", a.list)
	site.Handle(mux, "GET /incidents/{id}", a.show)
	site.Handle(mux, "GET /incidents/{id}/delete", a.confirmDelete)
	site.Handle(mux, "POST /incidents/{id}/delete", a.delete)
	site.Handle(mux, "POST /incidents/{id}/deliveries/{delivery}/send", a.send)
	site.Handle(mux, "POST /incidents/{id}/acknowledge", a.acknowledge)
	site.Handle(mux, "POST /incidents/{id}/unacknowledge", a.unacknowledge)
}
