package manage

import (
	"context"

	"serverscout/internal/scout"
)

// StatusTx keeps status pages and their notes. Saving a page without ID makes
// it.
type StatusTx interface {
	StatusPage(id int64) (scout.StatusPage, error)
	SaveStatusPage(p *scout.StatusPage) error
	DeleteStatusPage(id int64) error // with its notes
	AddStatusNote(n *scout.StatusNote) error
	DeleteStatusNote(pageID, id int64) error
}

// CreateStatusPage makes a status page from its keys.
func (m *Manager) CreateStatusPage(ctx context.Context, in map[string]any) (scout.StatusPage, error) {
	p, err := ParseStatusPage(in)
	if err != nil {
		return p, err
	}
	giveKey(&p, "")
	err = m.ledger.Update(ctx, func(tx Tx) error { return tx.SaveStatusPage(&p) })
	return p, err
}

// ChangeStatusPage applies a merge patch to a status page that is of revision
// match. A list of groups replaces the one before. One that becomes public and
// later is for those with the link again has another link then.
func (m *Manager) ChangeStatusPage(ctx context.Context, id, match int64, patch map[string]any) (p scout.StatusPage, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		old, err := ownStatusPage(tx, id, match)
		if err != nil {
			return err
		}
		merged := DescribeStatusPage(old)
		merge7396(merged, patch)
		if p, err = ParseStatusPage(merged); err != nil {
			return err
		}
		p.ID, p.Revision, p.CreatedAt = old.ID, old.Revision, old.CreatedAt
		giveKey(&p, old.Key)
		return tx.SaveStatusPage(&p)
	})
	return p, err
}

// giveKey gives a page the key that its access asks for: the one before, if it
// had one.
func giveKey(p *scout.StatusPage, before string) {
	p.Key = before
	switch {
	case p.Access == scout.PublicAccess:
		p.Key = ""
	case before == "":
		p.Key = scout.NewPageKey()
	}
}

// DeleteStatusPage removes a status page that is of revision match, and its
// notes.
func (m *Manager) DeleteStatusPage(ctx context.Context, id, match int64) error {
	return m.ledger.Update(ctx, func(tx Tx) error {
		if _, err := ownStatusPage(tx, id, match); err != nil {
			return err
		}
		return tx.DeleteStatusPage(id)
	})
}

// ownStatusPage returns a status page that is of revision match.
func ownStatusPage(tx Tx, id, match int64) (scout.StatusPage, error) {
	p, err := tx.StatusPage(id)
	if err != nil {
		return p, err
	}
	return p, unchanged("status page", p.Title, p.Revision, match)
}

// AddStatusNote puts a note by an author on a status page, from its keys.
func (m *Manager) AddStatusNote(ctx context.Context, pageID int64, author string, in map[string]any) (scout.StatusNote, error) {
	n, err := parseStatusNote(in)
	if err != nil {
		return n, err
	}
	n.PageID, n.Author = pageID, author
	err = m.ledger.Update(ctx, func(tx Tx) error {
		p, err := tx.StatusPage(pageID)
		if err != nil {
			return err
		}
		if err := onPage(tx, p, n.IncidentID); err != nil {
			return err
		}
		return tx.AddStatusNote(&n)
	})
	return n, err
}

// onPage refuses a note on an incident that the page does not show: nobody
// would see it.
func onPage(tx Tx, p scout.StatusPage, incidentID string) error {
	if incidentID == "" {
		return nil
	}
	shown, err := showsIncident(tx, p, incidentID)
	if err == nil && !shown {
		var faults scout.Faults
		faults.Add("incident_id", incidentID, "is not of a check on this page: see its groups")
		err = faults.Err()
	}
	return err
}

func showsIncident(tx Tx, p scout.StatusPage, incidentID string) (bool, error) {
	i, err := tx.Incident(incidentID)
	if err != nil {
		return false, notFoundIsNo(err)
	}
	c, err := tx.Check(i.CheckID) // it may be gone
	if err != nil {
		return false, notFoundIsNo(err)
	}
	s, err := tx.Server(c.ServerID)
	return err == nil && p.Covers(s, c.Name), err
}

// notFoundIsNo takes what is not there for a plain no.
func notFoundIsNo(err error) error {
	if scout.HasCode(err, scout.NotFound) {
		return nil
	}
	return err
}

// DeleteStatusNote takes a note off a status page.
func (m *Manager) DeleteStatusNote(ctx context.Context, pageID, id int64) error {
	return m.ledger.Update(ctx, func(tx Tx) error {
		if _, err := tx.StatusPage(pageID); err != nil {
			return err
		}
		return tx.DeleteStatusNote(pageID, id)
	})
}
