package webhooks_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

const settings = "notifications/settings"

func TestEmptyList(t *testing.T) {
	t.Parallel()
	r := setup(t)
	page := r.get(settings).is(200).says("Webhook notifications", "No webhook yet", "192.0.2.7", "Webhooks reach public addresses.")
	if links := page.all("a", "href="+settings+"/new"); len(links) != 2 || textOf(links[0]) != "Add New Webhook" {
		t.Errorf("%d links lead to the form", len(links))
	}
	if len(page.all("table")) != 0 {
		t.Error("there is a table of nothing")
	}
}

// TestList shows a webhook in every state that it can have.
func TestList(t *testing.T) {
	t.Parallel()
	r := setup(t)
	well := r.webhook(map[string]any{"name": "well", "url": "https://well.example.com/?key=hunter22", "alert_types": []any{"critical", "recovery"}})
	unused := r.webhook(map[string]any{"name": "unused", "url": "https://hooks.slack.com/services/T0/B0/hunter22"})
	paused := r.webhook(map[string]any{"name": "paused", "url": "https://paused.example.com/"})
	disabled := r.webhook(map[string]any{"name": "disabled", "url": "https://disabled.example.com/"})
	failing := r.webhook(map[string]any{"name": "failing", "url": "https://failing.example.com/"})
	file := r.declared("file", "http://192.168.1.9/hook")
	r.receives("well.example.com", answering(200, ""))
	r.post(settings+"/test", url.Values{"form-id": {fmt.Sprint(well.ID)}}).is(200)
	r.waits(paused, 2)
	r.waits(disabled, 1)
	r.waits(failing, 1)
	r.ends(disabled, scout.Completion{Status: scout.DeliveryFailed, Reason: scout.Gone, Disable: "the receiver said it is gone", Says: scout.SaysFailure}, "")
	r.ends(failing, scout.Completion{Status: scout.Pending, Reason: scout.Owed, DueAt: now.Add(time.Hour), Delay: time.Hour, Says: scout.SaysFailure}, "The receiver answered 404")
	_, err := r.manager.PauseWebhook(t.Context(), paused.ID)
	r.ok(err)

	page := r.get(settings).is(200).hides("hunter22")
	rows := page.all("tr")[1:]
	for i, want := range [][]string{
		{"well", "https://well.example.com/?key=" + scout.Masked, "Native JSON", "critical, recovery", "Well", "Delivered", "just now"},
		{"unused", "Slack", "critical, warning, recovery", "Not used yet", "none yet"},
		{"paused", "Paused", "held back", "Waiting", "Resume"},
		{"disabled", "Disabled", "since just now", "The receiver said it is gone", "Resume"},
		{"failing", "Failing", "since just now", "The receiver answered 404", "Pause"},
		{"file", "from the file", "Not used yet", "Pause"},
	} {
		text := textOf(rows[i])
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%q is not in the row: %s", part, text)
			}
		}
	}
	if n := len(page.all("a", "href="+fmt.Sprintf("%s/%d/delete", settings, file.ID))); n != 0 {
		t.Error("what the file declares can be deleted")
	}
	page.one("a", "href="+fmt.Sprintf("%s/%d/delete", settings, unused.ID))
}

// ends claims the delivery that waits for a webhook and ends it so.
func (r *rig) ends(w scout.Webhook, c scout.Completion, detail string) {
	r.Helper()
	jobs, err := r.store.Claim(r.Context(), w.ID, 1, now.Add(time.Hour))
	r.ok(err)
	c.Job, c.Now = jobs[0], now
	c.Attempt = scout.Attempt{
		DeliveryID: jobs[0].Delivery.ID, WebhookID: w.ID, Number: 1, StartedAt: now,
		Verdict: scout.Verdict{Outcome: scout.OutcomeRetry, Fault: scout.FaultMisconfigured, Detail: detail},
	}
	_, err = r.store.Finish(r.Context(), c)
	r.ok(err)
}

// TestListIsPaged goes through more webhooks than one page holds.
func TestListIsPaged(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.ok(r.store.Update(t.Context(), func(tx *store.Tx) error {
		for i := range 51 {
			w := scout.Webhook{Name: fmt.Sprintf("webhook %02d", i), URL: scout.NewSecret("https://example.com/"), Format: "native", Source: scout.FromDatabase}
			if err := tx.SaveWebhook(&w); err != nil {
				return err
			}
		}
		return nil
	}))
	page := r.get(settings).is(200)
	if n := len(page.all("tr")) - 1; n != 50 {
		t.Errorf("%d rows are on the first page", n)
	}
	next := attr(page.one("a", "rel=next"), "href")
	page = r.get(next).is(200).says("webhook 50")
	if len(page.all("tr")) != 2 || len(page.all("a", "rel=next")) != 0 {
		t.Error("the second page is not the rest")
	}
	r.get(settings + "?after=99999").is(200).says("No more webhooks")
	r.get(settings + "?after=x").is(200).says("webhook 00")
}
