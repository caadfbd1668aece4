package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"serverscout/internal/scout"
)

// environment is an environ that knows these variables only.
type environment map[string]string

func (e environment) lookup(name string) (string, bool) {
	value, ok := e[name]
	return value, ok
}

// secrets are the variables that the tests substitute. Their values must not
// come up in any error.
var secrets = environment{
	"HOME":   "/home/ada", // for the default data folder, no secret
	"SECRET": "hunter2/hunter2 hunter2",
	"SHORT":  "h2",
	"SPACED": " hunter2 ",
	"QUOTED": "hunter2\"\\\n",
}

// write puts a file into a folder of its own and returns its path.
func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scout.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// check reads a file's text; HOME is set.
func check(t *testing.T, content string, env environment) (Config, error) {
	t.Helper()
	return Check(write(t, content), func(name string) (string, bool) {
		if name == "HOME" {
			return "/home/ada", true
		}
		return env.lookup(name)
	})
}

// mustCheck is check for a text that is valid.
func mustCheck(t *testing.T, content string, env environment) Config {
	t.Helper()
	c, err := check(t, content, env)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// problemsOf returns what is wrong with a text that must not be valid.
func problemsOf(t *testing.T, content string, env environment) []Problem {
	t.Helper()
	_, err := check(t, content, env)
	var e *Error
	if !errors.As(err, &e) || len(e.Problems) == 0 {
		t.Fatalf("got error %v, want problems", err)
	}
	return e.Problems
}

// secretsByValue has cmp compare secrets, whose insides it cannot see.
var secretsByValue = cmpopts.EquateComparable(scout.Secret{})
