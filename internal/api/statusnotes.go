package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// statusNoteView is a note on a status page as answers show it.
type statusNoteView struct {
	ID         int64     `json:"id"`
	IncidentID string    `json:"incident_id,omitempty" doc:"The incident it is about; left out where it is about the page as a whole."`
	Text       string    `json:"text"`
	At         time.Time `json:"at"`
	Author     string    `json:"author" doc:"The name of the token that made it, or of the account; never on the page itself."`
}

func viewStatusNote(n scout.StatusNote) statusNoteView {
	return statusNoteView{ID: n.ID, IncidentID: n.IncidentID, Text: n.Text, At: instant(n.At), Author: n.Author}
}

// newStatusNote is a note's keys, as manage reads them.
type newStatusNote map[string]any

// Schema describes the keys of a new note, for huma.
func (newStatusNote) Schema(r huma.Registry) *huma.Schema {
	return component(r, "NewStatusNote", objectSchema(manage.StatusNoteFields(), toCreate))
}

func (a *api) registerStatusNotes() {
	serve(a, huma.Operation{
		OperationID: "list_status_notes", Method: http.MethodGet, Path: "/status-pages/{id}/notes",
		Summary: "List the notes on a status page, newest first",
	}, a.listStatusNotes)
	serve(a, huma.Operation{
		OperationID: "create_status_note", Method: http.MethodPost, Path: "/status-pages/{id}/notes", DefaultStatus: http.StatusCreated,
		Summary:     "Put a note on a status page",
		Description: "One that is about an incident stands with it; another one stands at the top of the page for 14 days.",
	}, a.createStatusNote)
	serve(a, huma.Operation{
		OperationID: "delete_status_note", Method: http.MethodDelete, Path: "/status-pages/{id}/notes/{note_id}",
		Summary: "Take a note off a status page",
	}, a.deleteStatusNote)
}

type statusNotesRequest struct {
	ID int64 `path:"id" doc:"The status page's id."`
	Paging
	IncidentID string `query:"incident_id" maxLength:"40" doc:"Only notes about this incident."`
}

func (a *api) listStatusNotes(ctx context.Context, in *statusNotesRequest) (*answer[page[statusNoteView]], error) {
	before, err := in.number("status_notes")
	if err != nil {
		return nil, err
	}
	if _, err := a.store.StatusPage(ctx, in.ID); err != nil {
		return nil, err
	}
	f := scout.StatusNoteFilter{PageID: in.ID, IncidentID: in.IncidentID, Before: before}
	found, err := a.store.ListStatusNotes(ctx, f, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged("status_notes", in.Limit, found, func(n scout.StatusNote) string { return digits(n.ID) }, viewStatusNote), nil
}

type createStatusNoteRequest struct {
	ID int64 `path:"id" doc:"The status page's id."`
	Idempotent
	Body newStatusNote
}

func (a *api) createStatusNote(ctx context.Context, in *createStatusNoteRequest) (*answer[statusNoteView], error) {
	n, err := a.manager.AddStatusNote(ctx, in.ID, tokenOf(ctx).Name, in.Body)
	if err != nil {
		return nil, err
	}
	return &answer[statusNoteView]{viewStatusNote(n)}, nil
}

type deleteStatusNoteRequest struct {
	ID     int64 `path:"id" doc:"The status page's id."`
	NoteID int64 `path:"note_id" doc:"The note's id."`
}

func (a *api) deleteStatusNote(ctx context.Context, in *deleteStatusNoteRequest) (*nothing, error) {
	return nil, a.manager.DeleteStatusNote(ctx, in.ID, in.NoteID)
}
