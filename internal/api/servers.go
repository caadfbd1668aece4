package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// serverView is a server as answers show it.
type serverView struct {
	ID        int64        `json:"id"`
	Name      string       `json:"name"`
	IP        string       `json:"ip"`
	Tags      []string     `json:"tags" nullable:"false"`
	Source    scout.Source `json:"source" enum:"file,database" doc:"What the file declares is changed there alone."`
	Revision  int64        `json:"revision" doc:"Counts its changes; in quotes, its ETag."`
	CreatedAt time.Time    `json:"created_at"`
	UpdatedAt time.Time    `json:"updated_at"`
}

func viewServer(s scout.Server) serverView {
	return serverView{
		ID:        s.ID,
		Name:      s.Name,
		IP:        s.IP,
		Tags:      append([]string{}, s.Tags...),
		Source:    s.Source,
		Revision:  s.Revision,
		CreatedAt: instant(s.CreatedAt),
		UpdatedAt: instant(s.UpdatedAt),
	}
}

// newServer and serverChange are a server's keys, as manage reads them.
type (
	newServer    map[string]any
	serverChange map[string]any
)

// Schema describes the keys of a new server, for huma.
func (newServer) Schema(r huma.Registry) *huma.Schema {
	return component(r, "NewServer", objectSchema(manage.ServerFields(), toCreate))
}

// Schema describes a merge patch of a server, for huma.
func (serverChange) Schema(r huma.Registry) *huma.Schema {
	return component(r, "ServerChange", objectSchema(manage.ServerFields(), toChange))
}

func (a *api) registerServers() {
	serve(a, huma.Operation{
		OperationID: "list_servers", Method: http.MethodGet, Path: "/servers",
		Summary: "List servers, oldest first",
	}, a.listServers)
	serve(a, huma.Operation{
		OperationID: "create_server", Method: http.MethodPost, Path: "/servers", DefaultStatus: http.StatusCreated,
		Summary: "Create a server",
	}, a.createServer)
	serve(a, huma.Operation{
		OperationID: "get_server", Method: http.MethodGet, Path: "/servers/{id}",
		Summary: "Get a server",
	}, a.getServer)
	serve(a, huma.Operation{
		OperationID: "change_server", Method: http.MethodPatch, Path: "/servers/{id}",
		Summary:     "Change a server",
		Description: "The body is a JSON merge patch: given keys replace, null resets. Checks whose target was built from the server's ip follow a new one.",
	}, a.changeServer)
	serve(a, huma.Operation{
		OperationID: "delete_server", Method: http.MethodDelete, Path: "/servers/{id}",
		Summary: "Delete a server with its checks",
	}, a.deleteServer)
}

type serversRequest struct {
	Paging
	Name string `query:"name" doc:"Only the server of this name."`
	Tag  string `query:"tag" doc:"Only servers with this tag."`
	Q    string `query:"q" maxLength:"200" doc:"Only servers with this text in their name or ip."`
}

func (a *api) listServers(ctx context.Context, in *serversRequest) (*answer[page[serverView]], error) {
	after, err := in.number("servers")
	if err != nil {
		return nil, err
	}
	found, err := a.store.ListServers(ctx, scout.ServerFilter{Name: in.Name, Tag: in.Tag, Contains: in.Q, After: after}, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged("servers", in.Limit, found, func(s scout.Server) string { return digits(s.ID) }, viewServer), nil
}

type createServerRequest struct {
	Idempotent
	Body newServer
}

func (a *api) createServer(ctx context.Context, in *createServerRequest) (*created[serverView], error) {
	s, err := a.manager.CreateServer(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return &created[serverView]{Location: location("servers", s.ID), ETag: etag(s.Revision), Body: viewServer(s)}, nil
}

func (a *api) getServer(ctx context.Context, in *byID) (*revised[serverView], error) {
	s, err := a.store.Server(ctx, in.ID)
	return answerServer(s, err)
}

type changeServerRequest struct {
	ID int64 `path:"id"`
	IfMatch
	Body serverChange
}

func (a *api) changeServer(ctx context.Context, in *changeServerRequest) (*revised[serverView], error) {
	match, err := in.revision(a.serverRevision(ctx, in.ID))
	if err != nil {
		return nil, err
	}
	s, err := a.manager.ChangeServer(ctx, in.ID, match, in.Body)
	return answerServer(s, err)
}

func (a *api) deleteServer(ctx context.Context, in *byIDIfMatch) (*nothing, error) {
	match, err := in.revision(a.serverRevision(ctx, in.ID))
	if err != nil {
		return nil, err
	}
	return nil, a.manager.DeleteServer(ctx, in.ID, match)
}

func (a *api) serverRevision(ctx context.Context, id int64) func() (int64, error) {
	return func() (int64, error) {
		s, err := a.store.Server(ctx, id)
		return s.Revision, err
	}
}

// answerServer answers with a server, unless it could not be had.
func answerServer(s scout.Server, err error) (*revised[serverView], error) {
	if err != nil {
		return nil, err
	}
	return &revised[serverView]{etag(s.Revision), viewServer(s)}, nil
}
