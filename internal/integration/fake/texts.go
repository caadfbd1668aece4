package fake

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// checkLine judges a text that must be there: one line that is not blank, of
// at most limit characters.
func checkLine(o object, key string, limit int) error {
	text, ok := o.text(key)
	switch {
	case !ok || strings.TrimSpace(text) == "":
		return fmt.Errorf("%s must be a text that is not empty", key)
	case length(text) > limit:
		return fmt.Errorf("%s: %d characters are more than %d", key, length(text), limit)
	case strings.ContainsFunc(text, unicode.IsControl):
		return fmt.Errorf("%s must be one line without control characters", key)
	}
	return nil
}

// checkWebAddress judges an address that a click opens.
func checkWebAddress(o object, key string) error {
	raw, _ := o.text(key)
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsAny(raw, ` "'<>`) {
		return fmt.Errorf("%s must be a web address", key)
	}
	return nil
}

// checkLines judges a text of several lines that must be there: not blank, and
// without control characters but the line feed.
func checkLines(o object, key string) error {
	text, ok := o.text(key)
	switch {
	case !ok || strings.TrimSpace(text) == "":
		return fmt.Errorf("%s must be a text that is not empty", key)
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		return fmt.Errorf("%s must have no control characters", key)
	}
	return nil
}

// checkInteger judges a whole number that must be there, from lo to hi.
func checkInteger(o object, key string, lo, hi int64) error {
	number, _ := o.values[key].(json.Number)
	if n, err := number.Int64(); err != nil || n < lo || n > hi {
		return fmt.Errorf("%s must be a whole number from %d to %d, not %v", key, lo, hi, o.values[key])
	}
	return nil
}
