// Package store keeps Server Scout's data: the ledger (configuration, check
// state, incidents, events, deliveries, attempts), durable before it is acted
// on, and the telemetry (results and their rollups), batched and allowed to
// lag. On SQLite they are two files with a writer each, so that a rollup never
// stands in front of an alert.
//
// A Store is safe for concurrent use. A commit that returned is on disk.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"serverscout/internal/scout"
)

// Topic names what a committed change was about.
type Topic string

// The topics a change can have.
const (
	TopicConfig     Topic = "config"     // servers, checks, webhooks or holds
	TopicDeliveries Topic = "deliveries" // something may be due
	TopicHistory    Topic = "history"    // new events or attempts
	TopicResults    Topic = "results"    // new results of checks
)

// Options say where the data lies.
type Options struct {
	Dir string // the data folder; made if missing
	Key []byte // 32 bytes; nil: the key file in Dir, made if missing
	Now func() time.Time
	// Shared opens beside a running server, for a tool that makes one change:
	// the folder is not claimed and no epoch begins.
	Shared bool
	Keep   Retention // how long history is kept
	// Changed is told of committed changes. It must not block; a hint, as
	// every loop finds its work without it.
	Changed func(Topic)
}

// Store is an open pair of databases.
type Store struct {
	dialect dialect
	ledger  *writer
	read    reader
	results *telemetry
	sealer  *sealer
	epoch   int64
	now     func() time.Time
	changed func(Topic)
	lock    *os.File
	hooks   webhookCache
	holds   holdCache
	keep    Retention
	chores  *chores
	beaten  atomic.Int64 // when the mark of life was last due, as stored
	closing sync.Once
}

// Open opens the data folder, brings its databases to the present version and
// begins a new epoch: whatever an earlier process had claimed is no longer
// anybody's (see Recover). The time since that process ended is put on record
// as unobserved. A folder in use by another process is an error, and a restore
// that was interrupted is completed first.
func Open(o Options) (_ *Store, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Changed == nil {
		o.Changed = func(Topic) {}
	}
	s := &Store{dialect: sqliteDialect, now: o.Now, changed: o.Changed, keep: o.Keep.orDefaults(), chores: newChores()}
	defer func() {
		if err != nil {
			s.release()
		}
	}()
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder cannot be made: %w", err)
	}
	s.lock, err = claimFolder(o.Dir)
	if err != nil && !(o.Shared && errors.Is(err, errInUse)) {
		return nil, err
	}
	if err := s.settleRestore(o.Dir); err != nil {
		return nil, err
	}
	if s.sealer, err = openSealer(o); err != nil {
		return nil, err
	}
	if err := s.openLedger(o.Dir, o.Shared); err != nil {
		return nil, fmt.Errorf("the ledger in %s: %w", o.Dir, explain(err, o.Dir))
	}
	if o.Shared {
		return s, nil
	}
	if s.results, err = openTelemetry(s.dialect, o, s.keep); err != nil {
		return nil, fmt.Errorf("the telemetry in %s: %w", o.Dir, explain(err, o.Dir))
	}
	s.chores.every(aliveEvery, "the mark of life was not written; it is tried again", s.beat)
	s.chores.every(checkpointEvery, checkpointFailed, s.read.checkpoint)
	s.chores.every(pruneEvery, "old history was not pruned; it is tried again", s.prune)
	return s, nil
}

func openSealer(o Options) (*sealer, error) {
	key := o.Key
	if key == nil {
		var err error
		if key, err = LoadKey(o.Dir, ""); err != nil {
			return nil, fmt.Errorf("the encryption key: %w", err)
		}
	}
	return newSealer(key)
}

func (s *Store) openLedger(dir string, shared bool) error {
	path := filepath.Join(dir, ledgerFile)
	db, err := s.dialect.open(path, true)
	if err != nil {
		return err
	}
	if err := checkSQLite(db); err != nil {
		return errors.Join(err, db.Close())
	}
	if s.lock != nil { // otherwise the process that holds the folder has migrated it
		if err := s.dialect.migrate(db, "ledger"); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	if s.ledger, err = newWriter(db, s.dialect, dir, s.dropCaches); err != nil {
		return errors.Join(err, db.Close())
	}
	if s.read, err = s.dialect.openReader(path); err != nil {
		return err
	}
	ctx, cancel := backgroundTimeout()
	defer cancel()
	return s.Update(ctx, func(tx *Tx) error {
		if err := tx.checkKey(); err != nil || shared {
			return err
		}
		return errors.Join(tx.beginEpoch(), tx.alive(shortestGap))
	})
}

// Close writes what is buffered and closes the databases.
func (s *Store) Close() (err error) {
	s.closing.Do(func() { err = s.release() })
	return err
}

func (s *Store) release() error {
	var errs []error
	s.chores.stop()
	if s.results != nil {
		errs = append(errs, s.results.close(), s.lastBeat())
	}
	if s.ledger != nil {
		errs = append(errs, s.ledger.close())
	}
	if s.read.DB != nil {
		errs = append(errs, s.read.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// Ping reports whether the ledger can be written, by writing to it: a
// transaction without a change succeeds on a full disk too.
func (s *Store) Ping(ctx context.Context) error {
	return s.Update(ctx, func(tx *Tx) error { return tx.alive(forever) })
}

// Tx is a transaction on the ledger. It is valid only inside the function it
// is given to, and not for concurrent use.
type Tx struct {
	*batch
	s *Store
}

// Update runs fn in a transaction of the ledger, shared with others but under
// its own savepoint, and returns once it is on disk. When it returns an error
// nothing of fn was written.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	return s.ledger.do(ctx, func(b *batch) (err error) {
		kept := false
		defer func() { // also when fn panics
			if !kept {
				s.dropCaches() // they may hold what is being rolled back
			}
		}()
		err = fn(&Tx{b, s})
		kept = err == nil
		return err
	})
}

// dropCaches has the next transition read webhooks and holds anew.
func (s *Store) dropCaches() {
	s.hooks.drop()
	s.holds.drop()
}

// notify tells of a change once it is committed.
func (tx *Tx) notify(t Topic) {
	tx.after = append(tx.after, func() { tx.s.changed(t) })
}

const keyCheck = "key_check"

// checkKey makes sure that the encryption key is the one the ledger knows.
func (tx *Tx) checkKey() error {
	var kept []byte
	err := tx.row("SELECT value FROM meta WHERE key = ?", keyCheck).Scan(&kept)
	if errors.Is(err, sql.ErrNoRows) {
		_, err = tx.exec("INSERT INTO meta (key, value) VALUES (?, ?)", keyCheck, tx.s.sealer.seal([]byte("ok"), keyCheck))
		return err
	}
	if err != nil {
		return err
	}
	_, err = tx.s.sealer.open(kept, keyCheck)
	return err
}

// beginEpoch numbers this process among all that ever owned the ledger.
func (tx *Tx) beginEpoch() error {
	last, err := tx.number("epoch")
	if err != nil {
		return err
	}
	tx.s.epoch = last + 1
	return tx.setNumber("epoch", tx.s.epoch)
}

// unique turns a broken unique constraint into a Conflict that says what.
func (s *Store) unique(err error, format string, args ...any) error {
	if err != nil && s.dialect.conflict(err) {
		return scout.Errorf(scout.Conflict, format, args...)
	}
	return err
}

// backgroundTimeout bounds what happens while opening.
func backgroundTimeout() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), time.Minute)
}

// stored returns t as it is kept: microseconds since 1970, 0 for the zero time.
func stored(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// instant is the inverse of stored.
func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func micros(d time.Duration) int64 { return d.Microseconds() }

func duration(us int64) time.Duration { return time.Duration(us) * time.Microsecond }

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
