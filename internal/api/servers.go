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
}

func (a *api) listServers(ctx context.Context, in *serversRequest) (*answer[page[serverView]], error) {
	after, err := in.number("servers")
	if err != nil {
		return nil, err
	}
	found, err := a.store.ListServers(ctx, scout.ServerFilter{Name: in.Name, Tag: in.Tag, After: after}, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return paged("servers", in.Limit, found, func(s scout.Server) string { return digits(s.ID) }, viewServer), nil
}

func (a *api) createServer(ctx context.Context, in *struct{ Body newServer }) (*created[serverView], error) {
	s, err := a.manager.CreateServer(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return &created[serverView]{Location: location("servers", s.ID), Body: viewServer(s)}, nil
}

func (a *api) getServer(ctx context.Context, in *byID) (*answer[serverView], error) {
	s, err := a.store.Server(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[serverView]{viewServer(s)}, nil
}

type changeServerRequest struct {
	ID   int64 `path:"id"`
	Body serverChange
}

func (a *api) changeServer(ctx context.Context, in *changeServerRequest) (*answer[serverView], error) {
	s, err := a.manager.ChangeServer(ctx, in.ID, manage.AnyRevision, in.Body)
	if err != nil {
		return nil, err
	}
	return &answer[serverView]{viewServer(s)}, nil
}

func (a *api) deleteServer(ctx context.Context, in *byID) (*nothing, error) {
	return nil, a.manager.DeleteServer(ctx, in.ID, manage.AnyRevision)
}
