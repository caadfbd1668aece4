package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// whyView is why one event did or did not reach one webhook.
type whyView struct {
	EventID    int64           `json:"event_id"`
	IncidentID string          `json:"incident_id" doc:"Of a sample, a text that begins with test-."`
	Seq        int             `json:"seq" doc:"The event's place in its incident, from 1."`
	Kind       scout.EventKind `json:"kind" enum:"opened,worsened,eased,reminder,recovered"`
	Level      scout.Level     `json:"level" enum:"up,warning,down" doc:"The level entered."`
	At         time.Time       `json:"at" doc:"When the change was confirmed."`
	Message    string          `json:"message" doc:"Of the event."`
	WebhookID  int64           `json:"webhook_id,omitempty" doc:"Left out for the test of unsaved values."`
	Webhook    string          `json:"webhook" doc:"The webhook's name."`
	Reason     scout.Reason    `json:"reason" example:"owed" doc:"Of the decision; made_later for a webhook that was made after the event."`
	Says       string          `json:"says" doc:"What became of it, and why."`
	NextAt     time.Time       `json:"next_at,omitzero" doc:"When it is tried next, where a time is set."`
	Delivery   *deliveryView   `json:"delivery,omitempty" doc:"Left out where it is owed nothing."`
}

func viewWhy(w scout.Why) whyView {
	v := whyView{
		EventID:    w.Event.ID,
		IncidentID: w.Event.IncidentID,
		Seq:        w.Event.Seq,
		Kind:       w.Event.Kind,
		Level:      w.Event.Level,
		At:         instant(w.Event.At),
		Message:    w.Event.Message,
		WebhookID:  w.WebhookID,
		Webhook:    w.Webhook,
		Reason:     w.Reason,
		Says:       w.Says,
		NextAt:     instant(w.NextAt),
	}
	if w.Delivery != nil {
		d := viewDelivery(*w.Delivery)
		v.Delivery = &d
	}
	return v
}

func (a *api) registerWhy() {
	serve(a, huma.Operation{
		OperationID: "explain_event", Method: http.MethodGet, Path: "/events/{id}/why",
		Summary: "Say for each webhook why an event did or did not reach it",
	}, a.explainEvent)
	serve(a, huma.Operation{
		OperationID: "explain_incident", Method: http.MethodGet, Path: "/incidents/{id}/why",
		Summary:     "Say the same of all events of an incident, oldest first",
		Description: "The limit counts events; each has an item for every webhook.",
	}, a.explainIncident)
}

func (a *api) explainEvent(ctx context.Context, in *byID) (*answer[page[whyView]], error) {
	e, err := a.store.Event(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	list, err := a.explain(ctx, []scout.Event{e}, 0)
	if err != nil {
		return nil, err
	}
	return &answer[page[whyView]]{page[whyView]{Items: views(list, viewWhy)}}, nil
}

type explainIncidentRequest struct {
	ID string `path:"id" doc:"Its id, decimal digits."`
	Paging
	WebhookID int64 `query:"webhook_id" minimum:"1" doc:"Only about this webhook."`
}

func (a *api) explainIncident(ctx context.Context, in *explainIncidentRequest) (*answer[page[whyView]], error) {
	after, err := in.number("why")
	if err != nil {
		return nil, err
	}
	if _, err := a.store.Incident(ctx, in.ID); err != nil {
		return nil, err
	}
	events, err := a.store.ListEvents(ctx, scout.EventFilter{IncidentID: in.ID, OldestFirst: true, After: after}, in.Limit+1)
	if err != nil {
		return nil, err
	}
	var p page[whyView]
	if len(events) > in.Limit {
		events = events[:in.Limit]
		p.Next = encodeCursor("why", digits(events[in.Limit-1].ID))
	}
	list, err := a.explain(ctx, events, in.WebhookID)
	if err != nil {
		return nil, err
	}
	p.Items = views(list, viewWhy)
	return &answer[page[whyView]]{p}, nil
}

// mostWebhooks is how many webhooks are spoken of, and more than there are.
const mostWebhooks = 10_000

// explain says why events did or did not reach the webhooks, or one of them if
// its id is not 0.
func (a *api) explain(ctx context.Context, events []scout.Event, webhookID int64) ([]scout.Why, error) {
	webhooks, err := a.store.FindWebhooks(ctx, scout.WebhookFilter{}, mostWebhooks)
	if err != nil {
		return nil, err
	}
	list, now := []scout.Why{}, time.Now()
	for _, e := range events {
		deliveries, err := a.store.ListDeliveries(ctx, scout.DeliveryFilter{EventID: e.ID, WebhookID: webhookID}, mostWebhooks)
		if err != nil {
			return nil, err
		}
		last, err := a.lastFaults(ctx, deliveries)
		if err != nil {
			return nil, err
		}
		for _, why := range scout.Explain(e, webhooks, deliveries, last, now) {
			if webhookID == 0 || why.WebhookID == webhookID {
				list = append(list, why)
			}
		}
	}
	return list, nil
}

// lastFaults reads, by delivery, what the latest attempt failed with.
func (a *api) lastFaults(ctx context.Context, deliveries []scout.Delivery) (map[int64]string, error) {
	var tried []int64
	for _, d := range deliveries {
		if d.Status != scout.Delivered && d.Attempts > 0 {
			tried = append(tried, d.ID)
		}
	}
	latest, err := a.store.LatestAttempts(ctx, tried, 1)
	last := make(map[int64]string, len(latest))
	for id, attempts := range latest {
		last[id] = attempts[0].Verdict.Detail
	}
	return last, err
}
