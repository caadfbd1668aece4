package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxIncluded is how many bytes ${file:…} takes in at most.
const maxIncluded = 64 << 10

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// references answers what ${…} stands for.
type references struct {
	dir     string // where relative paths of ${file:…} start
	environ func(string) (string, bool)
}

// expansion is a text with its references replaced.
type expansion struct {
	text   string
	values []string // what came in
	faults []string // what could not be replaced, a sentence each
}

// expand replaces the references in a text. What comes in is taken as it is
// and not expanded again.
func (r references) expand(text string) expansion {
	var e expansion
	var out strings.Builder
	for _, p := range split(text) {
		if !p.reference {
			out.WriteString(p.text)
			continue
		}
		value, err := r.resolve(p.text)
		if err != nil {
			e.faults = append(e.faults, err.Error())
			continue
		}
		e.values = append(e.values, value)
		out.WriteString(value)
	}
	e.text = out.String()
	return e
}

// piece is a part of a text: literal text, or a reference from ${ on.
type piece struct {
	text      string
	reference bool
}

// split cuts a text into literal pieces, in which $${ has become ${, and
// references. One without its closing brace goes to the end of the text.
func split(text string) []piece {
	var pieces []piece
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			pieces = append(pieces, piece{text: literal.String()})
			literal.Reset()
		}
	}
	for text != "" {
		at := strings.Index(text, "${")
		switch {
		case at < 0:
			literal.WriteString(text)
			text = ""
		case at > 0 && text[at-1] == '$':
			literal.WriteString(text[:at-1] + "${")
			text = text[at+2:]
		default:
			literal.WriteString(text[:at])
			flush()
			end := len(text)
			if n := strings.IndexByte(text[at:], '}'); n >= 0 {
				end = at + n + 1
			}
			pieces = append(pieces, piece{text[at:end], true})
			text = text[end:]
		}
	}
	flush()
	return pieces
}

// resolve returns what a reference stands for. Its error names the variable or
// the file, and repeats nothing that may be a piece of a secret instead.
func (r references) resolve(reference string) (string, error) {
	name, closed := strings.CutSuffix(strings.TrimPrefix(reference, "${"), "}")
	if !closed {
		return "", errors.New("has a ${ without a } after it: close it, or write $${ for the characters ${")
	}
	if path, isFile := strings.CutPrefix(name, "file:"); isFile {
		return r.include(path)
	}
	if !variableName.MatchString(name) {
		return "", errors.New("has a ${…} that names no variable: write ${NAME} or ${file:/path}, or $${ for the characters ${")
	}
	value, ok := r.environ(name)
	if !ok {
		return "", fmt.Errorf("the environment variable %s is not set", name)
	}
	if !utf8.ValidString(value) {
		return "", fmt.Errorf("the environment variable %s is not valid UTF-8", name)
	}
	return value, nil
}

// include returns the content of a file without the line ends at its end.
func (r references) include(path string) (string, error) {
	if path == "" {
		return "", errors.New("${file:} names no file: write ${file:/path}")
	}
	content, err := readLimited(absoluteIn(r.dir, path), maxIncluded)
	switch {
	case errors.Is(err, errTooLong):
		return "", fmt.Errorf("the file %q is longer than 64 KiB", path)
	case err != nil:
		return "", fmt.Errorf("the file %q cannot be read: %w", path, err)
	case !utf8.Valid(content):
		return "", fmt.Errorf("the file %q is not valid UTF-8", path)
	}
	return strings.TrimRight(string(content), "\r\n"), nil
}

func absoluteIn(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

var errTooLong = errors.New("too long")

// readLimited reads a file of at most limit bytes. Its error does not repeat
// the path.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, withoutPath(err)
	}
	if int64(len(content)) > limit {
		return nil, errTooLong
	}
	return content, nil
}

func withoutPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
