package webhooks

import (
	"strings"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// stateOf is how a step of a diagnosis ended as its shape and colour.
func stateOf(o scout.FindingOutcome) ui.State {
	switch o {
	case scout.FindingPassed:
		return ui.Up
	case scout.FindingWarned:
		return ui.Warning
	case scout.FindingFailed:
		return ui.Down
	default:
		return ui.Unknown
	}
}

// concluded sums a diagnosis up in a state and a sentence.
func concluded(findings []scout.Finding) (ui.State, string) {
	var failed, warned []string
	for _, f := range findings {
		switch f.Outcome {
		case scout.FindingFailed:
			failed = append(failed, f.Step.Title())
		case scout.FindingWarned:
			warned = append(warned, f.Step.Title())
		}
	}
	switch {
	case len(failed) > 0:
		return ui.Down, "Alerts do not arrive. What failed: " + strings.Join(failed, ", ")
	case len(warned) > 0:
		return ui.Warning, "Alerts arrive, but look at: " + strings.Join(warned, ", ")
	default:
		return ui.Up, "Alerts arrive. Every step passed"
	}
}
