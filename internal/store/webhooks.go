package store

import (
	"context"
	"encoding/json"
	"strconv"

	"serverscout/internal/scout"
)

const webhookColumns = `w.id, w.name, w.display_url, w.format, w.alert_types, w.match, w.sealed, w.paused, w.disabled_at,
	w.disabled_why, w.source, w.revision, w.created_at, w.updated_at, COALESCE(h.fail_streak, 0), COALESCE(h.failing_from, 0),
	COALESCE(h.hold_until, 0), COALESCE(h.last_error, '')`

const webhookTables = " FROM webhooks w LEFT JOIN webhook_health h ON h.webhook_id = w.id"

// sealedWebhook is what of a webhook is kept encrypted.
type sealedWebhook struct {
	URL      string         `json:"url"`
	Headers  [][2]string    `json:"headers"`
	Secret   string         `json:"secret"`
	Previous string         `json:"previous_secret"`
	Settings scout.Settings `json:"settings"`
}

func webhookRow(id int64) string { return "webhooks/" + strconv.FormatInt(id, 10) }

func (s *Store) scanWebhook(row scanner) (w scout.Webhook, err error) {
	var match string
	var sealed []byte
	var disabled, created, updated, failing, hold int64
	err = row.Scan(&w.ID, &w.Name, &w.DisplayURL, &w.Format, &w.AlertTypes, &match, &sealed, &w.Paused, &disabled,
		&w.DisabledWhy, &w.Source, &w.Revision, &created, &updated, &w.Health.FailStreak, &failing, &hold, &w.Health.LastError)
	if err != nil {
		return w, err
	}
	w.DisabledAt, w.CreatedAt, w.UpdatedAt = instant(disabled), instant(created), instant(updated)
	w.Health.FailingFrom, w.Health.HoldUntil = instant(failing), instant(hold)
	if err := json.Unmarshal([]byte(match), &w.Match); err != nil {
		return w, err
	}
	var in sealedWebhook
	if err := s.unseal(sealed, webhookRow(w.ID), &in); err != nil {
		return w, err
	}
	w.URL, w.Settings = scout.NewSecret(in.URL), in.Settings
	w.Secret, w.PreviousSecret = scout.NewSecret(in.Secret), scout.NewSecret(in.Previous)
	for _, h := range in.Headers {
		w.Headers = append(w.Headers, scout.Header{Name: h[0], Value: scout.NewSecret(h[1])})
	}
	return w, nil
}

// SaveWebhook writes a webhook: a new one when ID is 0, whose id it sets.
// Whether it is paused or disabled, and its health, are not touched.
func (tx *Tx) SaveWebhook(w *scout.Webhook) (err error) {
	w.UpdatedAt = tx.s.now()
	if w.ID == 0 {
		w.CreatedAt = w.UpdatedAt
		w.ID, err = tx.insert(`INSERT INTO webhooks (name, display_url, format, alert_types, match, sealed, source,
			revision, created_at, updated_at) VALUES (?, '', '', 0, '', x'', ?, 0, ?, 0)`, w.Name, w.Source, stored(w.CreatedAt))
		if err != nil {
			return tx.s.unique(err, "there is a webhook named %q already", w.Name)
		}
	}
	in := sealedWebhook{URL: w.URL.Reveal(), Secret: w.Secret.Reveal(), Previous: w.PreviousSecret.Reveal(), Settings: w.Settings}
	for _, h := range w.Headers {
		in.Headers = append(in.Headers, [2]string{h.Name, h.Value.Reveal()})
	}
	sealed, err := tx.s.seal(webhookRow(w.ID), in)
	if err != nil {
		return err
	}
	match, err := encode(w.Match)
	if err != nil {
		return err
	}
	w.Revision, err = tx.revise(`UPDATE webhooks SET name = ?, display_url = ?, format = ?, alert_types = ?, match = ?, sealed = ?,
		source = ?, updated_at = ?`, w.ID,
		w.Name, w.DisplayURL, w.Format, w.AlertTypes, match, sealed, w.Source, stored(w.UpdatedAt))
	tx.s.hooks.drop()
	tx.notify(TopicConfig)
	tx.notify(TopicDeliveries)
	return tx.s.unique(err, "there is a webhook named %q already", w.Name)
}

// DeleteWebhook removes a webhook and cancels what waits for it. A request
// that is under way ends by itself.
func (tx *Tx) DeleteWebhook(id int64) error {
	now := stored(tx.s.now())
	_, err := tx.exec(`UPDATE deliveries SET status = 'cancelled', reason = ?, after_id = 0, finished_at = ?
		WHERE webhook_id = ? AND status = 'pending'`, scout.WebhookRemoved, now, id)
	if err != nil {
		return err
	}
	_, err = tx.exec("DELETE FROM webhooks WHERE id = ?", id)
	tx.s.hooks.drop()
	tx.notify(TopicConfig)
	return err
}

// PauseWebhook holds back what a webhook would be sent, until it is resumed.
func (tx *Tx) PauseWebhook(id int64) error {
	_, err := tx.exec("UPDATE webhooks SET paused = 1, held_from = CASE held_from WHEN 0 THEN ? ELSE held_from END WHERE id = ?",
		stored(tx.s.now()), id)
	tx.s.hooks.drop()
	tx.notify(TopicConfig)
	return err
}

// ResumeWebhook ends a pause or a disabling. What waits is due at once, and
// what was held back is marked to be caught up with (see CatchUps).
func (tx *Tx) ResumeWebhook(id int64) error {
	now := stored(tx.s.now())
	_, err := tx.exec(`UPDATE webhooks SET paused = 0, disabled_at = 0, disabled_why = '',
		catch_up = CASE held_from WHEN 0 THEN 0 ELSE 1 END WHERE id = ?`, id)
	if err == nil {
		// The receiver's Retry-After stands: a hold is never shortened.
		_, err = tx.exec("UPDATE webhook_health SET fail_streak = 0, failing_from = 0, last_error = '' WHERE webhook_id = ?", id)
	}
	if err == nil {
		err = tx.wake(id, now)
	}
	tx.s.hooks.drop()
	tx.notify(TopicConfig)
	tx.notify(TopicDeliveries)
	return err
}

// Webhooks lists all webhooks by name, as they are in this transaction. The
// caller must not change what it gets.
func (tx *Tx) Webhooks() ([]scout.Webhook, error) {
	if tx.s.hooks.list == nil {
		list, err := collect(tx.s.scanWebhook)(tx.query("SELECT " + webhookColumns + webhookTables + " ORDER BY w.name"))
		if err != nil {
			return nil, err
		}
		tx.s.hooks.list = list
		tx.s.hooks.byID = make(map[int64]int, len(list))
		for i, w := range list {
			tx.s.hooks.byID[w.ID] = i
		}
	}
	return tx.s.hooks.list, nil
}

// webhook returns one webhook, and false if there is none.
func (tx *Tx) webhook(id int64) (w scout.Webhook, ok bool, err error) {
	list, err := tx.Webhooks()
	if err != nil {
		return w, false, err
	}
	i, ok := tx.s.hooks.byID[id]
	if !ok {
		return w, false, nil
	}
	return list[i], true, nil
}

// webhookCache spares every transition from reading and decrypting all
// webhooks. It belongs to the ledger's writer, which makes every change to
// them, and is dropped whenever one is made or a transaction rolled back.
type webhookCache struct {
	list []scout.Webhook
	byID map[int64]int
}

func (c *webhookCache) drop() { *c = webhookCache{} }

// health replaces the health of one webhook in a copy of the list, since
// readers may still hold the old one.
func (c *webhookCache) health(id int64, h scout.WebhookHealth) {
	i, ok := c.byID[id]
	if !ok {
		return
	}
	c.list = append([]scout.Webhook(nil), c.list...)
	c.list[i].Health = h
}

// Webhook returns one webhook, or NotFound.
func (s *Store) Webhook(ctx context.Context, id int64) (scout.Webhook, error) {
	w, err := s.scanWebhook(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+webhookColumns+webhookTables+" WHERE w.id = ?"), id))
	return w, missing(err, "webhook", id)
}

// Webhook returns one webhook, or NotFound.
func (tx *Tx) Webhook(id int64) (scout.Webhook, error) {
	w, ok, err := tx.webhook(id)
	if err == nil && !ok {
		err = scout.Errorf(scout.NotFound, "there is no webhook %d", id)
	}
	return w, err
}
