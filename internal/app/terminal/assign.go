package terminal

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"

	"serverscout/internal/scout"
)

// Edits are the keys of an object as a command line gives them.
type Edits struct {
	Set   []string       // "key=value"; dots lead into groups
	Unset []string       // keys to return to their defaults
	Keys  map[string]any // keys that have a flag of their own
}

// object is the object that edits describe: what has no value is null. Values
// are read by the metadata. A list is given by repeating its key, with commas,
// or as JSON; "@FILE" stands for the file's content where the key takes
// several lines or a secret. The error is Invalid and names every fault.
func (e Edits) object(fields []scout.Field) (map[string]any, error) {
	object := map[string]any{}
	for key, v := range e.Keys {
		object[key] = v
	}
	var faults scout.Faults
	for _, assignment := range e.Set {
		key, text, ok := strings.Cut(assignment, "=")
		if !ok {
			faults.Add("--set", assignment, "must be KEY=VALUE")
			continue
		}
		place, ok := locate(object, fields, key, &faults)
		if !ok {
			continue
		}
		v, fault := value(place.field, text)
		if fault != "" {
			faults.Add(key, shown(place.field, text), "%s", fault)
			continue
		}
		place.put(v)
	}
	for _, key := range e.Unset {
		if place, ok := locate(object, fields, key, &faults); ok {
			place.in[place.key] = nil
		}
	}
	return object, faults.Err()
}

// place is where a key's value belongs.
type place struct {
	field scout.Field // of an entry of a map: a string
	in    map[string]any
	key   string
}

// put sets the value. A list that is there already grows.
func (p place) put(v any) {
	list, isList := v.([]any)
	if before, ok := p.in[p.key].([]any); ok && isList {
		v = append(before, list...)
	}
	p.in[p.key] = v
}

// locate finds the place of a dotted key, and makes the groups on the way.
func locate(object map[string]any, fields []scout.Field, path string, faults *scout.Faults) (place, bool) {
	at, rest := "", path
	for {
		key, below, deeper := strings.Cut(rest, ".")
		i := slices.IndexFunc(fields, func(f scout.Field) bool { return f.Name == key })
		at = scout.JoinPath(at, key)
		if i < 0 {
			faults.Add(at, "", "%s", scout.UnknownKey(key, scout.FieldNames(fields)))
			return place{}, false
		}
		f := fields[i]
		switch {
		case !deeper:
			return place{f, object, key}, true
		case f.Type == scout.TypeObject:
			object, fields, rest = group(object, key), f.Fields, below
		case f.Type == scout.TypeMap:
			return place{scout.Field{Name: below, Type: scout.TypeString, Secret: f.Secret}, group(object, key), below}, true
		default:
			faults.Add(path, "", "%s is one value and has no keys of its own", at)
			return place{}, false
		}
	}
}

// group returns the group of a key, made if there is none.
func group(object map[string]any, key string) map[string]any {
	if inner, ok := object[key].(map[string]any); ok {
		return inner
	}
	inner := map[string]any{}
	object[key] = inner
	return inner
}

// value reads the text of a field's value. The fault says what would be right.
// Bounds are the server's to judge.
func value(f scout.Field, text string) (v any, fault string) {
	switch f.Type {
	case scout.TypeInteger:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, "must be a whole number"
		}
		return n, ""
	case scout.TypeBoolean:
		switch text {
		case "true", "false":
			return text == "true", ""
		}
		return nil, "must be true or false"
	case scout.TypeStrings:
		return listOf(text), ""
	case scout.TypeObjects:
		var list []any
		if json.Unmarshal([]byte(text), &list) != nil || list == nil {
			return nil, "is a list of groups: give it as JSON, [{…}, …]"
		}
		return list, ""
	case scout.TypeMap, scout.TypeObject:
		var object map[string]any
		if json.Unmarshal([]byte(text), &object) != nil || object == nil {
			return nil, "is a group: set its keys one by one, " + f.Name + ".KEY=VALUE, or give a JSON object"
		}
		return object, ""
	default:
		return textOf(f, text)
	}
}

// listOf reads a list: JSON, or items between commas.
func listOf(text string) []any {
	list := []any{}
	if strings.HasPrefix(text, "[") && json.Unmarshal([]byte(text), &list) == nil {
		return list
	}
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

// textOf reads text, from a file where that is meant.
func textOf(f scout.Field, text string) (v any, fault string) {
	file, fromFile := strings.CutPrefix(text, "@")
	if !fromFile || f.Type != scout.TypeText && !f.Secret {
		return text, ""
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, "names a file that cannot be read: " + err.Error()
	}
	if f.Secret {
		return strings.TrimSpace(string(content)), ""
	}
	return string(content), ""
}

// shown is a value as an error may repeat it.
func shown(f scout.Field, text string) string {
	if f.Secret {
		return ""
	}
	return text
}

// paths lists the dotted keys of fields, for completion. The names in a map
// are the user's own.
func paths(fields []scout.Field) []string {
	var list []string
	for _, f := range fields {
		switch f.Type {
		case scout.TypeObject:
			for _, below := range paths(f.Fields) {
				list = append(list, f.Name+"."+below)
			}
		case scout.TypeMap:
			list = append(list, f.Name+".")
		default:
			list = append(list, f.Name)
		}
	}
	slices.Sort(list)
	return list
}

// sets reports whether the edits give a key another value.
func (e Edits) sets(key string) bool {
	_, ok := e.Keys[key]
	return ok || slices.ContainsFunc(e.Set, func(a string) bool { return strings.HasPrefix(a, key+"=") })
}
