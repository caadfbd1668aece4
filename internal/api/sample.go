package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// testView is what became of a test: what is on record of it.
type testView struct {
	Delivery deliveryView `json:"delivery"`
	Attempt  AttemptView  `json:"attempt"`
}

// testChoice says what a test tells; unsavedWebhook is that with the values of
// a form.
type (
	testChoice     map[string]any
	unsavedWebhook map[string]any
)

func eventField() scout.Field {
	return scout.Field{
		Name: "event", Type: scout.TypeString, Default: string(scout.StatusDown), Help: "What the sample tells.",
		Enum: []string{string(scout.StatusDown), string(scout.StatusWarning), string(scout.StatusRecovered)},
	}
}

// Schema describes what a test can be told, for huma.
func (testChoice) Schema(r huma.Registry) *huma.Schema {
	return component(r, "TestChoice", objectSchema([]scout.Field{eventField()}, toCreate))
}

// Schema describes the values of a form that is tested, for huma.
func (unsavedWebhook) Schema(r huma.Registry) *huma.Schema {
	id := scout.Field{Name: "id", Type: scout.TypeInteger, Help: "The stored webhook that the values change; without one they are a webhook of their own."}
	fields := append([]scout.Field{eventField(), id}, manage.AllWebhookFields()...)
	return component(r, "UnsavedWebhook", objectSchema(fields, toChange))
}

func (a *api) registerTests() {
	const description = "A sample event takes the way of a real one and is recorded as a test. The answer is 200 whatever the receiver said; the attempt says what that was."
	serve(a, huma.Operation{
		OperationID: "test_webhook", Method: http.MethodPost, Path: "/webhooks/{id}/test",
		Summary: "Send a sample event to a webhook", Description: description,
	}, a.testWebhook)
	serve(a, huma.Operation{
		OperationID: "test_unsaved_webhook", Method: http.MethodPost, Path: "/webhooks/test",
		Summary: "Send a sample event with values that are not saved", Description: description,
	}, a.testUnsavedWebhook)
}

type testRequest struct {
	ID int64 `path:"id"`
	Idempotent
	Body *testChoice
}

func (a *api) testWebhook(ctx context.Context, in *testRequest) (*answer[testView], error) {
	var faults scout.Faults
	status := scout.StatusDown
	if in.Body != nil {
		status = takeEvent(*in.Body, &faults)
		for key := range *in.Body {
			faults.Add(key, "", "is not a known key: known here is event")
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	w, err := a.store.Webhook(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return a.test(ctx, w, status)
}

type unsavedTestRequest struct {
	Idempotent
	Body unsavedWebhook
}

func (a *api) testUnsavedWebhook(ctx context.Context, in *unsavedTestRequest) (*answer[testView], error) {
	var faults scout.Faults
	status, id := takeEvent(in.Body, &faults), takeID(in.Body, "id", &faults)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	w, err := a.manager.UnsavedWebhook(ctx, id, in.Body)
	if err != nil {
		return nil, err
	}
	return a.test(ctx, w, status)
}

// takeEvent takes what a test tells out of keys; down if nothing is said.
func takeEvent(keys map[string]any, faults *scout.Faults) scout.Status {
	v := keys["event"]
	delete(keys, "event")
	if v == nil {
		return scout.StatusDown
	}
	text, _ := v.(string)
	status, err := scout.ParseStatus(text)
	if err != nil {
		faults.Add("event", text, "must be down, warning or recovered")
	}
	return status
}

func (a *api) test(ctx context.Context, w scout.Webhook, status scout.Status) (*answer[testView], error) {
	d, attempt, err := a.engine.Test(ctx, w, status)
	if err != nil {
		return nil, err
	}
	return &answer[testView]{testView{viewDelivery(d), viewAttempt(attempt)}}, nil
}
