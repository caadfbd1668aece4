// Package holds is the screens of silences and maintenance windows: the list of
// them, the form in which one is set or changed, ending and deleting one.
package holds

import (
	"context"
	"net/http"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// Store is what the screens read. What is not there is a NotFound error. Lists
// have at most limit items.
type Store interface {
	// ListHolds lists the newest first.
	ListHolds(ctx context.Context, f scout.HoldFilter, limit int) ([]scout.Hold, error)
	Hold(ctx context.Context, id int64) (scout.Hold, error)
	ListServers(ctx context.Context, f scout.ServerFilter, limit int) ([]scout.Server, error)
	ListChecks(ctx context.Context, f scout.CheckFilter, limit int) ([]scout.Check, error)
	Tags(ctx context.Context, limit int) ([]string, error)
}

// Area serves the screens. It is safe for concurrent use.
type Area struct {
	store   Store
	manager *manage.Manager
}

// New makes the area.
func New(s Store, m *manage.Manager) *Area { return &Area{store: s, manager: m} }

const (
	root  = "holds"
	title = "Silences and maintenance"
)

// Route serves the screens.
func (a *Area) Route(site *page.Site, mux *http.ServeMux) {
	site.Handle(mux, "GET /holds", a.list)
	site.Handle(mux, "GET /holds/new", a.add)
	site.Handle(mux, "POST /holds/new", a.create)
	site.Handle(mux, "GET /holds/{id}/edit", a.edit)
	site.Handle(mux, "POST /holds/{id}/edit", a.change)
	site.Handle(mux, "POST /holds/{id}/end", a.end)
	site.Handle(mux, "GET /holds/{id}/delete", a.confirmDelete)
	site.Handle(mux, "POST /holds/{id}/delete", a.delete)
}

// hold reads the hold that a request is about.
func (a *Area) hold(r *page.Request) (scout.Hold, error) {
	id, err := r.ID("id")
	if err != nil {
		return scout.Hold{}, err
	}
	return a.store.Hold(r.Context(), id)
}

func pathOf(id int64, what string) string { return root + "/" + ui.ID(id) + "/" + what }

// around is the page around a body of this area.
func around(name string) page.Page {
	p := page.Page{Title: name, Section: ui.Holds}
	if name != title {
		p.Trail = []ui.Crumb{{Name: title, Path: root}}
	}
	return p
}
