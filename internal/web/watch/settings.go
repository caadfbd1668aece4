package watch

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// setting is one key of a check as it is in effect.
type setting struct {
	Name   string // its path: "expect.status"
	Value  string // secrets are masked
	Origin string // "file", "database" or "default"
}

// effective lists the keys of a check in the order of its kind, with those that
// nobody set and that have a default.
func effective(c scout.Check, kind scout.CheckKind) []setting {
	return describe("", kind.Fields, manage.ShowCheck(c), string(c.Source))
}

func describe(path string, fields []scout.Field, values map[string]any, source string) []setting {
	var list []setting
	for _, f := range fields {
		at := scout.JoinPath(path, f.Name)
		if f.Type == scout.TypeObject {
			inner, _ := values[f.Name].(map[string]any)
			list = append(list, describe(at, f.Fields, inner, source)...)
			continue
		}
		value, standard := valueText(values[f.Name]), valueText(f.Default)
		switch {
		case value == "" && standard == "":
		case value == "" || sameText(f, value, standard):
			list = append(list, setting{at, standard, "default"})
		default:
			list = append(list, setting{at, value, source})
		}
	}
	return list
}

// sameText reports whether a value is the default, in whichever form it is
// written.
func sameText(f scout.Field, value, standard string) bool {
	if f.Type != scout.TypeDuration || standard == "" {
		return value == standard
	}
	a, errA := scout.ParseDuration(value)
	b, errB := scout.ParseDuration(standard)
	return errA == nil && errB == nil && a == b
}

// valueText is a value for reading: lists with commas, groups as names and
// values. It is empty for what is not set.
func valueText(v any) string {
	return strings.Join(lines(v), ", ")
}

// lines is a value as the lines of a text area; nil for what is not set.
func lines(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		if v {
			return []string{"yes"}
		}
		return []string{"no"}
	case []string:
		return v
	case []any:
		texts := make([]string, len(v))
		for i, one := range v {
			texts[i] = fmt.Sprint(one)
		}
		return texts
	case map[string]any:
		texts := []string{}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			texts = append(texts, fmt.Sprintf("%s: %v", name, v[name]))
		}
		return texts
	case string:
		if v == "" {
			return nil
		}
		return []string{v}
	default:
		return []string{fmt.Sprint(v)}
	}
}
