package terminal

import (
	"strings"
	"unicode/utf8"

	"serverscout/internal/app/client"
	"serverscout/internal/scout"
)

// column is one column of a table of Ts.
type column[T any] struct {
	title string
	cell  func(T) string
	word  bool // its cells are words that have a colour
}

// gap is what stands between two columns, and narrowest what is left of a
// column that is cut.
const (
	gap       = "  "
	narrowest = 8
)

// printTable prints rows below the columns' titles.
func printTable[T any](s *Screen, rows []T, columns []column[T]) {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = utf8.RuneCountInString(c.title)
	}
	cells := make([][]string, len(rows))
	for r, row := range rows {
		for i, c := range columns {
			text := line(c.cell(row))
			cells[r] = append(cells[r], text)
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	fit(widths, s.Width)
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.title
	}
	printRow(s, titles, widths, nil)
	colour := func(column int, text string) string {
		if columns[column].word {
			return s.word(text)
		}
		return text
	}
	for _, row := range cells {
		printRow(s, row, widths, colour)
	}
}

// printRow prints one line; colour may be nil.
func printRow(s *Screen, cells []string, widths []int, colour func(int, string) string) {
	var b strings.Builder
	for i, text := range cells {
		text = scout.Shorten(text, widths[i])
		fill := widths[i] - utf8.RuneCountInString(text)
		if colour != nil {
			text = colour(i, text)
		}
		b.WriteString(text)
		if i < len(cells)-1 {
			b.WriteString(strings.Repeat(" ", fill) + gap)
		}
	}
	s.printf("%s\n", strings.TrimRight(b.String(), " "))
}

// fit narrows the widest columns until a row is as wide as the screen, as far
// as that can be done. A screen of width 0 is as wide as need be.
func fit(widths []int, screen int) {
	if screen == 0 {
		return
	}
	for {
		total, widest, next := -len(gap), 0, 0
		for i, w := range widths {
			total += w + len(gap)
			switch {
			case w > widths[widest]:
				next, widest = widths[widest], i
			case i != widest:
				next = max(next, w)
			}
		}
		excess := total - screen
		if excess <= 0 || widths[widest] <= narrowest {
			return
		}
		// As wide as the next one at least, so that they share what is left.
		least := max(narrowest, min(next, widths[widest]-1))
		widths[widest] = max(widths[widest]-excess, least)
	}
}

// printList prints what a list operation found: a table, or all of it as a
// JSON array. Names are what such things are called, in the plural.
func printList[T any](s *Session, found client.List[T], names string, columns []column[T]) error {
	if s.JSON {
		return s.printJSON(rawItems(found))
	}
	if len(found.Items) == 0 {
		s.Screen.remark("There are no such %s.", names)
		return nil
	}
	rows := make([]T, 0, len(found.Items))
	for _, item := range found.Items {
		rows = append(rows, item.Value)
	}
	printTable(s.Screen, rows, columns)
	if found.More {
		s.Screen.remark("There are more: see them with a higher --limit.")
	}
	return nil
}
