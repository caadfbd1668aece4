package fake_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"serverscout/internal/integration/fake"
)

// legacy wraps the parts of an attachment the way Server Scout sends them.
func legacy(parts string) string {
	return `{"text":"x","attachments":[{"fallback":"x","color":"#D32F2F","fields":[{"short":true,"title":"x","value":"y"}]` + parts + `}]}`
}

// saying is a message with a text, written as JSON.
func saying(t *testing.T, text string) string {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return legacy(`,"text":` + string(quoted))
}

func TestMattermostAccepts(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"the least":       legacy(""),
		"a title":         legacy(`,"title":"x","title_link":"https://scout.example/i/1"`),
		"overrides":       strings.Replace(legacy(""), "{", `{"channel":"alerts","username":"Server Scout",`, 1),
		"longest text":    strings.Replace(legacy(""), `"text":"x"`, `"text":"`+text(16383)+`"`, 1),
		"escaped marks":   saying(t, `\*b\* \_i\_ \[a\](b) &lt;c&gt; &amp;`),
		"broken mentions": saying(t, "@\u200Ball \\~\u200Btown #\u200Btag :\u200B100: https:\u200B//a.example www\u200B.a.example a.com\u200B/b"),
		"a colon":         saying(t, "slow: 912 ms at 10:30"),
	} {
		for _, path := range []string{fake.MattermostPath, fake.RocketChatPath} {
			if r := fake.CheckMattermost(path, []byte(body)); r != nil {
				t.Errorf("%s: %v", name, r)
			}
		}
	}
}

func TestMattermostRejects(t *testing.T) {
	t.Parallel()
	good := legacy("")
	for name, body := range map[string]string{
		"bad JSON":         good[:len(good)-1],
		"trailing data":    good + "x",
		"a key twice":      legacy(`,"title":"x","title":"y"`),
		"invalid UTF-8":    legacy(",\"title\":\"\xff\""),
		"native payload":   validNative,
		"a native key":     strings.Replace(good, "{", `{"service":"x",`, 1),
		"no text":          strings.Replace(good, `"text":"x",`, "", 1),
		"empty text":       strings.Replace(good, `"text":"x"`, `"text":""`, 1),
		"long text":        strings.Replace(good, `"text":"x"`, `"text":"`+text(16384)+`"`, 1),
		"empty channel":    strings.Replace(good, "{", `{"channel":"",`, 1),
		"long username":    strings.Replace(good, "{", `{"username":"`+text(65)+`",`, 1),
		"no attachments":   `{"text":"x"}`,
		"blocks":           legacy(`,"blocks":[]`),
		"no fallback":      strings.Replace(good, `"fallback":"x",`, "", 1),
		"a named colour":   strings.Replace(good, "#D32F2F", "red", 1),
		"empty title":      legacy(`,"title":""`),
		"link, no title":   legacy(`,"title_link":"https://a.example"`),
		"a script":         legacy(`,"title":"x","title_link":"javascript:x"`),
		"no field value":   strings.Replace(good, `"value":"y"`, `"value":""`, 1),
		"short is text":    strings.Replace(good, "true", `"true"`, 1),
		"no fields":        strings.Replace(good, `{"short":true,"title":"x","value":"y"}`, "", 1),
		"everyone":         saying(t, "@all"),
		"escaped everyone": saying(t, `\@all`),
		"a channel":        saying(t, `\~town`),
		"a hashtag":        saying(t, "see #tag"),
		"Slack's everyone": saying(t, "<!channel>"),
		"Slack's link":     saying(t, "<https://a.example|b>"),
		"an emoji":         saying(t, "all :100: of it"),
		"a link":           saying(t, "[a](b)"),
		"a bare address":   saying(t, "see https://a.example"),
		"a bare name":      saying(t, "see www.a.example"),
		"a bare path":      saying(t, "see a.com/b"),
		"bold":             saying(t, "*b*"),
		"code":             saying(t, "`c`"),
		"a bare ampersand": saying(t, "a & b"),
		"a heading":        saying(t, "# x"),
		"a list":           saying(t, "- x"),
		"a control":        saying(t, "a\u0007b"),
	} {
		r := fake.CheckMattermost(fake.MattermostPath, []byte(body))
		if r == nil || r.Status != 400 || !strings.Contains(r.Word, `"status_code":400`) || r.Why == "" {
			t.Errorf("%s: %v", name, r)
		}
	}
}

func TestMattermostAnswers(t *testing.T) {
	t.Parallel()
	client, url := start(t, &fake.Mattermost{})
	for _, tc := range []struct {
		path   string
		status int
		answer string
	}{
		{fake.MattermostPath, 200, "ok"},
		{fake.RocketChatPath, 200, `{"success":true}`},
		{"/hooks/another", 400, `{"id":"web.incoming_webhook.invalid.app_error","message":"Invalid webhook.","status_code":400}`},
	} {
		resp, answer := post(t, client, url+tc.path, "application/json", legacy(""))
		if got := fmt.Sprint(resp.StatusCode, answer); got != fmt.Sprint(tc.status, tc.answer) {
			t.Errorf("%s: %s, want %d %s", tc.path, got, tc.status, tc.answer)
		}
	}
}
