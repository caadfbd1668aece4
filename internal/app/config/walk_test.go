package config

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parsed returns the plain values of a text that has no fault.
func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	doc, fatal := parse(text, references{environ: environment{}.lookup})
	if fatal != nil {
		t.Fatalf("%+v", *fatal)
	}
	if len(doc.faults) > 0 {
		t.Fatalf("%+v", doc.faults)
	}
	return doc.root
}

func TestPlainValues(t *testing.T) {
	t.Parallel()
	group := func(pairs ...any) map[string]any {
		m := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1]
		}
		return m
	}
	tests := map[string]struct {
		text string
		want map[string]any
	}{
		"empty":             {"", nil},
		"comments only":     {"# nothing\n", nil},
		"an empty document": {"---\n...\n", nil},
		"null":              {"null", nil},
		"an empty group":    {"{}", group()},
		"a version":         {"%YAML 1.2\n---\na: 1\n", group("a", int64(1))},
		"numbers":           {"{a: 1, b: -2, c: 0x1f, d: 1.5, e: 18446744073709551615}", group("a", int64(1), "b", int64(-2), "c", int64(31), "d", 1.5, "e", uint64(math.MaxUint64))},
		"infinity":          {"a: .inf", group("a", math.Inf(1))},
		"words":             {"{a: true, b: ~, c: yes, d: 60s, e: 2024-01-15, f: 1:30}", group("a", true, "b", nil, "c", "yes", "d", "60s", "e", "2024-01-15", "f", "1:30")},
		"keys":              {"{1: a, true: b, \"c\": c, ? d : d}", group("1", "a", "true", "b", "c", "c", "d", "d")},
		"quotes":            {"a: 'it''s'\nb: \"\\u00e9\\n\"", group("a", "it's", "b", "é\n")},
		"lines":             {"a: |\n  x\n   y\nb: >-\n  x\n  y\n", group("a", "x\n y\n", "b", "x y")},
		"JSON":              {"{\"a\": [1, {\"b\": null}], \"c\": \"\\u00e9\"}", group("a", []any{int64(1), group("b", nil)}, "c", "é")},
		"a tag for text":    {"a: !!str 404\nb: !!str true\nc: !!str x", group("a", "404", "b", "true", "c", "x")},
		"an anchored key":   {"&k a: 1", group("a", int64(1))},
		"aliases":           {"a: &x [1]\nb: *x\nc: {d: *x}", group("a", []any{int64(1)}, "b", []any{int64(1)}, "c", group("d", []any{int64(1)}))},
		"anchors in aliases keep the value of their time": {
			"a: &x {p: &y 1}\nb: &y 2\nc: *x\nd: *y\n",
			group("a", group("p", int64(1)), "b", int64(2), "c", group("p", int64(1)), "d", int64(2)),
		},
		"aliases in aliases keep the value of their time": {
			"a: &y 1\nb: &x {p: *y}\nc: &y 2\nd: *x\n",
			group("a", int64(1), "b", group("p", int64(1)), "c", int64(2), "d", group("p", int64(1))),
		},
		"merge": {
			"a: &x {p: 1, q: 2}\nb:\n  q: 3\n  <<: *x\n  r: 4\n",
			group("a", group("p", int64(1), "q", int64(2)), "b", group("p", int64(1), "q", int64(3), "r", int64(4))),
		},
		"merge before its key": {"a: &x {p: 1}\nb: {<<: *x, p: 2}", group("a", group("p", int64(1)), "b", group("p", int64(2)))},
		"merge a list, the earlier first": {
			"a: &x {p: 1}\nb: {<<: [*x, {p: 2, q: 3}]}",
			group("a", group("p", int64(1)), "b", group("p", int64(1), "q", int64(3))),
		},
		"merge of a merge": {
			"a: &x {p: 1, q: 1}\nb: &y {<<: *x, p: 2}\nc: {<<: *y, r: 3}",
			group("a", group("p", int64(1), "q", int64(1)), "b", group("p", int64(2), "q", int64(1)), "c", group("p", int64(2), "q", int64(1), "r", int64(3))),
		},
		"merge in quotes is a key": {"{\"<<\": 1}", group("<<", int64(1))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, parsed(t, tt.text)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	var laughs strings.Builder
	laughs.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 9 {
		alias := fmt.Sprintf("*a%d", i)
		fmt.Fprintf(&laughs, "a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(alias+", ", 10), ", "))
	}
	var merges strings.Builder
	merges.WriteString("a0: &a0 {k: 1}\n")
	for i := range 9 {
		alias := fmt.Sprintf("*a%d", i)
		fmt.Fprintf(&merges, "a%d: &a%d {<<: [%s]}\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(alias+", ", 10), ", "))
	}
	var stairs strings.Builder
	for i := range 101 {
		stairs.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	var steps strings.Builder
	steps.WriteString("a0: &a0 [x]\n")
	for i := range 100 {
		fmt.Fprintf(&steps, "a%d: &a%d [*a%d]\n", i+1, i+1, i)
	}
	const limit = 10_000
	const tooMany, tooDeep = "aliases repeat more than 10000 values", "is nested more than 100 levels deep"
	tests := map[string]struct{ text, want string }{
		"aliases of aliases":   {laughs.String(), tooMany},
		"merges of merges":     {merges.String(), tooMany},
		"deep aliases":         {steps.String(), tooDeep},
		"indentation":          {stairs.String(), tooDeep},
		"brackets":             {strings.Repeat("[", 100_000), tooDeep},
		"braces":               {strings.Repeat("{a: ", 100_000), tooDeep},
		"dashes":               {strings.Repeat("- ", 100_000), tooDeep},
		"dashes between lists": {strings.Repeat("[", 60) + strings.Repeat("- ", 60), tooDeep},
		"tags":                 {strings.Repeat("!a\n", 100_000), tooDeep},
		"question marks":       {strings.Repeat("- ? ", 100_000), tooDeep},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, fatal := bodyOf(tt.text)
			if fatal == nil {
				_, fatal = newWalker(references{}, limit).walk(body)
			}
			if fatal == nil || fatal.message != tt.want {
				t.Errorf("got %+v, want %q", fatal, tt.want)
			}
		})
	}
}

// TestLongFilesAreNoBombs reads more values than aliases may repeat.
func TestLongFilesAreNoBombs(t *testing.T) {
	t.Parallel()
	body, fatal := bodyOf("a:\n" + strings.Repeat("  - x\n", 1000))
	if fatal != nil {
		t.Fatalf("%+v", *fatal)
	}
	if _, fatal = newWalker(references{}, 100).walk(body); fatal != nil {
		t.Errorf("%+v", *fatal)
	}
}

func TestDeepButWithinBounds(t *testing.T) {
	t.Parallel()
	parsed(t, "a: "+strings.Repeat("[", 98)+strings.Repeat("]", 98))
	parsed(t, "a:\n  "+strings.Repeat("- ", 97)+"x\n")
	parsed(t, "a:\n"+strings.Repeat("  - []\n", 1000))
}

func TestAliasesReadOnce(t *testing.T) {
	t.Parallel()
	reads := 0
	environ := func(string) (string, bool) { reads++; return "v", true }
	doc, fatal := parse("a: &x [\"${A}\"]\nb: [*x, *x, *x]", references{environ: environ})
	if fatal != nil || len(doc.faults) > 0 || reads != 1 {
		t.Errorf("read %d times: %+v", reads, fatal)
	}
}

// TestFaultInAliasIsReportedOnce has one faulty value stand in four places.
func TestFaultInAliasIsReportedOnce(t *testing.T) {
	t.Parallel()
	problems := problemsOf(t, `
servers:
  - &s {name: "${MISSING}", ip: 192.0.2.1, ip: 192.0.2.2}
  - *s
  - <<: *s
`, nil)
	if len(problems) != 2 {
		t.Errorf("got %+v, want the missing variable and the key given twice", problems)
	}
}
