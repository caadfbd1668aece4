package integration

import (
	"fmt"
	"time"

	"serverscout/internal/scout"
)

// fact is one row of what is known of an alert. The value is one line, never
// empty. What people typed is to be escaped; the other values were made here,
// with times as the target writes them. A wide value is too long for a column.
type fact struct {
	label string
	value string
	typed bool
	wide  bool
}

// facts lists what a message tells in its table: where, since when or how long,
// how bad. What is not known has no row. The function when writes the times.
func facts(n scout.Notice, when func(time.Time) string) []fact {
	period := fact{label: "Since", value: since(n, when)}
	if n.Status == scout.StatusRecovered {
		period = fact{label: "Lasted", value: lasted(n, when), wide: !n.Began.IsZero()}
	}
	rows := []fact{
		{label: "Server", value: oneLine(n.Server), typed: true},
		{label: "Service", value: oneLine(n.Service), typed: true},
		{label: "Address", value: oneLine(n.ServerIP), typed: true},
		period,
		{label: "Severity", value: n.Status.Severity()},
	}
	known := rows[:0]
	for _, row := range rows {
		if row.value != "" {
			known = append(known, row)
		}
	}
	return known
}

// since tells when an incident began and how long ago that was.
func since(n scout.Notice, when func(time.Time) string) string {
	if n.Began.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s (%s)", when(n.Began), span(n.Duration))
}

// lasted tells how long an incident was, and from when to when.
func lasted(n scout.Notice, when func(time.Time) string) string {
	if n.Began.IsZero() {
		return span(n.Duration)
	}
	return fmt.Sprintf("%s (%s – %s)", span(n.Duration), when(n.Began), when(n.Began.Add(n.Duration)))
}
