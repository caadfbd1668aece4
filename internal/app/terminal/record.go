package terminal

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// printRecord prints one object of the API, a line for each key that has a
// value. Keys in groups are dotted, as --set takes them. The keys named first
// come first, the others sorted; what skip names is left out.
func printRecord(s *Session, text json.RawMessage, first []string, skip ...string) error {
	if s.JSON {
		return s.printJSON(text)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return fmt.Errorf("the answer is not a JSON object: %w", err)
	}
	values := map[string]string{}
	flatten(values, "", object)
	for _, key := range skip {
		delete(values, key)
	}
	keys := slices.DeleteFunc(slices.Clone(first), func(key string) bool { return values[key] == "" })
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if values[key] != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	printPairs(s.Screen, keys, values)
	return nil
}

// printPairs prints the values of keys, aligned.
func printPairs(s *Screen, keys []string, values map[string]string) {
	width := 0
	for _, key := range keys {
		width = max(width, utf8.RuneCountInString(key))
	}
	for _, key := range keys {
		fill := strings.Repeat(" ", width-utf8.RuneCountInString(key))
		s.printf("%s%s%s%s\n", line(key), fill, gap, s.word(line(values[key])))
	}
}

// flatten writes the values of an object down under their dotted keys.
func flatten(into map[string]string, path string, v any) {
	object, ok := v.(map[string]any)
	if !ok {
		into[path] = scalar(v)
		return
	}
	for key, inner := range object {
		at := key
		if path != "" {
			at = path + "." + key
		}
		flatten(into, at, inner)
	}
}

// scalar is a value on one line: times are local, lists have commas.
func scalar(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return moment(t)
		}
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		items := make([]string, 0, len(v))
		for _, item := range v {
			items = append(items, scalar(item))
		}
		return strings.Join(items, ", ")
	default: // a group in a list
		text, err := json.Marshal(v)
		if err != nil {
			return err.Error()
		}
		return string(text)
	}
}
