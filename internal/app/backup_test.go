package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"serverscout/internal/app/config"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// dataWith is the configuration of a data folder with one server.
func dataWith(t *testing.T, name string) config.Config {
	t.Helper()
	c := config.Config{Data: filepath.Join(t.TempDir(), "data")}
	s, err := open(c, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveServer(&scout.Server{Name: name}) })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return c
}

func serverIn(t *testing.T, c config.Config) string {
	t.Helper()
	s, err := open(c, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list, err := s.ListServers(t.Context(), scout.ServerFilter{}, 10)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d servers, %v", len(list), err)
	}
	return list[0].Name
}

// says runs a command and fails the test unless what it prints has the words.
func says(t *testing.T, f func(context.Context, *bytes.Buffer) error, words ...string) {
	t.Helper()
	var out bytes.Buffer
	if err := f(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	for _, w := range words {
		if !strings.Contains(out.String(), w) {
			t.Errorf("it says\n%s\nand not %q", out.String(), w)
		}
	}
}

// The key is the environment's in the second case, so neither is parallel.
func TestBackupAndRestore(t *testing.T) {
	tests := map[string]struct{ key, says string }{
		"the key is in the folder": {"", "holds the encryption key too"},
		"the key is given":         {base64.StdEncoding.EncodeToString(make([]byte, 32)), "key is not in it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SCOUT_SECRET_KEY", tt.key)
			kept, other := dataWith(t, "kept"), dataWith(t, "other")
			file := filepath.Join(t.TempDir(), "my backup")
			says(t, func(ctx context.Context, out *bytes.Buffer) error { return Backup(ctx, out, kept, "1.2.3", file) },
				file, kept.Data, tt.says, " kB)", "scout restore '"+file+"'")
			says(t, func(ctx context.Context, out *bytes.Buffer) error { return Restore(ctx, out, other, file) },
				"my backup", other.Data, "Server Scout 1.2.3", "before-restore-")
			if got := serverIn(t, other); got != "kept" {
				t.Errorf("the server is %q", got)
			}
			before, err := filepath.Glob(filepath.Join(other.Data, "before-restore-*"))
			if err != nil || len(before) != 1 {
				t.Fatalf("before = %v, %v", before, err)
			}
			if got := serverIn(t, config.Config{Data: before[0]}); got != "other" {
				t.Errorf("the server of before is %q", got)
			}
		})
	}
}

func TestRestoreToANewFolder(t *testing.T) {
	t.Setenv("SCOUT_SECRET_KEY", "")
	kept := dataWith(t, "kept")
	file := filepath.Join(t.TempDir(), "backup")
	fresh := config.Config{Data: filepath.Join(t.TempDir(), "fresh")}
	says(t, func(ctx context.Context, out *bytes.Buffer) error { return Backup(ctx, out, kept, "1.2.3", file) })
	var out bytes.Buffer
	if err := Restore(t.Context(), &out, fresh, file); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "before-restore-") || strings.Contains(out.String(), "What was there") {
		t.Errorf("it speaks of what was there before:\n%s", out.String())
	}
	if got := serverIn(t, fresh); got != "kept" {
		t.Errorf("the server is %q", got)
	}
}

func TestBackupWithABadKey(t *testing.T) {
	t.Setenv("SCOUT_SECRET_KEY", "not base64!")
	c := config.Config{Data: t.TempDir()}
	file := filepath.Join(t.TempDir(), "backup")
	for name, err := range map[string]error{
		"backup":  Backup(t.Context(), &bytes.Buffer{}, c, "", file),
		"restore": Restore(t.Context(), &bytes.Buffer{}, c, file),
	} {
		if err == nil || !strings.Contains(err.Error(), "SCOUT_SECRET_KEY") {
			t.Errorf("%s: error = %v", name, err)
		}
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file was made")
	}
}

func TestByteCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 1_250_000: "1.2 MB", 4_999_000_000: "5.0 GB", 3e15: "3000.0 TB",
	} {
		if got := byteCount(n); got != want {
			t.Errorf("byteCount(%d) = %q, want %q", n, got, want)
		}
	}
}
