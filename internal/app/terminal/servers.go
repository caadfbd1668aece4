package terminal

import (
	"context"
	"strconv"
	"strings"

	"serverscout/internal/app/client"
	"serverscout/internal/manage"
)

// ListServers prints servers, oldest first.
func (s *Session) ListServers(ctx context.Context, f client.ServerFilter, limit int) error {
	found, err := s.API.Servers(ctx, f, limit)
	if err != nil {
		return err
	}
	return printList(s, found, "servers", []column[client.Server]{
		{title: "ID", cell: func(v client.Server) string { return strconv.FormatInt(v.ID, 10) }},
		{title: "NAME", cell: func(v client.Server) string { return v.Name }},
		{title: "IP", cell: func(v client.Server) string { return v.IP }},
		{title: "TAGS", cell: func(v client.Server) string { return strings.Join(v.Tags, ", ") }},
		{title: "SOURCE", cell: func(v client.Server) string { return v.Source }},
	})
}

// ShowServer prints a server, and the checks on it.
func (s *Session) ShowServer(ctx context.Context, ref string) error {
	v, err := s.server(ctx, ref)
	if err != nil {
		return err
	}
	if err := printRecord(s, v.JSON, []string{"id", "name", "ip", "tags"}); err != nil || s.JSON {
		return err
	}
	checks, err := s.API.Checks(ctx, client.CheckFilter{ServerID: v.Value.ID}, 0)
	if err != nil || len(checks.Items) == 0 {
		return err
	}
	s.Screen.printf("\n")
	return s.printChecks(checks)
}

// AddServer creates a server from its keys.
func (s *Session) AddServer(ctx context.Context, e Edits) error {
	keys, err := e.object(manage.ServerFields())
	if err != nil {
		return err
	}
	v, err := s.API.CreateServer(ctx, keys)
	if err != nil {
		return err
	}
	return done(s, v, "Server %s is added (id %d).", v.Value.Name, v.Value.ID)
}

// ChangeServer changes the keys that edits name.
func (s *Session) ChangeServer(ctx context.Context, ref string, e Edits) error {
	patch, err := e.object(manage.ServerFields())
	if err != nil {
		return err
	}
	v, err := s.server(ctx, ref)
	if err != nil {
		return err
	}
	if v, err = change(ctx, v.Value.ID, patch, s.API.Server, s.API.ChangeServer); err != nil {
		return err
	}
	return done(s, v, "Server %s is changed.", v.Value.Name)
}

// DeleteServer deletes a server with its checks.
func (s *Session) DeleteServer(ctx context.Context, ref string) error {
	v, err := s.server(ctx, ref)
	if err != nil {
		return err
	}
	if err := s.API.DeleteServer(ctx, v.Value.ID); err != nil {
		return err
	}
	return s.gone("Server %s is deleted, with its checks.", v.Value.Name)
}
