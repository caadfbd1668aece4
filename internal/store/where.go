package store

import (
	"strings"
	"time"

	"serverscout/internal/scout"
)

// where gathers the conditions of a list.
type where struct {
	conditions []string
	args       []any
	narrowed   bool // by a column that has an index
}

func (w *where) add(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

// equal asks for a column's value. Of the columns it is called for, the first
// one alone is looked up in an index; of the others the expression hides that
// they have one. So the caller says by the order which of them narrows most: a
// database can only guess, and a wrong guess reads a whole history.
func (w *where) equal(column string, value any) {
	if w.narrowed {
		if _, number := value.(int64); number {
			column += " + 0"
		} else {
			column += " || ''"
		}
	}
	w.narrowed = true
	w.add(column+" = ?", value)
}

// only asks for a property or for its absence.
func (w *where) only(o scout.Only, property string) {
	switch o {
	case scout.With:
		w.add(property)
	case scout.Without:
		w.add("NOT (" + property + ")")
	}
}

// contains asks for a text inside one of some columns. Large and small letters
// are the same as far as the database knows them.
func (w *where) contains(text string, columns ...string) {
	if text == "" {
		return
	}
	either := make([]string, len(columns))
	for i, column := range columns {
		either[i] = "LOWER(" + column + `) LIKE LOWER(?) ESCAPE '\'`
		w.args = append(w.args, "%"+literally.Replace(text)+"%")
	}
	w.conditions = append(w.conditions, "("+strings.Join(either, " OR ")+")")
}

// literally takes from the signs of a LIKE pattern what they mean.
var literally = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// within asks for a time in [since, until), which all lies in a range of ids; a
// zero time does not narrow.
func (w *where) within(id, column string, since, until time.Time, ids idRange) {
	if !since.IsZero() {
		w.add(column+" >= ? AND "+id+" >= ?", stored(since), ids.from)
	}
	if !until.IsZero() {
		w.add(column+" < ? AND "+id+" < ?", stored(until), ids.to)
	}
}

// list returns the query's end: conditions, order and limit.
func (w *where) list(order string, limit int) (string, []any) {
	text := ""
	if len(w.conditions) > 0 {
		text = " WHERE " + strings.Join(w.conditions, " AND ")
	}
	return text + " ORDER BY " + order + " LIMIT ?", append(w.args, limit)
}
