package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"serverscout/internal/app/client"
	"serverscout/internal/scout"
)

// answering is a client of a server that gives every request to handle.
func answering(t *testing.T, handle http.HandlerFunc) *client.Client {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(func() {
		server.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return client.New(server.URL+"/", scout.NewSecret("scout_x"))
}

func TestListReadsAsManyPagesAsAreWanted(t *testing.T) {
	t.Parallel()
	const have = 1200
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		from, limit := 0, 0
		_, _ = fmt.Sscan(r.FormValue("cursor"), &from)
		if _, err := fmt.Sscan(r.FormValue("limit"), &limit); err != nil || limit < 1 || limit > 500 {
			http.Error(w, "bad limit", http.StatusBadRequest)
			return
		}
		items := []string{}
		for id := from + 1; id <= min(from+limit, have); id++ {
			items = append(items, fmt.Sprintf(`{"id":%d,"extra":[]}`, id))
		}
		next := ""
		if from+limit < have {
			next = fmt.Sprintf(`,"next":"%d"`, from+limit)
		}
		_, _ = fmt.Fprintf(w, `{"items":[%s]%s}`, strings.Join(items, ","), next)
	})
	tests := []struct {
		limit, want int
		more        bool
	}{{0, have, false}, {1, 1, true}, {500, 500, true}, {700, 700, true}, {1200, 1200, false}, {5000, 1200, false}}
	for _, tt := range tests {
		found, err := c.Servers(context.Background(), client.ServerFilter{}, tt.limit)
		if err != nil || len(found.Items) != tt.want || found.More != tt.more {
			t.Errorf("limit %d: %d items, more %v, %v", tt.limit, len(found.Items), found.More, err)
			continue
		}
		last := found.Items[tt.want-1]
		if last.Value.ID != int64(tt.want) || string(last.JSON) != fmt.Sprintf(`{"id":%d,"extra":[]}`, tt.want) {
			t.Errorf("limit %d: the last item is %+v, %s", tt.limit, last.Value, last.JSON)
		}
	}
}

func TestFiltersAreSentAsTheyAre(t *testing.T) {
	t.Parallel()
	var got string
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.RawQuery
		_, _ = io.WriteString(w, `{"items":[]}`)
	})
	since := time.Date(2026, 1, 15, 12, 30, 0, 0, time.FixedZone("", 2*3600))
	if _, err := c.Deliveries(context.Background(), client.DeliveryFilter{Server: "a&b", WebhookID: 3, Since: since}, 10); err != nil {
		t.Fatal(err)
	}
	if want := "limit=10&server=a%26b&since=2026-01-15T10%3A30%3A00Z&webhook_id=3"; got != want {
		t.Errorf("the query is %s, want %s", got, want)
	}
}

func TestRequestsCarryTokenAndRevision(t *testing.T) {
	t.Parallel()
	var seen http.Header
	var body map[string]any
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header
		_ = json.NewDecoder(r.Body).Decode(&body)
		w.Header().Set("ETag", `"8"`)
		_, _ = io.WriteString(w, `{"id":1,"name":"ops"}`)
	})
	a, err := c.ChangeWebhook(context.Background(), 1, `"7"`, map[string]any{"name": "ops", "format": nil})
	if err != nil || a.ETag != `"8"` || a.Value.Name != "ops" {
		t.Fatalf("the answer is %+v, %v", a, err)
	}
	if seen.Get("Authorization") != "Bearer scout_x" || seen.Get("If-Match") != `"7"` || seen.Get("Content-Type") != "application/json" {
		t.Errorf("the header is %v", seen)
	}
	if v, there := body["format"]; v != nil || !there {
		t.Errorf("the body is %v", body)
	}
}

func TestErrorsOfTheAPI(t *testing.T) {
	t.Parallel()
	c := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"status":422,"code":"invalid","detail":"name is missing","errors":[{"field":"name","value":"v","message":"is missing"}]}`)
	})
	_, err := c.CreateServer(context.Background(), map[string]any{})
	var e *scout.Error
	if !errors.As(err, &e) || e.Code != scout.Invalid || len(e.Fields) != 1 || e.Fields[0] != (scout.FieldError{Field: "name", Value: "v", Message: "is missing"}) {
		t.Errorf("the error is %#v", err)
	}
}

func TestWhatIsNotServerScoutIsSaidSo(t *testing.T) {
	t.Parallel()
	tests := map[string]http.HandlerFunc{
		"a page":          func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"an error page":   http.NotFound,
		"an error's JSON": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, `{"error":"no"}`, http.StatusForbidden) },
	}
	for name, handle := range tests {
		_, err := answering(t, handle).Server(context.Background(), 1)
		if err == nil || !strings.Contains(err.Error(), "is --url") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]scout.Code{
		"http://127.0.0.1:1": scout.Unavailable,
		"localhost:8080":     scout.Invalid,
		"ftp://example.com":  scout.Invalid,
		"":                   scout.Invalid,
		"http://[":           scout.Invalid,
	} {
		_, err := client.New(url, scout.NewSecret("scout_x")).Server(context.Background(), 1)
		if err == nil || scout.CodeOf(err) != want || strings.Contains(err.Error(), "scout_x") {
			t.Errorf("%s: %v, want %s", url, err, want)
		}
	}
}
