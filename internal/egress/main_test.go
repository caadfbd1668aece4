package egress

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"serverscout/internal/scout"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newTestClient makes a client that is closed with the test.
func newTestClient(t *testing.T, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// serve runs a real HTTP server for the test.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// listen accepts real connections for the test; each is handed to serve with
// its number, from 1, and closed when that returns.
func listen(t *testing.T, serve func(n int, conn net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for n := 1; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(n, conn)
			}()
		}
	}()
	return l.Addr().String()
}

func post(c *Client, url string) (scout.Response, error) {
	return c.Do(context.Background(), scout.Request{URL: url, Body: []byte("{}")}, TrustPrivate)
}

// wantFault fails the test unless err is an *Error with the fault.
func wantFault(t *testing.T, err error, fault scout.Fault) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v (%T), want an *Error with fault %q", err, err, fault)
	}
	if e.Fault != fault {
		t.Fatalf("got fault %q (%v), want %q", e.Fault, e.Err, fault)
	}
	return e
}
