package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// deliveryView is a delivery as answers show it.
type deliveryView struct {
	ID           int64                `json:"id"`
	MessageID    string               `json:"message_id" doc:"The Webhook-Id, the same in every attempt."`
	EventID      int64                `json:"event_id"`
	IncidentID   string               `json:"incident_id"`
	Seq          int                  `json:"seq" doc:"The event's place in its incident."`
	WebhookID    int64                `json:"webhook_id,omitempty" doc:"Left out for the test of unsaved values."`
	Webhook      string               `json:"webhook" doc:"The webhook's name."`
	Server       string               `json:"server"`
	Service      string               `json:"service"`
	Tells        scout.Status         `json:"tells" enum:"down,warning,recovered" doc:"What this webhook is told."`
	Status       scout.DeliveryStatus `json:"status" enum:"pending,sending,delivered,failed,cancelled"`
	Reason       scout.Reason         `json:"reason" doc:"Why it is owed, or why it ended undelivered."`
	Attempts     int                  `json:"attempts" doc:"How many were made."`
	DueAt        time.Time            `json:"due_at,omitzero" doc:"Of the next attempt, while pending."`
	AfterID      int64                `json:"after_id,omitempty" doc:"It waits until this delivery has ended."`
	FirstAttempt time.Time            `json:"first_attempt,omitzero"`
	CreatedAt    time.Time            `json:"created_at"`
	FinishedAt   time.Time            `json:"finished_at,omitzero"`
	Test         bool                 `json:"test"`
	AttemptList  []AttemptView        `json:"attempt_list,omitzero" nullable:"false" doc:"The first 100 attempts; only where one delivery is asked for."`
}

func viewDelivery(d scout.Delivery) deliveryView {
	v := deliveryView{
		ID:           d.ID,
		MessageID:    d.MessageID,
		EventID:      d.EventID,
		IncidentID:   d.IncidentID,
		Seq:          d.Seq,
		WebhookID:    d.WebhookID,
		Webhook:      d.Webhook,
		Server:       d.Server,
		Service:      d.Service,
		Tells:        d.Tells,
		Status:       d.Status,
		Reason:       d.Reason,
		Attempts:     d.Attempts,
		AfterID:      d.AfterID,
		FirstAttempt: instant(d.FirstAttempt),
		CreatedAt:    instant(d.CreatedAt),
		FinishedAt:   instant(d.FinishedAt),
		Test:         d.Test,
	}
	if d.Status == scout.Pending {
		v.DueAt = instant(d.DueAt)
	}
	return v
}

func (a *api) registerDeliveries() {
	serve(a, huma.Operation{
		OperationID: "list_deliveries", Method: http.MethodGet, Path: "/deliveries",
		Summary: "List deliveries, newest first",
	}, a.listDeliveries)
	serve(a, huma.Operation{
		OperationID: "get_delivery", Method: http.MethodGet, Path: "/deliveries/{id}",
		Summary: "Get a delivery with its first attempts",
	}, a.getDelivery)
	serve(a, huma.Operation{
		OperationID: "retry_delivery", Method: http.MethodPost, Path: "/deliveries/{id}/retry",
		Summary:     "Send a delivery again now",
		Description: "Whether it waits, has failed, was cancelled or was delivered. It keeps its Webhook-Id and starts its retry schedule anew.",
	}, a.retryDelivery)
}

type deliveriesRequest struct {
	Paging
	WebhookID  int64     `query:"webhook_id" minimum:"1" doc:"Only deliveries to this webhook."`
	EventID    int64     `query:"event_id" minimum:"1" doc:"Only deliveries of this event."`
	IncidentID string    `query:"incident_id" doc:"Only deliveries of this incident."`
	Status     []string  `query:"status" enum:"pending,sending,delivered,failed,cancelled" doc:"Only deliveries that are so far; several are separated by commas."`
	Reason     string    `query:"reason" doc:"Only deliveries with this reason."`
	Server     string    `query:"server" doc:"Only deliveries about the server of this name."`
	Service    string    `query:"service" doc:"Only deliveries about checks of this name."`
	Q          string    `query:"q" maxLength:"200" doc:"Only those with this text in the name of the server, the service or the webhook."`
	Test       Choice    `query:"test" doc:"Only tests, or only the others."`
	Since      time.Time `query:"since" doc:"Only those created then or later."`
	Until      time.Time `query:"until" doc:"Only those created before."`
}

func (a *api) listDeliveries(ctx context.Context, in *deliveriesRequest) (*answer[page[deliveryView]], error) {
	before, err := in.number("deliveries")
	if err != nil {
		return nil, err
	}
	f := scout.DeliveryFilter{
		WebhookID:  in.WebhookID,
		EventID:    in.EventID,
		IncidentID: in.IncidentID,
		Reason:     scout.Reason(in.Reason),
		Server:     in.Server,
		Service:    in.Service,
		Contains:   in.Q,
		Test:       in.Test.only(),
		Since:      in.Since,
		Until:      in.Until,
		Before:     before,
	}
	if len(in.Status) == 1 {
		f.Status = scout.DeliveryStatus(in.Status[0])
	} else {
		f.Statuses = views(in.Status, func(s string) scout.DeliveryStatus { return scout.DeliveryStatus(s) })
	}
	found, err := a.store.ListDeliveries(ctx, f, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged("deliveries", in.Limit, found, func(d scout.Delivery) string { return digits(d.ID) }, viewDelivery), nil
}

// embeddedAttempts is how many attempts come with a delivery.
const embeddedAttempts = 100

func (a *api) getDelivery(ctx context.Context, in *byID) (*answer[deliveryView], error) {
	d, err := a.store.Delivery(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	attempts, err := a.store.Attempts(ctx, d.ID, 0, embeddedAttempts)
	if err != nil {
		return nil, err
	}
	v := viewDelivery(d)
	v.AttemptList = views(attempts, viewAttempt)
	return &answer[deliveryView]{v}, nil
}

func (a *api) retryDelivery(ctx context.Context, in *byID) (*answer[deliveryView], error) {
	if err := a.manager.SendAgain(ctx, in.ID); err != nil {
		return nil, err
	}
	d, err := a.store.Delivery(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[deliveryView]{viewDelivery(d)}, nil
}
