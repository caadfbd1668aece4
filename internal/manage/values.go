// Package manage changes configuration: it checks inputs against the metadata
// of check kinds and formats, and stores them. It is the one way to do so,
// for the configuration file, the API and the dashboard alike.
//
// Inputs are plain JSON values (map[string]any and what it holds). Errors are
// *scout.Error and name every faulty field by its path.
package manage

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"serverscout/internal/scout"
)

// normalise reads the values of in that fields describe: unknown keys, wrong
// types and values out of range become faults below path; defaults are filled
// in. The result has one form for each type: string, int64, bool, []string,
// map[string]any; durations and times are canonical text. Null counts as absent.
func normalise(path string, fields []scout.Field, in map[string]any, faults *scout.Faults) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		at := scout.JoinPath(path, f.Name)
		v, given := in[f.Name]
		switch {
		case given && v != nil:
			if n, ok := one(at, f, v, faults); ok {
				out[f.Name] = n
			}
		case f.Required:
			faults.Add(at, "", "is missing: %s", f.Help)
		case f.Default != nil:
			out[f.Name], _ = one(at, f, f.Default, faults)
		}
	}
	unknown(path, scout.FieldNames(fields), in, faults)
	return out
}

// unknown reports the keys of in that are not among known.
func unknown(path string, known []string, in map[string]any, faults *scout.Faults) {
	for _, key := range sortedKeys(in) {
		if slices.Contains(known, key) {
			continue
		}
		faults.Add(scout.JoinPath(path, key), "", "%s", scout.UnknownKey(key, known))
	}
}

func one(at string, f scout.Field, v any, faults *scout.Faults) (any, bool) {
	switch f.Type {
	case scout.TypeInteger:
		return integer(at, f, v, faults)
	case scout.TypeBoolean:
		b, ok := v.(bool)
		if !ok {
			faults.Add(at, show(f, v), "must be true or false")
		}
		return b, ok
	case scout.TypeDuration:
		return durationText(at, f, v, faults)
	case scout.TypeTime:
		return timeText(at, f, v, faults)
	case scout.TypeStrings:
		return list(at, f, v, faults)
	case scout.TypeMap:
		return stringMap(at, f, v, faults)
	case scout.TypeObjects:
		return objects(at, f, v, faults)
	case scout.TypeObject:
		m, ok := v.(map[string]any)
		if !ok {
			faults.Add(at, show(f, v), "must be a group of keys: %s", strings.Join(scout.FieldNames(f.Fields), ", "))
			return nil, false
		}
		return normalise(at, f.Fields, m, faults), true
	default:
		return text(at, f, v, faults)
	}
}

func text(at string, f scout.Field, v any, faults *scout.Faults) (any, bool) {
	s, ok := v.(string)
	if !ok {
		faults.Add(at, show(f, v), "must be text%s", example(f))
		return nil, false
	}
	if len(f.Enum) > 0 && !slices.Contains(f.Enum, s) {
		faults.Add(at, show(f, v), "%s", scout.UnknownWord(s, f.Enum))
		return nil, false
	}
	return s, unmasked(at, s, faults) && within(at, f, "", int64(utf8.RuneCountInString(s)), "characters", faults)
}

// unmasked refuses text with a mask in it that no stored secret belongs to, as
// in a copy of what was shown: it would be sent as it stands, and fail there.
func unmasked(at, s string, faults *scout.Faults) bool {
	masked := strings.Contains(s, scout.Masked)
	if masked {
		faults.Add(at, "", "holds the mask that stands for a secret: give the secret itself")
	}
	return !masked
}

func integer(at string, f scout.Field, v any, faults *scout.Faults) (any, bool) {
	var n int64
	switch v := v.(type) {
	case int64:
		n = v
	case int:
		n = int64(v)
	case uint64:
		n = int64(min(v, math.MaxInt64))
	case float64:
		n = int64(v)
		if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
			faults.Add(at, show(f, v), "must be a whole number%s", example(f))
			return nil, false
		}
	default:
		faults.Add(at, show(f, v), "must be a whole number%s", example(f))
		return nil, false
	}
	return n, within(at, f, v, n, "", faults)
}

func durationText(at string, f scout.Field, v any, faults *scout.Faults) (any, bool) {
	s, ok := v.(string)
	if !ok {
		faults.Add(at, show(f, v), "must be a duration: a number and a unit, such as 500ms, 30s, 5m, 2h or 7d")
		return nil, false
	}
	d, err := scout.ParseDuration(s)
	if err != nil {
		faults.Add(at, show(f, v), "%s", err)
		return nil, false
	}
	switch {
	case f.Min != 0 && d < time.Duration(f.Min):
		faults.Add(at, s, "must be %s or more", scout.Duration(f.Min))
		return nil, false
	case f.Max != 0 && d > time.Duration(f.Max):
		faults.Add(at, s, "must be %s or less", scout.Duration(f.Max))
		return nil, false
	}
	return scout.Duration(d).String(), true
}

func timeText(at string, f scout.Field, v any, faults *scout.Faults) (any, bool) {
	s, _ := v.(string)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.IsZero() {
		faults.Add(at, show(f, v), "must be a time such as 2026-01-15T10:30:00Z")
		return nil, false
	}
	return t.UTC().Format(time.RFC3339Nano), true
}

func list(at string, f scout.Field, v any, faults *scout.Faults) (any, bool) {
	items, ok := v.([]any)
	if texts, isTexts := v.([]string); isTexts {
		ok = true
		for _, s := range texts {
			items = append(items, s)
		}
	}
	if !ok {
		faults.Add(at, show(f, v), "must be a list%s", example(f))
		return nil, false
	}
	out := make([]string, 0, len(items))
	for i, item := range items {
		s, isText := scalarText(item)
		switch {
		case !isText:
			faults.Add(index(at, i), show(f, item), "must be text")
			ok = false
		case len(f.Enum) > 0 && !slices.Contains(f.Enum, s):
			faults.Add(index(at, i), show(f, item), "must be one of %s", strings.Join(f.Enum, ", "))
			ok = false
		default:
			out = append(out, s)
		}
	}
	return out, ok && within(at, f, "", int64(len(out)), "items", faults)
}

func objects(at string, f scout.Field, v any, faults *scout.Faults) (any, bool) {
	items, ok := v.([]any)
	if !ok {
		faults.Add(at, show(f, v), "must be a list of groups of keys: %s", strings.Join(scout.FieldNames(f.Fields), ", "))
		return nil, false
	}
	if !within(at, f, "", int64(len(items)), "items", faults) {
		return nil, false
	}
	out := make([]map[string]any, 0, len(items))
	for i, item := range items {
		keys, isGroup := item.(map[string]any)
		if !isGroup {
			faults.Add(index(at, i), "", "must be a group of keys: %s", strings.Join(scout.FieldNames(f.Fields), ", "))
			continue
		}
		out = append(out, normalise(index(at, i), f.Fields, keys, faults))
	}
	return out, true
}

func stringMap(at string, f scout.Field, v any, faults *scout.Faults) (any, bool) {
	in, ok := v.(map[string]any)
	if !ok {
		faults.Add(at, show(f, v), "must be a group of names and values%s", example(f))
		return nil, false
	}
	out := make(map[string]any, len(in))
	for _, key := range sortedKeys(in) {
		s, isText := scalarText(in[key])
		if !isText {
			faults.Add(scout.JoinPath(at, key), "", "must be text")
			ok = false
			continue
		}
		ok = unmasked(scout.JoinPath(at, key), s, faults) && ok
		out[key] = s
	}
	return out, within(at, f, "", int64(len(out)), "entries", faults) && ok
}

// scalarText is how YAML writers mean 200 or true where text is wanted.
func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64, uint64, int, bool:
		return fmt.Sprint(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	default:
		return "", false
	}
}

// within checks n against the field's bounds. Text is not quoted (v is empty
// for it): the beginning of a long one may be a credential.
func within(at string, f scout.Field, v any, n int64, unit string, faults *scout.Faults) bool {
	if f.Min == 0 && f.Max == 0 || n >= f.Min && (f.Max == 0 || n <= f.Max) {
		return true
	}
	bounds := fmt.Sprintf("from %d to %d", f.Min, f.Max)
	switch {
	case f.Max == 0:
		bounds = fmt.Sprintf("%d or more", f.Min)
	case f.Min == 0 && unit != "":
		bounds = fmt.Sprintf("at most %d", f.Max)
	}
	faults.Add(at, show(f, v), "must be %s", strings.TrimSpace(bounds+" "+unit))
	return false
}

// show is a value as an error may quote it: never a secret, nor a list or
// group, which may hold one.
func show(f scout.Field, v any) string {
	if f.Secret {
		return ""
	}
	s, _ := scalarText(v)
	return s
}

func example(f scout.Field) string {
	if f.Example == "" {
		return ""
	}
	return ", such as " + f.Example
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
