package history_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
	"serverscout/internal/web/ui"
)

// statusOf is a delivery's status by now.
func (r *rig) statusOf(id int64) scout.DeliveryStatus {
	r.Helper()
	d, err := r.store.Delivery(r.Context(), id)
	must(r.T, err)
	return d.Status
}

// form is what the page's form posts.
func (a answer) form() url.Values {
	form := url.Values{}
	for _, n := range a.all("input") {
		if attr(n, "type") == "hidden" {
			form.Set(attr(n, "name"), attr(n, "value"))
		}
	}
	return form
}

// Looking counts, and changes nothing; the button does what was shown.
func TestSendFailedAgain(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.zone = "Europe/Berlin"
	ops, pager := r.webhook("ops"), r.webhook("pager")
	old := r.gaveUp(ops, made{at: noon.Add(-26 * time.Hour)})
	paged := r.gaveUp(pager, made{at: noon.Add(-2 * time.Hour)})
	recent := r.gaveUp(ops, made{server: "db-1", at: noon.Add(-time.Hour)})
	r.delivered(ops, made{})

	page := r.get("/notifications/send-again")
	page.says("2 deliveries failed", "Send 2 again", "The receiver answered 404: no such hook.")
	if got := page.value("since"); got != "2026-02-28T13:00" {
		t.Errorf("it counts since %q, want 24 hours ago in the reader's zone", got)
	}
	page = r.get(fmt.Sprintf("/notifications/send-again?since=2026-02-25T00:00&webhook=%d&server=web-1", ops.ID))
	page.says("1 delivery failed", "Send 1 again")
	if got := page.linked(); len(got) != 1 || got[0] != fmt.Sprint(old) {
		t.Errorf("it shows %v", got)
	}
	if r.statusOf(old) != scout.DeliveryFailed {
		t.Error("looking sent it again")
	}
	if a := r.post("/notifications/send-again", page.form()); a.status != http.StatusSeeOther || a.location != "/notifications/history" {
		t.Fatalf("answer %d to %q", a.status, a.location)
	}
	for id, want := range map[int64]scout.DeliveryStatus{old: scout.Pending, paged: scout.DeliveryFailed, recent: scout.DeliveryFailed} {
		if got := r.statusOf(id); got != want {
			t.Errorf("delivery %d is %s, want %s", id, got, want)
		}
	}
	if len(r.notices) != 1 || r.notices[0] != (ui.Notice{State: ui.Up, Title: "1 delivery is sent again now"}) {
		t.Errorf("notices = %v", r.notices)
	}
}

func TestManyFailedAreSampled(t *testing.T) {
	t.Parallel()
	r := setup(t)
	ops := r.webhook("ops")
	for range 13 {
		r.gaveUp(ops, made{})
	}
	page := r.get("/notifications/send-again")
	page.says("13 deliveries failed", "Send 13 again", "and 3 more")
	if n := len(page.rows()); n != 10 {
		t.Errorf("%d are shown", n)
	}
	r.post("/notifications/send-again", page.form())
	if r.notices[0].Title != "13 deliveries are sent again now" {
		t.Errorf("notices = %v", r.notices)
	}
	r.get("/notifications/send-again").says("Nothing to send again")
}

func TestWhatCannotBeReadIsAskedAgain(t *testing.T) {
	t.Parallel()
	r := setup(t)
	id := r.gaveUp(r.webhook("ops"), made{})
	for query, want := range map[string]string{
		"since=":                             "Say since when.",
		"since=soon":                         "Write a date and a time",
		"since=2026-02-25&webhook=everybody": "That is not one of the list.",
		"since=2026-02-25&server=" + strings.Repeat("x", 501): "Write less",
	} {
		form, err := url.ParseQuery(query)
		must(t, err)
		for _, a := range []answer{r.get("/notifications/send-again?" + query), r.post("/notifications/send-again", form)} {
			if a.status != http.StatusUnprocessableEntity {
				t.Errorf("%.60s = %d", query, a.status)
			}
			a.says(want)
			a.saysNot("Send 1 again")
			if got := a.value("server"); got != form.Get("server") {
				t.Errorf("%.60s: the server typed is lost", query)
			}
		}
	}
	if r.statusOf(id) != scout.DeliveryFailed {
		t.Error("it was sent again")
	}
}

// What could not be sent again is named.
func TestPartialFailureIsNamed(t *testing.T) {
	t.Parallel()
	r := setup(t)
	ops, gone := r.webhook("ops"), r.webhook("gone")
	r.gaveUp(ops, made{})
	var lost []int64
	for range 7 {
		lost = append(lost, r.gaveUp(gone, made{}))
	}
	must(t, r.manager.DeleteWebhook(t.Context(), gone.ID, manage.AnyRevision))
	if a := r.post("/notifications/send-again", url.Values{"since": {"2026-02-25"}}); a.status != http.StatusSeeOther {
		t.Fatalf("answer %d", a.status)
	}
	n := r.notices[0]
	named := fmt.Sprintf("Not sent again: %d to gone (the webhook of delivery %[1]d was removed); ", lost[0])
	if n.State != ui.Warning || n.Title != "1 delivery is sent again now" || !strings.HasPrefix(n.Text, named) || !strings.HasSuffix(n.Text, "; and 2 more.") {
		t.Errorf("notice = %+v", n)
	}
}

// full is a ledger that takes so many transactions and no more.
type full struct {
	ledger
	room int
}

func (f *full) Update(ctx context.Context, fn func(manage.Tx) error) error {
	if f.room--; f.room < 0 {
		return errors.New("no space left on device")
	}
	return f.ledger.Update(ctx, fn)
}

func TestAFullDiskIsSaid(t *testing.T) {
	t.Parallel()
	s, err := store.Open(store.Options{Dir: t.TempDir(), Key: make([]byte, 32), Now: func() time.Time { return noon }})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	f := &full{ledger: ledger{s}, room: 1}
	r := on(t, s, f)
	id := r.gaveUp(r.webhook("ops"), made{})
	if a := r.post("/notifications/send-again", url.Values{"since": {"2026-02-25"}}); a.status != http.StatusInternalServerError {
		t.Errorf("answer %d", a.status)
	}
	if r.statusOf(id) != scout.DeliveryFailed || len(r.notices) != 0 {
		t.Errorf("it is %s, and %v is said", r.statusOf(id), r.notices)
	}
}
