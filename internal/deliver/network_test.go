package deliver_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"

	"serverscout/internal/integration/fake"
)

// network holds the hosts that webhooks reach. It is in memory, so that a
// bubble's time can pass while a host hangs.
type network struct{ hosts map[string]*host }

// dial connects to a host, or is refused where there is none.
func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	h := n.hosts[name]
	if h == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: memory(address), Err: syscall.ECONNREFUSED}
	}
	ours, theirs := net.Pipe()
	select {
	case h.dialled <- theirs:
		return conn{ours, memory(address)}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *network) close() {
	for _, h := range n.hosts {
		h.server.Close()
		h.serving.Wait()
	}
}

// conn is a pipe that knows where it leads.
type conn struct {
	net.Conn
	remote memory
}

func (c conn) RemoteAddr() net.Addr { return c.remote }

// memory is the address of a host in memory.
type memory string

func (memory) Network() string  { return "memory" }
func (a memory) String() string { return string(a) }

// host is an endpoint: a real HTTP server, behind it a strict fake that judges
// what comes, and that can be told what to answer.
type host struct {
	*fake.Recorder
	judge   http.Handler
	always  atomic.Pointer[fake.Answer]
	dialled chan net.Conn
	closed  chan struct{}
	closing sync.Once
	server  http.Server
	serving sync.WaitGroup
}

// native makes a host that wants the native payload, slack one that is Slack.
func native() *host {
	f := &fake.Native{}
	return newHost(&f.Recorder, f)
}

func slack() *host {
	f := &fake.Slack{}
	return newHost(&f.Recorder, f)
}

func newHost(r *fake.Recorder, judge http.Handler) *host {
	h := &host{Recorder: r, judge: judge, dialled: make(chan net.Conn), closed: make(chan struct{})}
	h.server.Handler = h
	h.serving.Go(func() { _ = h.server.Serve(h) }) // returns when the network is closed
	return h
}

// answers makes every request from now on get the same answer; nil stands for
// the fake's own judgement.
func (h *host) answers(a fake.Answer) {
	if a == nil {
		h.always.Store(nil)
		return
	}
	h.always.Store(&a)
}

// ServeHTTP passes a request to the fake.
func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a := h.always.Load(); a != nil {
		h.Script(*a)
	}
	h.judge.ServeHTTP(w, r)
}

// Accept, Close and Addr make a host the listener of its own server.
func (h *host) Accept() (net.Conn, error) {
	select {
	case c := <-h.dialled:
		return c, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

func (h *host) Close() error {
	h.closing.Do(func() { close(h.closed) })
	return nil
}

func (h *host) Addr() net.Addr { return memory("") }
