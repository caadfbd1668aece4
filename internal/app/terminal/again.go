package terminal

import (
	"context"
	"fmt"
	"time"

	"serverscout/internal/app/client"
)

// FailedQuery says which failed deliveries to send again. Empty fields do not
// narrow.
type FailedQuery struct {
	Webhook         string // id or name
	Server, Service string
	Since           time.Time // when they failed
	DryRun          bool      // count them and send nothing
}

// SendFailedAgain sends failed deliveries again now, and prints how many. If
// some were not, it names them and returns ErrNotWell.
func (s *Session) SendFailedAgain(ctx context.Context, q FailedQuery) error {
	f := client.FailedFilter{Since: q.Since, Server: q.Server, Service: q.Service, DryRun: q.DryRun}
	if q.Webhook != "" {
		to, err := s.webhook(ctx, q.Webhook)
		if err != nil {
			return err
		}
		f.WebhookID = to.Value.ID
	}
	a, err := s.API.SendFailedAgain(ctx, f)
	if err != nil {
		return err
	}
	if s.JSON {
		err = s.printJSON(a.JSON)
	} else {
		s.Screen.printSentAgain(a.Value)
	}
	if err == nil && len(a.Value.Left) > 0 {
		return ErrNotWell
	}
	return err
}

func (s *Screen) printSentAgain(v client.SentAgain) {
	switch {
	case v.DryRun:
		s.printf("%s failed; nothing was sent.\n", deliveries(v.Count, v.More))
	case v.Count == 0 && len(v.Left) == 0:
		s.printf("Nothing that failed is left to send again.\n")
	case v.Count > 0:
		s.printf("%s sent again now: see scout deliveries list --since 1h\n", deliveries(v.Count, false))
	}
	for _, n := range v.Left {
		s.printf("Delivery %d to %s was not sent again: %s\n", n.DeliveryID, line(n.Webhook), line(n.Why))
	}
	if v.More && !v.DryRun {
		s.remark("There are more: run the command again.")
	}
}

// deliveries is a number of deliveries, or of more than those.
func deliveries(n int, more bool) string {
	switch {
	case more:
		return fmt.Sprintf("More than %d deliveries", n)
	case n == 1:
		return "1 delivery"
	default:
		return fmt.Sprintf("%d deliveries", n)
	}
}
