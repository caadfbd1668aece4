package ui

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCapital(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "a b": "A b", "été": "Été", "A": "A", "hooks.example.com is": "hooks.example.com is", "no.": "No.", "no: a.b": "No: a.b", "\xff": "\xef\xbf\xbd",
	} {
		if got := Capital(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	list := []string{"b", "a", "b", strings.Repeat("x", longestKnown+1)}
	if got := Suggestions(list); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("suggested are %q", got)
	}
	many := make([]string, 0, 1000)
	for i := range 1000 {
		many = append(many, string(rune('一'+i)))
	}
	if n := len(Suggestions(many)); n != MostNames {
		t.Errorf("%d are suggested", n)
	}
}

func TestOrdinal(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 112: "112th", 123: "123rd"} {
		if got := Ordinal(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

// What a form shows for a time is read as that time again, in the reader's zone.
func TestTypedTimes(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("east", 2*60*60)
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, east)
	for text, want := range map[string]time.Time{
		"":                     {},
		"2026-03-01T12:00":     noon,
		" 2026-03-01 12:00 ":   noon,
		"2026-03-01T12:00:07":  noon.Add(7 * time.Second),
		"2026-03-01":           noon.Add(-12 * time.Hour),
		"2026-03-01T10:00:00Z": noon,
	} {
		c := Clock{Zone: east}
		got, ok := c.ReadTyped(text)
		if !ok || !got.Equal(want) {
			t.Errorf("%q is read as %s, %t; want %s", text, got, ok, want)
		}
		if again, _ := c.ReadTyped(c.Typed(got)); !again.Equal(got) {
			t.Errorf("%q is shown as %q, which is %s", text, c.Typed(got), again)
		}
	}
	for _, text := range []string{"soon", "2026-13-01T10:00", "12:00"} {
		if got, ok := (Clock{}).ReadTyped(text); ok {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func TestSlotsOfBeats(t *testing.T) {
	t.Parallel()
	east := Clock{Zone: time.FixedZone("EST", 2*60*60)}
	at := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		c    Clock
		t    time.Time
		want string
	}{
		{Clock{}, at, "2026-03-01 23:30 UTC"},
		{Clock{}, at.Add(7 * time.Second), "2026-03-01 23:30:07 UTC"},
		{east, at, "2026-03-02 01:30 EST, 2026-03-01 23:30 UTC"},
		{east, at.Add(-12 * time.Hour), "2026-03-01 13:30 EST, 11:30 UTC"},
	} {
		if got := tt.c.slot(tt.t); got != tt.want {
			t.Errorf("%s is %q, want %q", tt.t, got, tt.want)
		}
	}
}
