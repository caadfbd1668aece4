package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
)

// ended writes an incident that was over at a time, with events of one
// delivery each, and attempts of each delivery.
func ended(t *testing.T, s *Store, at time.Time, events, attempts int) string {
	t.Helper()
	return endedMany(t, s, 1, at, events, attempts)[0]
}

// endedMany writes several such incidents.
func endedMany(t *testing.T, s *Store, n int, at time.Time, events, attempts int) []string {
	t.Helper()
	ids := make([]string, n)
	err := s.Update(t.Context(), func(tx *Tx) error {
		for i := range ids {
			ids[i] = scout.NewIncidentID(at)
			if err := tx.writeEnded(ids[i], at, events, attempts); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func (tx *Tx) writeEnded(id string, at time.Time, events, attempts int) error {
	err := tx.SaveIncident(scout.Incident{ID: id, Opened: at, Closed: at})
	for i := range events {
		e := scout.Event{IncidentID: id, Seq: i + 1}
		d := scout.Delivery{IncidentID: id, Status: scout.Delivered, CreatedAt: at}
		err = errors.Join(err, tx.InsertEvent(&e), tx.InsertDelivery(&d))
		for range attempts {
			err = errors.Join(err, tx.insertAttempt(scout.Attempt{DeliveryID: d.ID}, "{}"))
		}
	}
	return err
}

// rowsOf counts a table's rows.
func rowsOf(t *testing.T, s *Store, table string) (n int) {
	t.Helper()
	if err := s.read.QueryRow("SELECT COUNT(*) FROM " + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// No transaction deletes more than it may, whatever an incident's shape.
func TestPruneIsDoneInSmallParts(t *testing.T) {
	t.Parallel()
	for _, shape := range [][3]int{{1, 1, 1}, {60, 1, 1}, {1, 90, 1}, {1, 1, 450}, {3, 30, 3}, {1, pruneRows, 0}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			t.Parallel()
			s := openIn(t, Options{})
			ids := endedMany(t, s, shape[0], noon, shape[1], shape[2])
			rows := func() (n int) {
				for _, table := range []string{"incidents", "events", "deliveries", "attempts"} {
					n += rowsOf(t, s, table)
				}
				return n
			}
			for before := rows(); before > 0; {
				err := s.Update(t.Context(), func(tx *Tx) (err error) {
					ids, err = tx.pruneStories(ids)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				now := rows()
				if deleted := before - now; deleted > pruneRows || deleted == 0 && len(ids) == 0 {
					t.Fatalf("a transaction deleted %d rows, of %d incidents that are left", deleted, len(ids))
				}
				before = now
			}
		})
	}
}

// A delivery that is sent again by hand, between being found and being
// deleted, keeps its incident.
func TestPruneLooksAgain(t *testing.T) {
	t.Parallel()
	s := openIn(t, Options{})
	id := ended(t, s, noon, 2, 1)
	err := s.Update(t.Context(), func(tx *Tx) error {
		if _, err := tx.exec("UPDATE deliveries SET status = 'pending' WHERE id = 1"); err != nil {
			return err
		}
		left, err := tx.pruneStories([]string{id})
		if len(left) > 0 {
			t.Errorf("%v is to be tried again", left)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := rowsOf(t, s, "attempts"); n != 2 {
		t.Errorf("%d attempts are left, want 2", n)
	}
}

func TestPruneOfLevels(t *testing.T) {
	t.Parallel()
	var h hands
	s, ids := watch(t, &h, 3)
	note(t, s, ids[0], change{0, levelUp}, change{10, levelDown}, change{20, levelUp}, change{30, levelDown})
	note(t, s, ids[1], change{25, levelUp})
	note(t, s, ids[2], change{40, levelUp})
	removed := make([]change, pruneRows+1) // of a check
	for i := range removed {
		removed[i] = change{i, i%2 + 1}
	}
	note(t, s, 99, removed...)
	gap(t, s, after(5), after(6))
	gap(t, s, after(15), after(30))
	h.at = after(20).Add(Retention{}.orDefaults().History)
	before := available(t, s, 20, 60, ids...)
	if err := s.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := collect(func(row scanner) (c [2]int64, err error) { return c, row.Scan(&c[0], &c[1]) })(
		s.read.Query("SELECT check_id, at FROM levels ORDER BY check_id, at"))
	if err != nil {
		t.Fatal(err)
	}
	want := [][2]int64{
		{ids[0], stored(after(20))}, {ids[0], stored(after(30))}, {ids[1], stored(after(25))}, {ids[2], stored(after(40))},
	}
	if !slices.Equal(got, want) {
		t.Errorf("levels of %v are left, want %v", got, want)
	}
	if n := rowsOf(t, s, "gaps"); n != 1 {
		t.Errorf("%d gaps are left, want 1", n)
	}
	for id, a := range available(t, s, 20, 60, ids...) {
		if a != before[id] {
			t.Errorf("the availability of check %d was %v and is %v", id, before[id], a)
		}
	}
}

// The loop prunes by itself, and ends in the middle of it when the store is
// closed.
func TestPruneRunsByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(Options{Dir: t.TempDir(), Keep: Retention{History: time.Hour}})
		if err != nil {
			t.Fatal(err)
		}
		const incidents = 250
		endedMany(t, s, incidents, time.Now(), 1, 1)
		<-time.After(time.Hour + pruneEvery + 2*breath)
		synctest.Wait()
		left := rowsOf(t, s, "incidents")
		if left == incidents || left == 0 {
			t.Errorf("after two breaths %d of %d incidents are left", left, incidents)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestPruneEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := openIn(t, Options{Now: (&hands{noon.AddDate(3, 0, 0)}).now})
	ended(t, s, noon, 1, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.prune(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want that it was cancelled", err)
	}
}

// What is found to be pruned is found without reading a whole history.
func TestPruneDoesNotScanHistory(t *testing.T) {
	t.Parallel()
	s := openIn(t, Options{Now: (&hands{noon.AddDate(3, 0, 0)}).now})
	ended(t, s, noon, 2, 1)
	note(t, s, 99, change{0, levelUp})
	if err := s.prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	queries := []string{oldestIncidents, oldestTests, staleLevels}
	for query := range s.ledger.stmts {
		if strings.HasPrefix(query, "DELETE") && !strings.Contains(query, "gaps") {
			queries = append(queries, query)
		}
	}
	if len(queries) < 7 {
		t.Fatalf("only %d queries are looked at", len(queries))
	}
	for _, query := range queries {
		for _, step := range plan(t, s, query) {
			if strings.HasPrefix(step, "SCAN") && !slices.Contains(small, step) {
				t.Errorf("%s: %s", step, query)
			}
		}
	}
}

// A hold goes when it ended long ago, unless what it held back is still to be
// told.
func TestPruneForgetsHolds(t *testing.T) {
	t.Parallel()
	h := &hands{noon}
	s := openIn(t, Options{Now: h.now})
	old := scout.Hold{From: noon, Until: noon.Add(time.Hour)}
	recent, untold := old, old
	recent.Until = noon.AddDate(2, 0, 0)
	err := s.Update(t.Context(), func(tx *Tx) error {
		if err := errors.Join(tx.SaveHold(&old), tx.SaveHold(&recent), tx.SaveHold(&untold)); err != nil {
			return err
		}
		_, err := tx.EndHolds(noon.AddDate(2, 0, 0))
		return errors.Join(err, tx.HoldsCaughtUp([]scout.Hold{old, recent}))
	})
	if err != nil {
		t.Fatal(err)
	}
	h.at = noon.AddDate(2, 0, 0)
	if err := s.prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := s.ListHolds(t.Context(), scout.HoldFilter{}, 10)
	if err != nil || len(left) != 2 || left[0].ID != untold.ID || left[1].ID != recent.ID {
		t.Errorf("left are %+v, %v", left, err)
	}
}

// small are the scans of what is few: of what a recursion yields, of tests, and
// of holds, each of which somebody made by hand.
var small = []string{"SCAN holds", "SCAN known", "SCAN k", "SCAN cuts", "SCAN CONSTANT ROW", "SCAN d USING INDEX deliveries_tests"}
