package store

import (
	"context"
	"encoding/json"
	"strings"

	"serverscout/internal/scout"
)

// where gathers the conditions of a list.
type where struct {
	conditions []string
	args       []any
}

func (w *where) add(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

// list returns the query's end: conditions, order and limit.
func (w *where) list(order string, limit int) (string, []any) {
	text := ""
	if len(w.conditions) > 0 {
		text = " WHERE " + strings.Join(w.conditions, " AND ")
	}
	return text + " ORDER BY " + order + " LIMIT ?", append(w.args, limit)
}

// ListServers lists servers by id, at most limit.
func (s *Store) ListServers(ctx context.Context, f scout.ServerFilter, limit int) ([]scout.Server, error) {
	var w where
	w.add("id > ?", f.After)
	if f.Name != "" {
		w.add("name = ?", f.Name)
	}
	if f.Tag != "" {
		w.add("EXISTS (SELECT 1 FROM json_each(servers.tags) t WHERE t.value = ?)", f.Tag)
	}
	end, args := w.list("id", limit)
	return collect(scanServer)(s.read.QueryContext(ctx, s.dialect.bind("SELECT "+serverColumns+" FROM servers"+end), args...))
}

// ListChecks lists checks by id, at most limit.
func (s *Store) ListChecks(ctx context.Context, f scout.CheckFilter, limit int) ([]scout.Check, error) {
	var w where
	w.add("id > ?", f.After)
	if f.ServerID != 0 {
		w.add("server_id = ?", f.ServerID)
	}
	if f.Name != "" {
		w.add("name = ?", f.Name)
	}
	if f.Kind != "" {
		w.add("kind = ?", f.Kind)
	}
	if f.Level != scout.Unknown {
		w.add("id IN (SELECT check_id FROM check_states WHERE level = ?)", f.Level)
	}
	end, args := w.list("id", limit)
	return collect(s.scanCheck)(s.read.QueryContext(ctx, s.dialect.bind("SELECT "+checkColumns+" FROM checks"+end), args...))
}

// State returns a check's confirmed state; the zero level when it has none.
func (s *Store) State(ctx context.Context, checkID int64) (scout.CheckState, error) {
	list, err := collect(scanState)(s.read.QueryContext(ctx,
		s.dialect.bind("SELECT check_id, level, since, incident_id FROM check_states WHERE check_id = ?"), checkID))
	if err != nil || len(list) == 0 {
		return scout.CheckState{CheckID: checkID}, err
	}
	return list[0], nil
}

// ListWebhooks lists webhooks by id after an id, at most limit.
func (s *Store) ListWebhooks(ctx context.Context, after int64, limit int) ([]scout.Webhook, error) {
	return collect(s.scanWebhook)(s.read.QueryContext(ctx,
		s.dialect.bind("SELECT "+webhookColumns+webhookTables+" WHERE w.id > ? ORDER BY w.id LIMIT ?"), after, limit))
}

// ListIncidents lists incidents, newest first, at most limit.
func (s *Store) ListIncidents(ctx context.Context, f scout.IncidentFilter, limit int) ([]scout.Incident, error) {
	var w where
	if f.Before != "" {
		w.add("id < ?", f.Before)
	}
	if f.CheckID != 0 {
		w.add("check_id = ?", f.CheckID)
	}
	if f.Server != "" {
		w.add("server = ?", f.Server)
	}
	if f.Service != "" {
		w.add("service = ?", f.Service)
	}
	if f.Open {
		w.add("closed = 0")
	}
	if f.Closed {
		w.add("closed <> 0")
	}
	if !f.Since.IsZero() {
		w.add("opened >= ?", stored(f.Since))
	}
	end, args := w.list("id DESC", limit)
	return collect(scanIncident)(s.read.QueryContext(ctx, s.dialect.bind("SELECT "+incidentColumns+" FROM incidents"+end), args...))
}

// Incident returns one incident, or NotFound.
func (s *Store) Incident(ctx context.Context, id string) (scout.Incident, error) {
	v, err := scanIncident(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+incidentColumns+" FROM incidents WHERE id = ?"), id))
	return v, missing(err, "incident", id)
}

// ListEvents lists events, newest first, at most limit.
func (s *Store) ListEvents(ctx context.Context, f scout.EventFilter, limit int) ([]scout.Event, error) {
	var w where
	if f.Before != 0 {
		w.add("e.id < ?", f.Before)
	}
	if f.IncidentID != "" {
		w.add("e.incident_id = ?", f.IncidentID)
	}
	if f.CheckID != 0 {
		w.add("e.check_id = ?", f.CheckID)
	}
	if f.Kind != "" {
		w.add("e.kind = ?", f.Kind)
	}
	if !f.Test {
		w.add("e.test = 0")
	}
	end, args := w.list("e.id DESC", limit)
	return collect(scanEvent)(s.read.QueryContext(ctx, s.dialect.bind("SELECT "+eventColumns+" FROM events e"+end), args...))
}

// Event returns one event, or NotFound.
func (s *Store) Event(ctx context.Context, id int64) (scout.Event, error) {
	v, err := scanEvent(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+eventColumns+" FROM events e WHERE e.id = ?"), id))
	return v, missing(err, "event", id)
}

// ListDeliveries lists deliveries, newest first, at most limit.
func (s *Store) ListDeliveries(ctx context.Context, f scout.DeliveryFilter, limit int) ([]scout.Delivery, error) {
	var w where
	if f.Before != 0 {
		w.add("d.id < ?", f.Before)
	}
	if f.WebhookID != 0 {
		w.add("d.webhook_id = ?", f.WebhookID)
	}
	if f.EventID != 0 {
		w.add("d.event_id = ? AND d.incident_id = (SELECT incident_id FROM events WHERE id = ?)", f.EventID, f.EventID)
	}
	if f.IncidentID != "" {
		w.add("d.incident_id = ?", f.IncidentID)
	}
	if f.Status != "" {
		w.add("d.status = ?", f.Status)
	}
	if f.Status != "" && f.Status != scout.Delivered {
		w.add("d.status <> 'delivered'") // the index's condition
	}
	if f.Server != "" {
		w.add("d.server = ?", f.Server)
	}
	if f.Service != "" {
		w.add("d.service = ?", f.Service)
	}
	if !f.Since.IsZero() {
		w.add("d.created_at >= ?", stored(f.Since))
	}
	if !f.Until.IsZero() {
		w.add("d.created_at < ?", stored(f.Until))
	}
	end, args := w.list("d.id DESC", limit)
	return collect(scanDelivery)(s.read.QueryContext(ctx, s.dialect.bind("SELECT "+deliveryColumns+" FROM deliveries d"+end), args...))
}

// Delivery returns one delivery, or NotFound.
func (s *Store) Delivery(ctx context.Context, id int64) (scout.Delivery, error) {
	v, err := scanDelivery(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+deliveryColumns+" FROM deliveries d WHERE d.id = ?"), id))
	return v, missing(err, "delivery", id)
}

// Attempts lists a delivery's attempts after an attempt's id, oldest first,
// at most limit.
func (s *Store) Attempts(ctx context.Context, deliveryID, after int64, limit int) ([]scout.Attempt, error) {
	return collect(scanAttempt)(s.read.QueryContext(ctx, s.dialect.bind(`SELECT id, delivery_id, webhook_id, number, started_at,
		duration_us, outcome, fault, detail, retry_us, status_code, address, exchange FROM attempts
		WHERE delivery_id = ? AND id > ? ORDER BY id LIMIT ?`), deliveryID, after, limit))
}

func scanAttempt(row scanner) (a scout.Attempt, err error) {
	var started, took, retry int64
	var exchange []byte
	v := &a.Verdict
	err = row.Scan(&a.ID, &a.DeliveryID, &a.WebhookID, &a.Number, &started, &took, &v.Outcome, &v.Fault, &v.Detail,
		&retry, &a.Status, &a.Address, &exchange)
	if err != nil {
		return a, err
	}
	a.StartedAt, a.Duration, v.RetryAfter = instant(started), duration(took), duration(retry)
	var r recorded
	err = json.Unmarshal(exchange, &r)
	a.Request, a.Response = r.Request, r.Response
	return a, err
}

// Backlog counts what has not ended.
func (s *Store) Backlog(ctx context.Context) (b scout.Backlog, err error) {
	var oldest int64
	err = s.read.QueryRowContext(ctx, `SELECT
		(SELECT COUNT(*) FROM deliveries WHERE status = 'pending' AND status <> 'delivered'),
		(SELECT COUNT(*) FROM deliveries WHERE status = 'sending' AND status <> 'delivered'),
		(SELECT COALESCE(MIN(due_at), 0) FROM deliveries WHERE status = 'pending' AND status <> 'delivered')`).Scan(&b.Pending, &b.Sending, &oldest)
	b.OldestDue = instant(oldest)
	return b, err
}
