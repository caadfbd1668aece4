package status

import (
	"strconv"
	"unicode/utf8"

	"serverscout/internal/web/ui"
)

// The measures of a badge, in pixels.
const (
	badgeHeight  = 20
	badgePadding = 7 // left and right of a text
	badgeFont    = 11
)

// glyphWidths groups the printable ASCII characters by how wide they are in a
// usual sans-serif face of badgeFont, in tenths of a pixel.
var glyphWidths = []struct {
	width int
	chars string
}{
	{30, "ijl|'"},
	{38, "I.,:;!` "},
	{45, "frt()[]{}/\\\"-"},
	{58, "csxyzvkJ*^_?"},
	{67, "0123456789abdeghnopquLFTZ$"},
	{75, "ABCEKPRSVXY&~+<=>#"},
	{85, "DGHNOQUw"},
	{105, "mMW@%"},
}

// otherGlyph is the width of all other characters, which may be as wide as they
// are high.
const otherGlyph = 110

// textWidth estimates how wide a text is. Pictures state the width, so that it
// holds whatever the reader's face is.
func textWidth(text string) int {
	tenths := 0
	for _, r := range text {
		tenths += glyphWidth(r)
	}
	return (tenths + 9) / 10
}

func glyphWidth(r rune) int {
	if r < utf8.RuneSelf {
		for _, g := range glyphWidths {
			for _, c := range g.chars {
				if c == r {
					return g.width
				}
			}
		}
	}
	return otherGlyph
}

// A box is one half of a badge.
type box struct {
	text  string
	x     int
	color string
}

func (b box) width() int { return textWidth(b.text) + 2*badgePadding }

// boxes are the two halves.
func (b badge) boxes() [2]box {
	label := box{text: b.Label, color: "#3b4450"}
	return [2]box{label, {text: b.Value, x: label.width(), color: badgeColors[b.State]}}
}

func (b badge) width() int {
	boxes := b.boxes()
	return boxes[0].width() + boxes[1].width()
}

// badgeColors are the colours of the states on which white text can be read. A
// picture on another site cannot use the style sheet's.
var badgeColors = map[ui.State]string{
	ui.Up: "#14733a", ui.Warning: "#8f5200", ui.Down: "#b3201f", ui.Unknown: "#5c6570", ui.Paused: "#5c6570", ui.Maintenance: "#1f5fbf",
}

func px(n int) string { return strconv.Itoa(n) }
