package fake_test

import (
	"strings"
	"testing"

	"serverscout/internal/integration/fake"
)

const validGotify = `{"title":"HTTP is down","message":"a\nb","priority":8,"extras":{"client::display":{"contentType":"text/plain"},` +
	`"client::notification":{"click":{"url":"https://scout.example/1"}}}}`

func TestGotifyAccepts(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a message":       validGotify,
		"no click":        change(t, validGotify, `,"client::notification":{"click":{"url":"https://scout.example/1"}}`, ""),
		"longest message": change(t, validGotify, `a\nb`, strings.Repeat("x", 4000)),
	} {
		if r := fake.CheckGotify("/message", []byte(body)); r != nil {
			t.Errorf("%s: %v", name, r)
		}
	}
}

func TestGotifyRejects(t *testing.T) {
	t.Parallel()
	with := func(old, new string) string { return change(t, validGotify, old, new) }
	for name, tc := range map[string]struct{ body, why string }{
		"nothing":             {"", "JSON"},
		"trailing data":       {validGotify + "x", "JSON"},
		"invalid UTF-8":       {with("down", "\xff"), "UTF-8"},
		"a key twice":         {with(`"title"`, `"title":"x","title"`), "twice"},
		"the native payload":  {validNative, "unknown key"},
		"a native key":        {with(`"title"`, `"status":"x","title"`), "unknown key"},
		"no title":            {with("HTTP is down", ""), "title"},
		"a long title":        {with("HTTP", strings.Repeat("x", 300)), "title"},
		"no message":          {with(`"message":"a\nb",`, ""), "message"},
		"a blank message":     {with(`a\nb`, `\n`), "message"},
		"a long message":      {with(`a\nb`, strings.Repeat("x", 4001)), "message"},
		"a control":           {with(`a\nb`, `a\u0007`), "message"},
		"priority is a text":  {with(":8", `:"8"`), "priority"},
		"priority 11":         {with(":8", ":11"), "priority"},
		"no extras":           {with(`"extras"`, `"extra"`), "unknown key"},
		"extras are a text":   {`{"title":"t","message":"m","priority":1,"extras":"x"}`, "extras"},
		"another extra":       {with("client::display", "client::other"), "unknown key"},
		"markdown":            {with("text/plain", "text/markdown"), "contentType"},
		"click is a text":     {with(`{"url":"https://scout.example/1"}`, `"https://scout.example/1"`), "click"},
		"unknown click key":   {with(`"url":"https://scout.example/1"`, `"url":"https://scout.example/1","x":1`), "unknown key"},
		"unknown notice key":  {with(`"click"`, `"bigImageUrl":"x","click"`), "unknown key"},
		"a click on a script": {with("https:", "javascript:"), "url"},
	} {
		r := fake.CheckGotify("/message", []byte(tc.body))
		if r == nil || r.Status != 400 || !strings.Contains(r.Why, tc.why) || !strings.Contains(r.Word, `"errorCode":400`) {
			t.Errorf("%s: %v, want 400 because of %q", name, r, tc.why)
		}
	}
	if r := fake.CheckGotify("/", []byte(validGotify)); r == nil || r.Status != 404 {
		t.Errorf("another path: %v, want 404", r)
	}
}

func TestGotifyAsksForItsToken(t *testing.T) {
	t.Parallel()
	client, url := start(t, &fake.Gotify{})
	for _, tc := range []struct {
		query, header, value string
		want                 int
	}{
		{"", "X-Gotify-Key", fake.GotifyToken, 200},
		{"?token=" + fake.GotifyToken, "X-Other", "x", 200},
		{"", "Authorization", "Bearer " + fake.GotifyToken, 200},
		{"", "X-Other", "x", 401},
		{"", "X-Gotify-Key", "x", 401},
		{"?token=x", "X-Gotify-Key", "", 401},
		{"", "Authorization", fake.GotifyToken, 401},
	} {
		if got := postWith(t, client, url+"/message"+tc.query, tc.header, tc.value, validGotify); got != tc.want {
			t.Errorf("%s %s: %q: %d, want %d", tc.query, tc.header, tc.value, got, tc.want)
		}
	}
}
