package fake_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"serverscout/internal/integration/fake"
)

const validNtfy = `{"topic":"t-1","title":"HTTP is down","message":"a\nb","priority":5,"tags":["red_circle"],"click":"https://scout.example/1"}`

func TestNtfyAccepts(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a message":       validNtfy,
		"no click":        change(t, validNtfy, `,"click":"https://scout.example/1"`, ""),
		"longest topic":   change(t, validNtfy, "t-1", strings.Repeat("x", 64)),
		"longest message": change(t, validNtfy, `a\nb`, strings.Repeat("x", 4095)),
	} {
		if r := fake.CheckNtfy("/", []byte(body)); r != nil {
			t.Errorf("%s: %v", name, r)
		}
	}
}

func TestNtfyRejects(t *testing.T) {
	t.Parallel()
	with := func(old, new string) string { return change(t, validNtfy, old, new) }
	for name, tc := range map[string]struct {
		body string
		code int
	}{
		"nothing":            {"", 40024},
		"trailing data":      {validNtfy + "x", 40024},
		"invalid UTF-8":      {with("down", "\xff"), 40024},
		"a key twice":        {with(`"title"`, `"title":"x","title"`), 40024},
		"the native payload": {validNative, 40024},
		"a native key":       {with(`"title"`, `"service":"x","title"`), 40024},
		"markdown":           {with(`"title"`, `"markdown":true,"title"`), 40024},
		"no topic":           {with(`"topic":"t-1",`, ""), 40009},
		"a bad topic":        {with("t-1", "t/1"), 40009},
		"a long topic":       {with("t-1", strings.Repeat("x", 65)), 40009},
		"no title":           {with(`"title":"HTTP is down",`, ""), 40017},
		"a title of lines":   {with("HTTP is", `HTTP\nis`), 40017},
		"a long title":       {with("HTTP", strings.Repeat("x", 250)), 40017},
		"no message":         {with(`a\nb`, ""), 40017},
		"a control":          {with(`a\nb`, `a\tb`), 40017},
		"an attachment":      {with(`a\nb`, strings.Repeat("x", 4096)), 40017},
		"bytes, not letters": {with(`a\nb`, strings.Repeat("ü", 2048)), 40017},
		"priority 6":         {with(`:5`, ":6"), 40017},
		"priority 0":         {with(`:5`, ":0"), 40017},
		"priority is a text": {with(`:5`, `:"5"`), 40017},
		"no priority":        {with(`"priority":5,`, ""), 40017},
		"no tags":            {with(`"red_circle"`, ""), 40017},
		"tags are a text":    {with(`["red_circle"]`, `"red_circle"`), 40017},
		"a tag with a comma": {with("red_circle", "red,circle"), 40017},
		"a click on script":  {with("https:", "javascript:"), 40017},
		"too large":          {with(`a\nb`, strings.Repeat(`\"`, 4096)), 41303},
	} {
		r := fake.CheckNtfy("/", []byte(tc.body))
		if r == nil || r.Status != tc.code/100 || r.Why == "" || !strings.Contains(r.Word, fmt.Sprintf(`"code":%d`, tc.code)) {
			t.Errorf("%s: %v, want %d", name, r, tc.code)
		}
	}
	if r := fake.CheckNtfy("/t-1", []byte(validNtfy)); r == nil || r.Status != 404 {
		t.Errorf("JSON to the topic: %v, want 404", r)
	}
}

func TestNtfyAsksForItsToken(t *testing.T) {
	t.Parallel()
	client, url := start(t, &fake.Ntfy{Protected: true})
	for header, want := range map[string]int{
		"":                         401,
		"Bearer x":                 401,
		fake.NtfyToken:             401,
		"Bearer " + fake.NtfyToken: 200,
	} {
		if got := postWith(t, client, url, "Authorization", header, validNtfy); got != want {
			t.Errorf("Authorization %q: %d, want %d", header, got, want)
		}
	}
	open, url := start(t, &fake.Ntfy{})
	if got := postWith(t, open, url, "Authorization", "", validNtfy); got != 200 {
		t.Errorf("a server that is not protected: %d", got)
	}
}

// postWith posts JSON with a further header and returns the status.
func postWith(t *testing.T, client *http.Client, url, header, value, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(header, value)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}
