package incidents

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// story is an incident as its page tells it.
type story struct {
	scout.Incident
	r        *page.Request
	serverID int64 // 0: the check was removed
	told     told
	held     []group[scout.Decision] // webhooks that are not told while it is open, and why
	entries  []entry
	payload  string // of the latest event; "" if there is none
	note     noteForm
	all      bool   // every event is shown, page by page
	earlier  string // where the events before these are
}

// acknowledged reports whether somebody has taken the incident on.
func (s *story) acknowledged() bool { return !s.AcknowledgedAt.IsZero() }

// noteForm is the note of an acknowledgement as it was typed.
type noteForm struct {
	note   string
	faults ui.Faults
}

// entry is one thing that happened.
type entry struct {
	at      time.Time
	day     string // said before the entry, where another day begins
	state   ui.State
	says    string
	message string // "" where it was said just before
	gap     string // instead of all that: what is left out here
	notes   *notifications
}

// tell composes the story from what is on record.
func (a *Area) tell(ctx context.Context, s *story, sel selection) error {
	var ids []int64
	for _, e := range sel.events {
		ids = append(ids, e.ID)
	}
	deliveries, err := a.store.DeliveriesOf(ctx, s.ID, ids)
	if err != nil {
		return err
	}
	of := map[int64][]scout.Delivery{}
	for _, d := range deliveries {
		of[d.EventID] = append(of[d.EventID], d)
	}
	var shown []int64
	for _, list := range of {
		for _, d := range byAttention(list)[:min(len(list), linesOfEvent)] {
			shown = append(shown, d.ID)
		}
	}
	attempts, err := a.store.LatestAttempts(ctx, shown, attemptsOfLine)
	if err != nil {
		return err
	}
	w := writer{s: s, budget: &budget{exchangeBudget}}
	for i, e := range sel.events {
		w.gap(sel.between(i), sel.changes)
		if i > 0 || e.Seq == 1 {
			w.acknowledged(e.At)
		} else {
			w.acked = s.acknowledged() && !s.AcknowledgedAt.After(e.At) // told on the page before
		}
		w.event(e, of[e.ID], attempts)
	}
	if sel.last().Seq >= s.Events {
		w.acknowledged(s.r.Clock.Now)
		s.payload = payload(sel.last())
		s.held = heldBack(s.Incident, sel.last())
	}
	s.days()
	return nil
}

// writer writes a story down entry by entry.
type writer struct {
	s      *story
	budget *budget
	said   string // the latest message
	acked  bool
}

func (w *writer) add(e entry) { w.s.entries = append(w.s.entries, e) }

// gap tells that events are left out, and whether all are reminders.
func (w *writer) gap(events int, changes bool) {
	if events <= 0 {
		return
	}
	noun := "reminder"
	if changes {
		noun = "event"
	}
	w.add(entry{gap: ui.Count(events, noun)})
}

// acknowledged tells who took the incident on, once, if that was before t.
func (w *writer) acknowledged(t time.Time) {
	if w.acked || !w.s.acknowledged() || w.s.AcknowledgedAt.After(t) {
		return
	}
	w.acked = true
	w.add(entry{
		at: w.s.AcknowledgedAt, state: ui.Maintenance,
		says: scout.Shorten(w.s.AcknowledgedBy, shownName) + " acknowledged it.", message: scout.Shorten(w.s.AcknowledgeNote, shownMessage),
	})
}

func (w *writer) event(e scout.Event, deliveries []scout.Delivery, attempts map[int64][]scout.Attempt) {
	switch e.Kind {
	case scout.Opened:
		w.evidence(e, e.Began, "First bad result")
	case scout.Recovered:
		w.evidence(e, e.Ended, "First good result")
	case scout.Worsened, scout.Eased:
		w.evidence(e, time.Time{}, "")
	}
	notes := notify(e, deliveries, attempts, w.s.r.Clock, w.budget)
	w.add(entry{at: e.At, state: ui.StateOf(e.Level), says: eventSentence(e), message: w.message(e.Message), notes: &notes})
}

// evidenceShown is how many confirming results are told one by one.
const evidenceShown = 3

// evidence tells the results that confirmed an event: the first one, and those
// after it, of which the middle ones are counted.
func (w *writer) evidence(e scout.Event, began time.Time, first string) {
	list := e.Evidence
	if e.Kind == scout.Recovered && len(list) == 0 {
		return // its check is no longer watched
	}
	// Began and ended are kept to the microsecond, the evidence as it was.
	if first != "" && !began.IsZero() && (len(list) == 0 || !list[0].At.Truncate(time.Microsecond).Equal(began)) {
		w.add(entry{at: began, state: ui.StateOf(e.Level), says: first + "."})
		first = ""
	}
	for i, result := range list {
		if left := len(list) - evidenceShown; left > 1 && i >= evidenceShown-1 && i < len(list)-1 {
			if i == evidenceShown-1 {
				w.add(entry{at: result.At, state: ui.StateOf(result.Level), says: fmt.Sprintf("Confirmed by %d more results.", left)})
			}
			continue
		}
		says := "Confirmed by another result"
		if i == 0 && first != "" {
			says = first
		}
		if result.Latency > 0 {
			says += " (" + ui.Millis(result.Latency) + ")"
		}
		w.add(entry{at: result.At, state: ui.StateOf(result.Level), says: says + ".", message: w.message(result.Message)})
	}
}

// message is a message to show, unless it was the latest one that was.
func (w *writer) message(text string) string {
	if text == w.said {
		return ""
	}
	w.said = text
	return scout.Shorten(text, shownMessage)
}

// days says before the first entry of each day which one that is, unless all
// are of today.
func (s *story) days() {
	zone := s.r.Clock.Zone
	if zone == nil {
		zone = time.UTC
	}
	day := s.r.Clock.Now.In(zone).Format(time.DateOnly)
	for i := range s.entries {
		if s.entries[i].gap != "" {
			continue
		}
		if d := s.entries[i].at.In(zone).Format(time.DateOnly); d != day {
			day, s.entries[i].day = d, d
		}
	}
}

// payload is what an event is told as to those who want the native payload and
// hear everything, its message cut.
func payload(e scout.Event) string {
	n := e.Notice(scout.StatusOf(e.Level))
	n.Message = scout.Shorten(n.Message, shownMessage)
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(n.Payload()); err != nil {
		return "" // nine strings can always be encoded
	}
	return text.String()
}
