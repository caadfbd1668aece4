package probe

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"serverscout/internal/scout"
)

const (
	maxAssertions      = 20
	maxAssertionLength = 500 // characters
)

// operator is what an assertion asks of a value.
type operator string

const (
	opEqual        operator = "=="
	opUnequal      operator = "!="
	opLess         operator = "<"
	opLessEqual    operator = "<="
	opGreater      operator = ">"
	opGreaterEqual operator = ">="
	opContains     operator = "contains"
	opMatches      operator = "matches"
	opExists       operator = "exists"
	opAbsent       operator = "absent"
)

// assertion is one line of expect.json: what must be so of the value at a path
// in the answer. Only absent holds where the path leads to nothing: a slip in
// a path must not pass for a good answer.
type assertion struct {
	text     string // as configured
	path     []pathStep
	operator operator
	want     any            // of operators that compare, in the form of decodeJSON
	pattern  *regexp.Regexp // of opMatches
}

// pathStep leads from a JSON value to one inside it.
type pathStep struct {
	key    string
	index  int  // -1: the step is a key
	length bool // the key is a bare length, which also counts lists and text
}

// compileJSON compiles the assertions of expect.json.
func (e httpExpect) compileJSON(faults *scout.Faults) []assertion {
	if len(e.JSON) > maxAssertions {
		faults.Add("expect.json", "", "write at most %d assertions", maxAssertions)
		return nil
	}
	list := make([]assertion, 0, len(e.JSON))
	for i, text := range e.JSON {
		a, err := parseAssertion(text)
		if err != nil {
			faults.Add(fmt.Sprintf("expect.json[%d]", i), text, "%s", err)
			continue
		}
		list = append(list, a)
	}
	return list
}

// decodeJSON reads one JSON value. Its numbers stay text, so that long ones
// keep all their digits.
func decodeJSON(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("something follows the value")
	}
	return value, nil
}

// complaint says why the assertion does not hold of a document, to complete
// "but …"; "" when it holds.
func (a assertion) complaint(document any) string {
	value, found := follow(document, a.path)
	broken := short(a.text) + " does not hold"
	switch {
	case a.operator == opExists || a.operator == opAbsent:
		if found == (a.operator == opExists) {
			return ""
		}
		return broken
	case !found:
		return broken + ": there is no such value"
	case a.holds(value):
		return ""
	case kindOf(value) != kindOf(a.want) && (a.operator != opContains || kindOf(value) != aList):
		return broken + ": the value is " + kindOf(value)
	default:
		return broken
	}
}

// follow returns the value at a path, and whether there is one.
func follow(value any, path []pathStep) (any, bool) {
	for _, s := range path {
		var found bool
		if value, found = s.from(value); !found {
			return nil, false
		}
	}
	return value, true
}

func (s pathStep) from(value any) (any, bool) {
	switch v := value.(type) {
	case map[string]any:
		inner, found := v[s.key]
		return inner, found && s.index < 0
	case []any:
		if s.length {
			return count(len(v)), true
		}
		if s.index >= 0 && s.index < len(v) {
			return v[s.index], true
		}
	case string:
		if s.length {
			return count(utf8.RuneCountInString(v)), true
		}
	}
	return nil, false
}

func count(n int) json.Number { return json.Number(strconv.Itoa(n)) }

func (a assertion) holds(value any) bool {
	switch a.operator {
	case opEqual:
		return equalJSON(value, a.want)
	case opUnequal:
		return !equalJSON(value, a.want)
	case opContains:
		return containsJSON(value, a.want)
	case opMatches:
		text, ok := value.(string)
		return ok && a.pattern.MatchString(text)
	default:
		number, ok := value.(json.Number)
		limit, _ := a.want.(json.Number) // the parser lets nothing else in
		return ok && a.operator.admits(compareNumbers(number, limit))
	}
}

// admits reports whether an operator of order holds, by how its two sides
// compare.
func (o operator) admits(order int) bool {
	switch o {
	case opLess:
		return order < 0
	case opLessEqual:
		return order <= 0
	case opGreater:
		return order > 0
	default:
		return order >= 0
	}
}

// equalJSON compares two values; of numbers the size counts, not the notation.
func equalJSON(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && compareNumbers(a, b) == 0
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equalJSON)
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for key, value := range a {
			if other, found := b[key]; !found || !equalJSON(value, other) {
				return false
			}
		}
		return true
	default: // null, booleans and text; comparing them with a list would panic
		return kindOf(a) == kindOf(b) && a == b
	}
}

// containsJSON looks for a part of a text, or for an element of a list.
func containsJSON(value, part any) bool {
	switch v := value.(type) {
	case string:
		text, ok := part.(string)
		return ok && strings.Contains(v, text)
	case []any:
		return slices.ContainsFunc(v, func(element any) bool { return equalJSON(element, part) })
	default:
		return false
	}
}

// compareNumbers is exact for integers of 64 bits and as good as float64 for
// all others; what is too large for that counts as infinite.
func compareNumbers(a, b json.Number) int {
	x, errX := a.Int64()
	y, errY := b.Int64()
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(float(a), float(b))
}

func float(n json.Number) float64 {
	f, _ := n.Float64() // out of range gives ±Inf
	return f
}

const (
	aNumber = "a number"
	aText   = "text"
	aList   = "a list"
)

// kindOf names a JSON value's type, to complete "the value is …".
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case json.Number:
		return aNumber
	case string:
		return aText
	case []any:
		return aList
	default:
		return "an object"
	}
}
