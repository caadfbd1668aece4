package glance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// frame is the stretch of time that a heartbeat bar shows, in beats of one
// length that begin on the clock: the last one is the present one.
type frame struct {
	from   time.Time
	length time.Duration // of a beat
	n      int
}

func (l Look) frame() frame {
	n := l.Beats
	if n <= 0 {
		n = l.Range.Beats()
	}
	length := l.Range.Length() / time.Duration(n)
	end := l.Now.Truncate(length).Add(length)
	return frame{from: end.Add(-time.Duration(n) * length), length: length, n: n}
}

func (f frame) start(i int) time.Time { return f.from.Add(time.Duration(i) * f.length) }

// index is the beat in which a time lies, as if beats went on for ever.
func (f frame) index(t time.Time) int {
	i := int(t.Sub(f.from) / f.length)
	if t.Before(f.from) {
		return i - 1
	}
	return i
}

// divide divides what is on record of a check among the beats.
func (f frame) divide(past []scout.Stretch) []scout.Availability {
	spent := make([]scout.Availability, f.n)
	for _, s := range past {
		for i := max(f.index(s.From), 0); i < f.n && f.start(i).Before(s.To); i++ {
			part := s
			if begin := f.start(i); part.From.Before(begin) {
				part.From = begin
			}
			if end := f.start(i + 1); part.To.After(end) {
				part.To = end
			}
			spent[i].Add(part)
		}
	}
	return spent
}

// beats draws how a check spent each beat, and how fast it was.
func (f frame) beats(spent []scout.Availability, rollups []scout.Rollup) []ui.Beat {
	windows := make([][]scout.Rollup, f.n)
	for _, r := range rollups {
		if i := f.index(r.Start); i >= 0 && i < f.n {
			windows[i] = append(windows[i], r)
		}
	}
	list := make([]ui.Beat, f.n)
	for i := range list {
		list[i] = ui.Beat{State: stateOf(spent[i]), At: f.start(i), Says: says(spent[i], windows[i])}
	}
	return list
}

// stateOf is the worst of what a check was.
func stateOf(a scout.Availability) ui.State {
	switch {
	case a.Down > 0:
		return ui.Down
	case a.Warning > 0:
		return ui.Warning
	case a.Up > 0:
		return ui.Up
	case a.Paused > 0:
		return ui.Paused
	default:
		return ui.Unknown
	}
}

// says puts a beat into words; "" where nothing is on record.
func says(a scout.Availability, windows []scout.Rollup) string {
	parts := []string{}
	for _, p := range []struct {
		word string
		d    time.Duration
	}{{"down", a.Down}, {"warning", a.Warning}, {"up", a.Up}, {"paused", a.Paused}} {
		if p.d > 0 {
			parts = append(parts, p.word+" "+ui.Span(p.d))
		}
	}
	if sum := Merge(windows); sum.Median > 0 {
		parts = append(parts, fmt.Sprintf("%s (%s to %s)", ui.Millis(sum.Median), ui.Millis(sum.Min), ui.Millis(sum.Max)))
	}
	return strings.Join(parts, ", ")
}

// wrong says how long something was wrong during a beat.
func wrong(a scout.Availability) string {
	switch {
	case a.Warning == 0:
		return "down " + ui.Span(a.Down)
	case a.Down == 0:
		return "warning " + ui.Span(a.Warning)
	default:
		return "down " + ui.Span(a.Down) + ", warning " + ui.Span(a.Warning)
	}
}

// Merge sums up windows that follow each other into one. Its median is the
// median of theirs, which is close to that of the results as long as windows
// have about as many of them.
func Merge(windows []scout.Rollup) scout.Rollup {
	if len(windows) == 0 {
		return scout.Rollup{}
	}
	sum := windows[0]
	medians := make([]time.Duration, 0, len(windows))
	sum.Up, sum.Warning, sum.Down = 0, 0, 0
	for _, w := range windows {
		sum.Up, sum.Warning, sum.Down = sum.Up+w.Up, sum.Warning+w.Warning, sum.Down+w.Down
		if w.Median > 0 { // 0: most results had no answer to measure
			medians = append(medians, w.Median)
		}
		sum.Max = max(sum.Max, w.Max)
		if w.Min > 0 && (sum.Min == 0 || w.Min < sum.Min) {
			sum.Min = w.Min
		}
	}
	slices.Sort(medians)
	sum.Median = 0
	if len(medians) > 0 {
		sum.Median = medians[len(medians)/2]
	}
	return sum
}

// worst draws a server: of each beat the worst of its checks, which it names.
func (f frame) worst(records []record) []ui.Beat {
	list := make([]ui.Beat, f.n)
	for i := range list {
		b := ui.Beat{State: ui.Unknown, At: f.start(i)}
		up := 0
		var words []string
		for _, r := range records {
			state := stateOf(r.spent[i])
			switch state {
			case ui.Up:
				up++
			case ui.Down, ui.Warning:
				words = append(words, r.Name+": "+wrong(r.spent[i]))
			}
			if weight(state) > weight(b.State) {
				b.State = state
			}
		}
		if up > 0 {
			words = append(words, ui.Count(up, "check")+" up")
		}
		b.Says = strings.Join(words, "; ")
		list[i] = b
	}
	return list
}

// weight orders states for a beat of several checks: what is paused or was not
// observed says nothing about a server of which something else is known.
func weight(s ui.State) int {
	return slices.Index([]ui.State{ui.Unknown, ui.Paused, ui.Up, ui.Warning, ui.Down}, s)
}

// Latest draws single results, given newest first, as a bar of n beats. Where
// there are fewer results, its beginning is empty.
func Latest(results []scout.Result, n int) []ui.Beat {
	list := make([]ui.Beat, 0, n)
	for range n - min(n, len(results)) {
		list = append(list, ui.Beat{State: ui.Unknown})
	}
	for _, r := range slices.Backward(results[:min(n, len(results))]) {
		list = append(list, ui.Beat{State: ui.StateOf(r.Level), At: r.At, Says: resultSays(r)})
	}
	return list
}

// resultSays is a result in one line.
func resultSays(r scout.Result) string {
	text := r.Level.String()
	if r.Latency > 0 {
		text += ", " + ui.Millis(r.Latency)
	}
	if r.Message != "" {
		text += ". " + r.Message
	}
	return text
}
