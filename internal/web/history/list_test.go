package history_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

func TestListSaysWhatBecameOfEachDelivery(t *testing.T) {
	t.Parallel()
	r := setup(t)
	ops := r.webhook("ops")
	r.delivered(ops, made{tells: scout.StatusRecovered, at: noon.Add(-4 * time.Hour)})
	r.gaveUp(ops, made{service: "TCP", at: noon.Add(-3 * time.Hour)})
	first := r.retried(ops, made{tells: scout.StatusWarning, at: noon.Add(-2 * time.Hour)}, noon.Add(2*time.Minute))
	r.deliver(ops, made{status: scout.Pending, afterID: first, at: noon.Add(-time.Hour)})
	r.deliver(ops, made{at: noon.Add(-time.Minute)})
	test := r.deliver(scout.Webhook{}, made{test: true, server: "test-server", at: noon})
	r.finish(test, attempt(test, 500, "The receiver answered 500"), scout.DeliveryFailed, scout.TestFailed, time.Time{})
	want := []string{
		"just now HTTP on test-server is down test A webhook without a name Failed 500 · 43 ms The receiver answered 500.",
		"1 min ago HTTP on web-1 is down ops Sending –",
		fmt.Sprintf("1 h ago HTTP on web-1 is down ops Waiting – Waits behind delivery %d of the same incident.", first),
		"2 h ago HTTP on web-1 has a warning ops Waiting none · 43 ms No answer from hooks.example.com within 10 s. Next try in 2 min , at 12:02:00",
		"3 h ago TCP on web-1 is down ops Failed 404 · 43 ms The receiver answered 404: no such hook.",
		"4 h ago HTTP on web-1 has recovered ops Delivered 200 · 43 ms",
	}
	page := r.get("/notifications/history")
	if got := page.rows(); !slices.Equal(got, want) {
		t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	page.says("2 waiting · the longest due 1 h ago", "1 being sent now", "1 failed in the last 24 h", "That is all.")

	attempts := r.get("/notifications/history?view=attempts").rows()
	if len(attempts) != 4 || attempts[1] != "2 h ago HTTP on web-1 has a warning ops Not accepted attempt 1 none · 43 ms No answer from hooks.example.com within 10 s." {
		t.Errorf("attempts\n%s", strings.Join(attempts, "\n"))
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	r := setup(t)
	ops, pager := r.webhook("ops"), r.webhook("pager")
	delivered := r.delivered(ops, made{at: noon.Add(-3 * time.Hour)})
	failed := r.gaveUp(pager, made{server: "db-1", service: "TCP", at: noon.Add(-2 * time.Hour)})
	waiting := r.retried(ops, made{at: noon.Add(-time.Hour)}, noon.Add(time.Minute))
	sample := r.deliver(ops, made{test: true, server: "test-server"})
	r.finish(sample, attempt(sample, 200, ""), scout.Delivered, scout.Owed, time.Time{})
	test := sample.Delivery.ID
	for query, want := range map[string][]int64{
		"":                                  {test, waiting, failed, delivered},
		"webhook=" + fmt.Sprint(pager.ID):   {failed},
		"status=delivered":                  {test, delivered},
		"status=waiting":                    {waiting},
		"status=failed":                     {failed},
		"status=cancelled":                  {},
		"fault=timeout":                     {waiting},
		"fault=misconfigured&status=failed": {failed},
		"fault=gone":                        {},
		"server=db-1":                       {failed},
		"service=TCP":                       {failed},
		"q=EB-":                             {waiting, delivered},
		"q=pager":                           {failed},
		"tests=only":                        {test},
		"tests=none":                        {waiting, failed, delivered},
		"since=2026-03-01T10:00":            {test, waiting, failed},
		"until=2026-03-01T10:00":            {delivered},
		"since=2026-03-01T09:30:00Z&until=2026-03-01T10:30": {failed},
		fmt.Sprint("before=", waiting):                      {failed, delivered},
	} {
		ids := make([]string, len(want))
		for i, id := range want {
			ids[i] = fmt.Sprint(id)
		}
		for _, view := range []string{"?", "?view=attempts&"} { // each has one attempt, of the same number
			a := r.get("/notifications/history" + view + query)
			if got := a.linked(); a.status != http.StatusOK || !slices.Equal(got, ids) {
				t.Errorf("%s%s = %d %v, want %v", view, query, a.status, got, ids)
			}
		}
	}
}

// What was typed stays in the form, and its address is that of the list.
func TestFilterFormKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.zone = "Europe/Berlin"
	a := r.get("/notifications/history?view=attempts&q=a+b&webhook=77&status=waiting&fault=timeout&server=s&service=t&since=2026-03-01T10:00:00Z&until=2026-03-02&tests=none")
	for name, want := range map[string]string{
		"view": "attempts", "q": "a b", "webhook": "77", "status": "waiting", "fault": "timeout", "server": "s", "service": "t",
		"since": "2026-03-01T11:00", "until": "2026-03-02T00:00", "tests": "none",
	} {
		if got := a.value(name); got != want {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
	a.says("Since (Europe/Berlin)", "Webhook 77, removed", "Nothing matches")
	if got := a.link("Clear the filters"); got != "notifications/history?view=attempts" {
		t.Errorf("the filters are cleared at %q", got)
	}
	if got := a.link("Deliveries"); !strings.Contains(got, "q=a+b") || strings.Contains(got, "view=") {
		t.Errorf("the other view is at %q", got)
	}
}

// A time without a zone is one of the reader's.
func TestTimesAreTheReaders(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.delivered(r.webhook("ops"), made{at: noon})
	for zone, want := range map[string]int{"": 1, "Europe/Berlin": 1, "America/New_York": 0, "no/such/zone": 1} {
		r.zone = zone
		if got := len(r.get("/notifications/history?since=2026-03-01T12:00").linked()); got != want {
			t.Errorf("in %q: %d deliveries since noon, want %d", zone, got, want)
		}
	}
}

func TestBadFiltersAreNamed(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.delivered(r.webhook("ops"), made{})
	for query, want := range map[string]string{
		"webhook=ops":                         "That is not one of the list.",
		"webhook=-1":                          "That is not one of the list.",
		"status=lost":                         "Choose one of the list.",
		"status=pending":                      "Choose one of the list.",
		"fault=bad+luck":                      "Choose one of the list.",
		"tests=maybe":                         "Choose one of the list.",
		"since=yesterday":                     "Write a date and a time, such as 2026-03-01T12:00.",
		"until=2026-13-01T00:00":              "Write a date and a time, such as 2026-03-01T12:00.",
		"before=x":                            "That is not one of the list.",
		"q=" + strings.Repeat("x", 501):       "Write less",
		"server=" + strings.Repeat("x", 9000): "Write less",
		"service=" + strings.Repeat("ä", 400): "Write less",
	} {
		a := r.get("/notifications/history?" + query)
		if a.status != http.StatusUnprocessableEntity || len(a.rows()) != 0 {
			t.Errorf("%.40s = %d with %d rows, want 422 with none", query, a.status, len(a.rows()))
		}
		a.says(want)
	}
}

func TestPagesOfTheHistory(t *testing.T) {
	t.Parallel()
	r := setup(t)
	ops := r.webhook("ops")
	want := []string{}
	for range 101 {
		want = append(want, fmt.Sprint(r.delivered(ops, made{})))
	}
	slices.Reverse(want)
	for _, view := range []string{"deliveries", "attempts"} {
		var got []string
		var pages int
		for at := "notifications/history?status=delivered&view=" + view; at != "" && pages < 5; pages++ {
			a := r.get("/" + at)
			got = append(got, a.linked()...)
			if newest := a.link("Newest"); (newest == "") != (pages == 0) || strings.Contains(newest, "before") {
				t.Errorf("%s, page %d leads to the newest at %q", view, pages, newest)
			}
			at = a.link("Older")
		}
		if pages != 3 || !slices.Equal(got, want) {
			t.Errorf("%s: %d pages with %d rows, want 3 with %d", view, pages, len(got), len(want))
		}
	}
	r.get("/notifications/history?before=1").says("Nothing older")
}

func TestEmptyHistory(t *testing.T) {
	t.Parallel()
	a := setup(t).get("/notifications/history")
	a.says("No deliveries yet", "0 waiting", "0 failed in the last 24 h")
	if got := a.link("Set up a webhook"); got != "notifications/settings" {
		t.Errorf("the next step is at %q", got)
	}
}

// Names come from people and from other programs.
func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	r := setup(t)
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	ops := r.webhook("ops" + evil)
	job := r.deliver(ops, made{server: evil, service: evil, message: evil + strings.Repeat("x", 64<<10)})
	a := attempt(job, 404, evil)
	a.Request.Body, a.Response.Body, a.Response.Header = evil, evil+"\x00", [][2]string{{evil, evil}}
	r.finish(job, a, scout.DeliveryFailed, scout.GaveUp, time.Time{})
	for _, at := range []string{
		"/notifications/history", "/notifications/history?view=attempts&q=%22%3E%3Cscript%3E", "/notifications/send-again", path(job.Delivery.ID),
		"/notifications/history?since=%22%3E%3Cscript%3E&server=%22%3E%3Cscript%3E",
	} {
		page := r.get(at)
		if n := len(page.all("script")); n != 1 {
			t.Errorf("%s has %d scripts", at, n)
		}
		if n := len(page.all("img")); n != 0 {
			t.Errorf("%s has %d pictures", at, n)
		}
		if page.size > 100_000 {
			t.Errorf("%s has %d bytes", at, page.size)
		}
	}
}

func TestOnlyThoseSignedInSeeThePages(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.nobody = true
	for _, at := range []string{"/notifications/history?status=failed", "/notifications/send-again", "/notifications/deliveries/1"} {
		if a := r.get(at); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, "/sign-in?next=") {
			t.Errorf("%s = %d to %q", at, a.status, a.location)
		}
	}
	if a := r.post("/notifications/send-again", nil); a.status != http.StatusSeeOther || a.location != "/sign-in" {
		t.Errorf("sending = %d to %q", a.status, a.location)
	}
}

// A page is whole while deliveries come, end and are sent again.
func TestManyReadersAtOnce(t *testing.T) {
	t.Parallel()
	r := setup(t)
	ops := r.webhook("ops")
	id := r.gaveUp(ops, made{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			switch i % 4 {
			case 0:
				err := r.store.Update(t.Context(), func(tx *store.Tx) error { return tx.SendAgain(id) })
				if err != nil {
					t.Error(err)
				}
			case 1:
				r.post("/notifications/send-again", nil)
			default:
				if a := r.get("/notifications/history"); a.status != http.StatusOK || len(a.rows()) != 1 {
					t.Errorf("answer %d with %d rows", a.status, len(a.rows()))
				}
				if a := r.get(path(id)); a.status != http.StatusOK {
					t.Errorf("answer %d", a.status)
				}
			}
		})
	}
	all.Wait()
}
