package scout_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"serverscout/internal/scout"
)

// fakeCurl is a program of that name that writes its arguments to a file, each
// ended by a zero byte. Environ makes a shell find it, and secrets.
type fakeCurl struct{ dir string }

func newFakeCurl(t *testing.T) fakeCurl {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\nfor a in \"$@\"; do printf '%s\\0' \"$a\"; done >\"$CURL_ARGUMENTS\"\n"
	if err := os.WriteFile(filepath.Join(dir, "curl"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return fakeCurl{dir}
}

// run has a shell run a command and returns the arguments that curl got.
func (f fakeCurl) run(t interface{ Fatalf(string, ...any) }, command string, secrets []string) []string {
	out := filepath.Join(f.dir, "arguments")
	cmd := exec.Command("sh", "-c", command)
	cmd.Env = []string{"PATH=" + f.dir + ":" + os.Getenv("PATH"), "CURL_ARGUMENTS=" + out}
	for i, secret := range secrets {
		cmd.Env = append(cmd.Env, "SECRET_"+strconv.Itoa(i+1)+"="+secret)
	}
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("sh: %v\n%s\n%s", err, text, command)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
}

// TestCurlArrives has a shell run what curl prints, for requests of any text:
// the program gets exactly the recorded request, with the secrets in place.
func TestCurlArrives(t *testing.T) {
	t.Parallel()
	fake := newFakeCurl(t)
	text := rapid.StringOf(rapid.OneOf(
		rapid.RuneFrom([]rune("ab'\"\\$`!*?[]{}~#&|;<> \t\n%@=:é")),
		rapid.Rune().Filter(func(r rune) bool { return r != 0 }),
	))
	masked := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(text, 1, 3).Draw(t, "parts"), scout.Masked)
	})
	rapid.Check(t, func(t *rapid.T) {
		request := scout.Exchange{
			Line:   "POST https://example.com/" + masked.Draw(t, "path"),
			Header: [][2]string{{"X-One", masked.Draw(t, "one")}, {"X-Two", masked.Draw(t, "two")}},
			Body:   masked.Draw(t, "body"),
		}
		secrets := rapid.SliceOfN(text, 8, 8).Draw(t, "secrets")
		got := fake.run(t, request.Curl(), secrets)
		left := secrets
		fill := func(s string) string {
			for strings.Contains(s, scout.Masked) {
				s = strings.Replace(s, scout.Masked, "\x00", 1)
				s = strings.Replace(s, "\x00", left[0], 1)
				left = left[1:]
			}
			return s
		}
		want := []string{"--globoff", "--request", "POST", "--url", fill(strings.TrimPrefix(request.Line, "POST "))}
		for _, h := range request.Header {
			if h[1] == "" {
				want = append(want, "--header", h[0]+";")
			} else {
				want = append(want, "--header", h[0]+": "+fill(h[1]))
			}
		}
		if request.Body != "" {
			want = append(want, "--data-raw", fill(request.Body))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("curl got\n%q, want\n%q; the command is\n%s", got, want, request.Curl())
		}
	})
}

func TestCurlExplainsWhatIsMissing(t *testing.T) {
	t.Parallel()
	got := scout.Exchange{
		Line: "POST https://example.com/hook?key=" + scout.Masked,
		Header: [][2]string{
			{"Authorization", scout.Masked},
			{"Content-Type", "application/json"},
			{"Webhook-Signature", "v1,abc"},
			{"…", "further fields are not kept"},
		},
		Body:      `{"routing_key":"` + scout.Masked + `"`,
		Truncated: true,
	}.Curl()
	want := `# Set these variables first, they were masked in the record:
# SECRET_1: in the URL
# SECRET_2: in the header Authorization
# Webhook-Signature is left out: it holds for the recorded request alone, and making one takes the signing secret.
# There were more headers: the record holds only these.
# SECRET_3: in the body
# The body goes on: the record holds only its beginning.
curl --globoff --request 'POST' \
  --url 'https://example.com/hook?key='"$SECRET_1" \
  --header 'Authorization: '"$SECRET_2" \
  --header 'Content-Type: application/json' \
  --data-raw '{"routing_key":"'"$SECRET_3"'"'
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A comment holds what a record says, and the record must not get out of it.
func TestCurlCommentsHoldOneLineEach(t *testing.T) {
	t.Parallel()
	got := scout.Exchange{Line: "POST https://example.com/", Header: [][2]string{{"X-A\nrm -rf /\u202e", scout.Masked}}}.Curl()
	want := "# SECRET_1: in the header X-A\ufffdrm -rf /\ufffd\n"
	if !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant in it\n%s", got, want)
	}
	if got := (scout.Exchange{}).Curl(); got != "" {
		t.Errorf("no request gives %q", got)
	}
}
