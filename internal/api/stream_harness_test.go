package api

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// hub tells of changes when a test says so.
type hub struct {
	mu   sync.Mutex
	ears map[int][2]chan struct{}
	next int
}

func (h *hub) Subscribe() (history, configuration <-chan struct{}, cancel func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ears == nil {
		h.ears = map[int][2]chan struct{}{}
	}
	id, ear := h.next, [2]chan struct{}{make(chan struct{}, 1), make(chan struct{}, 1)}
	h.ears[id] = ear
	h.next++
	return ear[0], ear[1], func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.ears, id)
	}
}

func (h *hub) tell(which int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, ear := range h.ears {
		select {
		case ear[which] <- struct{}{}:
		default:
		}
	}
}

func (h *hub) history()       { h.tell(0) }
func (h *hub) configuration() { h.tell(1) }

func (h *hub) subscribers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.ears)
}

// pipes is a listener whose connections are in memory, so that a bubble's
// clock goes on while they are idle.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	p.conns <- far
	return near, nil
}

// airing is the API behind a real http.Server, in a bubble.
type airing struct {
	*rig
	world
	hub   *hub
	pipes *pipes
	done  chan struct{}
}

func air(t *testing.T) *airing {
	t.Helper()
	a := &airing{rig: setup(t), hub: &hub{}, pipes: &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}, done: make(chan struct{})}
	a.world = a.populate()
	a.serve(Options{Changes: a.hub, Done: a.done})
	server := &http.Server{Handler: a.handler, WriteTimeout: time.Minute}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = server.Serve(a.pipes) // ends with ErrServerClosed
	}()
	t.Cleanup(func() {
		noErr(t, server.Close())
		<-stopped
	})
	return a
}

// A message is one of a stream.
type message struct{ kind, id, data, comment string }

// A listening is a client's side of a stream.
type listening struct {
	*airing
	response *http.Response
	messages chan message // closed when the stream has ended
	last     string       // the id of the last message
}

// listen opens a stream that must open. lastID may be "".
func (a *airing) listen(query, lastID string) *listening {
	a.Helper()
	response := a.connect(query, lastID)
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		a.Fatalf("stream%s = %s %s", query, response.Status, response.Header.Get("Content-Type"))
	}
	l := &listening{airing: a, response: response, messages: make(chan message)}
	go l.read()
	if first := l.next(); first.kind != "" || first.data != "" || first.id == "" {
		a.Fatalf("the stream begins with %+v", first)
	}
	return l
}

func (a *airing) connect(query, lastID string) *http.Response {
	a.Helper()
	req, err := http.NewRequestWithContext(a.Context(), http.MethodGet, "http://memory/api/v1/stream"+query, nil)
	noErr(a.T, err)
	req.Header.Set("Authorization", "Bearer "+a.tokens[scout.Viewer])
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	transport := &http.Transport{DialContext: a.pipes.dial, DisableKeepAlives: true}
	response, err := transport.RoundTrip(req)
	noErr(a.T, err)
	a.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// read takes the stream apart, as a browser does.
func (l *listening) read() {
	defer close(l.messages)
	var m message
	lines := bufio.NewScanner(l.response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case lines.Text() == "":
			select {
			case l.messages <- m:
			case <-l.Context().Done():
				return
			}
			m = message{}
		case name == "event":
			m.kind = value
		case name == "id":
			m.id = value
		case name == "data":
			m.data = value
		case name == "":
			m.comment = value
		}
	}
}

// next waits for a message, at most a minute of the bubble's.
func (l *listening) next() message {
	l.Helper()
	select {
	case m, ok := <-l.messages:
		if !ok {
			l.Fatal("the stream has ended")
		}
		if m.id != "" {
			l.last = m.id
		}
		return m
	case <-time.After(time.Minute):
		l.Fatal("there is no message")
	}
	panic("unreachable")
}

// expect waits for messages of these types and no others. What only keeps the
// stream alive is passed over.
func (l *listening) expect(kinds ...string) []message {
	l.Helper()
	var got []message
	for _, kind := range kinds {
		m := l.next()
		for signs := 0; m.kind == "" && signs < 3; signs++ {
			m = l.next()
		}
		if m.kind != kind {
			l.Fatalf("message %+v, want one of type %s", m, kind)
		}
		got = append(got, m)
	}
	return got
}

// hangUp ends the stream from the client's side.
func (l *listening) hangUp() { noErr(l.T, l.response.Body.Close()) }

// ends fails the test unless the stream ends within a time.
func (l *listening) ends(within time.Duration) {
	l.Helper()
	deadline := time.After(within)
	for {
		select {
		case _, ok := <-l.messages:
			if !ok {
				return
			}
		case <-deadline:
			l.Fatal("the stream has not ended")
		}
	}
}

// object reads a message's data.
func (m message) object(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	noErr(t, json.Unmarshal([]byte(m.data), &v))
	return v
}

// happen writes some events that nothing is owed for.
func (a *airing) happen(n int) {
	a.Helper()
	noErr(a.T, a.store.Update(a.Context(), func(tx *store.Tx) error {
		for range n {
			e := scout.Event{IncidentID: scout.NewIncidentID(began), Seq: 1, Kind: scout.Opened, Level: scout.Down, At: began, Began: began, CheckID: a.check}
			if err := tx.InsertEvent(&e); err != nil {
				return err
			}
		}
		return nil
	}))
}
