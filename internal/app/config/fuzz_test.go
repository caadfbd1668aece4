package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzConfig reads any text as a file, with a secret in a variable. It must
// not crash, place every problem within the file, and never repeat the secret.
func FuzzConfig(f *testing.F) {
	for _, pattern := range []string{"testdata/*.yaml", "testdata/faults/*.yaml", "../../../scout.example.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(content))
		}
	}
	f.Add("egress: {proxy: 'http://u:${SECRET}@h', source: [\"${SECRET}\"]}")
	f.Add("a: &a {<<: *a}\n<<: [*a, {b: c}]\n")
	f.Add("\ufeff\"\\u00e9\\\n\": 'x\n\n y'\r\n? |\n k\n: >-\n v\n")
	const secret = "Zq7-Wv9+Xk3"
	env := environment{"SECRET": secret, "OPS_TOKEN": secret, "OPS_SIGNING_SECRET": secret}
	refs := references{dir: f.TempDir(), environ: env.lookup}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // refused before it is parsed
		}
		text = strings.NewReplacer("${file:", "${file;", "ca_files", "ca_flies", "cert_file", "cert_flie", "key_file", "key_flie").Replace(text) // no file of the machine is read
		var c Config
		problems := c.readText(plainText(text), refs)
		placesAreReal(t, text, problems)
		message := newError("f", problems).Error()
		if strings.Contains(message, secret) {
			t.Errorf("the error repeats the secret:\n%s", message)
		}
	})
}

// FuzzExpand checks what holds for every text: without ${ nothing changes, and
// what is escaped comes out as it was.
func FuzzExpand(f *testing.F) {
	for _, seed := range []string{"", "$", "${A}", "$${A}", "a${A}b${", "${}", "$$${A}$$$"} {
		f.Add(seed)
	}
	r := references{dir: f.TempDir(), environ: environment{"A": "v"}.lookup}
	f.Fuzz(func(t *testing.T, text string) {
		if e := r.expand(escape(text)); e.text != text || len(e.faults) > 0 {
			t.Errorf("%q became %+v", escape(text), e)
		}
		if !strings.Contains(text, "${file:") {
			r.expand(text)
		}
	})
}
