package store

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

// Statements of the writer run between an event and the wire, so that none may
// get slower as history grows: none may read a whole table of the ledger's
// growing part.
func TestWriterDoesNotScanHistory(t *testing.T) {
	t.Parallel()
	s := openIn(t, Options{})
	liveThrough(t, s)
	scan := regexp.MustCompile(`SCAN (deliveries|events|incidents|attempts|d|e|i)( USING INDEX .*)?$`)
	// Indexes that hold only what has not ended are small however long the
	// history is.
	small := []string{"deliveries_sending", "deliveries_pending"}
	for query := range s.ledger.stmts {
		if strings.HasPrefix(query, "BEGIN") || strings.Contains(query, "SAVEPOINT") || !strings.Contains(query, "?") {
			continue
		}
	steps:
		for _, step := range plan(t, s, query) {
			for _, index := range small {
				if strings.HasSuffix(step, index) {
					continue steps
				}
			}
			if scan.MatchString(step) {
				t.Errorf("%s: %s", step, query)
			}
		}
	}
}

// plan asks how SQLite carries out a statement.
func plan(t *testing.T, s *Store, query string) []string {
	t.Helper()
	return planIn(t, s.read, query)
}

// planIn asks it of one of the two databases.
func planIn(t *testing.T, read reader, query string) []string {
	t.Helper()
	rows, err := read.Query("EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
	steps, err := collect(func(row scanner) (step string, err error) {
		var id, parent, unused int
		return step, row.Scan(&id, &parent, &unused, &step)
	})(rows, err)
	if err != nil {
		t.Fatalf("%v: %s", err, query)
	}
	return steps
}

// liveThrough has the store do everything that it does while alerts go out.
func liveThrough(t *testing.T, s *Store) {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	w := scout.Webhook{Name: "ops"}
	event := scout.Event{IncidentID: scout.NewIncidentID(now), Seq: 1}
	first := scout.Delivery{IncidentID: event.IncidentID, Seq: 1, Tells: scout.StatusDown, Status: scout.Sending, CreatedAt: now}
	second := scout.Delivery{IncidentID: event.IncidentID, Seq: 2, Tells: scout.StatusRecovered, Status: scout.Pending, CreatedAt: now}
	incident := scout.Incident{ID: event.IncidentID, Opened: now, Closed: now}
	err := s.Update(ctx, func(tx *Tx) error {
		if err := errors.Join(tx.SaveWebhook(&w), tx.SaveIncident(incident), tx.InsertEvent(&event)); err != nil {
			return err
		}
		first.WebhookID, second.WebhookID, first.EventID, second.EventID = w.ID, w.ID, event.ID, event.ID
		err := tx.InsertDelivery(&first)
		second.AfterID = first.ID
		_, past := tx.Past(event.IncidentID, 2)
		_, open := tx.OpenDelivery(event.IncidentID, w.ID)
		return errors.Join(err, past, open, tx.InsertDelivery(&second), tx.SetDecisions(event.ID, nil),
			tx.SaveState(scout.CheckState{CheckID: 1}, time.Time{}))
	})
	if err != nil {
		t.Fatal(err)
	}
	finish := func(ctx context.Context, c scout.Completion) error {
		c.Job = scout.Job{Delivery: first, Webhook: w}
		c.Attempt, c.Now, c.Next = scout.Attempt{DeliveryID: first.ID, WebhookID: w.ID}, now, 1
		_, err := s.Finish(ctx, c)
		return err
	}
	h := scout.Hold{From: now, Until: now.Add(time.Hour)}
	err = s.Update(ctx, func(tx *Tx) error {
		_, acknowledged := tx.Acknowledged(event.IncidentID)
		return errors.Join(tx.SaveHold(&h), tx.Acknowledge(incident), acknowledged)
	})
	if err != nil {
		t.Fatal(err)
	}
	_, recovered := s.Recover(ctx)
	err = errors.Join(recovered,
		finish(ctx, scout.Completion{Status: scout.Pending, Says: scout.SaysFailure, HoldUntil: now.Add(time.Hour), Delay: time.Hour, DueAt: now.Add(time.Hour)}),
		s.Clamp(ctx, now.Add(-time.Hour)),
		s.Update(ctx, func(tx *Tx) error {
			return errors.Join(tx.PauseWebhook(w.ID), tx.ResumeWebhook(w.ID), tx.CaughtUp(w.ID), tx.SendAgain(first.ID))
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
	jobs, err := s.Claim(ctx, w.ID, 1, time.Now().Add(time.Second))
	if err != nil || len(jobs) != 1 {
		t.Fatalf("claimed %d jobs: %v", len(jobs), err)
	}
	if err := finish(ctx, scout.Completion{Status: scout.DeliveryFailed, Says: scout.SaysSuccess}); err != nil {
		t.Fatal(err)
	}
}
