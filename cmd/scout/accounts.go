package main

import (
	"context"
	"os"
	"time"

	"serverscout/internal/app"
	"serverscout/internal/app/terminal"
)

type accountsCmd struct {
	List     accountsListCmd     `cmd:"" help:"List accounts, oldest first."`
	Add      accountsAddCmd      `cmd:"" help:"Add an account to sign in to the dashboard with."`
	Change   accountsChangeCmd   `cmd:"" help:"Change an account's name or role."`
	Remove   accountsRemoveCmd   `cmd:"" help:"Remove an account; it is signed out."`
	Sessions accountsSessionsCmd `cmd:"" help:"List where an account is signed in."`
	SignOut  accountsSignOutCmd  `cmd:"" help:"Sign an account out, everywhere or in one browser."`
}

// newPassword says where a new password comes from.
type newPassword struct {
	PasswordStdin bool `xor:"password" help:"Read the password from standard input; otherwise it is asked for."`
	Generate      bool `xor:"password" help:"Make a password and print it, and nothing else."`
}

func (p newPassword) source() terminal.PasswordSource {
	return terminal.PasswordSource{In: os.Stdin, Stdin: p.PasswordStdin, Generate: p.Generate}
}

type accountsListCmd struct {
	remote
	limited
}

// Run lists accounts.
func (c accountsListCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ListAccounts(ctx, c.Limit) })
}

type accountsAddCmd struct {
	remote
	newPassword
	Name string `arg:"" help:"The name to sign in with; unique without regard to case."`
	Role string `required:"" enum:"admin,editor,viewer" help:"How far it reaches: admin, editor or viewer."`
}

// Run adds an account.
func (c accountsAddCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		return s.AddAccount(ctx, c.Name, c.Role, c.source())
	})
}

// oneAccount names an account.
type oneAccount struct {
	remote
	Account string `arg:"" help:"The account's id or name." complete:"@account"`
}

type accountsChangeCmd struct {
	oneAccount
	Name string `help:"Its new name." placeholder:"NAME"`
	Role string `help:"How far it reaches from now on: admin, editor or viewer." placeholder:"ROLE" complete:"admin,editor,viewer"`
}

// Run changes an account.
func (c accountsChangeCmd) Run(screen *terminal.Screen) error {
	edits := terminal.Edits{Keys: filled(map[string]string{"name": c.Name, "role": c.Role})}
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ChangeAccount(ctx, c.Account, edits) })
}

type accountsRemoveCmd struct{ oneAccount }

// Run removes an account.
func (c accountsRemoveCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.RemoveAccount(ctx, c.Account) })
}

type accountsSessionsCmd struct {
	oneAccount
	limited
}

// Run lists where an account is signed in.
func (c accountsSessionsCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ListSessions(ctx, c.Account, c.Limit) })
}

type accountsSignOutCmd struct {
	oneAccount
	Session int64 `help:"Only this session, by its id." placeholder:"ID"`
}

// Run ends sessions of an account.
func (c accountsSignOutCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.SignOut(ctx, c.Account, c.Session) })
}

type accountCmd struct {
	Reset accountResetCmd `cmd:"" help:"Give an account a new password; it is signed out everywhere."`
}

type accountResetCmd struct {
	place
	newPassword
	Name   string `arg:"" help:"The account's name."`
	Create bool   `help:"Make the account, an admin's, if there is none of this name."`
}

// Help is printed below the flags.
func (accountResetCmd) Help() string {
	return `It works in the data folder, also while a server runs on it, and needs neither a token nor the old password.`
}

// Run gives the account a new password.
func (c accountResetCmd) Run(s *terminal.Screen) error {
	cfg, err := c.load("")
	if err != nil {
		return err
	}
	ctx, stop := interrupted()
	defer stop()
	password, err := c.source().Read(ctx, s)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return app.ResetAccount(ctx, s.Out, s.Err, cfg, app.AccountReset{Name: c.Name, Password: password, Create: c.Create, Show: c.Generate})
}
