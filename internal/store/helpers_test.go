package store

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// template is the files of a data folder in which nothing was ever done: a
// copy spares a test most of the migrating.
var template = sync.OnceValues(func() (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "store-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	// Long ago, so that no clock of a test is earlier: time since is no gap, as
	// the mark of life is removed.
	s, err := Open(Options{Dir: dir, Now: func() time.Time { return time.Unix(1, 0) }})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	db, err := sqliteDialect.open(filepath.Join(dir, ledgerFile), true)
	if err != nil {
		return nil, err
	}
	_, err = db.Exec("DELETE FROM meta WHERE key = 'alive'")
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	for _, name := range []string{ledgerFile, telemetryFile, KeyFile} {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return files, nil
})

// emptyFolder makes a data folder from the template.
func emptyFolder(t *testing.T) string {
	t.Helper()
	files, err := template()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// copyFolder returns a copy of a data folder, as it would be found if the
// process was killed at this moment.
func copyFolder(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}
