package manage

import (
	"context"
	"maps"

	"serverscout/internal/scout"
)

// CreateWebhook makes a webhook from its keys.
func (m *Manager) CreateWebhook(ctx context.Context, in map[string]any) (scout.Webhook, error) {
	w, err := ParseWebhook(in, m.checkURL)
	if err != nil {
		return w, err
	}
	w.Source = scout.FromDatabase
	err = m.ledger.Update(ctx, func(tx Tx) error { return tx.SaveWebhook(&w) })
	return w, err
}

// ChangeWebhook applies a merge patch to a webhook that is of revision match.
func (m *Manager) ChangeWebhook(ctx context.Context, id, match int64, patch map[string]any) (scout.Webhook, error) {
	return m.changeWebhook(ctx, id, match, func(scout.Webhook) map[string]any { return patch })
}

// changeWebhook applies the merge patch that follows from a webhook as it is.
func (m *Manager) changeWebhook(ctx context.Context, id, match int64, patch func(scout.Webhook) map[string]any) (w scout.Webhook, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		old, err := tx.Webhook(id)
		if err != nil {
			return err
		}
		if err := editable(old.Source, "webhook", old.Name); err != nil {
			return err
		}
		if err := unchanged("webhook", old.Name, old.Revision, match); err != nil {
			return err
		}
		if w, err = changeWebhook(old, patch(old), m.checkURL); err != nil {
			return err
		}
		return tx.SaveWebhook(&w)
	})
	return w, err
}

// DeleteWebhook removes a webhook that is of revision match, and cancels what
// waits for it.
func (m *Manager) DeleteWebhook(ctx context.Context, id, match int64) error {
	return m.ledger.Update(ctx, func(tx Tx) error {
		w, err := tx.Webhook(id)
		if err != nil {
			return err
		}
		if err := editable(w.Source, "webhook", w.Name); err != nil {
			return err
		}
		if err := unchanged("webhook", w.Name, w.Revision, match); err != nil {
			return err
		}
		return tx.DeleteWebhook(id)
	})
}

// PauseWebhook holds back what a webhook would be sent. It works on what a
// file declares as well.
func (m *Manager) PauseWebhook(ctx context.Context, id int64) (scout.Webhook, error) {
	return m.operate(ctx, id, Tx.PauseWebhook)
}

// ResumeWebhook ends a pause or a disabling; what was held back is told.
func (m *Manager) ResumeWebhook(ctx context.Context, id int64) (scout.Webhook, error) {
	return m.operate(ctx, id, Tx.ResumeWebhook)
}

func (m *Manager) operate(ctx context.Context, id int64, do func(Tx, int64) error) (w scout.Webhook, err error) {
	err = m.ledger.Update(ctx, func(tx Tx) error {
		if _, err := tx.Webhook(id); err != nil {
			return err
		}
		if err := do(tx, id); err != nil {
			return err
		}
		w, err = tx.Webhook(id)
		return err
	})
	return w, err
}

// UnsavedWebhook returns a webhook with the values of a form, for a test. The
// values may change a stored webhook (id is not 0), whose stored secrets are
// then used while the URL's host stays the same.
func (m *Manager) UnsavedWebhook(ctx context.Context, id int64, in map[string]any) (w scout.Webhook, err error) {
	if id == 0 {
		if in["name"] == nil {
			named := map[string]any{}
			maps.Copy(named, in)
			named["name"] = "unsaved webhook"
			in = named
		}
		w, err = ParseWebhook(in, m.checkURL)
		w.Source = scout.FromDatabase
		return w, err
	}
	err = m.ledger.Update(ctx, func(tx Tx) error {
		old, err := tx.Webhook(id)
		if err != nil {
			return err
		}
		w, err = changeWebhook(old, in, m.checkURL)
		w.Source = scout.FromDatabase // whoever tests values is not the file's author
		return err
	})
	return w, err
}
