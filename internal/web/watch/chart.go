package watch

import (
	"slices"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/glance"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

const (
	// mostShades is how many incidents a chart shades, the newest ones.
	mostShades = 200
	// mostFresh bounds the results that are not rolled up yet.
	mostFresh = 500
)

// grain is in what windows a range is kept and how long a point of its chart
// is: so that there are about 150 points.
func grain(r glance.Range) (kept, shown time.Duration) {
	switch r {
	case glance.Week:
		return time.Hour, time.Hour
	case glance.Month:
		return time.Hour, 6 * time.Hour
	case glance.Quarter:
		return time.Hour, 12 * time.Hour
	default:
		return 5 * time.Minute, 10 * time.Minute
	}
}

// chart draws the latency of a check over a range up to now.
func (a *Area) chart(r *page.Request, checkID int64, over glance.Range, incidents []scout.Incident) (ui.Chart, error) {
	now := r.Clock.Now
	from := now.Add(-over.Length())
	kept, shown := grain(over)
	windows, err := a.Store.Rollups(r.Context(), checkID, kept, from, now)
	if err != nil {
		return ui.Chart{}, err
	}
	end := from
	if n := len(windows); n > 0 {
		end = windows[n-1].Start.Add(kept)
	}
	fresh, err := a.Store.Results(r.Context(), checkID, time.Time{}, mostFresh)
	if err != nil {
		return ui.Chart{}, err
	}
	for _, one := range slices.Backward(fresh) { // the oldest first
		if !one.At.Before(end) {
			windows = append(windows, single(one))
		}
	}
	return ui.Chart{
		ID: "latency-chart", From: from, To: now, Window: shown, Zone: r.Clock.Zone,
		Points: points(windows, shown), Shades: shades(incidents, from, now),
	}, nil
}

// single is a result as a window of its own.
func single(r scout.Result) scout.Rollup {
	w := scout.Rollup{CheckID: r.CheckID, Start: r.At, Min: r.Latency, Median: r.Latency, Max: r.Latency}
	switch r.Level {
	case scout.Down:
		w.Down = 1
	case scout.Warning:
		w.Warning = 1
	default:
		w.Up = 1
	}
	return w
}

// points sums windows up to those that are shown.
func points(windows []scout.Rollup, shown time.Duration) []ui.ChartPoint {
	var list []ui.ChartPoint
	for len(windows) > 0 {
		begin := windows[0].Start.Truncate(shown)
		n := 1
		for n < len(windows) && windows[n].Start.Before(begin.Add(shown)) {
			n++
		}
		sum := glance.Merge(windows[:n])
		list = append(list, ui.ChartPoint{
			At: begin, Min: sum.Min, Median: sum.Median, Max: sum.Max,
			Up: sum.Up + sum.Warning, Results: sum.Up + sum.Warning + sum.Down,
		})
		windows = windows[n:]
	}
	return list
}

// shades are the incidents that reach into a stretch of time.
func shades(incidents []scout.Incident, from, to time.Time) []ui.Shade {
	var list []ui.Shade
	for _, in := range incidents {
		end := in.Ended
		if end.IsZero() {
			end = to
		}
		if end.Before(from) {
			continue
		}
		state := ui.StateOf(in.Worst)
		list = append(list, ui.Shade{From: in.Began, To: end, State: state, Says: state.Word() + " for " + ui.Span(max(end.Sub(in.Began), 0))})
	}
	return list
}
