package incidents

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

func TestListBeginsWithWhatIsOpen(t *testing.T) {
	t.Parallel()
	r := setup(t)
	open, hooks := r.outage()
	past := r.begin(r.check("db-01", "PostgreSQL"), "db-01", 2*time.Hour)
	for _, d := range past.event(happens{kind: scout.Opened, level: scout.Warning, after: time.Minute, message: "slow", hooks: hooks[:1]}) {
		r.attempted(d, past.in.Opened, accepted)
	}
	for _, d := range past.event(happens{kind: scout.Recovered, level: scout.Up, after: 5*time.Minute + 33*time.Second, message: "fast again", hooks: hooks[:1]}) {
		r.attempted(d, past.in.Latest, accepted)
	}
	a := r.get("incidents")
	a.has("#incidents-heading", "1 incident open")
	a.has("#open", "Down", "HTTP on web-server-01", "connection refused", "12 min ago", "00:12:00", "3 of 4 webhooks told; Discord (ops) answers 404")
	a.lacks("#open", "PostgreSQL")
	a.has("#past", "Recovered", "after warning", "PostgreSQL on db-01", "fast again", "00:05:23", "1 of 1 webhook told")
	a.lacks("#past", "web-server-01")
	for _, in := range []scout.Incident{open.in, past.in} {
		if !strings.Contains(a.body, `href="incidents/`+in.ID+`"`) {
			t.Errorf("the list does not link to incident %s", in.ID)
		}
	}
	if strings.Index(a.text(), "web-server-01") > strings.Index(a.text(), "db-01") {
		t.Error("what is past comes before what is open")
	}
}

func TestListIsFilteredByItsAddress(t *testing.T) {
	t.Parallel()
	r := setup(t)
	down := r.begin(r.check("web-1", "HTTP"), "web-1", time.Hour)
	down.event(happens{kind: scout.Opened, level: scout.Down, message: "refused"})
	warning := r.begin(r.check("web-2", "Disk"), "web-2", 2*time.Hour)
	warning.event(happens{kind: scout.Opened, level: scout.Warning, message: "nearly full"})
	past := r.begin(r.check("db-1", "HTTP"), "db-1", 30*time.Hour)
	past.event(happens{kind: scout.Opened, level: scout.Down, message: "refused"})
	past.event(happens{kind: scout.Recovered, level: scout.Up, after: time.Minute, message: "answers"})
	all := map[string]string{down.in.ID: "down", warning.in.ID: "warning", past.in.ID: "past"}
	for query, want := range map[string]string{
		"":                             "down warning past",
		"?state=open":                  "down warning",
		"?state=past":                  "past",
		"?state=nonsense":              "down warning past",
		"?level=warning":               "warning",
		"?level=down":                  "down past",
		"?server=web-1":                "down",
		"?service=HTTP":                "down past",
		"?text=WEB":                    "down warning",
		"?text=WEB&level=down":         "down",
		"?text=%25":                    "",
		"?since=2026-03-01T10%3A30":    "down",
		"?until=2026-03-01T10%3A30":    "warning past",
		"?until=2026-03-01":            "past",
		"?since=2026-02-28&state=past": "past",
		"?before=" + down.in.ID:        "past",
		"?before=%27%3B--":             "",
		"?server=%3Cscript%3E":         "",
	} {
		a := r.get("incidents" + query)
		var got []string
		for _, id := range []string{down.in.ID, warning.in.ID, past.in.ID} {
			if strings.Contains(a.body, `href="incidents/`+id+`"`) {
				got = append(got, all[id])
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("incidents%s lists %q, want %q", query, got, want)
		}
		if want == "" {
			a.has("main", "No incident matches what is asked for.", "Show all incidents")
		}
	}
}

func TestListIsInTheReadersZone(t *testing.T) {
	t.Parallel()
	r := setup(t)
	in := r.begin(r.check("web-1", "HTTP"), "web-1", time.Hour) // opened at 11:00 UTC, 20:00 in Tokyo
	in.event(happens{kind: scout.Opened, level: scout.Down, message: "refused"})
	r.zone = "Asia/Tokyo"
	r.get("incidents?since=2026-03-01T19%3A59").has("main", "web-1", "Opened since (Asia/Tokyo)")
	r.get("incidents?since=2026-03-01T20%3A01").lacks("#incidents-list", "web-1")
}

func TestListSaysWhatIsWrongWithAFilter(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for query, want := range map[string]string{
		"level=purple":                      "Choose down or warning.",
		"level=up":                          "Choose down or warning.",
		"since=yesterday":                   "Write a date and a time",
		"until=2026-13-01":                  "Write a date and a time",
		"since=2026-03-01&until=2026-02-01": "The end must be later than the beginning.",
		"server=kept&since=tomorrow":        "Write a date and a time",
	} {
		a := r.do(http.MethodGet, "incidents?"+query, nil)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s = %d, want 422", query, a.status)
		}
		a.has("#filters", want)
		if strings.Contains(query, "kept") && !strings.Contains(a.body, `value="kept"`) {
			t.Error("what was typed is not kept")
		}
	}
}

func TestListIsPaged(t *testing.T) {
	t.Parallel()
	r := setup(t)
	c := r.check("web-1", "HTTP")
	for i := range pageSize + 2 {
		in := r.begin(c, "web-1", time.Hour+time.Duration(i)*time.Minute)
		in.event(happens{kind: scout.Opened, level: scout.Down, message: fmt.Sprintf("failure %d.", i)})
		in.event(happens{kind: scout.Recovered, level: scout.Up, after: 30 * time.Second, message: fmt.Sprintf("end %d.", i)})
	}
	first := r.get("incidents?service=HTTP")
	first.has("main", "end 0.", "end 49.", "Nothing is open")
	first.lacks("main", "end 50.")
	older := ""
	for _, link := range find(first.doc, "a") {
		if attr(link, "rel") == "next" {
			older = attr(link, "href")
		}
	}
	if !strings.Contains(older, "service=HTTP") {
		t.Fatalf("the next page is %q, which forgets the filter", older)
	}
	second := r.get(older)
	second.has("main", "end 50.", "end 51.")
	second.lacks("main", "end 49.", "Older")
}

func TestListOfManyOpen(t *testing.T) {
	t.Parallel()
	r := setup(t)
	c := r.check("web-1", "HTTP")
	for i := range openShown + 1 {
		in := r.begin(c, "web-1", time.Hour+time.Duration(i)*time.Minute)
		in.event(happens{kind: scout.Opened, level: scout.Down, message: fmt.Sprintf("failure %d.", i)})
	}
	a := r.get("incidents")
	a.has("main", "More than 25 incidents open", "failure 24.", "All that are open", "Nobody was told")
	a.lacks("main", "failure 25.")
	r.get("incidents?state=open").has("#open", "failure 0.", "failure 25.")
}

func TestListOfNone(t *testing.T) {
	t.Parallel()
	a := setup(t).get("incidents")
	a.has("main", "No incidents", "See what is watched")
	a.lacks("main", "matches")
}

func TestSignedOutReadersSignIn(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.person = ""
	for _, path := range []string{"incidents", "incidents/5"} {
		if a := r.do(http.MethodGet, path, nil); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/sign-in") {
			t.Errorf("%s = %d to %q, want a way to sign in", path, a.status, a.to)
		}
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	attempt := scout.Attempt{ID: 1, Status: 404, Verdict: scout.Verdict{Outcome: scout.OutcomeRetry, Fault: scout.FaultMisconfigured}}
	fault := func(f scout.Fault, o scout.Outcome, status int) scout.Attempt {
		return scout.Attempt{ID: 1, Status: status, Verdict: scout.Verdict{Outcome: o, Fault: f}}
	}
	one := func(s scout.DeliveryStatus, r scout.Reason, a scout.Attempt) scout.Telling {
		return scout.Telling{Webhook: "ops", Delivery: scout.Delivery{Status: s, Reason: r}, Attempt: a}
	}
	done := one(scout.Delivered, scout.Owed, scout.Attempt{ID: 1, Status: 200})
	waiting := one(scout.Pending, scout.Owed, scout.Attempt{})
	tests := map[string][]scout.Telling{
		"Nobody was told":                                      nil,
		"1 of 1 webhook told":                                  {done},
		"2 of 2 webhooks told":                                 {done, done},
		"0 of 1 webhook told; ops answers 404":                 {one(scout.Pending, scout.Owed, attempt)},
		"0 of 1 webhook told; ops answers 404, given up":       {one(scout.DeliveryFailed, scout.GaveUp, attempt)},
		"0 of 1 webhook told; ops: timed out":                  {one(scout.Pending, scout.Owed, fault(scout.FaultTimeout, scout.OutcomeRetry, 0))},
		"0 of 1 webhook told; ops does not accept the message": {one(scout.Pending, scout.Owed, fault(scout.FaultRejected, scout.OutcomeRetry, 200))},
		"0 of 1 webhook told; ops: interrupted, so it is not known whether it was told": {one(scout.Pending, scout.Owed, fault(scout.FaultInterrupted, scout.OutcomeInterrupted, 0))},
		"0 of 1 webhook told; ops says that it is gone":                                 {one(scout.DeliveryFailed, scout.Gone, attempt)},
		"0 of 1 webhook told; ops was given up":                                         {one(scout.DeliveryFailed, scout.GaveUp, scout.Attempt{})},
		"0 of 1 webhook told; ops was removed":                                          {one(scout.DeliveryCancelled, scout.WebhookRemoved, scout.Attempt{})},
		"0 of 1 webhook told; ops was never told the beginning":                         {one(scout.DeliveryCancelled, scout.NeverTold, scout.Attempt{})},
		"0 of 1 webhook told; ops is being told":                                        {one(scout.Sending, scout.Owed, scout.Attempt{})},
		"1 of 2 webhooks told; ops waits":                                               {done, waiting},
		"1 of 4 webhooks told; ops answers 404, given up; ops waits; 1 more not told": {
			done, waiting, waiting, one(scout.DeliveryFailed, scout.GaveUp, attempt),
		},
	}
	for want, tellings := range tests {
		if got := sumUp(tellings).line(); got != want {
			t.Errorf("the line is %q, want %q", got, want)
		}
	}
}
