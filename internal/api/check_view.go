package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// heartbeatKind is the kind of check whose token is a credential of its own.
const heartbeatKind = "heartbeat"

// checkView is a check as answers show it: its keys as a file would have them,
// secrets masked, and what checkFacts lists.
type checkView map[string]any

// checkFacts are what a check has beside its keys.
type checkFacts struct {
	ID        int64        `json:"id"`
	ServerID  int64        `json:"server_id"`
	Server    string       `json:"server" doc:"The server's name."`
	Paused    bool         `json:"paused"`
	Source    scout.Source `json:"source" enum:"file,database" doc:"What the file declares is changed there alone."`
	ParentID  int64        `json:"parent_id" doc:"The check that brought this one along."`
	PingPath  string       `json:"ping_path" doc:"Of a heartbeat: the path to ping, its token masked but in the answer that creates it."`
	State     stateView    `json:"state"`
	CreatedAt time.Time    `json:"created_at"`
	UpdatedAt time.Time    `json:"updated_at"`
}

// stateView is how a check is.
type stateView struct {
	Level      scout.Level `json:"level" enum:"unknown,up,warning,down" doc:"The confirmed level; unknown before the first result."`
	Since      time.Time   `json:"since,omitzero" doc:"When the level was confirmed."`
	IncidentID string      `json:"incident_id,omitempty" doc:"The open incident."`
}

// Schema describes a check as answers show it, for huma.
func (checkView) Schema(r huma.Registry) *huma.Schema {
	s := objectSchema(manage.AllCheckFields(), toShow)
	for name, p := range propertiesOf[checkFacts](r) {
		s.Properties[name] = p
	}
	s.Required = []string{"id", "server_id", "server", "name", "kind", "paused", "source", "state", "created_at", "updated_at"}
	return component(r, "Check", s)
}

// checkReader makes the views of the checks of one answer. It reads each
// server once.
type checkReader struct {
	store InventoryReader
	names map[int64]string // of servers, by id
}

func (a *api) checks() checkReader { return checkReader{store: a.store, names: map[int64]string{}} }

func (c checkReader) view(ctx context.Context, check scout.Check) (checkView, error) {
	server, err := c.serverName(ctx, check.ServerID)
	if err != nil {
		return nil, err
	}
	state, err := c.store.State(ctx, check.ID)
	if err != nil {
		return nil, err
	}
	v := checkView(manage.ShowCheck(check))
	v["id"], v["server_id"], v["server"] = check.ID, check.ServerID, server
	v["paused"], v["source"] = check.Paused, check.Source
	v["state"] = stateView{Level: state.Level, Since: instant(state.Since), IncidentID: state.IncidentID}
	v["created_at"], v["updated_at"] = instant(check.CreatedAt), instant(check.UpdatedAt)
	if check.ParentID != 0 {
		v["parent_id"] = check.ParentID
	}
	if check.Kind == heartbeatKind {
		v["ping_path"] = pingPath(scout.Masked)
	}
	return v, nil
}

// serverName returns a server's name, "" if it has just been removed.
func (c checkReader) serverName(ctx context.Context, id int64) (string, error) {
	if name, ok := c.names[id]; ok {
		return name, nil
	}
	s, err := c.store.Server(ctx, id)
	if err != nil && scout.CodeOf(err) != scout.NotFound {
		return "", err
	}
	c.names[id] = s.Name
	return s.Name, nil
}

func pingPath(token string) string { return "/heartbeats/" + token }
