package history

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// attemptsEach is how many attempts a page shows with all that was sent and
// came back, so that it stays light.
const attemptsEach = 10

// longestMessage is how many characters of a message are shown; the record of
// an attempt has what was sent.
const longestMessage = 2000

// mostChained is how many deliveries of one incident are listed.
const mostChained = 30

// A story is all that is to be said of one delivery.
type story struct {
	delivery scout.Delivery
	event    scout.Event
	hook     scout.Webhook // zero if it was removed or never saved
	chain    []scout.Delivery
	attempts []scout.Attempt // newest first
	older    string          // the address of earlier attempts; "" for none
	newest   string          // the address of the latest attempts; "" there
	clock    ui.Clock
}

// show tells the story of a delivery.
func (a *Area) show(r *page.Request) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	s := story{clock: r.Clock}
	if s.delivery, err = a.store.Delivery(r.Context(), id); err != nil {
		return err
	}
	if s.event, err = a.store.Event(r.Context(), s.delivery.EventID); err != nil {
		return fmt.Errorf("the event of delivery %d: %w", id, err)
	}
	if s.hook, err = a.hook(r.Context(), s.delivery.WebhookID); err != nil {
		return err
	}
	if s.chain, err = a.chain(r.Context(), s.delivery); err != nil {
		return err
	}
	if err := a.readAttempts(r, &s); err != nil {
		return err
	}
	p := page.Page{
		Title: fmt.Sprintf("Delivery %d", id), Section: ui.History,
		Trail: []ui.Crumb{{Name: "Notification History", Path: historyPath}},
	}
	return r.Show(p, deliveryPage(s))
}

// hook reads the webhook of a delivery, or the zero one if there is none.
func (a *Area) hook(ctx context.Context, id int64) (scout.Webhook, error) {
	if id == 0 {
		return scout.Webhook{}, nil
	}
	w, err := a.store.Webhook(ctx, id)
	if scout.HasCode(err, scout.NotFound) {
		return scout.Webhook{}, nil
	}
	return w, err
}

// chain reads the deliveries of the same incident to the same webhook, oldest
// first. A test stands alone.
func (a *Area) chain(ctx context.Context, d scout.Delivery) ([]scout.Delivery, error) {
	if d.Test {
		return nil, nil
	}
	list, err := a.store.ListDeliveries(ctx, scout.DeliveryFilter{IncidentID: d.IncidentID, WebhookID: d.WebhookID}, mostChained)
	slices.Reverse(list)
	return list, err
}

// readAttempts reads the page of attempts that the address asks for.
func (a *Area) readAttempts(r *page.Request, s *story) error {
	f := scout.AttemptFilter{DeliveryID: s.delivery.ID}
	if before := r.URL.Query().Get("before"); before != "" {
		n, err := strconv.ParseInt(before, 10, 64)
		if err != nil || n <= 0 {
			return scout.Errorf(scout.NotFound, "there is no such page of attempts")
		}
		f.Before, s.newest = n, r.With("before", "")
	}
	list, err := a.store.ListAttempts(r.Context(), f, attemptsEach+1)
	if err != nil {
		return err
	}
	if len(list) > attemptsEach {
		list = list[:attemptsEach]
		s.older = r.With("before", strconv.FormatInt(list[attemptsEach-1].Attempt.ID, 10))
	}
	for _, t := range list {
		s.attempts = append(s.attempts, t.Attempt)
	}
	return nil
}

// sendOneAgain makes a delivery due now.
func (a *Area) sendOneAgain(r *page.Request) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	if err := a.manager.SendAgain(r.Context(), id); err != nil {
		return err
	}
	return r.Done(deliveryPath(id), "It is sent again now")
}

// again reports whether the delivery can be sent again.
func (s story) again() bool {
	return !s.delivery.Test && s.hook.ID != 0 && s.delivery.Status != scout.Sending
}

// became is the answer to what became of it.
func (s story) became() string { return became(s.delivery, s.hook, s.clock) }

// title is what the delivery tells, as the heading.
func (s story) title() string {
	if s.delivery.Test {
		return "Test: " + about(s.delivery)
	}
	return about(s.delivery)
}

// message is the sentence that the webhook is told.
func (s story) message() string {
	return scout.Shorten(s.event.Notice(s.delivery.Tells).Message, longestMessage)
}

// place is the event's place in its incident.
func (s story) place() string {
	kind := map[scout.EventKind]string{
		scout.Opened: "it opened", scout.Worsened: "it got worse", scout.Eased: "it eased",
		scout.Reminder: "a reminder", scout.Recovered: "it ended",
	}[s.event.Kind]
	return fmt.Sprintf("event %d, %s", s.event.Seq, kind)
}

// next is the time of the next attempt, and false if none is known.
func (s story) next() (wait, bool) {
	w := waits(s.delivery, s.hook, s.clock.Now)
	return w, !w.Until.IsZero()
}

// curl is the command that repeats the latest attempt of the page that made a
// request; "" for none.
func (s story) curl() string {
	for _, a := range s.attempts {
		if a.Request.Line != "" {
			return a.Request.Curl()
		}
	}
	return ""
}

// tried sums up an attempt.
func tried(a scout.Attempt) string {
	took := ui.Millis(a.Duration)
	switch {
	case a.Verdict.Outcome == scout.OutcomeInterrupted:
		return "what the receiver saw of it is unknown"
	case a.Status == 0 && a.Request.Line == "":
		return "no request was made"
	case a.Status == 0:
		return "no answer within " + took
	default:
		return fmt.Sprintf("answer %d after %s", a.Status, took)
	}
}

// exchanged is one side of an attempt as it stands in the record, JSON indented.
func exchanged(e scout.Exchange) string {
	var b strings.Builder
	b.WriteString(e.Line + "\n")
	for _, h := range e.Header {
		b.WriteString(h[0] + ": " + h[1] + "\n")
	}
	if e.Body != "" {
		b.WriteString("\n" + pretty(e.Body))
	}
	return strings.TrimRight(b.String(), "\n")
}

// pretty indents JSON, and leaves everything else as it is.
func pretty(body string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(body), "", "  ") != nil {
		return body
	}
	return b.String()
}
