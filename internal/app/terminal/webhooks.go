package terminal

import (
	"context"
	"strconv"
	"strings"

	"serverscout/internal/app/client"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// ListWebhooks prints webhooks, oldest first.
func (s *Session) ListWebhooks(ctx context.Context, f client.WebhookFilter, limit int) error {
	found, err := s.API.Webhooks(ctx, f, limit)
	if err != nil {
		return err
	}
	return printList(s, found, "webhooks", []column[client.Webhook]{
		{title: "ID", cell: func(v client.Webhook) string { return strconv.FormatInt(v.ID, 10) }},
		{title: "NAME", cell: func(v client.Webhook) string { return v.Name }},
		{title: "STATE", cell: webhookState, word: true},
		{title: "FORMAT", cell: func(v client.Webhook) string { return v.Format }},
		{title: "HEARS", cell: func(v client.Webhook) string { return strings.Join(v.AlertTypes, ", ") }},
		{title: "URL", cell: func(v client.Webhook) string { return v.URL }},
		{title: "LAST ERROR", cell: func(v client.Webhook) string { return v.Health.LastError }},
	})
}

// webhookState is how a webhook is, in one word.
func webhookState(v client.Webhook) string {
	switch {
	case v.DisabledWhy != "":
		return "disabled"
	case v.Paused:
		return "paused"
	case v.Health.FailStreak > 0:
		return "failing"
	default:
		return "ok"
	}
}

// FormatNames lists the values of a webhook's format.
func FormatNames() []string { return words(manage.WebhookFields(), "format") }

// ShowWebhook prints a webhook.
func (s *Session) ShowWebhook(ctx context.Context, ref string) error {
	v, err := s.webhook(ctx, ref)
	if err != nil {
		return err
	}
	return printRecord(s, v.JSON, []string{"id", "name", "url", "format", "alert_types", "paused", "disabled_at", "disabled_why"})
}

// Headers reads custom headers, each "Name: value". The error is Invalid and
// repeats no value.
func Headers(list []string) (map[string]any, error) {
	headers := map[string]any{}
	var faults scout.Faults
	for _, text := range list {
		name, value, ok := strings.Cut(text, ":")
		if !ok || strings.TrimSpace(name) == "" {
			faults.Add("--header", "", "must be 'Name: value'")
			continue
		}
		headers[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return headers, faults.Err()
}

// AddWebhook creates a webhook from its keys.
func (s *Session) AddWebhook(ctx context.Context, e Edits) error {
	keys, err := e.object(manage.AllWebhookFields())
	if err != nil {
		return err
	}
	v, err := s.API.CreateWebhook(ctx, keys)
	if err != nil {
		return err
	}
	return done(s, v, "Webhook %s is added (id %d). To try it: scout webhooks test %[2]d", v.Value.Name, v.Value.ID)
}

// ChangeWebhook changes the keys that edits name.
func (s *Session) ChangeWebhook(ctx context.Context, ref string, e Edits) error {
	patch, err := e.object(manage.AllWebhookFields())
	if err != nil {
		return err
	}
	v, err := s.webhook(ctx, ref)
	if err != nil {
		return err
	}
	if v, err = change(ctx, v.Value.ID, patch, s.API.Webhook, s.API.ChangeWebhook); err != nil {
		return err
	}
	return done(s, v, "Webhook %s is changed.", v.Value.Name)
}

// DeleteWebhook deletes a webhook and cancels what waits for it.
func (s *Session) DeleteWebhook(ctx context.Context, ref string) error {
	v, err := s.webhook(ctx, ref)
	if err != nil {
		return err
	}
	if err := s.API.DeleteWebhook(ctx, v.Value.ID); err != nil {
		return err
	}
	return s.gone("Webhook %s is deleted; what waited for it is cancelled.", v.Value.Name)
}

// PauseWebhook holds back what a webhook would be sent.
func (s *Session) PauseWebhook(ctx context.Context, ref string) error {
	v, err := s.webhook(ctx, ref)
	if err != nil {
		return err
	}
	if v, err = s.API.PauseWebhook(ctx, v.Value.ID); err != nil {
		return err
	}
	return done(s, v, "Webhook %s is paused: what it would be sent is held back.", v.Value.Name)
}

// ResumeWebhook sends to a webhook again.
func (s *Session) ResumeWebhook(ctx context.Context, ref string) error {
	v, err := s.webhook(ctx, ref)
	if err != nil {
		return err
	}
	if v, err = s.API.ResumeWebhook(ctx, v.Value.ID); err != nil {
		return err
	}
	return done(s, v, "Webhook %s is sent to again.", v.Value.Name)
}

// TestWebhook sends a sample event to a stored webhook and prints what came of
// it. One that is not delivered is ErrNotWell.
func (s *Session) TestWebhook(ctx context.Context, ref, status string) error {
	v, err := s.webhook(ctx, ref)
	if err != nil {
		return err
	}
	t, err := s.API.TestWebhook(ctx, v.Value.ID, status)
	return s.printTest(t, err)
}

// TestUnsavedWebhook does so with keys that are not stored.
func (s *Session) TestUnsavedWebhook(ctx context.Context, e Edits, status string) error {
	keys, err := e.object(manage.AllWebhookFields())
	if err != nil {
		return err
	}
	keys["event"] = status
	t, err := s.API.TestUnsavedWebhook(ctx, keys)
	return s.printTest(t, err)
}

func (s *Session) printTest(t client.Answer[client.Test], err error) error {
	if err != nil {
		return err
	}
	if s.JSON {
		err = s.printJSON(t.JSON)
	} else {
		s.Screen.printOutcome(t.Value.Attempt)
		if t.Value.Delivery.ID > 0 {
			s.Screen.printf("The whole exchange: scout deliveries show %d\n", t.Value.Delivery.ID)
		}
	}
	if err == nil && t.Value.Attempt.Outcome != string(scout.OutcomeDelivered) {
		return ErrNotWell
	}
	return err
}
