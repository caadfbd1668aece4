package integration

import (
	"regexp"
	"strings"
)

// backslashed returns a function for fit that puts a backslash before the
// characters of marks, so that Markdown shows them instead of acting on them.
func backslashed(marks string) func(rune) string {
	return func(r rune) string {
		if strings.ContainsRune(marks, r) {
			return `\` + string(r)
		}
		return string(r)
	}
}

// lineMark is what makes a list item, a heading or small print of a line that
// begins with it. Quotations are not among them: > is escaped wherever it is.
var lineMark = regexp.MustCompile(`^([0-9]*)([-+#.)]+)(\s|$)`)

// fitLine is fit for a text at the beginning of a line, where a mark that is
// harmless elsewhere would make a list or a heading of it.
func fitLine(s string, limit int, escape func(rune) string) string {
	return lineMark.ReplaceAllString(fit(s, limit-1, escape), `$1\$2$3`)
}

var escaped = regexp.MustCompile(`\\([!-/:-@\[-` + "`" + `{-~])`)

// unbackslash undoes backslashed and fitLine.
func unbackslash(s string) string { return escaped.ReplaceAllString(s, "$1") }
