package manage

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// wait is how long an error says to wait; 0 for none.
func wait(t *testing.T, err error) time.Duration {
	t.Helper()
	if err == nil {
		return 0
	}
	var e *scout.Error
	if !errors.As(err, &e) || e.Code != scout.Unavailable {
		t.Fatalf("the error is %v", err)
	}
	_, text, _ := strings.Cut(e.Message, "try again in ")
	d, err := scout.ParseDuration(text)
	if err != nil {
		t.Fatalf("%q does not say when: %v", e.Message, err)
	}
	return d
}

func TestRefusalsGrow(t *testing.T) {
	t.Parallel()
	g, now := newGuesses(), noon
	for n := range freeGuesses {
		if d := wait(t, g.refusal(now, "a")); d != 0 {
			t.Fatalf("guess %d has to wait %s", n+1, d)
		}
		g.wrong(now, "a", "b")
		now = now.Add(time.Second)
	}
	now = now.Add(-time.Second)
	for _, want := range []time.Duration{30, 60, 120, 240, 480, 900, 900} {
		want *= time.Second
		for _, key := range []string{"a", "b"} {
			if d := wait(t, g.refusal(now, "c", key)); d != want {
				t.Errorf("%s has to wait %s, want %s", key, d, want)
			}
		}
		if d := wait(t, g.refusal(now.Add(want-time.Nanosecond), "a")); d != time.Second {
			t.Errorf("a moment before the end it is %s", d)
		}
		now = now.Add(want)
		if d := wait(t, g.refusal(now, "a")); d != 0 {
			t.Errorf("after the end there are %s to wait", d)
		}
		g.wrong(now, "a", "b")
	}
}

func TestGuessesAreForgotten(t *testing.T) {
	t.Parallel()
	refused := func(g *guesses, now time.Time) bool { return g.refusal(now, "a") != nil }
	t.Run("when they are old", func(t *testing.T) {
		t.Parallel()
		g, now := newGuesses(), noon
		for range 20 { // never five within the window
			g.wrong(now, "a")
			if refused(g, now) {
				t.Fatal("slow guesses are refused")
			}
			now = now.Add(guessWindow / (freeGuesses - 1))
		}
	})
	t.Run("when one is right", func(t *testing.T) {
		t.Parallel()
		g := newGuesses()
		for range 3 * freeGuesses {
			g.wrong(noon, "a")
			g.right("a")
		}
		if refused(g, noon) {
			t.Error("it is refused")
		}
	})
	t.Run("some time after a refusal", func(t *testing.T) {
		t.Parallel()
		g := newGuesses()
		for range freeGuesses {
			g.wrong(noon, "a")
		}
		before := noon.Add(firstRefusal + guessWindow - time.Second)
		g.wrong(before, "a")
		if !refused(g, before) {
			t.Error("it begins anew too soon")
		}
		after := before.Add(2*firstRefusal + guessWindow)
		g.wrong(after, "a")
		if refused(g, after) {
			t.Error("it does not begin anew")
		}
	})
	t.Run("not because the clock is turned back", func(t *testing.T) {
		t.Parallel()
		g := newGuesses()
		for range freeGuesses {
			g.wrong(noon, "a")
		}
		if !refused(g, noon.Add(-time.Hour)) {
			t.Error("it is let guess")
		}
	})
}

// A flood of others takes no more memory than there may be, and does not free
// who is refused.
func TestGuessesAreBounded(t *testing.T) {
	t.Parallel()
	g := newGuesses()
	g.max = 10
	for range freeGuesses {
		g.wrong(noon, "refused")
	}
	for i := range 100 {
		g.wrong(noon.Add(time.Duration(i)*time.Millisecond), fmt.Sprint(i))
	}
	if len(g.of) != g.max {
		t.Errorf("%d are remembered, want %d", len(g.of), g.max)
	}
	if g.refusal(noon.Add(time.Second), "refused") == nil {
		t.Error("the flood freed who was refused")
	}
	if g.of["99"] == nil || g.of["90"] != nil {
		t.Error("not the oldest were forgotten")
	}
	later := noon.Add(24 * time.Hour)
	g.wrong(later, "new")
	if len(g.of) != 1 {
		t.Errorf("%d are remembered though all but one are forgotten", len(g.of))
	}
}

func TestKeysOfGuesses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{guessedName("Ada"), guessedName("aDA"), true},
		{guessedName("ada"), guessedName("bob"), false},
		{guessedFrom("2001:db8:1:2:3:4:5:6"), guessedFrom("2001:db8:1:2::1"), true},
		{guessedFrom("2001:db8:1:2::1"), guessedFrom("2001:db8:1:3::1"), false},
		{guessedFrom("192.0.2.1"), guessedFrom("::ffff:192.0.2.1"), true},
		{guessedFrom("192.0.2.1"), guessedFrom("192.0.2.2"), false},
		{guessedFrom("fe80::1%eth0"), guessedFrom("fe80::1"), true},
		{guessedFrom("ada"), guessedName("ada"), false},
	} {
		if (tt.a == tt.b) != tt.same {
			t.Errorf("%q and %q: the same = %t, want %t", tt.a, tt.b, tt.a == tt.b, tt.same)
		}
	}
	for _, key := range []string{guessedName(strings.Repeat("ä", 1_000_000)), guessedFrom(strings.Repeat("x", 1_000_000))} {
		if len(key) > 1000 {
			t.Errorf("a key has %d bytes", len(key))
		}
	}
}
