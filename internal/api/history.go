package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// PastReader reads what a check's past sums up to.
type PastReader interface {
	// Availability has no entry for a check that does not exist.
	Availability(ctx context.Context, checkIDs []int64, from, to time.Time) (map[int64]scout.Availability, error)
	// Rollups lists windows of 5 minutes or 1 hour, oldest first.
	Rollups(ctx context.Context, checkID int64, window time.Duration, from, to time.Time) ([]scout.Rollup, error)
}

// availabilityView is how a check spent a stretch of time.
type availabilityView struct {
	Since          time.Time `json:"since"`
	Until          time.Time `json:"until"`
	Percent        *float64  `json:"percent,omitempty" doc:"Up and warning, of all that was observed; left out where nothing was."`
	UpSeconds      float64   `json:"up_seconds"`
	WarningSeconds float64   `json:"warning_seconds"`
	DownSeconds    float64   `json:"down_seconds"`
	PausedSeconds  float64   `json:"paused_seconds" doc:"Not counted."`
	UnknownSeconds float64   `json:"unknown_seconds" doc:"Never observed by then, or Server Scout was not running. Not counted."`
}

// rollupView sums up a check's results in one window.
type rollupView struct {
	Start           time.Time `json:"start"`
	Up              int       `json:"up" doc:"Results of that level."`
	Warning         int       `json:"warning"`
	Down            int       `json:"down"`
	LatencyMinMS    float64   `json:"latency_min_ms"`
	LatencyMedianMS float64   `json:"latency_median_ms"`
	LatencyMaxMS    float64   `json:"latency_max_ms"`
}

func viewRollup(r scout.Rollup) rollupView {
	return rollupView{
		Start: instant(r.Start), Up: r.Up, Warning: r.Warning, Down: r.Down,
		LatencyMinMS: milliseconds(r.Min), LatencyMedianMS: milliseconds(r.Median), LatencyMaxMS: milliseconds(r.Max),
	}
}

func (a *api) registerHistory() {
	serve(a, huma.Operation{
		OperationID: "get_availability", Method: http.MethodGet, Path: "/checks/{id}/availability",
		Summary:     "Get how available a check was",
		Description: "Down counts from an incident's beginning to its end. Time before the check existed is left out.",
	}, a.getAvailability)
	serve(a, huma.Operation{
		OperationID: "list_rollups", Method: http.MethodGet, Path: "/checks/{id}/rollups",
		Summary:     "List what a check's results sum up to, oldest first",
		Description: "For charts. Windows in which the check was not observed are left out. 5-minute windows are kept for less long than hours.",
	}, a.listRollups)
}

// Range is the part of a request that says which stretch of time is meant. It
// is exported only because huma does not look into unexported embedded types.
type Range struct {
	Since time.Time `query:"since" doc:"Where it begins; 24 hours before its end unless given."`
	Until time.Time `query:"until" doc:"Where it ends; now unless given."`
}

// bounds returns the stretch, and a fault if it is none.
func (r Range) bounds(now time.Time) (since, until time.Time, err error) {
	since, until = r.Since, r.Until
	if until.IsZero() {
		until = now
	}
	if since.IsZero() {
		since = until.Add(-24 * time.Hour)
	}
	if !since.Before(until) {
		var faults scout.Faults
		faults.Add("since", since.Format(time.RFC3339), "must be earlier than until, %s", until.Format(time.RFC3339))
		return since, until, faults.Err()
	}
	return since, until, nil
}

type availabilityRequest struct {
	ID int64 `path:"id" doc:"Its id."`
	Range
}

func (a *api) getAvailability(ctx context.Context, in *availabilityRequest) (*answer[availabilityView], error) {
	since, until, err := in.bounds(time.Now())
	if err != nil {
		return nil, err
	}
	if _, err := a.store.Check(ctx, in.ID); err != nil {
		return nil, err
	}
	all, err := a.store.Availability(ctx, []int64{in.ID}, since, until)
	if err != nil {
		return nil, err
	}
	v := all[in.ID]
	view := availabilityView{
		Since: instant(since), Until: instant(until),
		UpSeconds: v.Up.Seconds(), WarningSeconds: v.Warning.Seconds(), DownSeconds: v.Down.Seconds(),
		PausedSeconds: v.Paused.Seconds(), UnknownSeconds: v.Unknown.Seconds(),
	}
	if percent, observed := v.Percent(); observed {
		view.Percent = &percent
	}
	return &answer[availabilityView]{view}, nil
}

type rollupsRequest struct {
	ID int64 `path:"id" doc:"Its id."`
	Range
	Window string `query:"window" enum:"5m,1h" default:"1h" doc:"The length of a window."`
}

// mostRollups bounds an answer: a year and a day of hours.
const mostRollups = 366 * 24

func (a *api) listRollups(ctx context.Context, in *rollupsRequest) (*answer[page[rollupView]], error) {
	since, until, err := in.bounds(time.Now())
	if err != nil {
		return nil, err
	}
	window := time.Hour
	if in.Window == "5m" {
		window = 5 * time.Minute
	}
	if until.Sub(since) > mostRollups*window {
		var faults scout.Faults
		faults.Add("since", since.Format(time.RFC3339), "is too early for windows of %s: at most %d of them are listed at a time", in.Window, mostRollups)
		return nil, faults.Err()
	}
	if _, err := a.store.Check(ctx, in.ID); err != nil {
		return nil, err
	}
	found, err := a.store.Rollups(ctx, in.ID, window, since, until)
	if err != nil {
		return nil, err
	}
	return &answer[page[rollupView]]{page[rollupView]{Items: views(found, viewRollup)}}, nil
}
