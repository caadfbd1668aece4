package manage

import (
	"context"
	"sync"

	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

// Ledger is what manage needs of the store: a transaction, all or nothing, and
// what may be sent again.
type Ledger interface {
	Update(ctx context.Context, fn func(Tx) error) error
	DeliveryLister
}

// Tx is one transaction. What is not there is a NotFound error.
type Tx interface {
	Inventory
	WebhookTx
	SendAgain(deliveryID int64) error
	DeleteIncident(id string) error
	TokenTx
	AccountTx
	OutsideTx
	HoldTx
	AcknowledgeTx
}

// TokenTx keeps API tokens. Saving one without ID makes it, with its text.
type TokenTx interface {
	Token(id int64) (scout.Token, error)
	SaveToken(t *scout.Token, plain scout.Secret) error
	DeleteToken(id int64) error
}

// Inventory keeps servers and checks. Saving an object without ID makes it.
type Inventory interface {
	Server(id int64) (scout.Server, error)
	Servers() ([]scout.Server, error)
	SaveServer(s *scout.Server) error
	DeleteServer(id int64) error
	Check(id int64) (scout.Check, error)
	Checks() ([]scout.Check, error)
	ChecksOf(serverID int64) ([]scout.Check, error)
	SaveCheck(c *scout.Check) error
	DeleteCheck(id int64) error
}

// WebhookTx keeps webhooks. Saving one without ID makes it; whether it is
// paused is changed by PauseWebhook and ResumeWebhook alone.
type WebhookTx interface {
	Webhook(id int64) (scout.Webhook, error)
	Webhooks() ([]scout.Webhook, error)
	SaveWebhook(w *scout.Webhook) error
	DeleteWebhook(id int64) error
	PauseWebhook(id int64) error
	ResumeWebhook(id int64) error
}

// Manager carries out commands. It is safe for concurrent use.
type Manager struct {
	ledger   Ledger
	checkURL func(string) error
	reports  [64]sync.Mutex // held while a report about a check is taken, by the check's id
	hashing  hashing
	guesses  *guesses // of passwords
}

// New makes a Manager. checkURL judges whether a webhook's URL can be sent to
// at all.
func New(ledger Ledger, checkURL func(string) error) *Manager {
	return &Manager{ledger: ledger, checkURL: checkURL, hashing: newHashing(), guesses: newGuesses()}
}

// editable refuses changes to what the configuration file declares.
func editable(source scout.Source, what, name string) error {
	if source == scout.FromFile {
		return scout.Errorf(scout.ManagedByFile, "%s %q is declared in the configuration file: change it there and reload", what, name)
	}
	return nil
}

// AnyRevision, as the revision a change is made for, means whichever the object
// is of.
const AnyRevision int64 = 0

// unchanged refuses a change that was made for another revision of an object
// than it is of by now.
func unchanged(what, name string, is, match int64) error {
	if match != AnyRevision && match != is {
		return scout.Errorf(scout.Changed, "%s %q was changed meanwhile: it is of revision %d now, not %d; read it again and repeat the change", what, name, is, match)
	}
	return nil
}

// CreateServer makes a server from its keys.
func (m *Manager) CreateServer(ctx context.Context, in map[string]any) (scout.Server, error) {
	s, err := ParseServer(in)
	if err != nil {
		return s, err
	}
	s.Source = scout.FromDatabase
	err = m.ledger.Update(ctx, func(tx Tx) error { return tx.SaveServer(&s) })
	return s, err
}

// ChangeServer applies a merge patch to a server that is of revision match.
// Checks whose target was built from its ip follow a new one.
func (m *Manager) ChangeServer(ctx context.Context, id, match int64, patch map[string]any) (s scout.Server, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		old, err := tx.Server(id)
		if err != nil {
			return err
		}
		if err := editable(old.Source, "server", old.Name); err != nil {
			return err
		}
		if err := unchanged("server", old.Name, old.Revision, match); err != nil {
			return err
		}
		merged := DescribeServer(old)
		merge7396(merged, patch)
		if s, err = ParseServer(merged); err != nil {
			return err
		}
		s.ID, s.Source, s.Revision, s.CreatedAt = old.ID, old.Source, old.Revision, old.CreatedAt
		if err := tx.SaveServer(&s); err != nil {
			return err
		}
		return follow(tx, old, s)
	})
	return s, err
}

// follow gives checks whose target was built from the server's old ip one that
// is built from the new.
func follow(tx Tx, old, server scout.Server) error {
	if old.IP == server.IP {
		return nil
	}
	checks, err := tx.ChecksOf(server.ID)
	if err != nil {
		return err
	}
	for _, c := range checks {
		kind, ok := probe.Lookup(c.Kind)
		if !ok || c.ParentID != 0 || c.Target != kind.DefaultTarget(old) || kind.DefaultTarget(server) == "" {
			continue
		}
		c.Target = kind.DefaultTarget(server)
		if err := tx.SaveCheck(&c); err != nil {
			return err
		}
		if err := bring(tx, c, server); err != nil {
			return err
		}
	}
	return nil
}

// DeleteServer removes a server that is of revision match, and its checks.
func (m *Manager) DeleteServer(ctx context.Context, id, match int64) error {
	return m.ledger.Update(ctx, func(tx Tx) error {
		s, err := tx.Server(id)
		if err != nil {
			return err
		}
		if err := editable(s.Source, "server", s.Name); err != nil {
			return err
		}
		if err := unchanged("server", s.Name, s.Revision, match); err != nil {
			return err
		}
		return tx.DeleteServer(id)
	})
}

// CreateCheck makes a check on a server from its keys, and the check it brings
// along.
func (m *Manager) CreateCheck(ctx context.Context, serverID int64, in map[string]any) (c scout.Check, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		server, err := tx.Server(serverID)
		if err != nil {
			return err
		}
		if c, err = ParseCheck(server, in); err != nil {
			return err
		}
		c.Source = scout.FromDatabase
		return saveCheck(tx, &c, server)
	})
	return c, err
}

// ChangeCheck applies a merge patch to a check that is of revision match.
func (m *Manager) ChangeCheck(ctx context.Context, id, match int64, patch map[string]any) (c scout.Check, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		old, server, err := ownCheck(tx, id, match)
		if err != nil {
			return err
		}
		if c, err = changeCheck(server, old, patch); err != nil {
			return err
		}
		return saveCheck(tx, &c, server)
	})
	return c, err
}

// DeleteCheck removes a check that is of revision match, and the one it brought
// along.
func (m *Manager) DeleteCheck(ctx context.Context, id, match int64) error {
	return m.ledger.Update(ctx, func(tx Tx) error {
		if _, _, err := ownCheck(tx, id, match); err != nil {
			return err
		}
		return tx.DeleteCheck(id)
	})
}

// ownCheck returns a check that may be changed, and its server.
func ownCheck(tx Tx, id, match int64) (c scout.Check, s scout.Server, err error) {
	if c, err = tx.Check(id); err != nil {
		return c, s, err
	}
	if err = editable(c.Source, "check", c.Name); err != nil {
		return c, s, err
	}
	if c.ParentID != 0 {
		return c, s, scout.Errorf(scout.Conflict, "check %q comes with check %d: change that one, or switch it off there with certificate: false", c.Name, c.ParentID)
	}
	if err = unchanged("check", c.Name, c.Revision, match); err != nil {
		return c, s, err
	}
	s, err = tx.Server(c.ServerID)
	return c, s, err
}

// saveCheck stores a check with what comes with it.
func saveCheck(tx Tx, c *scout.Check, server scout.Server) error {
	if err := tx.SaveCheck(c); err != nil {
		return err
	}
	if kind, _ := probe.Lookup(c.Kind); kind.Passive {
		if err := distinctTokens(tx); err != nil {
			return err
		}
	}
	return bring(tx, *c, server)
}

// distinctTokens refuses two heartbeats with one token: a ping could not be
// told from the other's.
func distinctTokens(tx Tx) error {
	checks, err := tx.Checks()
	if err != nil {
		return err
	}
	owner := map[any]scout.Check{}
	for _, c := range checks {
		token := c.Settings["token"]
		if kind, _ := probe.Lookup(c.Kind); !kind.Passive || token == nil {
			continue
		}
		if other, taken := owner[token]; taken {
			var faults scout.Faults
			faults.Add("token", "", "is the same for the heartbeats %q and %q: each needs one of its own", other.Name, c.Name)
			return faults.Err()
		}
		owner[token] = c
	}
	return nil
}

// bring makes the check that c brings along what c says it is by now. A check
// of its name that somebody made by hand stands in its stead.
func bring(tx Tx, c scout.Check, server scout.Server) error {
	all, err := tx.ChecksOf(server.ID)
	if err != nil {
		return err
	}
	want, wanted := companion(c, server)
	var before scout.Check
	for _, other := range all {
		switch {
		case other.ParentID == c.ID:
			before = other
		case other.Name == want.Name:
			wanted = false
		}
	}
	if !wanted {
		if before.ID == 0 {
			return nil
		}
		return tx.DeleteCheck(before.ID)
	}
	want.ID, want.Paused, want.CreatedAt = before.ID, before.Paused, before.CreatedAt
	want.ServerID, want.ParentID, want.Source = server.ID, c.ID, c.Source
	return tx.SaveCheck(&want)
}

// PauseCheck stops watching a check; an open incident of its ends. It works
// on what a file declares as well, like every operation.
func (m *Manager) PauseCheck(ctx context.Context, id int64) (scout.Check, error) {
	return m.setPaused(ctx, id, true)
}

// ResumeCheck watches a paused check again, from the beginning.
func (m *Manager) ResumeCheck(ctx context.Context, id int64) (scout.Check, error) {
	return m.setPaused(ctx, id, false)
}

func (m *Manager) setPaused(ctx context.Context, id int64, paused bool) (c scout.Check, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		if c, err = tx.Check(id); err != nil || c.Paused == paused {
			return err
		}
		c.Paused = paused
		if err := tx.SaveCheck(&c); err != nil || paused {
			return err
		}
		// What other programs said before the pause is old, and those that took it
		// back meanwhile were refused: who still sees something wrong says it again.
		_, _, err := tx.SetAlert(id, "", scout.Up, "")
		return err
	})
	return c, err
}

// SendAgain makes a delivery due now.
func (m *Manager) SendAgain(ctx context.Context, deliveryID int64) error {
	return m.ledger.Update(ctx, func(tx Tx) error { return tx.SendAgain(deliveryID) })
}

// DeleteIncident forgets an incident that has ended and of which nothing waits
// to be delivered, with all that is on record of it.
func (m *Manager) DeleteIncident(ctx context.Context, id string) error {
	return m.ledger.Update(ctx, func(tx Tx) error { return tx.DeleteIncident(id) })
}
