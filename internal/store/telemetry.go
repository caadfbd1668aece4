package store

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"serverscout/internal/scout"
)

const (
	flushEvery  = time.Second
	bufferLimit = 200_000 // results kept in memory while the disk refuses them
)

// telemetry is the side that may lag: results are buffered and written once a
// second, in a file and by a writer of their own.
type telemetry struct {
	writer  *writer
	read    reader
	now     func() time.Time
	keep    Retention
	changed func(Topic)
	chores  *chores

	mu     sync.Mutex
	buffer []scout.Result
}

func openTelemetry(d dialect, o Options, keep Retention) (*telemetry, error) {
	path := filepath.Join(o.Dir, telemetryFile)
	db, err := d.open(path, true)
	if err != nil {
		return nil, err
	}
	// A power cut may cost the last second of results, never the file.
	if _, err := db.Exec("PRAGMA synchronous = NORMAL"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := d.migrate(db, "telemetry"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	t := &telemetry{now: o.Now, keep: keep, changed: o.Changed, chores: newChores()}
	if t.writer, err = newWriter(db, d, o.Dir, nil); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if t.read, err = d.openReader(path); err != nil {
		return nil, errors.Join(err, t.writer.close())
	}
	// A file that cannot be written shall be known now, not when the first
	// result is.
	if err := t.mark(context.Background(), "opened", o.Now()); err != nil {
		return nil, errors.Join(err, t.writer.close(), t.read.Close())
	}
	const failed = "telemetry not written; it is tried again"
	t.chores.every(flushEvery, failed, t.flush)
	t.chores.every(time.Minute, failed, t.tidy)
	t.chores.every(checkpointEvery, checkpointFailed, t.read.checkpoint)
	return t, nil
}

func (t *telemetry) close() error {
	t.chores.stop()
	return errors.Join(t.flush(context.Background()), t.writer.close(), t.read.Close())
}

// RecordResult keeps a result for lists and charts. It does not block and is
// written within about a second.
func (s *Store) RecordResult(r scout.Result) {
	t := s.results
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.buffer) >= bufferLimit {
		t.buffer = t.buffer[1:]
	}
	t.buffer = append(t.buffer, r)
}

// FlushResults writes what is buffered now, for readers that cannot wait.
func (s *Store) FlushResults(ctx context.Context) error { return s.results.flush(ctx) }

func (t *telemetry) flush(ctx context.Context) error {
	t.mu.Lock()
	pending := t.buffer
	t.buffer = nil
	t.mu.Unlock()
	if len(pending) == 0 {
		return nil
	}
	err := t.writer.do(ctx, func(b *batch) error {
		for _, r := range pending {
			_, err := b.exec(`INSERT INTO results (check_id, at, level, latency_us, message, ip) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT (check_id, at) DO NOTHING`, r.CheckID, stored(r.At), r.Level, micros(r.Latency), r.Message, r.IP)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.mu.Lock()
		t.buffer = append(pending, t.buffer...)
		if over := len(t.buffer) - bufferLimit; over > 0 {
			t.buffer = t.buffer[over:]
		}
		t.mu.Unlock()
		return err
	}
	t.changed(TopicResults)
	return nil
}

// Results lists the raw results of a check, newest first: those before a time
// (the zero time: from the newest), at most limit.
func (s *Store) Results(ctx context.Context, checkID int64, before time.Time, limit int) ([]scout.Result, error) {
	until := int64(1<<63 - 1)
	if !before.IsZero() {
		until = stored(before)
	}
	return collect(func(row scanner) (r scout.Result, err error) {
		var at, latency int64
		err = row.Scan(&r.CheckID, &at, &r.Level, &latency, &r.Message, &r.IP)
		r.At, r.Latency = instant(at), duration(latency)
		return r, err
	})(s.results.read.QueryContext(ctx, s.dialect.bind(`SELECT check_id, at, level, latency_us, message, ip FROM results
		WHERE check_id = ? AND at < ? ORDER BY at DESC LIMIT ?`), checkID, until, limit))
}
