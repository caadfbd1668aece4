package integration

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

// oneLine makes text safe to stand inside a line: invalid UTF-8 becomes
// U+FFFD, runs of white space and control characters become one space, and
// the characters that reverse the direction of what follows them are dropped.
func oneLine(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// length counts s in UTF-16 units, the largest of the ways in which targets
// count characters.
func length(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// fit escapes s and cuts the result to limit characters, counted by length,
// the last of them an ellipsis where something was cut. It cuts between
// characters of s, so never inside what one of them was escaped to. The text
// must be valid UTF-8.
func fit(s string, limit int, escape func(rune) string) string {
	if limit <= 0 {
		return ""
	}
	var out strings.Builder
	used, cut := 0, 0 // cut: where the ellipsis still has room
	for _, r := range s {
		piece := escape(r)
		used += length(piece)
		if used > limit {
			return out.String()[:cut] + "…"
		}
		out.WriteString(piece)
		if used < limit {
			cut = out.Len()
		}
	}
	return out.String()
}

// plain is the escaping of targets that know no markup: none.
func plain(r rune) string { return string(r) }
