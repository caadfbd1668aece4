package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/scout"
)

// eventView is an event as answers show it.
type eventView struct {
	ID              int64            `json:"id"`
	IncidentID      string           `json:"incident_id" doc:"Of a sample, a text that begins with test-."`
	Seq             int              `json:"seq" doc:"Its place in its incident, from 1."`
	Kind            scout.EventKind  `json:"kind" enum:"opened,worsened,eased,reminder,recovered"`
	Level           scout.Level      `json:"level" enum:"up,warning,down" doc:"The level entered."`
	Status          scout.Status     `json:"status" enum:"down,warning,recovered" doc:"The level as the payload calls it."`
	At              time.Time        `json:"at" doc:"When the change was confirmed."`
	CheckID         int64            `json:"check_id,omitempty" doc:"Left out for a sample."`
	Server          string           `json:"server"`
	Service         string           `json:"service"`
	ServerIP        string           `json:"server_ip"`
	Tags            []string         `json:"tags" nullable:"false" doc:"The server's tags at that moment."`
	Message         string           `json:"message"`
	Began           time.Time        `json:"began" doc:"When the incident began."`
	Ended           time.Time        `json:"ended,omitzero" doc:"When the incident ended; only of recovered."`
	Duration        string           `json:"duration" example:"00:05:23" doc:"As in the payload: HH:MM:SS."`
	DurationSeconds float64          `json:"duration_seconds"`
	Decisions       []scout.Decision `json:"decisions" nullable:"false" doc:"For every webhook there was, why it is told or not."`
	Evidence        []resultView     `json:"evidence" nullable:"false" doc:"The results that confirmed it, oldest first."`
	Test            bool             `json:"test"`
}

func viewEvent(e scout.Event) eventView {
	return eventView{
		ID:              e.ID,
		IncidentID:      e.IncidentID,
		Seq:             e.Seq,
		Kind:            e.Kind,
		Level:           e.Level,
		Status:          scout.StatusOf(e.Level),
		At:              instant(e.At),
		CheckID:         e.CheckID,
		Server:          e.Server,
		Service:         e.Service,
		ServerIP:        e.ServerIP,
		Tags:            append([]string{}, e.Tags...),
		Message:         e.Message,
		Began:           instant(e.Began),
		Ended:           instant(e.Ended),
		Duration:        scout.Clock(e.Duration),
		DurationSeconds: e.Duration.Seconds(),
		Decisions:       append([]scout.Decision{}, e.Decisions...),
		Evidence:        views(e.Evidence, viewResult),
		Test:            e.Test,
	}
}

func (a *api) registerEvents() {
	serve(a, huma.Operation{
		OperationID: "list_events", Method: http.MethodGet, Path: "/events",
		Summary: "List events, newest first",
	}, a.listEvents)
	serve(a, huma.Operation{
		OperationID: "get_event", Method: http.MethodGet, Path: "/events/{id}",
		Summary: "Get an event, with who is told and why",
	}, a.getEvent)
}

type eventsRequest struct {
	Paging
	IncidentID   string    `query:"incident_id" doc:"Only events of this incident."`
	CheckID      int64     `query:"check_id" minimum:"1" doc:"Only events of this check."`
	Kind         string    `query:"kind" enum:"opened,worsened,eased,reminder,recovered" doc:"Only events of this kind."`
	IncludeTests bool      `query:"include_tests" doc:"Also the samples that tests sent."`
	Test         Choice    `query:"test" doc:"Only the samples that tests sent, or none of them whatever include_tests says."`
	Since        time.Time `query:"since" doc:"Only those confirmed then or later."`
	Until        time.Time `query:"until" doc:"Only those confirmed before."`
}

func (a *api) listEvents(ctx context.Context, in *eventsRequest) (*answer[page[eventView]], error) {
	before, err := in.number("events")
	if err != nil {
		return nil, err
	}
	found, err := a.store.ListEvents(ctx, scout.EventFilter{
		IncidentID: in.IncidentID,
		CheckID:    in.CheckID,
		Kind:       scout.EventKind(in.Kind),
		Test:       in.IncludeTests && in.Test.only() != scout.Without,
		OnlyTests:  in.Test.only() == scout.With,
		Since:      in.Since,
		Until:      in.Until,
		Before:     before,
	}, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged("events", in.Limit, found, func(e scout.Event) string { return digits(e.ID) }, viewEvent), nil
}

func (a *api) getEvent(ctx context.Context, in *byID) (*answer[eventView], error) {
	e, err := a.store.Event(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[eventView]{viewEvent(e)}, nil
}
