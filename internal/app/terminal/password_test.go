package terminal

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"serverscout/internal/scout"
)

// fileOf is a file with a text in it.
func fileOf(t *testing.T, text string) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func TestPasswordFromStandardInput(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":               "",
		"secret":         "secret",
		"secret\n":       "secret",
		"secret\r\n":     "secret",
		" sec ret \n\n":  " sec ret \n",
		"\n":             "",
		"two\nlines\n":   "two\nlines",
		"\x00\xff":       "\x00\xff",
		"secret\r":       "secret",
		"ends in \\n":    "ends in \\n",
		"\u00e4\u00f6\n": "\u00e4\u00f6",
	} {
		screen, out := paper()
		got, err := PasswordSource{In: fileOf(t, text), Stdin: true}.Read(t.Context(), screen)
		if err != nil || got.Reveal() != want || out.Len() > 0 {
			t.Errorf("%q is read as %q, %v; printed is %q", text, got.Reveal(), err, out)
		}
	}
	screen, _ := paper()
	huge, err := PasswordSource{In: fileOf(t, strings.Repeat("x", 1<<20)), Stdin: true}.Read(t.Context(), screen)
	if err != nil || len(huge.Reveal()) != longestInput {
		t.Errorf("of a huge one %d bytes are read, %v", len(huge.Reveal()), err)
	}
}

func TestGeneratedPasswords(t *testing.T) {
	t.Parallel()
	seen := map[scout.Secret]bool{}
	for range 10 {
		screen, out := paper()
		got, err := PasswordSource{Generate: true}.Read(t.Context(), screen)
		if err != nil || len(got.Reveal()) < 20 || seen[got] || out.Len() > 0 {
			t.Errorf("generated is %q, %v; printed is %q", got.Reveal(), err, out)
		}
		seen[got] = true
	}
}

func TestNobodyToAskForAPassword(t *testing.T) {
	t.Parallel()
	screen, out := paper()
	_, err := PasswordSource{In: fileOf(t, "secret\n")}.Read(context.Background(), screen)
	if !scout.HasCode(err, scout.Invalid) || !strings.Contains(err.Error(), "--password-stdin") || out.Len() > 0 {
		t.Errorf("the error is %v, printed is %q", err, out)
	}
}
