package watch

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// A formField is one key of a check as a part of a form.
type formField struct {
	ui.Input
	Type   scout.FieldType
	On     bool        // of a boolean
	Secret bool        // write-only
	Stored bool        // a secret is stored
	Fields []formField // of an object
}

// removes is the name of the checkbox that removes a stored secret.
func removes(name string) string { return name + ".remove" }

// drawFields makes the parts of a form from metadata. Values are those of the
// check so far, typed ones those of the form that was sent; faults stand beside
// what they are about.
func drawFields(path string, fields []scout.Field, values map[string]any, typed url.Values, faults ui.Faults) []formField {
	var list []formField
	for _, f := range fields {
		at := scout.JoinPath(path, f.Name)
		part := formField{Type: f.Type, Secret: f.Secret && f.Type != scout.TypeMap}
		part.Input = ui.Input{
			Name: at, Label: labelOf(f), Help: help(f), Error: faults[at], Needed: f.Required && path == "" && !part.Secret,
			Default: strings.Join(lines(f.Default), "\n"), Choices: choices(f),
		}
		v := values[f.Name]
		switch {
		case f.Type == scout.TypeObject:
			inner, _ := v.(map[string]any)
			part.Fields = drawFields(at, f.Fields, inner, typed, faults)
		case f.Type == scout.TypeBoolean:
			part.On = v == true || v == nil && f.Default == true
			if typed != nil {
				part.On = typed.Has(at)
			}
		case part.Secret:
			part.Stored = v != nil
		case typed != nil && f.Secret:
			part.Value = namesOnly(typed.Get(at))
		case typed != nil:
			part.Value = typed.Get(at)
		case !sameText(f, valueText(v), valueText(f.Default)):
			part.Value = strings.Join(lines(v), "\n")
		}
		part.Input.Type = inputType(f, part.Secret)
		list = append(list, part)
	}
	return list
}

func inputType(f scout.Field, secret bool) string {
	switch {
	case f.Type == scout.TypeText, f.Type == scout.TypeStrings, f.Type == scout.TypeMap:
		return "area"
	case secret:
		return "password"
	default:
		return ""
	}
}

// labelOf is a key as words: "fail_after" is "Fail after".
func labelOf(f scout.Field) string {
	words := strings.Split(f.Name, "_")
	for i, word := range words {
		switch {
		case slices.Contains([]string{"http", "ca", "json", "ip"}, word):
			words[i] = strings.ToUpper(word)
		case i == 0:
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, " ")
}

// help says what a key means and how several values are written.
func help(f scout.Field) string {
	text := f.Help
	switch f.Type {
	case scout.TypeStrings:
		text += " One a line."
	case scout.TypeMap:
		text += " One a line, as Name: value."
	}
	if f.Example != "" && f.Default == nil {
		text += " For example: " + f.Example
	}
	return text
}

// choices are the values of a key that has only some.
func choices(f scout.Field) []ui.Choice {
	if len(f.Enum) == 0 || f.Type == scout.TypeStrings {
		return nil
	}
	list := []ui.Choice{{Label: "Default"}}
	if f.Default != nil {
		list[0].Label = fmt.Sprintf("Default: %v", f.Default)
	}
	for _, word := range f.Enum {
		if word != f.Default {
			list = append(list, ui.Choice{Value: word, Label: word})
		}
	}
	return list
}

// readFields reads a form by metadata, as a merge patch of what it was made of:
// what is left empty is null, and a secret that is left empty is not in it. The
// names of what is stored in groups of names and values are needed, for those
// that are gone to be removed.
func readFields(path string, fields []scout.Field, form url.Values, stored map[string]any) map[string]any {
	patch := map[string]any{}
	for _, f := range fields {
		at := scout.JoinPath(path, f.Name)
		text := strings.TrimSpace(form.Get(at))
		switch {
		case f.Type == scout.TypeObject:
			inner, _ := stored[f.Name].(map[string]any)
			patch[f.Name] = group(readFields(at, f.Fields, form, inner))
		case f.Type == scout.TypeBoolean:
			patch[f.Name] = boolean(f, form.Has(at))
		case f.Type == scout.TypeMap:
			old, _ := stored[f.Name].(map[string]any)
			patch[f.Name] = pairs(text, old)
		case f.Secret && text == "":
			if form.Has(removes(at)) {
				patch[f.Name] = nil
			}
		default:
			patch[f.Name] = scalar(f.Type, text)
		}
	}
	return patch
}

// group is a group of keys, and null where none of them is set.
func group(keys map[string]any) any {
	for _, v := range keys {
		if v != nil {
			return keys
		}
	}
	return nil
}

// boolean is null where it is as it is by default.
func boolean(f scout.Field, on bool) any {
	standard, _ := f.Default.(bool)
	if on == standard {
		return nil
	}
	return on
}

// scalar reads a text as a value of a type, and null where it is empty. What
// cannot be read stays text, for the metadata to refuse.
func scalar(t scout.FieldType, text string) any {
	switch {
	case text == "":
		return nil
	case t == scout.TypeInteger:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		return text
	case t == scout.TypeStrings:
		list := []any{}
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				list = append(list, line)
			}
		}
		return list
	default:
		return text
	}
}

// pairs reads lines of names and values. Names that are stored and not among
// them become null. With a line that has no colon it stays text, which the
// metadata refuses.
func pairs(text string, stored map[string]any) any {
	if text == "" {
		return nil
	}
	patch := map[string]any{}
	for name := range stored {
		patch[name] = nil
	}
	for line := range strings.Lines(text) {
		name, value, found := strings.Cut(line, ":")
		switch name = strings.TrimSpace(name); {
		case found && name != "":
			patch[name] = strings.TrimSpace(value)
		case strings.TrimSpace(line) != "":
			return text
		}
	}
	return patch
}

// namesOnly takes from lines of names and secrets those that were typed, which
// no page may hold. The names stay, without a colon, so that the form cannot be
// sent without giving the secrets again.
func namesOnly(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		if strings.TrimSpace(value) == scout.Masked {
			name = line
		}
		kept = append(kept, strings.TrimSpace(name))
	}
	return strings.Join(kept, "\n")
}

// partOf begins a fault of a part of a field: ".Accept" or "[0]", which a reader
// sees as a line.
func partOf(path string) string {
	inner, _, isItem := strings.Cut(strings.TrimPrefix(path, "["), "]")
	n, err := strconv.Atoi(inner)
	switch {
	case isItem && err == nil:
		return fmt.Sprintf("line %d: ", n+1)
	case path != "":
		return strings.TrimPrefix(path, ".") + ": "
	default:
		return ""
	}
}

// settled returns an error in which faults of parts ("expect.status[0]",
// "headers.Accept") are faults of the field that holds them, by its name.
func settled(err error, names ...string) error {
	var e *scout.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		return err
	}
	moved := *e
	moved.Fields = slices.Clone(e.Fields)
	for i, f := range moved.Fields {
		if name := holder(f.Field, names); name != "" {
			moved.Fields[i] = scout.FieldError{Field: name, Message: partOf(f.Field[len(name):]) + f.Message}
		}
	}
	return &moved
}

// holder is the longest of some names that a path is or lies below; "" for
// none.
func holder(path string, names []string) string {
	best := ""
	for _, name := range names {
		rest, below := strings.CutPrefix(path, name)
		if below && (rest == "" || rest[0] == '.' || rest[0] == '[') && len(name) > len(best) {
			best = name
		}
	}
	return best
}

// fieldNames lists the names that the fields of a form have in errors.
func fieldNames(path string, fields []scout.Field) []string {
	var names []string
	for _, f := range fields {
		at := scout.JoinPath(path, f.Name)
		names = append(names, at)
		names = append(names, fieldNames(at, f.Fields)...)
	}
	return names
}
