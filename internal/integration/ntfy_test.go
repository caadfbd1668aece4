package integration_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/integration"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

func TestNtfyRecognise(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://ntfy.sh/my-Topic_1":                      "ntfy",
		"https://ntfy.sh/topic/":                          "ntfy",
		"https://NTFY.SH.:443/topic":                      "ntfy",
		"https://user:pw@ntfy.sh/topic?auth=x":            "ntfy",
		"http://ntfy.sh/topic":                            "native",
		"https://ntfy.sh:8443/topic":                      "native",
		"https://ntfy.sh/":                                "native",
		"https://ntfy.sh":                                 "native",
		"https://ntfy.sh/topic/json":                      "native",
		"https://ntfy.sh/two,topics":                      "native",
		"https://ntfy.sh/" + strings.Repeat("x", 65):      "native",
		"https://ntfy.sh.evil.com/topic":                  "native",
		"https://evil-ntfy.sh/topic":                      "native",
		"https://ntfy.sh@evil.com/topic":                  "native",
		"https://evil.com/ntfy.sh/topic":                  "native",
		"https://docs.ntfy.sh/topic":                      "native",
		"https://ntfy.example.com/topic":                  "native",
		"https://ntfy.sh/%2e%2e":                          "native",
		"https://ntfy.sh/topic%2Fwith%2Fslashes":          "native",
		"https://evil.com/?u=https://ntfy.sh/topic#topic": "native",
	} {
		if got := integration.Recognise(url).Name; got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

// TestNtfyPlace checks where a message goes, to which topic, with which token,
// and what of it is masked.
func TestNtfyPlace(t *testing.T) {
	t.Parallel()
	token := func(url string, more ...any) integration.Target {
		s := scout.Settings{"token": "tk_secret"}
		for i := 0; i < len(more); i += 2 {
			s[more[i].(string)] = more[i+1]
		}
		return integration.Target{URL: url, Settings: s}
	}
	basic := token("https://ntfy.sh/alerts")
	basic.Headers = header("authorization", "Basic dTpw")
	for name, tc := range map[string]struct {
		target     integration.Target
		url, topic string
		bearer     string
		secrets    []string
	}{
		"the URL's":          {integration.Target{URL: "https://ntfy.sh/alerts"}, "https://ntfy.sh/", "alerts", "", []string{"alerts"}},
		"slash at the end":   {integration.Target{URL: "https://ntfy.sh/alerts/"}, "https://ntfy.sh/", "alerts", "", []string{"alerts"}},
		"below a prefix":     {integration.Target{URL: "http://10.0.0.1:8080/push/alerts#x"}, "http://10.0.0.1:8080/push/", "alerts", "", []string{"alerts"}},
		"the setting's":      {token("https://ntfy.example", "topic", "alerts"), "https://ntfy.example/", "alerts", "Bearer tk_secret", []string{"alerts", "tk_secret"}},
		"setting and prefix": {token("https://ntfy.example/push/", "topic", "alerts"), "https://ntfy.example/push/", "alerts", "Bearer tk_secret", []string{"alerts", "tk_secret"}},
		"both":               {token("https://ntfy.sh/alerts", "topic", "alerts"), "https://ntfy.sh/", "alerts", "Bearer tk_secret", []string{"alerts", "tk_secret"}},
		"query is kept":      {integration.Target{URL: "https://ntfy.sh/alerts?auth=QmVhcmVyIHg"}, "https://ntfy.sh/?auth=QmVhcmVyIHg", "alerts", "", []string{"QmVhcmVyIHg", "alerts"}},
		"own Authorization":  {basic, "https://ntfy.sh/", "alerts", "", []string{"alerts", "tk_secret"}},
	} {
		if faults := faultsOf(t, "ntfy", tc.target); faults != nil {
			t.Errorf("%s: %v", name, faults)
		}
		req, err := format(t, "ntfy").Render(down(), tc.target)
		if err != nil {
			t.Fatal(err)
		}
		var message struct{ Topic string }
		if err := json.Unmarshal(req.Body, &message); err != nil {
			t.Fatal(err)
		}
		if req.URL != tc.url || message.Topic != tc.topic || req.Header.Get("Authorization") != tc.bearer {
			t.Errorf("%s: %s %q %v, want %s %q %q", name, req.URL, message.Topic, req.Header, tc.url, tc.topic, tc.bearer)
		}
		if diff := cmp.Diff(tc.secrets, req.Secrets); diff != "" {
			t.Errorf("%s: masked (-want +got):\n%s", name, diff)
		}
	}
}

func TestNtfyValidate(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		target      integration.Target
		field, says string
	}{
		"no topic":    {integration.Target{URL: "https://ntfy.sh/"}, "url", "must end in the topic"},
		"bad topic":   {integration.Target{URL: "https://ntfy.sh/s3cret!"}, "url", "letters, digits"},
		"bad setting": {integration.Target{URL: "https://ntfy.sh/", Settings: scout.Settings{"topic": "s3cret!"}}, "topic", "letters, digits"},
		"no URL":      {integration.Target{URL: "https://s3cret\x00"}, "url", "cannot be read"},
	} {
		faults := faultsOf(t, "ntfy", tc.target)
		if len(faults) != 1 || !strings.Contains(faults[tc.field], tc.says) || strings.Contains(fmt.Sprint(faults), "s3cret") {
			t.Errorf("%s: %v, want %q at %s", name, faults, tc.says, tc.field)
		}
	}
	for _, url := range []string{"https://ntfy.sh/", "https://s3cret\x00"} {
		_, err := format(t, "ntfy").Render(down(), integration.Target{URL: url})
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: error %v", url, err)
		}
	}
}

func TestNtfyDisplayURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://ntfy.sh/alerts":                  "https://ntfy.sh/" + scout.Masked,
		"https://ntfy.sh/alerts/":                 "https://ntfy.sh/" + scout.Masked,
		"https://ntfy.example/push/alerts?auth=x": "https://ntfy.example/push/" + scout.Masked + "?auth=" + scout.Masked,
		"https://ntfy.example/":                   "https://ntfy.example/",
		"https://ntfy.example":                    "https://ntfy.example/",
	} {
		if got := integration.DisplayURL("ntfy", url); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

// TestNtfyUrgency checks that priority, emoji and words agree.
func TestNtfyUrgency(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"down":      "5 [red_circle] HTTP on web-server-01 is down",
		"reminder":  "5 [red_circle] HTTP on web-server-01 is still down",
		"warning":   "4 [orange_circle] HTTP on web-server-01 has a warning",
		"recovered": "3 [green_circle] HTTP on web-server-01 has recovered after 5 min 13 s",
		"test":      "5 [red_circle] Test: HTTP on test-server is down",
	}
	got := map[string]string{}
	for name := range want {
		var message struct {
			Priority int
			Tags     []string
			Title    string
		}
		if err := json.Unmarshal(body(t, format(t, "ntfy"), goldenCases()[name], integration.Target{URL: "https://ntfy.sh/t"}), &message); err != nil {
			t.Fatal(err)
		}
		got[name] = fmt.Sprint(message.Priority, " ", message.Tags, " ", message.Title)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNtfyPreview(t *testing.T) {
	t.Parallel()
	all := previews(t, "ntfy", integration.Target{URL: "https://ntfy.sh/t"})
	checkPushPreviews(t, all)
	if p := all["hostile"]; p.Link != "https://scout.example.com/i/%3C%7C%3E?a=1&b=%7C%3C!channel%3E" {
		t.Errorf("link %q", p.Link)
	}
}

// checkPushPreviews checks what telephones show of the golden cases.
func checkPushPreviews(t *testing.T, all map[string]integration.Preview) {
	t.Helper()
	want := integration.Preview{
		Title: "🔴 HTTP on web-server-01 is down",
		Text:  "HTTP service is not responding on port 80",
		Fields: [][2]string{
			{"Server", "web-server-01"},
			{"Service", "HTTP"},
			{"Address", "192.168.1.100"},
			{"Since", "2024-01-15 10:24 UTC (5 min 23 s)"},
			{"Severity", "critical"},
			{"Alert", "12345"},
		},
		Link: "https://scout.example.com/incidents/12345",
	}
	if diff := cmp.Diff(want, all["down"]); diff != "" {
		t.Errorf("down (-want +got):\n%s", diff)
	}
	for name, title := range map[string]string{
		"warning":   "🟠 HTTP on web-server-01 has a warning",
		"reminder":  "🔴 HTTP on web-server-01 is still down",
		"recovered": "🟢 HTTP on web-server-01 has recovered after 5 min 13 s",
		"test":      "🔴 Test: HTTP on test-server is down",
		"missing":   "🔴 A service is down",
	} {
		if all[name].Title != title {
			t.Errorf("%s: title %q, want %q", name, all[name].Title, title)
		}
	}
	missing := integration.Preview{Title: "🔴 A service is down", Fields: [][2]string{{"Severity", "critical"}, {"Alert", "12345"}}}
	if diff := cmp.Diff(missing, all["missing"]); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	if got := all["late"].Notes; !cmp.Equal(got, []string{"Late: happened 02:10 UTC, sent 3 h later; recovered 02:25 UTC"}) {
		t.Errorf("late: notes %q", got)
	}
	for _, part := range []string{"<!channel> @everyone <@U1> [a](http://b)", "&amp; & < > |", "new line tab"} {
		if !strings.Contains(all["hostile"].Text, part) {
			t.Errorf("hostile: %q is not in %q", part, all["hostile"].Text)
		}
	}
	if p := all["oversize"]; !strings.HasSuffix(p.Text, "…") || !strings.HasSuffix(p.Title, "… is down") || p.Link != "" {
		t.Errorf("oversize: %+v", p)
	}
}

func TestNtfyAcceptsAll(t *testing.T) {
	t.Parallel()
	service := &fake.Ntfy{Protected: true}
	client, url := receiver(t, service)
	target := integration.Target{URL: url + "/" + strings.Repeat("t", 64), Settings: scout.Settings{"token": fake.NtfyToken}}
	acceptsAll(t, client, "ntfy", target, &service.Recorder)
}

// TestNtfyLongestBody fills every part with what takes most bytes.
func TestNtfyLongestBody(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"ü", "中", "😀", `"`, `\`} {
		for _, linkLength := range []int{950, 1950} {
			n := down()
			long := strings.Repeat(text, 5000)
			n.Server, n.Service, n.ServerIP, n.Message = long, long, long, long
			n.Link = "https://scout.example/?" + strings.Repeat("中", linkLength)
			message := body(t, format(t, "ntfy"), n, integration.Target{URL: "https://ntfy.sh/" + strings.Repeat("t", 64)})
			if r := fake.CheckNtfy("/", message); r != nil {
				t.Errorf("%s, link of %d: %v", text, linkLength, r)
			}
		}
	}
}

func TestNtfyFailures(t *testing.T) {
	t.Parallel()
	service := &fake.Ntfy{Protected: true}
	client, url := receiver(t, service)
	target := integration.Target{URL: url + "/alerts", Settings: scout.Settings{"token": fake.NtfyToken}}
	verdicts(t, client, "ntfy", target, &service.Recorder, []scripted{
		{
			fake.Reply(429, `{"code":42901,"http":429,"error":"limit reached: too many requests, please be nice","link":"https://ntfy.sh/docs"}`),
			retry(scout.FaultRateLimited, "ntfy answered 429: limit reached: too many requests, please be nice"),
		},
		{
			fake.Reply(507, `{"code":42908,"http":429,"error":"limit reached: too many messages"}`),
			retry(scout.FaultRateLimited, "ntfy answered 507: limit reached: too many messages"),
		},
		{fake.RateLimited("5"), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited, Detail: "ntfy answered 429: rate_limited", RetryAfter: 5 * time.Second,
		}},
		{fake.Reply(403, `{"code":40301,"http":403,"error":"forbidden"}`), retry(scout.FaultMisconfigured, "ntfy answered 403: forbidden")},
		{fake.Reply(500, `{"code":50001,"http":500,"error":"internal server error"}`), retry(scout.FaultServerError, "ntfy answered 500: internal server error")},
		{fake.Reply(404, `{"code":"x"}`), retry(scout.FaultMisconfigured, `ntfy answered 404: {"code":"x"}`)},
	})
	target.Settings = nil
	if got, want := exchange(t, client, format(t, "ntfy"), down(), target), retry(scout.FaultMisconfigured, "ntfy answered 401: unauthorized"); got != want {
		t.Errorf("without a token: %+v, want %+v", got, want)
	}
}

func FuzzNtfy(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, server, service, address, message, link string, kind uint8, at, began, sent int64) {
		n := notice(server, service, address, message, link, kind, at, began, sent)
		published := body(t, format(t, "ntfy"), n, integration.Target{URL: "https://ntfy.sh/alerts"})
		if r := fake.CheckNtfy("/", published); r != nil {
			t.Errorf("%v\n%s", r, published)
		}
	})
}
