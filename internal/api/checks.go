package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// newCheck and checkChange are a check's keys, as manage reads them.
type (
	newCheck    map[string]any
	checkChange map[string]any
)

// Schema describes the keys of a new check, for huma.
func (newCheck) Schema(r huma.Registry) *huma.Schema {
	on := scout.Field{Name: "server_id", Type: scout.TypeInteger, Required: true, Help: "The id of the server it is on."}
	return component(r, "NewCheck", objectSchema(append([]scout.Field{on}, manage.AllCheckFields()...), toCreate))
}

// Schema describes a merge patch of a check, for huma.
func (checkChange) Schema(r huma.Registry) *huma.Schema {
	return component(r, "CheckChange", objectSchema(manage.AllCheckFields(), toChange))
}

func (a *api) registerChecks() {
	serve(a, huma.Operation{
		OperationID: "list_checks", Method: http.MethodGet, Path: "/checks",
		Summary: "List checks, oldest first",
	}, a.listChecks)
	serve(a, huma.Operation{
		OperationID: "create_check", Method: http.MethodPost, Path: "/checks", DefaultStatus: http.StatusCreated,
		Summary:     "Create a check",
		Description: "A heartbeat without a token is given one. This answer alone shows a heartbeat's token.",
	}, a.createCheck)
	serve(a, huma.Operation{
		OperationID: "get_check", Method: http.MethodGet, Path: "/checks/{id}",
		Summary: "Get a check and its state",
	}, a.getCheck)
	serve(a, huma.Operation{
		OperationID: "change_check", Method: http.MethodPatch, Path: "/checks/{id}",
		Summary:     "Change a check",
		Description: "The body is a JSON merge patch: given keys replace, null resets, a masked secret keeps the stored one.",
	}, a.changeCheck)
	serve(a, huma.Operation{
		OperationID: "delete_check", Method: http.MethodDelete, Path: "/checks/{id}",
		Summary:     "Delete a check",
		Description: "An open incident of its ends.",
	}, a.deleteCheck)
}

type checksRequest struct {
	Paging
	ServerID int64  `query:"server_id" minimum:"1" doc:"Only checks on this server."`
	Name     string `query:"name" doc:"Only checks of this name."`
	Kind     string `query:"kind" doc:"Only checks of this kind."`
	Level    string `query:"level" enum:"unknown,up,warning,down" doc:"Only checks whose confirmed level is this."`
	Paused   Choice `query:"paused" doc:"Only those that are paused, or only the others."`
	Tag      string `query:"tag" doc:"Only checks on servers with this tag."`
	Q        string `query:"q" maxLength:"200" doc:"Only checks with this text in their name or their server's."`
}

func (a *api) listChecks(ctx context.Context, in *checksRequest) (*answer[page[checkView]], error) {
	f := scout.CheckFilter{
		ServerID: in.ServerID,
		Name:     in.Name,
		Kind:     in.Kind,
		Tag:      in.Tag,
		Contains: in.Q,
		Paused:   in.Paused.only(),
	}
	var err error
	if f.After, err = in.number("checks"); err != nil {
		return nil, err
	}
	if in.Level != "" {
		if f.Level, err = scout.ParseLevel(in.Level); err != nil {
			return nil, err
		}
		f.Unobserved = f.Level == scout.Unknown
	}
	found, err := a.store.ListChecks(ctx, f, in.Limit+1)
	if err != nil {
		return nil, err
	}
	shown, err := a.viewChecks(ctx, found)
	if err != nil {
		return nil, err
	}
	key := func(v checkView) string { return digits(v["id"].(int64)) }
	return paged("checks", in.Limit, shown, key, func(v checkView) checkView { return v }), nil
}

type createCheckRequest struct {
	Idempotent
	Body newCheck
}

func (a *api) createCheck(ctx context.Context, in *createCheckRequest) (*created[checkView], error) {
	var faults scout.Faults
	serverID := takeID(in.Body, "server_id", &faults)
	if serverID == 0 && faults.Err() == nil {
		faults.Add("server_id", "", "is missing: give the id of the server it is on")
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	if in.Body["kind"] == heartbeatKind && in.Body["token"] == nil {
		in.Body["token"] = scout.NewHeartbeatToken()
	}
	c, err := a.manager.CreateCheck(ctx, serverID, in.Body)
	if err != nil {
		if scout.CodeOf(err) == scout.NotFound {
			faults.Join("server_id", err)
			return nil, faults.Err()
		}
		return nil, err
	}
	v, err := a.viewCheck(ctx, c)
	if err != nil {
		return nil, err
	}
	if token, ok := in.Body["token"].(string); ok && c.Kind == heartbeatKind {
		v["token"], v["ping_path"] = token, pingPath(token)
	}
	return &created[checkView]{Location: location("checks", c.ID), ETag: etag(c.Revision), Body: v}, nil
}

// takeID takes an id out of keys; 0 if there is none.
func takeID(keys map[string]any, key string, faults *scout.Faults) int64 {
	v := keys[key]
	delete(keys, key)
	if v == nil {
		return 0
	}
	n, ok := v.(float64)
	if !ok || n < 1 || n > 1<<53 || n != float64(int64(n)) {
		faults.Add(key, "", "must be an id, a whole number from 1")
		return 0
	}
	return int64(n)
}

func (a *api) getCheck(ctx context.Context, in *byID) (*revised[checkView], error) {
	c, err := a.store.Check(ctx, in.ID)
	return a.answerCheck(ctx, c, err)
}

type changeCheckRequest struct {
	ID int64 `path:"id"`
	IfMatch
	Body checkChange
}

func (a *api) changeCheck(ctx context.Context, in *changeCheckRequest) (*revised[checkView], error) {
	match, err := in.revision(a.checkRevision(ctx, in.ID))
	if err != nil {
		return nil, err
	}
	c, err := a.manager.ChangeCheck(ctx, in.ID, match, in.Body)
	return a.answerCheck(ctx, c, err)
}

func (a *api) deleteCheck(ctx context.Context, in *byIDIfMatch) (*nothing, error) {
	match, err := in.revision(a.checkRevision(ctx, in.ID))
	if err != nil {
		return nil, err
	}
	return nil, a.manager.DeleteCheck(ctx, in.ID, match)
}

func (a *api) checkRevision(ctx context.Context, id int64) func() (int64, error) {
	return func() (int64, error) {
		c, err := a.store.Check(ctx, id)
		return c.Revision, err
	}
}

// answerCheck answers with a check, unless it could not be had.
func (a *api) answerCheck(ctx context.Context, c scout.Check, err error) (*revised[checkView], error) {
	if err != nil {
		return nil, err
	}
	v, err := a.viewCheck(ctx, c)
	return &revised[checkView]{etag(c.Revision), v}, err
}
