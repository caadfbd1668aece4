package glance

import (
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// DayTotal is how a check, or several taken together, spent one day of UTC.
type DayTotal struct {
	At    time.Time // its beginning
	Spent scout.Availability
}

// State is the worst of what the check was on that day; of several, the worst
// of any.
func (d DayTotal) State() ui.State { return stateOf(d.Spent) }

const dayLength = 24 * time.Hour

// Days begins to sum up n days, of which the present one is the last.
func Days(now time.Time, n int) []DayTotal {
	days := make([]DayTotal, n)
	first := now.UTC().Truncate(dayLength).Add(-dayLength * time.Duration(n-1))
	for i := range days {
		days[i].At = first.Add(dayLength * time.Duration(i))
	}
	return days
}

// AddDays adds how a check spent its time to days that follow each other. What
// lies outside of them is left out.
func AddDays(days []DayTotal, past []scout.Stretch) {
	if len(days) == 0 {
		return
	}
	first, end := days[0].At, dayLength*time.Duration(len(days))
	for _, s := range past {
		from, to := max(s.From.Sub(first), 0), min(s.To.Sub(first), end)
		for from < to {
			i := from / dayLength
			next := min((i+1)*dayLength, to)
			days[i].Spent.AddPart(s, next-from)
			from = next
		}
	}
}
