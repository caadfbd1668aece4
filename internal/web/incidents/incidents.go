// Package incidents is the area of the dashboard that tells what broke: the
// list of incidents, and of each one the whole story, with who was told of it,
// who was not, and why.
package incidents

import (
	"context"
	"net/http"
	"time"

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

// Options are what the area works with.
type Options struct {
	Store   Store
	Manager *manage.Manager
	// Acknowledged tells who took an incident on, when, and what they noted;
	// false while nobody has. Nil: nothing is said about it.
	Acknowledged func(scout.Incident) (by string, at time.Time, note string, ok bool)
	// Acknowledge takes an incident on, and Unacknowledge takes that back. A
	// wrong note is an Invalid error with the field note. Nil: not offered.
	Acknowledge   func(ctx context.Context, incidentID, by, note string) error
	Unacknowledge func(ctx context.Context, incidentID string) error
}

// Area serves the pages. It is safe for concurrent use.
type Area struct {
	store   Store
	options Options
}

// New makes the area.
func New(o Options) *Area { return &Area{store: o.Store, options: o} }

// Route registers the area's pages.
func (a *Area) Route(site *page.Site, mux *http.ServeMux) {
	site.Handle(mux, "GET /incidents", a.list)
	site.Handle(mux, "GET /incidents/{id}", a.show)
	site.Handle(mux, "GET /incidents/{id}/delete", a.confirmDelete)
	site.Handle(mux, "POST /incidents/{id}/delete", a.delete)
	site.Handle(mux, "POST /incidents/{id}/deliveries/{delivery}/send", a.send)
	if a.options.Acknowledge != nil {
		site.Handle(mux, "POST /incidents/{id}/acknowledge", a.acknowledge)
	}
	if a.options.Unacknowledge != nil {
		site.Handle(mux, "POST /incidents/{id}/unacknowledge", a.unacknowledge)
	}
}
