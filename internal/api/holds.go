package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// HoldReader reads silences and maintenance windows.
type HoldReader interface {
	ListHolds(ctx context.Context, f scout.HoldFilter, limit int) ([]scout.Hold, error)
	Hold(ctx context.Context, id int64) (scout.Hold, error)
}

// holdView is a hold as answers show it.
type holdView struct {
	ID         int64           `json:"id"`
	Kind       scout.HoldKind  `json:"kind" enum:"silence,maintenance"`
	State      scout.HoldState `json:"state" enum:"planned,active,ended"`
	Match      matchView       `json:"match" doc:"What it covers: any within a key, all across keys."`
	Everything bool            `json:"everything" doc:"It covers everything, and the match names nothing."`
	Author     string          `json:"author" doc:"The name of the token that made it, or of the account."`
	Comment    string          `json:"comment"`
	From       time.Time       `json:"from"`
	Until      time.Time       `json:"until"`
	EndedAt    time.Time       `json:"ended_at,omitzero" doc:"When it ended, at until or before."`
	Revision   int64           `json:"revision" doc:"Counts its changes; in quotes, its ETag."`
	CreatedAt  time.Time       `json:"created_at"`
}

// matchView is what a hold covers.
type matchView struct {
	Servers []string `json:"servers" nullable:"false" doc:"Names of servers."`
	Tags    []string `json:"tags" nullable:"false" doc:"Tags of servers."`
	Checks  []string `json:"checks" nullable:"false" doc:"Names of checks, alone or as server/check."`
}

func viewHold(now time.Time) func(scout.Hold) holdView {
	return func(h scout.Hold) holdView {
		return holdView{
			ID:    h.ID,
			Kind:  h.Kind,
			State: h.State(now),
			Match: matchView{
				Servers: append([]string{}, h.Match.Servers...),
				Tags:    append([]string{}, h.Match.Tags...),
				Checks:  append([]string{}, h.Match.Checks...),
			},
			Everything: h.Match.Empty(),
			Author:     h.Author,
			Comment:    h.Comment,
			From:       instant(h.From),
			Until:      instant(h.Until),
			EndedAt:    instant(h.EndedAt),
			Revision:   h.Revision,
			CreatedAt:  instant(h.CreatedAt),
		}
	}
}

// newHold and holdChange are a hold's keys, as manage reads them.
type (
	newHold    map[string]any
	holdChange map[string]any
)

// Schema describes the keys of a new hold, for huma.
func (newHold) Schema(r huma.Registry) *huma.Schema {
	return component(r, "NewHold", objectSchema(manage.HoldFields(), toCreate))
}

// Schema describes a merge patch of a hold, for huma.
func (holdChange) Schema(r huma.Registry) *huma.Schema {
	return component(r, "HoldChange", objectSchema(manage.HoldChangeFields(), toChange))
}

func (a *api) registerHolds() {
	serve(a, huma.Operation{
		OperationID: "list_holds", Method: http.MethodGet, Path: "/holds",
		Summary: "List silences and maintenance windows, newest first",
	}, a.listHolds)
	serve(a, huma.Operation{
		OperationID: "create_hold", Method: http.MethodPost, Path: "/holds", DefaultStatus: http.StatusCreated,
		Summary: "Hold back alerts for a while",
		Description: "Nothing is swallowed: when it ends, those not yet told of an incident that is still open are told. " +
			"Those told before hear the recovery even while it is in force.",
	}, a.createHold)
	serve(a, huma.Operation{
		OperationID: "get_hold", Method: http.MethodGet, Path: "/holds/{id}",
		Summary: "Get a silence or maintenance window",
	}, a.getHold)
	serve(a, huma.Operation{
		OperationID: "change_hold", Method: http.MethodPatch, Path: "/holds/{id}",
		Summary:     "Change a silence or maintenance window that has not ended",
		Description: "The body is a JSON merge patch. What it covers no longer is told at once.",
	}, a.changeHold)
	serve(a, huma.Operation{
		OperationID: "end_hold", Method: http.MethodPost, Path: "/holds/{id}/end",
		Summary:     "End a silence or maintenance window now",
		Description: "What it held back is told, if its incident is still open. One that is planned never begins.",
	}, a.endHold)
	serve(a, huma.Operation{
		OperationID: "delete_hold", Method: http.MethodDelete, Path: "/holds/{id}",
		Summary: "Delete a silence or maintenance window that has ended",
	}, a.deleteHold)
}

type holdsRequest struct {
	Paging
	State string `query:"state" enum:"planned,active,ended" doc:"Only those that have not begun, are in force, or have ended."`
	Kind  string `query:"kind" enum:"silence,maintenance" doc:"Only those of this kind."`
}

func (a *api) listHolds(ctx context.Context, in *holdsRequest) (*answer[page[holdView]], error) {
	before, err := in.number("holds")
	if err != nil {
		return nil, err
	}
	f := scout.HoldFilter{State: scout.HoldState(in.State), Kind: scout.HoldKind(in.Kind), Before: before}
	found, err := a.store.ListHolds(ctx, f, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged("holds", in.Limit, found, func(h scout.Hold) string { return digits(h.ID) }, viewHold(time.Now())), nil
}

type createHoldRequest struct {
	Idempotent
	Body newHold
}

func (a *api) createHold(ctx context.Context, in *createHoldRequest) (*created[holdView], error) {
	h, err := a.manager.CreateHold(ctx, tokenOf(ctx).Name, in.Body)
	if err != nil {
		return nil, err
	}
	return &created[holdView]{Location: location("holds", h.ID), ETag: etag(h.Revision), Body: viewHold(time.Now())(h)}, nil
}

func (a *api) getHold(ctx context.Context, in *byID) (*revised[holdView], error) {
	h, err := a.store.Hold(ctx, in.ID)
	return answerHold(h, err)
}

type changeHoldRequest struct {
	ID int64 `path:"id"`
	IfMatch
	Body holdChange
}

func (a *api) changeHold(ctx context.Context, in *changeHoldRequest) (*revised[holdView], error) {
	match, err := in.revision(a.holdRevision(ctx, in.ID))
	if err != nil {
		return nil, err
	}
	h, err := a.manager.ChangeHold(ctx, in.ID, match, in.Body)
	return answerHold(h, err)
}

func (a *api) endHold(ctx context.Context, in *byID) (*revised[holdView], error) {
	h, err := a.manager.EndHold(ctx, in.ID)
	return answerHold(h, err)
}

func (a *api) deleteHold(ctx context.Context, in *byIDIfMatch) (*nothing, error) {
	match, err := in.revision(a.holdRevision(ctx, in.ID))
	if err != nil {
		return nil, err
	}
	return nil, a.manager.DeleteHold(ctx, in.ID, match)
}

func (a *api) holdRevision(ctx context.Context, id int64) func() (int64, error) {
	return func() (int64, error) {
		h, err := a.store.Hold(ctx, id)
		return h.Revision, err
	}
}

// answerHold answers with a hold, unless it could not be had.
func answerHold(h scout.Hold, err error) (*revised[holdView], error) {
	if err != nil {
		return nil, err
	}
	return &revised[holdView]{etag(h.Revision), viewHold(time.Now())(h)}, nil
}
