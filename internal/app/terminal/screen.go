// Package terminal is the command line's work: it asks a running server's API,
// probes once, and prints what is found for a person or, as JSON, for a
// program. The command itself only parses its arguments and calls it.
//
// Three promises hold for what is printed. Colours only repeat what words say,
// and stand on a terminal alone. Text that comes from a service or a receiver
// cannot steer the terminal: control characters are taken out of it. Without a
// terminal nothing is cut.
package terminal

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"
)

// Screen is where commands print. The zero value of its last two fields is
// right for a file or a pipe.
type Screen struct {
	Out     io.Writer // what was asked for
	Err     io.Writer // remarks for a person
	Width   int       // in characters; 0: not a terminal, nothing is cut
	Colours bool
}

// NewScreen makes the screen of two outputs. Only a terminal has a width, and
// colours unless the environment says NO_COLOR or TERM=dumb. COLUMNS goes
// before the terminal's own word on its width.
func NewScreen(out, err io.Writer, getenv func(string) string) *Screen {
	s := &Screen{Out: out, Err: err}
	file, ok := out.(*os.File)
	if !ok {
		return s
	}
	info, statErr := file.Stat()
	if statErr != nil || info.Mode()&os.ModeCharDevice == 0 {
		return s
	}
	s.Width = widthOf(file, getenv("COLUMNS"))
	s.Colours = getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
	return s
}

// usualWidth stands for a terminal's width that is not known, leastWidth for
// one that nothing fits into.
const (
	usualWidth = 80
	leastWidth = 40
)

// widthOf is how many characters fit into a line.
func widthOf(file *os.File, columns string) int {
	width := 0
	if _, err := fmt.Sscan(columns, &width); err != nil || width <= 0 {
		width = windowWidth(file)
	}
	if width <= 0 {
		return usualWidth
	}
	return max(width, leastWidth)
}

// Terminal reports whether a person looks on.
func (s *Screen) Terminal() bool { return s.Width > 0 }

// printf prints text of the program's own.
func (s *Screen) printf(format string, args ...any) {
	fmt.Fprintf(s.Out, format, args...)
}

// remark tells a person something that was not asked for.
func (s *Screen) remark(format string, args ...any) {
	fmt.Fprintf(s.Err, format+"\n", args...)
}

// The colours, as terminals are told them.
const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	faint  = "\x1b[2m"
	plain  = "\x1b[0m"
)

// colourOf is the colour of a word that says how something is; "" for others.
func colourOf(word string) string {
	switch word {
	case "up", "delivered", "recovered", "ok", "passed":
		return green
	case "warning", "pending", "sending", "retry", "paused", "interrupted", "active", "warned":
		return yellow
	case "down", "failed", "gave_up", "disabled", "failing":
		return red
	case "unknown", "cancelled", "ended", "skipped":
		return faint
	default:
		return ""
	}
}

// word prints a word in its colour.
func (s *Screen) word(word string) string {
	colour := colourOf(word)
	if !s.Colours || colour == "" {
		return word
	}
	return colour + word + plain
}

// line returns text from elsewhere as one line that steers nothing.
func line(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case steers(r):
			return unicode.ReplacementChar
		default:
			return r
		}
	}, text)
}

// lines returns text from elsewhere with its own lines, that steers nothing.
func lines(text string) []string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	list := strings.Split(text, "\n")
	for i := range list {
		list[i] = line(list[i])
	}
	return list
}

// steers reports whether a terminal would obey a character rather than show
// it, or read what follows in another direction.
func steers(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// moment is a time as a person reads it: local, with its zone; "" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05 MST")
}
