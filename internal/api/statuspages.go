package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// StatusPageReader reads status pages and their notes.
type StatusPageReader interface {
	ListStatusPages(ctx context.Context, f scout.StatusPageFilter, limit int) ([]scout.StatusPage, error)
	StatusPage(ctx context.Context, id int64) (scout.StatusPage, error)
	ListStatusNotes(ctx context.Context, f scout.StatusNoteFilter, limit int) ([]scout.StatusNote, error)
}

// statusPageView is a status page as answers show it: its keys, and what
// statusPageFacts lists.
type statusPageView map[string]any

// statusPageFacts are what a status page has beside its keys.
type statusPageFacts struct {
	ID        int64     `json:"id"`
	Path      string    `json:"path" example:"/status/our-services" doc:"Where the page is, below the address people reach the dashboard at. Of one by link, it holds what nobody can guess."`
	Revision  int64     `json:"revision" doc:"Counts its changes; in quotes, its ETag."`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Schema describes a status page as answers show it, for huma.
func (statusPageView) Schema(r huma.Registry) *huma.Schema {
	s := objectSchema(manage.StatusPageFields(), toShow)
	for name := range s.Properties {
		s.Required = append(s.Required, name)
	}
	for name, p := range propertiesOf[statusPageFacts](r) {
		s.Properties[name] = p
		s.Required = append(s.Required, name)
	}
	slices.Sort(s.Required) // the document is the same each time
	return component(r, "StatusPage", s)
}

func viewStatusPage(p scout.StatusPage) statusPageView {
	v := statusPageView(manage.DescribeStatusPage(p))
	v["id"], v["path"], v["revision"] = p.ID, "/"+p.Path(), p.Revision
	v["created_at"], v["updated_at"] = instant(p.CreatedAt), instant(p.UpdatedAt)
	return v
}

// newStatusPage and statusPageChange are a status page's keys, as manage reads
// them.
type (
	newStatusPage    map[string]any
	statusPageChange map[string]any
)

// Schema describes the keys of a new status page, for huma.
func (newStatusPage) Schema(r huma.Registry) *huma.Schema {
	return component(r, "NewStatusPage", objectSchema(manage.StatusPageFields(), toCreate))
}

// Schema describes a merge patch of a status page, for huma.
func (statusPageChange) Schema(r huma.Registry) *huma.Schema {
	return component(r, "StatusPageChange", objectSchema(manage.StatusPageFields(), toChange))
}

func (a *api) registerStatusPages() {
	serve(a, huma.Operation{
		OperationID: "list_status_pages", Method: http.MethodGet, Path: "/status-pages",
		Summary: "List status pages, oldest first",
	}, a.listStatusPages)
	serve(a, huma.Operation{
		OperationID: "create_status_page", Method: http.MethodPost, Path: "/status-pages", DefaultStatus: http.StatusCreated,
		Summary: "Create a status page",
	}, a.createStatusPage)
	serve(a, huma.Operation{
		OperationID: "get_status_page", Method: http.MethodGet, Path: "/status-pages/{id}",
		Summary: "Get a status page",
	}, a.getStatusPage)
	serve(a, huma.Operation{
		OperationID: "change_status_page", Method: http.MethodPatch, Path: "/status-pages/{id}",
		Summary: "Change a status page",
		Description: "The body is a JSON merge patch: given keys replace, null resets; groups are replaced as a whole. " +
			"A page that becomes one by link gets a link that nobody had before.",
	}, a.changeStatusPage)
	serve(a, huma.Operation{
		OperationID: "delete_status_page", Method: http.MethodDelete, Path: "/status-pages/{id}",
		Summary: "Delete a status page with its notes",
	}, a.deleteStatusPage)
	a.registerStatusNotes()
}

type statusPagesRequest struct {
	Paging
	Slug string `query:"slug" doc:"Only the status page with this slug."`
}

func (a *api) listStatusPages(ctx context.Context, in *statusPagesRequest) (*answer[page[statusPageView]], error) {
	after, err := in.number("status_pages")
	if err != nil {
		return nil, err
	}
	found, err := a.store.ListStatusPages(ctx, scout.StatusPageFilter{Slug: in.Slug, After: after}, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged("status_pages", in.Limit, found, func(p scout.StatusPage) string { return digits(p.ID) }, viewStatusPage), nil
}

type createStatusPageRequest struct {
	Idempotent
	Body newStatusPage
}

func (a *api) createStatusPage(ctx context.Context, in *createStatusPageRequest) (*created[statusPageView], error) {
	p, err := a.manager.CreateStatusPage(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return &created[statusPageView]{Location: location("status-pages", p.ID), ETag: etag(p.Revision), Body: viewStatusPage(p)}, nil
}

func (a *api) getStatusPage(ctx context.Context, in *byID) (*revised[statusPageView], error) {
	p, err := a.store.StatusPage(ctx, in.ID)
	return answerStatusPage(p, err)
}

type changeStatusPageRequest struct {
	ID int64 `path:"id"`
	IfMatch
	Body statusPageChange
}

func (a *api) changeStatusPage(ctx context.Context, in *changeStatusPageRequest) (*revised[statusPageView], error) {
	match, err := in.revision(a.statusPageRevision(ctx, in.ID))
	if err != nil {
		return nil, err
	}
	p, err := a.manager.ChangeStatusPage(ctx, in.ID, match, in.Body)
	return answerStatusPage(p, err)
}

func (a *api) deleteStatusPage(ctx context.Context, in *byIDIfMatch) (*nothing, error) {
	match, err := in.revision(a.statusPageRevision(ctx, in.ID))
	if err != nil {
		return nil, err
	}
	return nil, a.manager.DeleteStatusPage(ctx, in.ID, match)
}

func (a *api) statusPageRevision(ctx context.Context, id int64) func() (int64, error) {
	return func() (int64, error) {
		p, err := a.store.StatusPage(ctx, id)
		return p.Revision, err
	}
}

// answerStatusPage answers with a status page, unless it could not be had.
func answerStatusPage(p scout.StatusPage, err error) (*revised[statusPageView], error) {
	if err != nil {
		return nil, err
	}
	return &revised[statusPageView]{etag(p.Revision), viewStatusPage(p)}, nil
}
