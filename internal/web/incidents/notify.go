package incidents

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// What a page shows of notifications, so that it stays light whatever there is
// of them. The page of a delivery shows all of it.
const (
	linesOfEvent     = 6        // deliveries that have a line of their own
	namesOfGroup     = 20       // webhooks that are named of a group
	attemptsOfLine   = 3        // the latest of a delivery
	bodyShown        = 600      // characters of a request or a response
	exchangeBudget   = 24 << 10 // bytes of all requests and responses of a page
	headersOfMessage = 12
)

// notifications are what became of one event.
type notifications struct {
	lines []line
	rest  []group[scout.Delivery] // deliveries without a line, by what became of them
	not   []group[scout.Decision] // webhooks that were not told, by the reason
}

// empty reports whether there was no webhook at all.
func (n notifications) empty() bool { return len(n.lines)+len(n.rest)+len(n.not) == 0 }

// line is one delivery with its latest attempts.
type line struct {
	scout.Delivery
	state    ui.State
	says     string // after the webhook's name
	attempts []attempt
	earlier  int // attempts before those
}

// attempt is one request of a delivery. What was sent and what came back are
// empty where the page would grow too heavy.
type attempt struct {
	scout.Attempt
	request, response string
}

// group is some webhooks that have something in common.
type group[T any] struct {
	says  string
	state ui.State
	of    []T
	more  int // beside those
}

// attention orders deliveries by how much they need a person.
func attention(d scout.Delivery) int {
	return slices.Index([]scout.DeliveryStatus{
		scout.DeliveryFailed, scout.Pending, scout.DeliveryCancelled, scout.Sending, scout.Delivered,
	}, d.Status)
}

// byAttention puts first what needs a person most.
func byAttention(deliveries []scout.Delivery) []scout.Delivery {
	sorted := slices.Clone(deliveries)
	slices.SortStableFunc(sorted, func(x, y scout.Delivery) int { return cmp.Compare(attention(x), attention(y)) })
	return sorted
}

// linesFor is how many deliveries, those that need a person first, have a line
// of their own. Of a reminder the delivered ones have none.
func linesFor(kind scout.EventKind, deliveries []scout.Delivery) int {
	n := len(deliveries)
	if kind == scout.Reminder {
		n = slices.IndexFunc(append(deliveries[:n:n], scout.Delivery{Status: scout.Delivered}),
			func(d scout.Delivery) bool { return d.Status == scout.Delivered })
	}
	return min(n, linesOfEvent)
}

// notify tells what became of an event: of the deliveries that have a line, in
// lines, and of the others in groups.
func notify(e scout.Event, deliveries []scout.Delivery, attempts map[int64][]scout.Attempt, c ui.Clock, b *budget) notifications {
	var n notifications
	deliveries = byAttention(deliveries)
	withLine := linesFor(e.Kind, deliveries)
	for _, d := range deliveries[:withLine] {
		n.lines = append(n.lines, lineOf(e, d, attempts[d.ID], c, b))
	}
	for _, d := range deliveries[withLine:] {
		n.rest = add(n.rest, restSays(d), stateOfDelivery(d.Status), d)
	}
	owed := map[int64]bool{}
	for _, d := range deliveries {
		owed[d.WebhookID] = true
	}
	for _, d := range e.Decisions {
		if !owed[d.WebhookID] {
			n.not = add(n.not, why(d.Reason), ui.Unknown, d)
		}
	}
	return n
}

// add puts a webhook into the group of which the same is said.
func add[T any](groups []group[T], says string, s ui.State, one T) []group[T] {
	i := slices.IndexFunc(groups, func(g group[T]) bool { return g.says == says })
	if i < 0 {
		return append(groups, group[T]{says: says, state: s, of: []T{one}})
	}
	if g := &groups[i]; len(g.of) < namesOfGroup {
		g.of = append(g.of, one)
	} else {
		g.more++
	}
	return groups
}

// restSays says of deliveries without a line what became of them.
func restSays(d scout.Delivery) string {
	switch d.Status {
	case scout.Delivered:
		return "Told"
	case scout.Pending:
		return "Waiting"
	case scout.Sending:
		return "Being told"
	default:
		return "Not told"
	}
}

func stateOfDelivery(s scout.DeliveryStatus) ui.State {
	switch s {
	case scout.Delivered:
		return ui.Up
	case scout.DeliveryFailed:
		return ui.Down
	case scout.Pending:
		return ui.Warning
	default:
		return ui.Unknown
	}
}

func lineOf(e scout.Event, d scout.Delivery, attempts []scout.Attempt, c ui.Clock, b *budget) line {
	l := line{Delivery: d, state: stateOfDelivery(d.Status), earlier: max(d.Attempts-len(attempts), 0)}
	var last scout.Attempt
	if len(attempts) > 0 {
		last = attempts[len(attempts)-1]
	}
	if d.Status == scout.Pending && last.ID == 0 {
		l.state = ui.Unknown // nothing has gone wrong so far
	}
	l.says = becameOf(e, d, last, c)
	for _, one := range attempts {
		l.attempts = append(l.attempts, b.attempt(one))
	}
	return l
}

// becameOf says what became of a delivery, to go on after the webhook's name.
func becameOf(e scout.Event, d scout.Delivery, last scout.Attempt, c ui.Clock) string {
	switch d.Status {
	case scout.Delivered:
		return delivered(e, d)
	case scout.Sending:
		return " is being told now."
	case scout.Pending:
		return waits(d, last, c)
	case scout.DeliveryCancelled:
		return " was not told. " + why(d.Reason)
	default:
		text := fmt.Sprintf(" was not told. %s %s made.", why(d.Reason), were(d.Attempts))
		if last.ID != 0 && last.Verdict.Detail != "" {
			text += " The last one: " + ended(last.Verdict.Detail)
		}
		return text
	}
}

func delivered(e scout.Event, d scout.Delivery) string {
	text := fmt.Sprintf(" was told “%s” after %s", d.Tells, ui.Span(max(d.FinishedAt.Sub(e.At), 0)))
	if d.Reason == scout.CaughtUp {
		text += ", when it was no longer held back"
	}
	if d.Attempts > 1 {
		text += fmt.Sprintf(", at the %s attempt", ui.Ordinal(d.Attempts))
	}
	return text + "."
}

func waits(d scout.Delivery, last scout.Attempt, c ui.Clock) string {
	switch {
	case last.ID != 0:
		return fmt.Sprintf("%s. %s made; %s.", answers(last), were(d.Attempts), nextTry(d, c))
	case d.AfterID != 0:
		return " waits until the message before this one has gone out."
	default:
		return fmt.Sprintf(" waits to be told: %s.", nextTry(d, c))
	}
}

// were counts attempts for a sentence about what was done.
func were(attempts int) string {
	if attempts == 1 {
		return "1 attempt was"
	}
	return fmt.Sprintf("%d attempts were", attempts)
}

// sentence ends a text with a full stop.
func ended(text string) string { return strings.TrimSuffix(text, ".") + "." }

// summary says what an attempt came to.
func (a attempt) summary(c ui.Clock) string {
	text := fmt.Sprintf("%s attempt, %s, %s", ui.Ordinal(a.Number), c.Local(a.StartedAt), ui.Millis(a.Duration))
	switch {
	case a.Verdict.Outcome == scout.OutcomeDelivered:
		return fmt.Sprintf("%s: accepted with %d.", text, a.Status)
	case a.Verdict.Detail != "":
		return text + ": " + ended(a.Verdict.Detail)
	default:
		return text + "."
	}
}

// budget is how many bytes of requests and responses a page may still show.
type budget struct{ left int }

// attempt takes what was sent and what came back along, if there is room.
func (b *budget) attempt(in scout.Attempt) attempt {
	out := attempt{Attempt: in}
	request, response := exchangeText(in.Request), exchangeText(in.Response)
	size := len(templ.EscapeString(request)) + len(templ.EscapeString(response))
	if size > b.left {
		return out
	}
	b.left -= size
	out.request, out.response = request, response
	return out
}

// exchangeText is one side of a recorded request as text, its body cut.
func exchangeText(e scout.Exchange) string {
	if e.Line == "" {
		return ""
	}
	var text strings.Builder
	text.WriteString(scout.Shorten(e.Line, bodyShown))
	for i, h := range e.Header {
		if i == headersOfMessage {
			fmt.Fprintf(&text, "\n… and %s more", ui.Count(len(e.Header)-i, "header"))
			break
		}
		fmt.Fprintf(&text, "\n%s: %s", h[0], scout.Shorten(h[1], bodyShown))
	}
	if e.Body != "" {
		text.WriteString("\n\n" + scout.Shorten(e.Body, bodyShown))
		if e.Truncated && len(e.Body) <= bodyShown {
			text.WriteString("…")
		}
	}
	return text.String()
}
