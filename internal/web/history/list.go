package history

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// pageSize is how many rows a page has.
const pageSize = 50

// recently is how far back the count of what failed reaches.
const recently = 24 * time.Hour

// mostCounted is from how many on failed deliveries are not counted any more.
const mostCounted = 500

// listing is the page of a list.
type listing struct {
	query    query
	clock    ui.Clock
	webhooks []scout.Webhook
	counts   counts
	rows     []row
	older    string // the address of the next page; "" on the last one
	newest   string // the address of the first page; "" there
	clear    string // the address without filters
	tabs     [2]tab
}

// counts are what the page says on top.
type counts struct {
	Waiting, Sending int
	Failed           string    // recently
	Due              time.Time // of what has waited longest past its time; zero when nothing has
}

// A tab is one of the two views.
type tab struct {
	Name, Path string
	Here       bool
}

// A row is a delivery with its latest attempt, or an attempt with its delivery.
type row struct {
	Delivery scout.Delivery
	Attempt  scout.Attempt // zero if there is none yet
	Hook     scout.Webhook // zero if it was removed
}

func (w row) path() string { return deliveryPath(w.Delivery.ID) }

func (w row) tried() bool { return w.Attempt.ID != 0 }

// error is what is wrong with the delivery: why it ended without being
// delivered, or what its latest attempt failed by.
func (w row) error() string {
	if text := wrong(w.Attempt); w.tried() && text != "" {
		return text
	}
	if w.Delivery.Status == scout.DeliveryFailed || w.Delivery.Status == scout.DeliveryCancelled {
		return reasonWords(w.Delivery.Reason)
	}
	return ""
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func deliveryPath(id int64) string { return fmt.Sprintf("notifications/deliveries/%d", id) }

// list shows deliveries or attempts, newest first.
func (a *Area) list(r *page.Request) error {
	l := listing{query: readQuery(r), clock: r.Clock, clear: historyPath}
	l.tabs = [2]tab{
		{"Deliveries", r.With("view", "", "before", ""), !l.query.Attempts},
		{"Attempts", r.With("view", "attempts", "before", ""), l.query.Attempts},
	}
	if l.query.Attempts {
		l.clear += "?view=attempts"
	}
	if l.query.before != 0 {
		l.newest = r.With("before", "")
	}
	var err error
	var hooks map[int64]scout.Webhook
	if l.webhooks, hooks, err = a.webhooks(r.Context()); err != nil {
		return err
	}
	if l.counts, err = a.count(r.Context(), r.Clock.Now); err != nil {
		return err
	}
	status := http.StatusOK
	if len(l.query.faults) > 0 {
		status = http.StatusUnprocessableEntity
	} else if err := a.read(r, &l, hooks); err != nil {
		return err
	}
	return r.ShowAs(status, page.Page{Title: "Notification History", Section: ui.History}, listPage(l))
}

// count reads how much waits and how much failed.
func (a *Area) count(ctx context.Context, now time.Time) (counts, error) {
	backlog, err := a.store.Backlog(ctx)
	if err != nil {
		return counts{}, err
	}
	c := counts{Waiting: backlog.Pending, Sending: backlog.Sending}
	if backlog.OldestDue.Before(now) {
		c.Due = backlog.OldestDue
	}
	failed, more, err := a.manager.FailedDeliveries(ctx, scout.DeliveryFilter{EndedSince: now.Add(-recently)}, mostCounted)
	c.Failed = strconv.Itoa(len(failed))
	if more {
		c.Failed = "over " + c.Failed
	}
	return c, err
}

// read fills in the rows of the page that the query asks for. One more than it
// has is read: whether it comes says whether there is a next page.
func (a *Area) read(r *page.Request, l *listing, hooks map[int64]scout.Webhook) error {
	var err error
	var last int64
	if l.query.Attempts {
		l.rows, err = a.attemptRows(r.Context(), l.query.attempts())
	} else {
		l.rows, err = a.deliveryRows(r.Context(), l.query.deliveries())
	}
	if err != nil {
		return err
	}
	if len(l.rows) > pageSize {
		l.rows = l.rows[:pageSize]
		last = l.rows[pageSize-1].Delivery.ID
		if l.query.Attempts {
			last = l.rows[pageSize-1].Attempt.ID
		}
		l.older = r.With("before", strconv.FormatInt(last, 10))
	}
	for i := range l.rows {
		l.rows[i].Hook = hooks[l.rows[i].Delivery.WebhookID]
	}
	return nil
}

func (a *Area) deliveryRows(ctx context.Context, f scout.DeliveryFilter) ([]row, error) {
	list, err := a.store.ListDeliveries(ctx, f, pageSize+1)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	latest, err := a.latest(ctx, ids)
	rows := make([]row, len(list))
	for i, d := range list {
		rows[i] = row{Delivery: d, Attempt: latest[d.ID]}
	}
	return rows, err
}

// latest returns the latest attempt of each of some deliveries that has one.
func (a *Area) latest(ctx context.Context, deliveryIDs []int64) (map[int64]scout.Attempt, error) {
	lists, err := a.store.LatestAttempts(ctx, deliveryIDs, 1)
	latest := make(map[int64]scout.Attempt, len(lists))
	for id, list := range lists {
		latest[id] = list[len(list)-1]
	}
	return latest, err
}

func (a *Area) attemptRows(ctx context.Context, f scout.AttemptFilter) ([]row, error) {
	list, err := a.store.ListAttempts(ctx, f, pageSize+1)
	rows := make([]row, len(list))
	for i, t := range list {
		rows[i] = row{Delivery: t.Delivery, Attempt: t.Attempt}
	}
	return rows, err
}

// webhookChoices are the webhooks as a select offers them.
func webhookChoices(list []scout.Webhook, chosen string) []ui.Choice {
	choices := []ui.Choice{{Value: "", Label: "Every webhook"}}
	known := chosen == ""
	for _, w := range list {
		id := strconv.FormatInt(w.ID, 10)
		known = known || id == chosen
		choices = append(choices, ui.Choice{Value: id, Label: scout.Shorten(w.Name, 60)})
	}
	if !known {
		choices = append(choices, ui.Choice{Value: chosen, Label: "Webhook " + scout.Shorten(chosen, 20) + ", removed"})
	}
	return choices
}

func statusChoices() []ui.Choice {
	choices := []ui.Choice{{Value: "", Label: "Every status"}}
	for _, s := range statuses {
		choices = append(choices, ui.Choice{Value: statusKey(s), Label: ui.Capital(statusKey(s))})
	}
	return choices
}

func faultChoices() []ui.Choice {
	choices := []ui.Choice{{Value: "", Label: "Every error, or none"}}
	for _, f := range faults {
		choices = append(choices, ui.Choice{Value: string(f), Label: ui.Capital(f.Describe())})
	}
	return choices
}

func testChoices() []ui.Choice {
	return []ui.Choice{{Value: "", Label: "With tests"}, {Value: "none", Label: "Without tests"}, {Value: "only", Label: "Tests only"}}
}
