package webhooks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// drawn lists the fields of a format that a form has inputs for. A group of
// keys has none: it belongs in the file or to the API, and a form leaves it
// alone.
func drawn(format scout.FormatMeta) []scout.Field {
	return slices.DeleteFunc(slices.Clone(format.Fields), func(f scout.Field) bool {
		return f.Type == scout.TypeObject || f.Type == scout.TypeMap
	})
}

// inputOf is the input for a field of a format.
func inputOf(f scout.Field, d draft, faults ui.Faults) ui.Input {
	in := ui.Input{
		Name: f.Name, Label: labelOf(f.Name), Help: f.Help, Value: d.Settings[f.Name], Error: faults[f.Name],
		Needed: f.Required, Default: textOf(f.Default), Auto: "off",
	}
	if f.Example != "" && !f.Secret {
		in.Help += " Such as " + f.Example + "."
	}
	switch {
	case f.Type == scout.TypeBoolean:
		in.Choices = choices(f, "true", "false")
	case len(f.Enum) > 0 && f.Type != scout.TypeStrings:
		in.Choices = choices(f, f.Enum...)
	case f.Type == scout.TypeInteger:
		in.Type = "number"
	case f.Type == scout.TypeURL:
		in.Type = "url"
	case f.Type == scout.TypeText, f.Type == scout.TypeStrings:
		in.Type = "area"
	}
	return in
}

// choices are the values of a select, the default first as the empty one.
func choices(f scout.Field, values ...string) []ui.Choice {
	list := []ui.Choice{{Value: "", Label: "Default"}}
	if text := textOf(f.Default); text != "" {
		list[0].Label += ": " + text
	}
	for _, v := range values {
		list = append(list, ui.Choice{Value: v, Label: v})
	}
	return list
}

// labelOf is the name of a key as words.
func labelOf(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		if w == "id" || w == "url" {
			words[i] = strings.ToUpper(w)
		} else if i == 0 && w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

// valueOf is what was typed for a field, in the field's JSON form; nil for
// nothing. What has another form stays text, for manage to say what is wrong.
func valueOf(f scout.Field, typed string) any {
	switch f.Type {
	case scout.TypeInteger:
		if n, err := strconv.ParseInt(typed, 10, 64); err == nil {
			return n
		}
	case scout.TypeBoolean:
		if b, err := strconv.ParseBool(typed); err == nil {
			return b
		}
	case scout.TypeStrings:
		if list := lines([]string{typed}); len(list) > 0 {
			return list
		}
	}
	return page.OrNil(typed)
}

// textOf is the inverse of valueOf.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []string:
		return strings.Join(v, "\n")
	case []any:
		parts := make([]string, 0, len(v))
		for _, item := range v {
			parts = append(parts, textOf(item))
		}
		return strings.Join(parts, "\n")
	case float64: // a number that was stored as JSON
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		text, _ := json.Marshal(v) // plain JSON values
		return string(text)
	default:
		return fmt.Sprint(v)
	}
}
