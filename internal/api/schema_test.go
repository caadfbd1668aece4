package api

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

func TestFieldSchema(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		field   scout.Field
		purpose purpose
		want    string
	}{
		{
			"text",
			scout.Field{Type: scout.TypeString, Min: 1, Max: 9, Help: "A word.", Example: "ok", Default: "no"},
			toCreate,
			`{"type":"string","description":"A word.","default":"no","examples":["ok"],"minLength":1,"maxLength":9}`,
		},
		{
			"a secret URL",
			scout.Field{Type: scout.TypeURL, Secret: true},
			toCreate,
			`{"type":"string","format":"uri","writeOnly":true}`,
		},
		{
			"a number",
			scout.Field{Type: scout.TypeInteger, Max: 9, Default: int64(3)},
			toCreate,
			`{"type":"integer","format":"int64","default":3,"minimum":0,"maximum":9}`,
		},
		{
			"a choice",
			scout.Field{Type: scout.TypeString, Enum: []string{"a", "b"}},
			toCreate,
			`{"type":"string","enum":["a","b"]}`,
		},
		{
			"a choice in a patch",
			scout.Field{Type: scout.TypeString, Enum: []string{"a", "b"}},
			toChange,
			`{"type":["string","null"],"enum":["a","b",null]}`,
		},
		{
			"a default in a patch",
			scout.Field{Type: scout.TypeBoolean, Default: true},
			toChange,
			`{"type":["boolean","null"]}`,
		},
		{
			"a time",
			scout.Field{Type: scout.TypeTime},
			toCreate,
			`{"type":"string","format":"date-time"}`,
		},
		{
			"choices",
			scout.Field{Type: scout.TypeStrings, Min: 1, Enum: []string{"a"}},
			toCreate,
			`{"type":"array","items":{"type":"string","enum":["a"]},"minItems":1}`,
		},
		{
			"names and values",
			scout.Field{Type: scout.TypeMap, Secret: true},
			toCreate,
			`{"type":"object","additionalProperties":{"type":"string"},"writeOnly":true}`,
		},
		{
			"a group",
			scout.Field{Type: scout.TypeObject, Fields: []scout.Field{{Name: "on", Type: scout.TypeBoolean, Required: true}}},
			toCreate,
			`{"type":"object","additionalProperties":false,"properties":{"on":{"type":"boolean"}},"required":["on"]}`,
		},
		{
			"groups",
			scout.Field{Type: scout.TypeObjects, Min: 1, Max: 9, Fields: []scout.Field{{Name: "on", Type: scout.TypeBoolean, Required: true}}},
			toCreate,
			`{"type":"array","minItems":1,"maxItems":9,"items":{"type":"object","additionalProperties":false,"properties":{"on":{"type":"boolean"}},"required":["on"]}}`,
		},
		{
			"a secret shown",
			scout.Field{Type: scout.TypeString, Secret: true, Min: 16, Required: true},
			toShow,
			`{"type":"string"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, err := json.Marshal(fieldSchema(tt.field, tt.purpose))
			noErr(t, err)
			var got, want any
			noErr(t, json.Unmarshal(text, &got))
			noErr(t, json.Unmarshal([]byte(tt.want), &want))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("schema (-want +got):\n%s", diff)
			}
		})
	}
}

// The document's pattern and the program must agree on what a duration is.
func TestDurationPattern(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile(durationPattern)
	for _, text := range []string{"1m30s", "7d", "1d12h", "1.5h", "500ms", "0s", "x", "5", "1h1d", "-1s", "1 s"} {
		_, err := scout.ParseDuration(text)
		if matches := pattern.MatchString(text); matches != (err == nil) {
			t.Errorf("%q: the pattern says %t, the program says %v", text, matches, err)
		}
	}
}
