package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"serverscout/internal/scout"
)

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
	w.contains(f.Contains, "name", "ip")
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
	if f.Unobserved {
		w.add("NOT EXISTS (SELECT 1 FROM check_states s WHERE s.check_id = checks.id AND s.level <> ?)", scout.Unknown)
	}
	if f.Tag != "" {
		w.add(`EXISTS (SELECT 1 FROM servers s, json_each(s.tags) t WHERE s.id = checks.server_id AND t.value = ?)`, f.Tag)
	}
	w.contains(f.Contains, "name", "(SELECT s.name FROM servers s WHERE s.id = checks.server_id)")
	w.only(f.Paused, "paused = 1")
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

// StatesOf returns the confirmed state of each of some checks that has one, in
// one query. At most about 30,000 checks can be asked for.
func (s *Store) StatesOf(ctx context.Context, checkIDs []int64) (map[int64]scout.CheckState, error) {
	list, err := collect(scanState)(s.read.QueryContext(ctx, s.dialect.bind(
		"SELECT check_id, level, since, incident_id FROM check_states WHERE check_id IN ("+placeholders(len(checkIDs))+")"), values(checkIDs)...))
	states := make(map[int64]scout.CheckState, len(list))
	for _, st := range list {
		states[st.CheckID] = st
	}
	return states, err
}

// ListWebhooks lists webhooks by id after an id, at most limit.
func (s *Store) ListWebhooks(ctx context.Context, after int64, limit int) ([]scout.Webhook, error) {
	return s.FindWebhooks(ctx, scout.WebhookFilter{After: after}, limit)
}

// FindWebhooks lists webhooks that a filter lets through by id, at most limit.
func (s *Store) FindWebhooks(ctx context.Context, f scout.WebhookFilter, limit int) ([]scout.Webhook, error) {
	var w where
	w.add("w.id > ?", f.After)
	if f.Name != "" {
		w.add("w.name = ?", f.Name)
	}
	if f.Format != "" {
		w.add("w.format = ?", f.Format)
	}
	w.only(f.Failing, "COALESCE(h.fail_streak, 0) > 0")
	w.only(f.Paused, "w.paused = 1")
	w.only(f.Disabled, "w.disabled_at <> 0")
	end, args := w.list("w.id", limit)
	return collect(s.scanWebhook)(s.read.QueryContext(ctx, s.dialect.bind("SELECT "+webhookColumns+webhookTables+end), args...))
}

// ListIncidents lists incidents, newest first, at most limit.
func (s *Store) ListIncidents(ctx context.Context, f scout.IncidentFilter, limit int) ([]scout.Incident, error) {
	among, err := s.incidentsByText(ctx, f.Contains)
	if err != nil {
		return nil, err
	}
	query, args := incidentsQuery(f, among, limit)
	return collect(scanIncident)(s.read.QueryContext(ctx, s.dialect.bind(query), args...))
}

func incidentsQuery(f scout.IncidentFilter, among candidates, limit int) (string, []any) {
	var w where
	if among.query != "" {
		w.add("id IN ("+among.query+")", among.args...)
		w.narrowed = true
	}
	w.contains(f.Contains, "server", "service")
	if f.Before != "" {
		w.add("id < ?", f.Before)
	}
	if f.CheckID != 0 {
		w.equal("check_id", f.CheckID)
	}
	if f.Server != "" {
		w.equal("server", f.Server)
	}
	if f.Service != "" {
		w.equal("service", f.Service)
	}
	if f.Open {
		w.add("closed = 0")
	}
	if f.Closed {
		w.add("closed + 0 <> 0") // not by an index: nearly all are
	}
	if f.Level != scout.Unknown {
		w.add("level = ?", f.Level)
	}
	w.only(f.Acknowledged, "acknowledged_at <> 0")
	// An id begins with the time at which its incident opened, so that the order
	// in which the list is read tells where to begin and where to stop.
	if !f.Since.IsZero() {
		w.add("id >= ? AND opened >= ?", firstIncidentID(f.Since.UnixMilli()), stored(f.Since))
	}
	if !f.Until.IsZero() {
		w.add("id < ? AND opened < ?", firstIncidentID(f.Until.UnixMilli()+1), stored(f.Until))
	}
	end, args := w.list("id DESC", limit)
	return "SELECT " + incidentColumns + " FROM incidents" + end, args
}

// firstIncidentID is where the ids of incidents begin that opened at a time, in
// milliseconds since 1970, or later.
func firstIncidentID(ms int64) string { return fmt.Sprintf("%013d", max(ms, 0)) }

// Incident returns one incident, or NotFound.
func (s *Store) Incident(ctx context.Context, id string) (scout.Incident, error) {
	v, err := scanIncident(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+incidentColumns+" FROM incidents WHERE id = ?"), id))
	return v, missing(err, "incident", id)
}

// ListEvents lists events, newest first unless asked otherwise, at most limit.
func (s *Store) ListEvents(ctx context.Context, f scout.EventFilter, limit int) ([]scout.Event, error) {
	ids, err := s.ids(ctx, "events", "at", f.Since, f.Until)
	if err != nil {
		return nil, err
	}
	query, args := eventsQuery(f, ids, limit)
	return collect(scanEvent)(s.read.QueryContext(ctx, s.dialect.bind(query), args...))
}

func eventsQuery(f scout.EventFilter, ids idRange, limit int) (string, []any) {
	var w where
	if f.Before != 0 {
		w.add("e.id < ?", f.Before)
	}
	if f.IncidentID != "" {
		w.equal("e.incident_id", f.IncidentID)
	}
	if f.CheckID != 0 {
		w.equal("e.check_id", f.CheckID)
	}
	switch f.Kind {
	case "":
	case scout.Opened, scout.Recovered:
		w.add("e.kind = ?", f.Kind) // nearly all are
	default:
		w.equal("e.kind", string(f.Kind))
		w.add("e.kind NOT IN ('opened', 'recovered')") // the index's condition
	}
	switch {
	case f.OnlyTests:
		w.add("e.test = 1")
	case !f.Test:
		w.add("e.test = 0")
	}
	w.within("e.id", "e.at", f.Since, f.Until, ids)
	order := "e.id DESC"
	if f.OldestFirst {
		w.add("e.id > ?", f.After)
		order = "e.id"
	}
	end, args := w.list(order, limit)
	return "SELECT " + eventColumns + " FROM events e" + end, args
}

// Event returns one event, or NotFound.
func (s *Store) Event(ctx context.Context, id int64) (scout.Event, error) {
	v, err := scanEvent(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+eventColumns+" FROM events e WHERE e.id = ?"), id))
	return v, missing(err, "event", id)
}

// ListDeliveries lists deliveries, newest first, at most limit.
func (s *Store) ListDeliveries(ctx context.Context, f scout.DeliveryFilter, limit int) ([]scout.Delivery, error) {
	ids, err := s.ids(ctx, "deliveries", "created_at", f.Since, f.Until)
	if err != nil {
		return nil, err
	}
	among, err := s.candidates(ctx, f)
	if err != nil {
		return nil, err
	}
	query, args := deliveriesQuery(f, ids, among, limit)
	return collect(scanDelivery)(s.read.QueryContext(ctx, s.dialect.bind(query), args...))
}

func deliveriesQuery(f scout.DeliveryFilter, ids idRange, among candidates, limit int) (string, []any) {
	var w where
	if f.Before != 0 {
		w.add("d.id < ?", f.Before)
	}
	if f.EventID != 0 {
		w.add("d.event_id = ?", f.EventID)
		w.narrowed = true
		w.add("d.incident_id = (SELECT incident_id FROM events WHERE id = ?)", f.EventID)
	}
	if f.IncidentID != "" {
		w.equal("d.incident_id", f.IncidentID)
	}
	if among.query != "" {
		w.add("d.id IN ("+among.query+")", among.args...)
		w.narrowed = true
	}
	w.names(f)
	if f.Reason == scout.Owed {
		w.add("d.reason = ?", f.Reason) // nearly all are
	} else if f.Reason != "" {
		w.equal("d.reason", string(f.Reason))
		w.add("d.reason <> 'owed'") // the index's condition
	}
	w.contains(f.Contains, "d.server", "d.service", "d.webhook")
	w.became(f)
	w.only(f.Test, "d.test = 1")
	w.within("d.id", "d.created_at", f.Since, f.Until, ids)
	end, args := w.list("d.id DESC", limit)
	return "SELECT " + deliveryColumns + " FROM deliveries d" + end, args
}

// names narrows a list of deliveries by server, service and webhook. What was
// given up is rare, and has an index by each of them; of all deliveries there
// is one by webhook alone.
func (w *where) names(f scout.DeliveryFilter) {
	if givenUp(f.Status) && (f.Server != "" || f.Service != "" || f.WebhookID != 0) && !w.narrowed {
		w.add("d.status = ? AND d.status IN ('failed', 'cancelled')", f.Status)
		if f.Server != "" {
			w.equal("d.server", f.Server)
		}
		if f.Service != "" {
			w.equal("d.service", f.Service)
		}
		if f.WebhookID != 0 {
			w.equal("d.webhook_id", f.WebhookID)
		}
		return
	}
	if f.Server != "" {
		w.add("d.server = ?", f.Server)
	}
	if f.Service != "" {
		w.add("d.service = ?", f.Service)
	}
	w.status(f)
	if f.WebhookID != 0 {
		w.equal("d.webhook_id", f.WebhookID)
	}
}

func givenUp(s scout.DeliveryStatus) bool {
	return s == scout.DeliveryFailed || s == scout.DeliveryCancelled
}

// status narrows a list of deliveries by status, which has an index for all but
// the delivered.
func (w *where) status(f scout.DeliveryFilter) {
	if f.Status == scout.Delivered {
		w.add("d.status = ?", f.Status) // nearly all are
	} else if f.Status != "" {
		w.equal("d.status", string(f.Status))
		w.add("d.status <> 'delivered'") // the index's condition
	}
	if len(f.Statuses) > 0 {
		w.anyStatus(f.Statuses)
	}
}

// anyStatus narrows a list of deliveries to those that have one of some
// statuses. What has not been delivered has an index of its own.
func (w *where) anyStatus(list []scout.DeliveryStatus) {
	args := make([]any, len(list))
	for i, status := range list {
		args[i] = status
	}
	w.add("d.status IN ("+placeholders(len(list))+")", args...)
	if !w.narrowed && !slices.Contains(list, scout.Delivered) {
		w.add("d.status <> 'delivered'")
		w.narrowed = true
	}
}

// Delivery returns one delivery, or NotFound.
func (s *Store) Delivery(ctx context.Context, id int64) (scout.Delivery, error) {
	v, err := scanDelivery(s.read.QueryRowContext(ctx, s.dialect.bind("SELECT "+deliveryColumns+" FROM deliveries d WHERE d.id = ?"), id))
	return v, missing(err, "delivery", id)
}

// Attempts lists a delivery's attempts after an attempt's id, oldest first,
// at most limit.
func (s *Store) Attempts(ctx context.Context, deliveryID, after int64, limit int) ([]scout.Attempt, error) {
	return collect(scanAttempt)(s.read.QueryContext(ctx, s.dialect.bind("SELECT "+attemptColumns+` FROM attempts a
		WHERE a.delivery_id = ? AND a.id > ? ORDER BY a.id LIMIT ?`), deliveryID, after, limit))
}

// attemptRow is an attempt as it is read.
type attemptRow struct {
	attempt              scout.Attempt
	started, took, retry int64
	exchange             []byte
}

func (r *attemptRow) into() []any {
	a, v := &r.attempt, &r.attempt.Verdict
	return []any{
		&a.ID, &a.DeliveryID, &a.WebhookID, &a.Number, &r.started, &r.took, &v.Outcome, &v.Fault, &v.Detail,
		&r.retry, &a.Status, &a.Address, &r.exchange,
	}
}

func (r *attemptRow) decode() (scout.Attempt, error) {
	a := r.attempt
	a.StartedAt, a.Duration, a.Verdict.RetryAfter = instant(r.started), duration(r.took), duration(r.retry)
	var in recorded
	err := json.Unmarshal(r.exchange, &in)
	a.Request, a.Response = in.Request, in.Response
	return a, err
}

func scanAttempt(row scanner) (scout.Attempt, error) {
	var r attemptRow
	if err := row.Scan(r.into()...); err != nil {
		return scout.Attempt{}, err
	}
	return r.decode()
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
