package integration

import (
	"fmt"

	"serverscout/internal/scout"
)

// colour is 0xRRGGBB.
type colour int

// The colours of messages: one each, the same in every format.
const (
	colourCritical  colour = 0xD32F2F // red
	colourWarning   colour = 0xF5A300 // amber
	colourRecovered colour = 0x2E9E4F // green
)

// colourOf returns the colour of what a webhook is told.
func colourOf(s scout.Status) colour {
	switch s {
	case scout.StatusDown:
		return colourCritical
	case scout.StatusWarning:
		return colourWarning
	default:
		return colourRecovered
	}
}

// hex writes the colour as "#RRGGBB".
func (c colour) hex() string { return fmt.Sprintf("#%06X", int(c)) }

// markOf returns the shape that goes with the colour, for readers who cannot
// tell colours apart.
func markOf(s scout.Status) string {
	switch s {
	case scout.StatusDown:
		return "■"
	case scout.StatusWarning:
		return "▲"
	default:
		return "●"
	}
}
