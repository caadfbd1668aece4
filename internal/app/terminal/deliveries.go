package terminal

import (
	"context"
	"strconv"
	"strings"
	"time"

	"serverscout/internal/app/client"
	"serverscout/internal/scout"
)

// DeliveriesQuery says which deliveries to list. Empty fields do not narrow.
type DeliveriesQuery struct {
	Webhook         string // id or name
	Incident        string
	Status          string
	Server, Service string
	Since, Until    time.Time
}

// ListDeliveries prints deliveries, newest first.
func (s *Session) ListDeliveries(ctx context.Context, q DeliveriesQuery, limit int) error {
	f := client.DeliveryFilter{
		IncidentID: q.Incident, Status: q.Status, Server: q.Server, Service: q.Service, Since: q.Since, Until: q.Until,
	}
	if q.Webhook != "" {
		to, err := s.webhook(ctx, q.Webhook)
		if err != nil {
			return err
		}
		f.WebhookID = to.Value.ID
	}
	found, err := s.API.Deliveries(ctx, f, limit)
	if err != nil {
		return err
	}
	return printList(s, found, "deliveries", []column[client.Delivery]{
		{title: "ID", cell: func(v client.Delivery) string { return strconv.FormatInt(v.ID, 10) }},
		{title: "CREATED", cell: func(v client.Delivery) string { return moment(v.CreatedAt) }},
		{title: "WEBHOOK", cell: func(v client.Delivery) string { return v.Webhook }},
		{title: "SERVER", cell: func(v client.Delivery) string { return v.Server }},
		{title: "SERVICE", cell: func(v client.Delivery) string { return v.Service }},
		{title: "TELLS", cell: func(v client.Delivery) string { return v.Tells }, word: true},
		{title: "STATUS", cell: func(v client.Delivery) string { return v.Status }, word: true},
		{title: "ATTEMPTS", cell: func(v client.Delivery) string { return strconv.Itoa(v.Attempts) }},
		{title: "REASON", cell: func(v client.Delivery) string { return strings.ReplaceAll(v.Reason, "_", " ") }},
	})
}

// ShowDelivery prints a delivery and the whole exchange of its attempts, the
// latest ones if there are more than limit.
func (s *Session) ShowDelivery(ctx context.Context, id int64, limit int) error {
	d, err := s.API.Delivery(ctx, id)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(d.JSON)
	}
	first := []string{"id", "status", "reason", "webhook", "tells", "server", "service", "incident_id", "message_id", "attempts", "due_at"}
	if err := printRecord(s, d.JSON, first, "attempt_list"); err != nil {
		return err
	}
	attempts, err := s.API.Attempts(ctx, id, 0)
	if err != nil {
		return err
	}
	items := attempts.Items
	if earlier := len(items) - limit; limit > 0 && earlier > 0 {
		s.Screen.remark("%d earlier attempts are left out: see them with a higher --limit.", earlier)
		items = items[earlier:]
	}
	for _, a := range items {
		s.Screen.printf("\n")
		s.Screen.printAttempt(a.Value)
	}
	return nil
}

// SendAgain sends a delivery again now.
func (s *Session) SendAgain(ctx context.Context, id int64) error {
	d, err := s.API.SendAgain(ctx, id)
	if err != nil {
		return err
	}
	return done(s, d, "Delivery %d is sent again: see scout deliveries show %[1]d", d.Value.ID)
}

// PrintCurl prints the command that repeats a delivery's last attempt.
func (s *Session) PrintCurl(ctx context.Context, id int64) error {
	attempts, err := s.API.Attempts(ctx, id, 0)
	if err != nil {
		return err
	}
	if len(attempts.Items) == 0 {
		return scout.Errorf(scout.Conflict, "delivery %d has not been attempted yet", id)
	}
	last := attempts.Items[len(attempts.Items)-1].Value
	if last.Request == nil {
		return scout.Errorf(scout.Conflict, "the last attempt of delivery %d made no request: %s", id, last.Detail)
	}
	sent := scout.Exchange{Line: last.Request.Line, Header: last.Request.Headers, Body: last.Request.Body, Truncated: last.Request.Truncated}
	s.Screen.printf("%s", sent.Curl())
	return nil
}
