package integration_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"serverscout/internal/integration"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

const slackURL = "https://hooks.slack.com" + fake.SlackServicePath

func renderSlack(t failer, n scout.Notice, url string) scout.Request {
	t.Helper()
	f, _ := integration.Lookup("slack")
	req, err := f.Render(n, integration.Target{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// slackTexts collects the texts of all text objects of one type.
func slackTexts(t failer, body []byte, kind string) []string {
	t.Helper()
	var tree any
	if err := json.Unmarshal(body, &tree); err != nil {
		t.Fatal(err)
	}
	var texts []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if text, ok := v["text"].(string); ok && v["type"] == kind {
				texts = append(texts, text)
			}
			for _, value := range v {
				walk(value)
			}
		}
	}
	walk(tree)
	return texts
}

// slackText returns the top-level text.
func slackText(t failer, body []byte) string {
	t.Helper()
	var message struct{ Text string }
	if err := json.Unmarshal(body, &message); err != nil {
		t.Fatal(err)
	}
	return message.Text
}

func TestSlackSummary(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"down":      "■ HTTP on web-server-01 is down: HTTP service is not responding on port 80",
		"warning":   "▲ HTTP on web-server-01 has a warning: HTTP service answers slowly: 912 ms",
		"recovered": "● HTTP on web-server-01 has recovered after 5 min 13 s: HTTP service is responding again on port 80",
		"test":      "■ Test: HTTP on test-server is down: Test alert",
		"missing":   "■ A service is down",
		"late": "■ HTTP on web-server-01 is down: HTTP service is not responding on port 80 " +
			"(happened 02:10 UTC, sent 3 h later; recovered 02:25 UTC)",
	}
	got := map[string]string{}
	for name, n := range goldenCases() {
		if _, ok := want[name]; ok {
			got[name] = slackText(t, renderSlack(t, n, slackURL).Body)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summaries (-want +got):\n%s", diff)
	}
}

// TestSlackMarkupHoldsNoUserText puts a mark into every text that people type
// and finds it in plain text objects only, where no markup can come of it.
func TestSlackMarkupHoldsNoUserText(t *testing.T) {
	t.Parallel()
	const mark = "typed"
	rapid.Check(t, func(t *rapid.T) {
		n := anyNotice().Draw(t, "notice")
		n.Server, n.Service, n.ServerIP, n.Message = mark+n.Server, mark+n.Service, mark+n.ServerIP, mark+n.Message
		n.Link = "https://scout.example/"
		body := renderSlack(t, n, slackURL).Body
		for _, text := range slackTexts(t, body, "mrkdwn") {
			if strings.Contains(text, mark) {
				t.Fatalf("user text in markup: %q", text)
			}
		}
		found := slices.ContainsFunc(slackTexts(t, body, "plain_text"), func(s string) bool { return strings.Contains(s, mark) })
		if !found {
			t.Fatal("the text is nowhere")
		}
	})
}

// TestSlackSummaryIsNotMarkup checks that the one text from users outside a
// text object is declared to be no markup.
func TestSlackSummaryIsNotMarkup(t *testing.T) {
	t.Parallel()
	var message map[string]any
	if err := json.Unmarshal(renderSlack(t, down(), slackURL).Body, &message); err != nil {
		t.Fatal(err)
	}
	if message["mrkdwn"] != false {
		t.Errorf("mrkdwn is %v", message["mrkdwn"])
	}
}

func TestSlackCutsWhatIsTooLong(t *testing.T) {
	t.Parallel()
	n := goldenCases()["oversize"]
	n.SentAt = n.At.Add(3 * time.Hour)
	body := renderSlack(t, n, slackURL).Body
	summary := slackText(t, body)
	if !strings.Contains(summary, "… is down: ") || !strings.HasSuffix(summary, "… (happened 10:30 UTC, sent 3 h later)") {
		t.Errorf("the summary lost the state or the delay: %q", summary)
	}
	if n := utf8.RuneCountInString(summary); n < 3000 {
		t.Errorf("the summary was cut to %d characters, more than needed", n)
	}
	if r := fake.CheckSlack(fake.SlackServicePath, body); r != nil {
		t.Error(r)
	}
}

func TestSlackLink(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"":                        "",
		"https://s.example/i/1":   "<https://s.example/i/1|Open in Server Scout>",
		"http://[::1]:8080/i/1":   "<http://[::1]:8080/i/1|Open in Server Scout>",
		"https://s.example/?a&b":  "<https://s.example/?a&amp;b|Open in Server Scout>",
		"https://s.example/<|> x": "<https://s.example/%3C%7C%3E%20x|Open in Server Scout>",
		"https://s.example/?<|>x": "<https://s.example/?%3C%7C%3Ex|Open in Server Scout>",
		"javascript:alert(1)":     "",
		"ftp://s.example/":        "",
		"/incidents/1":            "",
		"https://":                "",
		"https://s.example/" + strings.Repeat("x", 3000): "",
	} {
		n := down()
		n.Link = link
		got := ""
		for _, text := range slackTexts(t, renderSlack(t, n, slackURL).Body, "mrkdwn") {
			if strings.Contains(text, "Open in") {
				got = text
			}
		}
		if got != want {
			t.Errorf("link %q: %q, want %q", link, got, want)
		}
	}
}

// TestSlackWorkflowGetsTheNativeKeys compares the body with that of native.
func TestSlackWorkflowGetsTheNativeKeys(t *testing.T) {
	t.Parallel()
	native, err := format(t, "native").Render(down(), integration.Target{})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fake.SlackWorkflowPath, fake.SlackTriggerPath} {
		if got := renderSlack(t, down(), "https://hooks.slack.com"+path).Body; string(got) != string(native.Body) {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestSlackNamesItsCredential(t *testing.T) {
	t.Parallel()
	for url, want := range map[string][]string{
		"https://hooks.slack.com/services/T0/B0/secret":              {"secret"},
		"https://hooks.slack.com/services/T0/B0/secret/?k=longvalue": {"longvalue", "secret"},
		"https://hooks.slack.com/workflows/T0/A0/1/secret":           {"secret"},
		"https://hooks.slack.com/triggers/T0/1/secret":               {"secret"},
		"https://chat.example.com":                                   nil,
		"://":                                                        nil,
	} {
		if diff := cmp.Diff(want, renderSlack(t, down(), url).Secrets); diff != "" {
			t.Errorf("%s (-want +got):\n%s", url, diff)
		}
	}
}

func FuzzSlack(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, server, service, address, message, link string, kind uint8, at, began, sent int64) {
		n := notice(server, service, address, message, link, kind, at, began, sent)
		for _, path := range []string{fake.SlackServicePath, fake.SlackWorkflowPath} {
			body := renderSlack(t, n, "https://hooks.slack.com"+path).Body
			if r := fake.CheckSlack(path, body); r != nil {
				t.Errorf("%v\n%s", r, body)
			}
		}
	})
}
