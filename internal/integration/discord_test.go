package integration_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"serverscout/internal/integration"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

const discordURL = "https://discord.com" + fake.DiscordPath

func TestDiscordRecognise(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		discordURL: true,
		"https://discordapp.com/api/webhooks/1/x":            true,
		"https://ptb.discord.com/api/webhooks/1/x":           true,
		"https://canary.discordapp.com/api/v10/webhooks/1/x": true,
		"HTTPS://DISCORD.com.:443/api/webhooks/1/x":          true,
		"https://discord.com/api/webhooks/1/x/":              true,
		"https://discord.com/api/webhooks/1/x?thread_id=2":   true,
		"http://discord.com/api/webhooks/1/x":                false,
		"https://discord.com:8443/api/webhooks/1/x":          false,
		"https://discord.com/api/webhooks/1/x/slack":         false,
		"https://discord.com/api/webhooks/1/x/github":        false,
		"https://discord.com/api/webhooks/1/":                false,
		"https://discord.com/api/webhooks/name/x":            false,
		"https://discord.com/api/channels/1/x":               false,
		"https://discord.com/webhooks/1/x":                   false,
		"https://discord.com.evil.com/api/webhooks/1/x":      false,
		"https://evildiscord.com/api/webhooks/1/x":           false,
		"https://evil.com/discord.com/api/webhooks/1/x":      false,
		"https://discord.com@evil.com/api/webhooks/1/x":      false,
		"https://www.discord.com/api/webhooks/1/x":           false,
		"https://discord.com/":                               false,
	} {
		if got := integration.Recognise(url).Name == "discord"; got != want {
			t.Errorf("%s: %v, want %v", url, got, want)
		}
	}
}

func TestDiscordHidesTheToken(t *testing.T) {
	t.Parallel()
	const m = scout.Masked
	for _, tc := range []struct {
		url, shown string
		secrets    []string
	}{
		{discordURL, "https://discord.com/api/webhooks/123456789012345678/" + m, []string{"notarealtoken"}},
		{"https://discord.com/api/v10/webhooks/1/x/slack", "https://discord.com/api/v10/webhooks/1/" + m, []string{"x/slack"}},
		{"https://proxy.example/webhooks/1/x?thread_id=2", "https://proxy.example/webhooks/1/" + m + "?thread_id=" + m, []string{"x"}},
		{"https://proxy.example/secret", "https://proxy.example/" + m, []string{"secret"}},
		{"https://proxy.example", "https://proxy.example", nil},
	} {
		if got := integration.DisplayURL("discord", tc.url); got != tc.shown {
			t.Errorf("shown %s, want %s", got, tc.shown)
		}
		req, err := format(t, "discord").Render(down(), integration.Target{URL: tc.url})
		if diff := cmp.Diff(tc.secrets, req.Secrets); err != nil || diff != "" || req.URL != tc.url {
			t.Errorf("%s became %s: %v (-want +got):\n%s", tc.url, req.URL, err, diff)
		}
	}
}

func TestDiscordValidate(t *testing.T) {
	t.Parallel()
	thread := scout.Settings{"thread_name": "Outages"}
	for name, tc := range map[string]struct {
		target integration.Target
		want   map[string]string
	}{
		"right":         {integration.Target{URL: discordURL}, nil},
		"a thread":      {integration.Target{URL: discordURL + "?thread_id=1"}, nil},
		"a new thread":  {integration.Target{URL: discordURL, Settings: thread}, nil},
		"no URL at all": {integration.Target{URL: "://"}, nil},
		"Slack's form": {integration.Target{URL: discordURL + "/slack"}, map[string]string{
			"url": "ends in /slack and so does not take Discord's own messages: remove that ending",
		}},
		"GitHub's form": {integration.Target{URL: discordURL + "/github/"}, map[string]string{
			"url": "ends in /github and so does not take Discord's own messages: remove that ending",
		}},
		"both threads": {integration.Target{URL: discordURL + "?thread_id=1", Settings: thread}, map[string]string{
			"thread_name": "cannot go with thread_id in the URL: a message goes to a thread or begins one, so remove either",
		}},
	} {
		if diff := cmp.Diff(tc.want, faultsOf(t, "discord", tc.target)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDiscordPreview(t *testing.T) {
	t.Parallel()
	all := previews(t, "discord", integration.Target{URL: discordURL})
	checkCardPreviews(t, all, []string{"Alert 12345", "2024-01-15 10:30 UTC"})
	if _, err := format(t, "discord").Preview([]byte(`{}`)); err == nil {
		t.Error("a body without an embed has a preview")
	}
}

// discordJudge decodes a body by a client's own types, and refuses what those
// do not know.
func discordJudge(t failer, body []byte) discordgo.WebhookParams {
	t.Helper()
	var params discordgo.WebhookParams
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&params); err != nil {
		t.Fatal(err)
	}
	return params
}

func TestDiscordIsReadByAClient(t *testing.T) {
	t.Parallel()
	target := integration.Target{URL: discordURL, Settings: scout.Settings{"username": "Scout", "thread_name": "Outages"}}
	discord := format(t, "discord")
	check := func(t failer, n scout.Notice) {
		params := discordJudge(t, body(t, discord, n, target))
		if len(params.Embeds) != 1 || params.AllowedMentions == nil || params.AllowedMentions.Parse == nil || len(params.AllowedMentions.Parse) != 0 {
			t.Fatalf("%+v", params)
		}
		if params.Username != "Scout" || params.ThreadName != "Outages" || params.Embeds[0].Title == "" || len(params.Embeds[0].Fields) == 0 {
			t.Fatalf("%+v", params)
		}
	}
	for _, n := range goldenCases() {
		check(t, n)
	}
	rapid.Check(t, func(rt *rapid.T) { check(rt, anyNotice().Draw(rt, "notice")) })
}

func TestDiscordAcceptsAll(t *testing.T) {
	t.Parallel()
	channel, forum := &fake.Discord{}, &fake.Discord{Forum: true}
	channelClient, channelURL := receiver(t, channel)
	forumClient, forumURL := receiver(t, forum)
	named := integration.Target{URL: channelURL + fake.DiscordPath, Settings: scout.Settings{"username": "Server Scout"}}
	acceptsAll(t, channelClient, "discord", named, &channel.Recorder)
	begins := integration.Target{URL: forumURL + fake.DiscordPath, Settings: scout.Settings{"thread_name": "Outages"}}
	accepted(t, forumClient, format(t, "discord"), down(), begins, &forum.Recorder)
	goes := integration.Target{URL: forumURL + fake.DiscordPath + "?wait=true&thread_id=1"}
	accepted(t, forumClient, format(t, "discord"), down(), goes, &forum.Recorder)
}

// TestDiscordFillsAnEmbed gives every text its full length in the characters
// that take the most.
func TestDiscordFillsAnEmbed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"x", "*", "😀", "- "} {
		n := down()
		n.Server, n.Service, n.ServerIP, n.Message = strings.Repeat(text, 3000), strings.Repeat(text, 3000), strings.Repeat(text, 3000), strings.Repeat(text, 5000)
		n.AlertID = strings.Repeat("1", 3000)
		n.Link = "https://scout.example/" + strings.Repeat("x", 978)
		n.SentAt = n.At.Add(100 * time.Hour)
		n.Ended = n.At.Add(time.Hour)
		message := body(t, format(t, "discord"), n, integration.Target{URL: discordURL})
		if r := fake.CheckDiscord(fake.DiscordPath, nil, message, false); r != nil {
			t.Errorf("%s: %v", text, r)
		}
		if !bytes.Contains(message, []byte("](https://scout.example/xxx")) {
			t.Errorf("%s: the link gave way to the message", text)
		}
	}
}

func TestDiscordFailures(t *testing.T) {
	t.Parallel()
	service := &fake.Discord{}
	client, url := receiver(t, service)
	target := integration.Target{URL: url + fake.DiscordPath}
	verdicts(t, client, "discord", target, &service.Recorder, []scripted{
		{fake.Reply(404, `{"message":"Unknown Webhook","code":10015}`), scout.Verdict{
			Outcome: scout.OutcomeDisabled, Fault: scout.FaultGone,
			Detail: `Discord does not know the webhook any more: {"message":"Unknown Webhook","code":10015}`,
		}},
		{fake.Reply(404, `{"message":"404: Not Found","code":0}`), retry(scout.FaultMisconfigured, `Discord answered 404: {"message":"404: Not Found","code":0}`)},
		{fake.Reply(404, ""), retry(scout.FaultMisconfigured, "Discord answered 404 Not Found")},
		{
			fake.Reply(401, `{"message":"Invalid Webhook Token","code":50027}`),
			retry(scout.FaultMisconfigured, `Discord answered 401: {"message":"Invalid Webhook Token","code":50027}`),
		},
		{
			fake.Reply(400, `{"message":"Invalid Form Body","code":50035}`),
			retry(scout.FaultMisconfigured, `Discord answered 400: {"message":"Invalid Form Body","code":50035}`),
		},
		{fake.RateLimited("30"), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited, Detail: "Discord answered 429: rate_limited", RetryAfter: 30 * time.Second,
		}},
		{fake.Reply(429, `{"message":"x","retry_after":-1}`), retry(scout.FaultRateLimited, `Discord answered 429: {"message":"x","retry_after":-1}`)},
		{fake.Reply(500, ""), retry(scout.FaultServerError, "Discord answered 500 Internal Server Error")},
		{fake.Reply(404, `{"message":"Unknown Webhook","code":"10015"}`), retry(scout.FaultMisconfigured, `Discord answered 404: {"message":"Unknown Webhook","code":"10015"}`)},
		{fake.Reply(200, `{"code":10015}`), scout.Verdict{Outcome: scout.OutcomeDelivered}},
		{service.Limit(1000.0625), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited, RetryAfter: 1000*time.Second + 62500*time.Microsecond,
			Detail: `Discord answered 429: {"message":"You are being rate limited.","retry_after":1000.0625,"global":false}`,
		}},
	})
}

// TestDiscordWaitsLongEnough gives a fraction that no float holds exactly.
func TestDiscordWaitsLongEnough(t *testing.T) {
	t.Parallel()
	v := integration.Classify(format(t, "discord"), answer(429, `{"retry_after":1.3370000001}`, "Retry-After", "1"), instant)
	if v.RetryAfter < 1337000001*time.Nanosecond || v.RetryAfter > 1337000002*time.Nanosecond {
		t.Errorf("waits %v", v.RetryAfter)
	}
}

func FuzzDiscord(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, server, service, address, message, link string, kind uint8, at, began, sent int64) {
		n := notice(server, service, address, message, link, kind, at, began, sent)
		rendered := body(t, format(t, "discord"), n, integration.Target{URL: discordURL})
		if r := fake.CheckDiscord(fake.DiscordPath, nil, rendered, false); r != nil {
			t.Errorf("%v\n%s", r, rendered)
		}
	})
}
