package watch

import (
	"fmt"
	"strings"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// sentence says how a check is, for somebody who reads nothing else.
func (v checkView) sentence() string {
	who := v.Check.Name + " on " + v.Server.Name
	since := v.Check.Since
	if !v.Incident.Began.IsZero() {
		since = v.Incident.Began
	}
	took := ui.Span(max(v.Request.Clock.Now.Sub(since), 0))
	switch v.Check.State {
	case ui.Paused:
		return who + " is paused: it is not watched, and nobody is told of it."
	case ui.Down:
		return who + " has been down for " + took + "."
	case ui.Warning:
		return who + " has been at a warning for " + took + ": it answers, but not as it should."
	case ui.Up:
		return who + " has been up for " + took + "."
	default:
		if v.Kind.Passive {
			return "Nothing was heard of " + who + " so far."
		}
		return who + " was not observed yet. The first result comes within " + ui.Span(v.Check.Interval) + "."
	}
}

// uptimeNote says what the share leaves out, and how long it was down.
func uptimeNote(a scout.Availability) string {
	parts := []string{}
	for _, p := range []struct {
		word  string
		d     time.Duration
		least time.Duration // what is shorter says nothing
	}{
		{"down", a.Down, time.Second},
		{"warning", a.Warning, time.Second},
		{"paused", a.Paused, time.Minute},
		{"not observed", a.Unknown, time.Minute},
	} {
		if p.d >= p.least {
			parts = append(parts, p.word+" "+ui.Span(p.d))
		}
	}
	return strings.Join(parts, ", ")
}

// headline says what an incident is, or was at its worst.
func headline(in scout.Incident) string {
	verb, level := " is ", in.Level
	if !in.Open() {
		verb, level = " was ", in.Worst
	}
	if level == scout.Warning {
		return in.Service + verb + "at a warning"
	}
	return in.Service + verb + level.String()
}

// lasted is how long an incident lasted, or has lasted so far.
func lasted(in scout.Incident, clock ui.Clock) string {
	end := in.Ended
	if end.IsZero() {
		end = clock.Now
	}
	return ui.Span(max(end.Sub(in.Began), 0))
}

// shownTarget is what a check looks at and, where a URL does not say it, as what
// kind of service. Credentials are masked.
func shownTarget(c scout.Check) string {
	target, _ := manage.ShowCheck(c)["target"].(string)
	if strings.Contains(target, "://") {
		return target
	}
	return strings.TrimSpace(c.Kind + " " + target)
}

func daysWords(days int) string {
	if days < 0 {
		return ui.Count(-days, "day") + " over"
	}
	return ui.Count(days, "day")
}

// outcome is a result in one line: level, latency and message.
func outcome(r scout.Result) string {
	text := ui.StateOf(r.Level).Word()
	if r.Latency > 0 {
		text += " in " + ui.Millis(r.Latency)
	}
	if r.Message != "" {
		text += ". " + r.Message
	}
	return text
}

// stepsText says how the time of a result was spent.
func stepsText(steps []scout.Step) string {
	parts := make([]string, len(steps))
	for i, s := range steps {
		parts[i] = fmt.Sprintf("%s %s", s.Name, ui.Millis(s.Took))
	}
	return strings.Join(parts, ", ")
}
