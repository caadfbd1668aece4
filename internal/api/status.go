package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// statusView is how Server Scout itself is.
type statusView struct {
	Version    string      `json:"version"`
	Deliveries backlogView `json:"deliveries"`
}

// backlogView is what is owed and has not ended.
type backlogView struct {
	Pending   int       `json:"pending"`
	Sending   int       `json:"sending"`
	OldestDue time.Time `json:"oldest_due,omitzero" doc:"The earliest due time of what is pending."`
}

func (a *api) registerStatus() {
	serve(a, huma.Operation{
		OperationID: "get_status", Method: http.MethodGet, Path: "/status",
		Summary: "Get the version and what waits to be delivered",
	}, a.getStatus)
}

func (a *api) getStatus(ctx context.Context, _ *nothing) (*answer[statusView], error) {
	b, err := a.store.Backlog(ctx)
	if err != nil {
		return nil, err
	}
	return &answer[statusView]{statusView{
		Version:    a.version,
		Deliveries: backlogView{Pending: b.Pending, Sending: b.Sending, OldestDue: instant(b.OldestDue)},
	}}, nil
}

// routeHealth serves what other programs ask of a process: whether it runs,
// whether it can do its work, and how much it does.
func (a *api) routeHealth(mux *http.ServeMux, metrics http.Handler) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := a.ready(r.Context()); err != nil {
			plain(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		plain(w, http.StatusOK, "ok")
	})
	if metrics != nil {
		mux.Handle("GET /metrics", metrics)
	}
}

// plain answers with one line of text.
func plain(w http.ResponseWriter, status int, line string) {
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(line + "\n")) // nobody is left to tell if it fails
}
