package store

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"serverscout/internal/scout"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	system := func(errno syscall.Errno) error {
		return fmt.Errorf("writing: %w", &fs.PathError{Op: "write", Path: "/data/x", Err: errno})
	}
	tests := map[string]struct {
		err   error
		words string // "" stays as it is
	}{
		"nothing":           {nil, ""},
		"no fault":          {errors.New("no such column"), ""},
		"a full disk":       {system(syscall.ENOSPC), "free space in /data"},
		"a quota":           {system(syscall.EDQUOT), "free space in /data"},
		"read-only":         {system(syscall.EROFS), "writable for the user"},
		"no right":          {system(syscall.EACCES), "writable for the user"},
		"a failing disk":    {system(syscall.EIO), "the disk fails"},
		"an error for them": {&scout.Error{Code: scout.Conflict, Err: system(syscall.EIO)}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := explain(tt.err, "/data")
			if tt.words == "" {
				if got != tt.err {
					t.Errorf("explain = %v, want it as it was", got)
				}
				return
			}
			if !strings.Contains(got.Error(), tt.words) || scout.CodeOf(got) != scout.Unavailable || !errors.Is(got, tt.err) {
				t.Errorf("explain = %v (%s), want %q", got, scout.CodeOf(got), tt.words)
			}
		})
	}
}

// A full disk is said with what to do, costs nothing that was written before,
// and once there is room all goes on by itself.
func TestFullDiskIsExplained(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openIn(t, Options{Dir: dir})
	save := func(name string) error {
		return s.Update(t.Context(), func(tx *Tx) error { return tx.SaveServer(&scout.Server{Name: name}) })
	}
	if err := save("before"); err != nil {
		t.Fatal(err)
	}
	limitPages(t, s, 1) // no more than there are
	err := save(strings.Repeat("too much ", 100_000))
	if err == nil || scout.CodeOf(err) != scout.Unavailable {
		t.Fatalf("error = %v, want one of the code unavailable", err)
	}
	for _, words := range []string{"the disk is full", "free space in " + dir, "what is owed waits", "(13)"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("the message %q does not say %q", err, words)
		}
	}
	limitPages(t, s, 1_000_000)
	if err := save("after"); err != nil {
		t.Error(err)
	}
	list, err := s.ListServers(t.Context(), scout.ServerFilter{}, 10)
	if err != nil || len(list) != 2 {
		t.Errorf("there are %d servers, %v", len(list), err)
	}
}

// Results wait in memory while the telemetry's disk is full.
func TestFullDiskKeepsResults(t *testing.T) {
	t.Parallel()
	s := openIn(t, Options{})
	limit := func(pages int) {
		t.Helper()
		err := s.results.writer.do(t.Context(), func(b *batch) error {
			var n int
			return b.row(fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(&n)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit(1)
	const results = 2000
	for i := range results {
		s.RecordResult(scout.Result{CheckID: 1, At: time.UnixMicro(int64(i + 1)), Level: scout.Up, Message: strings.Repeat("x", 100)})
	}
	if err := s.FlushResults(t.Context()); err == nil || !strings.Contains(err.Error(), "free space in") {
		t.Errorf("error = %v, want that the disk is full", err)
	}
	limit(1_000_000)
	if err := s.FlushResults(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := s.Results(t.Context(), 1, time.Time{}, 2*results)
	if err != nil || len(list) != results {
		t.Errorf("there are %d results, %v, want %d", len(list), err, results)
	}
}
