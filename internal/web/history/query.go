package history

import (
	"slices"
	"strconv"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// A query is what the address of a list asks for: the texts as they stand
// there, and what they mean.
type query struct {
	Attempts bool // attempts are listed, not deliveries

	Text, Webhook, Status, Fault, Server, Service, Since, Until, Tests string

	webhookID    int64
	status       scout.DeliveryStatus
	test         scout.Only
	since, until time.Time
	before       int64
	faults       ui.Faults // of the form; empty when all can be read
}

// longestText is how many bytes a text that is looked for has at most.
const longestText = 500

// readQuery reads a query from the address of a request.
func readQuery(r *page.Request) query {
	in := r.URL.Query()
	q := query{
		Attempts: in.Get("view") == "attempts",
		Text:     in.Get("q"), Webhook: in.Get("webhook"), Status: in.Get("status"), Fault: in.Get("fault"),
		Server: in.Get("server"), Service: in.Get("service"), Since: in.Get("since"), Until: in.Get("until"),
		Tests: in.Get("tests"), faults: ui.Faults{},
	}
	q.webhookID = q.number("webhook", q.Webhook)
	q.before = q.number("", in.Get("before"))
	q.since = q.moment("since", &q.Since, r.Clock)
	q.until = q.moment("until", &q.Until, r.Clock)
	q.status = q.readStatus()
	if q.Fault != "" && !slices.Contains(faults[:], scout.Fault(q.Fault)) {
		q.faults["fault"] = "Choose one of the list."
	}
	switch q.Tests {
	case "":
	case "only":
		q.test = scout.With
	case "none":
		q.test = scout.Without
	default:
		q.faults["tests"] = "Choose one of the list."
	}
	for name, text := range map[string]string{"q": q.Text, "server": q.Server, "service": q.Service} {
		if len(text) > longestText {
			q.faults[name] = "Write less: no name is that long."
		}
	}
	return q
}

// number reads an id; 0 for none.
func (q *query) number(field, text string) int64 {
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		q.faults[field] = "That is not one of the list."
	}
	return n
}

// moment reads a time as a form gives it, and has the form show what was
// understood.
func (q *query) moment(field string, text *string, c ui.Clock) time.Time {
	t, ok := c.ReadTyped(*text)
	if !ok {
		q.faults[field] = "Write a date and a time, such as " + c.Typed(c.Now.Truncate(time.Minute)) + "."
		return t
	}
	*text = c.Typed(t)
	return t
}

func (q *query) readStatus() scout.DeliveryStatus {
	if q.Status == "" {
		return ""
	}
	for _, s := range statuses {
		if statusKey(s) == q.Status {
			return s
		}
	}
	q.faults["status"] = "Choose one of the list."
	return ""
}

// narrowed reports whether the query leaves anything out but for its page.
func (q query) narrowed() bool {
	return q.Text+q.Webhook+q.Status+q.more() != ""
}

// more is not empty if a filter is used that is folded away otherwise.
func (q query) more() string {
	return q.Fault + q.Server + q.Service + q.Since + q.Until + q.Tests
}

func (q query) deliveries() scout.DeliveryFilter {
	return scout.DeliveryFilter{
		WebhookID: q.webhookID, Status: q.status, Server: q.Server, Service: q.Service, Contains: q.Text,
		Fault: scout.Fault(q.Fault), Test: q.test, Since: q.since, Until: q.until, Before: q.before,
	}
}

func (q query) attempts() scout.AttemptFilter {
	return scout.AttemptFilter{
		WebhookID: q.webhookID, Status: q.status, Server: q.Server, Service: q.Service, Contains: q.Text,
		Fault: scout.Fault(q.Fault), Test: q.test, Since: q.since, Until: q.until, Before: q.before,
	}
}
