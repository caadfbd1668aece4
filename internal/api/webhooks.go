package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// webhookView is a webhook as answers show it: its keys as a file would have
// them, secrets masked, and what webhookFacts lists.
type webhookView map[string]any

// webhookFacts are what a webhook has beside its keys.
type webhookFacts struct {
	ID          int64        `json:"id"`
	Paused      bool         `json:"paused"`
	DisabledAt  time.Time    `json:"disabled_at" doc:"When the receiver said it is gone; resume to use it again."`
	DisabledWhy string       `json:"disabled_why"`
	Health      healthView   `json:"health"`
	Source      scout.Source `json:"source" enum:"file,database" doc:"What the file declares is changed there alone."`
	Revision    int64        `json:"revision" doc:"Counts its changes, not what happens to it; in quotes, its ETag."`
	CreatedAt   time.Time    `json:"created_at"`
	UpdatedAt   time.Time    `json:"updated_at"`
}

// healthView is what the latest attempts say of a webhook.
type healthView struct {
	FailStreak  int       `json:"fail_streak" doc:"Attempts failed since the last success."`
	FailingFrom time.Time `json:"failing_from,omitzero" doc:"The first of that streak."`
	HoldUntil   time.Time `json:"hold_until,omitzero" doc:"The receiver's Retry-After: nothing is sent before."`
	LastError   string    `json:"last_error,omitempty"`
}

// Schema describes a webhook as answers show it, for huma.
func (webhookView) Schema(r huma.Registry) *huma.Schema {
	s := objectSchema(manage.AllWebhookFields(), toShow)
	for name, p := range propertiesOf[webhookFacts](r) {
		s.Properties[name] = p
	}
	s.Required = []string{
		"id", "name", "url", "format", "alert_types", "headers", "match", "paused", "health", "source", "revision", "created_at", "updated_at",
	}
	return component(r, "Webhook", s)
}

func viewWebhook(w scout.Webhook) webhookView {
	v := webhookView(manage.ShowWebhook(w))
	v["id"], v["paused"], v["source"], v["revision"] = w.ID, w.Paused, w.Source, w.Revision
	v["created_at"], v["updated_at"] = instant(w.CreatedAt), instant(w.UpdatedAt)
	v["health"] = healthView{
		FailStreak:  w.Health.FailStreak,
		FailingFrom: instant(w.Health.FailingFrom),
		HoldUntil:   instant(w.Health.HoldUntil),
		LastError:   w.Health.LastError,
	}
	if !w.DisabledAt.IsZero() {
		v["disabled_at"], v["disabled_why"] = instant(w.DisabledAt), w.DisabledWhy
	}
	return v
}

// newWebhook and webhookChange are a webhook's keys, as manage reads them.
type (
	newWebhook    map[string]any
	webhookChange map[string]any
)

// Schema describes the keys of a new webhook, for huma.
func (newWebhook) Schema(r huma.Registry) *huma.Schema {
	return component(r, "NewWebhook", objectSchema(manage.AllWebhookFields(), toCreate))
}

// Schema describes a merge patch of a webhook, for huma.
func (webhookChange) Schema(r huma.Registry) *huma.Schema {
	return component(r, "WebhookChange", objectSchema(manage.AllWebhookFields(), toChange))
}

func (a *api) registerWebhooks() {
	serve(a, huma.Operation{
		OperationID: "list_webhooks", Method: http.MethodGet, Path: "/webhooks",
		Summary: "List webhooks, oldest first",
	}, a.listWebhooks)
	serve(a, huma.Operation{
		OperationID: "create_webhook", Method: http.MethodPost, Path: "/webhooks", DefaultStatus: http.StatusCreated,
		Summary: "Create a webhook",
	}, a.createWebhook)
	serve(a, huma.Operation{
		OperationID: "get_webhook", Method: http.MethodGet, Path: "/webhooks/{id}",
		Summary: "Get a webhook and its health",
	}, a.getWebhook)
	serve(a, huma.Operation{
		OperationID: "change_webhook", Method: http.MethodPatch, Path: "/webhooks/{id}",
		Summary: "Change a webhook",
		Description: "The body is a JSON merge patch: given keys replace, null resets, a masked secret keeps the stored one. " +
			"When the URL's host changes, stored secrets must be given anew.",
	}, a.changeWebhook)
	serve(a, huma.Operation{
		OperationID: "delete_webhook", Method: http.MethodDelete, Path: "/webhooks/{id}",
		Summary: "Delete a webhook and cancel what waits for it",
	}, a.deleteWebhook)
	serve(a, huma.Operation{
		OperationID: "pause_webhook", Method: http.MethodPost, Path: "/webhooks/{id}/pause",
		Summary:     "Hold back what a webhook would be sent",
		Description: "The recovery of what it was told before is still sent. What the file declares can be paused as well.",
	}, a.pauseWebhook)
	serve(a, huma.Operation{
		OperationID: "resume_webhook", Method: http.MethodPost, Path: "/webhooks/{id}/resume",
		Summary:     "Send again to a paused or disabled webhook",
		Description: "What was held back is told, if its incident is still open.",
	}, a.resumeWebhook)
}

type webhooksRequest struct {
	Paging
	Name     string `query:"name" doc:"Only the webhook of this name."`
	Format   string `query:"format" doc:"Only webhooks of this format."`
	Failing  Choice `query:"failing" doc:"Only those whose latest attempt failed, or only the others."`
	Paused   Choice `query:"paused" doc:"Only those that are paused, or only the others."`
	Disabled Choice `query:"disabled" doc:"Only those that are disabled, or only the others."`
}

func (a *api) listWebhooks(ctx context.Context, in *webhooksRequest) (*answer[page[webhookView]], error) {
	after, err := in.number("webhooks")
	if err != nil {
		return nil, err
	}
	found, err := a.store.FindWebhooks(ctx, scout.WebhookFilter{
		Name:     in.Name,
		Format:   in.Format,
		Failing:  in.Failing.only(),
		Paused:   in.Paused.only(),
		Disabled: in.Disabled.only(),
		After:    after,
	}, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged("webhooks", in.Limit, found, func(w scout.Webhook) string { return digits(w.ID) }, viewWebhook), nil
}

type createWebhookRequest struct {
	Idempotent
	Body newWebhook
}

func (a *api) createWebhook(ctx context.Context, in *createWebhookRequest) (*created[webhookView], error) {
	w, err := a.manager.CreateWebhook(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return &created[webhookView]{Location: location("webhooks", w.ID), ETag: etag(w.Revision), Body: viewWebhook(w)}, nil
}

func (a *api) getWebhook(ctx context.Context, in *byID) (*revised[webhookView], error) {
	w, err := a.store.Webhook(ctx, in.ID)
	return answerWebhook(w, err)
}

type changeWebhookRequest struct {
	ID int64 `path:"id"`
	IfMatch
	Body webhookChange
}

func (a *api) changeWebhook(ctx context.Context, in *changeWebhookRequest) (*revised[webhookView], error) {
	match, err := in.revision(a.webhookRevision(ctx, in.ID))
	if err != nil {
		return nil, err
	}
	w, err := a.manager.ChangeWebhook(ctx, in.ID, match, in.Body)
	return answerWebhook(w, err)
}

func (a *api) deleteWebhook(ctx context.Context, in *byIDIfMatch) (*nothing, error) {
	match, err := in.revision(a.webhookRevision(ctx, in.ID))
	if err != nil {
		return nil, err
	}
	return nil, a.manager.DeleteWebhook(ctx, in.ID, match)
}

func (a *api) webhookRevision(ctx context.Context, id int64) func() (int64, error) {
	return func() (int64, error) {
		w, err := a.store.Webhook(ctx, id)
		return w.Revision, err
	}
}

func (a *api) pauseWebhook(ctx context.Context, in *byID) (*revised[webhookView], error) {
	w, err := a.manager.PauseWebhook(ctx, in.ID)
	return answerWebhook(w, err)
}

func (a *api) resumeWebhook(ctx context.Context, in *byID) (*revised[webhookView], error) {
	w, err := a.manager.ResumeWebhook(ctx, in.ID)
	return answerWebhook(w, err)
}

// answerWebhook answers with a webhook, unless it could not be had.
func answerWebhook(w scout.Webhook, err error) (*revised[webhookView], error) {
	if err != nil {
		return nil, err
	}
	return &revised[webhookView]{etag(w.Revision), viewWebhook(w)}, nil
}
