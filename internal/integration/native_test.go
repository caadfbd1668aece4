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

// TestNativeBytes pins the payload to the byte: it is frozen.
func TestNativeBytes(t *testing.T) {
	t.Parallel()
	req, err := format(t, "native").Render(down(), integration.Target{URL: "https://example.com/hook"})
	if err != nil {
		t.Fatal(err)
	}
	want := scout.Request{
		URL:         "https://example.com/hook",
		ContentType: "application/json",
		Body: []byte(`{"alert_id":"12345","server_name":"web-server-01","service":"HTTP","status":"down",` +
			`"message":"HTTP service is not responding on port 80","timestamp":"2024-01-15T10:30:00Z",` +
			`"severity":"critical","server_ip":"192.168.1.100","duration":"00:05:23"}`),
	}
	if diff := cmp.Diff(want, req); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestNativeKeepsTextAsItIs(t *testing.T) {
	t.Parallel()
	n := down()
	n.Message = "a <b> & \"c\"\n\u2028 é 😀 \xff."
	req, err := format(t, "native").Render(n, integration.Target{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(req.Body), `a <b> & \"c\"\n`) {
		t.Errorf("escaped for HTML: %s", req.Body)
	}
	var got scout.Payload
	if err := json.Unmarshal(req.Body, &got); err != nil {
		t.Fatal(err)
	}
	if want := "a <b> & \"c\"\n\u2028 é 😀 \uFFFD."; got.Message != want {
		t.Errorf("message %q, want %q", got.Message, want)
	}
}

func TestNativeNamesTheSecretsOfItsURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string][]string{
		"https://example.com/a/b":                              nil,
		"https://me:pw@example.com/":                           {"pw"},
		"https://token@example.com/":                           {"token"},
		"https://example.com/?wait=true&k=long%2Dsecret&%zz=1": {"long-secret"},
		"https://example.com/?longsecret":                      {"longsecret"},
		"https://example.com/?k=%zzlongsecret":                 {"%zzlongsecret"},
		"://":                                                  nil,
	} {
		req, err := format(t, "native").Render(down(), integration.Target{URL: url})
		if diff := cmp.Diff(want, req.Secrets); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", url, err, diff)
		}
		if req.URL != url {
			t.Errorf("the URL %q became %q", url, req.URL)
		}
	}
}

// notice builds a notice out of fuzzed parts.
func notice(server, service, address, message, link string, kind uint8, at, began, sent int64) scout.Notice {
	statuses := []scout.Status{scout.StatusDown, scout.StatusWarning, scout.StatusRecovered}
	kinds := []scout.EventKind{scout.Opened, scout.Worsened, scout.Eased, scout.Reminder, scout.Recovered}
	year := func(s int64) time.Time { return time.Unix(int64(uint64(s)%4102444800), 0) }
	return scout.Notice{
		AlertID: "12345", Server: server, Service: service, ServerIP: address, Message: message, Link: link,
		Status: statuses[kind%3], Kind: kinds[kind%5], Test: kind > 127,
		At: year(at), Began: year(began), Ended: year(at ^ began), SentAt: year(sent),
		Duration: time.Duration(at - began),
	}
}

// seed adds the sample notice and a hostile one to a renderer's corpus.
func seed(f *testing.F) {
	f.Add("web-server-01", "HTTP", "192.168.1.100", "not responding", "https://scout.example/i/1", uint8(0), int64(1705314600), int64(1705314277), int64(1705314601))
	f.Add(hostile, hostile, hostile, hostile, "https://scout.example/"+hostile, uint8(200), int64(0), int64(-1), int64(1<<40))
}

func FuzzNative(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, server, service, address, message, link string, kind uint8, at, began, sent int64) {
		req, err := format(t, "native").Render(notice(server, service, address, message, link, kind, at, began, sent), integration.Target{})
		if err != nil {
			t.Fatal(err)
		}
		if r := fake.CheckNative(req.Body); r != nil {
			t.Errorf("%v\n%s", r, req.Body)
		}
	})
}
