package scout_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"serverscout/internal/scout"
)

func TestFoldName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"ada", "ADA", true},
		{"Jörg", "JÖRG", true},
		{"ΣΊΣΥΦΟΣ", "σίσυφος", true},
		{"\u212a", "k", true}, // the sign for kelvin
		{"ada", "adä", false},
		{"ada", "ada ", false},
		{"", "a", false},
	} {
		if same := scout.FoldName(tt.a) == scout.FoldName(tt.b); same != tt.same {
			t.Errorf("%q and %q: the same = %t, want %t", tt.a, tt.b, same, tt.same)
		}
	}
}

// Names fold alike exactly if the standard library takes them for equal.
func TestFoldNameIsEqualFold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.String().Draw(t, "a")
		b := rapid.SampledFrom([]string{strings.ToUpper(a), strings.ToLower(a), a + "x"}).Draw(t, "b")
		if folded, want := scout.FoldName(a) == scout.FoldName(b), strings.EqualFold(a, b); folded != want {
			t.Errorf("%q and %q: folded alike = %t, want %t", a, b, folded, want)
		}
	})
}
