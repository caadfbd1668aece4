package client

import (
	"context"
	"net/http"
	"time"
)

// Server is a server as the API shows it.
type Server struct {
	ID     int64    `json:"id"`
	Name   string   `json:"name"`
	IP     string   `json:"ip"`
	Tags   []string `json:"tags"`
	Source string   `json:"source"`
}

// ServerFilter narrows a list of servers. Zero fields do not.
type ServerFilter struct {
	Name string `query:"name"`
	Tag  string `query:"tag"`
	Q    string `query:"q"` // part of the name or the ip
}

// Servers lists servers, oldest first; limit 0 lists all.
func (c *Client) Servers(ctx context.Context, f ServerFilter, limit int) (List[Server], error) {
	return list[Server](ctx, c, "/servers", f, limit)
}

// Server returns one server.
func (c *Client) Server(ctx context.Context, id int64) (Answer[Server], error) {
	return one[Server](ctx, c, call{method: http.MethodGet, path: at("servers", id, "")})
}

// CreateServer makes a server from its keys.
func (c *Client) CreateServer(ctx context.Context, keys map[string]any) (Answer[Server], error) {
	return one[Server](ctx, c, call{method: http.MethodPost, path: "/servers", body: keys})
}

// ChangeServer applies a merge patch, if the server still has the ETag; ""
// stands for any.
func (c *Client) ChangeServer(ctx context.Context, id int64, match string, patch map[string]any) (Answer[Server], error) {
	return one[Server](ctx, c, call{method: http.MethodPatch, path: at("servers", id, ""), body: patch, match: match})
}

// DeleteServer deletes a server with its checks.
func (c *Client) DeleteServer(ctx context.Context, id int64) error {
	return c.remove(ctx, at("servers", id, ""))
}

// Check is a check as the API shows it. Its other keys, which depend on its
// kind, are in the answer's JSON.
type Check struct {
	ID       int64      `json:"id"`
	ServerID int64      `json:"server_id"`
	Server   string     `json:"server"`
	Name     string     `json:"name"`
	Kind     string     `json:"kind"`
	Target   string     `json:"target"`
	Paused   bool       `json:"paused"`
	State    CheckState `json:"state"`
	PingPath string     `json:"ping_path"` // of a heartbeat; its token is shown only to who makes it
}

// CheckState is how a check is.
type CheckState struct {
	Level      string    `json:"level"`
	Since      time.Time `json:"since"`
	IncidentID string    `json:"incident_id"`
}

// CheckFilter narrows a list of checks. Zero fields do not.
type CheckFilter struct {
	ServerID int64  `query:"server_id"`
	Name     string `query:"name"`
	Kind     string `query:"kind"`
	Level    string `query:"level"`
	Tag      string `query:"tag"` // of its server
}

// Checks lists checks, oldest first; limit 0 lists all.
func (c *Client) Checks(ctx context.Context, f CheckFilter, limit int) (List[Check], error) {
	return list[Check](ctx, c, "/checks", f, limit)
}

// Check returns one check.
func (c *Client) Check(ctx context.Context, id int64) (Answer[Check], error) {
	return one[Check](ctx, c, call{method: http.MethodGet, path: at("checks", id, "")})
}

// CreateCheck makes a check from its keys, server_id among them.
func (c *Client) CreateCheck(ctx context.Context, keys map[string]any) (Answer[Check], error) {
	return one[Check](ctx, c, call{method: http.MethodPost, path: "/checks", body: keys})
}

// ChangeCheck applies a merge patch, if the check still has the ETag; ""
// stands for any.
func (c *Client) ChangeCheck(ctx context.Context, id int64, match string, patch map[string]any) (Answer[Check], error) {
	return one[Check](ctx, c, call{method: http.MethodPatch, path: at("checks", id, ""), body: patch, match: match})
}

// DeleteCheck deletes a check.
func (c *Client) DeleteCheck(ctx context.Context, id int64) error {
	return c.remove(ctx, at("checks", id, ""))
}

// PauseCheck stops watching a check.
func (c *Client) PauseCheck(ctx context.Context, id int64) (Answer[Check], error) {
	return one[Check](ctx, c, call{method: http.MethodPost, path: at("checks", id, "pause")})
}

// ResumeCheck watches a paused check again.
func (c *Client) ResumeCheck(ctx context.Context, id int64) (Answer[Check], error) {
	return one[Check](ctx, c, call{method: http.MethodPost, path: at("checks", id, "resume")})
}

// Result is one observation of a check.
type Result struct {
	Level     string  `json:"level"`
	LatencyMS float64 `json:"latency_ms"`
	Message   string  `json:"message"`
	IP        string  `json:"ip"`
}

// ProbeCheck probes a check out of turn.
func (c *Client) ProbeCheck(ctx context.Context, id int64) (Answer[Result], error) {
	return one[Result](ctx, c, call{method: http.MethodPost, path: at("checks", id, "probe")})
}
