package status

import (
	"fmt"
	"strings"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/glance"
	"serverscout/internal/web/ui"
)

func (b *board) worst() ui.State { return ui.State(b.Counts.Standing()) }

// sentence says how everything on the page is.
func (b *board) sentence() string {
	n := b.Counts
	total := n.Total()
	switch {
	case total == 0:
		return "No services are shown here yet"
	case total == 1:
		return alone(b.worst())
	case n.Down > 0 && n.Warning > 0:
		return fmt.Sprintf("%d of %d services %s down, %s", n.Down, total, are(n.Down), ui.Count(n.Warning, "warning"))
	case n.Down > 0:
		return fmt.Sprintf("%d of %d services %s down", n.Down, total, are(n.Down))
	case n.Warning > 0:
		return fmt.Sprintf("%d of %d services %s, but not as they should", n.Warning, total, answer(n.Warning))
	case n.Up == total:
		return fmt.Sprintf("All %d services are up", total)
	case n.Up > 0:
		return fmt.Sprintf("%d of %d services %s up", n.Up, total, are(n.Up)) + others(n)
	case n.Unknown > 0:
		return fmt.Sprintf("None of %d services was observed yet", total)
	default:
		return fmt.Sprintf("None of %d services is being watched", total)
	}
}

// alone says how the only service is.
func alone(s ui.State) string {
	switch s {
	case ui.Up:
		return "The service is up"
	case ui.Down:
		return "The service is down"
	case ui.Warning:
		return "The service answers, but not as it should"
	case ui.Paused:
		return "The service is not being watched"
	default:
		return "The service was not observed yet"
	}
}

// others says what the services are that are not up, where nothing is wrong.
func others(n scout.CheckCounts) string {
	text := ""
	if n.Unknown > 0 {
		text += fmt.Sprintf(", %d not observed yet", n.Unknown)
	}
	if n.Paused > 0 {
		text += fmt.Sprintf(", %d not being watched", n.Paused)
	}
	return text
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func answer(n int) string {
	if n == 1 {
		return "answers"
	}
	return "answer"
}

// percent is how available something was, as a share of what was observed.
func percent(a scout.Availability) string { return ui.Percent(a.Percent()) }

// beats draws days as a bar; says puts each of them into words.
func beats(days []glance.DayTotal, says func(scout.Availability) string) []ui.Beat {
	list := make([]ui.Beat, len(days))
	for i, d := range days {
		list[i] = ui.Beat{State: d.State(), At: d.At, Says: says(d.Spent)}
	}
	return list
}

// daySays is a service's day in words; "" where nothing was observed.
func daySays(a scout.Availability) string {
	if _, known := a.Percent(); !known {
		return ""
	}
	parts := []string{percent(a)}
	if a.Down >= time.Second {
		parts = append(parts, "down "+ui.Span(a.Down))
	}
	if a.Warning >= time.Second {
		parts = append(parts, "warning "+ui.Span(a.Warning))
	}
	return strings.Join(parts, ", ")
}

// what is an outage as a sentence without its times.
func (o outage) what() string {
	who := o.Service.Name + " on " + o.Service.Server
	switch {
	case o.Ended.IsZero() && o.State == ui.Down:
		return who + " is down"
	case o.Ended.IsZero():
		return who + " answers, but not as it should"
	case o.State == ui.Down:
		return who + " was down"
	default:
		return who + " answered, but not as it should"
	}
}

// lasted is how long an outage lasted, or has lasted so far.
func (o outage) lasted(now time.Time) string {
	end := o.Ended
	if end.IsZero() {
		end = now
	}
	return ui.Span(max(end.Sub(o.Began), 0))
}

// A day of outages that ended on it.
type day struct {
	Name    string
	Outages []outage
}

// days groups outages, which are ordered by their ends, by the days of those.
func days(list []outage) []day {
	var grouped []day
	for _, o := range list {
		name := o.Ended.UTC().Format("Monday, 2 January 2006")
		if n := len(grouped); n == 0 || grouped[n-1].Name != name {
			grouped = append(grouped, day{Name: name})
		}
		last := &grouped[len(grouped)-1]
		last.Outages = append(last.Outages, o)
	}
	return grouped
}

// span is from when to when an outage lasted, for a reader who sees the day of
// its end.
func (o outage) span() string {
	form := "15:04"
	if o.Began.UTC().Format(time.DateOnly) != o.Ended.UTC().Format(time.DateOnly) {
		form = "2 January, 15:04"
	}
	return o.Began.UTC().Format(form) + " to " + o.Ended.UTC().Format("15:04") + " UTC"
}

// moment is a time as a status page shows it, the same for every reader.
func moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// paragraphs are the parts of a text between empty lines.
func paragraphs(text string) []string {
	var list []string
	for _, part := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
