package store

import (
	"context"

	"serverscout/internal/scout"
)

const accountColumns = "id, name, role, revision, created_at, updated_at, password_changed_at"

func scanAccount(row scanner) (a scout.Account, err error) {
	var created, updated, changed int64
	err = row.Scan(&a.ID, &a.Name, &a.Role, &a.Revision, &created, &updated, &changed)
	a.CreatedAt, a.UpdatedAt, a.PasswordChangedAt = instant(created), instant(updated), instant(changed)
	return a, err
}

// SaveAccount writes an account: a new one, of ID 0, with the hash of its
// password. Of an existing one the password stays where no hash is given. The
// revision is counted here. A name that is taken is a Conflict.
func (tx *Tx) SaveAccount(a *scout.Account, hash scout.Secret) (err error) {
	a.UpdatedAt = tx.s.now()
	if !hash.Empty() {
		a.PasswordChangedAt = a.UpdatedAt
	}
	folded := scout.FoldName(a.Name)
	if a.ID == 0 {
		a.CreatedAt, a.Revision = a.UpdatedAt, 1
		a.ID, err = tx.insert(`INSERT INTO accounts (name, folded, role, hash, created_at, updated_at, password_changed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, a.Name, folded, a.Role, hash.Reveal(),
			stored(a.CreatedAt), stored(a.UpdatedAt), stored(a.PasswordChangedAt))
	} else {
		plain := hash.Reveal()
		a.Revision, err = tx.revise(`UPDATE accounts SET name = ?, folded = ?, role = ?,
			hash = CASE WHEN ? = '' THEN hash ELSE ? END, updated_at = ?, password_changed_at = ?`, a.ID,
			a.Name, folded, a.Role, plain, plain, stored(a.UpdatedAt), stored(a.PasswordChangedAt))
	}
	return tx.s.unique(err, "there is an account named %q already: choose another name", a.Name)
}

// Rehash replaces the hash of a password by another of the same password. It
// does nothing if the password was changed meanwhile, and counts as no change.
func (tx *Tx) Rehash(accountID int64, old, hash scout.Secret) error {
	_, err := tx.exec("UPDATE accounts SET hash = ? WHERE id = ? AND hash = ?", hash.Reveal(), accountID, old.Reveal())
	return err
}

// DeleteAccount removes an account and ends its sessions.
func (tx *Tx) DeleteAccount(id int64) error {
	_, err := tx.exec("DELETE FROM accounts WHERE id = ?", id)
	return err
}

// Account returns one account, or NotFound.
func (tx *Tx) Account(id int64) (scout.Account, error) {
	a, err := scanAccount(tx.row("SELECT "+accountColumns+" FROM accounts WHERE id = ?", id))
	return a, missing(err, "account", id)
}

// AccountNamed returns the account of a name, without regard to case, or
// NotFound.
func (tx *Tx) AccountNamed(name string) (scout.Account, error) {
	a, err := scanAccount(tx.row("SELECT "+accountColumns+" FROM accounts WHERE folded = ?", scout.FoldName(name)))
	return a, missing(err, "account", name)
}

// PasswordHash returns the hash of an account's password, or NotFound.
func (tx *Tx) PasswordHash(accountID int64) (scout.Secret, error) {
	var hash string
	err := tx.row("SELECT hash FROM accounts WHERE id = ?", accountID).Scan(&hash)
	return scout.NewSecret(hash), missing(err, "account", accountID)
}

// Accounts lists all accounts, oldest first.
func (tx *Tx) Accounts() ([]scout.Account, error) {
	return collect(scanAccount)(tx.query("SELECT " + accountColumns + " FROM accounts ORDER BY id"))
}

// Account returns one account, or NotFound.
func (s *Store) Account(ctx context.Context, id int64) (scout.Account, error) {
	a, err := scanAccount(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+accountColumns+" FROM accounts WHERE id = ?"), id))
	return a, missing(err, "account", id)
}

// ListAccounts lists accounts, oldest first, after the one of that id.
func (s *Store) ListAccounts(ctx context.Context, after int64, limit int) ([]scout.Account, error) {
	return collect(scanAccount)(s.read.QueryContext(ctx,
		s.dialect.bind("SELECT "+accountColumns+" FROM accounts WHERE id > ? ORDER BY id LIMIT ?"), after, limit))
}

// HasAccounts reports whether anybody can sign in at all.
func (s *Store) HasAccounts(ctx context.Context) (has bool, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM accounts)").Scan(&has)
	return has, err
}
