package integration_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/integration"
	"serverscout/internal/scout"
)

func format(t *testing.T, name string) integration.Format {
	t.Helper()
	f, ok := integration.Lookup(name)
	if !ok {
		t.Fatalf("no format %s", name)
	}
	return f
}

// answer makes a response; header is a list of names and values.
func answer(status int, body string, header ...string) scout.Response {
	r := scout.Response{Status: status, Header: http.Header{}, Body: []byte(body)}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestClassifyByStatus(t *testing.T) {
	t.Parallel()
	const retry = scout.OutcomeRetry
	for status, want := range map[int]struct {
		outcome scout.Outcome
		fault   scout.Fault
	}{
		200: {scout.OutcomeDelivered, scout.NoFault},
		202: {scout.OutcomeDelivered, scout.NoFault},
		204: {scout.OutcomeDelivered, scout.NoFault},
		299: {scout.OutcomeDelivered, scout.NoFault},
		199: {retry, scout.FaultStatus},
		301: {retry, scout.FaultRedirect},
		304: {retry, scout.FaultRedirect},
		308: {retry, scout.FaultRedirect},
		400: {retry, scout.FaultMisconfigured},
		401: {retry, scout.FaultMisconfigured},
		403: {retry, scout.FaultMisconfigured},
		404: {retry, scout.FaultMisconfigured},
		405: {retry, scout.FaultMisconfigured},
		413: {retry, scout.FaultMisconfigured},
		415: {retry, scout.FaultMisconfigured},
		422: {retry, scout.FaultMisconfigured},
		408: {retry, scout.FaultStatus},
		409: {retry, scout.FaultStatus},
		425: {retry, scout.FaultStatus},
		410: {scout.OutcomeDisabled, scout.FaultGone},
		429: {retry, scout.FaultRateLimited},
		500: {retry, scout.FaultServerError},
		503: {retry, scout.FaultServerError},
		599: {retry, scout.FaultServerError},
		600: {retry, scout.FaultStatus},
		0:   {retry, scout.FaultStatus},
	} {
		v := integration.Classify(format(t, "native"), answer(status, "said"), instant)
		if v.Outcome != want.outcome || v.Fault != want.fault {
			t.Errorf("%d: %s %s, want %s %s", status, v.Outcome, v.Fault, want.outcome, want.fault)
		}
		if delivered := v.Outcome == scout.OutcomeDelivered; delivered != (v.Detail == "") {
			t.Errorf("%d: %s with detail %q", status, v.Outcome, v.Detail)
		}
	}
}

func TestClassifyHonoursRetryAfter(t *testing.T) {
	t.Parallel()
	const date, later = "Mon, 15 Jan 2024 12:00:00 GMT", "Mon, 15 Jan 2024 12:00:40 GMT"
	for name, tc := range map[string]struct {
		response scout.Response
		want     time.Duration
	}{
		"rate limited":           {answer(429, "", "Retry-After", "30"), 30 * time.Second},
		"fraction":               {answer(429, "", "Retry-After", "0.5"), 500 * time.Millisecond},
		"unavailable":            {answer(503, "", "Retry-After", "120"), 2 * time.Minute},
		"redirect":               {answer(302, "", "Retry-After", "5"), 5 * time.Second},
		"bad request":            {answer(400, "", "Retry-After", "5"), 5 * time.Second},
		"longer than an hour":    {answer(429, "", "Retry-After", "86400"), time.Hour},
		"by the receiver's date": {answer(503, "", "Retry-After", later, "Date", date), 40 * time.Second},
		"by our clock":           {answer(503, "", "Retry-After", "Mon, 15 Jan 2024 10:30:07 GMT"), 7 * time.Second},
		"none":                   {answer(429, ""), 0},
		"negative":               {answer(429, "", "Retry-After", "-5"), 0},
		"success":                {answer(200, "", "Retry-After", "5"), 0},
		"gone":                   {answer(410, "", "Retry-After", "5"), 0},
	} {
		if v := integration.Classify(format(t, "native"), tc.response, instant); v.RetryAfter != tc.want {
			t.Errorf("%s: %v, want %v", name, v.RetryAfter, tc.want)
		}
	}
	rejected := integration.Classify(format(t, "slack"), answer(200, "not ok", "Retry-After", "5"), instant)
	if rejected.Outcome != scout.OutcomeRetry || rejected.RetryAfter != 0 {
		t.Errorf("a 2xx that failed: %+v, want a retry by the webhook's own schedule", rejected)
	}
}

func TestClassifyDetail(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		format   string
		response scout.Response
		want     string
	}{
		{"slack", answer(404, "no_active_hooks"), "Slack answered 404: no_active_hooks"},
		{"native", answer(500, ""), "The receiver answered 500 Internal Server Error"},
		{"native", answer(599, ""), "The receiver answered 599"},
		{"native", answer(502, "<html><title>502</title></html>"), "The receiver answered 502 Bad Gateway"},
		{"native", answer(400, "a\r\n\tb\x00\x1b[0m \xff"), "The receiver answered 400: a b [0m \uFFFD"},
		{
			"native", answer(301, "", "Location", "https://user:pw@other.example:8443/secret?token=x"),
			"The receiver answered 301, a redirect to other.example:8443, and redirects are not followed: use the final URL",
		},
		{
			"slack", answer(302, "", "Location", "/secret"),
			"Slack answered 302, a redirect to another address, and redirects are not followed: use the final URL",
		},
		{"slack", answer(200, "invalid_token"), "Slack answered 200 but not with ok: invalid_token"},
		{"slack", answer(200, ""), "Slack answered 200 but not with ok: nothing readable"},
	} {
		if v := integration.Classify(format(t, tc.format), tc.response, instant); v.Detail != tc.want {
			t.Errorf("detail %q, want %q", v.Detail, tc.want)
		}
	}
}

func TestClassifyDetailIsBounded(t *testing.T) {
	t.Parallel()
	for _, body := range []string{strings.Repeat("é", 40000), strings.Repeat("\x00\x01", 40000), hostile + hostile + hostile} {
		for _, status := range []int{200, 400} {
			d := integration.Classify(format(t, "slack"), answer(status, body), instant).Detail
			if n := utf8.RuneCountInString(d); n > 300 || !utf8.ValidString(d) || strings.ContainsFunc(d, unicode.IsControl) {
				t.Errorf("detail of %d characters: %q", n, d)
			}
		}
	}
}

func TestClassifySlack(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		response scout.Response
		outcome  scout.Outcome
		fault    scout.Fault
	}{
		{answer(200, "ok"), scout.OutcomeDelivered, scout.NoFault},
		{answer(200, `{"ok":true}`), scout.OutcomeDelivered, scout.NoFault},
		{answer(200, `{"ok":false,"error":"x"}`), scout.OutcomeRetry, scout.FaultRejected},
		{answer(200, `{"ok":"true"}`), scout.OutcomeRetry, scout.FaultRejected},
		{answer(200, "OK"), scout.OutcomeRetry, scout.FaultRejected},
		{answer(200, "ok\n"), scout.OutcomeRetry, scout.FaultRejected},
		{answer(200, "okay"), scout.OutcomeRetry, scout.FaultRejected},
		{answer(200, ""), scout.OutcomeRetry, scout.FaultRejected},
		{answer(204, ""), scout.OutcomeRetry, scout.FaultRejected},
		{answer(200, "<html>captive portal</html>"), scout.OutcomeRetry, scout.FaultRejected},
		{answer(302, "ok"), scout.OutcomeRetry, scout.FaultRedirect},
		{answer(400, "invalid_blocks"), scout.OutcomeRetry, scout.FaultMisconfigured},
		{answer(403, "action_prohibited"), scout.OutcomeRetry, scout.FaultMisconfigured},
		{answer(404, "no_active_hooks"), scout.OutcomeRetry, scout.FaultMisconfigured},
		{answer(410, "channel_is_archived"), scout.OutcomeDisabled, scout.FaultGone},
		{answer(500, "rollup_error"), scout.OutcomeRetry, scout.FaultServerError},
	} {
		v := integration.Classify(format(t, "slack"), tc.response, instant)
		if v.Outcome != tc.outcome || v.Fault != tc.fault {
			t.Errorf("%d %q: %s %s, want %s %s", tc.response.Status, tc.response.Body, v.Outcome, v.Fault, tc.outcome, tc.fault)
		}
	}
}

// TestClassifyPutsTheFormatFirst uses a format whose own words overrule the
// status, and checks that its verdict is bounded too.
func TestClassifyPutsTheFormatFirst(t *testing.T) {
	t.Parallel()
	own := scout.Verdict{Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited, Detail: "a\nb", RetryAfter: 5 * time.Hour}
	f := integration.Format{Classify: func(r scout.Response) (scout.Verdict, bool) { return own, r.Status == 200 }}
	want := scout.Verdict{Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited, Detail: "a b", RetryAfter: time.Hour}
	if diff := cmp.Diff(want, integration.Classify(f, answer(200, ""), instant)); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
	if v := integration.Classify(f, answer(410, ""), instant); v.Outcome != scout.OutcomeDisabled {
		t.Errorf("the general rules did not decide what the format left open: %+v", v)
	}
}
