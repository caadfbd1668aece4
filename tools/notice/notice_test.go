package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeModule lays out files, named by their path in it, as a module's folder.
func writeModule(t *testing.T, files map[string]string) module {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return module{Path: "example.com/m", Version: "v1.2.3", Dir: dir}
}

func TestDescribeReadsWhatHoldsForLinkedPackages(t *testing.T) {
	t.Parallel()
	m := writeModule(t, map[string]string{
		"LICENSE":             apacheText,
		"NOTICE":              "Made by M.\n",
		"licence.go":          "package m",
		"inner/COPYING":       mitText,
		"inner/deep/deep.go":  "package deep",
		"elsewhere/LICENSE":   "All rights reserved.",
		"elsewhere/lonely.go": "package elsewhere",
	})
	c, err := describe(m, []string{filepath.Join(m.Dir, "inner", "deep")})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.licences) != 2 || c.licences[0].name != "Apache-2.0" || c.licences[1].name != "MIT" {
		t.Errorf("licences = %+v, want Apache-2.0 of the root, then MIT of inner", c.licences)
	}
	if c.notice != "Made by M." {
		t.Errorf("notice = %q", c.notice)
	}
}

func TestDescribeFails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"no licence":      {map[string]string{"m.go": "package m"}, "example.com/m has no licence file"},
		"unknown licence": {map[string]string{"LICENSE": "Ask first."}, "LICENSE: " + errUnknown.Error()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := writeModule(t, tt.files)
			_, err := describe(m, []string{m.Dir})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("describe: %v, want %q", err, tt.want)
			}
		})
	}
}

func TestRenderPrintsEachTextOnce(t *testing.T) {
	t.Parallel()
	got := render([]component{
		{name: "example.com/a v1.0.0", licences: []licence{{name: "MIT", copyright: []string{"Copyright 2001 A"}, terms: "the\nterms"}}},
		{name: "example.com/b v1.0.0", licences: []licence{{name: "MIT", terms: "the terms"}}},
		{name: "example.com/c v1.0.0", licences: []licence{{name: "Apache-2.0"}}, notice: "Made by C.\n\nWith care."},
	})
	want := header + "\n" + strings.Join([]string{
		ruler, "", "example.com/a v1.0.0", "  MIT (text 1)", "  Copyright 2001 A", "",
		ruler, "", "example.com/b v1.0.0", "  MIT (text 1)", "",
		ruler, "", "example.com/c v1.0.0", "  Apache-2.0 (see LICENSE)", "",
		"  Its NOTICE:", "    Made by C.", "", "    With care.", "",
		ruler, "", "Text 1", "", "the", "terms", "",
	}, "\n")
	if got != want {
		t.Errorf("render gave\n%s\nwant\n%s", got, want)
	}
}

func TestRunWritesNothingUnlessAllSucceeds(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "NOTICE")
	if err := run([]string{"-o", file, "./no-such-package"}); err == nil {
		t.Error("run accepted a package that does not exist")
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("a failed run left a file: %v", err)
	}
	if err := run([]string{"-o", file, "."}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// This program links nothing but Go itself.
	for _, want := range []string{"Go standard library and runtime\n  BSD-3-Clause (text 1)\n", "Copyright 2009 The Go Authors."} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the file lacks %q:\n%s", want, text)
		}
	}
}
