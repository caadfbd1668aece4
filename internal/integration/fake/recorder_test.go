package fake_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"serverscout/internal/integration/fake"
)

const validNative = `{"alert_id":"12345","server_name":"web-server-01","service":"HTTP","status":"down",` +
	`"message":"HTTP service is not responding on port 80","timestamp":"2024-01-15T10:30:00Z",` +
	`"severity":"critical","server_ip":"192.168.1.100","duration":"00:05:23"}`

// start serves a fake and returns a client that follows no redirects.
func start(t *testing.T, h http.Handler) (*http.Client, string) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	client := srv.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client, srv.URL
}

// post sends a body and returns the answer with its text.
func post(t *testing.T, client *http.Client, url, contentType, body string) (*http.Response, string) {
	t.Helper()
	resp, err := client.Post(url, contentType, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

func TestScriptedAnswers(t *testing.T) {
	t.Parallel()
	native := &fake.Native{}
	client, url := start(t, native)
	native.Script(
		fake.RateLimited("7"),
		fake.Redirect("https://elsewhere.example/x"),
		fake.Reply(503, "busy"),
		nil,
		fake.Archived(),
	)
	want := []struct {
		status       int
		body         string
		header, text string
	}{
		{429, "rate_limited", "Retry-After", "7"},
		{307, "", "Location", "https://elsewhere.example/x"},
		{503, "busy", "Content-Type", "text/plain; charset=utf-8"},
		{200, "received", "Location", ""},
		{410, "channel_is_archived", "Location", ""},
		{200, "received", "Location", ""},
	}
	for i, w := range want {
		resp, body := post(t, client, url, "application/json", validNative)
		if resp.StatusCode != w.status || body != w.body || resp.Header.Get(w.header) != w.text {
			t.Errorf("answer %d: %d %q %s=%q, want %+v", i, resp.StatusCode, body, w.header, resp.Header.Get(w.header), w)
		}
	}
	if n := len(native.Requests()); n != len(want) {
		t.Errorf("%d requests recorded, want %d", n, len(want))
	}
}

func TestResetIsSeenAsReset(t *testing.T) {
	t.Parallel()
	native := &fake.Native{}
	client, url := start(t, native)
	native.Script(fake.Reset())
	resp, err := client.Post(url, "application/json", strings.NewReader(validNative))
	if err == nil {
		resp.Body.Close()
		t.Fatal("an answer came")
	}
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		t.Errorf("error %v, want a reset", err)
	}
}

func TestHangEndsWithTheSender(t *testing.T) {
	t.Parallel()
	native := &fake.Native{}
	client, url := start(t, native)
	native.Script(fake.Hang())
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(validNative))
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		failed <- err
	}()
	if _, err := native.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the sender's own cancellation", err)
	}
}

func TestWaitFailsWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := new(fake.Native).Wait(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestRequestIsRecordedAsSent(t *testing.T) {
	t.Parallel()
	native := &fake.Native{}
	client, url := start(t, native)
	before := time.Now()
	raw := "{ \"alert_id\":\t\"\xff\"}"
	resp, _ := post(t, client, url+"/hook?a=b", "application/json; charset=utf-8", raw)
	if resp.StatusCode != 400 {
		t.Errorf("status %d, want 400", resp.StatusCode)
	}
	got := native.Requests()[0]
	if string(got.Body) != raw || got.Path != "/hook?a=b" || got.Method != "POST" {
		t.Errorf("recorded %q %q %q", got.Method, got.Path, got.Body)
	}
	if got.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("header %v", got.Header)
	}
	if got.At.Before(before) || got.At.After(time.Now()) {
		t.Errorf("arrived %v, outside the test", got.At)
	}
	if got.Rejection == nil || !strings.Contains(got.Rejection.Error(), "UTF-8") {
		t.Errorf("rejection %v", got.Rejection)
	}
}

func TestScriptDoesNotHideARejection(t *testing.T) {
	t.Parallel()
	native := &fake.Native{}
	client, url := start(t, native)
	native.Script(fake.Reply(200, "fine"))
	post(t, client, url, "application/json", "{}")
	if native.Requests()[0].Rejection == nil {
		t.Error("a bad request under a scripted answer was not judged")
	}
}

func TestOnlyPostOfJSON(t *testing.T) {
	t.Parallel()
	client, url := start(t, &fake.Native{})
	for _, tc := range []struct {
		method      string
		contentType []string
		body        string
		status      int
	}{
		{"POST", []string{"application/json"}, validNative, 200},
		{"POST", []string{"application/json; charset=utf-8"}, validNative, 200},
		{"GET", []string{"application/json"}, validNative, 405},
		{"PUT", []string{"application/json"}, validNative, 405},
		{"POST", []string{"text/plain"}, validNative, 415},
		{"POST", []string{"application/x-www-form-urlencoded"}, validNative, 415},
		{"POST", nil, validNative, 415},
		{"POST", []string{"application/json", "application/json"}, validNative, 415},
		{"POST", []string{"application/json"}, `"` + strings.Repeat("x", 1<<20) + `"`, 413},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tc.method, url, strings.NewReader(tc.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header["Content-Type"] = tc.contentType
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tc.status {
			t.Errorf("%s %q: %d, want %d", tc.method, tc.contentType, resp.StatusCode, tc.status)
		}
	}
}
