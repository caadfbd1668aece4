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
	HoldReader
	DeliveryReader
	TokenReader
	AccountReader
	HistoryReader
	PastReader
	AnswerKeeper
	StatusPageReader
}

// InventoryReader reads servers and checks, and what was observed of them.
type InventoryReader interface {
	ListServers(ctx context.Context, f scout.ServerFilter, limit int) ([]scout.Server, error)
	Server(ctx context.Context, id int64) (scout.Server, error)
	ListChecks(ctx context.Context, f scout.CheckFilter, limit int) ([]scout.Check, error)
	Check(ctx context.Context, id int64) (scout.Check, error)
	StatesOf(ctx context.Context, checkIDs []int64) (map[int64]scout.CheckState, error)
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
	FindWebhooks(ctx context.Context, f scout.WebhookFilter, limit int) ([]scout.Webhook, error)
	Webhook(ctx context.Context, id int64) (scout.Webhook, error)
}

// DeliveryReader reads deliveries and their attempts.
type DeliveryReader interface {
	ListDeliveries(ctx context.Context, f scout.DeliveryFilter, limit int) ([]scout.Delivery, error)
	Delivery(ctx context.Context, id int64) (scout.Delivery, error)
	Attempts(ctx context.Context, deliveryID, after int64, limit int) ([]scout.Attempt, error)
	ListAttempts(ctx context.Context, f scout.AttemptFilter, limit int) ([]scout.SentAttempt, error)
	// LatestAttempts returns at most each of one delivery, oldest first.
	LatestAttempts(ctx context.Context, deliveryIDs []int64, each int) (map[int64][]scout.Attempt, error)
	Backlog(ctx context.Context) (scout.Backlog, error)
}

// TokenReader reads tokens, and finds the token behind a text, or false if
// there is none.
type TokenReader interface {
	TokenFor(ctx context.Context, plain scout.Secret) (scout.Token, bool, error)
	ListTokens(ctx context.Context, after int64, limit int) ([]scout.Token, error)
	Token(ctx context.Context, id int64) (scout.Token, error)
}

// HistoryReader reads events and attempts in the order in which they came.
type HistoryReader interface {
	EventsAfter(ctx context.Context, id int64, limit int) ([]scout.Event, error)
	AttemptsAfter(ctx context.Context, id int64, limit int) ([]scout.SentAttempt, error)
	LastPlace(ctx context.Context) (scout.Place, error)
	// CountBetween counts what is left of the events and attempts after one
	// place, up to another.
	CountBetween(ctx context.Context, after, upTo scout.Place) (scout.Place, error)
}

// AnswerKeeper keeps the answers to requests with an Idempotency-Key.
type AnswerKeeper interface {
	// ClaimKey returns the answer that was kept, or claims the key for a request
	// with that fingerprint. It is an Invalid error if the key was used for
	// another one, and a Conflict while somebody else has the claim.
	ClaimKey(ctx context.Context, tokenID int64, key string, fingerprint []byte) (answer []byte, claimed bool, err error)
	KeepAnswer(ctx context.Context, tokenID int64, key string, status int, answer []byte) error
	ReleaseKey(ctx context.Context, tokenID int64, key string) error
}
