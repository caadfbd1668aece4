package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// batchLimit bounds how many callers share one transaction.
const batchLimit = 256

// writer is the one writer of a database. Many callers hand it functions; it
// runs those that wait together in one transaction, each under its own
// savepoint, and commits. Nobody waits for anything but the fsync that is
// already under way.
type writer struct {
	db      *sql.DB
	dialect dialect
	dir     string // where the database lies, for errors
	work    chan *write
	quit    chan struct{}
	done    chan struct{}
	once    sync.Once
	stmts   map[string]*sql.Stmt
	conn    *sql.Conn
	failed  func() // told in the writer's goroutine when a commit failed; may be nil
}

type write struct {
	ctx  context.Context
	fn   func(*batch) error
	err  error
	done chan struct{}
}

// batch is the transaction that several writes share.
type batch struct {
	w     *writer
	after []func() // run once the commit has succeeded
}

var errStopped = errors.New("the store is closed")

func newWriter(db *sql.DB, d dialect, dir string, failed func()) (*writer, error) {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	w := &writer{
		db: db, dialect: d, dir: dir, conn: conn, failed: failed,
		work:  make(chan *write, batchLimit),
		quit:  make(chan struct{}),
		done:  make(chan struct{}),
		stmts: map[string]*sql.Stmt{},
	}
	go w.run()
	return w, nil
}

// do runs fn in a transaction and returns once it is on disk. fn must not keep
// the batch. When do returns an error nothing of fn was written. A ctx that
// ends before the writer begins fn cancels it; later it is too late to.
func (w *writer) do(ctx context.Context, fn func(*batch) error) error {
	op := &write{ctx: ctx, fn: fn, done: make(chan struct{})}
	select {
	case <-w.quit:
		return errStopped
	case <-ctx.Done():
		return ctx.Err()
	case w.work <- op:
	}
	select {
	case <-op.done:
		return explain(op.err, w.dir)
	case <-w.done: // closed before it was begun, or just after it was done
		select {
		case <-op.done:
			return explain(op.err, w.dir)
		default:
			return errStopped
		}
	}
}

func (w *writer) close() error {
	w.once.Do(func() { close(w.quit) })
	<-w.done
	for _, s := range w.stmts {
		s.Close()
	}
	return errors.Join(w.conn.Close(), w.db.Close())
}

func (w *writer) run() {
	defer close(w.done)
	for {
		select {
		case op := <-w.work:
			w.commit(w.gather(op))
		case <-w.quit:
			for { // what was accepted is done
				select {
				case op := <-w.work:
					w.commit(w.gather(op))
				default:
					return
				}
			}
		}
	}
}

func (w *writer) gather(first *write) []*write {
	ops := []*write{first}
	for len(ops) < batchLimit {
		select {
		case op := <-w.work:
			ops = append(ops, op)
		default:
			return ops
		}
	}
	return ops
}

// commit runs ops in one transaction and tells each caller what became of it.
func (w *writer) commit(ops []*write) {
	b := &batch{w: w}
	err := w.control("BEGIN IMMEDIATE")
	if err == nil {
		if err = b.all(ops); err == nil {
			err = w.control("COMMIT")
		}
		if err != nil {
			_ = w.control("ROLLBACK")
		}
	}
	if err != nil {
		if w.failed != nil {
			w.failed()
		}
		for _, op := range ops {
			op.err = fmt.Errorf("writing to the database: %w", err)
		}
	} else {
		for _, f := range b.after {
			f()
		}
	}
	for _, op := range ops {
		close(op.done)
	}
}

// all runs ops until an error ends the transaction itself, which it returns.
func (b *batch) all(ops []*write) error {
	for _, op := range ops {
		var broken error
		if op.err, broken = b.one(op); broken != nil {
			return broken
		}
	}
	return nil
}

// one runs a caller's function. It failed if nothing of it is in the
// transaction. The transaction is broken if there is no going back to before
// it: a full disk, for one, rolls back everybody's work.
func (b *batch) one(op *write) (failed, broken error) {
	if err := op.ctx.Err(); err != nil {
		return err, nil
	}
	if err := b.w.control("SAVEPOINT one"); err != nil {
		return nil, err
	}
	kept := len(b.after)
	if failed = protect(op.fn, b); failed != nil {
		b.after = b.after[:kept]
		if err := b.w.control("ROLLBACK TO one"); err != nil {
			return failed, errors.Join(failed, err)
		}
	}
	return failed, b.w.control("RELEASE one")
}

// protect turns a panic of one caller's function into that caller's error, so
// that the others' writes stand.
func protect(fn func(*batch) error, b *batch) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v", p)
		}
	}()
	return fn(b)
}

// control runs a transaction statement, prepared once like every other.
func (w *writer) control(query string) error {
	_, err := w.exec(query)
	return err
}

func (w *writer) stmt(query string) (*sql.Stmt, error) {
	if s := w.stmts[query]; s != nil {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), w.dialect.bind(query))
	if err != nil {
		return nil, fmt.Errorf("%w in %s", err, query)
	}
	w.stmts[query] = s
	return s, nil
}

func (w *writer) exec(query string, args ...any) (sql.Result, error) {
	s, err := w.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.Exec(args...)
}

func (b *batch) exec(query string, args ...any) (sql.Result, error) {
	return b.w.exec(query, args...)
}

// changed is exec for statements of which the number of rows is the point.
func (b *batch) changed(query string, args ...any) (int64, error) {
	r, err := b.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// insert is exec for an insert with a generated id.
func (b *batch) insert(query string, args ...any) (id int64, err error) {
	r, err := b.exec(query, args...) // RETURNING id would make SQLite build a table of answers first
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

func (b *batch) query(query string, args ...any) (*sql.Rows, error) {
	s, err := b.w.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.Query(args...)
}

func (b *batch) row(query string, args ...any) *sql.Row {
	s, err := b.w.stmt(query)
	if err != nil { // let Scan report it
		return b.w.conn.QueryRowContext(context.Background(), query, args...)
	}
	return s.QueryRow(args...)
}
