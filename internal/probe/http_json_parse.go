package probe

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	blanks   = " \t\r\n"
	nameEnds = blanks + `.[]"'=!<>` // what ends a key that is not in quotes
)

// parseAssertion reads an assertion:
//
//	assertion = path operator [literal]
//	path      = ("$" | key | bracket) {"." key | bracket}
//	bracket   = "[" index "]" | "[" quoted key "]"
//	operator  = "==" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "matches" | "exists" | "absent"
//	literal   = a JSON value; a number for < and its like, text for matches, none for exists and absent
//
// Its errors name the position, counted in characters from 1, and the remedy.
func parseAssertion(text string) (assertion, error) {
	if utf8.RuneCountInString(text) > maxAssertionLength {
		return assertion{}, fmt.Errorf("an assertion has at most %d characters", maxAssertionLength)
	}
	p := &assertionParser{text: text}
	a := assertion{text: strings.TrimSpace(text)}
	var err error
	if a.path, err = p.path(); err != nil {
		return assertion{}, err
	}
	if a.operator, err = p.operator(); err != nil {
		return assertion{}, err
	}
	p.skipBlanks()
	switch a.operator {
	case opExists, opAbsent:
		if p.rest() != "" {
			err = p.fault("nothing may follow %s", a.operator)
		}
	case opMatches:
		a.want, a.pattern, err = p.expression()
	default:
		a.want, err = p.literal(a.operator)
	}
	if err != nil {
		return assertion{}, err
	}
	return a, nil
}

// assertionParser reads a text from its beginning; at is in bytes.
type assertionParser struct {
	text string
	at   int
}

func (p *assertionParser) rest() string { return p.text[p.at:] }

func (p *assertionParser) skipBlanks() {
	p.at = len(p.text) - len(strings.TrimLeft(p.rest(), blanks))
}

// take steps over a text, where it comes next.
func (p *assertionParser) take(text string) bool {
	if !strings.HasPrefix(p.rest(), text) {
		return false
	}
	p.at += len(text)
	return true
}

func (p *assertionParser) fault(format string, args ...any) error {
	position := utf8.RuneCountInString(p.text[:p.at]) + 1
	return fmt.Errorf("at character %d: %s", position, fmt.Sprintf(format, args...))
}

// path reads all steps.
func (p *assertionParser) path() ([]pathStep, error) {
	p.skipBlanks()
	var steps []pathStep
	if !p.root() {
		first, err := p.key()
		if err != nil {
			return nil, err
		}
		steps = append(steps, first)
	}
	for {
		var next pathStep
		var err error
		switch {
		case p.take("."):
			next, err = p.key()
		case p.take("["):
			next, err = p.bracket()
		default:
			return steps, nil
		}
		if err != nil {
			return nil, err
		}
		steps = append(steps, next)
	}
}

// root steps over a $ that stands for the whole document, and reports whether
// the path begins there. In $schema the $ is a part of the key.
func (p *assertionParser) root() bool {
	if strings.HasPrefix(p.rest(), "[") {
		return true
	}
	after, found := strings.CutPrefix(p.rest(), "$")
	if !found || after != "" && !strings.ContainsAny(after[:1], nameEnds) {
		return false
	}
	return p.take("$")
}

func (p *assertionParser) key() (pathStep, error) {
	end := strings.IndexAny(p.rest(), nameEnds)
	if end < 0 {
		end = len(p.rest())
	}
	if end == 0 {
		return pathStep{}, p.fault(`write a key, such as status or checks[0].status; one with other characters as ["a key"]`)
	}
	key := p.rest()[:end]
	p.at += end
	return pathStep{key: key, index: -1, length: key == "length"}, nil
}

// bracket reads what follows a [: an index or a key in quotes.
func (p *assertionParser) bracket() (pathStep, error) {
	step := pathStep{index: -1}
	if strings.HasPrefix(p.rest(), `"`) {
		value, err := p.value()
		if err != nil {
			return pathStep{}, err
		}
		step.key, _ = value.(string)
	} else {
		digits := len(p.rest()) - len(strings.TrimLeft(p.rest(), "0123456789"))
		index, err := strconv.Atoi(p.rest()[:digits])
		if err != nil {
			return pathStep{}, p.fault(`write an index from 0 on, or a key in double quotes, such as [0] or ["a key"]`)
		}
		p.at += digits
		step.index = index
	}
	if !p.take("]") {
		return pathStep{}, p.fault("write ] here")
	}
	return step, nil
}

func (p *assertionParser) operator() (operator, error) {
	p.skipBlanks()
	// <= and >= stand before the operators they begin with.
	for _, o := range []operator{opEqual, opUnequal, opLessEqual, opLess, opGreaterEqual, opGreater} {
		if p.take(string(o)) {
			return o, nil
		}
	}
	word := p.rest()
	if end := strings.IndexAny(word, blanks+`"`); end >= 0 {
		word = word[:end]
	}
	switch o := operator(word); o {
	case opContains, opMatches, opExists, opAbsent:
		p.at += len(word)
		return o, nil
	default:
		return "", p.fault("write one of == != < <= > >= contains matches exists absent")
	}
}

// value reads one JSON value and steps over it.
func (p *assertionParser) value() (any, error) {
	decoder := json.NewDecoder(strings.NewReader(p.rest()))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, p.fault(`write a JSON value: text in double quotes with \\ for a backslash, a number, true, false or null`)
	}
	p.at += int(decoder.InputOffset())
	return value, nil
}

// literal reads the value to compare with, up to the end.
func (p *assertionParser) literal(o operator) (any, error) {
	start := p.at
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	p.skipBlanks()
	if p.rest() != "" {
		return nil, p.fault("nothing may follow the value")
	}
	need := ""
	switch o {
	case opLess, opLessEqual, opGreater, opGreaterEqual:
		need = aNumber
	case opMatches:
		need = aText
	}
	if need != "" && kindOf(value) != need {
		p.at = start
		return nil, p.fault("%s compares with %s: write %s here", o, need, need)
	}
	return value, nil
}

// expression reads the regular expression of matches.
func (p *assertionParser) expression() (any, *regexp.Regexp, error) {
	start := p.at
	value, err := p.literal(opMatches)
	if err != nil {
		return nil, nil, err
	}
	text, _ := value.(string)
	pattern, err := regexp.Compile(text)
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		p.at = start
		return nil, nil, p.fault("this is not a regular expression (RE2): %s", wrong.Code)
	}
	return value, pattern, nil
}
