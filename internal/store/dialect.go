package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations
var migrations embed.FS

// dialect is everything in which the two databases differ. All other SQL in
// this package is written once, with ? for parameters.
type dialect struct {
	name     string
	goose    goose.Dialect
	folder   string                    // of its migrations
	bind     func(query string) string // rewrites ? where the database wants another form
	open     func(path string, writer bool) (*sql.DB, error)
	conflict func(err error) bool // a unique constraint was broken
}

var sqliteDialect = dialect{
	name:     "sqlite",
	goose:    goose.DialectSQLite3,
	folder:   "migrations",
	bind:     func(query string) string { return query },
	open:     openSQLite,
	conflict: sqliteConflict,
}

// oldestSQLite is the first version without a bug that can corrupt a WAL.
const oldestSQLite = "3.51.3"

// openSQLite opens one file. The writer is a single connection whose
// transactions take the write lock at once; readers never block it.
func openSQLite(path string, writer bool) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	q := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"cache_size(-16000)", "temp_store(MEMORY)",
		// A checkpoint holds the writer up: fewer and longer ones cost less.
		"wal_autocheckpoint(8000)", "journal_size_limit(67108864)",
	}}
	if writer {
		q.Set("_txlock", "immediate")
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: abs}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	if writer {
		db.SetMaxOpenConns(1)
		return db, nil
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	return db, nil
}

func sqliteConflict(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE
}

// openReader opens a database for reading.
func (d dialect) openReader(path string) (reader, error) {
	db, err := d.open(path, false)
	return reader{db, filepath.Dir(path)}, err
}

// migrate brings one database to the version this program knows.
func (d dialect) migrate(db *sql.DB, part string) error {
	return d.migrateTo(db, part, knownVersion(part))
}

func (d dialect) migrateTo(db *sql.DB, part string, target int64) error {
	files, err := fs.Sub(migrations, d.folder+"/"+part)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(d.goose, db, files)
	if err != nil {
		return err
	}
	ctx := context.Background() // a large database takes its time
	current, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("reading the %s's version: %w", part, err)
	}
	if current > target {
		return newerVersion(part, current, target)
	}
	if _, err := p.UpTo(ctx, target); err != nil {
		return fmt.Errorf("bringing the %s to version %d: %w", part, target, err)
	}
	return nil
}

func newerVersion(part string, current, known int64) error {
	return fmt.Errorf("the %s is of version %d and this program knows up to %d: it was written by a newer Server Scout; use that one, or a backup from before the upgrade", part, current, known)
}

// knownVersion is the version to which this program brings a part.
func knownVersion(part string) (known int64) {
	files, _ := migrations.ReadDir(sqliteDialect.folder + "/" + part) // it is built in
	for _, f := range files {
		var n int64
		if _, err := fmt.Sscanf(f.Name(), "%d_", &n); err == nil {
			known = max(known, n)
		}
	}
	return known
}

// checkSQLite refuses an SQLite that may corrupt its files.
func checkSQLite(db *sql.DB) error {
	var version string
	if err := db.QueryRow("SELECT sqlite_version()").Scan(&version); err != nil {
		return err
	}
	if olderVersion(version, oldestSQLite) {
		return fmt.Errorf("SQLite %s is built in, but %s or later is needed: earlier ones can corrupt a database in WAL mode", version, oldestSQLite)
	}
	return nil
}

func olderVersion(a, b string) bool {
	var x, y [3]int
	_, _ = fmt.Sscanf(a, "%d.%d.%d", &x[0], &x[1], &x[2])
	_, _ = fmt.Sscanf(b, "%d.%d.%d", &y[0], &y[1], &y[2])
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return false
}

// placeholders returns "?, ?, …" for n values.
func placeholders(n int) string {
	return strings.TrimSuffix(strings.Repeat("?, ", n), ", ")
}
