package holds

import (
	"strings"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// covers is what a hold covers, as the beginning of a line.
func covers(h scout.Hold) string {
	text := ui.Covered(h.Match)
	return strings.ToUpper(text[:1]) + text[1:]
}

// named is how a hold is called in a sentence: "silence of everything".
func named(h scout.Hold) string { return string(h.Kind) + " of " + ui.Covered(h.Match) }

// subject is the same at the beginning of a sentence.
func subject(h scout.Hold) string { return ui.HoldKind(h.Kind) + " of " + ui.Covered(h.Match) }

// over is when a hold ended or is going to.
func over(h scout.Hold) time.Time {
	if h.EndedAt.IsZero() {
		return h.Until
	}
	return h.EndedAt
}

func begins(s scout.HoldState) string {
	if s == scout.HoldPlanned {
		return "Begins"
	}
	return "Began"
}

func ends(s scout.HoldState) string {
	if s == scout.HoldEnded {
		return "Ended"
	}
	return "Until"
}

// endLabel is the button that ends a hold; one that has not begun never does.
func endLabel(s scout.HoldState) string {
	if s == scout.HoldPlanned {
		return "Call off"
	}
	return "End now"
}
