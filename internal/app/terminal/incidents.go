package terminal

import (
	"context"
	"strings"
	"time"

	"serverscout/internal/app/client"
)

// IncidentsQuery says which incidents to list. Empty fields do not narrow.
type IncidentsQuery struct {
	Check           string // id, name or server/check
	Server, Service string // names at the time
	State           string // open or closed
	Since           time.Time
	Acknowledged    string // true or false
}

// ListIncidents prints incidents, newest first.
func (s *Session) ListIncidents(ctx context.Context, q IncidentsQuery, limit int) error {
	f := client.IncidentFilter{Server: q.Server, Service: q.Service, State: q.State, Since: q.Since, Acknowledged: q.Acknowledged}
	var err error
	if f.CheckID, err = s.checkID(ctx, q.Check); err != nil {
		return err
	}
	found, err := s.API.Incidents(ctx, f, limit)
	if err != nil {
		return err
	}
	return printList(s, found, "incidents", []column[client.Incident]{
		{title: "ID", cell: func(v client.Incident) string { return v.ID }},
		{title: "LEVEL", cell: incidentLevel, word: true},
		{title: "SERVER", cell: func(v client.Incident) string { return v.Server }},
		{title: "SERVICE", cell: func(v client.Incident) string { return v.Service }},
		{title: "BEGAN", cell: func(v client.Incident) string { return moment(v.Began) }},
		{title: "DURATION", cell: func(v client.Incident) string { return v.Duration }},
		{title: "MESSAGE", cell: func(v client.Incident) string { return v.Message }},
		{title: "ACKNOWLEDGED", cell: func(v client.Incident) string { return v.Acknowledgement.By }},
	})
}

// incidentLevel is how an incident is, in one word.
func incidentLevel(v client.Incident) string {
	if !v.Open {
		return "recovered"
	}
	return v.Level
}

// checkID returns the id of the check that ref names; 0 for "".
func (s *Session) checkID(ctx context.Context, ref string) (int64, error) {
	if ref == "" {
		return 0, nil
	}
	v, err := s.check(ctx, ref)
	return v.Value.ID, err
}

// ShowIncident prints an incident, and the events that tell its story.
func (s *Session) ShowIncident(ctx context.Context, id string) error {
	v, err := s.API.Incident(ctx, id)
	if err != nil {
		return err
	}
	if err := printRecord(s, v.JSON, []string{"id", "open", "level", "worst", "server", "service", "message", "began", "ended", "duration"}); err != nil || s.JSON {
		return err
	}
	events, err := s.API.Events(ctx, client.EventFilter{IncidentID: id}, 0)
	if err != nil || len(events.Items) == 0 {
		return err
	}
	s.Screen.printf("\n")
	return s.printEvents(events)
}

// AcknowledgeIncident takes an open incident on.
func (s *Session) AcknowledgeIncident(ctx context.Context, id, note string) error {
	v, err := s.API.AcknowledgeIncident(ctx, id, note)
	if err != nil {
		return err
	}
	return done(s, v, "Incident %s is acknowledged by %s: it is not reminded of again until it worsens.", id, v.Value.Acknowledgement.By)
}

// UnacknowledgeIncident takes that back.
func (s *Session) UnacknowledgeIncident(ctx context.Context, id string) error {
	if err := s.API.UnacknowledgeIncident(ctx, id); err != nil {
		return err
	}
	return s.gone("Incident %s is not acknowledged any more.", id)
}

// DeleteIncident deletes an incident with all that is on record of it.
func (s *Session) DeleteIncident(ctx context.Context, id string) error {
	if err := s.API.DeleteIncident(ctx, id); err != nil {
		return err
	}
	return s.gone("Incident %s is deleted, with its events and deliveries.", id)
}

// EventsQuery says which events to list. Empty fields do not narrow.
type EventsQuery struct {
	Incident string
	Check    string // id, name or server/check
	Kind     string
}

// ListEvents prints events, newest first.
func (s *Session) ListEvents(ctx context.Context, q EventsQuery, limit int) error {
	f := client.EventFilter{IncidentID: q.Incident, Kind: q.Kind}
	var err error
	if f.CheckID, err = s.checkID(ctx, q.Check); err != nil {
		return err
	}
	found, err := s.API.Events(ctx, f, limit)
	if err != nil {
		return err
	}
	return s.printEvents(found)
}

func (s *Session) printEvents(found client.List[client.Event]) error {
	return printList(s, found, "events", []column[client.Event]{
		{title: "AT", cell: func(v client.Event) string { return moment(v.At) }},
		{title: "EVENT", cell: func(v client.Event) string { return v.Kind }},
		{title: "LEVEL", cell: func(v client.Event) string { return v.Level }, word: true},
		{title: "SERVER", cell: func(v client.Event) string { return v.Server }},
		{title: "SERVICE", cell: func(v client.Event) string { return v.Service }},
		{title: "MESSAGE", cell: func(v client.Event) string { return v.Message }},
		{title: "WEBHOOKS", cell: decisions},
	})
}

// decisions says of each webhook whether it is told, or why not.
func decisions(v client.Event) string {
	list := make([]string, 0, len(v.Decisions))
	for _, d := range v.Decisions {
		list = append(list, d.Webhook+": "+strings.ReplaceAll(d.Reason, "_", " "))
	}
	return strings.Join(list, ", ")
}

// SendEvent reports what another program, or the user, observed.
func (s *Session) SendEvent(ctx context.Context, r client.Report) error {
	v, err := s.API.SendEvent(ctx, r)
	if err != nil {
		return err
	}
	if v.Value.IncidentID == "" {
		return done(s, v, "Taken: %s is %s, and there is no incident.", reportedName(v.Value), v.Value.Level)
	}
	return done(s, v, "Taken: %s is %s, incident %s.", reportedName(v.Value), v.Value.Level, v.Value.IncidentID)
}

// reportedName names the service a report was about, as far as that is known.
func reportedName(r client.Reported) string {
	if r.Server == "" {
		return "what it is about"
	}
	return r.Server + "/" + r.Service
}
