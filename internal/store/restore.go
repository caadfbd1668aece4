package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// RestoreOptions say what to restore, and where to.
type RestoreOptions struct {
	Dir  string // the data folder; made if missing
	File string // the backup
	Key  []byte // the encryption key if it is kept elsewhere than in the data folder
	Now  func() time.Time
}

// Restored says what a restore did.
type Restored struct {
	Manifest Manifest
	Before   string // the folder with what was in the data folder; "" if nothing was
}

// A restore lies in unpackingDir until all of it is verified. Renaming that to
// restoring-<time> is the point from which on the backup counts: the rest,
// moving files, is completed by the next Open if it is interrupted.
const (
	unpackingDir    = "unpacking"
	restoringPrefix = "restoring-"
	beforePrefix    = "before-restore-"
)

// Restore replaces what is in a data folder by a backup. Everything is
// verified before anything is replaced: the file, what is in it, that this
// program can read it, and that there is a key to it. What was there is moved
// to a folder inside the data folder. A folder in use is an error.
//
// What was owed when the backup was made is sent (again) under the same ids
// once a server runs on the folder.
func Restore(ctx context.Context, o RestoreOptions) (r Restored, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return r, fmt.Errorf("the data folder cannot be made: %w", err)
	}
	lock, err := claimFolder(o.Dir)
	if err != nil {
		return r, err
	}
	defer lock.Close()
	if _, err := completeRestore(o.Dir, os.Rename); err != nil {
		return r, err
	}
	work := filepath.Join(o.Dir, unpackingDir)
	defer os.RemoveAll(work)
	if r.Manifest, err = unpackVerified(ctx, work, o); err != nil {
		return r, explainRestore(err, o)
	}
	stamp := o.Now().UTC().Format("20060102T150405Z")
	if err := absent(filepath.Join(o.Dir, beforePrefix+stamp)); err != nil {
		return r, err
	}
	if err := errors.Join(ctx.Err(), syncDir(work)); err != nil {
		return r, err
	}
	if err := os.Rename(work, filepath.Join(o.Dir, restoringPrefix+stamp)); err != nil {
		return r, err
	}
	r.Before, err = completeRestore(o.Dir, os.Rename)
	return r, err
}

// explainRestore names the backup in an error, or the lack of room for it.
func explainRestore(err error, o RestoreOptions) error {
	if faultOf(err) == diskFull {
		return fmt.Errorf("there is no room in %s to unpack the backup beside what is there: free space; nothing was changed: %w", o.Dir, err)
	}
	return fmt.Errorf("%s cannot be restored, and nothing was changed: %w", o.File, err)
}

// unpackVerified unpacks the backup into a new folder and verifies it.
func unpackVerified(ctx context.Context, work string, o RestoreOptions) (m Manifest, err error) {
	f, err := os.Open(o.File)
	if err != nil {
		return m, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return m, err
	}
	if !info.Mode().IsRegular() {
		return m, errNoBackup
	}
	if err := os.Mkdir(work, 0o700); err != nil {
		return m, err
	}
	if m, err = unpack(interruptible{ctx, f}, info.Size(), work); err != nil {
		return m, err
	}
	for _, part := range []string{"ledger", "telemetry"} {
		if err := verifyDatabase(ctx, part, filepath.Join(work, part+".db")); err != nil {
			return m, err
		}
	}
	return m, verifyKey(ctx, work, m, o)
}

// verifyDatabase returns an error unless a database is sound and of a version
// that this program knows.
func verifyDatabase(ctx context.Context, part, path string) error {
	version, err := schemaVersion(ctx, path)
	if err != nil {
		return fmt.Errorf("%w: the %s: %w", errBadBackup, part, err)
	}
	if known := knownVersion(part); version > known {
		return newerVersion(part, version, known)
	}
	// The telemetry is large, and the quick check leaves out only whether its
	// indexes agree with their tables.
	check := "PRAGMA integrity_check(1)"
	if part == "telemetry" {
		check = "PRAGMA quick_check(1)"
	}
	db, err := openReadOnly(path)
	if err != nil {
		return err
	}
	defer db.Close()
	var found string
	if err := db.QueryRowContext(ctx, check).Scan(&found); err != nil {
		return fmt.Errorf("%w: the %s: %w", errBadBackup, part, err)
	}
	if found != "ok" {
		return fmt.Errorf("%w: the %s: %s", errBadBackup, part, found)
	}
	return nil
}

// verifyKey returns an error unless the key that the server will use opens the
// ledger: the one that is given, else the backup's, else the one that is there.
func verifyKey(ctx context.Context, work string, m Manifest, o RestoreOptions) error {
	ledger := filepath.Join(work, ledgerFile)
	if o.Key != nil {
		err := opensWith(ctx, ledger, "", o.Key)
		if err != nil && m.HasKey() && opensWith(ctx, ledger, work, nil) == nil {
			return errors.New("SCOUT_SECRET_KEY is set to another key than the one it was encrypted with, which is in the backup: unset it, for this command and for the server")
		}
		return err
	}
	if m.HasKey() {
		return opensWith(ctx, ledger, work, nil)
	}
	err := opensWith(ctx, ledger, o.Dir, nil)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("the encryption key is not in it: set SCOUT_SECRET_KEY to the one that was used when it was made")
	}
	return err
}

// renamer is os.Rename, or in a test one that fails after some calls.
type renamer func(from, to string) error

// settleRestore completes a restore that was interrupted before anything is
// opened. Beside another process it only looks whether there is one.
func (s *Store) settleRestore(dir string) error {
	if s.lock != nil {
		_, err := completeRestore(dir, os.Rename)
		return err
	}
	pending, err := pendingRestores(dir)
	if err == nil && len(pending) > 0 {
		err = fmt.Errorf("a backup is being restored to %s at this moment: try again when that is done", dir)
	}
	return err
}

// pendingRestores lists the restores that are verified and not complete.
func pendingRestores(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	var pending []string
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), restoringPrefix) {
			pending = append(pending, e.Name())
		}
	}
	return pending, err
}

// completeRestore moves the files of a verified restore into their place, and
// what is there out of the way, to the folder it returns: "" if nothing was
// there. Each step leaves a state from which it can be called again. The
// caller has claimed the folder.
func completeRestore(dir string, rename renamer) (before string, err error) {
	if err := os.RemoveAll(filepath.Join(dir, unpackingDir)); err != nil {
		return "", err
	}
	pending, err := pendingRestores(dir)
	if err != nil {
		return "", err
	}
	for _, name := range pending {
		from := filepath.Join(dir, name)
		aside := filepath.Join(dir, beforePrefix+strings.TrimPrefix(name, restoringPrefix))
		for _, file := range []string{ledgerFile, telemetryFile, KeyFile} {
			if err := replace(dir, file, from, aside, rename); err != nil {
				return "", fmt.Errorf("completing the restore in %s: %w", from, err)
			}
		}
		if err := os.RemoveAll(from); err != nil {
			return "", err
		}
		if _, err := os.Stat(aside); err == nil {
			before = aside
		}
	}
	return before, nil
}

// replace moves a file that is in from to dir, after moving what is there to
// aside. A file that is not in from has been moved before, or stays.
func replace(dir, file, from, aside string, rename renamer) error {
	next := filepath.Join(from, file)
	if _, err := os.Stat(next); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	// A log of the old database beside the new one would damage it.
	for _, name := range []string{file + "-wal", file + "-shm", file} {
		if err := setAside(filepath.Join(dir, name), aside, rename); err != nil {
			return err
		}
	}
	if err := rename(next, filepath.Join(dir, file)); err != nil {
		return err
	}
	return syncDir(dir)
}

// setAside moves a file, if there is one, into a folder, and returns once that
// is on disk.
func setAside(path, aside string, rename renamer) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.MkdirAll(aside, 0o700); err != nil {
		return err
	}
	if err := rename(path, filepath.Join(aside, filepath.Base(path))); err != nil {
		return err
	}
	return errors.Join(syncDir(aside), syncDir(filepath.Dir(path)))
}

// interruptible is a file that is read until ctx ends.
type interruptible struct {
	ctx  context.Context
	file *os.File
}

// Read implements io.Reader.
func (r interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.file.Read(p)
}
