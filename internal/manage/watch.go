package manage

import (
	"context"

	"serverscout/internal/scout"
)

// Watch makes a server with checks from their keys, all or nothing. Where there
// is a server with the id serverID, the checks are made on that one, and the
// server's keys are not read; 0 makes a new one. Faults of a check lie below
// "checks[…]".
func (m *Manager) Watch(ctx context.Context, serverID int64, server map[string]any, checks []map[string]any) (s scout.Server, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		if s, err = serverFor(tx, serverID, server); err != nil {
			return err
		}
		var faults scout.Faults
		for i, in := range checks {
			c, err := ParseCheck(s, in)
			if err == nil {
				c.Source = scout.FromDatabase
				err = saveCheck(tx, &c, s)
			}
			if scout.HasCode(err, scout.Internal) {
				return err
			}
			faults.Join(index("checks", i), err)
		}
		return faults.Err()
	})
	return s, err
}

// serverFor returns the server with an id, or makes one.
func serverFor(tx Tx, id int64, in map[string]any) (scout.Server, error) {
	if id != 0 {
		return tx.Server(id)
	}
	s, err := ParseServer(in)
	if err != nil {
		return s, err
	}
	s.Source = scout.FromDatabase
	return s, tx.SaveServer(&s)
}
