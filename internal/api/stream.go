package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"serverscout/internal/scout"
)

// Changes tells of changes that were committed. What it tells is a hint: who
// hears it reads what there is.
type Changes interface {
	// Subscribe begins to tell a stream, until cancel is called: on history of
	// new events, deliveries and attempts, on configuration of changes to
	// servers, checks, webhooks. A channel receives at least once after the last
	// change; the sender never waits.
	Subscribe() (history, configuration <-chan struct{}, cancel func())
}

// silence tells of nothing.
type silence struct{}

func (silence) Subscribe() (history, configuration <-chan struct{}, cancel func()) {
	return nil, nil, func() {}
}

const (
	mostStreams   = 100
	longestResume = 10_000 // events and attempts that a stream catches up with
)

// The types of a stream's messages.
const (
	eventMessage         = "event"
	attemptMessage       = "attempt"
	configurationMessage = "configuration"
	resetMessage         = "reset"
)

const streamDescription = `Server-sent events, from now on. The types of messages are:
event, an event as GET /events/{id} shows it, samples of tests too;
attempt, an attempt as GET /attempts shows it;
configuration, {"changed":"configuration"}: servers, checks or webhooks have changed, read their lists again;
reset, {"changed":"everything"}: something was missed, read everything again.
Whoever reconnects with Last-Event-ID gets everything after that message, or a reset if some of it is gone, if it is more
than 10,000 messages, or if there is no such message. A comment is sent every 15 seconds where there is nothing else.
At most 100 streams are open at a time.`

func (a *api) registerStream() {
	text := &huma.Schema{Type: huma.TypeString, Examples: []any{
		"event: configuration\nid: 12-34\ndata: {\"changed\":\"configuration\"}\n\n",
	}}
	serve(a, huma.Operation{
		OperationID: "stream", Method: http.MethodGet, Path: "/stream",
		Summary: "Follow events, attempts and changes as they come", Description: streamDescription,
		Responses: map[string]*huma.Response{"200": {
			Description: "A stream that does not end by itself.",
			Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: text}},
		}},
	}, a.openStream)
}

type streamRequest struct {
	LastEventID string   `header:"Last-Event-ID" doc:"The id of the last message that was received."`
	Types       []string `query:"types" enum:"event,attempt,configuration" doc:"Only messages of these types, separated by commas; reset is always sent."`
	CheckID     int64    `query:"check_id" minimum:"1" doc:"Only events of this check, and attempts to tell of them."`
	WebhookID   int64    `query:"webhook_id" minimum:"1" doc:"Only attempts to this webhook; events are not narrowed by it."`
}

func (a *api) openStream(ctx context.Context, in *streamRequest) (*huma.StreamResponse, error) {
	at, missed, err := a.streamStart(ctx, in.LastEventID)
	if err != nil {
		return nil, err
	}
	select {
	case a.streams <- struct{}{}:
	default:
		return nil, scout.Errorf(scout.Unavailable, "%d streams are open, and no more are possible: close one, or try again later", mostStreams)
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer func() { <-a.streams }()
		r, w := humago.Unwrap(hctx)
		hctx.SetHeader("Content-Type", "text/event-stream")
		hctx.SetHeader("X-Accel-Buffering", "no") // nginx would hold messages back
		hctx.SetStatus(http.StatusOK)
		if r.Method == http.MethodHead {
			return
		}
		s := &stream{api: a, wants: *in, token: tokenOf(hctx.Context()).ID, at: at, w: w, control: http.NewResponseController(w)}
		if err := s.run(hctx.Context(), missed); err != nil {
			a.log.Debug("a stream has ended", "error", err)
		}
	}}, nil
}

// streamStart returns the place from which a stream goes on, which is the end
// of the history unless the client names the last message it has. Missed says
// that the client has missed something that cannot be sent any more.
func (a *api) streamStart(ctx context.Context, lastID string) (at scout.Place, missed bool, err error) {
	end, err := a.store.LastPlace(ctx)
	if err != nil || lastID == "" {
		return end, false, err
	}
	last, ok := parsePlace(lastID)
	behind := scout.Place{Event: end.Event - last.Event, Attempt: end.Attempt - last.Attempt}
	if !ok || behind.Event < 0 || behind.Attempt < 0 || behind.Event+behind.Attempt > longestResume {
		return end, true, nil
	}
	there, err := a.store.CountBetween(ctx, last, end)
	if err != nil || there != behind {
		return end, true, err
	}
	return last, false, nil
}

// placeID is a place as the id of a message.
func placeID(p scout.Place) string { return digits(p.Event) + "-" + digits(p.Attempt) }

// parsePlace is the inverse of placeID; it is false for what that has not made.
func parsePlace(id string) (p scout.Place, ok bool) {
	event, attempt, _ := strings.Cut(id, "-")
	var err, err2 error
	p.Event, err = strconv.ParseInt(event, 10, 64)
	p.Attempt, err2 = strconv.ParseInt(attempt, 10, 64)
	return p, err == nil && err2 == nil && p.Event >= 0 && p.Attempt >= 0 && placeID(p) == id
}
