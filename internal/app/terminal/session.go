package terminal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"serverscout/internal/app/client"
	"serverscout/internal/scout"
)

// Session is one command's work with a running server.
type Session struct {
	API    *client.Client
	Screen *Screen
	JSON   bool // print what the API gives, not what a person reads
}

// ErrNotWell says that the command did what it should, and that what it
// reported is not well. Nothing is left to print.
var ErrNotWell = errors.New("not well")

// DefaultURL is where a server is that was told no other address.
const DefaultURL = "http://127.0.0.1:8080"

// howToGetToken completes the sentences about a token that is not good enough.
const howToGetToken = "make one on the server's machine, export SCOUT_TOKEN=$(scout token create --name me --role admin), or give it with --token"

// NewSession begins a session with the server at url. A missing token is an
// Invalid error. Its certificate may also be from an authority in the PEM file
// ca; "" is none.
func NewSession(url, token, ca string, asJSON bool, screen *Screen) (*Session, error) {
	if token == "" {
		return nil, scout.Errorf(scout.Invalid, "a token is needed: %s", howToGetToken)
	}
	api := client.New(url, scout.NewSecret(token))
	if ca != "" {
		if err := api.Trust(ca); err != nil {
			return nil, err
		}
	}
	return &Session{API: api, Screen: screen, JSON: asJSON}, nil
}

// PrintError prints an error for a person: one line for each faulty field, or
// the sentence, with what to do about a token that is not good enough.
func PrintError(w io.Writer, err error) {
	var e *scout.Error
	if !errors.As(err, &e) {
		fmt.Fprintln(w, "scout:", line(err.Error()))
		return
	}
	for _, f := range e.Fields {
		text := f.Field + ": " + f.Message
		if f.Value != "" && !strings.Contains(f.Message, f.Value) {
			text += fmt.Sprintf(" (it is %q)", f.Value)
		}
		fmt.Fprintln(w, "scout:", line(text))
	}
	if len(e.Fields) > 0 {
		return
	}
	switch e.Code {
	case scout.Unauthorized, scout.Forbidden:
		fmt.Fprintf(w, "scout: the server refuses this token: %s\nTo get one that is good enough, %s.\n", line(e.Message), howToGetToken)
	case scout.Changed:
		fmt.Fprintf(w, "scout: %s\nNothing was changed: look at it as it is now, and run the command again.\n", line(e.Message))
	default:
		fmt.Fprintln(w, "scout:", line(err.Error()))
	}
}

// printJSON prints JSON text as the API gave it, indented.
func (s *Session) printJSON(text []byte) error { return printJSON(s.Screen.Out, text) }

func printJSON(out io.Writer, text []byte) error {
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return fmt.Errorf("the answer is not JSON: %w", err)
	}
	b.WriteByte('\n')
	_, err := b.WriteTo(out)
	return err
}

// rawItems is a list as the API gave its items.
func rawItems[T any](found client.List[T]) []byte {
	items := make([]string, 0, len(found.Items))
	for _, item := range found.Items {
		items = append(items, string(item.JSON))
	}
	return []byte("[" + strings.Join(items, ",") + "]")
}

// done says what was done to an object; as JSON, it is the object itself.
func done[T any](s *Session, a client.Answer[T], format string, args ...any) error {
	if s.JSON {
		return s.printJSON(a.JSON)
	}
	s.Screen.printf("%s\n", line(fmt.Sprintf(format, args...)))
	return nil
}

// gone says that something is not there any more. As JSON there is nothing to
// show of it.
func (s *Session) gone(format string, args ...any) error {
	if !s.JSON {
		s.Screen.printf("%s\n", line(fmt.Sprintf(format, args...)))
	}
	return nil
}

// change reads an object, and sends the patch for that revision of it.
func change[T any](
	ctx context.Context, id int64, patch map[string]any,
	read func(context.Context, int64) (client.Answer[T], error),
	send func(context.Context, int64, string, map[string]any) (client.Answer[T], error),
) (client.Answer[T], error) {
	if len(patch) == 0 {
		return client.Answer[T]{}, scout.Errorf(scout.Invalid, "nothing is to be changed: say what with --set KEY=VALUE or --unset KEY")
	}
	now, err := read(ctx, id)
	if err != nil {
		return now, err
	}
	return send(ctx, id, now.ETag, patch)
}

// ParseSince reads a moment: a time, a date (its beginning, here) or how long
// before now. "" is the zero time.
func ParseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := scout.ParseDuration(text); err == nil {
		return now.Add(-d), nil
	}
	for _, form := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(form, text, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, scout.Errorf(scout.Invalid, "%q is not a time: write 2026-01-15T10:30:00Z, 2026-01-15, or how long ago, such as 24h or 7d", text)
}
