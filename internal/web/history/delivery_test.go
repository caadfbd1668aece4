package history_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// preformatted lists the texts that keep their own lines.
func (a answer) preformatted() []string {
	var list []string
	for _, n := range a.all("pre") {
		var b strings.Builder
		for d := range n.Descendants() {
			if d.Type == html.TextNode {
				b.WriteString(d.Data)
			}
		}
		list = append(list, b.String())
	}
	return list
}

func TestDeliveryTellsItsWholeStory(t *testing.T) {
	t.Parallel()
	r := setup(t)
	ops := r.webhook("ops")
	incident := scout.NewIncidentID(noon)
	first := r.delivered(ops, made{incident: incident})
	job := r.deliver(ops, made{incident: incident, seq: 2, tells: scout.StatusWarning})
	a := attempt(job, 404, "The receiver answered 404: no such hook")
	a.Verdict.RetryAfter = 2 * time.Minute
	r.finish(job, a, scout.Pending, scout.Owed, noon.Add(2*time.Minute))
	behind := r.deliver(ops, made{incident: incident, seq: 3, tells: scout.StatusRecovered, status: scout.Pending, afterID: job.Delivery.ID})

	page := r.get(path(job.Delivery.ID))
	page.says(
		"HTTP on web-1 has a warning", fmt.Sprintf("Delivery %d to ops", job.Delivery.ID),
		"Waiting 1 attempt failed. It waits for its next attempt, in 2 min.",
		"The receiver answered 404: no such hook. Check the webhook's URL: the receiver knows nothing there.",
		"Message connection refused", "Webhook ops https://hooks.example.com/", "Incident "+incident+" event 2, it opened",
		"Webhook-Id "+job.Delivery.MessageID,
		"Not accepted : attempt 1, answer 404 after 43 ms from 192.0.2.7:443", "The receiver asked to wait 2 min.",
		"The body is cut here",
	)
	for label, want := range map[string]string{
		incident: "incidents/" + incident, "ops": fmt.Sprint("notifications/settings/", ops.ID),
		fmt.Sprint(first): fmt.Sprint("notifications/deliveries/", first), fmt.Sprint(behind.Delivery.ID): fmt.Sprint("notifications/deliveries/", behind.Delivery.ID),
	} {
		if got := page.link(label); got != want {
			t.Errorf("%s leads to %q, want %q", label, got, want)
		}
	}
	chain := page.rows()
	want := []string{
		fmt.Sprintf("11:00:00 Down %d Delivered", first), "11:00:00 Warning this one Waiting",
		fmt.Sprintf("11:00:00 Recovered %d Waiting waits behind %d", behind.Delivery.ID, job.Delivery.ID),
	}
	if strings.Join(chain, "\n") != strings.Join(want, "\n") {
		t.Errorf("the chain is\n%s\nwant\n%s", strings.Join(chain, "\n"), strings.Join(want, "\n"))
	}
	texts := page.preformatted()
	wantTexts := []string{
		"POST https://hooks.example.com/" + scout.Masked + "\nAuthorization: " + scout.Masked + "\nContent-Type: application/json\n\n" +
			"{\n  \"status\": \"down\",\n  \"message\": \"connection refused\"\n}",
		"HTTP/1.1 404\nServer: nginx\n\nno such hook",
		a.Request.Curl(),
	}
	if strings.Join(texts, "\x00") != strings.Join(wantTexts, "\x00") {
		t.Errorf("the record shows\n%s\nwant\n%s", strings.Join(texts, "\n---\n"), strings.Join(wantTexts, "\n---\n"))
	}
}

// What changes while one looks is marked so.
func TestDeliveryIsLive(t *testing.T) {
	t.Parallel()
	r := setup(t)
	ops := r.webhook("ops")
	incident := scout.NewIncidentID(noon)
	id := r.delivered(ops, made{incident: incident})
	r.delivered(ops, made{incident: incident, seq: 2})
	for at, want := range map[string][]string{
		path(id): {"became", "chained", "tries"}, "/notifications/history": {"counts", "history"},
	} {
		live := map[string]bool{}
		for n := range r.get(at).root.Descendants() {
			for _, key := range n.Attr {
				live[attr(n, "id")] = live[attr(n, "id")] || key.Key == "data-live"
			}
		}
		for _, part := range want {
			if !live[part] {
				t.Errorf("%s: the part %q is not live", at, part)
			}
		}
	}
}

func TestWhatBecameOfADelivery(t *testing.T) {
	t.Parallel()
	operate := func(do func(*store.Tx, int64) error) func(*rig, scout.Webhook) int64 {
		return func(r *rig, w scout.Webhook) int64 {
			id := r.retried(w, made{}, noon.Add(time.Minute))
			must(r.T, r.store.Update(r.Context(), func(tx *store.Tx) error { return do(tx, w.ID) }))
			return id
		}
	}
	tests := map[string]struct {
		make func(*rig, scout.Webhook) int64
		want string
	}{
		"delivered": {func(r *rig, w scout.Webhook) int64 { return r.delivered(w, made{}) }, "Delivered ops took it on the 1st attempt, 3 s after it was made."},
		"sending":   {func(r *rig, w scout.Webhook) int64 { return r.deliver(w, made{}).Delivery.ID }, "Sending It is being sent at this moment."},
		"given up":  {func(r *rig, w scout.Webhook) int64 { return r.gaveUp(w, made{}) }, "Failed It was not delivered. 1 attempt failed. It was tried for as long as the settings say, and given up."},
		"gone": {func(r *rig, w scout.Webhook) int64 {
			job := r.deliver(w, made{})
			a := attempt(job, 410, "The receiver answered 410 Gone")
			a.Verdict.Outcome, a.Verdict.Fault = scout.OutcomeDisabled, scout.FaultGone
			r.finish(job, a, scout.DeliveryFailed, scout.Gone, time.Time{})
			return job.Delivery.ID
		}, "The receiver said that it is gone for good. Its webhook is disabled until it is resumed."},
		"never attempted": {func(r *rig, w scout.Webhook) int64 {
			return r.deliver(w, made{status: scout.Pending}).Delivery.ID
		}, "Waiting It waits for its turn: it is due now."},
		"paused":  {operate((*store.Tx).PauseWebhook), "Waiting 1 attempt failed. It waits until its webhook, which is paused, is resumed."},
		"removed": {operate((*store.Tx).DeleteWebhook), "Cancelled It was cancelled. Its webhook was removed."},
		"sent again": {func(r *rig, w scout.Webhook) int64 {
			id := r.gaveUp(w, made{})
			r.post(path(id)+"/send-again", nil)
			return id
		}, "Waiting It waits for its turn: it is due now."},
		"failed, sent again and failed": {func(r *rig, w scout.Webhook) int64 {
			id := r.gaveUp(w, made{})
			r.post(path(id)+"/send-again", nil)
			jobs, err := r.store.Claim(r.Context(), w.ID, 1, noon)
			must(r.T, err)
			r.finish(jobs[0], attempt(jobs[0], 500, "The receiver answered 500"), scout.Pending, scout.Owed, noon.Add(time.Minute))
			return id
		}, "Waiting 1 attempt failed since it was sent again or interrupted. It waits for its next attempt, in 1 min."},
		"held by the receiver": {func(r *rig, w scout.Webhook) int64 {
			job := r.deliver(w, made{})
			_, err := r.store.Finish(r.Context(), scout.Completion{
				Job: job, Attempt: attempt(job, 429, "slow down"), Status: scout.Pending, Reason: scout.Owed, DueAt: noon.Add(time.Minute),
				Now: noon, HoldUntil: noon.Add(time.Hour), Says: scout.SaysFailure,
			})
			must(r.T, err)
			return job.Delivery.ID
		}, "It waits as the receiver asked for, in 1 h."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setup(t)
			r.get(path(tt.make(r, r.webhook("ops")))).says(tt.want)
		})
	}
}

func TestTestDelivery(t *testing.T) {
	t.Parallel()
	r := setup(t)
	job := r.deliver(scout.Webhook{}, made{test: true, server: "test-server"})
	r.finish(job, attempt(job, 0, "no answer within 10 s"), scout.DeliveryFailed, scout.TestFailed, time.Time{})
	page := r.get(path(job.Delivery.ID))
	page.says("Test: HTTP on test-server is down", "It was a test, and a test is tried once.", "(tested before it was saved)", "no answer within 43 ms", "Nothing.")
	page.saysNot("Send again", "Incident "+job.Delivery.IncidentID)
	if a := r.post(path(job.Delivery.ID)+"/send-again", nil); a.status != http.StatusConflict {
		t.Errorf("a test is sent again: %d", a.status)
	}
	r.get(path(r.gaveUp(r.webhook("ops"), made{test: true}))).saysNot("Send again")
}

func TestManyAttemptsComeInPages(t *testing.T) {
	t.Parallel()
	r := setup(t)
	ops := r.webhook("ops")
	job := r.deliver(ops, made{})
	for range 24 {
		r.finish(job, attempt(job, 404, "no"), scout.Pending, scout.Owed, noon)
		jobs, err := r.store.Claim(r.Context(), ops.ID, 1, noon)
		must(t, err)
		job = jobs[0]
	}
	at, seen := path(job.Delivery.ID), 0
	for pages := 1; at != ""; pages++ {
		page := r.get(at)
		seen += len(page.all("details"))
		at = page.link("Earlier")
		if at != "" {
			at = "/" + at
		}
		if pages == 3 && (seen != 24 || at != "" || page.link("Latest") != path(job.Delivery.ID)[1:]) {
			t.Errorf("after 3 pages %d attempts, earlier at %q, latest at %q", seen, at, page.link("Latest"))
		}
		if pages > 3 {
			t.Fatal("there are too many pages")
		}
	}
	for _, before := range []string{"x", "-1", "0"} {
		if a := r.get(path(job.Delivery.ID) + "?before=" + before); a.status != http.StatusNotFound {
			t.Errorf("before=%s = %d", before, a.status)
		}
	}
}

func TestSendOneAgain(t *testing.T) {
	t.Parallel()
	r := setup(t)
	id := r.gaveUp(r.webhook("ops"), made{})
	if a := r.post(path(id)+"/send-again", nil); a.status != http.StatusSeeOther || a.location != path(id) {
		t.Fatalf("answer %d to %q", a.status, a.location)
	}
	d, err := r.store.Delivery(t.Context(), id)
	must(t, err)
	if d.Status != scout.Pending || !d.DueAt.Equal(noon) || len(r.notices) != 1 || r.notices[0].Title != "It is sent again now" {
		t.Errorf("delivery %+v, notices %v", d, r.notices)
	}
	sending := r.deliver(r.webhook("busy"), made{}).Delivery.ID
	for at, want := range map[string]int{
		path(sending) + "/send-again":              http.StatusConflict,
		path(99) + "/send-again":                   http.StatusNotFound,
		"/notifications/deliveries/one/send-again": http.StatusNotFound,
	} {
		if a := r.post(at, nil); a.status != want {
			t.Errorf("POST %s = %d, want %d", at, a.status, want)
		}
	}
	for _, at := range []string{path(99), path(0), "/notifications/deliveries/9999999999999999999", "/notifications/deliveries/x"} {
		if a := r.get(at); a.status != http.StatusNotFound {
			t.Errorf("GET %s = %d", at, a.status)
		}
	}
	r.get(path(sending)).saysNot("Send again")
}
