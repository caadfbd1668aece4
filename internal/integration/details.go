package integration

import (
	"strings"

	"serverscout/internal/scout"
)

// detailLimit is how many characters one fact may have in a text of details:
// they are read on telephones.
const detailLimit = 150

// markup is how a target's text marks a label and escapes what users typed.
type markup struct {
	label  func(string) string
	escape func(rune) string
}

// plainMarkup is that of a target which shows text as it is.
var plainMarkup = markup{label: func(s string) string { return s }, escape: plain}

// detailText is what stands below the title where a target shows nothing but
// text: the message, how late it is, an empty line, and a line for each fact.
// It has at most limit characters, and the message gives way to the rest.
// The limit must leave room for the facts, which take up to 900.
func detailText(n scout.Notice, limit int, m markup) string {
	rows := facts(n, utcStamp)
	if id := oneLine(n.AlertID); id != "" {
		rows = append(rows, fact{label: "Alert", value: id})
	}
	tail := "\n"
	for _, row := range rows {
		tail += "\n" + m.label(row.label+":") + " " + fit(row.value, detailLimit, m.escape)
	}
	if late := lateNote(n, utcClock(n.SentAt)); late != "" {
		tail = "\n" + lateLabel + ": " + late + tail
	}
	return strings.TrimLeft(fit(oneLine(n.Message), limit-length(tail), m.escape)+tail, "\n")
}

// readDetailText adds to a preview what detailText wrote, its markup undone.
func readDetailText(p *Preview, text string) {
	rows := text
	if i := strings.LastIndex(text, "\n\n"); i >= 0 {
		rows = text[i+2:]
		message, late, isLate := strings.Cut("\n"+text[:i], "\n"+lateLabel+": ")
		p.Text = strings.TrimPrefix(message, "\n")
		if isLate {
			p.Notes = append(p.Notes, lateLabel+": "+late)
		}
	}
	for line := range strings.Lines(rows) {
		label, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		p.Fields = append(p.Fields, [2]string{label, value})
	}
}

// dotOf returns the mark that carries the colour where a target has none.
func dotOf(s scout.Status) string {
	switch s {
	case scout.StatusDown:
		return "🔴"
	case scout.StatusWarning:
		return "🟠"
	default:
		return "🟢"
	}
}
