package fake

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

var (
	backslashed = regexp.MustCompile(`\\[!-/:-@\[-` + "`" + `{-~]`)
	blockMark   = regexp.MustCompile(`^([-+*]|#{1,6}|-#|[0-9]+[.)]|>.*)(\s|$)`)
)

// checkMarkdown judges a line that people read: its length, no control
// characters, no white space around it, and none of the marks but behind a
// backslash, nor one at its beginning that makes a list or a heading.
func checkMarkdown(s string, limit int, marks string) error {
	if err := checkPlain(s, limit); err != nil {
		return err
	}
	if blockMark.MatchString(s) {
		return fmt.Errorf("a list or a heading begins in %q", s)
	}
	rest := backslashed.ReplaceAllString(s, "")
	if i := strings.IndexAny(rest, marks); i >= 0 {
		return fmt.Errorf("unescaped %q in %q", rest[i], s)
	}
	return nil
}

// checkPlain judges a line that knows no markup.
func checkPlain(s string, limit int) error {
	if n := length(s); n > limit {
		return fmt.Errorf("%d characters are more than %d", n, limit)
	}
	if strings.TrimSpace(s) == "" || strings.TrimSpace(s) != s {
		return fmt.Errorf("empty, or white space around the text: %q", s)
	}
	if i := strings.IndexFunc(s, unicode.IsControl); i >= 0 {
		return fmt.Errorf("a control character at byte %d of %q", i, s)
	}
	return nil
}

// objects returns the items of a list that are all objects.
func (o object) objects(key string, lo, hi int) ([]object, error) {
	items, err := o.list(key, lo, hi)
	if err != nil {
		return nil, err
	}
	list := make([]object, 0, len(items))
	for i, item := range items {
		v, ok := item.(object)
		if !ok {
			return nil, fmt.Errorf("%s %d is not an object", key, i)
		}
		list = append(list, v)
	}
	return list, nil
}
