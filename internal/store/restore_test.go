package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"serverscout/internal/scout"
)

// named is a data folder as a killed server leaves it: with a server of that
// name, which is in the log and not yet in the database.
func named(t *testing.T, name string) string {
	t.Helper()
	dir := emptyFolder(t)
	s := openIn(t, Options{Dir: dir})
	err := s.Update(t.Context(), func(tx *Tx) error { return tx.SaveServer(&scout.Server{Name: name}) })
	if err != nil {
		t.Fatal(err)
	}
	return copyFolder(t, dir)
}

// nameIn is the name of the server in a folder, by the key that lies there.
func nameIn(t *testing.T, dir string) string {
	t.Helper()
	list, err := openIn(t, Options{Dir: dir}).ListServers(t.Context(), scout.ServerFilter{}, 10)
	if err != nil || len(list) != 1 {
		t.Fatalf("%s holds %d servers, %v", dir, len(list), err)
	}
	return list[0].Name
}

var errInterrupted = errors.New("interrupted")

// interruptedAfter is os.Rename for so many calls.
func interruptedAfter(n int) renamer {
	return func(from, to string) error {
		if n--; n < 0 {
			return errInterrupted
		}
		return os.Rename(from, to)
	}
}

// A restore that is interrupted between any two steps is complete after the
// next start, and what was there before is whole.
func TestRestoreIsInterrupted(t *testing.T) {
	t.Parallel()
	old, next := named(t, "old"), t.TempDir()
	if err := os.CopyFS(next, os.DirFS(named(t, "new"))); err != nil {
		t.Fatal(err)
	}
	if err := opensAndCloses(Options{Dir: next}); err != nil { // as a backup has it: without logs
		t.Fatal(err)
	}
	steps := 0
	for ; ; steps++ {
		dir := copyFolder(t, old)
		restoring := filepath.Join(dir, restoringPrefix+"1")
		if err := os.CopyFS(restoring, os.DirFS(next)); err != nil {
			t.Fatal(err)
		}
		_, err := completeRestore(dir, interruptedAfter(steps))
		if err != nil && !errors.Is(err, errInterrupted) {
			t.Fatal(err)
		}
		if got := nameIn(t, dir); got != "new" {
			t.Errorf("after %d steps the server is %q", steps, got)
		}
		if got := nameIn(t, filepath.Join(dir, beforePrefix+"1")); got != "old" {
			t.Errorf("after %d steps the server of before is %q", steps, got)
		}
		if _, err := os.Stat(restoring); err == nil {
			t.Errorf("after %d steps the restore is still pending", steps)
		}
		if err == nil {
			break
		}
	}
	if steps < 6 {
		t.Errorf("it took %d steps only: this test interrupts nothing", steps)
	}
}

// Before everything is verified a restore that was interrupted leaves nothing
// but a folder that the next start removes.
func TestRestoreIsInterruptedWhileUnpacking(t *testing.T) {
	t.Parallel()
	dir := named(t, "old")
	unpacking := filepath.Join(dir, unpackingDir)
	if err := os.CopyFS(unpacking, os.DirFS(named(t, "new"))); err != nil {
		t.Fatal(err)
	}
	if got := nameIn(t, dir); got != "old" {
		t.Errorf("the server is %q", got)
	}
	if _, err := os.Stat(unpacking); err == nil {
		t.Error("what was unpacked is still there")
	}
}

// A tool does not open what a restore is moving at this moment.
func TestSharedWaitsForARestore(t *testing.T) {
	t.Parallel()
	dir := named(t, "old")
	lock, err := claimFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := os.Mkdir(filepath.Join(dir, restoringPrefix+"1"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := opensAndCloses(Options{Dir: dir, Shared: true}); err == nil {
		t.Error("it opens")
	}
}

// FuzzUnpack reads any file as a backup: none writes a file that a backup does
// not have, and what is taken is as its manifest says.
func FuzzUnpack(f *testing.F) {
	dir := f.TempDir()
	m := Manifest{Format: backupFormat}
	for _, name := range []string{ledgerFile, telemetryFile, KeyFile} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			f.Fatal(err)
		}
		member, err := describe(path)
		if err != nil {
			f.Fatal(err)
		}
		m.Members = append(m.Members, member)
	}
	var whole bytes.Buffer
	if err := pack(&whole, m, dir); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add(whole.Bytes()[:600])
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		m, err := unpack(bytes.NewReader(text), int64(len(text)), dir)
		files, globErr := filepath.Glob(filepath.Join(dir, "*"))
		if globErr != nil {
			t.Fatal(globErr)
		}
		for _, path := range files {
			if name := filepath.Base(path); !slices.Contains([]string{ledgerFile, telemetryFile, KeyFile}, name) {
				t.Errorf("it wrote %s", name)
			}
		}
		if err != nil {
			return
		}
		for _, member := range m.Members {
			if got, err := describe(filepath.Join(dir, member.Name)); err != nil || got != member {
				t.Errorf("%+v, %v was unpacked, want %+v", got, err, member)
			}
		}
	})
}
