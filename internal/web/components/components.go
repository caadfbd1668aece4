// Package components shows every piece that screens are made of, in every state:
// empty, one, many, with long words, and wrong. Builds for development serve it
// at /dev/components, for whoever changes a piece and wants to see them all.
package components

import (
	"net/http"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// Area is the page of all components.
type Area struct{}

// Route implements web.Area.
func (Area) Route(site *page.Site, mux *http.ServeMux) {
	site.Handle(mux, "GET /dev/components", func(r *page.Request) error {
		return r.Show(page.Page{Title: "Components"}, components(r.Clock))
	})
}

// longName has no place at which it could be broken.
const longName = "a-very-long-server-name-without-any-space-that-goes-on-and-on-and-on.internal.example.com"

func states() []ui.State {
	return []ui.State{ui.Up, ui.Warning, ui.Down, ui.Unknown, ui.Paused, ui.Maintenance}
}

// beats are n beats of an hour, of which every seventh is bad.
func beats(c ui.Clock, n int) []ui.Beat {
	list := make([]ui.Beat, n)
	for i := range list {
		b := ui.Beat{State: ui.Up, At: c.Now.Truncate(time.Hour).Add(time.Duration(i-n) * time.Hour), Says: "up 1 h, 31 ms (20 ms to 80 ms)"}
		switch i % 14 {
		case 6:
			b.State, b.Says = ui.Down, "down 12 min, up 48 min"
		case 9:
			b.State, b.Says = ui.Warning, "warning 1 h"
		case 13:
			b.State, b.Says = ui.Unknown, ""
		}
		list[i] = b
	}
	return list
}

// chart is a chart of n windows of 5 minutes.
func chart(c ui.Clock, id string, n int) ui.Chart {
	const window = 5 * time.Minute
	v := ui.Chart{ID: id, From: c.Now.Add(-24 * time.Hour), To: c.Now, Window: window, Zone: c.Zone}
	for i := range n {
		median := time.Duration(30+i*7%11) * time.Millisecond
		v.Points = append(v.Points, ui.ChartPoint{
			At: c.Now.Add(time.Duration(i-n) * window), Min: median / 2, Median: median, Max: median * 3, Up: 5, Results: 5,
		})
	}
	if n > 100 {
		v.Shades = []ui.Shade{{From: c.Now.Add(-5 * time.Hour), To: c.Now.Add(-4 * time.Hour), State: ui.Down, Says: "Down for 1 h"}}
	}
	return v
}

func uptimes() []scout.Availability {
	return []scout.Availability{{}, {Up: time.Hour}, {Up: 9_999_999, Down: 1}, {Up: 99, Down: 1}, {Down: time.Hour}}
}

func holds(c ui.Clock) []scout.Hold {
	return []scout.Hold{
		{ID: 1, Kind: scout.Silence, From: c.Now, Until: c.Now.Add(time.Hour), Author: "ada"},
		{ID: 2, Kind: scout.Maintenance, From: c.Now, Until: c.Now.Add(48 * time.Hour), Author: "ada", Comment: "Kernel update", Match: scout.Match{Servers: []string{longName}}},
	}
}

func inputs() []ui.Input {
	choices := []ui.Choice{{Value: "", Label: "Default: GET"}, {Value: "HEAD", Label: "HEAD"}}
	return []ui.Input{
		{Name: "empty", Label: "Empty", Default: "30s", Help: "What it defaults to is shown."},
		{Name: "filled", Label: "Filled in", Value: longName},
		{Name: "needed", Label: "Needed", Value: "soon", Needed: true, Error: "Write a length of time, such as 30s."},
		{Name: "choice", Label: "A choice", Choices: choices, Help: "One of several."},
		{Name: "lines", Label: "Several lines", Type: "area", Value: "one\ntwo"},
		{Name: "moment", Label: "A date and a time", Type: "datetime-local"},
	}
}
