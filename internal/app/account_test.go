package app

import (
	"bytes"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"serverscout/internal/app/config"
	"serverscout/internal/scout"
)

// started starts Server Scout on a data folder and returns what it says first.
func started(t *testing.T, data, publicURL string) (*App, string) {
	t.Helper()
	environ := func(string) (string, bool) { return "", false }
	c, err := config.Load(config.Flags{Data: data, Listen: "127.0.0.1:0"}, environ)
	if err != nil {
		t.Fatal(err)
	}
	c.PublicURL = publicURL
	a, err := Start(t.Context(), c, Options{Version: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	welcome(&out, a, "test")
	return a, out.String()
}

var printedCode = regexp.MustCompile(`open (\S+) and make the first one with this code: (\S+)\n`)

// The code is printed while nobody can sign in, is a new one each time, and is
// that which is asked for.
func TestWelcomePrintsTheSetupCode(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	seen := map[string]bool{}
	for _, publicURL := range []string{"", "https://scout.example.com"} {
		a, said := started(t, data, publicURL)
		found := printedCode.FindStringSubmatch(said)
		if found == nil {
			t.Fatalf("it says\n%s", said)
		}
		if want := publicURL; found[1] != want && (want != "" || found[1] != a.URL()) {
			t.Errorf("the address is %s", found[1])
		}
		if err := a.setup.Check(found[2], time.Now()); err != nil || seen[found[2]] {
			t.Errorf("the code %s: %v, seen before = %t", found[2], err, seen[found[2]])
		}
		seen[found[2]] = true
		if err := a.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	c := config.Config{Data: data}
	r := AccountReset{Name: "ada", Password: scout.NewSecret("correct horse battery"), Create: true}
	if err := ResetAccount(t.Context(), io.Discard, io.Discard, c, r); err != nil {
		t.Fatal(err)
	}
	a, said := started(t, data, "")
	if a.setup != nil || strings.Contains(said, "code") {
		t.Errorf("with an account it says\n%s", said)
	}
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
}
