package store_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"serverscout/internal/store"
)

func TestReadOnly(t *testing.T) {
	t.Parallel()
	lock := func(t *testing.T, path string, mode, later os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(path, later) }) // so that it can be removed
	}
	file := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { lock(t, filepath.Join(dir, name), 0o400, 0o600) }
	}
	folder := func(t *testing.T, dir string) { lock(t, dir, 0o500, 0o700) }
	tests := map[string]struct {
		folder func(t *testing.T) string
		lock   func(t *testing.T, dir string)
		words  []string
	}{
		"an empty folder": {func(t *testing.T) string { return t.TempDir() }, folder, []string{"cannot be written"}},
		"a used folder":   {filled, folder, []string{"cannot be written", "writable for the user"}},
		"the ledger":      {filled, file("ledger.db"), []string{"the ledger", "writable for the user"}},
		"the telemetry":   {filled, file("telemetry.db"), []string{"the telemetry", "writable for the user"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tt.folder(t)
			give(t, dir)
			tt.lock(t, dir)
			err := asOrdinaryUser(func() error { return opens(store.Options{Dir: dir}) })
			refused(t, err, append(tt.words, dir)...)
		})
	}
}

// nobody is the ordinary user that tests become when they run as root.
const nobody = 65534

// give makes a folder the ordinary user's.
func give(t *testing.T, dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, dir) {
		if err := os.Chown(file, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
}

// asOrdinaryUser runs f without root's right to write everywhere. It gives up
// the right on one thread alone, which ends with f.
func asOrdinaryUser(f func() error) error {
	done := make(chan error)
	go func() {
		if os.Geteuid() == 0 {
			runtime.LockOSThread() // never unlocked: the thread must not be used again
			if err := syscall.Setfsuid(nobody); err != nil {
				done <- err
				return
			}
		}
		done <- f()
	}()
	return <-done
}
