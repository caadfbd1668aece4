package integration_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/integration"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

func TestGotifyIsNotRecognised(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"https://gotify.example.com/message?token=A", "https://gotify.net/message"} {
		if got := integration.Recognise(url).Name; got != "native" {
			t.Errorf("%s: %s", url, got)
		}
	}
}

// TestGotifyPlace checks where a message goes, with which token, and what of
// it is masked.
func TestGotifyPlace(t *testing.T) {
	t.Parallel()
	token := scout.Settings{"token": "Asecret"}
	for name, tc := range map[string]struct {
		target  integration.Target
		url     string
		key     string
		secrets []string
	}{
		"server":        {integration.Target{URL: "https://g.example", Settings: token}, "https://g.example/message", "Asecret", []string{"Asecret"}},
		"slash":         {integration.Target{URL: "https://g.example/", Settings: token}, "https://g.example/message", "Asecret", []string{"Asecret"}},
		"message":       {integration.Target{URL: "https://g.example/message", Settings: token}, "https://g.example/message", "Asecret", []string{"Asecret"}},
		"message slash": {integration.Target{URL: "https://g.example/message/#x", Settings: token}, "https://g.example/message", "Asecret", []string{"Asecret"}},
		"prefix":        {integration.Target{URL: "http://10.0.0.1:8080/push/", Settings: token}, "http://10.0.0.1:8080/push/message", "Asecret", []string{"Asecret"}},
		"in the URL":    {integration.Target{URL: "https://g.example?token=Anotasecret"}, "https://g.example/message?token=Anotasecret", "", []string{"Anotasecret"}},
		"own key":       {integration.Target{URL: "https://g.example", Headers: header("x-gotify-key", "A")}, "https://g.example/message", "", nil},
		"own token":     {integration.Target{URL: "https://g.example", Headers: header("Authorization", "Bearer A")}, "https://g.example/message", "", nil},
	} {
		if faults := faultsOf(t, "gotify", tc.target); faults != nil {
			t.Errorf("%s: %v", name, faults)
		}
		req, err := format(t, "gotify").Render(down(), tc.target)
		if err != nil {
			t.Fatal(err)
		}
		if req.URL != tc.url || req.Header.Get("X-Gotify-Key") != tc.key {
			t.Errorf("%s: %s %v, want %s %q", name, req.URL, req.Header, tc.url, tc.key)
		}
		if diff := cmp.Diff(tc.secrets, req.Secrets); diff != "" {
			t.Errorf("%s: masked (-want +got):\n%s", name, diff)
		}
	}
}

func TestGotifyValidate(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"https://g.example/", "https://g.example/message?token=", "https://g.example\x00"} {
		faults := faultsOf(t, "gotify", integration.Target{URL: url})
		if len(faults) != 1 || !strings.Contains(faults["token"], "X-Gotify-Key") {
			t.Errorf("%q: %v, want a fault at token", url, faults)
		}
	}
}

func TestGotifyDisplayURL(t *testing.T) {
	t.Parallel()
	got := integration.DisplayURL("gotify", "https://g.example/push/message?token=Asecret")
	if want := "https://g.example/push/message?token=" + scout.Masked; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestGotifyPriority(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"down": 8, "reminder": 8, "warning": 6, "recovered": 4} {
		var message struct{ Priority int }
		if err := json.Unmarshal(body(t, format(t, "gotify"), goldenCases()[name], integration.Target{}), &message); err != nil {
			t.Fatal(err)
		}
		if message.Priority != want {
			t.Errorf("%s: %d, want %d", name, message.Priority, want)
		}
	}
}

func TestGotifyPreview(t *testing.T) {
	t.Parallel()
	checkPushPreviews(t, previews(t, "gotify", integration.Target{}))
}

func TestGotifyAcceptsAll(t *testing.T) {
	t.Parallel()
	service := &fake.Gotify{}
	client, url := receiver(t, service)
	acceptsAll(t, client, "gotify", integration.Target{URL: url, Settings: scout.Settings{"token": fake.GotifyToken}}, &service.Recorder)
	for name, target := range map[string]integration.Target{
		"URL":           {URL: url + "/message?token=" + fake.GotifyToken},
		"header":        {URL: url + "/", Headers: header("X-Gotify-Key", fake.GotifyToken)},
		"Authorization": {URL: url + "/", Headers: header("Authorization", "Bearer "+fake.GotifyToken)},
	} {
		if v := exchange(t, client, format(t, "gotify"), down(), target); v.Outcome != scout.OutcomeDelivered {
			t.Errorf("token in %s: %+v", name, v)
		}
	}
}

func TestGotifyFailures(t *testing.T) {
	t.Parallel()
	service := &fake.Gotify{}
	client, url := receiver(t, service)
	target := integration.Target{URL: url, Settings: scout.Settings{"token": fake.GotifyToken}}
	verdicts(t, client, "gotify", target, &service.Recorder, []scripted{
		{
			fake.Reply(403, `{"error":"Forbidden","errorCode":403,"errorDescription":"you are not allowed to access this api"}`),
			retry(scout.FaultMisconfigured, "Gotify answered 403: you are not allowed to access this api"),
		},
		{fake.Reply(500, `{"error":"Internal Server Error","errorCode":500}`), retry(scout.FaultServerError, "Gotify answered 500: Internal Server Error")},
		{fake.Reply(502, "<html>bad gateway</html>"), retry(scout.FaultServerError, "Gotify answered 502 Bad Gateway")},
		{fake.Reply(429, "slow down"), retry(scout.FaultRateLimited, "Gotify answered 429: slow down")},
	})
	target.Settings = scout.Settings{"token": "wrong"}
	v := exchange(t, client, format(t, "gotify"), down(), target)
	if v.Fault != scout.FaultMisconfigured || !strings.HasPrefix(v.Detail, "Gotify answered 401: you need to provide a valid access token") {
		t.Errorf("a wrong token: %+v", v)
	}
}

func FuzzGotify(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, server, service, address, message, link string, kind uint8, at, began, sent int64) {
		n := notice(server, service, address, message, link, kind, at, began, sent)
		pushed := body(t, format(t, "gotify"), n, integration.Target{})
		if r := fake.CheckGotify("/message", pushed); r != nil {
			t.Errorf("%v\n%s", r, pushed)
		}
	})
}
