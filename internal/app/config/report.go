package config

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// notKnown begins every message about a key that is not known, here as in
// package manage. Such a fault is placed at the key, any other at the value.
const notKnown = "is not a known key"

// fieldsOf returns what was gathered.
func fieldsOf(faults *scout.Faults) []scout.FieldError {
	var invalid *scout.Error
	errors.As(faults.Err(), &invalid)
	if invalid == nil {
		return nil
	}
	return invalid.Fields
}

// report turns the document's own faults and those of its keys into problems.
func (d *document) report(text string, faults *scout.Faults) []Problem {
	all := d.faults
	unknown := map[string]bool{}
	for _, f := range fieldsOf(faults) {
		isKey := strings.HasPrefix(f.Message, notKnown)
		if isKey {
			unknown[f.Field] = true
		}
		if !d.isBroken(f.Field) {
			all = append(all, fault{d.placeFor(f.Field, isKey), f.Field, d.withoutIncluded(f)})
		}
	}
	if len(all) == 0 {
		return nil
	}
	lines := strings.Split(text, "\n")
	cover := d.cover(unknown)
	problems := make([]Problem, len(all))
	for i, f := range all {
		f.at = f.at.within(lines)
		line, column := cover.over(lineOf(lines, f.at.line), f.at)
		problems[i] = Problem{
			Line: f.at.line, Column: f.at.column, Path: f.path, Message: f.message,
			Excerpt: excerpt(line, column),
		}
	}
	return problems
}

// parent is the path above a path.
func parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

// subject is the first part of a path: a top-level key, a server, a webhook.
func subject(path string) string {
	first, _, _ := strings.Cut(path, ".")
	return first
}

// isBroken reports whether a fault of this value, or of one that it is a part
// of, is on record already.
func (d *document) isBroken(path string) bool {
	for ; path != ""; path = parent(path) {
		if d.broken[path] {
			return true
		}
	}
	return false
}

// placeFor returns where a path stands; what is missing is placed where the
// group begins that lacks it.
func (d *document) placeFor(path string, isKey bool) place {
	if at, ok := d.keys[path]; ok && isKey {
		return at
	}
	for {
		if at, ok := d.places[path]; ok || path == "" {
			return at
		}
		path = parent(path)
	}
}

// include records what substitution brought into a value.
func (d *document) include(path string, values ...string) {
	d.included[subject(path)] = append(d.included[subject(path)], values...)
}

// Bounds of what counts as a repetition of an included value.
const (
	shortestMasked = 4 // characters of a value that are masked without quotes around them
	longestShared  = 8 // bytes in a row that message and value may share by chance
)

// withoutIncluded returns the message of a fault without anything that
// substitution brought into the same server, webhook or top-level key: one
// value may be quoted in the fault of another, as a server's ip in a target.
func (d *document) withoutIncluded(f scout.FieldError) string {
	message := f.Message
	for _, value := range d.included[subject(f.Field)] {
		message = mask(message, value)
	}
	for _, value := range d.included[subject(f.Field)] {
		if shares(message, value, longestShared+1) {
			return "is not valid here; more would repeat a value that was substituted, which may be a secret"
		}
	}
	return message
}

// mask replaces a value, also where it is quoted or shortened.
func mask(message, value string) string {
	if value == "" {
		return message
	}
	quoted := strconv.Quote(value)
	message = strings.ReplaceAll(message, quoted, scout.Masked)
	message = strings.ReplaceAll(message, strconv.Quote(scout.Shorten(value, 80)), scout.Masked)
	if utf8.RuneCountInString(value) < shortestMasked {
		return message
	}
	message = strings.ReplaceAll(message, quoted[1:len(quoted)-1], scout.Masked)
	return strings.ReplaceAll(message, value, scout.Masked)
}

// shares reports whether a run of n bytes of value stands in message.
func shares(message, value string, n int) bool {
	for i := 0; i+n <= len(value); i++ {
		if strings.Contains(message, value[i:i+n]) {
			return true
		}
	}
	return false
}

// cover says what excerpts must not show, by line.
type cover map[int]hidden

// hidden is the rest of a line, from a column on.
type hidden struct {
	column  int
	instead string
}

// cover covers the secrets that stand in the file itself. So are the values of
// unknown keys: a secret may stand below a misspelt key.
func (d *document) cover(unknown map[string]bool) cover {
	secret := secretKeys()
	c := cover{}
	for _, s := range d.scalars {
		if !isSecret(s, secret, unknown) {
			continue
		}
		if first, ok := c[s.at.line]; !ok || s.at.column < first.column {
			c[s.at.line] = hidden{s.at.column, onlyReferences(s.text)}
		}
		for i := range s.lines {
			c[s.at.line+i+1] = hidden{1, scout.Masked}
		}
	}
	return c
}

// over returns a line as it may be shown, and the column on it.
func (c cover) over(line string, at place) (string, int) {
	h, ok := c[at.line]
	runes := []rune(line)
	if !ok || h.column > len(runes) {
		return line, at.column
	}
	return string(runes[:h.column-1]) + h.instead, min(at.column, h.column)
}

// showableReference matches what names a variable or a file, and so is no piece
// of a secret with a ${ in it.
var showableReference = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*|file:.+)\}$`)

// onlyReferences is a text with everything masked but its references.
func onlyReferences(text string) string {
	var b strings.Builder
	for _, p := range split(text) {
		if p.reference && showableReference.MatchString(p.text) {
			b.WriteString(p.text)
		} else {
			b.WriteString(scout.Masked)
		}
	}
	return b.String()
}

// secretKeys lists the keys that the metadata of checks and webhooks calls
// secret.
func secretKeys() []string {
	var names []string
	var gather func(fields []scout.Field)
	gather = func(fields []scout.Field) {
		for _, f := range fields {
			if f.Secret {
				names = append(names, f.Name)
			}
			gather(f.Fields)
		}
	}
	gather(manage.AllCheckFields())
	gather(manage.AllWebhookFields())
	return names
}

// isSecret reports whether a value stands at or below a secret or an unknown
// key. A proxy may hold a password even where it cannot be read as a URL; a
// target is secret if it may hold credentials.
func isSecret(s scalar, secret []string, unknown map[string]bool) bool {
	for path := s.path; path != ""; path = parent(path) {
		key := path[strings.LastIndexByte(path, '.')+1:]
		if unknown[path] || path == "egress.proxy" || slices.Contains(secret, key) {
			return true
		}
	}
	return strings.HasSuffix(s.path, ".target") && strings.ContainsAny(s.text, "@?")
}
