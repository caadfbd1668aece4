package browser

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"serverscout/internal/app"
	"serverscout/internal/app/config"
)

// A program is the whole of Server Scout, as `scout serve` runs it.
type program struct {
	site
	code string // that guards the first account
}

const (
	person   = "ada"
	password = "correct horse battery staple"
)

// said is what a program prints, and tells when there is something to find in
// it.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.text.Write(b)
}

// find waits until the program has printed what a pattern matches.
func (s *said) find(t *testing.T, ended <-chan error, pattern *regexp.Regexp) string {
	t.Helper()
	for {
		s.mu.Lock()
		found := pattern.FindSubmatch(s.text.Bytes())
		s.mu.Unlock()
		if found != nil {
			return string(found[1])
		}
		select {
		case <-s.more:
		case err := <-ended:
			t.Fatalf("the program has ended: %v", err)
		}
	}
}

// serveProgram runs the program with a configuration, on a data folder of its
// own. It is stopped after the test.
func serveProgram(t *testing.T, yaml string) program {
	t.Helper()
	return serveOn(t, t.TempDir(), yaml, "1.0.0")
}

// serveOn is serveProgram on a data folder, in a version.
func serveOn(t *testing.T, data, yaml, version string) program {
	t.Helper()
	file := filepath.Join(t.TempDir(), "scout.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := config.Flags{Config: file, Data: data, Listen: "127.0.0.1:0"}
	out := &said{more: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- app.Serve(ctx, app.ServeOptions{
			Load: func() (config.Config, error) {
				return config.Load(flags, func(string) (string, bool) { return "", false })
			},
			Version: version, Out: out, Err: t.Output(),
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	base := out.find(t, ended, regexp.MustCompile(`is running at (\S+)`))
	return program{site: site{base: base}, code: out.find(t, ended, regexp.MustCompile(`with this code: (\S+)`))}
}

// makeAccount fills the form of the first account in.
func (p program) makeAccount(at *tab) {
	at.Helper()
	at.fill("#field-code", p.code)
	at.fill("#field-name", person)
	at.fill("#field-password", password)
	at.fill("#field-again", password)
	at.follow("form.fields button")
}

// inhabited is the program with its first account, in which each tab signs in.
func (p program) inhabited(t *testing.T) program {
	t.Helper()
	at := p.tab(t)
	at.open("")
	p.makeAccount(at)
	p.signIn = p.enter
	return p
}

// enter signs in.
func (p program) enter(at *tab) {
	at.Helper()
	at.open("sign-in")
	at.fill("#field-name", person)
	at.fill("#field-password", password)
	at.follow("form.fields button")
}
