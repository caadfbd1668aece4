package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"serverscout/internal/scout"
)

// asking is a session with a server that gives every request to handle, and
// what it prints.
func asking(t *testing.T, handle http.HandlerFunc) (*Session, *bytes.Buffer) {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(func() {
		server.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	screen, out := paper()
	s, err := NewSession(server.URL, "scout_x", "", false, screen)
	if err != nil {
		t.Fatal(err)
	}
	return s, out
}

func TestAChangeIsOfTheRevisionThatWasRead(t *testing.T) {
	t.Parallel()
	s, out := asking(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet:
			w.Header().Set("ETag", `"3"`)
			_, _ = io.WriteString(w, `{"id":1,"name":"web"}`)
		case r.Header.Get("If-Match") != `"3"`:
			t.Errorf("If-Match is %q", r.Header.Get("If-Match"))
		default:
			w.WriteHeader(http.StatusPreconditionFailed)
			_, _ = io.WriteString(w, `{"code":"changed","detail":"somebody else changed it"}`)
		}
	})
	err := s.ChangeServer(context.Background(), "1", Edits{Set: []string{"name=w"}})
	if err == nil || scout.CodeOf(err) != scout.Changed || out.Len() > 0 {
		t.Errorf("the error is %v, printed is %q", err, out)
	}
}

// TestNumbersAreNames makes sure that a name of digits is found where there is
// no such id.
func TestNumbersAreNames(t *testing.T) {
	t.Parallel()
	s, out := asking(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api/v1/servers/42":
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"code":"not_found","detail":"there is no server 42"}`)
		case r.FormValue("name") == "42":
			_, _ = io.WriteString(w, `{"items":[{"id":7,"name":"42"}]}`)
		case r.Method == http.MethodDelete && r.URL.Path == "/api/v1/servers/7":
			w.WriteHeader(http.StatusNoContent)
		default:
			t.Errorf("asked for %s %s", r.Method, r.URL)
		}
	})
	if err := s.DeleteServer(context.Background(), "42"); err != nil || out.String() != "Server 42 is deleted, with its checks.\n" {
		t.Errorf("%v, printed is %q", err, out)
	}
}

// TestNamesMayHoldSlashes makes sure that each slash may be the one between
// server and check.
func TestNamesMayHoldSlashes(t *testing.T) {
	t.Parallel()
	s, _ := asking(t, func(w http.ResponseWriter, r *http.Request) {
		items := ""
		switch {
		case r.URL.Path == "/api/v1/servers" && r.FormValue("name") == "a/b":
			items = `{"id":5,"name":"a/b"}`
		case r.URL.Path == "/api/v1/checks" && r.FormValue("server_id") == "5" && r.FormValue("name") == "c/d":
			items = `{"id":9,"server":"a/b","name":"c/d"}`
		}
		_, _ = fmt.Fprintf(w, `{"items":[%s]}`, items)
	})
	c, err := s.check(context.Background(), "a/b/c/d")
	if err != nil || c.Value.ID != 9 {
		t.Errorf("found is %+v, %v", c.Value, err)
	}
}

func TestPrintError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want []string
	}{
		{errors.New("no \x1b[2J way"), []string{"scout: no \ufffd[2J way\n"}},
		{
			&scout.Error{Code: scout.Invalid, Message: "2 fields are not as they should be", Fields: []scout.FieldError{
				{Field: "interval", Value: "1ms", Message: "must be 1s or more"}, {Field: "name", Message: "is missing"},
			}},
			[]string{"scout: interval: must be 1s or more (it is \"1ms\")\nscout: name: is missing\n"},
		},
		{scout.Errorf(scout.Unauthorized, "this token is not known"), []string{"this token is not known", "export SCOUT_TOKEN=$("}},
		{scout.Errorf(scout.Forbidden, "it may only read"), []string{"it may only read", "export SCOUT_TOKEN=$("}},
		{scout.Errorf(scout.Changed, "somebody else changed it"), []string{"somebody else changed it", "run the command again"}},
		{fmt.Errorf("reading: %w", scout.Errorf(scout.NotFound, "there is no server 3")), []string{"scout: reading: there is no server 3\n"}},
	}
	for _, tt := range tests {
		var out bytes.Buffer
		PrintError(&out, tt.err)
		for _, want := range tt.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%v reads\n%s\nwithout %q", tt.err, out.String(), want)
			}
		}
	}
}

func TestASessionNeedsAToken(t *testing.T) {
	t.Parallel()
	if _, err := NewSession(DefaultURL, "", "", false, &Screen{}); scout.CodeOf(err) != scout.Invalid {
		t.Errorf("the error is %v", err)
	}
}
