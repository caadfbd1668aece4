package fake_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"serverscout/internal/integration/fake"
)

// message wraps blocks the way Server Scout sends them.
func message(blocks string) string {
	return `{"text":"hello","attachments":[{"color":"#D32F2F","blocks":[` + blocks + `]}]}`
}

func plain(n int) string {
	return `{"type":"plain_text","text":"` + strings.Repeat("x", n) + `"}`
}

func repeat(n int, s string) string { return strings.Repeat(s+",", n-1) + s }

func button(text, url string) string {
	return `{"type":"actions","elements":[{"type":"button","text":` + text + `,"url":"` + url + `"}]}`
}

func markup(t *testing.T, text string) string {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return `{"type":"section","text":{"type":"mrkdwn","text":` + string(quoted) + `}}`
}

func TestSlackAccepts(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"text alone":         `{"text":"hello"}`,
		"longest text":       `{"text":"` + strings.Repeat("x", 4000) + `"}`,
		"longest header":     message(`{"type":"header","text":` + plain(150) + `}`),
		"longest section":    message(`{"type":"section","text":` + plain(3000) + `}`),
		"ten longest fields": message(`{"type":"section","fields":[` + repeat(10, plain(2000)) + `]}`),
		"ten in a context":   message(`{"type":"context","elements":[` + repeat(10, plain(9)) + `]}`),
		"a button":           message(button(plain(75), "https://scout.example/i/1")),
		"fifty blocks":       message(repeat(50, `{"type":"divider"}`)),
		"entities":           message(markup(t, "a &lt;b&gt; &amp; c")),
		"a date token":       message(markup(t, "since <!date^1705314600^{date_short_pretty} {time}|2024-01-15 10:30 UTC>")),
		"a link token":       message(markup(t, "<https://scout.example/?a=1&amp;b=2|Open>")),
	} {
		if r := fake.CheckSlack(fake.SlackServicePath, []byte(body)); r != nil {
			t.Errorf("%s: %v", name, r)
		}
	}
}

func TestSlackRejectsMessages(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ body, word string }{
		"nothing":             {"", "invalid_payload"},
		"bad JSON":            {`{"text":"x"`, "invalid_payload"},
		"trailing data":       {`{"text":"x"} x`, "invalid_payload"},
		"a key twice":         {`{"text":"x","text":"y"}`, "invalid_payload"},
		"a deep key twice":    {message(`{"type":"divider","type":"divider"}`), "invalid_payload"},
		"invalid UTF-8":       {"{\"text\":\"\xff\"}", "invalid_payload"},
		"a list":              {`[]`, "invalid_payload"},
		"the native payload":  {validNative, "invalid_payload"},
		"a native key":        {`{"text":"x","server_name":"y"}`, "invalid_payload"},
		"an unknown key":      {`{"text":"x","link_names":true}`, "invalid_payload"},
		"mrkdwn is text":      {`{"text":"x","mrkdwn":"false"}`, "invalid_payload"},
		"long text":           {`{"text":"` + strings.Repeat("x", 4001) + `"}`, "invalid_payload"},
		"long text of emoji":  {`{"text":"` + strings.Repeat("😀", 2001) + `"}`, "invalid_payload"},
		"a ping":              {`{"text":"<!channel>"}`, "invalid_payload"},
		"a user's ping":       {`{"text":"<@U123>"}`, "invalid_payload"},
		"a token in no mark":  {`{"text":"<https://a.example|b>","mrkdwn":false}`, "invalid_payload"},
		"a bare ampersand":    {`{"text":"a & b"}`, "invalid_payload"},
		"an unknown entity":   {`{"text":"&quot;"}`, "invalid_payload"},
		"a cut entity":        {`{"text":"a &am…"}`, "invalid_payload"},
		"a control character": {`{"text":"a\u0007b"}`, "invalid_payload"},
		"no text":             {`{}`, "no_text"},
		"blank text":          {`{"text":" \n"}`, "no_text"},
		"text is a number":    {`{"text":1}`, "no_text"},
		"blocks but no text":  {`{"blocks":[{"type":"divider"}]}`, "no_text"},
		"no attachment":       {`{"text":"x","attachments":[]}`, "too_many_attachments"},
		"101 attachments":     {`{"text":"x","attachments":[` + repeat(101, `{}`) + `]}`, "too_many_attachments"},
		"bad top-level block": {`{"text":"x","blocks":[{"type":"image"}]}`, "invalid_blocks"},
		"no blocks":           {`{"text":"x","blocks":[]}`, "invalid_blocks"},
	} {
		expect(t, name, fake.CheckSlack(fake.SlackServicePath, []byte(tc.body)), 400, tc.word)
	}
}

func TestSlackRejectsAttachments(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"not an object":      `{"text":"x","attachments":["y"]}`,
		"no blocks":          `{"text":"x","attachments":[{"color":"#D32F2F"}]}`,
		"no colour":          `{"text":"x","attachments":[{"blocks":[{"type":"divider"}]}]}`,
		"a bad colour":       `{"text":"x","attachments":[{"color":"red","blocks":[{"type":"divider"}]}]}`,
		"an unknown key":     `{"text":"x","attachments":[{"color":"#D32F2F","title":"y","blocks":[{"type":"divider"}]}]}`,
		"fifty-one blocks":   message(repeat(51, `{"type":"divider"}`)),
		"block no object":    message(`1`),
		"unknown type":       message(`{"type":"rich_text"}`),
		"unknown block key":  message(`{"type":"divider","text":"x"}`),
		"long block id":      message(`{"type":"divider","block_id":"` + strings.Repeat("x", 256) + `"}`),
		"long header":        message(`{"type":"header","text":` + plain(151) + `}`),
		"marked-up header":   message(`{"type":"header","text":{"type":"mrkdwn","text":"x"}}`),
		"header text bare":   message(`{"type":"header","text":"x"}`),
		"empty section":      message(`{"type":"section"}`),
		"section key":        message(`{"type":"section","text":` + plain(1) + `,"accessory":{}}`),
		"empty section text": message(`{"type":"section","text":` + plain(0) + `}`),
		"long section":       message(`{"type":"section","text":` + plain(3001) + `}`),
		"eleven fields":      message(`{"type":"section","fields":[` + repeat(11, plain(1)) + `]}`),
		"no fields":          message(`{"type":"section","fields":[]}`),
		"long field":         message(`{"type":"section","fields":[` + plain(2001) + `]}`),
		"empty field":        message(`{"type":"section","fields":[` + plain(0) + `]}`),
		"eleven in context":  message(`{"type":"context","elements":[` + repeat(11, plain(1)) + `]}`),
		"context of none":    message(`{"type":"context","elements":[]}`),
		"26 buttons":         message(`{"type":"actions","elements":[` + repeat(26, `{}`) + `]}`),
		"no button":          message(`{"type":"actions","elements":[1]}`),
		"another element":    message(`{"type":"actions","elements":[{"type":"datepicker"}]}`),
		"long button":        message(button(plain(76), "https://a.example")),
		"long button URL":    message(button(plain(1), "https://a.example/"+strings.Repeat("x", 3000))),
		"script URL":         message(button(plain(1), "javascript:alert")),
		"emoji in mrkdwn":    message(`{"type":"section","text":{"type":"mrkdwn","text":"x","emoji":false}}`),
		"emoji is text":      message(`{"type":"section","text":{"type":"plain_text","text":"x","emoji":"no"}}`),
		"verbatim in plain":  message(`{"type":"section","text":{"type":"plain_text","text":"x","verbatim":true}}`),
		"ping":               message(markup(t, "<!channel>")),
		"user's link":        message(markup(t, "<https://a.example>")),
		"date without text":  message(markup(t, "<!date^1705314600^{time}>")),
		"date in plain text": message(`{"type":"section","text":{"type":"plain_text","text":"<!date^1^{time}|x>"}}`),
		"bare greater-than":  message(markup(t, "a > b")),
	} {
		expect(t, name, fake.CheckSlack(fake.SlackServicePath, []byte(body)), 400, "invalid_attachments")
	}
}

func TestSlackWorkflows(t *testing.T) {
	t.Parallel()
	for _, path := range []string{fake.SlackWorkflowPath, fake.SlackTriggerPath} {
		if r := fake.CheckSlack(path, []byte(validNative)); r != nil {
			t.Errorf("%s refuses flat strings: %v", path, r)
		}
		for name, body := range map[string]string{
			"a number":  `{"a":1}`,
			"an object": `{"a":{"b":"c"}}`,
			"blocks":    message(`{"type":"divider"}`),
			"a list":    `["a"]`,
		} {
			expect(t, name, fake.CheckSlack(path, []byte(body)), 400, "invalid_payload")
		}
	}
}

func TestSlackKnowsItsPaths(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/services/", "/services/T0/B0", "/services/t0/B0/x", "/services/T0/B0/x/y", "/api/chat", "/triggers/T0/x/y"} {
		expect(t, path, fake.CheckSlack(path, []byte(`{"text":"x"}`)), 404, "no_active_hooks")
	}
}

func TestSlackAnswers(t *testing.T) {
	t.Parallel()
	client, url := start(t, &fake.Slack{})
	for _, tc := range []struct {
		path, body string
		status     int
		answer     string
	}{
		{fake.SlackServicePath, `{"text":"x"}`, 200, "ok"},
		{fake.SlackWorkflowPath, validNative, 200, `{"ok":true}`},
		{fake.SlackTriggerPath, validNative, 200, `{"ok":true}`},
		{fake.SlackServicePath, validNative, 400, "invalid_payload"},
		{"/services/none", `{"text":"x"}`, 404, "no_active_hooks"},
	} {
		resp, answer := post(t, client, url+tc.path, "application/json", tc.body)
		if got := fmt.Sprint(resp.StatusCode, answer); got != fmt.Sprint(tc.status, tc.answer) {
			t.Errorf("%s: %s, want %d %s", tc.path, got, tc.status, tc.answer)
		}
	}
}

// expect checks that something was refused in the service's own words, with a
// reason.
func expect(t *testing.T, name string, r *fake.Rejection, status int, word string) {
	t.Helper()
	if r == nil {
		t.Errorf("%s: accepted", name)
		return
	}
	if r.Status != status || r.Word != word || r.Why == "" {
		t.Errorf("%s: %v, want %d %s", name, r, status, word)
	}
}
