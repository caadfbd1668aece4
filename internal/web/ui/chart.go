package ui

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A Chart is the latency of a check over a stretch of time, drawn by Latency.
type Chart struct {
	ID       string // of the element
	From, To time.Time
	Window   time.Duration // that each point sums up; a hole between two points longer than that is left open
	Points   []ChartPoint  // oldest first
	Shades   []Shade
	Zone     *time.Location // of the labels; nil: UTC
}

// A ChartPoint sums up the results of one window.
type ChartPoint struct {
	At               time.Time // when the window begins
	Min, Median, Max time.Duration
	Up, Results      int
}

// measured reports whether there was an answer of which the time is known.
func (p ChartPoint) measured() bool { return p.Median > 0 }

// A Shade is a stretch of a chart that stands out, such as an incident.
type Shade struct {
	From, To time.Time
	State    State
	Says     string
}

// The measures of a chart, in its own units.
const (
	chartWidth, chartHeight         = 760, 200
	plotLeft, plotRight             = 80, 752
	plotTop, plotBottom     float64 = 8, 172
	mostTicks                       = 4
)

func (c Chart) x(t time.Time) float64 {
	share := float64(t.Sub(c.From)) / float64(c.To.Sub(c.From))
	return plotLeft + min(max(share, 0), 1)*(plotRight-plotLeft)
}

// middle is where a point stands: in the middle of its window.
func (c Chart) middle(p ChartPoint) float64 { return c.x(p.At.Add(c.Window / 2)) }

// A plot is a chart with the scale that it is drawn to.
type plot struct {
	Chart
	ceiling time.Duration // the latency at the upper edge
}

func newPlot(c Chart) plot { return plot{c, c.top()} }

// y is where a latency stands; what is above the top stands there.
func (p plot) y(d time.Duration) float64 {
	return plotBottom - min(float64(d)/float64(p.ceiling), 1)*(plotBottom-plotTop)
}

// top is the latency at the upper edge: most of what was measured lies below
// it, and all medians. A few answers that took very long do not press the rest
// flat.
func (c Chart) top() time.Duration {
	var longest []time.Duration
	median := time.Millisecond
	for _, p := range c.Points {
		if p.measured() {
			longest = append(longest, p.Max)
			median = max(median, p.Median)
		}
	}
	if len(longest) == 0 {
		return time.Millisecond
	}
	slices.Sort(longest)
	most := max(longest[(len(longest)-1)*95/100], median)
	step := tickStep(most)
	return (most + step - 1) / step * step
}

// tickStep is a round length that fits into another at most mostTicks times.
func tickStep(d time.Duration) time.Duration {
	step := time.Duration(math.Pow10(int(math.Log10(float64(max(d, time.Microsecond)) / mostTicks))))
	for _, times := range []time.Duration{1, 2, 5, 10, 20} {
		if step*times*mostTicks >= d {
			return step * times
		}
	}
	return d
}

// A tick is a label at an axis.
type tick struct {
	at    float64
	label string
	minor bool // left out where there is little room
}

// anchor keeps the label at the right edge inside the picture.
func (t tick) anchor() string {
	if t.at > plotRight-20 {
		return "end"
	}
	return "middle"
}

func (t tick) text() string { return fmt.Sprintf("%.1f", t.at) }

// heights are the labels of the latencies.
func (p plot) heights() []tick {
	step := tickStep(p.ceiling)
	var list []tick
	for d := time.Duration(0); d <= p.ceiling; d += step {
		list = append(list, tick{at: p.y(d), label: axisText(d)})
	}
	return list
}

func axisText(d time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case d < time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%g ms", float64(d)/float64(time.Millisecond))
	default:
		return fmt.Sprintf("%g s", d.Seconds())
	}
}

// times are the labels of the times: whole hours or days of the reader.
func (c Chart) times() []tick {
	days := int(c.To.Sub(c.From) / (24 * time.Hour))
	from := c.From.In(c.zone())
	at := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, from.Location())
	var list []tick
	for !at.After(c.To) {
		if !at.Before(c.From) {
			label := at.Format("Jan 2")
			if days <= 1 {
				label = at.Format("15:04")
			}
			list = append(list, tick{at: c.x(at), label: label, minor: len(list)%2 == 1})
		}
		switch {
		case days <= 1:
			at = at.Add(4 * time.Hour)
		case days <= 7:
			at = at.AddDate(0, 0, 1)
		default:
			at = at.AddDate(0, 0, days/6)
		}
	}
	return list
}

func (c Chart) zone() *time.Location { return Clock{Zone: c.Zone}.zone() }

// runs are the points that hang together: measured, and without a hole.
func (c Chart) runs() [][]ChartPoint {
	var runs [][]ChartPoint
	var last time.Time
	for _, p := range c.Points {
		if !p.measured() {
			continue
		}
		if n := len(runs); n > 0 && p.At.Sub(last) < c.Window*3/2 {
			runs[n-1] = append(runs[n-1], p)
		} else {
			runs = append(runs, []ChartPoint{p})
		}
		last = p.At
	}
	return runs
}

// edge appends a line through some points at a height that is chosen of each.
// A point that stands alone is drawn as a short line.
func (p plot) edge(path *strings.Builder, run []ChartPoint, begin string, height func(ChartPoint) time.Duration) {
	for i, one := range run {
		if i > 0 {
			begin = "L"
		}
		x, y := p.middle(one), p.y(height(one))
		if len(run) == 1 {
			fmt.Fprintf(path, "%s%.1f %.1fh4", begin, x-2, y)
			return
		}
		fmt.Fprintf(path, "%s%.1f %.1f", begin, x, y)
	}
}

func (p plot) line() string {
	var path strings.Builder
	for _, run := range p.runs() {
		p.edge(&path, run, "M", func(one ChartPoint) time.Duration { return one.Median })
	}
	return path.String()
}

func (p plot) band() string {
	var path strings.Builder
	for _, run := range p.runs() {
		if len(run) == 1 {
			low, high := p.y(run[0].Min), p.y(run[0].Max)
			fmt.Fprintf(&path, "M%.1f %.1fh4V%.1fh-4Z", p.middle(run[0])-2, high, low)
			continue
		}
		p.edge(&path, run, "M", func(one ChartPoint) time.Duration { return one.Max })
		back := slices.Clone(run)
		slices.Reverse(back)
		p.edge(&path, back, "L", func(one ChartPoint) time.Duration { return one.Min })
		path.WriteString("Z")
	}
	return path.String()
}

func (c Chart) shade(s Shade) (x, width string) {
	from, to := c.x(s.From), c.x(s.To)
	return fmt.Sprintf("%.1f", from), fmt.Sprintf("%.1f", max(to-from, 2))
}

// when is a time as the chart says it: the date only where it spans several
// days.
func (c Chart) when(t time.Time) string {
	if c.To.Sub(c.From) <= 24*time.Hour {
		return t.In(c.zone()).Format("15:04")
	}
	return t.In(c.zone()).Format("Jan 2 15:04")
}

// spread is the least and the most that was measured.
func (p ChartPoint) spread() string { return Millis(p.Min) + " to " + Millis(p.Max) }

func (p ChartPoint) outcome() string { return fmt.Sprintf("%d of %d up", p.Up, p.Results) }

func (c Chart) says(p ChartPoint) string {
	if !p.measured() {
		return c.when(p.At) + " · no answer, " + p.outcome()
	}
	return c.when(p.At) + " · p50 " + Millis(p.Median) + " (" + p.spread() + "), " + p.outcome()
}

// points are what the browser code reads out, as JSON: pairs of where and what.
func (c Chart) points() (string, error) {
	list := make([][2]any, len(c.Points))
	for i, p := range c.Points {
		list[i] = [2]any{math.Round(c.middle(p)), c.says(p)}
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// summary is what the chart says to those who do not see it.
func (c Chart) summary() string {
	return "Latency from " + c.when(c.From) + " to " + c.when(c.To) + ". Use the arrow keys to read single values; a table of them follows."
}

// latest are the points of the table, the newest first.
func (c Chart) latest() []ChartPoint {
	list := slices.Clone(c.Points)
	slices.Reverse(list)
	return list
}
