package store

import (
	"os"
	"testing"
)

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
