package config

import (
	"strings"
	"testing"
	"unicode/utf8"

	"serverscout/internal/scout"
)

func TestExcerpt(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 30)
	tests := map[string]struct {
		line   string
		column int
		want   string
	}{
		"first column":        {"a: b", 1, "  a: b\n  ^"},
		"behind the end":      {"a:", 3, "  a:\n    ^"},
		"far behind the end":  {"a:", 9, "  a:\n    ^"},
		"characters":          {"é: ü", 4, "  é: ü\n     ^"},
		"tabs":                {"\ta:\tb", 5, "  \ta:\tb\n  \t  \t^"},
		"control characters":  {"a\x1b[1m\u202e: b", 8, "  a�[1m�: b\n         ^"},
		"a long line":         {long, 1, "  " + long[:120] + "…\n  ^"},
		"far on a long line":  {long, 201, "  …" + long[140:260] + "…\n  " + strings.Repeat(" ", 61) + "^"},
		"end of a long line":  {long, 300, "  …" + long[239:] + "\n  " + strings.Repeat(" ", 61) + "^"},
		"nothing on the line": {"", 1, "  \n  ^"},
	}
	for name, tt := range tests {
		if got := excerpt(tt.line, tt.column); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

func TestProblemsAreSorted(t *testing.T) {
	t.Parallel()
	e := newError("f", []Problem{{Line: 2, Column: 1, Message: "d"}, {Line: 1, Column: 9, Message: "c"}, {Line: 1, Column: 2, Message: "b"}, {Path: "SCOUT_DATA", Message: "a"}})
	const want = "SCOUT_DATA: a\nf:1:2: b\nf:1:9: c\nf:2:1: d"
	if got := e.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestSecretsInTheFileAreNotShown has a fault beside each kind of secret.
func TestSecretsInTheFileAreNotShown(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	tests := map[string]string{
		"a bad secret":             "webhooks: [{name: a, url: 'https://a/', secret: hunter2}]",
		"beside it":                "webhooks: [{name: a, secret: hunter2, format: x, url: 'https://a/'}]",
		"a url":                    "webhooks: [{name: a, url: 'https://a:b/hunter2', format: x}]",
		"a header":                 "webhooks: [{name: a, url: 'https://a/', headers: {a b: hunter2}}]",
		"a header's list":          "webhooks: [{name: a, url: 'https://a/', headers: {a: [hunter2]}}]",
		"headers of another type":  "webhooks: [{name: a, url: 'https://a/', headers: hunter2}]",
		"a misspelt key":           "webhooks: [{name: a, url: 'https://a/', sekret: hunter2}]",
		"below a misspelt key":     "webhooks: [{name: a, url: 'https://a/', header: {a: hunter2, b: '${NONE}'}}]",
		"a misspelt top-level key": "webhoks: [{secret: hunter2}]",
		"a secret of two lines":    "webhooks:\n  - {name: a, url: 'https://a/', secret: \"x\n      hunter2\", format: x}",
		"a block":                  "webhooks:\n  - name: a\n    url: https://a/\n    secret: |\n      hunter2\n",
		"a key given twice":        "webhooks:\n  - {name: a, url: 'https://a/', secret: hunter2, secret: hunter2}",
		"a literal part":           "webhooks: [{name: a, url: 'https://a/', secret: 'hunter2${NONE}'}]",
		"an unfinished reference":  "webhooks: [{name: a, url: 'https://a/', secret: 'x${hunter2'}]",
		"an odd reference":         "webhooks: [{name: a, url: 'https://a/', secret: 'x${hunter2!}'}]",
		"a token":                  "servers: [{name: a, checks: [{kind: heartbeat, token: hunter2}]}]",
		"a token as a number":      "servers: [{name: a, checks: [{kind: heartbeat, token: hunter2, period: 1}]}]",
		"a target":                 "servers: [{name: a, checks: [{kind: http, target: 'ftp://hunter2@a/'}]}]",
		"a bad alias":              "servers: [{name: &a hunter2}]\nwebhooks: [{name: a, url: 'https://a/', secret: *a}]",
		"syntax":                   "webhooks:\n  - secret: hunter2: x\n",
		"syntax within brackets":   "webhooks: [{secret: hunter2, headers: [}]",
		"a quote":                  "webhooks:\n  - secret: 'hunter2\n",
		"syntax behind a value":    "webhooks:\n  - secret: \"hunter2\" x\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := check(t, text, nil)
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestMessagesWithoutIncluded covers words that packages may find for a value
// that was substituted.
func TestMessagesWithoutIncluded(t *testing.T) {
	t.Parallel()
	const general = "is not valid here; more would repeat a value that was substituted, which may be a secret"
	tests := map[string]struct{ value, message, want string }{
		"quoted":           {"hunter2", `"hunter2" is odd`, scout.Masked + " is odd"},
		"short and quoted": {"h2", `"h2" is not h2o`, scout.Masked + " is not h2o"},
		"escaped":          {"a\"b\\c", `"x a\"b\\c" is odd`, `"x ` + scout.Masked + `" is odd`},
		"plain":            {"hunter2", "hunter2 is odd", scout.Masked + " is odd"},
		"shortened":        {strings.Repeat("hunter2 ", 20), `"` + scout.Shorten(strings.Repeat("hunter2 ", 20), 80) + `" is odd`, scout.Masked + " is odd"},
		"a piece":          {"https://hunter2.example/", "hunter2.example is odd", general},
		"a word by chance": {"interval", "must not be longer than the timeout", "must not be longer than the timeout"},
		"empty":            {"", `"" is odd`, `"" is odd`},
	}
	for name, tt := range tests {
		d := newWalker(references{}, 0).doc
		d.include("servers[0].checks[1].target", tt.value)
		if got := d.withoutIncluded(scout.FieldError{Field: "servers[0].name", Message: tt.message}); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

// TestIncludedValuesOfOthersStay: a value that one server's fault may not
// repeat can be an ordinary word in another's.
func TestIncludedValuesOfOthersStay(t *testing.T) {
	t.Parallel()
	p := problemsOf(t, "servers: [{name: \"${A}\"}, {name: b, ip: 192.0.2.1, checks: [{kind: http, interval: noon}]}]", environment{"A": "noon"})
	if len(p) != 1 || !strings.HasPrefix(p[0].Message, `"noon" is not a duration`) {
		t.Errorf("got %+v", p)
	}
}

// TestDerivedValuesAreNotShown: the default target is built from a server's ip
// that was substituted, and is judged by another package.
func TestDerivedValuesAreNotShown(t *testing.T) {
	t.Parallel()
	_, err := check(t, "servers: [{name: a, ip: \"${A}\", checks: [{kind: http}]}]", environment{"A": "hunter2!hunter2"})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestPlacesStayWithinTheFile(t *testing.T) {
	t.Parallel()
	lines := []string{"ab", "é"}
	for in, want := range map[place]place{
		{}: {}, {0, 1}: {1, 1}, {1, 9}: {1, 3}, {2, 9}: {2, 2}, {9, -1}: {2, 1},
	} {
		if got := in.within(lines); got != want {
			t.Errorf("%v: got %v, want %v", in, got, want)
		}
	}
}

// placesAreReal fails for a problem that does not stand in the text.
func placesAreReal(t *testing.T, text string, problems []Problem) {
	t.Helper()
	lines := strings.Split(plainText(text), "\n")
	for _, p := range problems {
		if p.Line == 0 && p.Path != "" && p.Excerpt == "" {
			continue // a flag, a variable, or the data folder
		}
		if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > utf8.RuneCountInString(lines[p.Line-1])+1 || p.Excerpt == "" {
			t.Errorf("%+v stands outside of %q", p, text)
		}
	}
}
