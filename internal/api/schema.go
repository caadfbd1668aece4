package api

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// A purpose is what keys are written down for.
type purpose int

const (
	toCreate purpose = iota // a new object: what is required must be there
	toChange                // a merge patch: any key may be left out, null resets it
	toShow                  // an answer: secrets are masked and no bounds hold
)

// durationPattern is what scout.ParseDuration reads.
const durationPattern = `^([0-9]+(\.[0-9]+)?d)?([0-9]+(\.[0-9]+)?(h|m|s|ms|us|ns))*$`

// objectSchema is the schema of an object with the keys that fields describe.
func objectSchema(fields []scout.Field, p purpose) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: false}
	for _, f := range fields {
		s.Properties[f.Name] = fieldSchema(f, p)
		if f.Required && p == toCreate {
			s.Required = append(s.Required, f.Name)
		}
	}
	return s
}

func fieldSchema(f scout.Field, p purpose) *huma.Schema {
	s := typeSchema(f, p)
	s.Description = f.Help
	if p == toShow {
		return s
	}
	s.WriteOnly = f.Secret
	if f.Example != "" && s.Type == huma.TypeString {
		s.Examples = []any{f.Example}
	}
	restrict(s, f)
	if p == toCreate {
		s.Default = f.Default
		return s
	}
	s.Nullable = true
	if s.Enum != nil {
		s.Enum = append(s.Enum, nil)
	}
	return s
}

func typeSchema(f scout.Field, p purpose) *huma.Schema {
	switch f.Type {
	case scout.TypeInteger:
		return &huma.Schema{Type: huma.TypeInteger, Format: "int64"}
	case scout.TypeBoolean:
		return &huma.Schema{Type: huma.TypeBoolean}
	case scout.TypeStrings:
		return &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}}
	case scout.TypeMap:
		return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString}}
	case scout.TypeObject:
		return objectSchema(f.Fields, p)
	case scout.TypeObjects:
		return &huma.Schema{Type: huma.TypeArray, Items: objectSchema(f.Fields, p)}
	default:
		return &huma.Schema{Type: huma.TypeString}
	}
}

// restrict adds what the metadata says of a field's values. A duration's
// bounds stay in its help: JSON Schema cannot say them of text.
func restrict(s *huma.Schema, f scout.Field) {
	enum := views(f.Enum, func(v string) any { return v })
	switch f.Type {
	case scout.TypeInteger:
		s.Minimum, s.Maximum = bounds(f, func(n int64) float64 { return float64(n) })
	case scout.TypeStrings, scout.TypeObjects:
		s.MinItems, s.MaxItems = bounds(f, func(n int64) int { return int(n) })
		if len(enum) > 0 {
			s.Items.Enum = enum
		}
	case scout.TypeDuration:
		shortest := len("0s") // the pattern alone accepts nothing at all
		s.MinLength = &shortest
		s.Pattern, s.PatternDescription = durationPattern, "numbers with units, such as 1m30s"
	case scout.TypeTime:
		s.Format = "date-time"
	case scout.TypeURL:
		s.Format = "uri"
		fallthrough
	case scout.TypeString, scout.TypeText:
		s.MinLength, s.MaxLength = bounds(f, func(n int64) int { return int(n) })
		if len(enum) > 0 {
			s.Enum = enum
		}
	}
}

// bounds returns a field's bounds, nil where there is none.
func bounds[N any](f scout.Field, convert func(int64) N) (least, most *N) {
	if f.Min == 0 && f.Max == 0 {
		return nil, nil
	}
	low, high := convert(f.Min), convert(f.Max)
	if f.Max == 0 {
		return &low, nil
	}
	return &low, &high
}

// component puts a schema under a name of its own in the document and returns
// a reference to it. huma does so for structs only.
func component(r huma.Registry, name string, s *huma.Schema) *huma.Schema {
	s.PrecomputeMessages()
	r.Map()[name] = s
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}

// propertiesOf returns the properties of a struct's schema.
func propertiesOf[T any](r huma.Registry) map[string]*huma.Schema {
	return r.Schema(reflect.TypeFor[T](), false, "").Properties
}

// schemaName names a type's schema as users know it: serverView is Server, and
// a page of them ServerPage.
func schemaName(t reflect.Type, hint string) string {
	name := strings.ReplaceAll(huma.DefaultSchemaNamer(t, hint), "View", "")
	if item, ok := strings.CutPrefix(name, "Page"); ok {
		return item + "Page"
	}
	return name
}
