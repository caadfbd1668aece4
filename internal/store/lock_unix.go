//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

var errInUse = errors.New("another Server Scout is using this data folder: stop it, or give this one a folder of its own with --data")

// claimFolder takes the data folder for this process. The claim ends with the
// returned file, and so also when the process is killed.
func claimFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "scout.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data folder cannot be written: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("%s: %w", dir, errInUse), f.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s cannot be locked: %w", f.Name(), err), f.Close())
	}
	return f, nil
}
