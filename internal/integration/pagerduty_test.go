package integration_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/PagerDuty/go-pagerduty"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"serverscout/internal/integration"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

const (
	pagerdutyKey   = "0123456789abcdef0123456789ABCDEF"
	otherKey       = "fedcba9876543210fedcba9876543210"
	pagerdutyURL   = "https://events.pagerduty.com/v2/enqueue"
	pagerdutyEUURL = "https://events.eu.pagerduty.com/v2/enqueue"
)

// pagerdutyTarget has the key in the setting.
func pagerdutyTarget(url string) integration.Target {
	return integration.Target{URL: url, Settings: scout.Settings{"routing_key": pagerdutyKey}}
}

func TestPagerDutyRecognise(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		pagerdutyURL:       "pagerduty",
		pagerdutyURL + "/": "pagerduty",
		pagerdutyEUURL:     "pagerduty",
		"https://EVENTS.PagerDuty.com.:443/v2/enqueue":          "pagerduty",
		"https://events.pagerduty.com/integration/k/enqueue":    "pagerduty",
		"https://events.eu.pagerduty.com/integration/k/enqueue": "pagerduty",
		"http://events.pagerduty.com/v2/enqueue":                "native",
		"https://events.pagerduty.com:8443/v2/enqueue":          "native",
		"https://events.pagerduty.com.evil.com/v2/enqueue":      "native",
		"https://evilevents.pagerduty.com/v2/enqueue":           "native",
		"https://events.pagerduty.com@evil.com/v2/enqueue":      "native",
		"https://evil.com/events.pagerduty.com/v2/enqueue":      "native",
		"https://evil.com/?u=https://events.pagerduty.com":      "native",
		"https://events.us.pagerduty.com/v2/enqueue":            "native",
		"https://events.pagerduty.com/v2/change/enqueue":        "native",
		"https://events.pagerduty.com/":                         "native",
		"https://events.pagerduty.com/integration/enqueue":      "native",
	} {
		if got := integration.Recognise(url).Name; got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

// TestPagerDutyKey checks where the key is taken from, in which order, that it
// is masked, and that it is nowhere but in the body.
func TestPagerDutyKey(t *testing.T) {
	t.Parallel()
	inURL := "https://events.eu.pagerduty.com/integration/" + pagerdutyKey + "/enqueue"
	for name, tc := range map[string]struct {
		target integration.Target
		url    string
	}{
		"setting":            {pagerdutyTarget(pagerdutyURL), pagerdutyURL},
		"URL":                {integration.Target{URL: inURL}, pagerdutyEUURL},
		"URL, other host":    {integration.Target{URL: "https://proxy.example/pd/integration/" + pagerdutyKey + "/enqueue?a=b"}, "https://proxy.example/pd/v2/enqueue?a=b"},
		"header":             {integration.Target{URL: pagerdutyURL, Headers: header("Authorization", "Token token="+pagerdutyKey)}, pagerdutyURL},
		"header, quoted":     {integration.Target{URL: pagerdutyURL + "/", Headers: header("authorization", ` TOKEN  token="`+pagerdutyKey+`"`)}, pagerdutyURL},
		"setting before URL": {pagerdutyTarget("https://events.pagerduty.com/integration/" + otherKey + "/enqueue"), pagerdutyURL},
		"URL before header":  {integration.Target{URL: inURL, Headers: header("Authorization", "Token token="+otherKey)}, pagerdutyEUURL},
		"other host as is":   {pagerdutyTarget("https://proxy.example/alerts/"), "https://proxy.example/alerts/"},
	} {
		if faults := faultsOf(t, "pagerduty", tc.target); faults != nil {
			t.Errorf("%s: %v", name, faults)
		}
		req, err := format(t, "pagerduty").Render(down(), tc.target)
		if err != nil {
			t.Fatal(err)
		}
		if req.URL != tc.url || !cmp.Equal(req.Secrets, []string{pagerdutyKey}) {
			t.Errorf("%s: %s, masked %q, want %s", name, req.URL, req.Secrets, tc.url)
		}
		if n := strings.Count(string(req.Body), pagerdutyKey); n != 1 || !strings.HasPrefix(string(req.Body), `{"routing_key":"`+pagerdutyKey) {
			t.Errorf("%s: %s", name, req.Body)
		}
	}
}

func TestPagerDutyValidate(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		target      integration.Target
		field, says string
	}{
		"no key":        {integration.Target{URL: pagerdutyURL}, "routing_key", "Authorization: Token token=KEY"},
		"another token": {integration.Target{URL: pagerdutyURL, Headers: header("Authorization", "Bearer "+pagerdutyKey)}, "routing_key", "/integration/KEY/enqueue"},
		"bad setting":   {integration.Target{URL: pagerdutyURL, Settings: scout.Settings{"routing_key": "short"}}, "routing_key", "32 letters and digits"},
		"bad in URL":    {integration.Target{URL: "https://events.pagerduty.com/integration/short/enqueue"}, "url", "32 letters and digits"},
		"bad in header": {integration.Target{URL: pagerdutyURL, Headers: header("Authorization", "Token token=short")}, "headers.Authorization", "32 letters and digits"},
	} {
		faults := faultsOf(t, "pagerduty", tc.target)
		if len(faults) != 1 || !strings.Contains(faults[tc.field], tc.says) || strings.Contains(fmt.Sprint(faults), "short") {
			t.Errorf("%s: %v, want %q at %s", name, faults, tc.says, tc.field)
		}
	}
	if _, err := format(t, "pagerduty").Render(down(), integration.Target{URL: pagerdutyURL}); err == nil {
		t.Error("a message without a key was rendered")
	}
}

func TestPagerDutyDisplayURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://events.pagerduty.com/integration/" + pagerdutyKey + "/enqueue":    "https://events.pagerduty.com/integration/" + scout.Masked + "/enqueue",
		"https://proxy.example/pd/integration/" + pagerdutyKey + "/enqueue/?k=abc": "https://proxy.example/pd/integration/" + scout.Masked + "/enqueue?k=" + scout.Masked,
		pagerdutyURL: pagerdutyURL,
	} {
		if got := integration.DisplayURL("pagerduty", url); got != want {
			t.Errorf("%s\n got %s\nwant %s", url, got, want)
		}
	}
}

func TestPagerDutySummary(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"down":      "HTTP on web-server-01 is down: HTTP service is not responding on port 80",
		"warning":   "HTTP on web-server-01 has a warning: HTTP service answers slowly: 912 ms",
		"recovered": "HTTP on web-server-01 has recovered after 5 min 13 s: HTTP service is responding again on port 80",
		"reminder":  "HTTP on web-server-01 is still down: HTTP service is not responding on port 80",
		"test":      "Test: HTTP on test-server is down: Test alert",
		"missing":   "A service is down",
		"late": "HTTP on web-server-01 is down: HTTP service is not responding on port 80 " +
			"(happened 02:10 UTC, sent 3 h later; recovered 02:25 UTC)",
	}
	got := map[string]string{}
	for name, p := range previews(t, "pagerduty", pagerdutyTarget(pagerdutyURL)) {
		if _, ok := want[name]; ok {
			got[name] = p.Title
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summaries (-want +got):\n%s", diff)
	}
}

func TestPagerDutyPreview(t *testing.T) {
	t.Parallel()
	all := previews(t, "pagerduty", pagerdutyTarget(pagerdutyURL))
	want := integration.Preview{
		Colour: "#D32F2F",
		Title:  "HTTP on web-server-01 is down: HTTP service is not responding on port 80",
		Fields: [][2]string{
			{"Action", "trigger"},
			{"Alert key", "12345"},
			{"Severity", "critical"},
			{"Source", "web-server-01"},
			{"Component", "HTTP"},
			{"Class", "HTTP"},
			{"Group", "prod, web"},
			{"Address", "192.168.1.100"},
			{"Time", "2024-01-15T10:30:00Z"},
			{"Duration", "00:05:23"},
		},
		Text:   "HTTP service is not responding on port 80",
		Footer: []string{"Server Scout"},
		Link:   "https://scout.example.com/incidents/12345",
	}
	if diff := cmp.Diff(want, all["down"]); diff != "" {
		t.Errorf("down (-want +got):\n%s", diff)
	}
	if p := all["recovered"]; p.Colour != "#2E9E4F" || p.Fields[0] != [2]string{"Action", "resolve"} {
		t.Errorf("recovered: %+v", p)
	}
	if p := all["missing"]; p.Link != "" || !cmp.Equal(p.Fields[3], [2]string{"Source", "unknown"}) || len(p.Fields) != 6 {
		t.Errorf("missing: %+v", p)
	}
}

// judge decodes a body by PagerDuty's own client, and refuses what that does
// not know.
func judge(t failer, body []byte) pagerduty.V2Event {
	t.Helper()
	var event pagerduty.V2Event
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&event); err != nil {
		t.Fatal(err)
	}
	return event
}

// TestPagerDutyIsReadByItsOwnClient checks what the client's types make of the
// body, unknown fields being refused.
func TestPagerDutyIsReadByItsOwnClient(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := anyNotice().Draw(rt, "notice")
		event := judge(rt, body(rt, format(t, "pagerduty"), n, pagerdutyTarget(pagerdutyURL)))
		action, severity := "trigger", n.Status.Severity()
		if n.Status == scout.StatusRecovered {
			action = "resolve"
		}
		if event.RoutingKey != pagerdutyKey || event.Action != action || event.DedupKey != n.AlertID || event.Payload.Severity != severity {
			rt.Fatalf("%+v of %+v", event, n)
		}
		if event.Payload.Source == "" || event.Payload.Summary == "" {
			rt.Fatalf("empty: %+v", event.Payload)
		}
	})
	for name, n := range goldenCases() {
		event := judge(t, body(t, format(t, "pagerduty"), n, pagerdutyTarget(pagerdutyURL)))
		details, err := json.Marshal(event.Payload.Details)
		if err != nil {
			t.Fatal(err)
		}
		var payload scout.Payload
		if err := json.Unmarshal(details, &payload); err != nil || payload.AlertID != n.AlertID || payload.Status != string(n.Status) {
			t.Errorf("%s: details %s, %v", name, details, err)
		}
	}
}

func TestPagerDutyAcceptsAll(t *testing.T) {
	t.Parallel()
	service := &fake.PagerDuty{}
	client, url := receiver(t, service)
	acceptsAll(t, client, "pagerduty", pagerdutyTarget(url+fake.PagerDutyPath), &service.Recorder)
}

// TestPagerDutyLargestEvent fills every part with what takes most bytes.
func TestPagerDutyLargestEvent(t *testing.T) {
	t.Parallel()
	n := down()
	long := strings.Repeat("\x01", 100000)
	n.Server, n.Service, n.ServerIP, n.Message = long, long, long, long
	n.Tags = []string{strings.Repeat("中", 5000)}
	n.Link = "https://scout.example/?" + strings.Repeat("中", 5000)
	if r := fake.CheckPagerDuty(fake.PagerDutyPath, body(t, format(t, "pagerduty"), n, pagerdutyTarget(pagerdutyURL))); r != nil {
		t.Error(r)
	}
}

// TestPagerDutyOpensAndResolvesOneAlert tells an incident to its end, each
// time from what is stored alone, as after a restart.
func TestPagerDutyOpensAndResolvesOneAlert(t *testing.T) {
	t.Parallel()
	service := &fake.PagerDuty{}
	client, url := receiver(t, service)
	target := integration.Target{URL: url + "/integration/" + pagerdutyKey + "/enqueue"}
	cases := goldenCases()
	for _, step := range []struct{ name, open string }{
		{"warning", "12345"},
		{"down", "12345"},
		{"reminder", "12345"},
		{"test", "12345 test-12345"},
		{"recovered", "test-12345"},
	} {
		accepted(t, client, format(t, "pagerduty"), cases[step.name], target, &service.Recorder)
		if open := strings.Join(service.Open(), " "); open != step.open {
			t.Errorf("after %s: open %q, want %q", step.name, open, step.open)
		}
	}
	over := cases["test"]
	over.Status, over.Kind = scout.StatusRecovered, scout.Recovered
	accepted(t, client, format(t, "pagerduty"), over, target, &service.Recorder)
	if open, stray := service.Open(), service.Stray(); len(open) > 0 || len(stray) > 0 {
		t.Errorf("open %q, stray %q", open, stray)
	}
}

func TestPagerDutyFailures(t *testing.T) {
	t.Parallel()
	service := &fake.PagerDuty{}
	client, url := receiver(t, service)
	verdicts(t, client, "pagerduty", pagerdutyTarget(url+fake.PagerDutyPath), &service.Recorder, []scripted{
		{
			fake.Reply(400, `{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect","x"]}`),
			retry(scout.FaultMisconfigured, "PagerDuty answered 400: Event object is invalid: Length of 'routing_key' is incorrect; x"),
		},
		{fake.Reply(400, `{"errors":["a"]}`), retry(scout.FaultMisconfigured, "PagerDuty answered 400: a")},
		{fake.Reply(400, `Bad Request`), retry(scout.FaultMisconfigured, "PagerDuty answered 400: Bad Request")},
		{fake.Reply(429, ``), retry(scout.FaultRateLimited, "PagerDuty answered 429 Too Many Requests")},
		{fake.RateLimited("30"), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited, Detail: "PagerDuty answered 429: rate_limited", RetryAfter: 30 * time.Second,
		}},
		{fake.Reply(500, ``), retry(scout.FaultServerError, "PagerDuty answered 500 Internal Server Error")},
		{fake.Redirect("https://elsewhere.example/x"), retry(scout.FaultRedirect,
			"PagerDuty answered 307, a redirect to elsewhere.example, and redirects are not followed: use the final URL")},
	})
	bad := pagerdutyTarget(url + fake.PagerDutyPath)
	bad.Settings["routing_key"] = "short"
	want := retry(scout.FaultMisconfigured, "PagerDuty answered 400: Event object is invalid: routing_key must have 32 letters and digits")
	if got := exchange(t, client, format(t, "pagerduty"), down(), bad); got != want {
		t.Errorf("verdict %+v, want %+v", got, want)
	}
}

func FuzzPagerDuty(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, server, service, address, message, link string, kind uint8, at, began, sent int64) {
		n := notice(server, service, address, message, link, kind, at, began, sent)
		event := body(t, format(t, "pagerduty"), n, pagerdutyTarget(pagerdutyURL))
		if r := fake.CheckPagerDuty(fake.PagerDutyPath, event); r != nil {
			t.Errorf("%v\n%s", r, event)
		}
	})
}
