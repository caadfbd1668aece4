package manage

import (
	"context"

	"serverscout/internal/scout"
)

// TokenFields describes an API token's keys.
func TokenFields() []scout.Field {
	return []scout.Field{
		{Name: "name", Type: scout.TypeString, Required: true, Min: 1, Max: longestName, Help: "What the token is for; unique among tokens.", Example: "deploy script"},
		{Name: "role", Type: scout.TypeString, Required: true, Enum: roleNames(), Help: "How far it reaches: viewers read, editors change and operate, admins manage tokens as well."},
	}
}

func roleNames() []string {
	return []string{string(scout.Viewer), string(scout.Editor), string(scout.Admin)}
}

func parseToken(in map[string]any) (scout.Token, error) {
	var faults scout.Faults
	v := normalise("", TokenFields(), in, &faults)
	t := scout.Token{Name: str(v, "name"), Role: scout.Role(str(v, "role"))}
	if t.Name != "" {
		checkName("name", t.Name, &faults)
	}
	return t, faults.Err()
}

// CreateToken makes an API token from its keys and returns it with its text,
// which is not kept.
func (m *Manager) CreateToken(ctx context.Context, in map[string]any) (scout.Token, scout.Secret, error) {
	t, err := parseToken(in)
	if err != nil {
		return t, scout.Secret{}, err
	}
	plain := scout.NewTokenSecret()
	if err := m.ledger.Update(ctx, func(tx Tx) error { return tx.SaveToken(&t, plain) }); err != nil {
		return scout.Token{}, scout.Secret{}, err
	}
	return t, plain, nil
}

// ChangeToken applies a merge patch to a token's name and role. Its text stays
// what it is.
func (m *Manager) ChangeToken(ctx context.Context, id int64, patch map[string]any) (t scout.Token, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		old, err := tx.Token(id)
		if err != nil {
			return err
		}
		merged := map[string]any{"name": old.Name, "role": string(old.Role)}
		merge7396(merged, patch)
		if t, err = parseToken(merged); err != nil {
			return err
		}
		t.ID, t.CreatedAt = old.ID, old.CreatedAt
		return tx.SaveToken(&t, scout.Secret{})
	})
	return t, err
}

// DeleteToken ends what a token is good for.
func (m *Manager) DeleteToken(ctx context.Context, id int64) error {
	return m.ledger.Update(ctx, func(tx Tx) error {
		if _, err := tx.Token(id); err != nil {
			return err
		}
		return tx.DeleteToken(id)
	})
}
