package history_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"serverscout/internal/scout"
	"serverscout/internal/store"
	"serverscout/internal/store/history"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What the generator writes past the store, the store reads as its own.
func TestHistoryIsReadByTheStore(t *testing.T) {
	t.Parallel()
	dir, end := t.TempDir(), time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	const checks, days = 3, 20
	o := history.Options{Dir: dir, Checks: checks, Days: days, End: end}
	if err := history.Fill(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Options{Dir: dir, Now: func() time.Time { return end }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	incidents, err := s.ListIncidents(ctx, scout.IncidentFilter{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(incidents); n < 100*checks*days/365-checks || n > 200*checks*days/365 {
		t.Errorf("there are %d incidents, want 100 to 200 of a check in a year", n)
	}
	down := time.Duration(0)
	for _, in := range incidents[:len(incidents)/2] {
		told(t, s, in)
	}
	for _, in := range incidents {
		if in.CheckID == 3 {
			down += in.Ended.Sub(in.Began)
		}
	}
	start := end.AddDate(0, 0, -days)
	all, err := s.Availability(ctx, []int64{3}, start, end)
	if err != nil {
		t.Fatal(err)
	}
	a := all[3]
	if got := a.Up + a.Warning + a.Down; got < 15*24*time.Hour || a.Warning+a.Down != down {
		t.Errorf("availability = %+v, want %v not up", a, down)
	}
	charts(t, s, start, end)
	if err := history.Fill(ctx, o); err == nil {
		t.Error("a second history goes into the same folder")
	}
}

// told reads what was told of an incident.
func told(t *testing.T, s *store.Store, in scout.Incident) {
	t.Helper()
	events, err := s.ListEvents(t.Context(), scout.EventFilter{IncidentID: in.ID}, 10)
	if err != nil || len(events) != in.Events || len(events[0].Evidence) == 0 {
		t.Fatalf("incident %s: %d events, %v", in.ID, len(events), err)
	}
	deliveries, err := s.ListDeliveries(t.Context(), scout.DeliveryFilter{IncidentID: in.ID}, 10)
	if err != nil || len(deliveries) < in.Events {
		t.Fatalf("incident %s: %d deliveries, %v", in.ID, len(deliveries), err)
	}
	for _, d := range deliveries {
		attempts, err := s.Attempts(t.Context(), d.ID, 0, 100)
		if err != nil || len(attempts) != d.Attempts || attempts[0].Request.Body == "" {
			t.Fatalf("delivery %d: %d attempts, %v", d.ID, len(attempts), err)
		}
	}
}

// charts reads results and rollups, the latest of which are still to be made.
func charts(t *testing.T, s *store.Store, start, end time.Time) {
	t.Helper()
	for _, tidied := range []bool{false, true} {
		rest := 6
		if tidied {
			rest = 0
			if err := s.Tidy(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for length, want := range map[time.Duration]int{
			time.Hour: 20*24 - rest, 5 * time.Minute: (20*24 - rest) * 12,
		} {
			got, err := s.Rollups(t.Context(), 3, length, start, end)
			if err != nil {
				t.Fatal(err)
			}
			// The last window of all is not settled at the end.
			if n := len(got); n != want && !(tidied && n == want-1) {
				t.Errorf("tidied: %t: %d rollups of %v, want %d", tidied, n, length, want)
			}
		}
	}
	results, err := s.Results(t.Context(), 3, time.Time{}, 10_000)
	if err != nil || len(results) != 48*60 {
		t.Errorf("%d results, %v", len(results), err)
	}
}
