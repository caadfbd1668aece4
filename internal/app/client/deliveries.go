package client

import (
	"context"
	"net/http"
	"time"
)

// Delivery is a delivery as the API shows it.
type Delivery struct {
	ID         int64     `json:"id"`
	MessageID  string    `json:"message_id"`
	IncidentID string    `json:"incident_id"`
	Webhook    string    `json:"webhook"`
	Server     string    `json:"server"`
	Service    string    `json:"service"`
	Tells      string    `json:"tells"`
	Status     string    `json:"status"`
	Reason     string    `json:"reason"`
	Attempts   int       `json:"attempts"`
	DueAt      time.Time `json:"due_at"` // zero unless it is pending
	CreatedAt  time.Time `json:"created_at"`
}

// DeliveryFilter narrows a list of deliveries. Zero fields do not.
type DeliveryFilter struct {
	WebhookID  int64     `query:"webhook_id"`
	IncidentID string    `query:"incident_id"`
	Status     string    `query:"status"`
	Server     string    `query:"server"`
	Service    string    `query:"service"`
	Since      time.Time `query:"since"`
	Until      time.Time `query:"until"`
}

// Deliveries lists deliveries, newest first; limit 0 lists all.
func (c *Client) Deliveries(ctx context.Context, f DeliveryFilter, limit int) (List[Delivery], error) {
	return list[Delivery](ctx, c, "/deliveries", f, limit)
}

// Delivery returns one delivery.
func (c *Client) Delivery(ctx context.Context, id int64) (Answer[Delivery], error) {
	return one[Delivery](ctx, c, call{method: http.MethodGet, path: at("deliveries", id, "")})
}

// SendAgain sends a delivery again now.
func (c *Client) SendAgain(ctx context.Context, id int64) (Answer[Delivery], error) {
	return one[Delivery](ctx, c, call{method: http.MethodPost, path: at("deliveries", id, "retry")})
}

// FailedFilter says which failed deliveries to send again. Zero fields do not
// narrow.
type FailedFilter struct {
	Since     time.Time `query:"since"` // when they failed
	WebhookID int64     `query:"webhook_id"`
	Server    string    `query:"server"`
	Service   string    `query:"service"`
	DryRun    bool      `query:"dry_run"` // count them and send nothing
}

// SentAgain is what became of sending failed deliveries again.
type SentAgain struct {
	DryRun bool       `json:"dry_run"`
	Count  int        `json:"count"`
	More   bool       `json:"more"`
	Left   []NotAgain `json:"left"`
}

// NotAgain is a delivery that was not sent again, and why.
type NotAgain struct {
	DeliveryID int64  `json:"delivery_id"`
	Webhook    string `json:"webhook"`
	Why        string `json:"why"`
}

// SendFailedAgain sends failed deliveries again now.
func (c *Client) SendFailedAgain(ctx context.Context, f FailedFilter) (Answer[SentAgain], error) {
	return one[SentAgain](ctx, c, call{method: http.MethodPost, path: "/deliveries/send-again", query: parameters(f)})
}

// Attempt is an attempt as the API shows it.
type Attempt struct {
	Number     int       `json:"number"`
	StartedAt  time.Time `json:"started_at"`
	DurationMS float64   `json:"duration_ms"`
	Outcome    string    `json:"outcome"`
	Fault      string    `json:"fault"`
	Detail     string    `json:"detail"`
	StatusCode int       `json:"status_code"` // 0 when there was no answer
	Address    string    `json:"address"`
	Request    *Exchange `json:"request"`
	Response   *Exchange `json:"response"`
}

// Exchange is one side of an attempt as it is on record, secrets masked.
type Exchange struct {
	Line      string      `json:"line"`
	Headers   [][2]string `json:"headers"`
	Body      string      `json:"body"`
	Truncated bool        `json:"truncated"`
}

// Attempts lists a delivery's attempts, oldest first; limit 0 lists all.
func (c *Client) Attempts(ctx context.Context, deliveryID int64, limit int) (List[Attempt], error) {
	return list[Attempt](ctx, c, at("deliveries", deliveryID, "attempts"), nil, limit)
}
