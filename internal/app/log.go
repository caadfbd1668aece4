package app

import (
	"context"
	"log/slog"

	"serverscout/internal/scout"
)

// observe counts and logs each attempt: one wide line.
func (a *App) observe(job scout.Job, at scout.Attempt) {
	a.metrics.attempt(job, at)
	v, d := at.Verdict, job.Delivery
	level := slog.LevelInfo
	if v.Outcome != scout.OutcomeDelivered {
		level = slog.LevelWarn
	}
	a.log.Log(context.Background(), level, "attempt", "webhook", d.Webhook, "server", d.Server, "service", d.Service, "tells", d.Tells,
		"incident", d.IncidentID, "delivery", d.ID, "message_id", d.MessageID, "number", at.Number, "outcome", v.Outcome,
		"status", at.Status, "fault", v.Fault, "detail", v.Detail, "duration", at.Duration, "test", d.Test)
	switch {
	case d.Test:
	case v.Outcome == scout.OutcomeDisabled:
		a.log.Error("webhook disabled: its receiver says it is gone, and nothing is sent to it until it is resumed",
			"webhook", d.Webhook, "webhook_id", d.WebhookID, "detail", v.Detail)
	case v.Outcome == scout.OutcomeGaveUp:
		a.log.Error("delivery given up", "webhook", d.Webhook, "delivery", d.ID, "attempts", at.Number, "detail", v.Detail)
	}
}
