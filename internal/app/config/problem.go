package config

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"serverscout/internal/scout"
)

// Error is a configuration that cannot be used, with everything that is wrong
// with it.
type Error struct {
	File     string    // as it was named; "" for none
	Problems []Problem // by line, those without a line first
}

// Problem is one thing that is wrong. It repeats no secret.
type Problem struct {
	Line, Column int    // in characters, from 1; 0 for what does not stand in the file
	Path         string // of the key, such as servers[0].checks[1].interval; or the variable or flag; "" for the file as a whole
	Message      string // what is wrong and what would be right
	Excerpt      string // the line with a caret below it; "" without a line
}

func newError(file string, problems []Problem) *Error {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &Error{File: file, Problems: problems}
}

// Error returns all problems, each on a line of its own with its excerpt
// below.
func (e *Error) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.heading(e.File))
		if p.Excerpt != "" {
			b.WriteString("\n" + p.Excerpt)
		}
	}
	return b.String()
}

// heading is the problem in one line. Variables and flags stand in no file.
func (p Problem) heading(file string) string {
	var parts []string
	if p.Line > 0 {
		file += ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
	}
	if p.Line > 0 || p.Path == "" {
		parts = append(parts, file)
	}
	if p.Path != "" {
		parts = append(parts, printable(p.Path))
	}
	return strings.Join(append(parts, printable(p.Message)), ": ")
}

// unplaced turns faults of variables and flags into problems.
func unplaced(faults *scout.Faults) []Problem {
	var problems []Problem
	for _, f := range fieldsOf(faults) {
		problems = append(problems, Problem{Path: f.Field, Message: f.Message})
	}
	return problems
}

// problem places a fault that ends the reading. What a line says is not known
// then, so its excerpt ends where the first value begins, or at the fault.
func (f fault) problem(text string) Problem {
	lines := strings.Split(text, "\n")
	f.at = f.at.within(lines)
	p := Problem{Line: f.at.line, Column: f.at.column, Path: f.path, Message: f.message}
	if f.at != (place{}) {
		line := []rune(lineOf(lines, f.at.line))
		end := min(f.at.column, len(line))
		if colon := strings.Index(string(line[:end]), ": "); colon >= 0 {
			end = utf8.RuneCountInString(string(line[:end])[:colon+2])
		}
		shown := string(line[:end])
		if end < len(line) {
			shown += "…"
		}
		p.Excerpt = excerpt(shown, min(f.at.column, end+1))
	}
	return p
}

// within moves a place that lies outside of the file to its nearest character.
func (p place) within(lines []string) place {
	if p == (place{}) {
		return p
	}
	p.line = min(max(p.line, 1), len(lines))
	p.column = min(max(p.column, 1), utf8.RuneCountInString(lines[p.line-1])+1)
	return p
}

// lineOf returns a line by its number, "" if there is none.
func lineOf(lines []string, number int) string {
	if number < 1 || number > len(lines) {
		return ""
	}
	return lines[number-1]
}

// Long lines are shown from contextBefore characters before the fault on, and
// at most longestExcerpt of them.
const (
	contextBefore  = 60
	longestExcerpt = 120
)

// excerpt is a line with a caret below the column.
func excerpt(line string, column int) string {
	shown := []rune(printable(line))
	caret := min(max(column-1, 0), len(shown))
	lead := ""
	if len(shown) > longestExcerpt && caret > contextBefore {
		shown = shown[caret-contextBefore:]
		caret, lead = contextBefore, "…"
	}
	if len(shown) > longestExcerpt {
		shown = append(shown[:longestExcerpt:longestExcerpt], '…')
	}
	shown = append([]rune(lead), shown...)
	caret += len([]rune(lead))
	below := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r // as wide below as above
		}
		return ' '
	}, string(shown[:caret]))
	return "  " + string(shown) + "\n  " + below + "^"
}

// printable replaces what a terminal would obey instead of showing.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && !unicode.IsGraphic(r) {
			return '\ufffd'
		}
		return r
	}, s)
}
