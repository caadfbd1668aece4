package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Whoever looks, in whatever light, and however narrow the screen, can use the
// pages of the history.
func TestHistoryIsForEverybody(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	failed := s.populate()
	for name, path := range map[string]string{
		"history":          "notifications/history",
		"history-attempts": "notifications/history?view=attempts&tests=none",
		"history-nothing":  "notifications/history?q=nobody",
		"history-fault":    "notifications/history?since=soon&status=lost",
		"delivery":         fmt.Sprintf("notifications/deliveries/%d", failed),
		"send-again":       "notifications/send-again",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := s.tab(t)
			p.open(path)
			p.forEverybody(name)
		})
	}
}

// The address is the state: what is filtered can be copied, and walked back.
func TestFiltersLiveInTheAddress(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.populate()
	p := s.tab(t)
	p.open("notifications/history")
	p.fill("#field-status", "failed")
	p.fill("#field-q", "db-")
	p.follow(".filters button")
	if here := p.here(); !strings.Contains(here, "status=failed") || !strings.Contains(here, "q=db-") {
		t.Errorf("the address is %s", here)
	}
	if n := p.count("tbody tr"); n != 1 {
		t.Errorf("%d deliveries failed on db-01, want 1", n)
	}
	if got := p.value("#field-status"); got != "failed" {
		t.Errorf("the form has forgotten the status: %q", got)
	}
	p.back()
	if n := p.count("tbody tr"); n != 9 || p.here() != "notifications/history" {
		t.Errorf("back is %s with %d deliveries", p.here(), n)
	}
	if got := p.value("#field-status") + p.value("#field-q"); got != "" {
		t.Errorf("back, the form still says %q", got)
	}
	p.click("details summary")
	p.fill("#field-server", "mail-01")
	p.follow(".filters button")
	if got := p.text("tbody tr"); !strings.Contains(got, "mail-01") || !strings.Contains(got, "Sending") {
		t.Errorf("mail-01 has %q", got)
	}
}

func TestSendAgainInTheBrowser(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	failed := s.populate()
	p := s.tab(t)
	p.open(fmt.Sprintf("notifications/deliveries/%d", failed))
	if got := p.text("#became"); !strings.Contains(got, "It was not delivered.") || !strings.Contains(got, "Check the webhook's URL") {
		t.Errorf("it says %q", got)
	}
	p.follow(".heading button")
	if got := p.text(".notice"); !strings.Contains(got, "It is sent again now") {
		t.Errorf("it says %q", got)
	}
	if got := p.text("#became"); !strings.Contains(got, "it is due now") {
		t.Errorf("it says %q", got)
	}
	p.open("notifications/history")
	p.follow(".heading .button")
	if got := p.text("#found"); !strings.Contains(got, "1 delivery failed") {
		t.Errorf("it says %q", got)
	}
	p.follow("#found button")
	if got := p.text(".notice"); !strings.Contains(got, "1 delivery is sent again now") || p.here() != "notifications/history" {
		t.Errorf("at %s it says %q", p.here(), got)
	}
}

// What changes shows by itself; what is folded out stays so.
func TestDeliveryChangesUnderTheReader(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	job := s.owe(s.webhook("Ops"), "web-01", time.Minute)
	list, one := s.tab(t), s.tab(t)
	list.open("notifications/history")
	list.waitText("#pulse", "Live")
	one.open(fmt.Sprintf("notifications/deliveries/%d", job.Delivery.ID))
	one.waitText("#pulse", "Live")
	one.eval("window.same = true", nil)
	s.answer(job, http.StatusOK)
	s.hint("") // a hint wakes one reader alone: here are two
	one.waitText("#became", "Ops took it on the 1st attempt")
	one.waitText("#tries", "answer 200 after 43 ms")
	list.waitText("#history", "Delivered")
	var same bool
	if one.eval("window.same === true", &same); !same {
		t.Error("the page was loaded anew")
	}
}

func TestHistoryByKeys(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.populate()
	p := s.tab(t)
	p.open("notifications/history")
	p.press("jj")
	var focused string
	p.eval("document.activeElement.textContent", &focused)
	if !strings.Contains(focused, "a-very-long-server-name") {
		t.Errorf("the second row is %q", focused)
	}
	if p.arrive(chromedp.KeyEvent(kb.Enter)); !strings.HasPrefix(p.here(), "notifications/deliveries/") {
		t.Errorf("Enter leads to %s", p.here())
	}
	p.press("/")
	p.eval("document.activeElement.id", &focused)
	if focused != "search" {
		t.Errorf("/ leads to %q", focused)
	}
}

// Everything but what is live works with JavaScript off.
func TestHistoryWithoutScript(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	failed := s.populate()
	p := s.tab(t)
	p.withoutScript()
	p.open("notifications/history")
	if got := p.text("#pulse"); !strings.Contains(got, "Reload") {
		t.Errorf("the page says %q: JavaScript is on", got)
	}
	p.fill("#field-status", "failed")
	p.follow(".filters button")
	if n := p.count("tbody tr"); n != 2 {
		t.Errorf("%d deliveries failed, want 2", n)
	}
	p.open(fmt.Sprintf("notifications/deliveries/%d", failed))
	p.follow(".heading button")
	if got := p.text(".notice"); !strings.Contains(got, "It is sent again now") {
		t.Errorf("it says %q", got)
	}
	p.open("notifications/send-again")
	p.follow("#found button")
	if got := p.text(".notice"); !strings.Contains(got, "1 delivery is sent again now") {
		t.Errorf("it says %q", got)
	}
}

func TestWhoIsNotSignedInIsSentToSignIn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := site{base: s.base}.tab(t)
	if status := p.open("notifications/history?status=failed"); status != http.StatusNotFound || p.here() != "sign-in?next=notifications%2Fhistory%3Fstatus%3Dfailed" {
		t.Errorf("it leads to %s, %d", p.here(), status) // which this scene does not have
	}
}
