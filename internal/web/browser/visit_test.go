package browser

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// near lets webhooks made in the browser reach this machine.
const near = "egress:\n  allow: [127.0.0.0/8]\n"

// receiver answers webhooks, and keeps what it is told.
type receiver struct {
	*httptest.Server
	told chan map[string]string
}

func newReceiver(t *testing.T) receiver {
	t.Helper()
	r := receiver{told: make(chan map[string]string, 100)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, in *http.Request) {
		body, err := io.ReadAll(in.Body)
		payload := map[string]string{}
		if err == nil {
			err = json.Unmarshal(body, &payload)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.told <- payload
		_, _ = io.WriteString(w, "thank you")
	}))
	t.Cleanup(r.Close)
	return r
}

// service is a web server that can be broken.
func service(t *testing.T) (*httptest.Server, *atomic.Bool) {
	t.Helper()
	var broken atomic.Bool
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if broken.Load() {
			http.Error(w, "broken", http.StatusInternalServerError)
		}
	}))
	t.Cleanup(s.Close)
	return s, &broken
}

// Whoever opens the printed address for the first time gets from the code to a
// webhook that was told of a service that broke and came back, and sees it
// happen without a reload.
func TestFirstVisit(t *testing.T) {
	t.Parallel()
	p := serveProgram(t, near)
	web, broken := service(t)
	hook := newReceiver(t)
	at := p.tab(t)

	at.open("")
	if here := at.here(); here != "setup" {
		t.Fatalf("the first visit begins at %q", here)
	}
	at.fill("#field-code", "WRONG-CODE")
	at.fill("#field-name", person)
	at.fill("#field-password", password)
	at.fill("#field-again", password)
	if status := at.follow("form.fields button"); status != http.StatusUnprocessableEntity || at.value("#field-name") != person || at.text("#code-error") == "" {
		t.Errorf("a wrong code gets %d, keeps the name %q and says %q", status, at.value("#field-name"), at.text("#code-error"))
	}
	at.forEverybody("setup")
	p.makeAccount(at)

	at.fill("#field-what", web.URL)
	at.click("button[formaction='add/look']")
	at.waitText("#plan", "200 OK")
	at.forEverybody("add")
	at.follow("#plan button.main-action")
	if here := at.here(); here != "notifications/settings/new" {
		t.Fatalf("after the first check comes %q", here)
	}

	at.fill("#field-url", hook.URL)
	at.fill("#field-name", "Chat")
	at.drawn()
	at.click("button[formaction='notifications/settings/test']")
	at.waitText("#answer", "200")
	if told := <-hook.told; told["message"] != "Test alert" || told["server_name"] != "test-server" {
		t.Errorf("the test told %v", told)
	}
	at.forEverybody("webhook-new")
	at.follow("form#webhook button.main-action")

	probe := func(tab *tab, times int) {
		tab.open("servers")
		tab.follow("tbody a.rowlink")
		tab.follow("table a[href^='checks/']")
		for range times {
			tab.eval("document.querySelector('#probe-result').textContent = ''", nil)
			tab.click("button[formaction$='/probe'], form[action$='/probe'] button")
			tab.waitFor("document.querySelector('#probe-result').textContent.trim() !== '' && !document.querySelector('#probe-result').hasAttribute('aria-busy')")
		}
	}
	probe(at, 2)
	at.open("")
	at.waitText("#verdict", "Everything is up")
	broken.Store(true)
	probe(at, 3)
	if told := <-hook.told; told["status"] != "down" || told["severity"] != "critical" {
		t.Errorf("the receiver was told %v", told)
	}
	at.open("")
	at.waitText("#verdict", "1 check is down")
	at.forEverybody("overview")
	at.follow("#incidents a.rowlink")
	at.waitText("#content", "1 of 1 webhook told")
	incident := at.here()
	at.forEverybody("incident")

	broken.Store(false)
	other := p.tab(t)
	p.enter(other)
	probe(other, 2)
	if told := <-hook.told; told["status"] != "recovered" {
		t.Errorf("the receiver was told %v", told)
	}
	at.waitText("#content", "ecovered") // on the page that was open all the time
	if at.here() != incident {
		t.Errorf("the page went to %q by itself", at.here())
	}
}

// All can be done without JavaScript: signing in, adding what is watched and
// whom to tell, and reading what became of it.
func TestWithoutScript(t *testing.T) {
	t.Parallel()
	p := serveProgram(t, near)
	web, _ := service(t)
	hook := newReceiver(t)
	at := p.tab(t)
	at.withoutScript()
	at.open("")
	p.makeAccount(at)
	at.fill("#field-what", web.URL)
	at.follow("button[formaction='add/look']")
	if text := at.text("#plan"); !strings.Contains(text, "200 OK") {
		t.Errorf("the plan says %q", text)
	}
	at.follow("#plan button.main-action")
	at.fill("#field-url", hook.URL)
	at.fill("#field-name", "Chat")
	at.follow("button[formaction='notifications/settings/test']")
	if told := <-hook.told; told["message"] != "Test alert" {
		t.Errorf("the test told %v", told)
	}
	if text := at.text("#content"); !strings.Contains(text, "200") {
		t.Errorf("the answer of the test is not on the page: %q", text)
	}
	at.open("notifications/history?tests=all")
	if status := at.open("notifications/history"); status != http.StatusOK {
		t.Errorf("the history answers %d", status)
	}
}
