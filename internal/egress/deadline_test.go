package egress

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
)

// inMemory dials pipes; serve plays the other end of connection n, from 1,
// which is closed when it returns.
func inMemory(serve func(n int, conn net.Conn)) dialFunc {
	var count atomic.Int32
	return func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		n := int(count.Add(1))
		go func() {
			defer server.Close()
			serve(n, server)
		}()
		return client, nil
	}
}

// readRequest reads one request with its body.
func readRequest(r *bufio.Reader) error {
	req, err := http.ReadRequest(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, req.Body)
	return err
}

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

func TestDeadlineCoversEverything(t *testing.T) {
	t.Parallel()
	hang := func(conn net.Conn) { io.Copy(io.Discard, conn) } // until it is closed
	answer := func(first string) func(int, net.Conn) {
		return func(_ int, conn net.Conn) {
			readRequest(bufio.NewReader(conn))
			io.WriteString(conn, first)
			hang(conn)
		}
	}
	tests := []struct {
		name    string
		url     string
		dial    dialFunc
		status  int
		message string
	}{
		{"no connection", "https://example.com/", func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, 0, "no connection to example.com on port 443 within 10 s; check the name, the port and firewalls"},
		{
			"no TLS handshake", "https://example.com/", inMemory(func(_ int, conn net.Conn) { hang(conn) }),
			0, "no connection to example.com on port 443 within 10 s; check the name, the port and firewalls",
		},
		{
			"request is not read", "http://example.com/", inMemory(func(_ int, conn net.Conn) { time.Sleep(time.Minute) }),
			0, "no answer from example.com within 10 s; let it answer at once and do its work afterwards",
		},
		{"no answer", "http://example.com/", inMemory(answer("")), 0, "no answer from example.com within 10 s; let it answer at once and do its work afterwards"},
		{"half a header", "http://example.com/", inMemory(answer("HTTP/1.1 200 OK\r\nX-A:")), 0, "no answer from example.com within 10 s; let it answer at once and do its work afterwards"},
		{
			"no body", "http://example.com/", inMemory(answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")),
			200, "example.com answered with status 200, but its answer did not end within 10 s; let it answer at once and do its work afterwards",
		},
		{
			"body without end at the limit", "http://example.com/", inMemory(answer("HTTP/1.1 500 Oops\r\n\r\n" + string(make([]byte, bodyLimit)))),
			500, "example.com answered with status 500, but its answer did not end within 10 s; let it answer at once and do its work afterwards",
		},
		{"a byte a second", "http://example.com/", inMemory(func(_ int, conn net.Conn) {
			readRequest(bufio.NewReader(conn))
			io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			for {
				time.Sleep(time.Second)
				if _, err := io.WriteString(conn, "x"); err != nil {
					return
				}
			}
		}), 200, "example.com answered with status 200, but its answer did not end within 10 s; let it answer at once and do its work afterwards"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newTestClient(t, Options{Dial: test.dial})
				start := time.Now()
				resp, err := c.Do(t.Context(), scout.Request{URL: test.url, Body: []byte("{}")}, PublicOnly)
				e := wantFault(t, err, scout.FaultTimeout)
				if took := time.Since(start); took != 10*time.Second {
					t.Errorf("it took %s", took)
				}
				if e.Message != test.message || resp.Status != test.status {
					t.Errorf("got status %d, %q, want %d, %q", resp.Status, e.Message, test.status, test.message)
				}
				time.Sleep(time.Minute) // the other end wakes, and finds the connection closed
			})
		})
	}
}

func TestDeadlineOverTLSHandshakeOnSockets(t *testing.T) {
	t.Parallel()
	address := listen(t, func(_ int, conn net.Conn) { io.Copy(io.Discard, conn) })
	_, err := post(newTestClient(t, Options{Timeout: 100 * time.Millisecond}), "https://"+address+"/")
	e := wantFault(t, err, scout.FaultTimeout)
	_, port, _ := net.SplitHostPort(address)
	want := "127.0.0.1 accepted the connection on port " + port + ", but completed no TLS handshake within 0.1 s; check the port, and write http:// if it has no TLS"
	if e.Message != want || e.Address != address {
		t.Errorf("got %q at %q, want %q at %q", e.Message, e.Address, want, address)
	}
}

func TestStaleConnectionCostsNoFailure(t *testing.T) {
	t.Parallel()
	for name, reset := range map[string]bool{"closed": false, "reset": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The first connection answers once, then goes away at the very
			// moment it is used again.
			address := listen(t, func(n int, conn net.Conn) {
				r := bufio.NewReader(conn)
				for readRequest(r) == nil {
					io.WriteString(conn, okAnswer)
					if n == 1 {
						readRequest(r)
						if reset {
							conn.(*net.TCPConn).SetLinger(0)
						}
						return
					}
				}
			})
			c := newTestClient(t, Options{})
			for range 2 {
				if _, err := post(c, "http://"+address+"/"); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestSilentPoolIsLeftAfterOneTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The first two connections serve one request each, at the same time,
		// then swallow everything, as behind a firewall that forgot them.
		c := newTestClient(t, Options{Dial: inMemory(func(n int, conn net.Conn) {
			r := bufio.NewReader(conn)
			for readRequest(r) == nil {
				time.Sleep(time.Second)
				io.WriteString(conn, okAnswer)
				if n <= 2 {
					io.Copy(io.Discard, r)
				}
			}
		})})
		request := scout.Request{URL: "http://example.com/", Body: []byte("{}")}
		first := make(chan error)
		for range 2 {
			go func() {
				_, err := c.Do(t.Context(), request, PublicOnly)
				first <- err
			}()
		}
		for range 2 {
			if err := <-first; err != nil {
				t.Fatal(err)
			}
		}
		_, err := c.Do(t.Context(), request, PublicOnly)
		wantFault(t, err, scout.FaultTimeout)
		if _, err := c.Do(t.Context(), request, PublicOnly); err != nil {
			t.Errorf("the second silent connection was used: %v", err)
		}
	})
}
