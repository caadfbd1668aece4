package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// AttemptView is an attempt as answers show it. It is exported only because
// huma does not look into unexported embedded types.
type AttemptView struct {
	ID                int64         `json:"id,omitempty" doc:"Left out in the answer to a test."`
	Number            int           `json:"number" doc:"1 for the first of its delivery."`
	StartedAt         time.Time     `json:"started_at"`
	DurationMS        float64       `json:"duration_ms"`
	Outcome           scout.Outcome `json:"outcome" enum:"delivered,retry,gave_up,disabled,interrupted"`
	Fault             scout.Fault   `json:"fault,omitempty" doc:"A name for what went wrong."`
	Detail            string        `json:"detail,omitempty" doc:"The same in a sentence."`
	RetryAfterSeconds float64       `json:"retry_after_seconds,omitempty" doc:"The receiver's own wish."`
	StatusCode        int           `json:"status_code,omitempty" doc:"Left out when there was no answer."`
	Address           string        `json:"address,omitempty" doc:"The address really used."`
	Request           *exchangeView `json:"request,omitempty" doc:"What was sent, secrets masked."`
	Response          *exchangeView `json:"response,omitempty" doc:"What came back."`
}

func viewAttempt(a scout.Attempt) AttemptView {
	return AttemptView{
		ID:                a.ID,
		Number:            a.Number,
		StartedAt:         instant(a.StartedAt),
		DurationMS:        milliseconds(a.Duration),
		Outcome:           a.Verdict.Outcome,
		Fault:             a.Verdict.Fault,
		Detail:            a.Verdict.Detail,
		RetryAfterSeconds: a.Verdict.RetryAfter.Seconds(),
		StatusCode:        a.Status,
		Address:           a.Address,
		Request:           viewExchange(a.Request),
		Response:          viewExchange(a.Response),
	}
}

// sentAttemptView is an attempt in a list of those of all deliveries.
type sentAttemptView struct {
	AttemptView
	DeliveryID     int64                `json:"delivery_id"`
	DeliveryStatus scout.DeliveryStatus `json:"delivery_status" enum:"pending,sending,delivered,failed,cancelled" doc:"How far its delivery is by now."`
	WebhookID      int64                `json:"webhook_id,omitempty" doc:"Left out for the test of unsaved values."`
	Webhook        string               `json:"webhook" doc:"The webhook's name."`
	EventID        int64                `json:"event_id"`
	IncidentID     string               `json:"incident_id"`
	CheckID        int64                `json:"check_id,omitempty" doc:"Left out for a sample."`
	Server         string               `json:"server"`
	Service        string               `json:"service"`
	Tells          scout.Status         `json:"tells" enum:"down,warning,recovered" doc:"What the webhook is told."`
	Test           bool                 `json:"test"`
}

func viewSentAttempt(a scout.SentAttempt) sentAttemptView {
	d := a.Delivery
	return sentAttemptView{
		AttemptView:    viewAttempt(a.Attempt),
		DeliveryID:     d.ID,
		DeliveryStatus: d.Status,
		WebhookID:      d.WebhookID,
		Webhook:        d.Webhook,
		EventID:        d.EventID,
		IncidentID:     d.IncidentID,
		CheckID:        a.CheckID,
		Server:         d.Server,
		Service:        d.Service,
		Tells:          d.Tells,
		Test:           d.Test,
	}
}

// exchangeView is one side of a recorded request.
type exchangeView struct {
	Line      string      `json:"line" example:"HTTP/1.1 200 OK"`
	Headers   headersView `json:"headers" doc:"Pairs of name and value, sorted by name."`
	Body      string      `json:"body" doc:"At most its first 4 KiB."`
	Truncated bool        `json:"truncated" doc:"Whether the body was longer."`
}

// viewExchange returns nil for what did not take place.
func viewExchange(e scout.Exchange) *exchangeView {
	if e.Line == "" {
		return nil
	}
	return &exchangeView{Line: e.Line, Headers: append(headersView{}, e.Header...), Body: e.Body, Truncated: e.Truncated}
}

// headersView is a list of pairs: a header can come more than once.
type headersView [][2]string

// Schema describes pairs of name and value, for huma.
func (headersView) Schema(huma.Registry) *huma.Schema {
	two := 2
	pair := &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}, MinItems: &two, MaxItems: &two}
	return &huma.Schema{Type: huma.TypeArray, Items: pair}
}

func (a *api) registerAttempts() {
	serve(a, huma.Operation{
		OperationID: "list_attempts", Method: http.MethodGet, Path: "/deliveries/{id}/attempts",
		Summary: "List a delivery's attempts, oldest first",
	}, a.listAttempts)
	serve(a, huma.Operation{
		OperationID: "list_all_attempts", Method: http.MethodGet, Path: "/attempts",
		Summary: "List the attempts of all deliveries, newest first",
	}, a.listAllAttempts)
}

type attemptsRequest struct {
	ID int64 `path:"id"`
	Paging
}

func (a *api) listAttempts(ctx context.Context, in *attemptsRequest) (*answer[page[AttemptView]], error) {
	after, err := in.number("attempts")
	if err != nil {
		return nil, err
	}
	if _, err := a.store.Delivery(ctx, in.ID); err != nil {
		return nil, err
	}
	found, err := a.store.Attempts(ctx, in.ID, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged("attempts", in.Limit, found, func(t scout.Attempt) string { return digits(t.ID) }, viewAttempt), nil
}

type allAttemptsRequest struct {
	Paging
	WebhookID int64     `query:"webhook_id" minimum:"1" doc:"Only attempts to this webhook."`
	Outcome   string    `query:"outcome" enum:"delivered,retry,gave_up,disabled,interrupted" doc:"Only attempts that came to this."`
	Fault     string    `query:"fault" doc:"Only attempts that failed by this fault."`
	Since     time.Time `query:"since" doc:"Only those begun then or later."`
	Until     time.Time `query:"until" doc:"Only those begun before."`
	Before    int64     `query:"before" minimum:"1" doc:"Only those before the attempt of this id."`
}

func (a *api) listAllAttempts(ctx context.Context, in *allAttemptsRequest) (*answer[page[sentAttemptView]], error) {
	before, err := in.number("all_attempts")
	if err != nil {
		return nil, err
	}
	if before == 0 {
		before = in.Before
	}
	found, err := a.store.ListAttempts(ctx, scout.AttemptFilter{
		WebhookID: in.WebhookID,
		Outcome:   scout.Outcome(in.Outcome),
		Fault:     scout.Fault(in.Fault),
		Since:     in.Since,
		Until:     in.Until,
		Before:    before,
	}, in.Limit+1)
	if err != nil {
		return nil, err
	}
	key := func(t scout.SentAttempt) string { return digits(t.Attempt.ID) }
	return paged("all_attempts", in.Limit, found, key, viewSentAttempt), nil
}
