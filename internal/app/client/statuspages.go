package client

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// StatusPage is a status page as the API shows it.
type StatusPage struct {
	ID     int64         `json:"id"`
	Slug   string        `json:"slug"`
	Title  string        `json:"title"`
	Access string        `json:"access"`
	Path   string        `json:"path"` // of one by link, with what nobody can guess
	Groups []StatusGroup `json:"groups"`
}

// StatusGroup is a group of a status page.
type StatusGroup struct {
	Name string `json:"name"`
}

// StatusPageFilter narrows a list of status pages. Zero fields do not.
type StatusPageFilter struct {
	Slug string `query:"slug"`
}

// StatusPages lists status pages, oldest first; limit 0 lists all.
func (c *Client) StatusPages(ctx context.Context, f StatusPageFilter, limit int) (List[StatusPage], error) {
	return list[StatusPage](ctx, c, "/status-pages", f, limit)
}

// StatusPage returns one status page.
func (c *Client) StatusPage(ctx context.Context, id int64) (Answer[StatusPage], error) {
	return one[StatusPage](ctx, c, call{method: http.MethodGet, path: at("status-pages", id, "")})
}

// CreateStatusPage makes a status page from its keys.
func (c *Client) CreateStatusPage(ctx context.Context, keys map[string]any) (Answer[StatusPage], error) {
	return one[StatusPage](ctx, c, call{method: http.MethodPost, path: "/status-pages", body: keys})
}

// ChangeStatusPage applies a merge patch, if the status page still has the
// ETag; "" stands for any.
func (c *Client) ChangeStatusPage(ctx context.Context, id int64, match string, patch map[string]any) (Answer[StatusPage], error) {
	return one[StatusPage](ctx, c, call{method: http.MethodPatch, path: at("status-pages", id, ""), body: patch, match: match})
}

// DeleteStatusPage deletes a status page with its notes.
func (c *Client) DeleteStatusPage(ctx context.Context, id int64) error {
	return c.remove(ctx, at("status-pages", id, ""))
}

// StatusNote is a note on a status page.
type StatusNote struct {
	ID         int64     `json:"id"`
	IncidentID string    `json:"incident_id"` // "" where it is about the page as a whole
	Text       string    `json:"text"`
	At         time.Time `json:"at"`
	Author     string    `json:"author"`
}

// StatusNoteFilter narrows a list of notes. Zero fields do not.
type StatusNoteFilter struct {
	IncidentID string `query:"incident_id"`
}

// StatusNotes lists the notes on a status page, newest first; limit 0 lists
// all.
func (c *Client) StatusNotes(ctx context.Context, pageID int64, f StatusNoteFilter, limit int) (List[StatusNote], error) {
	return list[StatusNote](ctx, c, at("status-pages", pageID, "notes"), f, limit)
}

// AddStatusNote puts a note on a status page, from its keys.
func (c *Client) AddStatusNote(ctx context.Context, pageID int64, keys map[string]any) (Answer[StatusNote], error) {
	return one[StatusNote](ctx, c, call{method: http.MethodPost, path: at("status-pages", pageID, "notes"), body: keys})
}

// DeleteStatusNote takes a note off a status page.
func (c *Client) DeleteStatusNote(ctx context.Context, pageID, id int64) error {
	return c.remove(ctx, at("status-pages", pageID, "notes/"+strconv.FormatInt(id, 10)))
}
