// Package status has the status pages: what they show to people who do not
// sign in, their badges, and the screens to make and keep them.
//
// A page is composed from the store at most once in 15 seconds, however many
// look at it, and says nothing that its owner did not choose: no account names,
// no addresses, no messages, and where it is by link, nothing at all without
// the link.
package status

import (
	"context"
	"net/http"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
)

// Store is what the pages read. What is not there is a NotFound error. Lists
// have at most limit items.
type Store interface {
	Pages
	Present
	Past
}

// Pages reads status pages and their notes.
type Pages interface {
	ListStatusPages(ctx context.Context, f scout.StatusPageFilter, limit int) ([]scout.StatusPage, error)
	StatusPage(ctx context.Context, id int64) (scout.StatusPage, error)
	StatusPageAt(ctx context.Context, slug string) (scout.StatusPage, error)
	// ListStatusNotes lists the newest first.
	ListStatusNotes(ctx context.Context, f scout.StatusNoteFilter, limit int) ([]scout.StatusNote, error)
}

// Present reads what is watched and how it is.
type Present interface {
	// Outlines lists all checks by server and name, without target and settings.
	Outlines(ctx context.Context) ([]scout.Target, error)
	StatesOf(ctx context.Context, checkIDs []int64) (map[int64]scout.CheckState, error)
	OpenIncidents(ctx context.Context) ([]scout.Incident, error)
}

// Past reads what was observed.
type Past interface {
	// ListIncidents lists the newest first.
	ListIncidents(ctx context.Context, f scout.IncidentFilter, limit int) ([]scout.Incident, error)
	// Stretches lists how checks spent [from, to), oldest first.
	Stretches(ctx context.Context, checkIDs []int64, from, to time.Time) (map[int64][]scout.Stretch, error)
	Availability(ctx context.Context, checkIDs []int64, from, to time.Time) (map[int64]scout.Availability, error)
	// RollupsOf lists windows of 5 minutes or 1 hour, oldest first.
	RollupsOf(ctx context.Context, checkIDs []int64, window time.Duration, from, to time.Time) (map[int64][]scout.Rollup, error)
	// Results lists those before a time, the newest first; the zero time is now.
	Results(ctx context.Context, checkID int64, before time.Time, limit int) ([]scout.Result, error)
}

// Options are what the pages are joined to. All are needed.
type Options struct {
	Store   Store
	Manager *manage.Manager
	// Outside is the address at which people reach the dashboard, without a slash
	// at its end, for links that are pasted elsewhere.
	Outside func(*http.Request) string
}

// Area serves the pages. Make it with New.
type Area struct {
	Options
	site   *page.Site // once Route was called
	boards boards
}

// New makes the area.
func New(o Options) *Area { return &Area{Options: o} }

// root is where the screens are.
const root = "status-pages"

// Route implements web.Area.
func (a *Area) Route(site *page.Site, mux *http.ServeMux) {
	a.site = site
	for pattern, handler := range map[string]page.Handler{
		"GET /status/{slug}":                            a.public,
		"GET /status/{slug}/{key}":                      a.public,
		"GET /status/{slug}/badge/{check}/{file}":       a.badge,
		"GET /status/{slug}/{key}/badge/{check}/{file}": a.badge,
	} {
		site.HandleOpen(mux, pattern, handler)
	}
	for pattern, handler := range map[string]page.Handler{
		"GET /status-pages":                           a.list,
		"GET /status-pages/new":                       a.add,
		"POST /status-pages/new":                      a.create,
		"POST /status-pages/form":                     a.moreGroups,
		"GET /status-pages/{id}":                      a.show,
		"GET /status-pages/{id}/edit":                 a.edit,
		"POST /status-pages/{id}/edit":                a.change,
		"GET /status-pages/{id}/delete":               a.confirmDelete,
		"POST /status-pages/{id}/delete":              a.delete,
		"POST /status-pages/{id}/notes":               a.addNote,
		"GET /status-pages/{id}/notes/{note}/delete":  a.confirmDeleteNote,
		"POST /status-pages/{id}/notes/{note}/delete": a.deleteNote,
	} {
		site.Handle(mux, pattern, handler)
	}
}
