package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"

	"serverscout/internal/scout"
)

// SaveToken stores a new API token under a name. Only a hash of it is kept: it
// has 256 random bits, which no dictionary holds.
func (tx *Tx) SaveToken(t *scout.Token, plain scout.Secret) (err error) {
	t.CreatedAt = tx.s.now()
	hash := sha256.Sum256([]byte(plain.Reveal()))
	t.ID, err = tx.insert("INSERT INTO tokens (name, role, hash, created_at) VALUES (?, ?, ?, ?)",
		t.Name, t.Role, hash[:], stored(t.CreatedAt))
	return tx.s.unique(err, "there is a token named %q already: choose another --name", t.Name)
}

// TokenFor returns the token with this plain text, and false if there is none.
func (s *Store) TokenFor(ctx context.Context, plain scout.Secret) (t scout.Token, ok bool, err error) {
	hash := sha256.Sum256([]byte(plain.Reveal()))
	var created int64
	err = s.read.QueryRowContext(ctx, s.dialect.bind("SELECT id, name, role, created_at FROM tokens WHERE hash = ?"), hash[:]).
		Scan(&t.ID, &t.Name, &t.Role, &created)
	t.CreatedAt = instant(created)
	if errors.Is(err, sql.ErrNoRows) {
		return t, false, nil
	}
	return t, err == nil, err
}
