package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"

	"serverscout/internal/scout"
)

const tokenColumns = "id, name, role, created_at"

func scanToken(row scanner) (t scout.Token, err error) {
	var created int64
	err = row.Scan(&t.ID, &t.Name, &t.Role, &created)
	t.CreatedAt = instant(created)
	return t, err
}

// SaveToken writes an API token. A new one, of ID 0, comes with its text, of
// which only a hash is kept: it has 256 random bits, which no dictionary holds.
// Of an existing one name and role are written, and its text stays.
func (tx *Tx) SaveToken(t *scout.Token, plain scout.Secret) (err error) {
	if t.ID == 0 {
		t.CreatedAt = tx.s.now()
		hash := sha256.Sum256([]byte(plain.Reveal()))
		t.ID, err = tx.insert("INSERT INTO tokens (name, role, hash, created_at) VALUES (?, ?, ?, ?)",
			t.Name, t.Role, hash[:], stored(t.CreatedAt))
	} else {
		_, err = tx.exec("UPDATE tokens SET name = ?, role = ? WHERE id = ?", t.Name, t.Role, t.ID)
	}
	return tx.s.unique(err, "there is a token named %q already: choose another name", t.Name)
}

// DeleteToken removes a token, which is good for nothing from then on.
func (tx *Tx) DeleteToken(id int64) error {
	_, err := tx.exec("DELETE FROM tokens WHERE id = ?", id)
	return err
}

// Token returns one token, or NotFound.
func (tx *Tx) Token(id int64) (scout.Token, error) {
	t, err := scanToken(tx.row("SELECT "+tokenColumns+" FROM tokens WHERE id = ?", id))
	return t, missing(err, "token", id)
}

// Token returns one token, or NotFound.
func (s *Store) Token(ctx context.Context, id int64) (scout.Token, error) {
	t, err := scanToken(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+tokenColumns+" FROM tokens WHERE id = ?"), id))
	return t, missing(err, "token", id)
}

// ListTokens lists tokens, oldest first, after the one of that id.
func (s *Store) ListTokens(ctx context.Context, after int64, limit int) ([]scout.Token, error) {
	return collect(scanToken)(s.read.QueryContext(ctx,
		s.dialect.bind("SELECT "+tokenColumns+" FROM tokens WHERE id > ? ORDER BY id LIMIT ?"), after, limit))
}

// TokenFor returns the token with this plain text, and false if there is none.
func (s *Store) TokenFor(ctx context.Context, plain scout.Secret) (t scout.Token, ok bool, err error) {
	hash := sha256.Sum256([]byte(plain.Reveal()))
	t, err = scanToken(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+tokenColumns+" FROM tokens WHERE hash = ?"), hash[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return t, false, nil
	}
	return t, err == nil, err
}
