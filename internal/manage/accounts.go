package manage

import (
	"context"
	"slices"

	"serverscout/internal/scout"
)

// AccountTx keeps accounts and their sessions. Saving an account without ID
// makes it; one that exists keeps its password where no hash is given.
type AccountTx interface {
	AccountReader
	SaveAccount(a *scout.Account, hash scout.Secret) error
	DeleteAccount(id int64) error // and ends its sessions
	// Rehash replaces a hash by another of the same password, if it is still old.
	Rehash(accountID int64, old, hash scout.Secret) error
	EndSession(accountID, id int64) error
	EndSessions(accountID, but int64) error // all of them if but is 0
}

// AccountReader reads accounts. Names are found without regard to case.
type AccountReader interface {
	Account(id int64) (scout.Account, error)
	AccountNamed(name string) (scout.Account, error)
	Accounts() ([]scout.Account, error)
	PasswordHash(accountID int64) (scout.Secret, error)
}

// longestAccountName is how many characters an account's name may have.
const longestAccountName = 64

// AccountFields describes the keys of a new account.
func AccountFields() []scout.Field {
	return []scout.Field{
		{Name: "name", Type: scout.TypeString, Required: true, Min: 1, Max: longestAccountName, Help: "The name to sign in with; unique without regard to case.", Example: "ada"},
		{Name: "role", Type: scout.TypeString, Required: true, Enum: roleNames(), Help: "How far it reaches: viewers read, editors change and operate, admins manage tokens and accounts as well."},
		passwordField("password"),
	}
}

// parseAccount reads an account's keys; fields say whether a password must be
// among them. The password is empty where none is given.
func parseAccount(fields []scout.Field, in map[string]any) (a scout.Account, password scout.Secret, err error) {
	var faults scout.Faults
	v := normalise("", fields, in, &faults)
	a = scout.Account{Name: str(v, "name"), Role: scout.Role(str(v, "role"))}
	if a.Name != "" {
		checkName("name", a.Name, &faults)
	}
	password = scout.NewSecret(str(v, "password"))
	if !password.Empty() {
		notObvious("password", password, a.Name, &faults)
	}
	return a, password, faults.Err()
}

// CreateAccount makes an account from its keys.
func (m *Manager) CreateAccount(ctx context.Context, in map[string]any) (scout.Account, error) {
	return m.createAccount(ctx, in, func(Tx) error { return nil })
}

// CreateFirstAccount makes an admin's account where there is no account yet. It
// is a Conflict where there is one: whoever asks is not signed in.
func (m *Manager) CreateFirstAccount(ctx context.Context, name string, password scout.Secret) (scout.Account, error) {
	in := map[string]any{"name": name, "role": string(scout.Admin), "password": password.Reveal()}
	return m.createAccount(ctx, in, func(tx Tx) error {
		all, err := tx.Accounts()
		if err == nil && len(all) > 0 {
			err = scout.Errorf(scout.Conflict, "the first account was made already: sign in with it")
		}
		return err
	})
}

// createAccount makes an account if allow, in the same transaction, lets it.
func (m *Manager) createAccount(ctx context.Context, in map[string]any, allow func(Tx) error) (scout.Account, error) {
	a, password, err := parseAccount(AccountFields(), in)
	if err != nil {
		return a, err
	}
	hash, err := m.hashing.hash(ctx, password)
	if err != nil {
		return a, err
	}
	err = m.ledger.Update(ctx, func(tx Tx) error {
		if err := allow(tx); err != nil {
			return err
		}
		return tx.SaveAccount(&a, hash)
	})
	return a, err
}

// ChangeAccount applies a merge patch to an account that is of revision match.
// A new password ends its sessions. The last admin stays one.
func (m *Manager) ChangeAccount(ctx context.Context, id, match int64, patch map[string]any) (a scout.Account, err error) {
	fields := AccountFields()
	fields[len(fields)-1].Required = false
	var hash scout.Secret // made before the transaction, which others wait for; whether it is good is seen in it
	if text, given := patch["password"].(string); given {
		if hash, err = m.hashing.hash(ctx, scout.NewSecret(text)); err != nil {
			return a, err
		}
	}
	err = m.ledger.Update(ctx, func(tx Tx) error {
		old, err := ownAccount(tx, id, match)
		if err != nil {
			return err
		}
		merged := map[string]any{"name": old.Name, "role": string(old.Role)}
		merge7396(merged, patch)
		next, _, err := parseAccount(fields, merged)
		if err != nil {
			return err
		}
		if err := keepAdmin(tx, old, next.Role); err != nil {
			return err
		}
		a = old
		a.Name, a.Role = next.Name, next.Role
		if err := tx.SaveAccount(&a, hash); err != nil || hash.Empty() {
			return err
		}
		return tx.EndSessions(id, 0)
	})
	return a, err
}

// DeleteAccount removes an account that is of revision match, and ends its
// sessions. The last admin's is a Conflict.
func (m *Manager) DeleteAccount(ctx context.Context, id, match int64) error {
	return m.ledger.Update(ctx, func(tx Tx) error {
		a, err := ownAccount(tx, id, match)
		if err != nil {
			return err
		}
		if err := keepAdmin(tx, a, ""); err != nil {
			return err
		}
		return tx.DeleteAccount(id)
	})
}

// ownAccount returns an account that is of revision match.
func ownAccount(tx Tx, id, match int64) (scout.Account, error) {
	a, err := tx.Account(id)
	if err != nil {
		return a, err
	}
	return a, unchanged("account", a.Name, a.Revision, match)
}

// keepAdmin refuses to take an account its role where no other is an admin: no
// one could manage accounts any more. A role of "" stands for its removal.
func keepAdmin(tx Tx, a scout.Account, next scout.Role) error {
	if a.Role != scout.Admin || next == scout.Admin {
		return nil
	}
	all, err := tx.Accounts()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(other scout.Account) bool { return other.ID != a.ID && other.Role == scout.Admin }) {
		return nil
	}
	return scout.Errorf(scout.Conflict, "%q is the last admin: make another one before", a.Name)
}

// EndSession signs an account out in one browser.
func (m *Manager) EndSession(ctx context.Context, accountID, id int64) error {
	return m.ledger.Update(ctx, func(tx Tx) error { return tx.EndSession(accountID, id) })
}

// EndSessions signs an account out in all browsers, but in that of one session
// if it is not 0.
func (m *Manager) EndSessions(ctx context.Context, accountID, but int64) error {
	return m.ledger.Update(ctx, func(tx Tx) error {
		if _, err := tx.Account(accountID); err != nil {
			return err
		}
		return tx.EndSessions(accountID, but)
	})
}
