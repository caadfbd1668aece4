package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// BackupOptions say what to back up, and where to.
type BackupOptions struct {
	Dir  string // the data folder
	File string // the backup; it must not exist yet
	// Key is the encryption key if it is kept elsewhere than in the data
	// folder. It is then not put into the backup.
	Key     []byte
	Version string // of this program
	Now     func() time.Time
}

// Backup writes one file that holds everything: both databases, each as it is
// at one moment, and the encryption key, without which the secrets in them
// cannot be read. A server may be running on the folder. The file is complete
// when it appears under its name; an error leaves nothing behind.
func Backup(ctx context.Context, o BackupOptions) (m Manifest, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.File, err = filepath.Abs(o.File); err != nil {
		return m, err
	}
	if err := absent(o.File); err != nil {
		return m, err
	}
	beside := filepath.Dir(o.File)
	defer func() { err = explainBackup(err, beside) }()
	// On the file system of the backup, so that it can be moved to its name.
	work, err := os.MkdirTemp(beside, ".scout-backup-")
	if err != nil {
		return m, err
	}
	defer os.RemoveAll(work)
	if m, err = snapshotInto(ctx, work, o); err != nil {
		return m, err
	}
	packed := filepath.Join(work, "backup")
	if err := writeSynced(packed, func(f *os.File) error { return pack(f, m, work) }); err != nil {
		return m, err
	}
	if err := errors.Join(ctx.Err(), absent(o.File)); err != nil {
		return m, err
	}
	if err := os.Rename(packed, o.File); err != nil {
		return m, err
	}
	return m, syncDir(beside)
}

func absent(file string) error {
	_, err := os.Lstat(file)
	if err == nil {
		return fmt.Errorf("%s exists already: choose another name, or remove it first", file)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// explainBackup says of a fault of the place where a backup is made what to do
// about it.
func explainBackup(err error, dir string) error {
	switch faultOf(err) {
	case diskFull:
		return fmt.Errorf("there is no room for the backup in %s, which needs about twice the size of the data while it is made: free space, or choose another folder: %w", dir, err)
	case damaged:
		return fmt.Errorf("the data is damaged, so that it cannot be backed up: restore an earlier backup with `scout restore`: %w", err)
	}
	return err
}

// snapshotInto copies what belongs into a backup into a folder.
func snapshotInto(ctx context.Context, into string, o BackupOptions) (Manifest, error) {
	m := Manifest{Format: backupFormat, Version: o.Version, CreatedAt: o.Now().UTC().Truncate(time.Second), Schema: map[string]int64{}}
	for _, part := range []string{"ledger", "telemetry"} {
		name := part + ".db"
		version, err := copyDatabase(ctx, filepath.Join(o.Dir, name), filepath.Join(into, name))
		if errors.Is(err, fs.ErrNotExist) {
			return m, fmt.Errorf("there is no %s in %s, and so nothing to back up: name the data folder with --data", part, o.Dir)
		}
		if err != nil {
			return m, fmt.Errorf("the %s in %s: %w", part, o.Dir, err)
		}
		m.Schema[part] = version
	}
	names := []string{ledgerFile, telemetryFile}
	if o.Key == nil {
		key, err := os.ReadFile(filepath.Join(o.Dir, KeyFile))
		if err != nil {
			return m, fmt.Errorf("the encryption key: %w", err)
		}
		if err := os.WriteFile(filepath.Join(into, KeyFile), key, backupFileMode); err != nil {
			return m, err
		}
		names = append(names, KeyFile)
	}
	// A backup that its key does not open is worth nothing: say so now.
	if err := opensWith(ctx, filepath.Join(into, ledgerFile), into, o.Key); err != nil {
		return m, err
	}
	for _, name := range names {
		member, err := describe(filepath.Join(into, name))
		if err != nil {
			return m, err
		}
		m.Members = append(m.Members, member)
	}
	return m, nil
}

// copyDatabase writes a database, as it is at one moment, into a new file, and
// returns the version of its schema. Whoever writes to it goes on meanwhile.
func copyDatabase(ctx context.Context, from, to string) (int64, error) {
	// Not read-only: the last one to leave a database clears its logs away.
	db, err := openExisting(from, "rw")
	if err != nil {
		return 0, err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return 0, err
	}
	return schemaVersion(ctx, to)
}

// openReadOnly opens a database that nobody uses, without changing it.
func openReadOnly(path string) (*sql.DB, error) { return openExisting(path, "ro") }

// openExisting opens a database and does not make it. The mode is SQLite's.
func openExisting(path, mode string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	return sql.Open("sqlite", "file:"+(&url.URL{Path: abs}).EscapedPath()+"?mode="+mode+"&_pragma=busy_timeout(10000)")
}

func schemaVersion(ctx context.Context, path string) (version int64, err error) {
	db, err := openReadOnly(path)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, "SELECT MAX(version_id) FROM goose_db_version WHERE is_applied = 1").Scan(&version)
	return version, err
}

// opensWith returns an error unless the secrets in a ledger can be read with a
// key, or, if that is nil, with the key file in a folder.
func opensWith(ctx context.Context, ledger, keyDir string, key []byte) error {
	if key == nil {
		if _, err := os.Stat(filepath.Join(keyDir, KeyFile)); err != nil {
			return fmt.Errorf("the encryption key: %w", err)
		}
		var err error
		if key, err = LoadKey(keyDir, ""); err != nil {
			return err
		}
	}
	s, err := newSealer(key)
	if err != nil {
		return err
	}
	db, err := openReadOnly(ledger)
	if err != nil {
		return err
	}
	defer db.Close()
	var sealed []byte
	err = db.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", keyCheck).Scan(&sealed)
	if err != nil {
		return err
	}
	_, err = s.open(sealed, keyCheck)
	return err
}

// writeSynced makes a file and returns once it is on disk.
func writeSynced(path string, write func(*os.File) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, backupFileMode)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Sync(), f.Close())
}
