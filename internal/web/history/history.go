// Package history is the part of the dashboard that answers "what happened to
// my notification?": the list of deliveries and of their attempts, one delivery
// in full, and sending again what failed.
package history

import (
	"context"
	"net/http"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
)

// Store is what the pages read. What is not there is a NotFound error. Lists
// are newest first and have at most limit items.
type Store interface {
	DeliveryReader
	AttemptReader
	AroundReader
}

// DeliveryReader reads deliveries.
type DeliveryReader interface {
	ListDeliveries(ctx context.Context, f scout.DeliveryFilter, limit int) ([]scout.Delivery, error)
	Delivery(ctx context.Context, id int64) (scout.Delivery, error)
	Backlog(ctx context.Context) (scout.Backlog, error)
}

// AttemptReader reads attempts.
type AttemptReader interface {
	ListAttempts(ctx context.Context, f scout.AttemptFilter, limit int) ([]scout.SentAttempt, error)
	// LatestAttempts returns at most each of one delivery, oldest first.
	LatestAttempts(ctx context.Context, deliveryIDs []int64, each int) (map[int64][]scout.Attempt, error)
}

// AroundReader reads what a delivery is about and where it goes.
type AroundReader interface {
	Event(ctx context.Context, id int64) (scout.Event, error)
	Webhook(ctx context.Context, id int64) (scout.Webhook, error)
	FindWebhooks(ctx context.Context, f scout.WebhookFilter, limit int) ([]scout.Webhook, error)
}

// Options are what the pages are joined to. Both are needed.
type Options struct {
	Store   Store
	Manager *manage.Manager
}

// Area serves the pages. It is safe for concurrent use.
type Area struct {
	store   Store
	manager *manage.Manager
}

// New makes the pages.
func New(o Options) *Area { return &Area{store: o.Store, manager: o.Manager} }

// Route serves the pages below notifications.
func (a *Area) Route(site *page.Site, mux *http.ServeMux) {
	site.Handle(mux, "GET /notifications/history", a.list)
	site.Handle(mux, "GET /notifications/deliveries/{id}", a.show)
	site.Handle(mux, "POST /notifications/deliveries/{id}/send-again", a.sendOneAgain)
	site.Handle(mux, "GET /notifications/send-again", a.askAgain)
	site.Handle(mux, "POST /notifications/send-again", a.sendFailedAgain)
}

// Where the pages lie.
const (
	historyPath = "notifications/history"
	againPath   = "notifications/send-again"
)

// mostWebhooks is how many webhooks are offered in a select.
const mostWebhooks = 500

// webhooks reads the webhooks there are, and the same by id.
func (a *Area) webhooks(ctx context.Context) ([]scout.Webhook, map[int64]scout.Webhook, error) {
	list, err := a.store.FindWebhooks(ctx, scout.WebhookFilter{}, mostWebhooks)
	byID := make(map[int64]scout.Webhook, len(list))
	for _, w := range list {
		byID[w.ID] = w
	}
	return list, byID, err
}
