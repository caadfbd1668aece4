// Package web is the dashboard: pages drawn by the server and live by
// server-sent events. Each area of it is a package of its own below this one;
// here they are put together, with sessions and the headers all answers have.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// An Area is a part of the dashboard that serves some pages.
type Area interface {
	Route(site *page.Site, mux *http.ServeMux)
}

// Options are what the dashboard is joined to. All but Changes, Done, Now and
// Log are needed.
type Options struct {
	Root     string // the path below which it lies: "" or "/scout"
	Version  string
	Areas    []Area
	Sessions *Sessions
	Tally    func(context.Context) (ui.Tally, []ui.Notice, error)
	Changes  Changes         // nil: pages are never told of changes
	Done     <-chan struct{} // closed when the server stops, to end the streams; nil: never
	Now      func() time.Time
	Log      *slog.Logger
}

// New returns the handler of the dashboard, with Root taken off the paths. It
// is safe for concurrent use.
func New(o Options) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	assets := ui.NewAssets()
	site := &page.Site{
		Root: o.Root, Assets: assets, Version: o.Version, Now: o.Now, Log: o.Log,
		Person: o.Sessions.person, Tally: o.Tally, Flash: o.Sessions.flash, Flashes: o.Sessions.flashes,
	}
	mux := http.NewServeMux()
	mux.Handle("GET /assets/{hash}/{file}", assets)
	live := &live{changes: o.Changes, done: o.Done, open: make(chan struct{}, mostReaders)}
	site.Handle(mux, "GET /live", live.serve)
	for _, area := range o.Areas {
		area.Route(site, mux)
	}
	site.HandleOpen(mux, "/", site.Nowhere)
	protected := http.NewCrossOriginProtection().Handler(o.Sessions.manager.LoadAndSave(mux))
	return headers(recovered(o.Log, http.MaxBytesHandler(protected, mostForm)))
}

// mostForm is how large a form may be, in bytes.
const mostForm = 1 << 20

// policy lets a page load what this server gives it, and nothing run that is
// written into the page.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'self'; frame-ancestors 'none'"

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// recovered answers in the stead of a handler that panicked.
func recovered(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			reason := recover()
			if reason == nil {
				return
			}
			if reason == http.ErrAbortHandler {
				panic(reason)
			}
			log.Error("a page failed", "path", r.URL.Path, "panic", fmt.Sprint(reason), "stack", string(debug.Stack()))
			http.Error(w, "Something went wrong inside Server Scout. Its log says what.", http.StatusInternalServerError)
		}()
		next.ServeHTTP(w, r)
	})
}
