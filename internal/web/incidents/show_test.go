package incidents

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

func TestPageOfAnOpenIncident(t *testing.T) {
	t.Parallel()
	r := setup(t)
	tale, hooks := r.outage()
	tale.event(happens{kind: scout.Reminder, level: scout.Down, repeats: true, after: 10 * time.Minute, message: tale.in.Message, hooks: hooks[3:]})
	a := r.get("incidents/" + tale.in.ID)
	if got := a.at("h1"); got != "HTTP on web-server-01 has been down for 12 min" {
		t.Errorf("the heading is %q", got)
	}
	a.has("#incident-facts", "Down", "11:48:00 · 12 min ago", "00:12:00 so far", "192.0.2.7", "prod", tale.in.ID)
	a.lacks("#incident-facts", "Ended", "at worst")
	a.has("#told", "3 of 4 webhooks told", "Discord (ops) answers 404. 1 attempt was made; next try in 2 min.", "Send now")
	a.lacks("#told", "Slack")
	story := a.at("#story-list")
	at := 0
	for _, next := range []string{
		"11:48:00First bad result (2.5 ms).HTTP service is not responding",
		"11:48:10Confirmed by another result (2.5 ms).",
		"11:48:20The incident opened: HTTP is down.",
		"Discord (ops) answers 404.",
		"Slack (ops) was told “down” after 83 ms.",
		"PagerDuty was told “down” after 6 s, at the 2nd attempt.",
		"Warnings only: This alert type is not selected.",
		"11:58:00Reminder: after 10 min, HTTP is still down.",
		"Discord (ops) waits until the message before this one has gone out.",
		"Still open, for 00:12:00 so far.",
	} {
		i := strings.Index(spaced(story[at:]), spaced(next))
		if i < 0 {
			t.Fatalf("the story does not go on with %q: %s", next, story[at:])
		}
		story, at = spaced(story[at:])[i:], 0
	}
	for _, link := range []string{fmt.Sprintf("checks/%d", tale.in.CheckID), "servers/1"} {
		if !strings.Contains(a.body, `href="`+link+`"`) {
			t.Errorf("there is no link to %s", link)
		}
	}
	if strings.Contains(a.body, "s3cr3t") {
		t.Error("the page holds a secret")
	}
}

// spaced takes the spaces out of a text, so that it does not matter how tags
// part it.
func spaced(text string) string { return strings.ReplaceAll(text, " ", "") }

func TestAttemptsFoldOut(t *testing.T) {
	t.Parallel()
	r := setup(t)
	tale, _ := r.outage()
	a := r.get("incidents/" + tale.in.ID)
	folded := find(a.doc, "details")
	found := false
	for _, d := range folded {
		if attr(d, "id") == "" {
			t.Error("what is folded out closes with every change: it has no id")
		}
		text := textOf(d)
		if !strings.Contains(text, "2 attempts") {
			continue
		}
		found = true
		for _, want := range []string{
			"1st attempt, 11:48:20, 83 ms: PagerDuty answered 503: try later.", "2nd attempt, 11:48:26, 83 ms: accepted with 204.",
			"POST https://hooks.example.com/" + scout.Masked, "Authorization: " + scout.Masked, `{"alert_id":"` + tale.in.ID, "HTTP/1.1 503", "try later",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the attempts do not say %q: %s", want, text)
			}
		}
	}
	if !found {
		t.Errorf("no delivery shows its 2 attempts among %d that fold out", len(folded))
	}
}

func TestPageOfAPastIncident(t *testing.T) {
	t.Parallel()
	r := setup(t)
	hooks := r.webhooks("ops", "pager", "late")
	in := r.begin(r.check("db-01", "PostgreSQL"), "db-01", 26*time.Hour)
	made := in.event(happens{kind: scout.Opened, level: scout.Warning, after: 20 * time.Second, message: "slow", hooks: hooks[:1]})
	r.attempted(made[0], in.in.Opened, accepted)
	made = in.event(happens{kind: scout.Worsened, level: scout.Down, after: time.Hour, message: "refused", hooks: hooks[:2]})
	r.attempted(made[0], in.in.Latest, accepted)
	r.attempted(made[1], in.in.Latest, gaveUp)
	made = in.event(happens{kind: scout.Eased, level: scout.Warning, after: 2 * time.Hour, message: "slow again", hooks: hooks[:1]})
	r.attempted(made[0], in.in.Latest, accepted)
	made = in.event(happens{
		kind: scout.Recovered, level: scout.Up, after: 15 * time.Hour, message: "fast", hooks: hooks[:1],
		reasons: []scout.Decision{{WebhookID: hooks[1].ID, Webhook: "pager", Reason: scout.NeverTold}, {WebhookID: hooks[2].ID, Webhook: "late", Reason: "weather"}},
	})
	r.attempted(made[0], in.in.Latest, accepted)
	a := r.get("incidents/" + in.in.ID)
	a.has("h1", "PostgreSQL on db-01 was down for 14 h 59 min")
	a.has("#incident-facts", "Recovered", "at worst", "Down", "2026-02-28 10:00:00", "00:59:50 · 11 h ago", "14:59:50")
	a.has("#told", "1 of 2 webhooks told", "pager was not told. Given up", "The last one: The receiver answered 503.", "Send again")
	a.has("#story-list", "2026-02-28", "It got worse: PostgreSQL is down.", "It eased: PostgreSQL has a warning.", "2026-03-01", "First good result",
		"The incident ended: it lasted 14:59:50 in all.", "pager: Never told that anything was wrong", "late: Not told: weather.")
	a.lacks("#story-list", "Still open", "left out")
	a.has("#payload", `"alert_id": "`+in.in.ID+`"`, `"status": "recovered"`, `"duration": "14:59:50"`)
}

func TestHeldBack(t *testing.T) {
	t.Parallel()
	r := setup(t)
	in := r.begin(r.check("db-01", "PostgreSQL"), "db-01", time.Hour)
	decisions := []scout.Decision{
		{WebhookID: 90, Webhook: "ops", Reason: scout.WebhookPaused},
		{WebhookID: 91, Webhook: "gone", Reason: scout.Disabled},
		{WebhookID: 92, Webhook: "night", Reason: "silenced"},
		{WebhookID: 93, Webhook: "day", Reason: "silenced"},
		{WebhookID: 94, Webhook: "work", Reason: "maintenance"},
		{WebhookID: 95, Webhook: "others", Reason: scout.Filtered},
	}
	in.event(happens{kind: scout.Opened, level: scout.Down, message: "refused", reasons: decisions})
	a := r.get("incidents/" + in.in.ID)
	a.has("#told", "Nobody was told", "ops: Held back by a pause.", "gone: Disabled, because", "night, day: Held back by a silence.", "work: Held back by a maintenance window.")
	a.lacks("#told", "others")
	a.has("#story-list", "others: The filter names other servers")
	in.event(happens{kind: scout.Recovered, level: scout.Up, after: time.Minute, message: "answers", reasons: decisions})
	r.get("incidents/"+in.in.ID).lacks("#told", "Held back")
}

func TestIncidentOfARemovedCheck(t *testing.T) {
	t.Parallel()
	r := setup(t)
	in := r.begin(scout.Check{ID: 99, Name: "HTTP"}, "gone", time.Hour)
	in.event(happens{kind: scout.Opened, level: scout.Down, message: "refused"})
	a := r.get("incidents/" + in.in.ID)
	a.has("#incident-facts", "no longer watched")
	a.has("#story-list", "There was no webhook to be told.")
	a.has("#told", "Nobody was told", "No webhook was owed anything")
	if strings.Contains(a.body, `href="checks/`) {
		t.Error("the page links to a check that was removed")
	}
}

func TestUnknownIncidents(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, id := range []string{"5", "nonsense", "%00", "%2e%2e%2fservers", strings.Repeat("9", 5000), "%3Cscript%3E"} {
		for _, path := range []string{"incidents/" + id, "incidents/" + id + "/delete"} {
			if a := r.do(http.MethodGet, path, nil); a.status != http.StatusNotFound {
				t.Errorf("%s = %d, want 404", path, a.status)
			}
		}
	}
}

// An incident may go on for days, and webhooks be many.
func TestLongIncidentsStayLight(t *testing.T) {
	t.Parallel()
	r := setup(t)
	var hooks []scout.Webhook
	for i := range 20 {
		hooks = append(hooks, r.webhook(fmt.Sprintf("the webhook of team %02d", i)))
	}
	in := r.begin(r.check("db-01", "PostgreSQL"), "db-01", 100*time.Hour)
	tell := func(h happens) {
		t.Helper()
		h.hooks, h.message = hooks, "PostgreSQL is not well at all"
		for i, d := range in.event(h) {
			o := accepted
			if i%3 == 0 {
				o = gaveUp
			}
			o.body = strings.Repeat(`"<&>"`, 500)
			if !h.told {
				r.attempted(d, in.in.Latest, o)
			}
		}
	}
	tell(happens{kind: scout.Opened, level: scout.Warning})
	for i := range 12 {
		kind, level := scout.Worsened, scout.Down
		if i%2 == 1 {
			kind, level = scout.Eased, scout.Warning
		}
		tell(happens{kind: kind, level: level, after: time.Duration(i+1) * time.Minute})
	}
	for i := range 80 {
		tell(happens{kind: scout.Reminder, level: scout.Warning, repeats: true, told: true, after: time.Duration(i+1) * 50 * time.Minute})
	}
	tell(happens{kind: scout.Recovered, level: scout.Up, after: 80 * time.Hour})
	a := r.get("incidents/" + in.in.ID)
	a.light()
	a.has("#story-list", "The incident opened", "6 events left out", "78 events left out", "Reminder: after 2 d 18 h", "The incident ended", "Show all events")
	pages, events := 0, 0
	for next := "incidents/" + in.in.ID + "?all=1"; next != ""; pages++ {
		a = r.get(next)
		a.light()
		text := a.at("#story-list")
		events += strings.Count(text, "Reminder:") + strings.Count(text, "It got worse") + strings.Count(text, "It eased") +
			strings.Count(text, "The incident opened") + strings.Count(text, "The incident ended")
		next = ""
		for _, link := range find(a.doc, "a") {
			if attr(link, "rel") == "prev" {
				next = attr(link, "href")
			}
		}
	}
	if events != 94 || pages != 7 {
		t.Errorf("%d pages tell of %d events, want 7 and 94", pages, events)
	}
}

// light fails the test where a page is heavier than any may be.
func (a answer) light() {
	a.Helper()
	if len(a.body) > 100_000 {
		a.Errorf("the page has %d bytes", len(a.body))
	}
}

func TestRemindersAreLeftOut(t *testing.T) {
	t.Parallel()
	for reminders, want := range map[int]string{1: "", 2: "", 3: "1 reminder left out here.", 60: "58 reminders left out here."} {
		r := setup(t)
		hooks := r.webhooks("ops")
		in := r.begin(r.check("db-01", "PostgreSQL"), "db-01", 24*time.Hour)
		in.event(happens{kind: scout.Opened, level: scout.Warning, message: "slow"})
		in.event(happens{kind: scout.Worsened, level: scout.Down, after: time.Minute, message: "refused"})
		for i := range reminders {
			in.event(happens{kind: scout.Reminder, level: scout.Down, repeats: true, after: time.Duration(i+1) * 10 * time.Minute, message: "refused", hooks: hooks, told: true})
		}
		a := r.get("incidents/" + in.in.ID)
		a.has("#story-list", "It got worse", "Told: ops", want)
		a.lacks("#story-list", "ops was told")
		if want == "" {
			a.lacks("#story-list", "left out")
		}
	}
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	r := setup(t)
	evil := `<script>alert("x")</script>`
	hooks := r.webhooks(evil+" hook", strings.Repeat("long ", 100))
	in := r.begin(r.check(evil, evil), evil, time.Hour)
	in.in.Tags = []string{evil}
	made := in.event(happens{kind: scout.Opened, level: scout.Down, message: strings.Repeat(evil, 64<<10/len(evil)), hooks: hooks})
	o := refused
	o.body, o.verdict.Detail = strings.Repeat(evil, 100), evil
	r.attempted(made[0], noon, o)
	for _, path := range []string{"incidents", "incidents/" + in.in.ID, "incidents/" + in.in.ID + "?all=1&before=%3Cscript%3E"} {
		a := r.get(path)
		a.light()
		if strings.Contains(a.body, "<script>alert") {
			t.Errorf("%s holds what somebody else wrote as markup", path)
		}
		a.has("main", evil)
	}
}

// A clock that was set back, or to another century, must not stop the page.
func TestClockThatJumped(t *testing.T) {
	t.Parallel()
	r := setup(t)
	hooks := r.webhooks("ops")
	in := r.begin(r.check("db-01", "HTTP"), "db-01", -time.Hour) // begins in the future
	made := in.event(happens{kind: scout.Opened, level: scout.Down, after: 20 * time.Second, message: "refused", hooks: hooks})
	r.attempted(made[0], noon.Add(-time.Hour), accepted)
	in.event(happens{kind: scout.Reminder, level: scout.Down, after: -100 * 365 * 24 * time.Hour, message: "refused"})
	a := r.get("incidents/" + in.in.ID)
	a.has("h1", "HTTP on db-01 has been down for 0 ms")
	a.has("#story-list", "was told “down” after 0 ms", "Still open")
}
