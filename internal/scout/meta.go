package scout

import "slices"

// FieldType is the form of a field's value in files, API and forms.
type FieldType string

// The field types. An Object has Fields of its own.
const (
	TypeString   FieldType = "string"
	TypeText     FieldType = "text" // several lines
	TypeURL      FieldType = "url"
	TypeInteger  FieldType = "integer"
	TypeBoolean  FieldType = "boolean"
	TypeDuration FieldType = "duration" // Go's units plus d, as text
	TypeTime     FieldType = "time"     // RFC 3339, as text
	TypeStrings  FieldType = "strings"  // list of strings; numbers are taken as their text
	TypeMap      FieldType = "map"      // string to string
	TypeObject   FieldType = "object"
	TypeObjects  FieldType = "objects" // list of objects with the same Fields
)

// Field describes one key once; configuration, validation, API schema, forms
// and documentation all follow from it.
type Field struct {
	Name     string
	Type     FieldType
	Help     string // one sentence
	Example  string
	Default  any      // in the field's JSON form; nil for none
	Min, Max int64    // integers: value; durations: nanoseconds; text: characters; lists: items. Both 0: unbounded
	Enum     []string // the only values allowed; nil for any
	Required bool
	Secret   bool    // the value (of a map: each value) is a secret
	Fields   []Field // of an Object, and of each of Objects
}

// CheckKind is the metadata of a check kind.
type CheckKind struct {
	Name        string // as in `kind:`
	Title       string // the default name of a check of this kind
	Help        string
	Passive     bool // nothing is probed; results come from outside
	NeedsTarget bool // no target can be built from the server's ip alone
	TargetHelp  string
	Fields      []Field
}

// FormatMeta is the metadata of a format.
type FormatMeta struct {
	Name       string // as in `format:`
	Title      string
	Help       string
	KeepsState bool // the target keeps what it is told open until it is told the end
	Fields     []Field
}

// Mask returns a copy of the settings in which every secret field of the
// metadata reads Masked. Keys that the metadata does not know are left out.
func Mask(fields []Field, s Settings) Settings {
	out := Settings{}
	for _, f := range fields {
		v, ok := s[f.Name]
		if !ok {
			continue
		}
		switch {
		case f.Type == TypeObject:
			if m, ok := v.(map[string]any); ok {
				out[f.Name] = map[string]any(Mask(f.Fields, m))
			}
		case !f.Secret:
			out[f.Name] = v
		case f.Type == TypeMap:
			m := map[string]any{}
			if in, ok := v.(map[string]any); ok {
				for k := range in {
					m[k] = Masked
				}
			}
			out[f.Name] = m
		default:
			out[f.Name] = Masked
		}
	}
	return out
}

// FieldNames lists the names of fields, sorted.
func FieldNames(fields []Field) []string {
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
}
