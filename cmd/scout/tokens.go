package main

import (
	"context"

	"serverscout/internal/app/terminal"
)

type tokensCmd struct {
	List   tokensListCmd   `cmd:"" help:"List tokens, oldest first."`
	Create tokensCreateCmd `cmd:"" help:"Make a token and print it; it is not kept and cannot be shown again."`
	Change tokensChangeCmd `cmd:"" help:"Change a token's name or role."`
	Delete tokensDeleteCmd `cmd:"" help:"Delete a token; it is good for nothing from then on."`
}

type tokensListCmd struct {
	remote
	limited
}

// Run lists tokens.
func (c tokensListCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ListTokens(ctx, c.Limit) })
}

type tokensCreateCmd struct {
	remote
	Name string `required:"" help:"What the token is for; unique."`
	Role string `required:"" enum:"admin,editor,viewer" help:"How far it reaches: admin, editor or viewer."`
}

// Run makes a token.
func (c tokensCreateCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.CreateToken(ctx, c.Name, c.Role) })
}

type tokensChangeCmd struct {
	remote
	Name    string `arg:"" help:"The token's id or name." complete:"@token"`
	NewName string `name:"name" help:"Its new name." placeholder:"NAME"`
	Role    string `help:"How far it reaches from now on: admin, editor or viewer." placeholder:"ROLE" complete:"admin,editor,viewer"`
}

// Run changes a token.
func (c tokensChangeCmd) Run(screen *terminal.Screen) error {
	edits := terminal.Edits{Keys: filled(map[string]string{"name": c.NewName, "role": c.Role})}
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ChangeToken(ctx, c.Name, edits) })
}

type tokensDeleteCmd struct {
	remote
	Name string `arg:"" help:"The token's id or name." complete:"@token"`
}

// Run deletes a token.
func (c tokensDeleteCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.DeleteToken(ctx, c.Name) })
}

type egressCmd struct{ remote }

// Run prints where requests come from.
func (c egressCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ShowEgress(ctx) })
}
