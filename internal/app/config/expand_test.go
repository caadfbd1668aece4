package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestExpand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"token":  "s3cret\r\n\n",
		"lines":  "one\ntwo\n",
		"tricky": "${TOKEN}: [",
		"full":   strings.Repeat("x", maxIncluded),
		"longer": strings.Repeat("x", maxIncluded+1),
		"binary": "\xff\xfe",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := references{dir: dir, environ: environment{"TOKEN": "abc", "EMPTY": "", "NESTED": "${TOKEN}", "RAW": "\xff"}.lookup}
	tests := []struct{ in, want, fault string }{
		{"", "", ""},
		{"plain", "plain", ""},
		{"${TOKEN}", "abc", ""},
		{"Bearer ${TOKEN}, ${TOKEN}", "Bearer abc, abc", ""},
		{"[${EMPTY}]", "[]", ""},
		{"${NESTED}", "${TOKEN}", ""},
		{"$5 $TOKEN $$ $", "$5 $TOKEN $$ $", ""},
		{"$${TOKEN}", "${TOKEN}", ""},
		{"$$${TOKEN}", "$${TOKEN}", ""},
		{"${TOKEN}$${", "abc${", ""},
		{"{TOKEN}}", "{TOKEN}}", ""},
		{"${file:token}", "s3cret", ""},
		{"${file:" + filepath.Join(dir, "lines") + "}", "one\ntwo", ""},
		{"${file:tricky}", "${TOKEN}: [", ""},
		{"${file:full}", strings.Repeat("x", maxIncluded), ""},
		{"${file:longer}", "", `the file "longer" is longer than 64 KiB`},
		{"${file:binary}", "", `the file "binary" is not valid UTF-8`},
		{"${file:.}", "", `the file "." cannot be read: is a directory`},
		{"${file:none}", "", `the file "none" cannot be read: no such file or directory`},
		{"${file:}", "", "${file:} names no file: write ${file:/path}"},
		{"${MISSING}", "", "the environment variable MISSING is not set"},
		{"${RAW}", "", "the environment variable RAW is not valid UTF-8"},
		{"${TOKEN", "", "has a ${ without a } after it: close it, or write $${ for the characters ${"},
		{"${}", "", "has a ${…} that names no variable: write ${NAME} or ${file:/path}, or $${ for the characters ${"},
		{"${TOKEN:-x}", "", "has a ${…} that names no variable: write ${NAME} or ${file:/path}, or $${ for the characters ${"},
	}
	for _, tt := range tests {
		e := r.expand(tt.in)
		if got := strings.Join(e.faults, "; "); got != tt.fault {
			t.Errorf("%q: got fault %q, want %q", tt.in, got, tt.fault)
		}
		if tt.fault == "" && e.text != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, e.text, tt.want)
		}
	}
}

func TestExpandReportsEveryFault(t *testing.T) {
	t.Parallel()
	e := references{environ: environment{}.lookup}.expand("${A} and ${B} and ${")
	if len(e.faults) != 3 {
		t.Errorf("got %q", e.faults)
	}
}

// literals draws texts that are made of what substitution looks at.
func literals() *rapid.Generator[string] {
	parts := rapid.SliceOf(rapid.SampledFrom([]string{"$", "{", "}", "${", "$${", "${A}", "${file:", "é", "a", " "}))
	return rapid.Map(parts, func(parts []string) string { return strings.Join(parts, "") })
}

func escape(s string) string { return strings.ReplaceAll(s, "${", "$${") }

func TestEscapedTextIsLiteral(t *testing.T) {
	t.Parallel()
	r := references{environ: environment{"A": "no"}.lookup}
	rapid.Check(t, func(t *rapid.T) {
		want := literals().Draw(t, "text")
		if e := r.expand(escape(want)); e.text != want || len(e.faults)+len(e.values) > 0 {
			t.Fatalf("%q became %+v", escape(want), e)
		}
	})
}

func TestReferencesAreReplacedOnceEach(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := literals().Draw(t, "value")
		r := references{environ: environment{"V": value}.lookup}
		var in, want strings.Builder
		var values []string
		for range rapid.IntRange(0, 5).Draw(t, "references") {
			// A $ right before a reference would escape it.
			text := strings.TrimRight(literals().Draw(t, "text"), "$")
			in.WriteString(escape(text) + "${V}")
			want.WriteString(text + value)
			values = append(values, value)
		}
		e := r.expand(in.String())
		if e.text != want.String() || len(e.faults) > 0 {
			t.Fatalf("%q became %+v, want %q", in.String(), e, want.String())
		}
		if diff := cmp.Diff(values, e.values); diff != "" {
			t.Fatalf("values: -want +got:\n%s", diff)
		}
	})
}

func TestIncludedFilesAreRelativeToTheFile(t *testing.T) {
	t.Parallel()
	path := write(t, "servers: [{name: \"${file:secrets/name}\"}]")
	secret := filepath.Join(filepath.Dir(path), "secrets", "name")
	if err := os.Mkdir(filepath.Dir(secret), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(secret, []byte("web\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Check(path, environment{"HOME": "/home/ada"}.lookup)
	if err != nil || c.Declared.Servers[0].Server.Name != "web" {
		t.Errorf("got %+v, %v", c.Declared, err)
	}
}

// TestSubstitutionCannotChangeTheStructure puts YAML syntax into a variable.
func TestSubstitutionCannotChangeTheStructure(t *testing.T) {
	t.Parallel()
	const value = "a\", tags: [x] }\n- name: b # ${A}"
	c := mustCheck(t, "webhooks:\n  - name: ops\n    url: https://hooks.example.com/\n    match: {tags: [\"${V}\", \"${V}\"]}\n", environment{"V": value})
	if diff := cmp.Diff([]string{value, value}, c.Declared.Webhooks[0].Match.Tags); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
