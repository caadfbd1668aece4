package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// report is an event from outside, as manage reads it.
type report map[string]any

// Schema describes an event from outside, for huma.
func (report) Schema(r huma.Registry) *huma.Schema {
	return component(r, "Report", objectSchema(manage.ReportFields(), toCreate))
}

// reportedView says what an event from outside was taken for.
type reportedView struct {
	IncidentID string      `json:"incident_id,omitempty" doc:"The open incident, or the one that this event ended."`
	ServerID   int64       `json:"server_id,omitempty"`
	CheckID    int64       `json:"check_id,omitempty" doc:"Left out with the others where a recovery is of something unknown: there was nothing to do."`
	Server     string      `json:"server"`
	Service    string      `json:"service"`
	Level      scout.Level `json:"level" enum:"up,warning,down" doc:"How the check is now, by all alerts about it."`
}

func (a *api) registerReport() {
	serve(a, huma.Operation{
		OperationID: "report_event", Method: http.MethodPost, Path: "/events",
		Summary: "Report an event of another program",
		Description: "The body is the native payload or a part of it. It opens, changes or ends an incident, by the sender's alert_id or by server and service, " +
			"which are made where they are unknown. What follows is as if a probe had seen it.",
	}, a.reportEvent)
}

type reportRequest struct {
	Idempotent
	Body report
}

func (a *api) reportEvent(ctx context.Context, in *reportRequest) (*answer[reportedView], error) {
	var before string // the incident that was open before
	ingest := func(ctx context.Context, r scout.Result) (err error) {
		if before, err = a.openIncident(ctx, r.CheckID); err != nil {
			return err
		}
		err = a.engine.Ingest(ctx, r)
		if scout.HasCode(err, scout.NotFound) {
			return scout.Errorf(scout.Conflict, "the check is not watched, because it is paused or was removed just now: resume it, or send the event again")
		}
		return err
	}
	done, err := a.manager.Report(ctx, in.Body, time.Now(), ingest)
	if err != nil {
		return nil, err
	}
	v := reportedView{Server: done.Server.Name, Service: done.Check.Name, Level: done.Level}
	if done.Check.ID == 0 {
		v.Server, _ = in.Body["server_name"].(string)
		v.Service, _ = in.Body["service"].(string)
		return &answer[reportedView]{v}, nil
	}
	v.ServerID, v.CheckID = done.Server.ID, done.Check.ID
	if v.IncidentID, err = a.openIncident(ctx, done.Check.ID); err != nil {
		return nil, err
	}
	if v.IncidentID == "" {
		v.IncidentID = before
	}
	return &answer[reportedView]{v}, nil
}

// openIncident returns the id of a check's open incident; "" if it has none.
func (a *api) openIncident(ctx context.Context, checkID int64) (string, error) {
	states, err := a.store.StatesOf(ctx, []int64{checkID})
	return states[checkID].IncidentID, err
}
