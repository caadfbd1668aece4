package terminal

import (
	"context"
	"strconv"
	"strings"

	"serverscout/internal/app/client"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// ListAccounts prints accounts, oldest first.
func (s *Session) ListAccounts(ctx context.Context, limit int) error {
	found, err := s.API.Accounts(ctx, limit)
	if err != nil {
		return err
	}
	return printList(s, found, "accounts", []column[client.Account]{
		{title: "ID", cell: func(v client.Account) string { return strconv.FormatInt(v.ID, 10) }},
		{title: "NAME", cell: func(v client.Account) string { return v.Name }},
		{title: "ROLE", cell: func(v client.Account) string { return v.Role }},
		{title: "CREATED", cell: func(v client.Account) string { return moment(v.CreatedAt) }},
		{title: "PASSWORD CHANGED", cell: func(v client.Account) string { return moment(v.PasswordChangedAt) }},
	})
}

// AddAccount makes an account. A password that was generated is printed and
// nothing else, so that it can be put into a variable.
func (s *Session) AddAccount(ctx context.Context, name, role string, source PasswordSource) error {
	if source.Generate && s.JSON {
		return scout.Errorf(scout.Invalid, "--generate prints the password and nothing else: leave out --json, or give the password with --password-stdin")
	}
	password, err := source.Read(ctx, s.Screen)
	if err != nil {
		return err
	}
	v, err := s.API.CreateAccount(ctx, map[string]any{"name": name, "role": role, "password": password.Reveal()})
	if err != nil {
		return err
	}
	if source.Generate {
		s.Screen.printf("%s\n", password.Reveal())
		return nil
	}
	return done(s, v, "Account %s is added (id %d).", v.Value.Name, v.Value.ID)
}

// ChangeAccount changes an account's name or role.
func (s *Session) ChangeAccount(ctx context.Context, ref string, e Edits) error {
	patch, err := e.object(manage.AccountFields())
	if err != nil {
		return err
	}
	v, err := s.account(ctx, ref)
	if err != nil {
		return err
	}
	if v, err = change(ctx, v.Value.ID, patch, s.API.Account, s.API.ChangeAccount); err != nil {
		return err
	}
	return done(s, v, "Account %s is changed: its role is %s.", v.Value.Name, v.Value.Role)
}

// RemoveAccount deletes an account and ends its sessions.
func (s *Session) RemoveAccount(ctx context.Context, ref string) error {
	v, err := s.account(ctx, ref)
	if err != nil {
		return err
	}
	if err := s.API.DeleteAccount(ctx, v.Value.ID); err != nil {
		return err
	}
	return s.gone("Account %s is removed, and signed out.", v.Value.Name)
}

// ListSessions prints where an account is signed in, oldest first.
func (s *Session) ListSessions(ctx context.Context, ref string, limit int) error {
	v, err := s.account(ctx, ref)
	if err != nil {
		return err
	}
	found, err := s.API.Sessions(ctx, v.Value.ID, limit)
	if err != nil {
		return err
	}
	return printList(s, found, "sessions", []column[client.Session]{
		{title: "ID", cell: func(v client.Session) string { return strconv.FormatInt(v.ID, 10) }},
		{title: "SIGNED IN", cell: func(v client.Session) string { return moment(v.CreatedAt) }},
		{title: "SEEN", cell: func(v client.Session) string { return moment(v.SeenAt) }},
		{title: "ADDRESS", cell: func(v client.Session) string { return v.Address }},
		{title: "BROWSER", cell: func(v client.Session) string { return v.Agent }},
	})
}

// SignOut ends one session of an account, or all of them where its id is 0.
func (s *Session) SignOut(ctx context.Context, ref string, session int64) error {
	v, err := s.account(ctx, ref)
	if err != nil {
		return err
	}
	if session == 0 {
		if err := s.API.EndSessions(ctx, v.Value.ID); err != nil {
			return err
		}
		return s.gone("Account %s is signed out everywhere.", v.Value.Name)
	}
	if err := s.API.EndSession(ctx, v.Value.ID, session); err != nil {
		return err
	}
	return s.gone("Session %d of account %s is ended.", session, v.Value.Name)
}

// account finds an account. There are few, and the API has no filter for them.
func (s *Session) account(ctx context.Context, ref string) (client.Answer[client.Account], error) {
	a, found, err := byID(ctx, ref, s.API.Account)
	if found || err != nil {
		return a, err
	}
	all, err := s.API.Accounts(ctx, 0)
	if err != nil {
		return a, err
	}
	for _, v := range all.Items {
		if strings.EqualFold(v.Value.Name, ref) {
			return v, nil
		}
	}
	return a, unknown("account", ref, names(all, func(v client.Account) string { return v.Name }))
}
