package integration

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestOneLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                              "",
		" \t\r\n\u2028\u00a0":           "",
		"plain":                         "plain",
		"  a \n\n b\tc\u2029d  ":        "a b c d",
		"a\x00b\x1b[31mc\u0085d":        "a b [31mc d",
		"a\xffb":                        "a\uFFFDb",
		"\u202Eabc\u202C \u2066x\u2069": "abc x",
		"עברית \u200Fend":               "עברית \u200Fend",
		"👩‍👩‍👧":                         "👩‍👩‍👧",
	} {
		if got := oneLine(in); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in    string
		limit int
		want  string
	}{
		{"", 5, ""},
		{"abcde", 5, "abcde"},
		{"abcdef", 5, "abcd…"},
		{"abc", 1, "…"},
		{"abc", 0, ""},
		{"abc", -3, ""},
		{"&", 5, "&amp;"},
		{"&", 4, "…"},
		{"&&", 9, "&amp;…"},
		{"&&", 10, "&amp;&amp;"},
		{"a<b", 6, "a&lt;b"},
		{"a<b", 5, "a…"},
		{"😀😀", 4, "😀😀"},
		{"😀😀", 3, "😀…"},
		{"😀😀", 2, "…"},
		{"äöü", 3, "äöü"},
	} {
		if got := fit(tc.in, tc.limit, slackEscape); got != tc.want {
			t.Errorf("fit(%q, %d) = %q, want %q", tc.in, tc.limit, got, tc.want)
		}
	}
}

// TestFitAlways checks for any text that the result is within the limit, valid,
// and the escaped text itself or a beginning of it.
func TestFitAlways(t *testing.T) {
	t.Parallel()
	unescape := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
	rapid.Check(t, func(t *rapid.T) {
		in := oneLine(rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("&<>…😀ab")))).Draw(t, "in"))
		limit := rapid.IntRange(1, 60).Draw(t, "limit")
		got := fit(in, limit, slackEscape)
		if n := len(utf16.Encode([]rune(got))); n > limit || !utf8.ValidString(got) {
			t.Fatalf("%d characters: %q", n, got)
		}
		plain := unescape.Replace(got)
		if plain != in && (!strings.HasSuffix(plain, "…") || !strings.HasPrefix(in, strings.TrimSuffix(plain, "…"))) {
			t.Fatalf("%q became %q", in, got)
		}
		whole := len(utf16.Encode([]rune(fit(in, 1<<20, slackEscape)))) <= limit
		if whole != (plain == in) {
			t.Fatalf("%q fits: %v, but became %q", in, whole, got)
		}
	})
}

func TestOneLineAlways(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		got := oneLine(string(rapid.SliceOf(rapid.Byte()).Draw(t, "in")))
		if !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) || got != strings.TrimSpace(got) {
			t.Fatalf("%q", got)
		}
	})
}
