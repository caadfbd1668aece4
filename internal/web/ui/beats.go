package ui

import (
	"fmt"
	"time"
)

// A Beat is one tick of a heartbeat bar: one result, or the results of a
// stretch of time summed up.
type Beat struct {
	State State // Unknown where nothing was observed
	At    time.Time
	Says  string // outcome, latency, message, for the hover
}

// beatWidth and beatGap are the parts of a bar, in its own units.
const (
	beatWidth = 6
	beatGap   = 2
)

func beatX(i int) string { return fmt.Sprint(i * (beatWidth + beatGap)) }

func beatsBox(n int) string { return fmt.Sprintf("0 0 %d 28", max(n*(beatWidth+beatGap)-beatGap, 1)) }

// beatHeight sets the states apart for those who see no colour: what is not
// up is shorter, and what was not observed is low.
func (b Beat) y() string {
	switch b.State {
	case Up:
		return "2"
	case Warning:
		return "8"
	case Down:
		return "12"
	default:
		return "20"
	}
}

func (b Beat) height() string {
	switch b.State {
	case Up:
		return "24"
	case Warning:
		return "18"
	case Down:
		return "14"
	default:
		return "4"
	}
}

// summary is what a bar says to those who do not see it.
func summary(beats []Beat) string {
	n := map[State]int{}
	for _, b := range beats {
		n[b.State]++
	}
	return fmt.Sprintf("The last %s: %d up, %d warning, %d down, %d without a result",
		Count(len(beats), "beat"), n[Up], n[Warning], n[Down], len(beats)-n[Up]-n[Warning]-n[Down])
}
