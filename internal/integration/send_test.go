package integration_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"serverscout/internal/integration"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

// failer is what *testing.T and *rapid.T have in common here.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// receiver serves a fake and returns a client for it and its address.
func receiver(t *testing.T, h http.Handler) (*http.Client, string) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.Client(), srv.URL
}

// send renders a notice, posts it and returns the verdict on the answer.
func send(t failer, client *http.Client, f integration.Format, n scout.Notice, url string) scout.Verdict {
	t.Helper()
	req, err := f.Render(n, integration.Target{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Post(req.URL, req.ContentType, bytes.NewReader(req.Body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return integration.Classify(f, scout.Response{Status: resp.StatusCode, Header: resp.Header, Body: body}, instant)
}

// delivered sends a notice and fails unless it was accepted and right.
func delivered(t failer, client *http.Client, f integration.Format, n scout.Notice, url string, rec *fake.Recorder) {
	t.Helper()
	v := send(t, client, f, n, url)
	requests := rec.Requests()
	last := requests[len(requests)-1]
	if v.Outcome != scout.OutcomeDelivered || last.Rejection != nil {
		t.Fatalf("%+v, rejection %v, body %s", v, last.Rejection, last.Body)
	}
}

func TestGoldenCasesAreAccepted(t *testing.T) {
	t.Parallel()
	slack, native := &fake.Slack{}, &fake.Native{}
	slackClient, slackURL := receiver(t, slack)
	nativeClient, nativeURL := receiver(t, native)
	for _, n := range goldenCases() {
		delivered(t, nativeClient, format(t, "native"), n, nativeURL, &native.Recorder)
		for _, path := range []string{fake.SlackServicePath, fake.SlackWorkflowPath, fake.SlackTriggerPath} {
			delivered(t, slackClient, format(t, "slack"), n, slackURL+path, &slack.Recorder)
		}
	}
}

// pieces are what hostile text is made of.
var pieces = append(strings.SplitAfter(hostile, " "), "&", "<", ">", "😀", "e\u0301", "\x00", "\xff", "&am", "&lt;", strings.Repeat("<", 200), strings.Repeat("ü", 5000))

func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.Just(""),
		rapid.String(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 20), func(p []string) string { return strings.Join(p, "") }),
	)
}

func anyTime() *rapid.Generator[time.Time] {
	return rapid.OneOf(
		rapid.Just(time.Time{}),
		rapid.Map(rapid.Int64Range(0, 4102444800), func(s int64) time.Time { return time.Unix(s, 999) }),
	)
}

// anyNotice draws a notice with anything in it that people may have typed; the
// alert id is digits, as it always is.
func anyNotice() *rapid.Generator[scout.Notice] {
	return rapid.Custom(func(t *rapid.T) scout.Notice {
		return scout.Notice{
			AlertID:  rapid.StringMatching(`(test-)?[0-9]{1,23}`).Draw(t, "alert id"),
			Server:   anyText().Draw(t, "server"),
			Service:  anyText().Draw(t, "service"),
			ServerIP: anyText().Draw(t, "address"),
			Message:  anyText().Draw(t, "message"),
			Link:     rapid.OneOf(anyText(), rapid.Map(anyText(), func(s string) string { return "https://scout.example/" + s })).Draw(t, "link"),
			Status:   rapid.SampledFrom([]scout.Status{scout.StatusDown, scout.StatusWarning, scout.StatusRecovered}).Draw(t, "status"),
			Kind:     rapid.SampledFrom([]scout.EventKind{scout.Opened, scout.Worsened, scout.Eased, scout.Reminder, scout.Recovered}).Draw(t, "kind"),
			At:       anyTime().Draw(t, "at"),
			Began:    anyTime().Draw(t, "began"),
			Ended:    anyTime().Draw(t, "ended"),
			SentAt:   anyTime().Draw(t, "sent at"),
			Duration: time.Duration(rapid.Int64().Draw(t, "duration")),
			Test:     rapid.Bool().Draw(t, "test"),
		}
	})
}

func TestAnyNoticeIsAcceptedByNative(t *testing.T) {
	t.Parallel()
	native := &fake.Native{}
	client, url := receiver(t, native)
	rapid.Check(t, func(rt *rapid.T) {
		delivered(rt, client, format(t, "native"), anyNotice().Draw(rt, "notice"), url, &native.Recorder)
	})
}

func TestAnyNoticeIsAcceptedBySlack(t *testing.T) {
	t.Parallel()
	slack := &fake.Slack{}
	client, url := receiver(t, slack)
	rapid.Check(t, func(rt *rapid.T) {
		path := rapid.SampledFrom([]string{fake.SlackServicePath, fake.SlackWorkflowPath, fake.SlackTriggerPath}).Draw(rt, "path")
		delivered(rt, client, format(t, "slack"), anyNotice().Draw(rt, "notice"), url+path, &slack.Recorder)
	})
}

func TestSlackFailuresOverHTTP(t *testing.T) {
	t.Parallel()
	slack := &fake.Slack{}
	client, url := receiver(t, slack)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, tc := range []struct {
		answer fake.Answer
		want   scout.Verdict
	}{
		{fake.RateLimited("30"), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited,
			Detail: "Slack answered 429: rate_limited", RetryAfter: 30 * time.Second,
		}},
		{fake.Archived(), scout.Verdict{
			Outcome: scout.OutcomeDisabled, Fault: scout.FaultGone, Detail: "Slack answered 410: channel_is_archived",
		}},
		{fake.Reply(200, "not ok"), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultRejected, Detail: "Slack answered 200 but not with ok: not ok",
		}},
		{fake.Reply(500, ""), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultServerError, Detail: "Slack answered 500 Internal Server Error",
		}},
		{fake.Redirect("https://elsewhere.example/secret"), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultRedirect,
			Detail: "Slack answered 307, a redirect to elsewhere.example, and redirects are not followed: use the final URL",
		}},
	} {
		slack.Script(tc.answer)
		if got := send(t, client, format(t, "slack"), down(), url+fake.SlackServicePath); got != tc.want {
			t.Errorf("verdict %+v, want %+v", got, tc.want)
		}
	}
}
