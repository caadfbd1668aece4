package client

import (
	"context"
	"net/http"
	"time"
)

// Hold is a silence or a maintenance window as the API shows it.
type Hold struct {
	ID         int64     `json:"id"`
	Kind       string    `json:"kind"`
	State      string    `json:"state"`
	Match      Match     `json:"match"`
	Everything bool      `json:"everything"`
	Author     string    `json:"author"`
	Comment    string    `json:"comment"`
	From       time.Time `json:"from"`
	Until      time.Time `json:"until"`
	EndedAt    time.Time `json:"ended_at"` // zero: it has not ended, or nobody has noticed yet
}

// Match is what a hold covers: any within a key, all across keys.
type Match struct {
	Servers []string `json:"servers"`
	Tags    []string `json:"tags"`
	Checks  []string `json:"checks"`
}

// HoldFilter narrows a list of holds. Zero fields do not.
type HoldFilter struct {
	State string `query:"state"` // planned, active or ended
	Kind  string `query:"kind"`
}

// Holds lists holds, newest first; limit 0 lists all.
func (c *Client) Holds(ctx context.Context, f HoldFilter, limit int) (List[Hold], error) {
	return list[Hold](ctx, c, "/holds", f, limit)
}

// Hold returns one hold.
func (c *Client) Hold(ctx context.Context, id int64) (Answer[Hold], error) {
	return one[Hold](ctx, c, call{method: http.MethodGet, path: at("holds", id, "")})
}

// CreateHold makes a hold from its keys.
func (c *Client) CreateHold(ctx context.Context, keys map[string]any) (Answer[Hold], error) {
	return one[Hold](ctx, c, call{method: http.MethodPost, path: "/holds", body: keys})
}

// ChangeHold applies a merge patch, if the hold still has the ETag; "" stands
// for any.
func (c *Client) ChangeHold(ctx context.Context, id int64, match string, patch map[string]any) (Answer[Hold], error) {
	return one[Hold](ctx, c, call{method: http.MethodPatch, path: at("holds", id, ""), body: patch, match: match})
}

// EndHold ends a hold now.
func (c *Client) EndHold(ctx context.Context, id int64) (Answer[Hold], error) {
	return one[Hold](ctx, c, call{method: http.MethodPost, path: at("holds", id, "end")})
}

// DeleteHold deletes a hold that has ended.
func (c *Client) DeleteHold(ctx context.Context, id int64) error {
	return c.remove(ctx, at("holds", id, ""))
}
