package manage

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

func TestMergePatch(t *testing.T) {
	t.Parallel()
	type m = map[string]any
	tests := map[string]struct{ target, patch, want m }{
		"replace":                    {m{"a": "b"}, m{"a": "c"}, m{"a": "c"}},
		"add":                        {m{"a": "b"}, m{"b": "c"}, m{"a": "b", "b": "c"}},
		"null removes":               {m{"a": "b", "b": "c"}, m{"a": nil}, m{"b": "c"}},
		"null of what is not there":  {m{"a": "b"}, m{"c": nil}, m{"a": "b"}},
		"lists replace":              {m{"a": []any{"b"}}, m{"a": []any{"c"}}, m{"a": []any{"c"}}},
		"inside":                     {m{"a": m{"b": "c", "d": "e"}}, m{"a": m{"b": "f", "d": nil}}, m{"a": m{"b": "f"}}},
		"a group in a value's place": {m{"a": "b"}, m{"a": m{"b": "c", "d": nil}}, m{"a": m{"b": "c"}}},
		"a value in a group's place": {m{"a": m{"b": "c"}}, m{"a": 1}, m{"a": 1}},
		"nulls deep inside are gone": {m{}, m{"a": m{"b": m{"c": nil}}}, m{"a": m{"b": m{}}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			merge7396(test.target, test.patch)
			if d := cmp.Diff(test.want, test.target); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Groups of what is stored are shared with others and stay as they are.
func TestMergePatchCopiesGroups(t *testing.T) {
	t.Parallel()
	inner := map[string]any{"b": "c"}
	target := map[string]any{"a": inner}
	merge7396(target, map[string]any{"a": map[string]any{"b": nil}})
	if inner["b"] != "c" {
		t.Error("the patch reached the stored group")
	}
}

func TestUnmask(t *testing.T) {
	t.Parallel()
	fields := []scout.Field{
		{Name: "key", Type: scout.TypeString, Secret: true},
		{Name: "region", Type: scout.TypeString},
		{Name: "headers", Type: scout.TypeMap, Secret: true},
		{Name: "login", Type: scout.TypeObject, Fields: []scout.Field{{Name: "password", Type: scout.TypeString, Secret: true}}},
	}
	type m = map[string]any
	stored := scout.Settings{"key": "k", "region": "r", "headers": m{"A": "a"}, "login": m{"password": "p"}}
	tests := map[string]struct {
		in     m
		stored scout.Settings
		want   m
	}{
		"masks": {
			m{"key": scout.Masked, "headers": m{"A": scout.Masked}, "login": m{"password": scout.Masked}},
			stored,
			m{"key": "k", "headers": m{"A": "a"}, "login": m{"password": "p"}},
		},
		"new values": {
			m{"key": "new", "headers": m{"A": "new"}, "login": m{"password": "new"}},
			stored,
			m{"key": "new", "headers": m{"A": "new"}, "login": m{"password": "new"}},
		},
		"nothing stored": {
			m{"key": scout.Masked, "headers": m{"B": scout.Masked}, "login": m{"password": scout.Masked}},
			nil,
			m{"key": scout.Masked, "headers": m{"B": scout.Masked}, "login": m{"password": scout.Masked}},
		},
		"no secret":    {m{"region": scout.Masked}, stored, m{"region": scout.Masked}},
		"wrong types":  {m{"key": 1, "headers": "x", "login": []any{}}, stored, m{"key": 1, "headers": "x", "login": []any{}}},
		"nothing said": {m{}, stored, m{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unmask(fields, test.in, test.stored)
			if d := cmp.Diff(test.want, test.in); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestShowTarget(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"":                          "",
		"22":                        "22",
		"192.0.2.1:22":              "192.0.2.1:22",
		"[2001:db8::1]:22":          "[2001:db8::1]:22",
		"example.com:443":           "example.com:443",
		"tcp://example.com:22":      "tcp://example.com:22",
		"https://example.com/a?b=c": "https://example.com/a?b=c",
		"https://ops:hunter2@example.com:8443/a%20b?c=d#e": "https://ops:" + scout.Masked + "@example.com:8443/a%20b?c=d",
		"https://ops:@example.com":                         "https://ops:" + scout.Masked + "@example.com/",
		"https://hunter2@example.com/":                     "https://" + scout.Masked + "@example.com/",
	} {
		if got := showTarget(target); got != want {
			t.Errorf("showTarget(%q): got %q, want %q", target, got, want)
		}
	}
}

// A format that is no more leaves settings that nobody can tell secrets in.
func TestShowWebhookOfUnknownFormat(t *testing.T) {
	t.Parallel()
	w := scout.Webhook{Name: "ops", Format: "fax", Settings: scout.Settings{"pin": "hunter2"}}
	if got := ShowWebhook(w)["pin"]; got != nil {
		t.Errorf("got %v", got)
	}
}

func TestMergeFields(t *testing.T) {
	t.Parallel()
	expect := func(names ...string) scout.Field {
		f := scout.Field{Name: "expect", Type: scout.TypeObject}
		for _, n := range names {
			f.Fields = append(f.Fields, scout.Field{Name: n})
		}
		return f
	}
	first := expect("status")
	fields := merge(merge(nil, first), expect("contains", "status"))
	if d := cmp.Diff([]scout.Field{expect("status", "contains")}, fields); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if len(first.Fields) != 1 {
		t.Error("the kind's own field was changed")
	}
}

func TestHostOf(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://Example.COM/a": "example.com", "https://a:b@example.com:8443": "example.com:8443", "https://exa mple.com/": "", "": "",
	} {
		if got := hostOf(raw); got != want {
			t.Errorf("hostOf(%q): got %q, want %q", raw, got, want)
		}
	}
}
