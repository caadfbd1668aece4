package client

import (
	"context"
	"time"
)

// Why is why one event did or did not reach one webhook, as the API shows it.
type Why struct {
	EventID  int64        `json:"event_id"`
	Kind     string       `json:"kind"`
	Level    string       `json:"level"`
	At       time.Time    `json:"at"`
	Message  string       `json:"message"`
	Webhook  string       `json:"webhook"`
	Reason   string       `json:"reason"`
	Says     string       `json:"says"`
	Delivery *WhyDelivery `json:"delivery"` // nil where the webhook is owed nothing
}

// WhyDelivery is how far the delivery is.
type WhyDelivery struct {
	ID     int64  `json:"id"`
	Status string `json:"status"`
}

// WhyEvent says for each webhook why an event did or did not reach it.
func (c *Client) WhyEvent(ctx context.Context, id int64) (List[Why], error) {
	return all[Why](ctx, c, at("events", id, "why"))
}

// WhyFilter narrows what is said of an incident. Zero fields do not.
type WhyFilter struct {
	WebhookID int64 `query:"webhook_id"`
}

// WhyIncident says so of all events of an incident, oldest first.
func (c *Client) WhyIncident(ctx context.Context, id string, f WhyFilter) (List[Why], error) {
	return list[Why](ctx, c, at("incidents", id, "why"), f, 0)
}
