package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"serverscout/internal/scout"
)

// SaveState writes a check's confirmed state and when that level began, which
// is before it was confirmed. A check that was removed meanwhile has none to
// keep.
func (tx *Tx) SaveState(s scout.CheckState, began time.Time) error {
	saved, err := tx.exec(`INSERT INTO check_states (check_id, level, since, incident_id)
		SELECT id, ?, ?, ? FROM checks WHERE id = ?
		ON CONFLICT (check_id) DO UPDATE SET level = excluded.level, since = excluded.since, incident_id = excluded.incident_id`,
		s.Level, stored(s.Since), s.IncidentID, s.CheckID)
	if err != nil {
		return err
	}
	if n, err := saved.RowsAffected(); n == 0 || err != nil {
		return err
	}
	if s.Level == scout.Unknown {
		return nil // it was paused, which SaveCheck has noted
	}
	return tx.noteLevel(s.CheckID, began, int(s.Level))
}

// States returns the confirmed state of every check that has one.
func (s *Store) States(ctx context.Context) (map[int64]scout.CheckState, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT check_id, level, since, incident_id FROM check_states")
	list, err := collect(scanState)(rows, err)
	states := make(map[int64]scout.CheckState, len(list))
	for _, st := range list {
		states[st.CheckID] = st
	}
	return states, err
}

func scanState(row scanner) (st scout.CheckState, err error) {
	var since int64
	err = row.Scan(&st.CheckID, &st.Level, &since, &st.IncidentID)
	st.Since = instant(since)
	return st, err
}

const (
	keptColumns     = `id, check_id, server, service, server_ip, tags, level, worst, began, opened, ended, closed, message, events, latest`
	incidentColumns = keptColumns + ", acknowledged_at, acknowledged_by, acknowledge_note"
)

func scanIncident(row scanner) (i scout.Incident, err error) {
	var began, opened, ended, closed, latest, acknowledged int64
	var tags []byte
	err = row.Scan(&i.ID, &i.CheckID, &i.Server, &i.Service, &i.ServerIP, &tags, &i.Level, &i.Worst,
		&began, &opened, &ended, &closed, &i.Message, &i.Events, &latest, &acknowledged, &i.AcknowledgedBy, &i.AcknowledgeNote)
	if err != nil {
		return i, err
	}
	i.Began, i.Opened, i.Ended, i.Closed = instant(began), instant(opened), instant(ended), instant(closed)
	i.Latest, i.AcknowledgedAt = instant(latest), instant(acknowledged)
	return i, json.Unmarshal(tags, &i.Tags)
}

// SaveIncident writes an incident as it is now, but not who acknowledged it.
// Once it is closed, what still waits to say "down" about it is no longer
// urgent.
func (tx *Tx) SaveIncident(i scout.Incident) error {
	tags, err := encode(i.Tags)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO incidents (`+keptColumns+`) VALUES (`+placeholders(15)+`)
		ON CONFLICT (id) DO UPDATE SET server_ip = excluded.server_ip, tags = excluded.tags, level = excluded.level, worst = excluded.worst,
			ended = excluded.ended, closed = excluded.closed, message = excluded.message, events = excluded.events,
			latest = excluded.latest`,
		i.ID, i.CheckID, i.Server, i.Service, i.ServerIP, tags, i.Level, i.Worst,
		stored(i.Began), stored(i.Opened), stored(i.Ended), stored(i.Closed), i.Message, i.Events, stored(i.Latest))
	if err != nil || i.Open() {
		return err
	}
	_, err = tx.exec("UPDATE deliveries SET urgent = 0 WHERE incident_id = ? AND urgent = 1 AND status <> 'delivered'", i.ID)
	return err
}

// OpenIncidents lists the incidents that have not ended.
func (s *Store) OpenIncidents(ctx context.Context) ([]scout.Incident, error) {
	return collect(scanIncident)(s.read.QueryContext(ctx, "SELECT "+incidentColumns+" FROM incidents WHERE closed = 0 ORDER BY id"))
}

// snapshot is the part of an event that is kept as JSON.
type snapshot struct {
	Server   string         `json:"server"`
	Service  string         `json:"service"`
	ServerIP string         `json:"server_ip"`
	Tags     []string       `json:"tags,omitempty"`
	Message  string         `json:"message"`
	Began    int64          `json:"began"`
	Ended    int64          `json:"ended,omitempty"`
	Duration int64          `json:"duration_us"`
	Evidence []scout.Result `json:"evidence,omitempty"`
	Repeats  bool           `json:"repeats,omitempty"`
}

const eventColumns = "e.id, e.incident_id, e.seq, e.kind, e.level, e.at, e.check_id, e.snapshot, e.decisions, e.test"

// eventRow is an event as it is read, its JSON not yet decoded, so that the
// writer need not do that.
type eventRow struct {
	event     scout.Event
	at        int64
	snapshot  []byte
	decisions []byte
}

func (r *eventRow) into() []any {
	e := &r.event
	return []any{&e.ID, &e.IncidentID, &e.Seq, &e.Kind, &e.Level, &r.at, &e.CheckID, &r.snapshot, &r.decisions, &e.Test}
}

func (r *eventRow) decode() (scout.Event, error) {
	e := r.event
	var in snapshot
	if err := json.Unmarshal(r.snapshot, &in); err != nil {
		return e, fmt.Errorf("event %d: %w", e.ID, err)
	}
	if err := json.Unmarshal(r.decisions, &e.Decisions); err != nil {
		return e, fmt.Errorf("event %d: %w", e.ID, err)
	}
	e.At, e.Began, e.Ended = instant(r.at), instant(in.Began), instant(in.Ended)
	e.Server, e.Service, e.ServerIP, e.Tags, e.Message = in.Server, in.Service, in.ServerIP, in.Tags, in.Message
	e.Duration, e.Evidence, e.Repeats = duration(in.Duration), in.Evidence, in.Repeats
	return e, nil
}

func scanEvent(row scanner) (scout.Event, error) {
	var r eventRow
	if err := row.Scan(r.into()...); err != nil {
		return scout.Event{}, err
	}
	return r.decode()
}

// InsertEvent writes a new event and sets its id. Its decisions are part of it.
func (tx *Tx) InsertEvent(e *scout.Event) error {
	snap, err := encode(snapshot{
		Server: e.Server, Service: e.Service, ServerIP: e.ServerIP, Tags: e.Tags, Message: e.Message,
		Began: stored(e.Began), Ended: stored(e.Ended), Duration: micros(e.Duration), Evidence: e.Evidence, Repeats: e.Repeats,
	})
	if err != nil {
		return err
	}
	decisions, err := encode(e.Decisions)
	if err != nil {
		return err
	}
	e.ID, err = tx.insert(`INSERT INTO events (incident_id, seq, kind, level, at, check_id, snapshot, decisions, test)
		VALUES (`+placeholders(9)+`)`, e.IncidentID, e.Seq, e.Kind, e.Level, stored(e.At), e.CheckID, snap, decisions, flag(e.Test))
	tx.notify(TopicHistory)
	return err
}

// SetDecisions replaces the decisions of an event, when a webhook caught up.
func (tx *Tx) SetDecisions(eventID int64, d []scout.Decision) error {
	text, err := encode(d)
	if err != nil {
		return err
	}
	_, err = tx.exec("UPDATE events SET decisions = ? WHERE id = ?", text, eventID)
	return err
}

// Past returns what came before event seq of an incident: the levels entered
// and what each webhook was owed of them.
func (tx *Tx) Past(incidentID string, seq int) (scout.Past, error) {
	past := scout.Past{Told: map[int64]scout.Told{}}
	if seq <= 1 {
		return past, nil
	}
	levels, err := collect(func(row scanner) (l scout.Level, err error) { return l, row.Scan(&l) })(
		tx.query("SELECT level FROM events WHERE incident_id = ? AND seq < ? ORDER BY seq", incidentID, seq))
	if err != nil {
		return past, err
	}
	past.Levels = levels
	rows, err := tx.query("SELECT webhook_id, seq, tells, status FROM deliveries WHERE incident_id = ? AND test = 0", incidentID)
	if err != nil {
		return past, err
	}
	defer rows.Close()
	for rows.Next() {
		var webhook int64
		var n int
		var tells scout.Status
		var status scout.DeliveryStatus
		if err := rows.Scan(&webhook, &n, &tells, &status); err != nil {
			return past, err
		}
		told, ok := past.Told[webhook]
		if !ok {
			told = scout.Told{Statuses: map[int]scout.Status{}, GivenUp: true}
		}
		told.Statuses[n] = tells
		told.GivenUp = told.GivenUp && (status == scout.DeliveryFailed || status == scout.DeliveryCancelled)
		past.Told[webhook] = told
	}
	return past, rows.Err()
}

// OpenDelivery returns the latest delivery of an incident to a webhook that
// has not ended, or 0.
func (tx *Tx) OpenDelivery(incidentID string, webhookID int64) (id int64, err error) {
	err = tx.row(`SELECT COALESCE(MAX(id), 0) FROM deliveries
		WHERE incident_id = ? AND webhook_id = ? AND status IN ('pending', 'sending')`, incidentID, webhookID).Scan(&id)
	return id, err
}

// InsertDelivery writes a new delivery and sets its id. One whose status is
// Sending is born claimed by this process.
func (tx *Tx) InsertDelivery(d *scout.Delivery) (err error) {
	owner, claimed := int64(0), int64(0)
	if d.Status == scout.Sending {
		owner, claimed = tx.s.epoch, stored(d.CreatedAt)
	}
	d.ID, err = tx.insert(`INSERT INTO deliveries (message_id, event_id, incident_id, seq, webhook_id, webhook, server, service,
		tells, status, reason, due_at, after_id, urgent, owner, claimed_at, created_at, test) VALUES (`+placeholders(18)+`)`,
		d.MessageID, d.EventID, d.IncidentID, d.Seq, d.WebhookID, d.Webhook, d.Server, d.Service,
		d.Tells, d.Status, d.Reason, stored(d.DueAt), d.AfterID, flag(d.Tells == scout.StatusDown), owner, claimed,
		stored(d.CreatedAt), flag(d.Test))
	if d.Status == scout.Pending {
		tx.notify(TopicDeliveries)
	}
	return err
}

// CatchUps lists the webhooks that were resumed and are still to be told what
// was held back, each with the time from which it was.
func (s *Store) CatchUps(ctx context.Context) (map[int64]time.Time, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id, held_from FROM webhooks WHERE catch_up = 1 AND paused = 0 AND disabled_at = 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	from := map[int64]time.Time{}
	for rows.Next() {
		var id, held int64
		if err := rows.Scan(&id, &held); err != nil {
			return nil, err
		}
		from[id] = instant(held)
	}
	return from, rows.Err()
}

// CaughtUp records that a resumed webhook was told what was held back.
func (tx *Tx) CaughtUp(webhookID int64) error {
	_, err := tx.exec("UPDATE webhooks SET catch_up = 0, held_from = 0 WHERE id = ? AND paused = 0 AND disabled_at = 0", webhookID)
	return err
}

// EndedSince lists the last events of the incidents that were closed at a time
// or later.
func (s *Store) EndedSince(ctx context.Context, t time.Time) ([]scout.Event, error) {
	return collect(scanEvent)(s.read.QueryContext(ctx, s.dialect.bind("SELECT "+eventColumns+` FROM events e
		JOIN incidents i ON i.id = e.incident_id AND i.events = e.seq WHERE i.closed <> 0 AND i.closed >= ? ORDER BY e.id`), stored(t)))
}

func scanID(row scanner) (id int64, err error) { return id, row.Scan(&id) }
