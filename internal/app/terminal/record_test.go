package terminal

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"serverscout/internal/app/client"
	"serverscout/internal/scout"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	screen, out := paper()
	s := &Session{Screen: screen}
	text := `{"z":1.5,"name":"web\u001b","tags":["a","b"],"state":{"level":"down","since":null},"paused":false,"list":[{"k":1}],"secret":"hidden","empty":""}`
	if err := printRecord(s, []byte(text), []string{"name", "missing", "state.level"}, "secret"); err != nil {
		t.Fatal(err)
	}
	want := "name         web\ufffd\nstate.level  down\nlist         {\"k\":1}\npaused       false\ntags         a, b\nz            1.5\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
	if got := scalar("2026-01-15T10:30:00Z"); got != moment(time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)) {
		t.Errorf("a time reads %s", got)
	}
}

func TestStepsHaveBarsOnATerminalOnly(t *testing.T) {
	t.Parallel()
	steps := []scout.Step{{Name: "DNS", Took: 10 * time.Millisecond}, {Name: "first byte", Took: 20 * time.Millisecond}}
	s, out := paper()
	s.printSteps(steps)
	if want := "  DNS              10ms\n  first byte       20ms\n"; out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
	out.Reset()
	s.Width = 80
	s.printSteps(steps)
	if bars := strings.Count(out.String(), "█"); bars != widestBar {
		t.Errorf("the bars are %d long:\n%s", bars, out)
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"a":1}`:           "> {\n>   \"a\": 1\n> }\n",
		"two\r\nlines\n":    "> two\n> lines\n",
		"\x1b]0;title\x07!": "> \ufffd]0;title\ufffd!\n",
		"a\n\nb":            "> a\n>\n> b\n",
	} {
		s, out := paper()
		s.printBody("> ", client.Exchange{Body: body})
		if out.String() != want {
			t.Errorf("%q: got %q, want %q", body, out, want)
		}
	}
}

func TestTrial(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(service.Close)
	s, out := paper()
	if err := (Trial{Target: service.URL}).Run(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "up       HTTP service answers") || !strings.Contains(out.String(), "\n  first byte ") {
		t.Errorf("printed is\n%s", out)
	}
	down := Trial{Target: service.URL, Edits: Edits{Set: []string{"expect.status=500"}}, JSON: true}
	if err := down.Run(context.Background(), s); !errors.Is(err, ErrNotWell) {
		t.Errorf("the error is %v", err)
	}
	for _, bad := range []Trial{{Target: "gopher://x"}, {Kind: "external", Target: "x"}, {Kind: "nonsense", Target: "x"}, {Kind: "tcp", Target: "x"}} {
		if err := bad.Run(context.Background(), s); err == nil || scout.CodeOf(err) != scout.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	none := func(string) string { return "" }
	for source, want := range map[string]string{
		"kind": "dns", "format": "auto", "server-key": "tags", "check-key": "expect.status", "check-key=": "expect.status=",
		"webhook-key=": "headers.",
	} {
		if got := Names(context.Background(), source, none); !slices.Contains(got, want) {
			t.Errorf("%s: %q has no %s", source, got, want)
		}
	}
	if got := Names(context.Background(), "server", none); got != nil {
		t.Errorf("without a token: %q", got)
	}
}
