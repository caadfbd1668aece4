// Package overview has the first page one sees: whether everything is all
// right, what is not, and every server with how it was.
package overview

import (
	"context"
	"net/http"
	"strings"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/glance"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// Store is what the pages read.
type Store interface {
	FindServers(ctx context.Context, q scout.ServerQuery, offset, limit int) ([]scout.CountedServer, error)
	Tags(ctx context.Context, limit int) ([]string, error)
	Tally(ctx context.Context) (scout.CheckCounts, error)
	OpenIncidents(ctx context.Context) ([]scout.Incident, error)
	// HoldsOf lists what holds alerts back at a time.
	HoldsOf(ctx context.Context, now time.Time) ([]scout.Hold, error)
	FindWebhooks(ctx context.Context, f scout.WebhookFilter, limit int) ([]scout.Webhook, error)
}

// Area serves the overview and the wall.
type Area struct {
	store  Store
	glance *glance.Reader
}

// New makes the area.
func New(s Store, g *glance.Reader) *Area { return &Area{store: s, glance: g} }

// Route implements web.Area.
func (a *Area) Route(site *page.Site, mux *http.ServeMux) {
	site.Handle(mux, "GET /{$}", a.overview)
	site.Handle(mux, "GET /wall", a.wall)
}

const (
	perPage       = 50
	mostTags      = 200
	mostIncidents = 10
	perWall       = 400
)

// view is what the overview shows.
type view struct {
	Request   *page.Request
	Counts    scout.CheckCounts
	Incidents []scout.Incident // open ones, the worst and the oldest first
	More      int              // open incidents that are not shown
	Servers   []glance.Server
	Holds     []scout.Hold // in force, whatever they cover
	Tags      []string
	Query     scout.ServerQuery
	Range     glance.Range
	Page      int // from 1
	Next      bool
	Webhooks  bool // there is one
}

// Filtered reports whether the list of servers is narrowed.
func (v view) Filtered() bool { return v.Query != scout.ServerQuery{} }

func (a *Area) overview(r *page.Request) (err error) {
	ctx, q := r.Context(), r.URL.Query()
	v := view{
		Request: r, Range: glance.ParseRange(q.Get("range")), Page: r.PageNumber(),
		Query: scout.ServerQuery{Tag: q.Get("tag"), Contains: strings.TrimSpace(q.Get("q")), Standing: standing(q.Get("state"))},
	}
	if v.Counts, err = a.store.Tally(ctx); err != nil {
		return err
	}
	if v.Incidents, v.More, err = a.incidents(ctx); err != nil {
		return err
	}
	servers, err := a.store.FindServers(ctx, v.Query, (v.Page-1)*perPage, perPage+1)
	if err != nil {
		return err
	}
	if v.Next = len(servers) > perPage; v.Next {
		servers = servers[:perPage]
	}
	if v.Servers, err = a.glance.Servers(ctx, servers, glance.Look{Range: v.Range, Now: r.Clock.Now}); err != nil {
		return err
	}
	if v.Holds, err = a.store.HoldsOf(ctx, r.Clock.Now); err != nil {
		return err
	}
	if v.Tags, err = a.store.Tags(ctx, mostTags); err != nil {
		return err
	}
	webhooks, err := a.store.FindWebhooks(ctx, scout.WebhookFilter{}, 1)
	if err != nil {
		return err
	}
	v.Webhooks = len(webhooks) > 0
	return r.Show(page.Page{Title: "Overview", Section: ui.Overview, Banner: true}, overviewPage(v))
}

// incidents returns the open incidents to show, the worst first and then the
// longest, and how many there are besides.
func (a *Area) incidents(ctx context.Context) (list []scout.Incident, more int, err error) {
	open, err := a.store.OpenIncidents(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, level := range []scout.Level{scout.Down, scout.Warning} {
		for _, in := range open {
			if in.Level == level {
				list = append(list, in)
			}
		}
	}
	if more = len(list) - mostIncidents; more > 0 {
		return list[:mostIncidents], more, nil
	}
	return list, 0, nil
}

// wall is the overview for a screen on a wall: nothing but what is not well,
// and the rest as small tiles.
func (a *Area) wall(r *page.Request) (err error) {
	ctx := r.Context()
	v := view{Request: r, Page: 1}
	if v.Counts, err = a.store.Tally(ctx); err != nil {
		return err
	}
	if v.Incidents, v.More, err = a.incidents(ctx); err != nil {
		return err
	}
	servers, err := a.store.FindServers(ctx, scout.ServerQuery{Tag: r.URL.Query().Get("tag")}, 0, perWall)
	if err != nil {
		return err
	}
	for _, s := range servers {
		v.Servers = append(v.Servers, glance.Server{Server: s.Server, Counts: s.Checks, State: ui.State(s.Checks.Standing())})
	}
	return r.Show(page.Page{Title: "Wall", Wide: true}, wallPage(v))
}

// standing reads a state from an address; what is none does not narrow.
func standing(text string) scout.Standing {
	for _, s := range standings {
		if text == string(s) {
			return s
		}
	}
	return ""
}

var standings = []scout.Standing{scout.StandsDown, scout.StandsWarning, scout.StandsUnknown, scout.StandsPaused, scout.StandsUp}
