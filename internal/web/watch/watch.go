// Package watch is the part of the dashboard about what is watched: servers
// and their checks, how they are and were, adding and changing them.
package watch

import (
	"context"
	"net/http"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/glance"
	"serverscout/internal/web/page"
)

// Store is what the pages read. What is not there is a NotFound error. Lists
// have at most limit items.
type Store interface {
	Inventory
	Past
	Holds
	glance.Store
}

// Inventory reads servers and checks.
type Inventory interface {
	// FindServers lists the worst first.
	FindServers(ctx context.Context, q scout.ServerQuery, offset, limit int) ([]scout.CountedServer, error)
	ListServers(ctx context.Context, f scout.ServerFilter, limit int) ([]scout.Server, error)
	Server(ctx context.Context, id int64) (scout.Server, error)
	Check(ctx context.Context, id int64) (scout.Check, error)
	// Tags lists the tags that servers have.
	Tags(ctx context.Context, limit int) ([]string, error)
}

// Past reads what was observed.
type Past interface {
	// ListIncidents lists the newest first.
	ListIncidents(ctx context.Context, f scout.IncidentFilter, limit int) ([]scout.Incident, error)
	Incident(ctx context.Context, id string) (scout.Incident, error)
	// Results lists those before a time, the newest first; the zero time is now.
	Results(ctx context.Context, checkID int64, before time.Time, limit int) ([]scout.Result, error)
	// Rollups lists windows of 5 minutes or 1 hour, oldest first.
	Rollups(ctx context.Context, checkID int64, window time.Duration, from, to time.Time) ([]scout.Rollup, error)
}

// Holds reads what holds alerts back.
type Holds interface {
	// HoldsOf lists what is in force at a time, what ends first first.
	HoldsOf(ctx context.Context, now time.Time) ([]scout.Hold, error)
}

// Options are what the pages are joined to. All are needed but ConfigFile.
type Options struct {
	Store   Store
	Manager *manage.Manager
	// ProbeNow probes a check out of turn; what it sees counts.
	ProbeNow func(ctx context.Context, checkID int64) (scout.Result, error)
	// Try probes a check that need not be stored, once; what it sees does not
	// count.
	Try func(ctx context.Context, s scout.Server, c scout.Check) (scout.Result, error)
	// Services says at which usual ports of a host something answers.
	Services func(ctx context.Context, host string) ([]scout.Found, error)
	// PingURL is the whole address at which a heartbeat with a token is pinged.
	PingURL    func(r *http.Request, token string) string
	ConfigFile string // where what the file declares can be changed; "" if not known
}

// Area is these pages.
type Area struct {
	Options
	glance *glance.Reader
}

// New makes the pages.
func New(o Options) *Area {
	if o.ConfigFile == "" {
		o.ConfigFile = "the configuration file"
	}
	return &Area{Options: o, glance: glance.New(o.Store)}
}

// Route serves the pages.
func (a *Area) Route(site *page.Site, mux *http.ServeMux) {
	for pattern, handler := range map[string]page.Handler{
		"GET /servers":                  a.listServers,
		"GET /servers/new":              a.newServer,
		"POST /servers/new":             a.createServer,
		"GET /servers/{id}":             a.showServer,
		"GET /servers/{id}/edit":        a.editServer,
		"POST /servers/{id}/edit":       a.changeServer,
		"GET /servers/{id}/delete":      a.confirmDeleteServer,
		"POST /servers/{id}/delete":     a.deleteServer,
		"GET /servers/{id}/checks/new":  a.newCheck,
		"POST /servers/{id}/checks/new": a.createCheck,
		"POST /servers/{id}/checks/try": a.tryNewCheck,
		"GET /checks/{id}":              a.showCheck,
		"GET /checks/{id}/edit":         a.editCheck,
		"POST /checks/{id}/edit":        a.changeCheck,
		"POST /checks/{id}/try":         a.tryChange,
		"GET /checks/{id}/delete":       a.confirmDeleteCheck,
		"POST /checks/{id}/delete":      a.deleteCheck,
		"POST /checks/{id}/pause":       a.pauseCheck,
		"POST /checks/{id}/resume":      a.resumeCheck,
		"POST /checks/{id}/probe":       a.probeNow,
		"GET /add":                      a.add,
		"POST /add":                     a.watch,
		"POST /add/look":                a.look,
		"POST /add/services":            a.lookForServices,
		"POST /add/try":                 a.tryProposal,
	} {
		site.Handle(mux, pattern, handler)
	}
}
