// Package search is the page that finds things by their names and ids:
// servers, checks, incidents, webhooks and deliveries. An id leads straight to
// what it names.
package search

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// Store is what is searched. What is not there is a NotFound error. Lists have
// at most limit items.
type Store interface {
	Lister
	Reader
}

// Lister lists what has a text in its name.
type Lister interface {
	ListServers(ctx context.Context, f scout.ServerFilter, limit int) ([]scout.Server, error)
	ListChecks(ctx context.Context, f scout.CheckFilter, limit int) ([]scout.Check, error)
	ListIncidents(ctx context.Context, f scout.IncidentFilter, limit int) ([]scout.Incident, error)
	FindWebhooks(ctx context.Context, f scout.WebhookFilter, limit int) ([]scout.Webhook, error)
}

// Reader reads what an id names.
type Reader interface {
	Server(ctx context.Context, id int64) (scout.Server, error)
	StatesOf(ctx context.Context, checkIDs []int64) (map[int64]scout.CheckState, error)
	Incident(ctx context.Context, id string) (scout.Incident, error)
	Delivery(ctx context.Context, id int64) (scout.Delivery, error)
	// DeliveryByMessage finds a delivery by its Webhook-Id, if it is not old.
	DeliveryByMessage(ctx context.Context, messageID string) (scout.Delivery, error)
}

// Options are what the area works with.
type Options struct{ Store Store }

// Area serves the page. It is safe for concurrent use.
type Area struct{ store Store }

// New makes the area.
func New(o Options) *Area { return &Area{o.Store} }

// Route registers the area's page.
func (a *Area) Route(site *page.Site, mux *http.ServeMux) {
	site.Handle(mux, "GET /search", a.search)
}

// longest is how much of what is typed counts, in characters.
const longest = 200

func (a *Area) search(r *page.Request) error {
	v := results{r: r, query: firstOf(strings.TrimSpace(r.URL.Query().Get("q")), longest)}
	if v.query != "" {
		to, err := a.named(r.Context(), v.query)
		if err != nil {
			return err
		}
		if to != "" {
			return r.Redirect(to)
		}
		if v.groups, err = a.find(r.Context(), r.Clock, v.query); err != nil {
			return err
		}
		if to := onlyByNumber(v.groups); to != "" {
			return r.Redirect(to)
		}
	}
	return r.Show(page.Page{Title: "Search", Search: v.query}, show(v))
}

// firstOf cuts a text to at most n characters.
func firstOf(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n])
	}
	return text
}

// incidentDigits is how many digits the id of an incident has, or more: no
// other id has so many.
const incidentDigits = 20

// named is where the one thing is that has an id; "" if the text is no id that
// can be one thing's alone, or nothing has it.
func (a *Area) named(ctx context.Context, text string) (to string, err error) {
	switch {
	case len(text) >= incidentDigits && strings.Trim(text, "0123456789") == "":
		var i scout.Incident
		i, err = a.store.Incident(ctx, text)
		to = "incidents/" + i.ID
	case strings.HasPrefix(text, "msg_"):
		var d scout.Delivery
		d, err = a.store.DeliveryByMessage(ctx, text)
		to = deliveryPath(d)
	}
	if scout.HasCode(err, scout.NotFound) {
		return "", nil
	}
	return to, err
}

// onlyByNumber is where a delivery is, if its number is all that the text is
// found in.
func onlyByNumber(groups []group) string {
	if len(groups) == 1 && groups[0].byID {
		return groups[0].found[0].path
	}
	return ""
}

func deliveryPath(d scout.Delivery) string {
	return "notifications/deliveries/" + strconv.FormatInt(d.ID, 10)
}

// results is what the page shows.
type results struct {
	r      *page.Request
	query  string
	groups []group // none of them empty
}

// group is what was found of one kind.
type group struct {
	id, title string
	found     []result
	byID      bool   // by the number that it has
	more      string // where all are listed; "" if these are all, or no page lists them
	cut       bool   // there are more
}

// result is one thing that was found.
type result struct {
	name, path, sub string
	state           ui.State
	says            string // the state in words
}
