package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"serverscout/internal/scout"
)

const (
	lookEvery   = 2 * time.Second // for what nobody has told of
	keepAlive   = 15 * time.Second
	writeWithin = 10 * time.Second // a client that is slower is cut off, and resumes
	streamPage  = 100
	preamble    = "retry: 2000\n" // a browser reconnects after that many milliseconds
)

// stream is one open stream. It belongs to the goroutine that runs it.
type stream struct {
	api     *api
	wants   streamRequest
	token   int64
	at      scout.Place // everything up to here was sent, or is not wanted
	w       http.ResponseWriter
	control *http.ResponseController
	written time.Time // when something was last sent
}

// changed is what a message says that is only a hint.
type changed struct {
	Changed string `json:"changed"`
}

// run sends messages until the client is gone or too slow, its token is
// removed, or the server stops.
func (s *stream) run(ctx context.Context, missed bool) error {
	history, configuration, cancel := s.api.changes.Subscribe()
	defer cancel()
	if err := s.begin(missed); err != nil {
		return err
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		if err := s.news(ctx); err != nil {
			return err
		}
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-s.api.done:
			return nil
		case <-history:
		case <-configuration:
			err = s.hint()
		case <-look.C:
			err = s.look(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// begin sends what comes first. The id lets a client resume that has not
// received any message yet.
func (s *stream) begin(missed bool) error {
	if err := s.write(preamble + "id: " + placeID(s.at) + "\n\n"); err != nil {
		return err
	}
	switch {
	case missed:
		return s.message(resetMessage, changed{"everything"})
	case s.wants.LastEventID != "":
		return s.hint() // whether that has changed meanwhile is not on record
	default:
		return nil
	}
}

// hint says that the configuration has changed.
func (s *stream) hint() error {
	if !s.wantsType(configurationMessage) {
		return nil
	}
	return s.message(configurationMessage, changed{configurationMessage})
}

// look ends the stream if its token was removed, and keeps it alive.
func (s *stream) look(ctx context.Context) error {
	if _, err := s.api.store.Token(ctx, s.token); err != nil {
		return fmt.Errorf("its token: %w", err)
	}
	if time.Since(s.written) < keepAlive {
		return nil
	}
	// The id goes with it, as there may have been much that was not wanted.
	return s.write(": still here\nid: " + placeID(s.at) + "\n\n")
}

// news sends the events and attempts that have come. Attempts are read before
// events and sent after them, so that no attempt precedes its event.
func (s *stream) news(ctx context.Context) error {
	for {
		attempts, err := s.api.store.AttemptsAfter(ctx, s.at.Attempt, streamPage)
		if err != nil {
			return err
		}
		if err := s.newEvents(ctx); err != nil {
			return err
		}
		for _, t := range attempts {
			s.at.Attempt = t.Attempt.ID
			if !s.wantsAttempt(t) {
				continue
			}
			if err := s.message(attemptMessage, viewSentAttempt(t)); err != nil {
				return err
			}
		}
		if len(attempts) < streamPage {
			return nil
		}
	}
}

func (s *stream) newEvents(ctx context.Context) error {
	for {
		events, err := s.api.store.EventsAfter(ctx, s.at.Event, streamPage)
		if err != nil {
			return err
		}
		for _, e := range events {
			s.at.Event = e.ID
			if !s.wantsType(eventMessage) || s.wants.CheckID != 0 && s.wants.CheckID != e.CheckID {
				continue
			}
			if err := s.message(eventMessage, viewEvent(e)); err != nil {
				return err
			}
		}
		if len(events) < streamPage {
			return nil
		}
	}
}

func (s *stream) wantsType(kind string) bool {
	return len(s.wants.Types) == 0 || slices.Contains(s.wants.Types, kind)
}

func (s *stream) wantsAttempt(t scout.SentAttempt) bool {
	return s.wantsType(attemptMessage) &&
		(s.wants.CheckID == 0 || s.wants.CheckID == t.CheckID) &&
		(s.wants.WebhookID == 0 || s.wants.WebhookID == t.Attempt.WebhookID)
}

// message sends one message, whose id is the place that the stream is at.
func (s *stream) message(kind string, content any) error {
	data, err := json.Marshal(content)
	if err != nil {
		return err
	}
	return s.write(fmt.Sprintf("event: %s\nid: %s\ndata: %s\n\n", kind, placeID(s.at), data))
}

// write sends text at once. The deadline is its own, since that of the server
// is for answers that end.
func (s *stream) write(text string) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	if _, err := io.WriteString(s.w, text); err != nil {
		return err
	}
	s.written = time.Now()
	return s.control.Flush()
}
