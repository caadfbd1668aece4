package store

import (
	"context"

	"serverscout/internal/scout"
)

// tellingsQuery begins with the index alone, however many reminders there were,
// and reads one delivery of each webhook. The first open one is looked for only
// where the latest waits behind another.
func tellingsQuery(incidents int) string {
	return `WITH owed AS (
		SELECT incident_id, webhook_id, MAX(id) AS latest FROM deliveries
		WHERE incident_id IN (` + placeholders(incidents) + `) GROUP BY incident_id, webhook_id),
	matters AS (
		SELECT CASE WHEN l.after_id = 0 THEN l.id ELSE COALESCE((
			SELECT MIN(o.id) FROM deliveries o WHERE o.incident_id = l.incident_id AND o.webhook_id = l.webhook_id
			AND o.status IN ('pending', 'sending')), l.id) END AS id
		FROM owed CROSS JOIN deliveries l WHERE l.id = owed.latest)
	SELECT ` + deliveryColumns + `, COALESCE(a.id, 0), COALESCE(a.number, 0), COALESCE(a.started_at, 0),
		COALESCE(a.duration_us, 0), COALESCE(a.outcome, ''), COALESCE(a.fault, ''), COALESCE(a.detail, ''),
		COALESCE(a.retry_us, 0), COALESCE(a.status_code, 0), COALESCE(a.address, '')
	FROM matters m CROSS JOIN deliveries d LEFT JOIN attempts a
		ON a.id = (SELECT MAX(x.id) FROM attempts x WHERE x.delivery_id = d.id)
	WHERE d.id = m.id ORDER BY d.incident_id, d.webhook_id`
}

// Tellings sums up for each of some incidents what became of what each webhook
// was owed, by webhook. An incident of which nobody was owed anything has no
// entry. At most about 30,000 incidents can be asked for.
func (s *Store) Tellings(ctx context.Context, incidentIDs []string) (map[string][]scout.Telling, error) {
	list, err := collect(scanTelling)(s.read.QueryContext(ctx,
		s.dialect.bind(tellingsQuery(len(incidentIDs))), values(incidentIDs)...))
	of := make(map[string][]scout.Telling, len(incidentIDs))
	for _, t := range list {
		of[t.Delivery.IncidentID] = append(of[t.Delivery.IncidentID], t)
	}
	return of, err
}

func scanTelling(row scanner) (t scout.Telling, err error) {
	var d deliveryRow
	var started, took, retry int64
	a := &t.Attempt
	err = row.Scan(append(d.into(), &a.ID, &a.Number, &started, &took, &a.Verdict.Outcome, &a.Verdict.Fault, &a.Verdict.Detail,
		&retry, &a.Status, &a.Address)...)
	t.Delivery = d.decode()
	t.WebhookID, t.Webhook = t.Delivery.WebhookID, t.Delivery.Webhook
	if a.ID != 0 {
		a.DeliveryID, a.WebhookID = t.Delivery.ID, t.WebhookID
	}
	a.StartedAt, a.Duration, a.Verdict.RetryAfter = instant(started), duration(took), duration(retry)
	return t, err
}

// deliveriesOfQuery tells by the index which deliveries are an incident's.
func deliveriesOfQuery(events int) string {
	return "SELECT " + deliveryColumns + " FROM deliveries d WHERE d.incident_id = ? AND d.event_id IN (" + placeholders(events) + ") ORDER BY d.id"
}

// DeliveriesOf lists the deliveries of some events of an incident, oldest
// first.
func (s *Store) DeliveriesOf(ctx context.Context, incidentID string, eventIDs []int64) ([]scout.Delivery, error) {
	return collect(scanDelivery)(s.read.QueryContext(ctx,
		s.dialect.bind(deliveriesOfQuery(len(eventIDs))), append([]any{incidentID}, values(eventIDs)...)...))
}

func latestAttemptsQuery(deliveries int) string {
	return "SELECT " + attemptColumns + ` FROM deliveries d CROSS JOIN attempts a
	WHERE d.id IN (` + placeholders(deliveries) + `) AND a.id IN (
		SELECT x.id FROM attempts x WHERE x.delivery_id = d.id ORDER BY x.id DESC LIMIT ?)
	ORDER BY a.id`
}

// LatestAttempts returns the latest attempts of each of some deliveries, at
// most each of one, oldest first.
func (s *Store) LatestAttempts(ctx context.Context, deliveryIDs []int64, each int) (map[int64][]scout.Attempt, error) {
	list, err := collect(scanAttempt)(s.read.QueryContext(ctx,
		s.dialect.bind(latestAttemptsQuery(len(deliveryIDs))), append(values(deliveryIDs), each)...))
	of := make(map[int64][]scout.Attempt, len(deliveryIDs))
	for _, a := range list {
		of[a.DeliveryID] = append(of[a.DeliveryID], a)
	}
	return of, err
}

// recentMessages is how many deliveries back a Webhook-Id is looked for. There
// is no index by it, which every delivery would have to pay for.
const recentMessages = 100_000

const messageQuery = "SELECT " + deliveryColumns + ` FROM deliveries d
	WHERE d.id > (SELECT COALESCE(MAX(id), 0) FROM deliveries) - ? AND d.message_id = ? ORDER BY d.id DESC LIMIT 1`

// DeliveryByMessage returns the delivery with a Webhook-Id, or NotFound if it
// is not among the latest 100,000.
func (s *Store) DeliveryByMessage(ctx context.Context, messageID string) (scout.Delivery, error) {
	v, err := scanDelivery(s.read.QueryRowContext(ctx, s.dialect.bind(messageQuery), recentMessages, messageID))
	return v, missing(err, "delivery", messageID)
}

// values are arguments of a query.
func values[T any](list []T) []any {
	args := make([]any, len(list))
	for i, v := range list {
		args[i] = v
	}
	return args
}
