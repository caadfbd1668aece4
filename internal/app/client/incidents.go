package client

import (
	"context"
	"net/http"
	"time"
)

// Incident is an incident as the API shows it.
type Incident struct {
	ID       string    `json:"id"`
	Server   string    `json:"server"`
	Service  string    `json:"service"`
	Level    string    `json:"level"`
	Began    time.Time `json:"began"`
	Ended    time.Time `json:"ended"` // zero while it is open
	Open     bool      `json:"open"`
	Duration string    `json:"duration"`
	Message  string    `json:"message"`

	Acknowledgement Acknowledgement `json:"acknowledgement"`
}

// Acknowledgement says who took an incident on; zero if nobody has.
type Acknowledgement struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Note string    `json:"note"`
}

// IncidentFilter narrows a list of incidents. Zero fields do not.
type IncidentFilter struct {
	CheckID int64     `query:"check_id"`
	Server  string    `query:"server"`
	Service string    `query:"service"`
	State   string    `query:"state"`
	Since   time.Time `query:"since"`

	Acknowledged string `query:"acknowledged"` // true or false
}

// Incidents lists incidents, newest first; limit 0 lists all.
func (c *Client) Incidents(ctx context.Context, f IncidentFilter, limit int) (List[Incident], error) {
	return list[Incident](ctx, c, "/incidents", f, limit)
}

// Incident returns one incident.
func (c *Client) Incident(ctx context.Context, id string) (Answer[Incident], error) {
	return one[Incident](ctx, c, call{method: http.MethodGet, path: at("incidents", id, "")})
}

// AcknowledgeIncident takes an open incident on.
func (c *Client) AcknowledgeIncident(ctx context.Context, id, note string) (Answer[Incident], error) {
	body := map[string]any{"note": note}
	return one[Incident](ctx, c, call{method: http.MethodPost, path: at("incidents", id, "acknowledgement"), body: body})
}

// UnacknowledgeIncident takes that back.
func (c *Client) UnacknowledgeIncident(ctx context.Context, id string) error {
	return c.remove(ctx, at("incidents", id, "acknowledgement"))
}

// DeleteIncident deletes an incident with all that is on record of it.
func (c *Client) DeleteIncident(ctx context.Context, id string) error {
	return c.remove(ctx, at("incidents", id, ""))
}

// Event is an event as the API shows it.
type Event struct {
	ID         int64      `json:"id"`
	IncidentID string     `json:"incident_id"`
	Kind       string     `json:"kind"`
	Level      string     `json:"level"`
	At         time.Time  `json:"at"`
	Server     string     `json:"server"`
	Service    string     `json:"service"`
	Message    string     `json:"message"`
	Decisions  []Decision `json:"decisions"`
}

// Decision is why an event went to a webhook, or did not.
type Decision struct {
	Webhook string `json:"webhook"`
	Reason  string `json:"reason"`
}

// EventFilter narrows a list of events. Zero fields do not.
type EventFilter struct {
	IncidentID string `query:"incident_id"`
	CheckID    int64  `query:"check_id"`
	Kind       string `query:"kind"`
}

// Events lists events, newest first; limit 0 lists all.
func (c *Client) Events(ctx context.Context, f EventFilter, limit int) (List[Event], error) {
	return list[Event](ctx, c, "/events", f, limit)
}

// Report is what another program says of a service: the native payload, or as
// much of it as it knows.
type Report struct {
	AlertID    string `json:"alert_id,omitempty"`
	ServerName string `json:"server_name,omitempty"`
	Service    string `json:"service,omitempty"`
	Status     string `json:"status,omitempty"`
	Message    string `json:"message,omitempty"`
}

// Reported is what a report was taken for.
type Reported struct {
	IncidentID string `json:"incident_id"` // "" where it changed nothing
	Server     string `json:"server"`
	Service    string `json:"service"`
	Level      string `json:"level"`
}

// SendEvent reports what another program observed.
func (c *Client) SendEvent(ctx context.Context, r Report) (Answer[Reported], error) {
	return one[Reported](ctx, c, call{method: http.MethodPost, path: "/events", body: r})
}
