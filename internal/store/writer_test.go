package store

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"serverscout/internal/scout"
)

// openIn opens a store, on an empty folder unless one is named, and closes it
// after the test.
func openIn(t *testing.T, o Options) *Store {
	t.Helper()
	if o.Dir == "" {
		o.Dir = emptyFolder(t)
	}
	s, err := Open(o)
	if err != nil {
		t.Fatalf("opening the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return s
}

// together hands functions to the store while it is busy, so that all of them
// wait when it becomes free, in their order. It returns their errors. It must
// be called in a bubble.
func together(t *testing.T, s *Store, fns ...func(*Tx) error) []error {
	t.Helper()
	release := make(chan struct{})
	errs := make([]error, len(fns))
	var all sync.WaitGroup
	all.Go(func() {
		if err := s.Update(t.Context(), func(*Tx) error { <-release; return nil }); err != nil {
			t.Error(err)
		}
	})
	synctest.Wait()
	for i, fn := range fns {
		all.Go(func() { errs[i] = s.Update(t.Context(), fn) })
		synctest.Wait()
	}
	close(release)
	all.Wait()
	return errs
}

func TestCallersShareCommits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ran int         // how many functions have run
		var committed []int // what ran was at each commit
		s := openIn(t, Options{Changed: func(Topic) { committed = append(committed, ran) }})
		fns := make([]func(*Tx) error, batchLimit+10)
		for i := range fns {
			fns[i] = func(tx *Tx) error {
				ran++
				return tx.SaveServer(&scout.Server{Name: fmt.Sprint(i)})
			}
		}
		for i, err := range together(t, s, fns...) {
			if err != nil {
				t.Errorf("caller %d: %v", i, err)
			}
		}
		want := []int{batchLimit, batchLimit + 10}
		if got := slices.Compact(committed); !slices.Equal(got, want) {
			t.Errorf("the commits came after %v functions, want %v", got, want)
		}
	})
}

// Some statements for which the disk has no room make SQLite roll back the
// whole transaction by itself, others only what they did.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("too much ", 100_000)
	tests := map[string]func(*Tx) error{
		"the statement is undone": func(tx *Tx) error { return tx.SaveServer(&scout.Server{Name: large}) },
		"the transaction is undone": func(tx *Tx) error {
			_, err := tx.exec("INSERT INTO meta (key, value) VALUES ('large', ?)", large)
			return err
		},
	}
	for name, fill := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { fullDisk(t, fill) })
		})
	}
}

// fullDisk has fill fail for want of room between other callers' writes, and
// compares what these were told with what is there.
func fullDisk(t *testing.T, fill func(*Tx) error) {
	s := openIn(t, Options{})
	save := func(name string) func(*Tx) error {
		return func(tx *Tx) error { return tx.SaveServer(&scout.Server{Name: name}) }
	}
	limitPages(t, s, 1) // no more than there are
	names := []string{"before", "after", "last"}
	errs := together(t, s, save("before"), fill, save("after"), save("last"))
	full := errs[1]
	if full == nil || !strings.Contains(full.Error(), "full") {
		t.Fatalf("error = %v, want that the disk is full", full)
	}
	limitPages(t, s, 1_000_000)

	list, err := s.ListServers(t.Context(), scout.ServerFilter{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	for i, err := range slices.Delete(errs, 1, 2) {
		there := slices.ContainsFunc(list, func(v scout.Server) bool { return v.Name == names[i] })
		if there != (err == nil) {
			t.Errorf("%s: error = %v, but it is written: %t", names[i], err, there)
		}
	}
	if err := s.Update(t.Context(), save("once there is room")); err != nil {
		t.Errorf("once there is room: %v", err)
	}
}

func limitPages(t *testing.T, s *Store, n int) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *Tx) error {
		var limit int
		return tx.row(fmt.Sprintf("PRAGMA max_page_count = %d", n)).Scan(&limit)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatWasAcceptedIsDoneBeforeClosing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s := openIn(t, Options{Dir: dir})
		release, closed := make(chan struct{}), make(chan error)
		errs := make(chan error, 2)
		go func() { errs <- s.Update(t.Context(), func(*Tx) error { <-release; return nil }) }()
		synctest.Wait()
		go func() {
			errs <- s.Update(t.Context(), func(tx *Tx) error { return tx.SaveServer(&scout.Server{Name: "web-1"}) })
		}()
		synctest.Wait()
		go func() { closed <- s.Close() }()
		synctest.Wait()
		close(release)
		for range 2 {
			if err := <-errs; err != nil {
				t.Errorf("a caller who was there before closing: %v", err)
			}
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
		list, err := openIn(t, Options{Dir: dir}).ListServers(t.Context(), scout.ServerFilter{}, 10)
		if err != nil || len(list) != 1 {
			t.Errorf("after opening again there are %d servers, %v", len(list), err)
		}
	})
}
