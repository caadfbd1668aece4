package ui

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

var chartStart = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// chartOf is a chart of a day in points of ten minutes, of which each has a
// median; 0: there was no answer; -1: there is no point.
func chartOf(medians ...int) Chart {
	c := Chart{ID: "c", From: chartStart, To: chartStart.Add(24 * time.Hour), Window: 10 * time.Minute}
	for i, ms := range medians {
		if ms < 0 {
			continue
		}
		d := time.Duration(ms) * time.Millisecond
		c.Points = append(c.Points, ChartPoint{At: chartStart.Add(time.Duration(i) * c.Window), Min: d / 2, Median: d, Max: 2 * d, Up: 5, Results: 5})
	}
	return c
}

func drawn(t *testing.T, c Chart) string {
	t.Helper()
	var b strings.Builder
	if err := Latency(c).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestChartLeavesHolesOpen(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		medians []int
		runs    int
	}{
		"nothing":            {nil, 0},
		"one point":          {[]int{30}, 1},
		"a line":             {[]int{30, 31, 32}, 1},
		"a hole":             {[]int{30, 31, -1, 32, 33}, 2},
		"no answer":          {[]int{30, 0, 32}, 2},
		"no answer anywhere": {[]int{0, 0}, 0},
		"single points":      {[]int{30, -1, 30, -1, 30}, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := chartOf(tt.medians...)
			if n := strings.Count(newPlot(c).line(), "M"); n != tt.runs {
				t.Errorf("the line has %d parts, want %d: %s", n, tt.runs, newPlot(c).line())
			}
			if n := strings.Count(newPlot(c).band(), "Z"); n != tt.runs {
				t.Errorf("the band has %d parts, want %d: %s", n, tt.runs, newPlot(c).band())
			}
			if text := drawn(t, c); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
				t.Error("a figure is none")
			}
		})
	}
}

func TestChartTop(t *testing.T) {
	t.Parallel()
	many := make([]int, 100)
	for i := range many {
		many[i] = 30
	}
	spike := append(append([]int{}, many...), 9000)
	for name, tt := range map[string]struct {
		medians []int
		want    time.Duration
	}{
		"nothing":            {nil, time.Millisecond},
		"usual":              {many, 60 * time.Millisecond},
		"a median is inside": {spike, 10 * time.Second},
		"hours":              {[]int{3_600_000}, 8000 * time.Second},
	} {
		c := chartOf(tt.medians...)
		if got := c.top(); got != tt.want {
			t.Errorf("%s: the top is %s, want %s", name, got, tt.want)
		}
		if n := len(newPlot(c).heights()); n < 2 || n > mostTicks+2 {
			t.Errorf("%s: %d labels: %v", name, n, newPlot(c).heights())
		}
	}
	// One slow answer among many is cut off at the top.
	c := chartOf(many...)
	c.Points[50].Max = time.Minute
	if c.top() != 60*time.Millisecond || newPlot(c).y(time.Minute) != plotTop {
		t.Errorf("the top is %s and the slow answer at %v", c.top(), newPlot(c).y(time.Minute))
	}
}

func TestChartReadOut(t *testing.T) {
	t.Parallel()
	c := chartOf(31, 0)
	c.Points[1].Up = 0
	c.Zone = time.FixedZone("CET", 3600)
	text, err := c.points()
	if err != nil {
		t.Fatal(err)
	}
	var got [][]any
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got[0][1] != "13:00 · p50 31 ms (15 ms to 62 ms), 5 of 5 up" || got[1][1] != "13:10 · no answer, 0 of 5 up" {
		t.Errorf("points = %v", got)
	}
	if x := got[0][0].(float64); x < plotLeft || x > plotLeft+5 {
		t.Errorf("the first point is at %v", x)
	}
	page := drawn(t, c)
	for _, want := range []string{`tabindex="0"`, `data-readout="c-readout"`, `id="c-readout"`, "Show as a table", `scope="col"`, "31 ms", "no answer"} {
		if !strings.Contains(page, want) {
			t.Errorf("the chart lacks %s", want)
		}
	}
}

func TestChartTimes(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for days, want := range map[int]string{1: "00:00", 7: "Mar 28", 30: "Mar 28", 90: "Mar 28"} {
		// The clock goes forward on March 29.
		c := Chart{From: time.Date(2026, 3, 27, 23, 30, 0, 0, berlin), Zone: berlin}
		c.To = c.From.AddDate(0, 0, days)
		list := c.times()
		if len(list) < 5 || len(list) > 8 {
			t.Errorf("%d days: %d labels", days, len(list))
		}
		found := false
		for _, one := range list {
			found = found || one.label == want
			if one.at < plotLeft || one.at > plotRight {
				t.Errorf("%d days: %s is at %v", days, one.label, one.at)
			}
		}
		if !found && days <= 7 {
			t.Errorf("%d days: no label %s in %v", days, want, list)
		}
	}
}

func TestChartShadesAndEscapes(t *testing.T) {
	t.Parallel()
	c := chartOf(30, 31)
	c.Shades = []Shade{
		{From: chartStart.Add(-time.Hour), To: chartStart.Add(time.Second), State: Down, Says: `<script>"x"</script>`},
		{From: chartStart.Add(time.Hour), To: chartStart.Add(99 * time.Hour), State: Warning},
	}
	page := drawn(t, c)
	if strings.Contains(page, "<script") || strings.Count(page, `<rect class="incident`) != 2 {
		t.Error("shades are not drawn as they should be")
	}
	if x, width := c.shade(c.Shades[0]); x != "80.0" || width != "2.0" {
		t.Errorf("a short shade at the edge is %s wide at %s", width, x)
	}
	if _, width := c.shade(c.Shades[1]); width != "644.0" {
		t.Errorf("a shade beyond the edge is %s wide", width)
	}
}
