package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// incidentView is an incident as answers show it.
type incidentView struct {
	ID              string      `json:"id" doc:"The payload's alert_id."`
	CheckID         int64       `json:"check_id" doc:"Stays when the check is removed."`
	Server          string      `json:"server" doc:"The server's name when it opened."`
	Service         string      `json:"service" doc:"The check's name when it opened."`
	ServerIP        string      `json:"server_ip"`
	Level           scout.Level `json:"level" enum:"up,warning,down" doc:"The level now, or the last one before the end."`
	Worst           scout.Level `json:"worst" enum:"warning,down"`
	Began           time.Time   `json:"began" doc:"The first bad result."`
	Opened          time.Time   `json:"opened" doc:"When it was confirmed."`
	Ended           time.Time   `json:"ended,omitzero" doc:"The first good result."`
	Closed          time.Time   `json:"closed,omitzero" doc:"When the end was confirmed."`
	Open            bool        `json:"open"`
	Duration        string      `json:"duration" example:"00:05:23" doc:"From began to ended, or so far: HH:MM:SS."`
	DurationSeconds float64     `json:"duration_seconds"`
	Message         string      `json:"message" doc:"Of its latest event."`
	Events          int         `json:"events" doc:"How many it has so far."`

	Acknowledgement *acknowledgementView `json:"acknowledgement,omitempty" doc:"Who took it on; left out while nobody has."`
}

func viewIncident(now time.Time) func(scout.Incident) incidentView {
	return func(i scout.Incident) incidentView {
		end := i.Ended
		if i.Open() {
			end = now
		}
		lasted := max(end.Sub(i.Began), 0)
		return incidentView{
			ID:              i.ID,
			CheckID:         i.CheckID,
			Server:          i.Server,
			Service:         i.Service,
			ServerIP:        i.ServerIP,
			Level:           i.Level,
			Worst:           i.Worst,
			Began:           instant(i.Began),
			Opened:          instant(i.Opened),
			Ended:           instant(i.Ended),
			Closed:          instant(i.Closed),
			Open:            i.Open(),
			Duration:        scout.Clock(lasted),
			DurationSeconds: lasted.Seconds(),
			Message:         i.Message,
			Events:          i.Events,
			Acknowledgement: viewAcknowledgement(i),
		}
	}
}

func (a *api) registerIncidents() {
	serve(a, huma.Operation{
		OperationID: "list_incidents", Method: http.MethodGet, Path: "/incidents",
		Summary: "List incidents, newest first",
	}, a.listIncidents)
	serve(a, huma.Operation{
		OperationID: "get_incident", Method: http.MethodGet, Path: "/incidents/{id}",
		Summary: "Get an incident",
	}, a.getIncident)
	serve(a, huma.Operation{
		OperationID: "delete_incident", Method: http.MethodDelete, Path: "/incidents/{id}",
		Summary:     "Delete an incident with its events, deliveries and attempts",
		Description: "One that is open, or of which something waits to be delivered, cannot be deleted.",
	}, a.deleteIncident)
}

type incidentsRequest struct {
	Paging
	CheckID int64     `query:"check_id" minimum:"1" doc:"Only incidents of this check."`
	Server  string    `query:"server" doc:"Only incidents of the server of this name."`
	Service string    `query:"service" doc:"Only incidents of checks of this name."`
	State   string    `query:"state" enum:"open,ended,closed" doc:"Only those that are open, or that have ended; closed is the same as ended."`
	Level   string    `query:"level" enum:"warning,down" doc:"Only those whose level is this, or was before the end."`
	Taken   Choice    `query:"acknowledged" doc:"Only those that somebody took on, or only the others."`
	Since   time.Time `query:"since" doc:"Only those opened then or later."`
	Until   time.Time `query:"until" doc:"Only those opened before."`
}

func (a *api) listIncidents(ctx context.Context, in *incidentsRequest) (*answer[page[incidentView]], error) {
	before, err := in.key("incidents")
	if err != nil {
		return nil, err
	}
	f := scout.IncidentFilter{
		CheckID: in.CheckID,
		Server:  in.Server,
		Service: in.Service,
		Open:    in.State == "open",
		Closed:  in.State == "closed" || in.State == "ended",
		Since:   in.Since,
		Until:   in.Until,
		Before:  before,

		Acknowledged: in.Taken.only(),
	}
	if in.Level != "" {
		if f.Level, err = scout.ParseLevel(in.Level); err != nil {
			return nil, err
		}
	}
	found, err := a.store.ListIncidents(ctx, f, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged("incidents", in.Limit, found, func(i scout.Incident) string { return i.ID }, viewIncident(time.Now())), nil
}

type incidentRequest struct {
	ID string `path:"id" doc:"Its id, decimal digits."`
}

func (a *api) getIncident(ctx context.Context, in *incidentRequest) (*answer[incidentView], error) {
	i, err := a.store.Incident(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[incidentView]{viewIncident(time.Now())(i)}, nil
}

func (a *api) deleteIncident(ctx context.Context, in *incidentRequest) (*nothing, error) {
	return nil, a.manager.DeleteIncident(ctx, in.ID)
}
