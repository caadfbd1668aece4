package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

func TestPlaceIDs(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]scout.Place{"0-0": {}, "12-345": {Event: 12, Attempt: 345}} {
		if got, ok := parsePlace(id); !ok || got != want {
			t.Errorf("%q is the place %v, %t", id, got, ok)
		}
	}
	for _, id := range []string{"", "-", "1", "1-", "-1-2", "1--2", "01-2", "+1-2", "1-2-3", "1 -2", "x-y", "99999999999999999999-1"} {
		if got, ok := parsePlace(id); ok {
			t.Errorf("%q is taken for the place %v", id, got)
		}
	}
}

func FuzzPlaceID(f *testing.F) {
	f.Add("0-0")
	f.Add("12-345")
	f.Add("-1-2")
	f.Fuzz(func(t *testing.T, id string) {
		if p, ok := parsePlace(id); ok && (placeID(p) != id || p.Event < 0 || p.Attempt < 0) {
			t.Errorf("%q is the place %v", id, p)
		}
	})
}

func TestStreamTellsAsItHappens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := air(t)
		l := a.listen("", "")
		a.seedIncident(a.world, time.Time{})
		a.hub.history()
		told := l.expect(eventMessage, attemptMessage, attemptMessage)
		event := a.want(http.StatusOK, "GET", "/api/v1/events?limit=1", nil).items()[0]
		if diff := cmp.Diff(event, any(told[0].object(t))); diff != "" {
			t.Errorf("the event (-as listed +as told):\n%s", diff)
		}
		attempt := a.want(http.StatusOK, "GET", "/api/v1/attempts?limit=1", nil).items()[0]
		if diff := cmp.Diff(attempt, any(told[2].object(t))); diff != "" {
			t.Errorf("the attempt (-as listed +as told):\n%s", diff)
		}
		if told[0].id != "3-4" || told[1].id != "3-5" || told[2].id != "3-6" {
			t.Errorf("ids = %s, %s, %s", told[0].id, told[1].id, told[2].id)
		}
		a.hub.configuration()
		if m := l.expect(configurationMessage)[0]; m.data != `{"changed":"configuration"}` || m.id != "3-6" {
			t.Errorf("the hint is %+v", m)
		}
		l.hangUp()
		synctest.Wait()
		if n := a.hub.subscribers(); n != 0 {
			t.Errorf("%d are still told of changes", n)
		}
	})
}

func TestStreamFindsOutByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := air(t)
		l := a.listen("", "")
		asked := time.Now()
		a.happen(1)
		l.expect(eventMessage)
		if took := time.Since(asked); took > lookEvery {
			t.Errorf("it took %s without a hint", took)
		}
	})
}

func TestStreamResumes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := air(t)
		first := a.listen("", "")
		a.happen(3)
		a.hub.history()
		first.expect(eventMessage, eventMessage)
		first.hangUp()
		a.happen(250) // more than a page
		a.seedIncident(a.world, time.Time{})
		second := a.listen("", first.last)
		second.expect(configurationMessage)
		want := int64(5) // the world has two events, and two of the three were read
		for range 250 + 2 {
			m := second.expect(eventMessage)[0]
			if id := fmt.Sprintf("%d-4", want); m.id != id {
				t.Fatalf("the message after the last one has the id %s, want %s", m.id, id)
			}
			want++
		}
		second.expect(attemptMessage, attemptMessage)
		a.happen(1)
		a.hub.history()
		if m := second.expect(eventMessage)[0]; m.id != fmt.Sprintf("%d-6", want) {
			t.Errorf("what comes live has the id %s", m.id)
		}
	})
}

func TestStreamResets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := air(t)
		reset := func(why, lastID string) {
			t.Helper()
			l := a.listen("?types=attempt", lastID)
			if m := l.expect(resetMessage)[0]; m.data != `{"changed":"everything"}` {
				t.Errorf("%s: reset = %+v", why, m)
			}
			l.hangUp()
		}
		reset("no id of ours", "yesterday")
		reset("a later event", "3-4")
		reset("a later attempt", "2-5")
		a.want(http.StatusNoContent, "DELETE", fmt.Sprintf("/api/v1/webhooks/%d", a.webhook), nil)
		a.want(http.StatusNoContent, "DELETE", "/api/v1/incidents/"+a.closedIncident, nil)
		a.happen(1)
		reset("something was deleted", "1-2")
		l := a.listen("?types=event", "3-2")
		a.happen(1)
		l.expect(eventMessage)
	})
}

// ended is a store whose history is at a place, and of which some is left.
type ended struct {
	Store
	end, left scout.Place
}

func (e ended) LastPlace(context.Context) (scout.Place, error) { return e.end, nil }

func (e ended) CountBetween(context.Context, scout.Place, scout.Place) (scout.Place, error) {
	return e.left, nil
}

func TestStreamStart(t *testing.T) {
	t.Parallel()
	end := scout.Place{Event: 9_000, Attempt: 9_000}
	tests := []struct {
		name, lastID string
		left         scout.Place
		want         scout.Place
		missed       bool
	}{
		{"no last message", "", scout.Place{}, end, false},
		{"nothing missed", "9000-9000", scout.Place{}, end, false},
		{"something to send", "8999-8998", scout.Place{Event: 1, Attempt: 2}, scout.Place{Event: 8_999, Attempt: 8_998}, false},
		{"as much as can be sent", "4000-4000", scout.Place{Event: 5_000, Attempt: 5_000}, scout.Place{Event: 4_000, Attempt: 4_000}, false},
		{"one more", "3999-4000", scout.Place{Event: 5_001, Attempt: 5_000}, end, true},
		{"an event is gone", "8999-8998", scout.Place{Attempt: 2}, end, true},
		{"an attempt is gone", "8999-8998", scout.Place{Event: 1, Attempt: 1}, end, true},
		{"a later event", "9001-9000", scout.Place{Event: -1}, end, true},
		{"a later attempt", "9000-9001", scout.Place{Attempt: -1}, end, true},
		{"no id", "x", scout.Place{}, end, true},
	}
	for _, tt := range tests {
		a := &api{store: ended{end: end, left: tt.left}}
		at, missed, err := a.streamStart(t.Context(), tt.lastID)
		if err != nil || at != tt.want || missed != tt.missed {
			t.Errorf("%s: a stream begins at %v, missed = %t, %v, want %v, %t", tt.name, at, missed, err, tt.want, tt.missed)
		}
	}
}

func TestStreamKeepsAlive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := air(t)
		l := a.listen("?types=attempt", "")
		a.happen(1) // is not wanted
		begun := time.Now()
		for range 10 { // far beyond the server's WriteTimeout
			if m := l.next(); m.comment == "" || m.kind != "" || m.id != "3-4" {
				t.Fatalf("message %+v, want a comment", m)
			}
		}
		if took := time.Since(begun); took < 9*keepAlive || took > 10*(keepAlive+lookEvery) {
			t.Errorf("ten signs of life took %s", took)
		}
		a.seedIncident(a.world, time.Time{})
		a.hub.history()
		l.expect(attemptMessage)
	})
}

func TestStreamFilters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := air(t)
		mine := fmt.Sprintf("check_id=%d&webhook_id=%d", a.check, a.webhook)
		both := a.listen("?"+mine, "")
		events := a.listen("?types=event,configuration&"+mine, "")
		elsewhere := a.listen(fmt.Sprintf("?check_id=%d", a.check+1), "")
		another := a.listen(fmt.Sprintf("?webhook_id=%d", a.webhook+1), "")
		a.seedIncident(a.world, time.Time{})
		a.hub.history()
		both.expect(eventMessage, attemptMessage, attemptMessage)
		events.expect(eventMessage)
		another.expect(eventMessage)
		synctest.Wait()
		a.hub.configuration()
		events.expect(configurationMessage)
		another.expect(configurationMessage)
		elsewhere.expect(configurationMessage)
	})
}

func TestStreamEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := air(t)
		l := a.listen("", "")
		close(a.done)
		l.ends(time.Second)
	})
	synctest.Test(t, func(t *testing.T) {
		a := air(t)
		l := a.listen("", "")
		tokens := a.do(scout.Admin, "GET", "/api/v1/tokens", nil).items()
		viewer := tokens[0].(map[string]any)
		if viewer["name"] != "viewer" {
			t.Fatalf("the first token is %v", viewer)
		}
		a.do(scout.Admin, "DELETE", fmt.Sprintf("/api/v1/tokens/%v", viewer["id"]), nil)
		l.ends(2 * lookEvery)
	})
}

func TestSlowClientIsCutOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := air(t)
		conn, err := a.pipes.dial(t.Context(), "", "")
		noErr(t, err)
		defer conn.Close()
		_, err = fmt.Fprintf(conn, "GET /api/v1/stream HTTP/1.1\r\nHost: memory\r\nAuthorization: Bearer %s\r\n\r\n", a.tokens[scout.Viewer])
		noErr(t, err)
		_, err = conn.Read(make([]byte, 1)) // and nothing more
		noErr(t, err)
		time.Sleep(writeWithin - time.Second)
		if n := a.hub.subscribers(); n != 1 {
			t.Fatalf("%d streams are open before the deadline", n)
		}
		time.Sleep(2 * time.Second)
		if n := a.hub.subscribers(); n != 0 {
			t.Error("the stream is still open")
		}
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Errorf("the connection: %v", err)
		}
	})
}

func TestStreamsAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := air(t)
		var open []*listening
		for range mostStreams {
			open = append(open, a.listen("", ""))
		}
		refused := a.connect("", "")
		if refused.StatusCode != http.StatusServiceUnavailable || refused.Header.Get("Retry-After") == "" {
			t.Errorf("one stream too many = %s", refused.Status)
		}
		open[0].hangUp()
		synctest.Wait()
		a.listen("", "")
	})
}

func TestStreamHeadEnds(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.serve(Options{Done: make(chan struct{})})
	if a := r.do(scout.Viewer, http.MethodHead, "/api/v1/stream", nil); a.status != http.StatusOK || a.text != "" {
		t.Errorf("HEAD = %d %q", a.status, a.text)
	}
}

// unreadable is a store whose history cannot be read.
type unreadable struct{ *store.Store }

func (unreadable) LastPlace(context.Context) (scout.Place, error) {
	return scout.Place{}, fmt.Errorf("reading: %w", io.ErrUnexpectedEOF)
}

func TestStreamThatCannotBegin(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.serve(Options{Store: unreadable{r.store}})
	a := r.do(scout.Viewer, "GET", "/api/v1/stream", nil)
	a.problem(t, http.StatusInternalServerError, scout.Internal)
	if strings.Contains(a.text, "EOF") {
		t.Errorf("the answer shows the cause: %s", a.text)
	}
}
