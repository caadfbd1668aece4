package manage_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// fail writes n deliveries to a webhook that were given up, each of an incident
// of its own.
func fail(t *testing.T, s *store.Store, webhook scout.Webhook, n int) []int64 {
	t.Helper()
	ctx := context.Background()
	must(t, s.Update(ctx, func(tx *store.Tx) error {
		for i := range n {
			incident := fmt.Sprintf("%s-%d", webhook.Name, i)
			e := scout.Event{IncidentID: incident, Seq: 1, Kind: scout.Opened, Level: scout.Down, At: webhook.CreatedAt}
			if err := tx.InsertEvent(&e); err != nil {
				return err
			}
			d := scout.Delivery{
				MessageID: "msg_" + incident, EventID: e.ID, IncidentID: incident, Seq: 1, WebhookID: webhook.ID, Webhook: webhook.Name,
				Server: "web-1", Tells: scout.StatusDown, Status: scout.Pending, Reason: scout.Owed, DueAt: webhook.CreatedAt, CreatedAt: webhook.CreatedAt,
			}
			if err := tx.InsertDelivery(&d); err != nil {
				return err
			}
		}
		return nil
	}))
	jobs := value(s.Claim(ctx, webhook.ID, n, webhook.CreatedAt.Add(time.Hour)))(t)
	ids := []int64{}
	for _, job := range jobs {
		_, err := s.Finish(ctx, scout.Completion{
			Job: job, Attempt: scout.Attempt{DeliveryID: job.Delivery.ID, WebhookID: webhook.ID, Number: 1},
			Status: scout.DeliveryFailed, Reason: scout.GaveUp, Now: webhook.CreatedAt.Add(time.Hour),
		})
		must(t, err)
		ids = append(ids, job.Delivery.ID)
	}
	if len(ids) != n {
		t.Fatalf("claimed %d deliveries, want %d", len(ids), n)
	}
	return ids
}

// statuses counts deliveries by status.
func statuses(t *testing.T, s *store.Store) map[scout.DeliveryStatus]int {
	t.Helper()
	count := map[scout.DeliveryStatus]int{}
	for _, d := range value(s.ListDeliveries(context.Background(), scout.DeliveryFilter{}, 10_000))(t) {
		count[d.Status]++
	}
	return count
}

func TestSendAgainAll(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	ops := value(m.CreateWebhook(ctx, fullWebhook("ops")))(t)
	other := value(m.CreateWebhook(ctx, fullWebhook("other")))(t)
	gone := value(m.CreateWebhook(ctx, fullWebhook("gone")))(t)
	fail(t, s, ops, 250)
	fail(t, s, other, 3)
	lost := fail(t, s, gone, 1)
	must(t, m.DeleteWebhook(ctx, gone.ID, 0))

	list, more, err := m.FailedDeliveries(ctx, scout.DeliveryFilter{WebhookID: ops.ID}, 10)
	if err != nil || len(list) != 10 || !more {
		t.Fatalf("got %d failed deliveries, more: %v, %v", len(list), more, err)
	}
	equal(t, "what a look changes", statuses(t, s), map[scout.DeliveryStatus]int{scout.DeliveryFailed: 254})

	tests := []struct {
		name   string
		filter scout.DeliveryFilter
		limit  int
		sent   int
		left   []int64
		more   bool
	}{
		{"nothing failed since", scout.DeliveryFilter{EndedSince: ops.CreatedAt.Add(2 * time.Hour)}, 500, 0, nil, false},
		{"by webhook, up to the limit", scout.DeliveryFilter{WebhookID: ops.ID}, 120, 120, nil, true},
		{"the rest of it", scout.DeliveryFilter{WebhookID: ops.ID}, 130, 130, nil, false},
		{"a webhook that was removed", scout.DeliveryFilter{WebhookID: gone.ID}, 500, 0, lost, false},
		{"whatever is left", scout.DeliveryFilter{Server: "web-1", Status: scout.Delivered, Test: scout.With}, 500, 3, lost, false},
		{"nothing but what cannot", scout.DeliveryFilter{}, 500, 0, lost, false},
	}
	for _, tt := range tests {
		got, err := m.SendAgainAll(ctx, tt.filter, tt.limit)
		if err != nil || got.Sent != tt.sent || got.More != tt.more {
			t.Errorf("%s: sent %d, more: %v, %v; want %d, %v", tt.name, got.Sent, got.More, err, tt.sent, tt.more)
		}
		left := []int64{}
		for _, n := range got.Left {
			left = append(left, n.Delivery.ID)
			if !strings.Contains(n.Why, "was removed") {
				t.Errorf("%s: %d is left because %q", tt.name, n.Delivery.ID, n.Why)
			}
		}
		equal(t, tt.name+": left", left, tt.left)
	}
	equal(t, "in the end", statuses(t, s), map[scout.DeliveryStatus]int{scout.Pending: 253, scout.DeliveryFailed: 1})
}

// The oldest goes first, so that it is also sent first.
func TestSendAgainAllKeepsTheOrder(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	ops := value(m.CreateWebhook(ctx, fullWebhook("ops")))(t)
	want := fail(t, s, ops, 5)
	value(m.SendAgainAll(ctx, scout.DeliveryFilter{}, 500))(t)
	got := []int64{}
	for _, job := range value(s.Claim(ctx, ops.ID, 5, ops.CreatedAt.Add(time.Hour)))(t) {
		got = append(got, job.Delivery.ID)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("claimed (-want +got):\n%s", d)
	}
}

// full is a ledger that takes so many transactions and no more.
type full struct {
	ledger
	room *int
}

var errFull = errors.New("no space left on device")

func (f full) Update(ctx context.Context, fn func(manage.Tx) error) error {
	if *f.room == 0 {
		return errFull
	}
	*f.room--
	return f.ledger.Update(ctx, fn)
}

func TestSendAgainAllSurvivesAFailure(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	ops := value(m.CreateWebhook(ctx, fullWebhook("ops")))(t)
	ids := fail(t, s, ops, 250)
	room := 2
	got, err := manage.New(full{ledger{s}, &room}, egress.CheckURL).SendAgainAll(ctx, scout.DeliveryFilter{}, 500)
	if !errors.Is(err, errFull) || got.Sent != 200 || len(got.Left) != 50 {
		t.Fatalf("sent %d, left %d, %v", got.Sent, len(got.Left), err)
	}
	for i, n := range got.Left {
		if n.Delivery.ID != ids[200+i] || n.Why == "" {
			t.Fatalf("left %d is %+v, want delivery %d with a reason", i, n, ids[200+i])
		}
	}
	equal(t, "on disk", statuses(t, s), map[scout.DeliveryStatus]int{scout.Pending: 200, scout.DeliveryFailed: 50})
}
