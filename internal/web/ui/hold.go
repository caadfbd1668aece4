package ui

import (
	"strings"
	"time"

	"serverscout/internal/scout"
)

// HoldState is how a kind of hold looks: its colour and shape.
func HoldState(k scout.HoldKind) State {
	if k == scout.Maintenance {
		return Maintenance
	}
	return Paused
}

// HoldKind is a kind of hold as a word for a reader.
func HoldKind(k scout.HoldKind) string {
	if k == scout.Maintenance {
		return "Maintenance"
	}
	return "Silence"
}

// HoldSentence says what holds alerts back, until when, by whom and why: "In
// maintenance until 14:00 by ada: kernel update".
func HoldSentence(c Clock, h scout.Hold) string {
	text := "Silenced"
	if h.Kind == scout.Maintenance {
		text = "In maintenance"
	}
	text += " until " + c.Minute(h.Until)
	if h.Author != "" {
		text += " by " + h.Author
	}
	if h.Comment != "" {
		text += ": " + scout.Shorten(h.Comment, longestComment)
	}
	return text
}

// longestComment is how many bytes of a comment a sentence takes.
const longestComment = 200

// HoldNotice says on the page of what a hold covers that it does.
func HoldNotice(c Clock, h scout.Hold) Notice {
	return Notice{
		State: HoldState(h.Kind), Title: HoldSentence(c, h),
		Text:   "It covers " + Covered(h.Match) + ". Alerts are held back until it ends; what is still open then is told.",
		Action: "Change or end it", Path: "holds/" + ID(h.ID) + "/edit",
	}
}

// Covered says in words what a match names: "the check HTTP on the server db-1
// or db-2".
func Covered(m scout.Match) string {
	var parts []string
	if len(m.Checks) > 0 {
		parts = append(parts, "the check "+someOf(m.Checks))
	}
	switch {
	case len(m.Servers) > 0 && len(parts) > 0:
		parts = append(parts, "on the server "+someOf(m.Servers))
	case len(m.Servers) > 0:
		parts = append(parts, "the server "+someOf(m.Servers))
	case len(m.Tags) > 0 && len(parts) > 0:
		parts = append(parts, "on servers")
	case len(m.Tags) > 0:
		parts = append(parts, "servers")
	}
	if len(m.Tags) > 0 {
		parts = append(parts, "with the tag "+someOf(m.Tags))
	}
	if len(parts) == 0 {
		return "everything"
	}
	return strings.Join(parts, " ")
}

// A sentence tells mostNames names, each with at most longestName bytes.
const (
	mostNames   = 3
	longestName = 100
)

// someOf tells names as alternatives.
func someOf(names []string) string {
	shown := make([]string, 0, mostNames+1)
	for _, name := range names[:min(len(names), mostNames)] {
		shown = append(shown, scout.Shorten(name, longestName))
	}
	if more := len(names) - mostNames; more > 0 {
		shown = append(shown, Count(more, "other"))
	}
	return strings.Join(shown, " or ")
}

// Minute is a time in the reader's zone to the minute, with the date unless
// that is today's, and with UTC where the reader's zone is not known.
func (c Clock) Minute(t time.Time) string {
	t, now := t.In(c.zone()), c.Now.In(c.zone())
	form := "2006-01-02 15:04"
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		form = "15:04"
	}
	if c.zone() == time.UTC {
		form += " UTC"
	}
	return t.Format(form)
}
