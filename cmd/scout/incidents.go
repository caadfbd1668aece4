package main

import (
	"context"
	"time"

	"serverscout/internal/app/client"
	"serverscout/internal/app/terminal"
)

type incidentsCmd struct {
	List        incidentsListCmd        `cmd:"" help:"List incidents, newest first."`
	Show        incidentsShowCmd        `cmd:"" help:"Show an incident and its events."`
	Acknowledge incidentsAcknowledgeCmd `cmd:"" help:"Take an open incident on: it is not reminded of again until it worsens."`
	Delete      incidentsDeleteCmd      `cmd:"" help:"Delete an incident with its events and deliveries."`
}

type incidentsListCmd struct {
	remote
	limited
	Check   string `help:"Only incidents of this check." placeholder:"CHECK" complete:"@check"`
	Server  string `help:"Only incidents of the server of this name." placeholder:"NAME" complete:"@server"`
	Service string `help:"Only incidents of checks of this name." placeholder:"NAME"`
	Open    bool   `xor:"state" help:"Only open ones."`
	Closed  bool   `xor:"state" help:"Only closed ones."`
	Taken   bool   `name:"acknowledged" xor:"taken" help:"Only those that somebody took on."`
	Free    bool   `name:"unacknowledged" xor:"taken" help:"Only those that nobody took on."`
	Since   string `help:"Only those opened since a time, a date, or so long ago: 24h, 7d." placeholder:"TIME"`
}

// Run lists incidents.
func (c incidentsListCmd) Run(screen *terminal.Screen) error {
	since, err := terminal.ParseSince(c.Since, time.Now())
	if err != nil {
		return err
	}
	q := terminal.IncidentsQuery{Check: c.Check, Server: c.Server, Service: c.Service, Since: since}
	switch {
	case c.Taken:
		q.Acknowledged = "true"
	case c.Free:
		q.Acknowledged = "false"
	}
	switch {
	case c.Open:
		q.State = "open"
	case c.Closed:
		q.State = "closed"
	}
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ListIncidents(ctx, q, c.Limit) })
}

// oneIncident names an incident.
type oneIncident struct {
	remote
	ID string `arg:"" help:"The incident's id, the alert_id of its messages."`
}

type incidentsShowCmd struct{ oneIncident }

// Run shows an incident.
func (c incidentsShowCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ShowIncident(ctx, c.ID) })
}

type incidentsAcknowledgeCmd struct {
	oneIncident
	Note string `xor:"undo" help:"What is being done about it." placeholder:"TEXT"`
	Undo bool   `xor:"undo" help:"Take the acknowledgement back."`
}

// Run acknowledges an incident, or takes that back.
func (c incidentsAcknowledgeCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		if c.Undo {
			return s.UnacknowledgeIncident(ctx, c.ID)
		}
		return s.AcknowledgeIncident(ctx, c.ID, c.Note)
	})
}

type incidentsDeleteCmd struct{ oneIncident }

// Run deletes an incident.
func (c incidentsDeleteCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.DeleteIncident(ctx, c.ID) })
}

type eventsCmd struct {
	List eventsListCmd `cmd:"" help:"List events and which webhooks are told, newest first."`
	Send eventsSendCmd `cmd:"" help:"Send an event of your own: it opens, updates or ends an incident."`
}

type eventsListCmd struct {
	remote
	limited
	Incident string `help:"Only events of this incident." placeholder:"ID"`
	Check    string `help:"Only events of this check." placeholder:"CHECK" complete:"@check"`
	Kind     string `help:"Only events of this kind." placeholder:"KIND" complete:"opened,worsened,eased,reminder,recovered"`
}

// Run lists events.
func (c eventsListCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		return s.ListEvents(ctx, terminal.EventsQuery{Incident: c.Incident, Check: c.Check, Kind: c.Kind}, c.Limit)
	})
}

type eventsSendCmd struct {
	remote
	Status  string `required:"" enum:"down,warning,recovered" help:"How it is: down, warning or recovered."`
	Server  string `help:"The server it is about; made if there is none of this name." placeholder:"NAME" complete:"@server"`
	Service string `help:"The service on it; made if there is none of this name." placeholder:"NAME"`
	Message string `help:"One sentence a person can act on." placeholder:"TEXT"`
	AlertID string `name:"alert-id" help:"Your own name for what is wrong, the same until it has recovered." placeholder:"ID"`
}

// Run sends an event.
func (c eventsSendCmd) Run(screen *terminal.Screen) error {
	r := client.Report{AlertID: c.AlertID, ServerName: c.Server, Service: c.Service, Status: c.Status, Message: c.Message}
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.SendEvent(ctx, r) })
}
