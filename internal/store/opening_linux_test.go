package store_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"serverscout/internal/store"
)

func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		folder func(t *testing.T) string
		want   string
	}{
		"empty": {func(t *testing.T) string { return t.TempDir() }, "cannot be written"},
		"used":  {filled, "readonly"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tt.folder(t)
			give(t, dir)
			if err := os.Chmod(dir, 0o500); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(dir, 0o700) }) // so that it can be removed
			err := asOrdinaryUser(func() error { return opens(store.Options{Dir: dir}) })
			refused(t, err, dir, tt.want)
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
