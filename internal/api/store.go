package api

import (
	"context"
	"time"

	"serverscout/internal/scout"
)

// Store is what the API reads. What is not there is a NotFound error. Lists
// have at most limit items.
type Store interface {
	InventoryReader
	IncidentReader
	WebhookReader
	DeliveryReader
	TokenReader
}

// InventoryReader reads servers and checks, and what was observed of them.
type InventoryReader interface {
	ListServers(ctx context.Context, f scout.ServerFilter, limit int) ([]scout.Server, error)
	Server(ctx context.Context, id int64) (scout.Server, error)
	ListChecks(ctx context.Context, f scout.CheckFilter, limit int) ([]scout.Check, error)
	Check(ctx context.Context, id int64) (scout.Check, error)
	State(ctx context.Context, checkID int64) (scout.CheckState, error)
	Results(ctx context.Context, checkID int64, before time.Time, limit int) ([]scout.Result, error)
}

// IncidentReader reads incidents and their events.
type IncidentReader interface {
	ListIncidents(ctx context.Context, f scout.IncidentFilter, limit int) ([]scout.Incident, error)
	Incident(ctx context.Context, id string) (scout.Incident, error)
	ListEvents(ctx context.Context, f scout.EventFilter, limit int) ([]scout.Event, error)
	Event(ctx context.Context, id int64) (scout.Event, error)
}

// WebhookReader reads webhooks.
type WebhookReader interface {
	ListWebhooks(ctx context.Context, after int64, limit int) ([]scout.Webhook, error)
	Webhook(ctx context.Context, id int64) (scout.Webhook, error)
}

// DeliveryReader reads deliveries and their attempts.
type DeliveryReader interface {
	ListDeliveries(ctx context.Context, f scout.DeliveryFilter, limit int) ([]scout.Delivery, error)
	Delivery(ctx context.Context, id int64) (scout.Delivery, error)
	Attempts(ctx context.Context, deliveryID, after int64, limit int) ([]scout.Attempt, error)
	Backlog(ctx context.Context) (scout.Backlog, error)
}

// TokenReader finds the token behind a text, and false if there is none.
type TokenReader interface {
	TokenFor(ctx context.Context, plain scout.Secret) (scout.Token, bool, error)
}
