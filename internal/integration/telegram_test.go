package integration_test

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/integration"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

const telegramBot = "https://api.telegram.org" + fake.TelegramBotPath

// telegramTarget is a bot and a chat.
func telegramTarget(url string) integration.Target {
	return integration.Target{URL: url, Settings: scout.Settings{"chat_id": "-1001234567890"}}
}

// telegramSent is the part of a message that the tests look at.
type telegramSent struct {
	Chat   string `json:"chat_id"`
	Thread int64  `json:"message_thread_id"`
	Text   string `json:"text"`
}

func telegramMessage(t failer, f integration.Format, n scout.Notice, target integration.Target) telegramSent {
	t.Helper()
	var message telegramSent
	if err := json.Unmarshal(body(t, f, n, target), &message); err != nil {
		t.Fatal(err)
	}
	return message
}

func TestTelegramRecognise(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://api.telegram.org/bot1:a/sendMessage":              "telegram",
		"https://api.telegram.org/bot1:a/sendmessage/":             "telegram",
		"https://api.telegram.org/bot1:a":                          "telegram",
		"https://api.telegram.org/bot1:a/":                         "telegram",
		"https://api.telegram.org/bot1%3Aa/sendMessage?chat_id=-1": "telegram",
		"https://API.Telegram.org.:443/bot1:a/sendMessage":         "telegram",
		"http://api.telegram.org/bot1:a/sendMessage":               "native",
		"https://api.telegram.org:88/bot1:a/sendMessage":           "native",
		"https://api.telegram.org/bot1:a/getUpdates":               "native",
		"https://api.telegram.org/x/bot1:a/sendMessage":            "native",
		"https://api.telegram.org/bot/sendMessage":                 "native",
		"https://api.telegram.org/":                                "native",
		"https://api.telegram.org.evil.com/bot1:a/sendMessage":     "native",
		"https://evilapi.telegram.org/bot1:a/sendMessage":          "native",
		"https://api.telegram.org@evil.com/bot1:a/sendMessage":     "native",
		"https://evil.com/api.telegram.org/bot1:a/sendMessage":     "native",
		"https://t.me/bot1:a/sendMessage":                          "native",
	} {
		if got := integration.Recognise(url).Name; got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

// TestTelegramPlace checks where a message goes and that the token is masked.
func TestTelegramPlace(t *testing.T) {
	t.Parallel()
	thread := telegramTarget(telegramBot)
	thread.Settings["thread_id"] = 42
	const token = "123456:notarealtokennotarealtokennotareal"
	for name, tc := range map[string]struct {
		target  integration.Target
		url     string
		chat    string
		thread  int64
		secrets []string
	}{
		"setting":       {telegramTarget(telegramBot + "/sendMessage"), telegramBot + "/sendMessage", "-1001234567890", 0, []string{token}},
		"no method":     {telegramTarget(telegramBot), telegramBot + "/sendMessage", "-1001234567890", 0, []string{token}},
		"thread":        {thread, telegramBot + "/sendMessage", "-1001234567890", 42, []string{token}},
		"query":         {integration.Target{URL: telegramBot + "/sendMessage?chat_id=@scout_alerts&message_thread_id=7&text=x"}, telegramBot + "/sendMessage", "@scout_alerts", 7, []string{token}},
		"setting first": {telegramTarget(telegramBot + "/sendMessage?chat_id=5"), telegramBot + "/sendMessage", "-1001234567890", 0, []string{token}},
		"own server":    {telegramTarget("https://u:secret@bots.example/api" + fake.TelegramBotPath + "/sendmessage/#x"), "https://u:secret@bots.example/api" + fake.TelegramBotPath + "/sendMessage", "-1001234567890", 0, []string{"secret", token}},
	} {
		if faults := faultsOf(t, "telegram", tc.target); faults != nil {
			t.Errorf("%s: %v", name, faults)
		}
		req, err := format(t, "telegram").Render(down(), tc.target)
		if err != nil {
			t.Fatal(err)
		}
		message := telegramMessage(t, format(t, "telegram"), down(), tc.target)
		if req.URL != tc.url || message.Chat != tc.chat || message.Thread != tc.thread {
			t.Errorf("%s: %s %s %d, want %s %s %d", name, req.URL, message.Chat, message.Thread, tc.url, tc.chat, tc.thread)
		}
		if diff := cmp.Diff(tc.secrets, req.Secrets); diff != "" {
			t.Errorf("%s: masked (-want +got):\n%s", name, diff)
		}
	}
}

func TestTelegramValidate(t *testing.T) {
	t.Parallel()
	bad := telegramTarget(telegramBot)
	bad.Settings["chat_id"] = "s3cret" // a token, pasted into the wrong field
	for name, tc := range map[string]struct {
		target      integration.Target
		field, says string
	}{
		"no chat":     {integration.Target{URL: telegramBot}, "chat_id", "?chat_id=CHAT"},
		"bad chat":    {bad, "chat_id", "-1001234567890"},
		"bad in URL":  {integration.Target{URL: telegramBot + "?chat_id=x"}, "chat_id", "-1001234567890"},
		"bad thread":  {telegramTarget(telegramBot + "?message_thread_id=x"), "url", "message_thread_id"},
		"thread 0":    {telegramTarget(telegramBot + "?message_thread_id=0"), "url", "message_thread_id"},
		"no token":    {telegramTarget("https://bots.example/s3cret"), "url", "@BotFather"},
		"bad token":   {telegramTarget("https://api.telegram.org/bots3cret/sendMessage"), "url", "@BotFather"},
		"other call":  {telegramTarget("https://api.telegram.org/bot1:s3cret/getUpdates"), "url", "/sendMessage"},
		"no URL":      {telegramTarget("https://s3cret\x00"), "url", "cannot be read"},
		"placeholder": {telegramTarget("https://api.telegram.org/bot<token>/sendMessage"), "url", "@BotFather"},
	} {
		faults := faultsOf(t, "telegram", tc.target)
		if len(faults) != 1 || !strings.Contains(faults[tc.field], tc.says) || strings.Contains(fmt.Sprint(faults), "s3cret") {
			t.Errorf("%s: %v, want %q at %s", name, faults, tc.says, tc.field)
		}
	}
	if _, err := format(t, "telegram").Render(down(), telegramTarget("https://s3cret\x00")); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %v", err)
	}
}

func TestTelegramDisplayURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		telegramBot + "/sendMessage?chat_id=5":           "https://api.telegram.org/bot" + scout.Masked + "/sendMessage?chat_id=" + scout.Masked,
		telegramBot:                                      "https://api.telegram.org/bot" + scout.Masked,
		"https://bots.example/api/bot1%3Aa/sendMessage/": "https://bots.example/api/bot" + scout.Masked + "/sendMessage/",
		"https://api.telegram.org/bot1:a/getUpdates":     "https://api.telegram.org/bot" + scout.Masked + "/getUpdates",
		"https://bots.example":                           "https://bots.example",
	} {
		if got := integration.DisplayURL("telegram", url); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

func TestTelegramText(t *testing.T) {
	t.Parallel()
	want := `<b>🔴 HTTP on web-server-01 is down</b>
HTTP service is not responding on port 80

<b>Server:</b> web-server-01
<b>Service:</b> HTTP
<b>Address:</b> 192.168.1.100
<b>Since:</b> 2024-01-15 10:24 UTC (5 min 23 s)
<b>Severity:</b> critical
<b>Alert:</b> 12345
<a href="https://scout.example.com/incidents/12345">Open in Server Scout</a>`
	if diff := cmp.Diff(want, telegramMessage(t, format(t, "telegram"), down(), telegramTarget(telegramBot)).Text); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTelegramLink checks that a link leads where it should and cannot end its
// tag.
func TestTelegramLink(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"":                         "",
		"https://s.example/?a=1&b": "https://s.example/?a=1&b",
		`https://s.example/"><b>`:  "https://s.example/%22%3E%3Cb%3E",
		"javascript:alert(1)":      "",
		"tg://user?id=1":           "",
		"https://s.example/?" + strings.Repeat("&", 300): "",
		"https://s.example/" + strings.Repeat("x", 1000): "",
	} {
		n := down()
		n.Link = link
		text := telegramMessage(t, format(t, "telegram"), n, telegramTarget(telegramBot)).Text
		_, after, _ := strings.Cut(text, `<a href="`)
		got, _, _ := strings.Cut(after, `"`)
		if html.UnescapeString(got) != want {
			t.Errorf("link %q: %q, want %q", link, got, want)
		}
	}
}

func TestTelegramPreview(t *testing.T) {
	t.Parallel()
	all := previews(t, "telegram", telegramTarget(telegramBot))
	checkPushPreviews(t, all)
	if p := all["hostile"]; p.Link != "https://scout.example.com/i/%3C%7C%3E?a=1&b=%7C%3C!channel%3E" {
		t.Errorf("link %q", p.Link)
	}
}

func TestTelegramAcceptsAll(t *testing.T) {
	t.Parallel()
	service := &fake.Telegram{}
	client, url := receiver(t, service)
	acceptsAll(t, client, "telegram", telegramTarget(url+fake.TelegramBotPath+"?chat_id=1"), &service.Recorder)
}

func TestTelegramFailures(t *testing.T) {
	t.Parallel()
	service := &fake.Telegram{}
	client, url := receiver(t, service)
	verdicts(t, client, "telegram", telegramTarget(url+fake.TelegramBotPath), &service.Recorder, []scripted{
		{fake.Reply(200, `{"ok":true,"result":{}}`), scout.Verdict{Outcome: scout.OutcomeDelivered}},
		{
			fake.Reply(200, `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`),
			retry(scout.FaultRejected, "Telegram answered 200 but not with ok: Bad Request: chat not found"),
		},
		{fake.Reply(200, "<html>portal</html>"), retry(scout.FaultRejected, "Telegram answered 200 but not with ok: nothing readable")},
		{fake.Reply(200, "{}"), retry(scout.FaultRejected, "Telegram answered 200 but not with ok: {}")},
		{fake.Reply(200, `{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":9}}`), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited, RetryAfter: 9 * time.Second,
			Detail: "Telegram answered 200 but not with ok: Too Many Requests",
		}},
		{fake.Reply(429, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35","parameters":{"retry_after":35}}`), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited, RetryAfter: 35 * time.Second,
			Detail: "Telegram answered 429: Too Many Requests: retry after 35",
		}},
		{fake.Reply(429, `{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":99999999999999}}`), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited, RetryAfter: time.Hour, Detail: "Telegram answered 429: x",
		}},
		{fake.RateLimited("5"), scout.Verdict{
			Outcome: scout.OutcomeRetry, Fault: scout.FaultRateLimited, RetryAfter: 5 * time.Second, Detail: "Telegram answered 429: rate_limited",
		}},
		{
			fake.Reply(400, `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded","parameters":{"migrate_to_chat_id":-1005}}`),
			retry(scout.FaultMisconfigured, "Telegram answered 400: Bad Request: group chat was upgraded; the new chat_id is -1005"),
		},
		{
			fake.Reply(403, `{"ok":false,"error_code":403,"description":"Forbidden: bot was kicked from the group chat"}`),
			retry(scout.FaultMisconfigured, "Telegram answered 403: Forbidden: bot was kicked from the group chat"),
		},
		{fake.Reply(502, "<html></html>"), retry(scout.FaultServerError, "Telegram answered 502 Bad Gateway")},
	})
	want := retry(scout.FaultMisconfigured, "Telegram answered 401: Unauthorized")
	if got := exchange(t, client, format(t, "telegram"), down(), telegramTarget(url+"/bot1:another")); got != want {
		t.Errorf("an unknown token: %+v, want %+v", got, want)
	}
}

func FuzzTelegram(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, server, service, address, message, link string, kind uint8, at, began, sent int64) {
		n := notice(server, service, address, message, link, kind, at, began, sent)
		posted := body(t, format(t, "telegram"), n, telegramTarget(telegramBot))
		if r := fake.CheckTelegram(fake.TelegramBotPath+"/sendMessage", posted); r != nil {
			t.Errorf("%v\n%s", r, posted)
		}
	})
}
