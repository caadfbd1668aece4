package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// diagnosisView is what was found about a webhook.
type diagnosisView struct {
	Findings []findingView `json:"findings" nullable:"false" doc:"One for each step, in the order in which a person would take them."`
	Healthy  bool          `json:"healthy" doc:"Whether no step failed."`
}

// findingView is what one step of a diagnosis came to.
type findingView struct {
	Step    scout.DoctorStep     `json:"step" enum:"url,address_policy,dns,tcp,tls,request,answer,time,accepted"`
	Title   string               `json:"title" example:"TLS certificate" doc:"The step's name for a person."`
	Outcome scout.FindingOutcome `json:"outcome" enum:"passed,warned,failed,skipped" doc:"A step that needs one that failed is skipped."`
	Says    string               `json:"says" doc:"What was found."`
	Remedy  string               `json:"remedy,omitempty" doc:"What to do about it."`
	TookMS  float64              `json:"took_ms" doc:"0 where nothing was waited for."`
	Facts   headersView          `json:"facts" nullable:"false" doc:"Pairs of name and value, such as the address connected to."`
}

func viewFinding(f scout.Finding) findingView {
	return findingView{
		Step: f.Step, Title: f.Step.Title(), Outcome: f.Outcome, Says: f.Says, Remedy: f.Remedy,
		TookMS: milliseconds(f.Took), Facts: append(headersView{}, f.Facts...),
	}
}

func (a *api) registerDoctor() {
	const description = "A sample event that tells down takes the way of a real one and is recorded as a test; a target that keeps state is told its end. " +
		"The answer is 200 whatever was found."
	serve(a, huma.Operation{
		OperationID: "diagnose_webhook", Method: http.MethodPost, Path: "/webhooks/{id}/diagnose",
		Summary: "Find out step by step whether messages reach a webhook", Description: description,
	}, a.diagnoseWebhook)
	serve(a, huma.Operation{
		OperationID: "diagnose_unsaved_webhook", Method: http.MethodPost, Path: "/webhooks/diagnose",
		Summary: "Diagnose a webhook with values that are not saved", Description: description + " The body is that of a test; its event, if given, is down.",
	}, a.diagnoseUnsavedWebhook)
}

type diagnoseRequest struct {
	ID int64 `path:"id" doc:"Its id."`
	Idempotent
}

func (a *api) diagnoseWebhook(ctx context.Context, in *diagnoseRequest) (*answer[diagnosisView], error) {
	w, err := a.store.Webhook(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return a.diagnose(ctx, w)
}

type unsavedDiagnoseRequest struct {
	Idempotent
	Body unsavedWebhook
}

func (a *api) diagnoseUnsavedWebhook(ctx context.Context, in *unsavedDiagnoseRequest) (*answer[diagnosisView], error) {
	var faults scout.Faults
	status, id := takeEvent(in.Body, &faults), takeID(in.Body, "id", &faults)
	if status != scout.StatusDown {
		faults.Add("event", string(status), "must be down, or be left out: a diagnosis tells nothing else")
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	w, err := a.manager.UnsavedWebhook(ctx, id, in.Body)
	if err != nil {
		return nil, err
	}
	return a.diagnose(ctx, w)
}

func (a *api) diagnose(ctx context.Context, w scout.Webhook) (*answer[diagnosisView], error) {
	var findings []scout.Finding
	if err := a.engine.Diagnose(ctx, w, func(f scout.Finding) { findings = append(findings, f) }); err != nil {
		return nil, err
	}
	return &answer[diagnosisView]{diagnosisView{Findings: views(findings, viewFinding), Healthy: scout.Healthy(findings)}}, nil
}
