package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// acknowledgementView says who took an incident on.
type acknowledgementView struct {
	At   time.Time `json:"at"`
	By   string    `json:"by" doc:"The name of the token, or of the account."`
	Note string    `json:"note"`
}

// viewAcknowledgement returns nil for an incident that nobody took on.
func viewAcknowledgement(i scout.Incident) *acknowledgementView {
	if i.AcknowledgedAt.IsZero() {
		return nil
	}
	return &acknowledgementView{At: instant(i.AcknowledgedAt), By: i.AcknowledgedBy, Note: i.AcknowledgeNote}
}

// newAcknowledgement is the keys of an acknowledgement, as manage reads them.
type newAcknowledgement map[string]any

// Schema describes the keys of an acknowledgement, for huma.
func (newAcknowledgement) Schema(r huma.Registry) *huma.Schema {
	return component(r, "NewAcknowledgement", objectSchema(manage.AcknowledgementFields(), toCreate))
}

func (a *api) registerAcknowledgements() {
	serve(a, huma.Operation{
		OperationID: "acknowledge_incident", Method: http.MethodPost, Path: "/incidents/{id}/acknowledgement",
		Summary: "Take an open incident on",
		Description: "It is not reminded of again until it worsens. Those not yet told are told all the same. " +
			"A second acknowledgement stands in the place of the first.",
	}, a.acknowledgeIncident)
	serve(a, huma.Operation{
		OperationID: "unacknowledge_incident", Method: http.MethodDelete, Path: "/incidents/{id}/acknowledgement",
		Summary: "Take the acknowledgement of an open incident back",
	}, a.unacknowledgeIncident)
}

type acknowledgeRequest struct {
	ID   string `path:"id" doc:"Its id, decimal digits."`
	Body *newAcknowledgement
}

func (a *api) acknowledgeIncident(ctx context.Context, in *acknowledgeRequest) (*answer[incidentView], error) {
	note := ""
	if in.Body != nil {
		var err error
		if note, err = manage.ParseAcknowledgement(*in.Body); err != nil {
			return nil, err
		}
	}
	i, err := a.manager.Acknowledge(ctx, in.ID, tokenOf(ctx).Name, note)
	if err != nil {
		return nil, err
	}
	return &answer[incidentView]{viewIncident(time.Now())(i)}, nil
}

func (a *api) unacknowledgeIncident(ctx context.Context, in *incidentRequest) (*nothing, error) {
	_, err := a.manager.Unacknowledge(ctx, in.ID)
	return nil, err
}
