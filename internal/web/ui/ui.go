// Package ui is what every screen is made of: the shell around a page and the
// pieces inside it, the style sheet and the browser code. It draws what it is
// given and reads nothing.
//
// All addresses are relative to the <base> of the shell, which is where the
// dashboard lies, so that it works under a sub-path: write "incidents/5", never
// "/incidents/5", and "servers/5?range=7d", never "?range=7d".
package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"serverscout/internal/scout"
)

// State is what a reader sees of a check, a server or an incident.
type State string

// The states, from the best to the worst news.
const (
	Up          State = "up"
	Paused      State = "paused"
	Maintenance State = "maintenance"
	Unknown     State = "unknown"
	Warning     State = "warning"
	Down        State = "down"
)

// StateOf is the state of a confirmed level.
func StateOf(l scout.Level) State {
	switch l {
	case scout.Up:
		return Up
	case scout.Warning:
		return Warning
	case scout.Down:
		return Down
	default:
		return Unknown
	}
}

// Word is the state as a word for a reader.
func (s State) Word() string { return strings.ToUpper(string(s[:1])) + string(s[1:]) }

// Sign is the state as a sign in plain text, such as a page's title.
func (s State) Sign() string {
	return map[State]string{Up: "●", Warning: "▲", Down: "■", Unknown: "◌", Paused: "‖", Maintenance: "◆"}[s]
}

// Worse reports whether s is worse news than o.
func (s State) Worse(o State) bool { return s.rank() > o.rank() }

func (s State) rank() int {
	return slices.Index([]State{Up, Paused, Maintenance, Unknown, Warning, Down}, s)
}

// Clock is the time at which a page is drawn and the zone of its reader.
type Clock struct {
	Now  time.Time
	Zone *time.Location // nil: UTC
}

func (c Clock) zone() *time.Location { return cmp.Or(c.Zone, time.UTC) }

// ZoneName names the reader's zone, in which forms take times.
func (c Clock) ZoneName() string { return c.zone().String() }

// How inputs for a date and time write their value.
const (
	typedMinute = "2006-01-02T15:04"
	typedSecond = "2006-01-02T15:04:05"
)

// Typed is a time as an input for a date and time takes it, to the second where
// there are any; "" for the zero time.
func (c Clock) Typed(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if t = t.In(c.zone()); t.Second() == 0 {
		return t.Format(typedMinute)
	}
	return t.Format(typedSecond)
}

// ReadTyped reads a time in the reader's zone, as inputs for a date and time
// send it, or as people write it into an address or where browsers have no such
// input. It is the zero time for no text, and false for what is no time.
func (c Clock) ReadTyped(text string) (t time.Time, ok bool) {
	if text = strings.Replace(strings.TrimSpace(text), " ", "T", 1); text == "" {
		return t, true
	}
	for _, form := range []string{typedMinute, typedSecond, time.DateOnly, time.RFC3339} {
		if t, err := time.ParseInLocation(form, text, c.zone()); err == nil {
			return t, true
		}
	}
	return t, false
}

// Local is a time in the reader's zone, to the second, with the date unless
// that is today's.
func (c Clock) Local(t time.Time) string {
	t, now := t.In(c.zone()), c.Now.In(c.zone())
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04:05")
	}
	return t.Format("2006-01-02 15:04:05")
}

// Exact is a time in the reader's zone and in UTC.
func (c Clock) Exact(t time.Time) string {
	utc := t.UTC().Format("2006-01-02 15:04:05 UTC")
	if c.zone() == time.UTC {
		return utc
	}
	return t.In(c.zone()).Format("2006-01-02 15:04:05 MST") + ", " + utc
}

// slot is when a beat begins, in the reader's zone and in UTC: without seconds
// where it begins on a minute, and without the date a second time where that is
// the same.
func (c Clock) slot(t time.Time) string {
	form := "15:04"
	if !t.Equal(t.Truncate(time.Minute)) {
		form = "15:04:05"
	}
	here, utc := t.In(c.zone()), t.UTC()
	if c.zone() == time.UTC {
		return utc.Format(time.DateOnly + " " + form + " UTC")
	}
	text := here.Format(time.DateOnly + " " + form + " MST, ")
	if here.Day() != utc.Day() {
		form = time.DateOnly + " " + form
	}
	return text + utc.Format(form+" UTC")
}

// Ago is how long before now a time is, or how long after it.
func (c Clock) Ago(t time.Time) string {
	d := c.Now.Sub(t)
	switch {
	case d < -5*time.Second:
		return "in " + Span(-d)
	case d < 5*time.Second:
		return "just now"
	default:
		return Span(d) + " ago"
	}
}

// Span is a length of time as one says it: its two greatest parts at most, and
// one where the second says little.
func Span(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return parts(int(d.Hours()), "h", int(d.Minutes())%60, "min")
	default:
		return parts(int(d.Hours())/24, "d", int(d.Hours())%24, "h")
	}
}

func parts(n int, unit string, m int, smaller string) string {
	if m == 0 {
		return fmt.Sprintf("%d %s", n, unit)
	}
	return fmt.Sprintf("%d %s %d %s", n, unit, m, smaller)
}

// Millis is a short length of time in milliseconds, with a digit behind the
// point where that says something.
func Millis(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	if d < 10*time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// Percent is a share of 100, never rounded up to 100.
func Percent(p float64, known bool) string {
	switch {
	case !known:
		return "no data"
	case p == 100:
		return "100 %"
	case p > 99.99:
		return "99.99 %"
	default:
		return fmt.Sprintf("%.2f %%", p)
	}
}

// Count is a number with its noun, which takes an s for all but one.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Ordinal is a number as one counts: 1st, 2nd, 3rd.
func Ordinal(n int) string {
	if tens := n / 10 % 10; tens != 1 {
		switch n % 10 {
		case 1:
			return fmt.Sprintf("%dst", n)
		case 2:
			return fmt.Sprintf("%dnd", n)
		case 3:
			return fmt.Sprintf("%drd", n)
		}
	}
	return fmt.Sprintf("%dth", n)
}

// Capital is a text with a capital at its beginning, unless that is the name of
// a host.
func Capital(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if text == "" || strings.Contains(strings.TrimRight(word, ".,:"), ".") {
		return text
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// Sentence is a text that may complete another, such as that of an error, as a
// sentence of its own.
func Sentence(text string) string {
	if text = strings.TrimRight(text, ". "); text == "" {
		return ""
	}
	return Capital(text) + "."
}

// ID is a number as it stands in addresses.
func ID(n int64) string { return strconv.FormatInt(n, 10) }
