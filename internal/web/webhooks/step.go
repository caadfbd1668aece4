package webhooks

import (
	"strings"
	"time"

	"serverscout/internal/web/ui"
)

// A Step is one step of a diagnosis, with what was found.
type Step struct {
	Name    string
	Outcome Outcome
	Says    string // one sentence: what was found
	Remedy  string // one sentence: what to do; "" when there is nothing to do
	Took    time.Duration
	Facts   [][2]string // name and value
}

// Outcome is how a step of a diagnosis ended.
type Outcome string

// The outcomes of a step. A step that needs one that failed is skipped.
const (
	Passed  Outcome = "passed"
	Warned  Outcome = "warned"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
)

// state is an outcome as its shape and colour.
func (o Outcome) state() ui.State {
	switch o {
	case Passed:
		return ui.Up
	case Warned:
		return ui.Warning
	case Failed:
		return ui.Down
	default:
		return ui.Unknown
	}
}

// concluded sums a diagnosis up in a state and a sentence.
func concluded(steps []Step) (ui.State, string) {
	var failed, warned []string
	for _, s := range steps {
		switch s.Outcome {
		case Failed:
			failed = append(failed, s.Name)
		case Warned:
			warned = append(warned, s.Name)
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
