package webhooks

import (
	"reflect"
	"testing"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// TestFieldOfEveryType draws a field of each type, and reads back what it shows.
func TestFieldOfEveryType(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		field scout.Field
		value any    // in its JSON form
		text  string // in the form
		kind  string // of the input
		first string // label of the first choice; "" for no choices
	}{
		"text":           {scout.Field{Type: scout.TypeString}, "a", "a", "", ""},
		"several lines":  {scout.Field{Type: scout.TypeText}, "a\nb", "a\nb", "area", ""},
		"address":        {scout.Field{Type: scout.TypeURL}, "https://example.com/", "https://example.com/", "url", ""},
		"number":         {scout.Field{Type: scout.TypeInteger}, int64(42), "42", "number", ""},
		"duration":       {scout.Field{Type: scout.TypeDuration}, "30s", "30s", "", ""},
		"list":           {scout.Field{Type: scout.TypeStrings, Enum: []string{"a", "b"}}, []string{"a", "b"}, "a\nb", "area", ""},
		"yes or no":      {scout.Field{Type: scout.TypeBoolean}, true, "true", "", "Default"},
		"yes by default": {scout.Field{Type: scout.TypeBoolean, Default: true}, false, "false", "", "Default: true"},
		"choice":         {scout.Field{Type: scout.TypeString, Enum: []string{"low", "high"}, Default: "low"}, "high", "high", "", "Default: low"},
		"nothing":        {scout.Field{Type: scout.TypeInteger}, nil, "", "number", ""},
		"no list":        {scout.Field{Type: scout.TypeStrings}, nil, "", "area", ""},
	} {
		tt.field.Name = "some_key"
		in := inputOf(tt.field, draft{Settings: map[string]string{"some_key": textOf(tt.value)}}, ui.Faults{"some_key": "is wrong"})
		first := ""
		if len(in.Choices) > 0 {
			first = in.Choices[0].Label
		}
		if in.Value != tt.text || in.Type != tt.kind || first != tt.first || in.Label != "Some key" || in.Error != "is wrong" {
			t.Errorf("%s: the input is %+v", name, in)
		}
		if got := valueOf(tt.field, tt.text); !reflect.DeepEqual(got, tt.value) {
			t.Errorf("%s: read back is %#v, want %#v", name, got, tt.value)
		}
	}
}

// TestTextOfStoredValues reads the forms that values have when they come out of
// a database.
func TestTextOfStoredValues(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]any{"42": float64(42), "a\nb": []any{"a", "b"}, `{"a":"b"}`: map[string]any{"a": "b"}} {
		if got := textOf(v); got != want {
			t.Errorf("%#v is %q, want %q", v, got, want)
		}
	}
}

func TestExamplesOfSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	f := scout.Field{Name: "token", Type: scout.TypeString, Help: "The token.", Example: "tk_0"}
	if in := inputOf(f, draft{}, nil); in.Help != "The token. Such as tk_0." {
		t.Errorf("the help is %q", in.Help)
	}
	f.Secret = true
	if in := inputOf(f, draft{}, nil); in.Help != "The token." {
		t.Errorf("the help is %q", in.Help)
	}
}

// TestGroupsAreLeftAlone draws no input for what a form cannot hold, and does
// not take it away.
func TestGroupsAreLeftAlone(t *testing.T) {
	t.Parallel()
	format := scout.FormatMeta{Fields: []scout.Field{{Name: "labels", Type: scout.TypeMap}, {Name: "auth", Type: scout.TypeObject}, {Name: "channel", Type: scout.TypeString}}}
	if list := drawn(format); len(list) != 1 || list[0].Name != "channel" {
		t.Errorf("drawn are %+v", list)
	}
	stored := scout.Webhook{ID: 1, Settings: scout.Settings{"labels": map[string]any{"a": "b"}, "channel": "x", "other": "y"}}
	keys := draft{}.keys(format, stored)
	if _, touched := keys["labels"]; touched {
		t.Error("the group is taken away")
	}
	for _, gone := range []string{"channel", "other"} {
		if v, there := keys[gone]; !there || v != nil {
			t.Errorf("%s is %v", gone, v)
		}
	}
}

func TestConditionOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)
	failing := scout.WebhookHealth{FailStreak: 2, FailingFrom: now, LastError: "no route"}
	for name, tt := range map[string]struct {
		webhook scout.Webhook
		used    bool
		want    condition
	}{
		"well":     {scout.Webhook{}, true, condition{State: ui.Up, Word: "Well"}},
		"unused":   {scout.Webhook{}, false, condition{State: ui.Unknown, Word: "Not used yet"}},
		"failing":  {scout.Webhook{Health: failing}, true, condition{ui.Down, "Failing", now, "No route"}},
		"on hold":  {scout.Webhook{Health: scout.WebhookHealth{HoldUntil: now.Add(1)}}, true, condition{State: ui.Warning, Word: "On hold", Says: "The receiver asked to be sent nothing for a while."}},
		"held":     {scout.Webhook{Health: scout.WebhookHealth{HoldUntil: now}}, true, condition{State: ui.Up, Word: "Well"}},
		"paused":   {scout.Webhook{Paused: true, Health: failing}, true, condition{State: ui.Paused, Word: "Paused", Says: "Alerts are held back until it is resumed."}},
		"disabled": {scout.Webhook{Paused: true, DisabledAt: now, DisabledWhy: "gone"}, true, condition{ui.Down, "Disabled", now, "Gone"}},
	} {
		if got := conditionOf(tt.webhook, tt.used, now); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}
