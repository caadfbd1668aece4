package fake_test

import (
	"encoding/json"
	"strings"
	"testing"

	"serverscout/internal/integration/fake"
)

const (
	telegramMethod = fake.TelegramBotPath + "/sendMessage"
	validTelegram  = `{"chat_id":"-1001234567890","message_thread_id":42,"text":"hello","parse_mode":"HTML","link_preview_options":{"is_disabled":true}}`
)

// telegramSays is a message with the given text.
func telegramSays(t *testing.T, text string) string {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return change(t, validTelegram, `"hello"`, string(quoted))
}

func TestTelegramAccepts(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a message":    validTelegram,
		"no thread":    change(t, validTelegram, `"message_thread_id":42,`, ""),
		"a channel":    change(t, validTelegram, "-1001234567890", "@scout_alerts"),
		"longest text": telegramSays(t, strings.Repeat("x", 4096)),
		"bold":         telegramSays(t, "<b>a</b>\nb <b>c</b>"),
		"a link":       telegramSays(t, `<a href="https://scout.example/?a=1&amp;b=2">Open</a>`),
		"entities":     telegramSays(t, "a &lt;b&gt; &amp;amp; c"),
		"a lone at":    telegramSays(t, "a@ @\u2060name"),
	} {
		if r := fake.CheckTelegram(telegramMethod, []byte(body)); r != nil {
			t.Errorf("%s: %v", name, r)
		}
	}
}

func TestTelegramRejects(t *testing.T) {
	t.Parallel()
	with := func(old, new string) string { return change(t, validTelegram, old, new) }
	for name, tc := range map[string]struct{ body, said string }{
		"nothing":             {"", "can't parse JSON"},
		"trailing data":       {validTelegram + "x", "can't parse JSON"},
		"invalid UTF-8":       {with("hello", "\xff"), "can't parse JSON"},
		"a key twice":         {with(`"text"`, `"text":"x","text"`), "can't parse JSON"},
		"the native payload":  {validNative, "Bad Request"},
		"a native key":        {with(`"text"`, `"message":"x","text"`), "Bad Request"},
		"no chat":             {with(`"chat_id":"-1001234567890",`, ""), "chat not found"},
		"chat is a number":    {with(`"-1001234567890"`, "-1001234567890"), "chat not found"},
		"a bad chat":          {with("-1001234567890", "the team"), "chat not found"},
		"thread is a text":    {with(":42", `:"42"`), "thread not found"},
		"thread 0":            {with(":42", ":0"), "thread not found"},
		"no text":             {with(`"text":"hello",`, ""), "text is empty"},
		"blank text":          {with("hello", `\n`), "text is empty"},
		"a control":           {with("hello", `\u0007`), "text is empty"},
		"long text":           {telegramSays(t, strings.Repeat("x", 4097)), "too long"},
		"long text of emoji":  {telegramSays(t, strings.Repeat("😀", 2049)), "too long"},
		"other markup":        {with("HTML", "MarkdownV2"), "Bad Request"},
		"a preview":           {with("true", "false"), "Bad Request"},
		"an unknown tag":      {telegramSays(t, "<script>x</script>"), "can't parse entities"},
		"an open tag":         {telegramSays(t, "<b>x"), "can't parse entities"},
		"a closing tag":       {telegramSays(t, "x</b>"), "can't parse entities"},
		"crossed tags":        {telegramSays(t, `<b>x<a href="https://a.example">y</b></a>`), "can't parse entities"},
		"bare less-than":      {telegramSays(t, "a < b"), "can't parse entities"},
		"bare greater-than":   {telegramSays(t, "a > b"), "can't parse entities"},
		"bare ampersand":      {telegramSays(t, "a & b"), "can't parse entities"},
		"a cut entity":        {telegramSays(t, "a &am…"), "can't parse entities"},
		"ampersand in a link": {telegramSays(t, `<a href="https://a.example/?a&b">y</a>`), "can't parse entities"},
		"a user's link":       {telegramSays(t, `<a href="tg://user?id=1">y</a>`), "can't parse entities"},
		"a quote in a link":   {telegramSays(t, `<a href="https://a.example/"x">y</a>`), "can't parse entities"},
		"nothing but markup":  {telegramSays(t, "<b> </b>"), "can't parse entities"},
		"a mention":           {telegramSays(t, "hi @everyone"), "can't parse entities"},
	} {
		r := fake.CheckTelegram(telegramMethod, []byte(tc.body))
		if r == nil || r.Status != 400 || r.Why == "" || !strings.Contains(r.Word, tc.said) {
			t.Errorf("%s: %v, want 400 %s", name, r, tc.said)
		}
	}
}

func TestTelegramKnowsItsPaths(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]int{
		"/":                                404,
		fake.TelegramBotPath:               401,
		fake.TelegramBotPath + "/getMe":    404,
		fake.TelegramBotPath + "x/getMe":   401,
		"/bot123456:another/sendMessage":   401,
		"/x" + telegramMethod:              404,
		fake.TelegramBotPath + "/sendMess": 404,
	} {
		if r := fake.CheckTelegram(path, []byte(validTelegram)); r == nil || r.Status != want {
			t.Errorf("%s: %v, want %d", path, r, want)
		}
	}
}

func TestTelegramAnswers(t *testing.T) {
	t.Parallel()
	client, url := start(t, &fake.Telegram{})
	for path, want := range map[string]int{telegramMethod: 200, telegramMethod + "?chat_id=1": 400, "/": 404} {
		resp, answer := post(t, client, url+path, "application/json", validTelegram)
		if resp.StatusCode != want || strings.HasPrefix(answer, `{"ok":true`) != (want == 200) {
			t.Errorf("%s: %d %s, want %d", path, resp.StatusCode, answer, want)
		}
	}
}
