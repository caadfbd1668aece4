package store

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func testSealer(t testing.TB, fill byte) *sealer {
	t.Helper()
	s, err := newSealer(bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealer(t *testing.T) {
	t.Parallel()
	s := testSealer(t, 1)
	sealed := s.seal([]byte("secret"), "webhooks/1")
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	sameID := testSealer(t, 2)
	sameID.id = s.id // one key in 256 has it too
	tests := map[string]struct {
		sealer *sealer
		sealed []byte
		row    string
		want   string // in the error; "" for none
	}{
		"its own row":                     {s, sealed, "webhooks/1", ""},
		"another row":                     {s, sealed, "webhooks/2", "webhooks/2"},
		"changed":                         {s, flipped, "webhooks/1", "webhooks/1"},
		"another key":                     {testSealer(t, 2), sealed, "webhooks/1", "another key"},
		"another key with the same id":    {sameID, sealed, "webhooks/1", "another key"},
		"cut short":                       {s, sealed[:12], "webhooks/1", "cut short"},
		"cut short behind the nonce":      {s, sealed[:13], "webhooks/1", "webhooks/1"},
		"empty, as before it was written": {s, nil, "webhooks/1", "cut short"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plain, err := tt.sealer.open(tt.sealed, tt.row)
			switch {
			case tt.want == "" && (err != nil || string(plain) != "secret"):
				t.Errorf("opened %q, %v", plain, err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("opened %q, error = %v, want one with %q", plain, err, tt.want)
			}
		})
	}
	if again := s.seal([]byte("secret"), "webhooks/1"); bytes.Equal(again, sealed) {
		t.Error("the same value is sealed the same way twice: its nonce is not random")
	}
}

// Whatever lies in a database file, opening it must not panic, and must not
// give out what was not sealed.
func FuzzOpenSealed(f *testing.F) {
	s := testSealer(f, 1)
	sealed := s.seal([]byte("secret"), "webhooks/1")
	f.Add(sealed)
	f.Add(sealed[:13])
	f.Add([]byte{s.id})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, in []byte) {
		plain, err := s.open(in, "webhooks/1")
		if err == nil && string(plain) != "secret" {
			t.Errorf("%x opens as %q", in, plain)
		}
	})
}

func TestLoadKey(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{5}, 32)
	text := base64.StdEncoding.EncodeToString(key)
	tests := map[string]struct {
		env, file string
		want      string // in the error; "" for the key above
	}{
		"from the environment":            {env: text},
		"with a line's end":               {env: " " + text + "\n"},
		"the environment before the file": {env: text, file: "!"},
		"from the file":                   {file: text + "\n"},
		"no base64":                       {env: "hunter2!", want: "SCOUT_SECRET_KEY"},
		"too short":                       {env: "c2hvcnQ=", want: "32"},
		"too long":                        {env: base64.StdEncoding.EncodeToString(make([]byte, 33)), want: "32"},
		"a file without base64":           {file: "hunter2!", want: KeyFile},
		"a file that is too short":        {file: "c2hvcnQ=", want: "32"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if tt.file != "" {
				if err := os.WriteFile(filepath.Join(dir, KeyFile), []byte(tt.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got, err := LoadKey(dir, tt.env)
			if err == nil {
				_, err = newSealer(got)
			}
			switch {
			case tt.want == "" && (err != nil || !bytes.Equal(got, key)):
				t.Errorf("the key is %x, error = %v", got, err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error = %v, want one that names %s", err, tt.want)
			case err != nil && strings.Contains(err.Error(), "hunter2"):
				t.Errorf("the message %q shows what was given", err)
			}
		})
	}
}

func TestKeyFileIsMadeOnce(t *testing.T) {
	t.Parallel()
	const processes = 16
	dir := t.TempDir()
	keys := make([][]byte, processes)
	errs := make([]error, processes)
	var all sync.WaitGroup
	for i := range processes { // all of which found no file
		all.Go(func() { keys[i], errs[i] = makeKey(filepath.Join(dir, KeyFile)) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if len(key) != 32 || !bytes.Equal(key, keys[0]) {
			t.Fatalf("there are different keys: %x", keys)
		}
	}
	again, err := LoadKey(dir, "")
	if err != nil || !bytes.Equal(again, keys[0]) {
		t.Errorf("the file holds %x, %v", again, err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("the folder holds %v, %v, want the key file alone", files, err)
	}
	info, err := files[0].Info()
	if err != nil || info.Name() != KeyFile || info.Mode() != 0o600 {
		t.Errorf("the key file is %s %v, %v", info.Name(), info.Mode(), err)
	}
}
