package fake_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"serverscout/internal/integration/fake"
)

// embed wraps the parts of an embed the way Server Scout sends them.
func embed(parts string) string {
	return `{"embeds":[{"color":1,` + parts + `}],"allowed_mentions":{"parse":[]}}`
}

func text(n int) string { return strings.Repeat("x", n) }

func embedField(name, value string) string {
	return `{"name":"` + name + `","value":"` + value + `"}`
}

// described is an embed with a description, written as JSON.
func described(t *testing.T, description string) string {
	t.Helper()
	quoted, err := json.Marshal(description)
	if err != nil {
		t.Fatal(err)
	}
	return embed(`"description":` + string(quoted))
}

func TestDiscordAccepts(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"title alone":         embed(`"title":"x"`),
		"longest title":       embed(`"title":"` + text(256) + `"`),
		"longest description": embed(`"description":"` + text(4096) + `"`),
		"longest field":       embed(`"fields":[` + embedField(text(256), text(1024)) + `]`),
		"25 fields":           embed(`"fields":[` + repeat(25, embedField("x", "y")) + `]`),
		"longest footer":      embed(`"footer":{"text":"` + text(2048) + `"}`),
		"6000 characters":     embed(`"title":"` + text(256) + `","description":"` + text(4096) + `","footer":{"text":"` + text(1648) + `"}`),
		"content":             `{"content":"x","allowed_mentions":{"parse":[]}}`,
		"names":               `{"content":"x","username":"` + text(80) + `","allowed_mentions":{"parse":[]}}`,
		"escaped marks":       described(t, `\<\@1\> \*b\* \[a\](b) https\://a.example \:100\:`),
		"a stamp":             described(t, "since <t:1705314277:f>"),
		"a link on its line":  described(t, "x\n[Open in Server Scout](https://scout.example/i/1?a=b)"),
		"a number":            described(t, "1.5 s"),
		"a time":              described(t, "at 10:30"),
	} {
		if !strings.Contains(body, `"embeds"`) {
			body = strings.Replace(body, "{", `{"embeds":[{"color":1,"title":"x"}],`, 1)
		}
		if r := fake.CheckDiscord(fake.DiscordPath, nil, []byte(body), false); r != nil {
			t.Errorf("%s: %v", name, r)
		}
	}
}

const (
	badForm = `{"message":"Invalid Form Body","code":50035}`
	badJSON = `{"message":"The request body contains invalid JSON.","code":50109}`
)

func TestDiscordRejects(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ body, word string }{
		"bad JSON":         {`{"content":"x"`, badJSON},
		"trailing data":    {embed(`"title":"x"`) + "x", badJSON},
		"a key twice":      {embed(`"title":"x","title":"y"`), badJSON},
		"invalid UTF-8":    {embed("\"title\":\"\xff\""), badJSON},
		"nothing":          {`{}`, `{"message":"Cannot send an empty message","code":50006}`},
		"native payload":   {validNative, `{"message":"Cannot send an empty message","code":50006}`},
		"a native key":     {`{"content":"x","server_name":"y","allowed_mentions":{"parse":[]}}`, badForm},
		"pings allowed":    {`{"content":"x","embeds":[{"color":1}]}`, badForm},
		"some pings":       {`{"embeds":[{"color":1,"title":"x"}],"allowed_mentions":{"parse":["everyone"]}}`, badForm},
		"pings by id":      {`{"embeds":[{"color":1,"title":"x"}],"allowed_mentions":{"parse":[],"users":["1"]}}`, badForm},
		"no embed":         {`{"embeds":[],"allowed_mentions":{"parse":[]}}`, badForm},
		"eleven embeds":    {`{"embeds":[` + repeat(11, `{"color":1,"title":"x"}`) + `],"allowed_mentions":{"parse":[]}}`, badForm},
		"long content":     {`{"content":"` + text(2001) + `","embeds":[{"color":1}],"allowed_mentions":{"parse":[]}}`, badForm},
		"long username":    {`{"username":"` + text(81) + `","embeds":[{"color":1}],"allowed_mentions":{"parse":[]}}`, badForm},
		"empty username":   {`{"username":"","embeds":[{"color":1}],"allowed_mentions":{"parse":[]}}`, badForm},
		"long title":       {embed(`"title":"` + text(257) + `"`), badForm},
		"long by emoji":    {embed(`"title":"` + strings.Repeat("😀", 129) + `"`), badForm},
		"empty title":      {embed(`"title":""`), badForm},
		"long description": {embed(`"description":"` + text(4097) + `"`), badForm},
		"26 fields":        {embed(`"fields":[` + repeat(26, embedField("x", "y")) + `]`), badForm},
		"no fields":        {embed(`"fields":[]`), badForm},
		"long field name":  {embed(`"fields":[` + embedField(text(257), "y") + `]`), badForm},
		"long field value": {embed(`"fields":[` + embedField("x", text(1025)) + `]`), badForm},
		"no field name":    {embed(`"fields":[` + embedField("", "y") + `]`), badForm},
		"no field value":   {embed(`"fields":[` + embedField("x", "") + `]`), badForm},
		"field no object":  {embed(`"fields":[1]`), badForm},
		"inline is text":   {embed(`"fields":[{"name":"x","value":"y","inline":"true"}]`), badForm},
		"long footer":      {embed(`"footer":{"text":"` + text(2049) + `"}`), badForm},
		"6001 characters":  {embed(`"title":"` + text(256) + `","description":"` + text(4096) + `","footer":{"text":"` + text(1649) + `"}`), badForm},
		"unknown key":      {embed(`"title":"x","url":"https://a.example"`), badForm},
		"bad timestamp":    {embed(`"title":"x","timestamp":"yesterday"`), badForm},
		"colour too large": {`{"embeds":[{"color":16777216,"title":"x"}],"allowed_mentions":{"parse":[]}}`, badForm},
		"colour in words":  {`{"embeds":[{"color":"red","title":"x"}],"allowed_mentions":{"parse":[]}}`, badForm},
		"a mention":        {described(t, "<@1>"), badForm},
		"everyone":         {described(t, "@everyone"), badForm},
		"bold":             {described(t, "*b*"), badForm},
		"code":             {described(t, "`c`"), badForm},
		"a spoiler":        {described(t, "||s||"), badForm},
		"a masked link":    {described(t, "see [a](https://b.example)"), badForm},
		"a bare link":      {described(t, "see https://b.example"), badForm},
		"an emoji":         {described(t, "all :100: of it"), badForm},
		"a heading":        {described(t, "# x"), badForm},
		"small print":      {described(t, "-# x"), badForm},
		"a list":           {described(t, "1. x"), badForm},
		"a quotation":      {described(t, "> x"), badForm},
		"a control":        {described(t, "a\u0007b"), badForm},
		"an empty line":    {described(t, "a\n\nb"), badForm},
	} {
		expect(t, name, fake.CheckDiscord(fake.DiscordPath, nil, []byte(tc.body), false), 400, tc.word)
	}
}

func TestDiscordThreads(t *testing.T) {
	t.Parallel()
	const begins = `{"thread_name":"x","embeds":[{"color":1,"title":"x"}],"allowed_mentions":{"parse":[]}}`
	plain, goes := embed(`"title":"x"`), url.Values{"thread_id": {"1"}}
	for name, tc := range map[string]struct {
		query url.Values
		body  string
		forum bool
		code  string // "" for accepted
	}{
		"channel":                {nil, plain, false, ""},
		"thread of a channel":    {goes, plain, false, ""},
		"new thread, no forum":   {nil, begins, false, "220003"},
		"forum, new thread":      {nil, begins, true, ""},
		"forum, existing thread": {goes, plain, true, ""},
		"forum, neither":         {nil, plain, true, "220001"},
		"forum, both":            {goes, begins, true, "220002"},
	} {
		r := fake.CheckDiscord(fake.DiscordPath, tc.query, []byte(tc.body), tc.forum)
		if (r == nil) != (tc.code == "") || r != nil && (r.Status != 400 || !strings.Contains(r.Word, tc.code)) {
			t.Errorf("%s: %v, want %q", name, r, tc.code)
		}
	}
}

func TestDiscordAnswers(t *testing.T) {
	t.Parallel()
	discord := &fake.Discord{}
	client, url := start(t, discord)
	good := embed(`"title":"x"`)
	for _, tc := range []struct {
		uri, body string
		status    int
		contains  string
	}{
		{fake.DiscordPath, good, 204, ""},
		{fake.DiscordPath + "?wait=true", good, 200, `"id"`},
		{fake.DiscordPath + "?thread_id=1", good, 204, ""},
		{fake.DiscordPath, `{}`, 400, "50006"},
		{"/api/webhooks/123456789012345678/othertoken", good, 404, "10015"},
		{fake.DiscordPath + "/slack", good, 404, "10015"},
	} {
		resp, answer := post(t, client, url+tc.uri, "application/json", tc.body)
		if resp.StatusCode != tc.status || !strings.Contains(answer, tc.contains) {
			t.Errorf("%s: %d %s, want %d with %s", tc.uri, resp.StatusCode, answer, tc.status, tc.contains)
		}
	}
}

// TestDiscordRefusesWhatComesTooEarly sends again at once.
func TestDiscordRefusesWhatComesTooEarly(t *testing.T) {
	t.Parallel()
	discord := &fake.Discord{}
	client, url := start(t, discord)
	discord.Script(discord.Limit(1000.25))
	resp, answer := post(t, client, url+fake.DiscordPath, "application/json", embed(`"title":"x"`))
	if resp.StatusCode != 429 || !strings.Contains(answer, `"retry_after":1000.25`) || resp.Header.Get("Retry-After") != "1001" {
		t.Errorf("%d %v %s", resp.StatusCode, resp.Header, answer)
	}
	resp, _ = post(t, client, url+fake.DiscordPath, "application/json", embed(`"title":"x"`))
	if requests := discord.Requests(); resp.StatusCode != 429 || requests[0].Rejection != nil || requests[1].Rejection == nil {
		t.Errorf("%d, rejections %v and %v", resp.StatusCode, requests[0].Rejection, requests[1].Rejection)
	}
}
