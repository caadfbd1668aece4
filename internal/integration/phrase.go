package integration

import (
	"fmt"
	"time"

	"serverscout/internal/scout"
)

// headline says in one line what happened, such as "HTTP on web-server-01 is
// down", cut to limit characters in such a way that names give way and the
// state stays readable. Names are escaped by escape.
func headline(n scout.Notice, limit int, escape func(rune) string) string {
	before, after := "", " "+predicate(n)
	if n.Test {
		before = "Test: "
	}
	return before + fit(subject(n), limit-length(before)-length(after), escape) + after
}

// subject names what an incident is about, as far as it is known.
func subject(n scout.Notice) string {
	service, server := oneLine(n.Service), oneLine(n.Server)
	switch {
	case service != "" && server != "":
		return service + " on " + server
	case service != "":
		return service
	case server != "":
		return server
	default:
		return "A service"
	}
}

// predicate completes the subject to a sentence.
func predicate(n scout.Notice) string {
	switch {
	case n.Status == scout.StatusDown && n.Kind == scout.Reminder:
		return "is still down"
	case n.Status == scout.StatusDown:
		return "is down"
	case n.Status == scout.StatusWarning && n.Kind == scout.Reminder:
		return "still has a warning"
	case n.Status == scout.StatusWarning && n.Kind == scout.Eased:
		return "has eased to a warning"
	case n.Status == scout.StatusWarning:
		return "has a warning"
	case n.Duration >= time.Second:
		return "has recovered after " + span(n.Duration)
	default:
		return "has recovered"
	}
}

// lateLabel stands before a lateNote.
const lateLabel = "Late"

// summary is a whole notice in one line: the headline, the message, and how
// late it is. The message gives way to the rest, the headline to its own limit.
// before stands in front of it, and counts.
func summary(n scout.Notice, before string, limit, headlineLimit int, escape func(rune) string) string {
	text := before + headline(n, headlineLimit, escape)
	late := lateNote(n, utcClock(n.SentAt))
	if late != "" {
		late = " (" + late + ")"
	}
	if message := oneLine(n.Message); message != "" {
		text += ": "
		text += fit(message, limit-length(text)-length(late), escape)
	}
	return text + late
}

// lateNote tells that a notice comes late, when it happened, and that the
// service is back by now where that is so: "happened 02:10 UTC, sent 3 h
// later; recovered 02:25 UTC". It is "" for a notice in time. The function
// when writes the times.
func lateNote(n scout.Notice, when func(time.Time) string) string {
	late := n.Late()
	if late == 0 || n.At.IsZero() {
		return ""
	}
	note := fmt.Sprintf("happened %s, sent %s later", when(n.At), span(late))
	if !n.Ended.IsZero() && n.Status != scout.StatusRecovered {
		note += "; recovered " + when(n.Ended)
	}
	return note
}

// utcClock returns a function that writes times in UTC, and their date where
// that is not the date of ref.
func utcClock(ref time.Time) func(time.Time) string {
	day := ref.UTC().Format(time.DateOnly)
	return func(t time.Time) string {
		if t.UTC().Format(time.DateOnly) == day {
			return t.UTC().Format("15:04 UTC")
		}
		return utcStamp(t)
	}
}

// utcStamp writes date and time in UTC.
func utcStamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// span writes a duration for people by its two largest units, floored: "45 s",
// "5 min 23 s", "3 h", "2 d 4 h".
func span(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return units(s/60, "min", s%60, "s")
	case s < 86400:
		return units(s/3600, "h", s/60%60, "min")
	default:
		return units(s/86400, "d", s/3600%24, "h")
	}
}

func units(large int64, largeUnit string, small int64, smallUnit string) string {
	if small == 0 {
		return fmt.Sprintf("%d %s", large, largeUnit)
	}
	return fmt.Sprintf("%d %s %d %s", large, largeUnit, small, smallUnit)
}
