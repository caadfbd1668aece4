package scout

import (
	"fmt"
	"strings"
)

// UnknownKey says that a key is not among the known ones, with the one that
// was most likely meant.
func UnknownKey(key string, known []string) string {
	if near := nearest(key, known); near != "" {
		return fmt.Sprintf("is not a known key: did you mean %q?", near)
	}
	return "is not a known key: known here are " + strings.Join(known, ", ")
}

// UnknownWord says that a value is not among the allowed ones, with the one
// that was most likely meant.
func UnknownWord(word string, allowed []string) string {
	text := "must be one of " + strings.Join(allowed, ", ")
	if near := nearest(word, allowed); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
	}
	return text
}

// nearest returns the known word that word is most likely a slip of; "" if
// none is near.
func nearest(word string, known []string) string {
	best, least := "", 2+len(word)/3
	for _, k := range known {
		if d := distance(word, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance counts the insertions, deletions and replacements between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
