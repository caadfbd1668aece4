package client

import (
	"context"
	"net/http"
)

// Diagnosis is what was found about a webhook.
type Diagnosis struct {
	Findings []Finding `json:"findings"`
	Healthy  bool      `json:"healthy"` // no step failed
}

// Finding is what one step of a diagnosis came to.
type Finding struct {
	Title   string  `json:"title"`
	Outcome string  `json:"outcome"`
	Says    string  `json:"says"`
	Remedy  string  `json:"remedy"` // "" where there is nothing to do
	TookMS  float64 `json:"took_ms"`
}

// DiagnoseWebhook finds out step by step whether messages reach a webhook.
func (c *Client) DiagnoseWebhook(ctx context.Context, id int64) (Answer[Diagnosis], error) {
	return one[Diagnosis](ctx, c, call{method: http.MethodPost, path: at("webhooks", id, "diagnose")})
}

// DiagnoseUnsavedWebhook does so with a webhook's keys that are not stored.
func (c *Client) DiagnoseUnsavedWebhook(ctx context.Context, keys map[string]any) (Answer[Diagnosis], error) {
	return one[Diagnosis](ctx, c, call{method: http.MethodPost, path: "/webhooks/diagnose", body: keys})
}
