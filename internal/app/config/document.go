package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// place is a position in the file: line and column in characters, both from 1.
// The zero value is none.
type place struct{ line, column int }

func placeOfToken(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{}
	}
	return place{t.Position.Line, t.Position.Column}
}

// scalar is a single value as it is written in the file.
type scalar struct {
	path  string
	at    place
	lines int    // further lines that it goes on for
	text  string // before substitution
}

// fault is a problem and where it is.
type fault struct {
	at            place
	path, message string
}

// document is what a file says: its plain values, and where each of them
// stands. Paths are those of scout.JoinPath; "" is the whole.
type document struct {
	root     map[string]any
	places   map[string]place    // of values
	keys     map[string]place    // of keys
	scalars  []scalar            // also those of keys that are given twice
	included map[string][]string // what substitution brought in, by subject
	broken   map[string]bool     // values that a fault names already
	faults   []fault
}

// fault records what is wrong with a value; no other fault of it or below it
// is reported.
func (d *document) fault(path string, at place, message string) {
	d.broken[path] = true
	d.faults = append(d.faults, fault{at, path, message})
}

// parse reads a YAML text. The fault is one that nothing can be read behind,
// such as a syntax error; others are in the document.
func parse(text string, refs references) (*document, *fault) {
	body, fatal := bodyOf(text)
	if fatal != nil {
		return nil, fatal
	}
	return newWalker(refs, maxRepeated).walk(body)
}

// bodyOf returns the syntax of the text's one document, nil if it is empty.
func bodyOf(text string) (ast.Node, *fault) {
	tokens := lexer.Tokenize(text)
	if deep := tooDeep(tokens); deep != nil {
		return nil, &fault{at: placeOfToken(deep), message: nestingAdvice}
	}
	// The parser reports the first key that is given twice only; the walk
	// reports all.
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntaxFault(err, text)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		_, directive := doc.Body.(*ast.DirectiveNode)
		switch {
		case doc.Body == nil, directive:
		case body == nil:
			body = doc.Body
		default:
			return nil, &fault{at: placeOf(doc.Body), message: "a second document begins here: a configuration is one document, without a line of --- within it"}
		}
	}
	return body, nil
}

// syntaxFault says what the parser says.
func syntaxFault(err error, text string) *fault {
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		return &fault{message: "cannot be read as YAML"}
	}
	f := &fault{at: placeOfToken(syntax.GetToken()), message: "not valid YAML: " + syntax.GetMessage()}
	if strings.Contains(lineOf(strings.Split(text, "\n"), f.at.line), "${") {
		f.message += "; between [ ] and { }, text with ${…} in it needs quotes"
	}
	return f
}

// maxNesting is how deep groups and lists may stand within each other.
const maxNesting = 100

var nestingAdvice = fmt.Sprintf("is nested more than %d levels deep", maxNesting)

// tooDeep returns the first token that is nested too deep by characters that
// stand side by side. The parser calls itself for each of them, so that a file
// of nothing else would exhaust the stack. Nesting by indentation takes a
// longer line for each level and is left to the walk.
func tooDeep(tokens token.Tokens) *token.Token {
	brackets, row := 0, 0
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets--
			row = 0
		case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType, token.TagType, token.AnchorType:
			row++
		default:
			row = 0
		}
		if brackets+row > maxNesting {
			return t
		}
	}
	return nil
}
