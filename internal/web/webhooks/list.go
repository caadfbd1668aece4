package webhooks

import (
	"strconv"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

const webhooksPerPage = 50

// A row is a webhook in the list.
type row struct {
	webhook scout.Webhook
	format  string
	latest  scout.Delivery // ID 0 for none
	waiting int
}

// listing is the page of all webhooks.
type listing struct {
	clock  ui.Clock
	rows   []row
	more   string // address of the next page; "" on the last one
	first  bool   // this is the first page
	egress Egress
}

func (a *Area) list(r *page.Request) error {
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64) // what is no number is the beginning
	found, err := a.Store.FindWebhooks(r.Context(), scout.WebhookFilter{After: after}, webhooksPerPage+1)
	if err != nil {
		return err
	}
	waiting, err := a.Store.Waiting(r.Context())
	if err != nil {
		return err
	}
	l := listing{clock: r.Clock, egress: a.Egress(), first: after == 0}
	if len(found) > webhooksPerPage {
		found = found[:webhooksPerPage]
		l.more = r.With("after", strconv.FormatInt(found[len(found)-1].ID, 10))
	}
	for _, w := range found {
		latest, err := a.Store.ListDeliveries(r.Context(), scout.DeliveryFilter{WebhookID: w.ID}, 1)
		if err != nil {
			return err
		}
		one := row{webhook: w, format: manage.FormatOf(w).Title, waiting: waiting[w.ID]}
		if len(latest) > 0 {
			one.latest = latest[0]
		}
		l.rows = append(l.rows, one)
	}
	return r.Show(around(title), overview(l))
}
