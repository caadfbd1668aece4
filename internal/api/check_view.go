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
	Revision  int64        `json:"revision" doc:"Counts its changes, not those of its state; in quotes, its ETag."`
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
	s.Required = []string{"id", "server_id", "server", "name", "kind", "paused", "source", "revision", "state", "created_at", "updated_at"}
	return component(r, "Check", s)
}

// viewChecks shows checks with their states. States are read at once, and each
// server once.
func (a *api) viewChecks(ctx context.Context, list []scout.Check) ([]checkView, error) {
	ids := views(list, func(c scout.Check) int64 { return c.ID })
	states, err := a.store.StatesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	names := map[int64]string{}
	shown := make([]checkView, 0, len(list))
	for _, c := range list {
		name, known := names[c.ServerID]
		if !known {
			if name, err = a.serverName(ctx, c.ServerID); err != nil {
				return nil, err
			}
			names[c.ServerID] = name
		}
		shown = append(shown, viewCheck(c, name, states[c.ID]))
	}
	return shown, nil
}

func (a *api) viewCheck(ctx context.Context, c scout.Check) (checkView, error) {
	list, err := a.viewChecks(ctx, []scout.Check{c})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// serverName returns a server's name, "" if it has just been removed.
func (a *api) serverName(ctx context.Context, id int64) (string, error) {
	s, err := a.store.Server(ctx, id)
	if err != nil && !scout.HasCode(err, scout.NotFound) {
		return "", err
	}
	return s.Name, nil
}

func viewCheck(c scout.Check, server string, state scout.CheckState) checkView {
	v := checkView(manage.ShowCheck(c))
	v["id"], v["server_id"], v["server"] = c.ID, c.ServerID, server
	v["paused"], v["source"], v["revision"] = c.Paused, c.Source, c.Revision
	v["state"] = stateView{Level: state.Level, Since: instant(state.Since), IncidentID: state.IncidentID}
	v["created_at"], v["updated_at"] = instant(c.CreatedAt), instant(c.UpdatedAt)
	if c.ParentID != 0 {
		v["parent_id"] = c.ParentID
	}
	if c.Kind == heartbeatKind {
		v["ping_path"] = pingPath(scout.Masked)
	}
	return v
}

func pingPath(token string) string { return "/heartbeats/" + token }
