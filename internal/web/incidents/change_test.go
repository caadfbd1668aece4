package incidents

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

// takeOn acknowledges the incident of a page some time before now.
func (r *rig) takeOn(page string, form url.Values, ago time.Duration) {
	r.Helper()
	now := r.now
	r.now = now.Add(-ago)
	r.post(page+"/acknowledge", form, "/"+page)
	r.now = now
}

// says fails the test unless the next page says something.
func (r *rig) says(want string) {
	r.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.flash); n == 0 || !strings.Contains(r.flash[n-1].Title, want) {
		r.Errorf("the next page says %v, want %q", r.flash, want)
	}
}

// post sends a form that must lead to a page.
func (r *rig) post(path string, form url.Values, to string) {
	r.Helper()
	if a := r.do(http.MethodPost, path, form); a.status != http.StatusSeeOther || a.to != to {
		r.Fatalf("POST %s = %d to %q, want 303 to %q: %s", path, a.status, a.to, to, a.body)
	}
}

func TestAcknowledge(t *testing.T) {
	t.Parallel()
	r := setup(t)
	tale, hooks := r.outage()
	page := "incidents/" + tale.in.ID
	r.get(page).has("#acknowledgement", "Reminders stop until it gets worse.", "Acknowledge")

	long := url.Values{"note": {strings.Repeat("x", 1001)}}
	a := r.do(http.MethodPost, page+"/acknowledge", long)
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("a wrong note = %d, want 422", a.status)
	}
	a.has("#acknowledgement", "must be at most 1000 characters")
	if !strings.Contains(a.body, `value="`+long.Get("note")+`"`) {
		t.Error("the note that was typed is not kept")
	}

	r.takeOn(page, url.Values{"note": {" on my way "}}, 5*time.Minute)
	r.says("You acknowledged the incident.")
	tale.event(happens{kind: scout.Reminder, level: scout.Down, after: 11 * time.Minute, message: tale.in.Message, hooks: hooks[:1]})
	a = r.get(page)
	a.has("#acknowledgement", "Ann took it on 5 min ago", "on my way", "Take it back")
	a.lacks("#acknowledgement", "Reminders stop")
	story := a.at("#story-list")
	opened, acked, reminded := strings.Index(story, "The incident opened"), strings.Index(story, "Ann acknowledged it."), strings.Index(story, "those who did not know")
	if opened < 0 || acked < opened || reminded < acked || strings.Count(story, "Ann acknowledged it.") != 1 {
		t.Errorf("the acknowledgement is not told once in its place: %s", story)
	}

	r.post(page+"/unacknowledge", nil, "/"+page)
	r.get(page).lacks("main", "Ann acknowledged it.", "took it on")
}

func TestAcknowledgementStaysWithThePast(t *testing.T) {
	t.Parallel()
	r := setup(t)
	tale, _ := r.outage()
	page := "incidents/" + tale.in.ID
	r.takeOn(page, nil, 5*time.Minute)
	tale.event(happens{kind: scout.Recovered, level: scout.Up, after: 8 * time.Minute, message: "answers"})
	a := r.get(page)
	a.has("#acknowledgement", "Ann took it on")
	a.lacks("#acknowledgement", "Take it back")
	if a := r.do(http.MethodPost, page+"/acknowledge", nil); a.status != http.StatusConflict {
		t.Errorf("taking on what has ended = %d, want 409", a.status)
	}
	for _, path := range []string{"incidents/5/acknowledge", "incidents/5/unacknowledge"} {
		if a := r.do(http.MethodPost, path, nil); a.status != http.StatusNotFound {
			t.Errorf("%s = %d, want 404", path, a.status)
		}
	}
}

// A page in the middle of all events must not tell again what an earlier page
// tells.
func TestAcknowledgementIsToldOnOnePage(t *testing.T) {
	t.Parallel()
	r := setup(t)
	in := r.begin(r.check("web-1", "HTTP"), "web-1", time.Hour)
	in.event(happens{kind: scout.Opened, level: scout.Down, message: "refused"})
	for i := range 2 * eventsOfPage {
		in.event(happens{kind: scout.Reminder, level: scout.Down, repeats: true, after: time.Duration(i+30) * time.Minute, message: "refused"})
	}
	page := "incidents/" + in.in.ID
	r.takeOn(page, nil, 20*time.Minute) // on the page between
	told, pages := 0, 0
	for next := page + "?all=1"; next != ""; pages++ {
		a := r.get(next)
		told += strings.Count(a.at("#story-list"), "Ann acknowledged it.")
		next = ""
		for _, link := range find(a.doc, "a") {
			if attr(link, "rel") == "prev" {
				next = attr(link, "href")
			}
		}
	}
	if told != 1 || pages != 3 {
		t.Errorf("%d pages tell of it %d times, want 3 and once", pages, told)
	}
}

func TestSendNow(t *testing.T) {
	t.Parallel()
	r := setup(t)
	tale, _ := r.outage()
	other := r.begin(r.check("db-01", "HTTP"), "db-01", time.Hour)
	page := "incidents/" + tale.in.ID
	action := ""
	for _, form := range find(r.get(page).doc, "form") {
		if strings.HasPrefix(attr(form, "action"), page+"/deliveries/") && attr(form, "method") == "post" {
			action = attr(form, "action")
		}
	}
	r.post(action, nil, "/"+page)
	r.says("Discord (ops) is told now.")
	r.get(page).has("#told", "Discord (ops) answers 404. 1 attempt was made; due now.")
	foreign := strings.Replace(action, tale.in.ID, other.in.ID, 1)
	for path, want := range map[string]int{
		foreign:                       http.StatusNotFound,
		page + "/deliveries/999/send": http.StatusNotFound,
		page + "/deliveries/-1/send":  http.StatusNotFound,
		page + "/deliveries/ops/send": http.StatusNotFound,
		fmt.Sprintf("%s/deliveries/%d0000000000000000000/send", page, 1): http.StatusNotFound,
	} {
		if a := r.do(http.MethodPost, path, nil); a.status != want {
			t.Errorf("POST %s = %d, want %d", path, a.status, want)
		}
	}
}

func TestDeleteAsksFirst(t *testing.T) {
	t.Parallel()
	r := setup(t)
	open, hooks := r.outage()
	past := r.begin(r.check("db-01", "PostgreSQL"), "db-01", time.Hour)
	made := past.event(happens{kind: scout.Opened, level: scout.Down, message: "refused", hooks: hooks[:1]})
	past.event(happens{kind: scout.Recovered, level: scout.Up, after: 5 * time.Minute, message: "answers"})
	page := "incidents/" + past.in.ID

	a := r.get(page + "/delete")
	a.has("main", "Delete this incident?", "PostgreSQL on db-01 was down for 4 min.", "2026-03-01 11:00:00 UTC", "Its 2 events", "Cancel")
	if a := r.do(http.MethodPost, page+"/delete", nil); a.status != http.StatusConflict {
		t.Fatalf("deleting what is still owed = %d, want 409", a.status)
	}
	r.attempted(made[0], past.in.Opened, accepted)
	r.post(page+"/delete", nil, "/incidents")
	r.says("The incident of PostgreSQL on db-01 is deleted.")
	if a := r.do(http.MethodGet, page, nil); a.status != http.StatusNotFound {
		t.Errorf("the deleted incident = %d, want 404", a.status)
	}

	a = r.get("incidents/" + open.in.ID)
	a.lacks("#incident-heading", "Delete")
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if a := r.do(method, "incidents/"+open.in.ID+"/delete", nil); a.status != http.StatusConflict {
			t.Errorf("%s of the deletion of an open incident = %d, want 409", method, a.status)
		}
	}
}
