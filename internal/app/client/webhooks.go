package client

import (
	"context"
	"net/http"
	"time"
)

// Webhook is a webhook as the API shows it. The keys of its format are in the
// answer's JSON.
type Webhook struct {
	ID          int64         `json:"id"`
	Name        string        `json:"name"`
	URL         string        `json:"url"` // credentials masked
	Format      string        `json:"format"`
	AlertTypes  []string      `json:"alert_types"`
	Paused      bool          `json:"paused"`
	DisabledWhy string        `json:"disabled_why"` // not empty: disabled
	Health      WebhookHealth `json:"health"`
}

// WebhookHealth is what the latest attempts say of a webhook.
type WebhookHealth struct {
	FailStreak  int       `json:"fail_streak"`
	FailingFrom time.Time `json:"failing_from"`
	LastError   string    `json:"last_error"`
}

// WebhookFilter narrows a list of webhooks. Zero fields do not.
type WebhookFilter struct {
	Name   string `query:"name"`
	Format string `query:"format"`
}

// Webhooks lists webhooks, oldest first; limit 0 lists all.
func (c *Client) Webhooks(ctx context.Context, f WebhookFilter, limit int) (List[Webhook], error) {
	return list[Webhook](ctx, c, "/webhooks", f, limit)
}

// Webhook returns one webhook.
func (c *Client) Webhook(ctx context.Context, id int64) (Answer[Webhook], error) {
	return one[Webhook](ctx, c, call{method: http.MethodGet, path: at("webhooks", id, "")})
}

// CreateWebhook makes a webhook from its keys.
func (c *Client) CreateWebhook(ctx context.Context, keys map[string]any) (Answer[Webhook], error) {
	return one[Webhook](ctx, c, call{method: http.MethodPost, path: "/webhooks", body: keys})
}

// ChangeWebhook applies a merge patch, if the webhook still has the ETag; ""
// stands for any.
func (c *Client) ChangeWebhook(ctx context.Context, id int64, match string, patch map[string]any) (Answer[Webhook], error) {
	return one[Webhook](ctx, c, call{method: http.MethodPatch, path: at("webhooks", id, ""), body: patch, match: match})
}

// DeleteWebhook deletes a webhook and cancels what waits for it.
func (c *Client) DeleteWebhook(ctx context.Context, id int64) error {
	return c.remove(ctx, at("webhooks", id, ""))
}

// PauseWebhook holds back what a webhook would be sent.
func (c *Client) PauseWebhook(ctx context.Context, id int64) (Answer[Webhook], error) {
	return one[Webhook](ctx, c, call{method: http.MethodPost, path: at("webhooks", id, "pause")})
}

// ResumeWebhook sends again to a paused or disabled webhook.
func (c *Client) ResumeWebhook(ctx context.Context, id int64) (Answer[Webhook], error) {
	return one[Webhook](ctx, c, call{method: http.MethodPost, path: at("webhooks", id, "resume")})
}

// Test is what became of a sample event.
type Test struct {
	Delivery Delivery `json:"delivery"`
	Attempt  Attempt  `json:"attempt"`
}

// TestWebhook sends a sample event that tells a status: down, warning or
// recovered.
func (c *Client) TestWebhook(ctx context.Context, id int64, status string) (Answer[Test], error) {
	body := map[string]any{"event": status}
	return one[Test](ctx, c, call{method: http.MethodPost, path: at("webhooks", id, "test"), body: body})
}

// TestUnsavedWebhook does so with a webhook's keys that are not stored. The key
// event says what the sample tells.
func (c *Client) TestUnsavedWebhook(ctx context.Context, keys map[string]any) (Answer[Test], error) {
	return one[Test](ctx, c, call{method: http.MethodPost, path: "/webhooks/test", body: keys})
}
