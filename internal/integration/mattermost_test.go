package integration_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/integration"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

const mattermostURL = "https://chat.example.com" + fake.MattermostPath

func TestMattermostIsNotRecognised(t *testing.T) {
	t.Parallel()
	for _, url := range []string{mattermostURL, "https://chat.example.com" + fake.RocketChatPath, "https://mattermost.com/hooks/x"} {
		if got := integration.Recognise(url).Name; got != "native" {
			t.Errorf("%s: %s", url, got)
		}
	}
}

func TestMattermostHidesTheKey(t *testing.T) {
	t.Parallel()
	const m = scout.Masked
	for _, tc := range []struct {
		url, shown string
		secrets    []string
	}{
		{mattermostURL, "https://chat.example.com/hooks/" + m, []string{"notarealkeynotarealkeynota"}},
		{"https://example.com/chat/hooks/id/token/", "https://example.com/chat/hooks/" + m, []string{"id/token"}},
		{"https://example.com/chat/secret", "https://example.com/chat/" + m, []string{"secret"}},
	} {
		if got := integration.DisplayURL("mattermost", tc.url); got != tc.shown {
			t.Errorf("shown %s, want %s", got, tc.shown)
		}
		req, err := format(t, "mattermost").Render(down(), integration.Target{URL: tc.url})
		if diff := cmp.Diff(tc.secrets, req.Secrets); err != nil || diff != "" || req.URL != tc.url {
			t.Errorf("%s became %s: %v (-want +got):\n%s", tc.url, req.URL, err, diff)
		}
	}
}

func TestMattermostPreview(t *testing.T) {
	t.Parallel()
	all := previews(t, "mattermost", integration.Target{URL: mattermostURL})
	checkCardPreviews(t, all, []string{"Alert 12345"})
	if _, err := format(t, "mattermost").Preview([]byte(`{}`)); err == nil {
		t.Error("a body without an attachment has a preview")
	}
}

// TestMattermostTitle checks that a link is never without a title to show it.
func TestMattermostTitle(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ id, link, title string }{
		{"12345", "https://scout.example/", "Alert 12345"},
		{"12345", "", "Alert 12345"},
		{"", "https://scout.example/", "Open in Server Scout"},
		{"", "", ""},
	} {
		n := down()
		n.AlertID, n.Link = tc.id, tc.link
		var message struct {
			Attachments []struct {
				Title string
				Link  string `json:"title_link"`
			}
		}
		if err := json.Unmarshal(body(t, format(t, "mattermost"), n, integration.Target{}), &message); err != nil {
			t.Fatal(err)
		}
		if got := message.Attachments[0]; got.Title != tc.title || got.Link != tc.link {
			t.Errorf("%+v: %+v", tc, got)
		}
	}
}

// TestMattermostBreaksWhatIsLive checks where the space without width goes,
// and that other text is left alone.
func TestMattermostBreaksWhatIsLive(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"@all":                  "@|all",
		"@@here":                "@@|here",
		"~town-square":          `\~|town-square`,
		"#tag":                  "#|tag",
		":100: ::+1:":           ":|100: ::|+1:",
		"https://a.example/b":   "https:|//a.example|/b",
		"www.a.example":         "www|.a.example",
		"see a.com/b":           "see a.com|/b",
		"<!channel> & \\@all":   `&lt;!channel&gt; &amp; \|@|all`,
		"slow: 912 ms":          "slow: 912 ms",
		"192.168.1.100":         "192.168.1.100",
		"db_1 on /var/log":      `db\_1 on /var/log`,
		"a @ b # c ~ d : e.f/g": `a @ b # c \~ d : e.f/g`,
	} {
		n := down()
		n.Message = message
		var got struct{ Attachments []struct{ Text string } }
		if err := json.Unmarshal(body(t, format(t, "mattermost"), n, integration.Target{}), &got); err != nil {
			t.Fatal(err)
		}
		if text := strings.ReplaceAll(got.Attachments[0].Text, "\u200B", "|"); text != want {
			t.Errorf("%q became %q, want %q", message, text, want)
		}
	}
}

func TestMattermostAcceptsAll(t *testing.T) {
	t.Parallel()
	service := &fake.Mattermost{}
	client, url := receiver(t, service)
	for _, target := range []integration.Target{
		{URL: url + fake.MattermostPath, Settings: scout.Settings{"channel": "@someone", "username": "Server Scout"}},
		{URL: url + fake.RocketChatPath},
	} {
		acceptsAll(t, client, "mattermost", target, &service.Recorder)
	}
}

func TestMattermostFailures(t *testing.T) {
	t.Parallel()
	service := &fake.Mattermost{}
	client, url := receiver(t, service)
	verdicts(t, client, "mattermost", integration.Target{URL: url + fake.MattermostPath}, &service.Recorder, []scripted{
		{
			fake.Reply(200, `{"success":false,"error":"Invalid user"}`),
			retry(scout.FaultRejected, `Mattermost answered 200 but not with success: {"success":false,"error":"Invalid user"}`),
		},
		{fake.Reply(200, `{"success":"maybe"}`), scout.Verdict{Outcome: scout.OutcomeDelivered}},
		{fake.Reply(200, "something else"), scout.Verdict{Outcome: scout.OutcomeDelivered}},
		{fake.Reply(400, `{"success":false}`), retry(scout.FaultMisconfigured, `Mattermost answered 400: {"success":false}`)},
		{fake.Reply(404, "no hook"), retry(scout.FaultMisconfigured, "Mattermost answered 404: no hook")},
		{fake.Reply(500, ""), retry(scout.FaultServerError, "Mattermost answered 500 Internal Server Error")},
		{fake.RateLimited("9"), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited, Detail: "Mattermost answered 429: rate_limited", RetryAfter: 9 * time.Second,
		}},
	})
}

func FuzzMattermost(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, server, service, address, message, link string, kind uint8, at, began, sent int64) {
		n := notice(server, service, address, message, link, kind, at, began, sent)
		rendered := body(t, format(t, "mattermost"), n, integration.Target{URL: mattermostURL})
		if r := fake.CheckMattermost(fake.MattermostPath, rendered); r != nil {
			t.Errorf("%v\n%s", r, rendered)
		}
	})
}
