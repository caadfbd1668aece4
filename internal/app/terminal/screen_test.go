package terminal

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// paper is a screen that is no terminal, and what is on it.
func paper() (*Screen, *bytes.Buffer) {
	var out bytes.Buffer
	return &Screen{Out: &out, Err: &out}, &out
}

func TestOnlyATerminalHasWidthAndColours(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	none := func(string) string { return "" }
	for name, s := range map[string]*Screen{
		"a file":   NewScreen(file, file, none),
		"a buffer": NewScreen(&bytes.Buffer{}, file, none),
	} {
		if s.Width != 0 || s.Colours {
			t.Errorf("%s: width %d, colours %v", name, s.Width, s.Colours)
		}
	}
}

func TestColoursOfATerminal(t *testing.T) {
	t.Parallel()
	// The null device is a character device, as a terminal is.
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	tests := map[string]struct {
		env     map[string]string
		width   int
		colours bool
	}{
		"plain":           {nil, usualWidth, true},
		"NO_COLOR":        {map[string]string{"NO_COLOR": "1"}, usualWidth, false},
		"dumb":            {map[string]string{"TERM": "dumb"}, usualWidth, false},
		"columns":         {map[string]string{"COLUMNS": "132"}, 132, true},
		"too few columns": {map[string]string{"COLUMNS": "3"}, leastWidth, true},
		"no number":       {map[string]string{"COLUMNS": "wide"}, usualWidth, true},
	}
	for name, tt := range tests {
		s := NewScreen(null, null, func(key string) string { return tt.env[key] })
		if s.Width != tt.width || s.Colours != tt.colours {
			t.Errorf("%s: width %d, colours %v", name, s.Width, s.Colours)
		}
	}
}

func TestWordsStayWhereColoursAre(t *testing.T) {
	t.Parallel()
	s := &Screen{Colours: true}
	if got := s.word("down"); got != red+"down"+plain {
		t.Errorf("down reads %q", got)
	}
	if got := s.word("ops"); got != "ops" {
		t.Errorf("a name reads %q", got)
	}
	if got := (&Screen{}).word("down"); got != "down" {
		t.Errorf("without colours, down reads %q", got)
	}
}

func TestTextFromElsewhereDoesNotSteer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\x1b\x07\r\n\t\u009b\u202e\u2066a")))).Draw(t, "text")
		if got := line(text); strings.ContainsFunc(got, steers) {
			t.Fatalf("line(%q) = %q", text, got)
		}
		if utf8.RuneCountInString(line(text)) != utf8.RuneCountInString(text) {
			t.Fatalf("line(%q) = %q changes the length", text, line(text))
		}
	})
	if got := lines("a\r\nb\x1b[31m\n"); !slices.Equal(got, []string{"a", "b\ufffd[31m", ""}) {
		t.Errorf("lines: %q", got)
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		widths []int
		screen int
		want   []int
	}{
		"no terminal":            {[]int{10, 500}, 0, []int{10, 500}},
		"it fits":                {[]int{10, 20}, 80, []int{10, 20}},
		"the widest is cut":      {[]int{10, 20, 100}, 80, []int{10, 20, 46}},
		"two share what is left": {[]int{4, 100, 60}, 80, []int{4, 36, 36}},
		"nothing more to cut":    {[]int{8, 8, 8, 8, 8, 8}, 40, []int{8, 8, 8, 8, 8, 8}},
	}
	for name, tt := range tests {
		got := slices.Clone(tt.widths)
		fit(got, tt.screen)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		widths := rapid.SliceOfN(rapid.IntRange(1, 300), 1, 8).Draw(t, "widths")
		before := slices.Clone(widths)
		fit(widths, 100)
		total := -len(gap)
		for i, w := range widths {
			total += w + len(gap)
			if w > before[i] || w < min(before[i], narrowest) {
				t.Fatalf("%v became %v", before, widths)
			}
		}
		if total > 100 {
			t.Fatalf("%v became %v, %d wide", before, widths, total)
		}
	})
}

func TestTable(t *testing.T) {
	t.Parallel()
	columns := []column[[2]string]{
		{title: "LEVEL", cell: func(r [2]string) string { return r[0] }, word: true},
		{title: "MESSAGE", cell: func(r [2]string) string { return r[1] }},
	}
	rows := [][2]string{{"down", "broken\nin\x1b[2Jtwo " + strings.Repeat("ö", 60)}, {"up", "fine"}}
	s, out := paper()
	printTable(s, rows, columns)
	want := "LEVEL  MESSAGE\ndown   broken in\ufffd[2Jtwo " + strings.Repeat("ö", 60) + "\nup     fine\n"
	if out.String() != want {
		t.Errorf("on paper:\n%q, want\n%q", out.String(), want)
	}
	out.Reset()
	s.Width, s.Colours = 40, true
	printTable(s, rows, columns)
	for l := range strings.Lines(strings.NewReplacer(red, "", green, "", plain, "").Replace(out.String())) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(l, "\n")); n > 40 {
			t.Errorf("a line has %d characters: %s", n, l)
		}
	}
	if !strings.Contains(out.String(), red+"down"+plain+"   broken") || !strings.Contains(out.String(), "…") {
		t.Errorf("on a terminal:\n%q", out.String())
	}
}

func TestParseSince(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("here", 2*3600)
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, zone)
	for text, want := range map[string]time.Time{
		"":                     {},
		"24h":                  now.Add(-24 * time.Hour),
		"7d":                   now.Add(-7 * 24 * time.Hour),
		"2026-01-15":           time.Date(2026, 1, 15, 0, 0, 0, 0, zone),
		"2026-01-15 10:30":     time.Date(2026, 1, 15, 10, 30, 0, 0, zone),
		"2026-01-15T10:30:00Z": time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC),
	} {
		if got, err := ParseSince(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	if _, err := ParseSince("yesterday", now); err == nil {
		t.Error("yesterday is taken for a time")
	}
}
