package history

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// sampleSize is how many of the deliveries that would be sent again are shown.
const sampleSize = 10

// usualSince is how far back a time is that nobody has chosen.
const usualSince = 24 * time.Hour

// A choice is which failed deliveries are to be sent again: the texts of the
// form, and what they mean.
type choice struct {
	Since, Webhook, Server string

	filter scout.DeliveryFilter
	faults ui.Faults
}

// readChoice reads a choice from a form or an address.
func readChoice(in url.Values, c ui.Clock) choice {
	q := query{faults: ui.Faults{}}
	v := choice{Since: in.Get("since"), Webhook: in.Get("webhook"), Server: in.Get("server"), faults: q.faults}
	if !in.Has("since") {
		v.Since = c.Typed(c.Now.Add(-usualSince).Truncate(time.Minute))
	}
	v.filter.EndedSince = q.moment("since", &v.Since, c)
	v.filter.WebhookID = q.number("webhook", v.Webhook)
	v.filter.Server = v.Server
	if v.Since == "" {
		q.faults["since"] = "Say since when."
	}
	if len(v.Server) > longestText {
		q.faults["server"] = "Write less: no name is that long."
	}
	return v
}

// asking is the page that shows what would be sent again.
type asking struct {
	choice   choice
	clock    ui.Clock
	webhooks []scout.Webhook
	found    []scout.Delivery // newest first
	more     bool
	latest   map[int64]scout.Attempt // of those that are shown
}

// count says how many there are.
func (p asking) count() string {
	if p.more {
		return fmt.Sprintf("more than %d deliveries", len(p.found))
	}
	return deliveries(len(p.found))
}

// button says what the button does.
func (p asking) button() string {
	if p.more {
		return fmt.Sprintf("Send the latest %d again", len(p.found))
	}
	return "Send " + strconv.Itoa(len(p.found)) + " again"
}

func (p asking) sample() []scout.Delivery { return p.found[:min(sampleSize, len(p.found))] }

// error is what the latest attempt of a delivery failed by.
func (p asking) error(d scout.Delivery) string {
	return row{Delivery: d, Attempt: p.latest[d.ID]}.error()
}

// askAgain counts what would be sent again and shows some of it.
func (a *Area) askAgain(r *page.Request) error {
	return a.ask(r, http.StatusOK, readChoice(r.URL.Query(), r.Clock))
}

func (a *Area) ask(r *page.Request, status int, c choice) error {
	p := asking{choice: c, clock: r.Clock}
	var err error
	if p.webhooks, _, err = a.webhooks(r.Context()); err != nil {
		return err
	}
	if len(c.faults) > 0 {
		status = http.StatusUnprocessableEntity
	} else if p.found, p.more, err = a.manager.FailedDeliveries(r.Context(), c.filter, manage.MostAgain); err != nil {
		return err
	}
	ids := []int64{}
	for _, d := range p.sample() {
		ids = append(ids, d.ID)
	}
	if p.latest, err = a.latest(r.Context(), ids); err != nil {
		return err
	}
	return r.ShowAs(status, page.Page{
		Title: "Send failed again", Section: ui.History,
		Trail: []ui.Crumb{{Name: "Notification History", Path: historyPath}},
	}, againPage(p))
}

// sendFailedAgain sends again what the form says.
func (a *Area) sendFailedAgain(r *page.Request) error {
	if err := r.ParseForm(); err != nil {
		return scout.Errorf(scout.Invalid, "the form could not be read: go back and try again")
	}
	c := readChoice(r.PostForm, r.Clock)
	if len(c.faults) > 0 {
		return a.ask(r, http.StatusUnprocessableEntity, c)
	}
	done, err := a.manager.SendAgainAll(r.Context(), c.filter, manage.MostAgain)
	if err != nil && done.Sent == 0 {
		return err
	}
	if len(done.Left) == 0 && !done.More {
		return r.Done(historyPath, sentAgain(done.Sent))
	}
	r.Tell(ui.Notice{State: ui.Warning, Title: sentAgain(done.Sent), Text: leftBehind(done), Action: "See what is left", Path: againPath})
	return r.Redirect(historyPath)
}

func sentAgain(n int) string {
	if n == 1 {
		return "1 delivery is sent again now"
	}
	return deliveries(n) + " are sent again now"
}

func deliveries(n int) string {
	if n == 1 {
		return "1 delivery"
	}
	return fmt.Sprintf("%d deliveries", n)
}

// mostNamed is how many deliveries that were not sent again are named.
const mostNamed = 5

// leftBehind names what was not sent again.
func leftBehind(done manage.SentAgain) string {
	parts := []string{}
	for _, n := range done.Left[:min(mostNamed, len(done.Left))] {
		parts = append(parts, fmt.Sprintf("%d to %s (%s)", n.Delivery.ID, name(n.Delivery.Webhook), n.Why))
	}
	if rest := len(done.Left) - mostNamed; rest > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", rest))
	}
	text := ""
	if len(parts) > 0 {
		text = "Not sent again: " + strings.Join(parts, "; ") + "."
	}
	if done.More {
		text += " There are older ones: send again once more."
	}
	return strings.TrimSpace(text)
}
