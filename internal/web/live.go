package web

import (
	"io"
	"net/http"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
)

// Changes tells of changes that were committed, as hints.
type Changes interface {
	// Watch begins to tell a reader, until cancel is called: on changed of new
	// events, attempts and configuration, on observed of new results. A channel
	// receives at least once after the last change; the sender never waits.
	Watch() (changed, observed <-chan struct{}, cancel func())
}

const (
	mostReaders  = 200
	shortestHint = time.Second      // between two hints of changes
	resultsHint  = 10 * time.Second // between two hints of nothing but results
	aliveHint    = 15 * time.Second
	writeWithin  = 10 * time.Second
)

// live is the stream by which pages hear that they are out of date. It carries
// hints alone: a page reads itself again and takes over what differs.
type live struct {
	changes Changes
	done    <-chan struct{}
	open    chan struct{} // holds one of each open stream
}

func (l *live) serve(r *page.Request) error {
	select {
	case l.open <- struct{}{}:
		defer func() { <-l.open }()
	default:
		return scout.Errorf(scout.Unavailable, "%d pages are open already: close one, or reload this page to see what is new", mostReaders)
	}
	var changed, observed <-chan struct{}
	if l.changes != nil {
		var cancel func()
		changed, observed, cancel = l.changes.Watch()
		defer cancel()
	}
	r.Out.Header().Set("Content-Type", "text/event-stream")
	r.Out.Header().Set("Cache-Control", "no-store")
	r.Out.Header().Set("X-Accel-Buffering", "no") // nginx would hold messages back
	hints := &hints{out: r.Out, control: http.NewResponseController(r.Out)}
	if hints.send("hello") != nil {
		return nil
	}
	alive := time.NewTicker(aliveHint)
	defer alive.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return nil
		case <-l.done:
			return nil
		case <-changed:
			err = hints.at(r, "changed", shortestHint)
		case <-observed:
			err = hints.at(r, "changed", resultsHint)
		case <-alive.C:
			err = hints.send("alive")
		}
		if err != nil { // the reader is gone, and nobody is left to tell
			return nil
		}
	}
}

// hints sends the stream's messages.
type hints struct {
	out     io.Writer
	control *http.ResponseController
	sent    time.Time // the last hint of a change
}

// at sends a hint once the last one is some time ago. What else happens
// meanwhile is told by the same hint.
func (h *hints) at(r *page.Request, name string, gap time.Duration) error {
	wait := time.NewTimer(gap - time.Since(h.sent))
	defer wait.Stop()
	select {
	case <-r.Context().Done():
		return r.Context().Err()
	case <-wait.C:
	}
	h.sent = time.Now()
	return h.send(name)
}

func (h *hints) send(name string) error {
	if err := h.control.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	if _, err := io.WriteString(h.out, "event: "+name+"\ndata:\n\n"); err != nil {
		return err
	}
	return h.control.Flush()
}
