package app

import (
	"context"
	"fmt"
	"io"

	"serverscout/internal/app/config"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// AccountReset is a new password for an account in the data folder.
type AccountReset struct {
	Name     string
	Password scout.Secret
	Create   bool // make the account, an admin's, if there is none of that name
	Show     bool // print the password, as nobody has seen it yet, and nothing else
}

// ResetAccount gives an account a new password and ends its sessions, also
// while a server runs on the data folder. What was done is said on out, or on
// remarks where out is for the password.
func ResetAccount(ctx context.Context, out, remarks io.Writer, c config.Config, r AccountReset) error {
	s, err := open(c, store.Options{Shared: true})
	if err != nil {
		return err
	}
	defer s.Close()
	said, err := r.apply(ctx, newManager(s))
	if err != nil {
		return err
	}
	if r.Show {
		fmt.Fprintln(remarks, said)
		said = r.Password.Reveal()
	}
	_, err = fmt.Fprintln(out, said)
	return err
}

// apply resets or makes the account and says which.
func (r AccountReset) apply(ctx context.Context, m *manage.Manager) (said string, err error) {
	a, err := m.ResetPassword(ctx, r.Name, r.Password)
	switch {
	case err == nil:
		return fmt.Sprintf("Account %s has its new password and is signed out everywhere.", a.Name), nil
	case !scout.HasCode(err, scout.NotFound):
		return "", err
	case !r.Create:
		return "", scout.Errorf(scout.NotFound, "there is no account named %q: to make it, add --create", r.Name)
	}
	a, err = m.CreateAccount(ctx, map[string]any{"name": r.Name, "role": string(scout.Admin), "password": r.Password.Reveal()})
	return fmt.Sprintf("Account %s is made; it is an admin's.", a.Name), err
}

// guardSetup makes the code that guards the making of the first account, while
// there is none.
func (a *App) guardSetup(ctx context.Context) error {
	has, err := a.store.HasAccounts(ctx)
	if err != nil {
		return fmt.Errorf("reading whether there are accounts: %w", err)
	}
	if !has {
		a.setup = manage.NewSetupCode()
	}
	return nil
}
