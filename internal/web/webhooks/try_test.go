package webhooks_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

// TestWebhookTest looks at the answers of receivers, before and after saving,
// as a part and as a page.
func TestWebhookTest(t *testing.T) {
	t.Parallel()
	const host = "hooks.example.com"
	for name, tt := range map[string]struct {
		url      string
		receiver http.Handler // of the host
		says     []string
	}{
		"200": {"", answering(200, "thank you"), []string{"took the test message", "200 OK", "thank you"}},
		"302": {"", answering(302, "", "Location", "https://other.example.com/secret"), []string{
			"did not take the test message", "302 Found", "a redirect to other.example.com", "Put the address it leads to into the webhook's URL",
		}},
		"401":             {"", answering(401, "who are you"), []string{"401 Unauthorized", "who are you", "Check the webhook's credential"}},
		"404":             {"", answering(404, "no such hook"), []string{"The receiver answered 404: no such hook", "404 Not Found", "Check the webhook's URL"}},
		"410":             {"", answering(410, ""), []string{"410 Gone", "Make a new one"}},
		"429":             {"", answering(429, "", "Retry-After", "30"), []string{"429 Too Many Requests", "Wait: the receiver takes no more for the moment"}},
		"500":             {"", answering(500, "<h1>oops</h1>"), []string{"500 Internal Server Error", "<h1>oops</h1>", "Look into the receiver's log"}},
		"self-signed":     {"https://self-signed.example.com/", answering(200, ""), []string{"did not take", "none: no answer came", "is self-signed"}},
		"refused address": {"http://10.1.2.3/hook", answering(200, ""), []string{"did not take", "none: no answer came", "egress.allow"}},
		"refused port":    {"https://closed.example.com/", nil, []string{"did not take", "refused the connection on port 443"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setup(t)
			if tt.url == "" {
				tt.url = "https://" + host + "/hook?key=hunter22"
			}
			u, err := url.Parse(tt.url)
			r.ok(err)
			if tt.receiver != nil {
				r.receives(u.Hostname(), tt.receiver)
			}
			form := r.filled("url", tt.url, "name", "ops")
			form["header-name"], form["header-value"] = []string{"X-Key"}, []string{"hunter25"}
			common := append(tt.says, "Time taken", "On record as delivery", "What was sent", "Test alert", "X-Key: "+scout.Masked)
			r.part(settings+"/test", form).is(200).says(common...).hides("hunter2")
			page := r.post(settings+"/test", form).is(200).says(common...).hides("hunter25")
			if url, _ := page.field("url"); url != tt.url {
				t.Errorf("the form has the URL %q now", url)
			}

			r.post(settings+"/new", form).is(303)
			saved := r.get(settings + "/1").form("webhook")
			r.part(settings+"/test", saved).is(200).says(common...).hides("hunter2")
			r.post(settings+"/test", saved).is(200).says(common...).hides("hunter2")
			r.post(settings+"/test", url.Values{"form-id": {"1"}}).is(200).says(common...).hides("hunter2")
			on5 := r.get(settings+"/1").is(200).all("a", "href=notifications/deliveries/5")
			if len(on5) != 1 {
				t.Error("the fifth test is not among the latest deliveries")
			}
		})
	}
}

// TestWebhookTestTellsWhatIsChosen sends the state that the preview shows.
func TestWebhookTestTellsWhatIsChosen(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.receives("hooks.example.com", answering(204, ""))
	for _, status := range []string{"down", "warning", "recovered"} {
		form := r.filled("url", "https://hooks.example.com/", "preview", status)
		r.part(settings+"/test", form).is(200).says(`"status":"`+status+`"`, "204 No Content", "(no body)")
	}
}

// TestUnsavedChangesAreTested uses the stored secrets and what was typed.
func TestUnsavedChangesAreTested(t *testing.T) {
	t.Parallel()
	r := setup(t)
	came := make(chan *http.Request, 1)
	r.receives("hooks.example.com", http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { came <- req }))
	w := r.webhook(map[string]any{"name": "ops", "url": "https://hooks.example.com/a?key=hunter22", "headers": map[string]any{"X-Key": "hunter25"}})
	form := r.get(fmt.Sprintf("%s/%d", settings, w.ID)).form("webhook")
	form["header-name"], form["header-value"] = []string{"X-Key", "X-New"}, []string{scout.Masked, "new"}
	r.part(settings+"/test", form).is(200).says("took the test message")
	if got := <-came; got.Header.Get("X-Key") != "hunter25" || got.Header.Get("X-New") != "new" || got.URL.Query().Get("key") != "hunter22" {
		t.Errorf("this came: %s %v", got.URL, got.Header)
	}
	form.Set("url", "https://hooks.example.com.evil.example.com/")
	r.part(settings+"/test", form).is(422).says("host has changed").hides("hunter2")
	if len(r.stored(w.ID).Headers) != 1 {
		t.Error("a test has stored something")
	}
}

// TestDeclaredWebhook tests what the file declares as it is, with the trust of
// the file, whatever the form says.
func TestDeclaredWebhook(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.receives("192.168.1.9", answering(200, ""))
	w := r.declared("file", "http://192.168.1.9/hook")
	path := fmt.Sprintf("%s/%d", settings, w.ID)
	page := r.get(path).is(200).says("change it there and reload", "Header X-Key "+scout.Masked, "http://192.168.1.9/hook").hides("hunter2")
	if len(page.all("input", "name=url"))+len(page.all("a", "href="+path+"/delete")) != 0 {
		t.Error("it can be changed")
	}
	form := page.form("webhook")
	form.Set("url", "http://192.168.1.10/hook")
	r.part(settings+"/test", form).is(200).says("file took the test message", "192.168.1.9")
	r.part(settings+"/preview", form).is(200).says("web-server-01")
	for _, refused := range []string{path, path + "/delete", path + "/rotate", path + "/unsign"} {
		r.post(refused, url.Values{"url": {"https://example.com/"}, "alert_types": {"critical"}, "form-revision": {"1"}}).is(409).says("declared in the configuration file")
	}
	if got := r.stored(w.ID); got.Revision != w.Revision {
		t.Error("it was changed")
	}
}

// steps are one of each outcome.
var steps = []scout.Finding{
	{Step: "DNS", Outcome: scout.FindingPassed, Says: "it has 1 address", Took: 12 * time.Millisecond, Facts: [][2]string{{"Address", "192.0.2.1"}}},
	{Step: "Certificate", Outcome: scout.FindingWarned, Says: "it expires in 3 days", Remedy: "renew it <soon>"},
	{Step: "Answer", Outcome: scout.FindingFailed, Says: "404", Remedy: "check the URL"},
	{Step: "Payload", Outcome: scout.FindingSkipped},
}

// wrapped is a writer as middleware hands it on: only http.ResponseController
// finds what is inside.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// TestDiagnoseStreams sees each step before the next is made.
func TestDiagnoseStreams(t *testing.T) {
	t.Parallel()
	r := setup(t)
	more := make(chan struct{}, 1) // one step may be made
	r.engine.doctor = func(_ context.Context, w scout.Webhook, report func(scout.Finding)) error {
		for _, s := range steps {
			<-more
			report(s)
		}
		<-more
		return nil
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { r.handler.ServeHTTP(wrapped{w}, req) }))
	t.Cleanup(srv.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // what is kept back would never come
	t.Cleanup(cancel)
	request := partRequest(ctx, settings+"/diagnose", r.filled("url", "https://hooks.example.com/"))
	u, err := url.Parse(srv.URL + request.URL.Path)
	r.ok(err)
	request.URL, request.RequestURI, request.Host = u, "", ""
	more <- struct{}{} // the answer begins with the first step
	response, err := srv.Client().Do(request)
	r.ok(err)
	defer response.Body.Close()
	lines := bufio.NewReader(response.Body)
	for i, s := range steps {
		if i > 0 {
			more <- struct{}{}
		}
		if text, err := until(lines, "</li>"); err != nil || !strings.Contains(text, "<strong>"+s.Step.Title()+"</strong>") {
			t.Fatalf("the step after %d is %q, %v", i, text, err)
		}
	}
	more <- struct{}{}
	if text, err := until(lines, "Answer</strong>"); err != nil || !strings.Contains(text, "Alerts do not arrive. What failed: Answer") {
		t.Errorf("it ends with %q, %v", text, err)
	}
}

// until reads up to an end.
func until(r *bufio.Reader, end string) (string, error) {
	text := ""
	for !strings.HasSuffix(text, end) {
		c, err := r.ReadByte()
		if err != nil {
			return text, err
		}
		text += string(c)
	}
	return text, nil
}

// TestDiagnosePage is the diagnosis without JavaScript.
func TestDiagnosePage(t *testing.T) {
	t.Parallel()
	r := setup(t)
	var asked scout.Webhook
	r.engine.doctor = func(_ context.Context, w scout.Webhook, report func(scout.Finding)) error {
		asked = w
		for _, s := range steps {
			report(s)
		}
		return nil
	}
	page := r.post(settings+"/diagnose", r.filled("url", "https://hooks.example.com/", "name", "ops")).is(200).says(
		"Passed DNS 12 ms It has 1 address Address 192.0.2.1", "Warned Certificate", "What to do: Renew it <soon>", "Failed Answer 404", "Skipped Payload",
	)
	if name, _ := page.field("name"); name != "ops" || asked.Name != "ops" || asked.ID != 0 {
		t.Errorf("asked for %q, the form has %q", asked.Name, name)
	}
}

func TestDiagnoseFails(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.engine.doctor = func(_ context.Context, _ scout.Webhook, report func(scout.Finding)) error {
		report(steps[0])
		return errors.New("ébauche")
	}
	form := r.filled("url", "https://hooks.example.com/")
	r.part(settings+"/diagnose", form).is(200).says("DNS", "could not be finished. Ébauche")
	r.post(settings+"/diagnose", form).is(500)
}

func TestDiagnoseConcludes(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for says, list := range map[string][]scout.Finding{
		"Every step passed":        steps[:1],
		"but look at: Certificate": steps[:2],
		"What failed: Answer":      steps,
	} {
		r.engine.doctor = func(_ context.Context, _ scout.Webhook, report func(scout.Finding)) error {
			for _, s := range list {
				report(s)
			}
			return nil
		}
		r.part(settings+"/diagnose", r.filled("url", "https://hooks.example.com/")).is(200).says(says)
	}
}
