package terminal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"serverscout/internal/app/client"
)

// printAttempt prints one attempt: what came of it, what was sent, and what
// came back.
func (s *Screen) printAttempt(a client.Attempt) {
	s.printf("Attempt %d, %s, took %s: %s\n", a.Number, moment(a.StartedAt), milliseconds(a.DurationMS), s.word(a.Outcome))
	if a.Detail != "" {
		s.printf("%s\n", line(a.Detail))
	}
	if a.Address != "" {
		s.printf("Connected to %s\n", line(a.Address))
	}
	s.printExchange(">", a.Request)
	s.printExchange("<", a.Response)
	if a.Response == nil {
		s.printf("< no answer\n")
	}
}

// printOutcome prints what came of an attempt, and what the receiver said.
func (s *Screen) printOutcome(a client.Attempt) {
	if a.Detail == "" {
		s.printf("%s in %s%s\n", s.word(a.Outcome), milliseconds(a.DurationMS), statusText(a))
	} else {
		s.printf("%s after %s%s: %s\n", s.word("failed"), milliseconds(a.DurationMS), statusText(a), line(a.Detail))
	}
	if a.Response == nil || a.Response.Body == "" {
		return
	}
	s.printf("The receiver says:\n")
	s.printBody("  ", *a.Response)
}

// statusText is an attempt's status code, as the middle of a sentence.
func statusText(a client.Attempt) string {
	if a.StatusCode == 0 {
		return ", without an answer"
	}
	return fmt.Sprintf(" (HTTP %d)", a.StatusCode)
}

// printExchange prints one side of an attempt, each line behind a mark.
func (s *Screen) printExchange(mark string, e *client.Exchange) {
	if e == nil {
		return
	}
	s.printf("%s %s\n", mark, line(e.Line))
	for _, h := range e.Headers {
		s.printf("%s %s: %s\n", mark, line(h[0]), line(h[1]))
	}
	s.printf("%s\n", mark)
	s.printBody(mark+" ", *e)
}

// printBody prints a body line by line. JSON is indented.
func (s *Screen) printBody(lead string, e client.Exchange) {
	text := e.Body
	var pretty bytes.Buffer
	if json.Indent(&pretty, []byte(text), "", "  ") == nil {
		text = pretty.String()
	}
	for _, l := range lines(strings.TrimRight(text, "\r\n")) {
		s.printf("%s\n", strings.TrimRight(lead+l, " "))
	}
	if e.Truncated {
		s.printf("%s(cut here: the record holds no more)\n", lead)
	}
}

// milliseconds is a measured time as a person reads it.
func milliseconds(ms float64) time.Duration {
	return rounded(time.Duration(ms * float64(time.Millisecond)))
}

// rounded leaves as much of a measured time as anybody needs.
func rounded(d time.Duration) time.Duration {
	switch {
	case d >= 10*time.Second:
		return d.Round(100 * time.Millisecond)
	case d >= 100*time.Millisecond:
		return d.Round(time.Millisecond)
	default:
		return d.Round(100 * time.Microsecond)
	}
}
