package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"serverscout/internal/scout"
)

// storageFault is what an operator can do something about.
type storageFault int

const (
	noFault storageFault = iota
	diskFull
	notWritable
	damaged
	diskFails
)

// faultOf finds the storage fault in an error of the database or the system.
func faultOf(err error) storageFault {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		switch {
		case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
			return diskFull
		case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
			return notWritable
		case errors.Is(err, syscall.EIO):
			return diskFails
		}
		return noFault
	}
	const primary = 0xff // the rest of a code says more of the same
	switch e.Code() & primary {
	case sqlite3.SQLITE_FULL:
		return diskFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
		return notWritable
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return damaged
	case sqlite3.SQLITE_IOERR:
		return diskFails
	}
	return noFault
}

// explain turns an error behind which there is a storage fault into a sentence
// with the remedy, of code Unavailable. Any other error stays as it is. dir is
// the data folder, "" where that is not known.
func explain(err error, dir string) error {
	var known *scout.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if dir == "" {
		dir = "the data folder"
	}
	var sentence string
	switch faultOf(err) {
	case diskFull:
		sentence = fmt.Sprintf("the disk is full: free space in %s; what is owed waits and is sent when it can be recorded", dir)
	case notWritable:
		sentence = fmt.Sprintf("%s or a file in it cannot be written: both must be writable for the user that runs Server Scout", dir)
	case damaged:
		sentence = fmt.Sprintf("a database in %s is damaged: stop Server Scout and restore a backup with `scout restore`, which keeps the damaged files", dir)
	case diskFails:
		sentence = fmt.Sprintf("the disk fails to read or write %s: the system's log says more; what is owed waits and is sent when it can be recorded", dir)
	default:
		return err
	}
	return &scout.Error{Code: scout.Unavailable, Message: sentence, Err: err}
}

// reader is the connections that read a database. Like a writer it explains
// its errors.
type reader struct {
	*sql.DB
	dir string // where the database lies
}

// QueryContext is that of sql.DB.
func (r reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := r.DB.QueryContext(ctx, query, args...)
	return rows, explain(err, r.dir)
}
