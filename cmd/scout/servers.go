package main

import (
	"context"

	"serverscout/internal/app/client"
	"serverscout/internal/app/terminal"
)

type serversCmd struct {
	List   serversListCmd   `cmd:"" help:"List servers, oldest first."`
	Show   serversShowCmd   `cmd:"" help:"Show a server and its checks."`
	Add    serversAddCmd    `cmd:"" help:"Add a server."`
	Change serversChangeCmd `cmd:"" help:"Change a server."`
	Delete serversDeleteCmd `cmd:"" help:"Delete a server with its checks."`
}

type serversListCmd struct {
	remote
	limited
	Search string `help:"Only servers with this in their name or ip." placeholder:"TEXT"`
	Tag    string `help:"Only servers with this tag." placeholder:"TAG"`
}

// Run lists servers.
func (c serversListCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		return s.ListServers(ctx, client.ServerFilter{Tag: c.Tag, Q: c.Search}, c.Limit)
	})
}

// oneServer names a server.
type oneServer struct {
	remote
	Server string `arg:"" help:"The server's id or name." complete:"@server"`
}

type serversShowCmd struct{ oneServer }

// Run shows a server.
func (c serversShowCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ShowServer(ctx, c.Server) })
}

type serversAddCmd struct {
	remote
	Name string   `arg:"" help:"The server's name, unique."`
	IP   string   `help:"Its address or host name." placeholder:"ADDR"`
	Tag  []string `help:"A tag; repeatable." placeholder:"TAG"`
	Set  []string `sep:"none" help:"Another key; repeatable." complete:"@server-key=" placeholder:"KEY=VALUE"`
}

// Run adds a server.
func (c serversAddCmd) Run(screen *terminal.Screen) error {
	keys := filled(map[string]string{"name": c.Name, "ip": c.IP})
	if len(c.Tag) > 0 {
		keys["tags"] = c.Tag
	}
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		return s.AddServer(ctx, terminal.Edits{Keys: keys, Set: c.Set})
	})
}

type serversChangeCmd struct {
	oneServer
	Name  string   `help:"Its new name."`
	IP    string   `help:"Its new address or host name." placeholder:"ADDR"`
	Tag   []string `help:"Its tags from now on; repeatable." placeholder:"TAG"`
	Set   []string `sep:"none" help:"Another key; repeatable." complete:"@server-key=" placeholder:"KEY=VALUE"`
	Unset []string `help:"A key to reset; repeatable." complete:"@server-key" placeholder:"KEY"`
}

// Run changes a server.
func (c serversChangeCmd) Run(screen *terminal.Screen) error {
	keys := filled(map[string]string{"name": c.Name, "ip": c.IP})
	if len(c.Tag) > 0 {
		keys["tags"] = c.Tag
	}
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		return s.ChangeServer(ctx, c.Server, terminal.Edits{Keys: keys, Set: c.Set, Unset: c.Unset})
	})
}

type serversDeleteCmd struct{ oneServer }

// Run deletes a server.
func (c serversDeleteCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.DeleteServer(ctx, c.Server) })
}
