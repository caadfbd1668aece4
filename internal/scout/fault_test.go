package scout_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"serverscout/internal/scout"
)

// serve listens on the loopback address and hands every connection to handle,
// one after the other, which closes it. It ends with the test.
func serve(t *testing.T, handle func(*net.TCPConn)) net.Addr {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := listener.AcceptTCP()
			if err != nil {
				return
			}
			handle(c)
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	return listener.Addr()
}

// answer reads a request's beginning and writes text in its place.
func answer(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		defer c.Close()
		if _, err := c.Read(make([]byte, 4096)); err == nil {
			_, _ = c.Write([]byte(text))
		}
	}
}

// get asks for a URL over a connection of its own and returns what went wrong.
func get(ctx context.Context, url string) error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func TestFaultOfHTTP(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, scheme string
		handle       func(*net.TCPConn)
		want         scout.Fault
	}{
		{"answered", "http", answer("HTTP/1.1 204 No Content\r\n\r\n"), scout.NoFault},
		{"closed before the answer", "http", answer(""), scout.FaultReset},
		{"reset before the answer", "http", func(c *net.TCPConn) { _ = c.SetLinger(0); c.Close() }, scout.FaultReset},
		{"no HTTP", "http", answer("220 mail.example.com ESMTP\r\n"), scout.FaultProtocol},
		{"no header", "http", answer("HTTP/1.1 200 OK\r\nno header\r\n\r\n"), scout.FaultProtocol},
		{"HTTP where TLS was expected", "https", answer("HTTP/1.1 400 Bad Request\r\n\r\n"), scout.FaultNotTLS},
		{"another protocol where TLS was expected", "https", answer("220 mail.example.com ESMTP\r\n"), scout.FaultNotTLS},
		{"closed in the handshake", "https", answer(""), scout.FaultReset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := get(t.Context(), tt.scheme+"://"+serve(t, tt.handle).String())
			if got := scout.FaultOf(err); got != tt.want {
				t.Errorf("FaultOf(%v) = %q, want %q", err, got, tt.want)
			}
		})
	}
}

func TestFaultOfRefused(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	err = get(t.Context(), "http://"+listener.Addr().String())
	if got := scout.FaultOf(err); got != scout.FaultRefused {
		t.Errorf("FaultOf(%v) = %q, want %q", err, got, scout.FaultRefused)
	}
}

func TestFaultOfTimeout(t *testing.T) {
	t.Parallel()
	past := time.Unix(1, 0)
	tests := []struct {
		name string
		fail func(t *testing.T) error
	}{
		{"the request's context", func(t *testing.T) error {
			ctx, cancel := context.WithDeadline(t.Context(), past)
			defer cancel()
			return get(ctx, "http://127.0.0.1:1")
		}},
		{"the dialer's deadline", func(t *testing.T) error {
			_, err := (&net.Dialer{Deadline: past}).DialContext(t.Context(), "tcp", "127.0.0.1:1")
			return err
		}},
		{"a read", func(t *testing.T) error {
			c, peer := net.Pipe()
			defer c.Close()
			defer peer.Close()
			if err := c.SetReadDeadline(past); err != nil {
				return err
			}
			_, err := c.Read(make([]byte, 1))
			return err
		}},
		{"a TLS handshake", func(t *testing.T) error {
			c, peer := net.Pipe()
			defer c.Close()
			defer peer.Close()
			if err := c.SetDeadline(past); err != nil {
				return err
			}
			return tls.Client(c, &tls.Config{ServerName: "localhost"}).HandshakeContext(t.Context())
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.fail(t)
			if got := scout.FaultOf(err); got != scout.FaultTimeout {
				t.Errorf("FaultOf(%v) = %q, want %q", err, got, scout.FaultTimeout)
			}
		})
	}
}

// TestFaultOfWrapped holds faults that a test machine's network cannot be
// made to show, wrapped as the net package wraps them.
func TestFaultOfWrapped(t *testing.T) {
	t.Parallel()
	dial := func(errno syscall.Errno) error {
		return &url.Error{Op: "Get", URL: "http://x", Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)}}
	}
	tests := []struct {
		err  error
		want scout.Fault
	}{
		{nil, scout.NoFault},
		{dial(syscall.EHOSTUNREACH), scout.FaultUnreachable},
		{dial(syscall.ENETUNREACH), scout.FaultUnreachable},
		{dial(syscall.EHOSTDOWN), scout.FaultUnreachable},
		{dial(syscall.ETIMEDOUT), scout.FaultTimeout},
		{dial(syscall.EPIPE), scout.FaultReset},
		{dial(syscall.EACCES), scout.FaultOther},
		{context.Canceled, scout.FaultOther},
		{errors.New("something else"), scout.FaultOther},
		{fmt.Errorf("probe: %w", x509.HostnameError{Certificate: &x509.Certificate{}, Host: "a"}), scout.FaultCertName},
		{x509.UnknownAuthorityError{}, scout.FaultCertUnknown},
		{x509.CertificateInvalidError{Cert: &x509.Certificate{}, Reason: x509.IncompatibleUsage}, scout.FaultTLS},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.err), func(t *testing.T) {
			t.Parallel()
			if got := scout.FaultOf(tt.err); got != tt.want {
				t.Errorf("FaultOf = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFaultDescribe(t *testing.T) {
	t.Parallel()
	tests := map[scout.Fault]string{
		scout.NoFault:             "",
		scout.FaultTimeout:        "timed out",
		scout.FaultRefused:        "connection refused",
		scout.FaultReset:          "connection reset",
		scout.FaultUnreachable:    "network unreachable",
		scout.FaultUnknownHost:    "unknown host name",
		scout.FaultResolver:       "name resolution failed",
		scout.FaultCertExpired:    "the certificate has expired",
		scout.FaultCertNotYet:     "the certificate is not valid yet",
		scout.FaultCertName:       "the certificate is for another name",
		scout.FaultCertUnknown:    "the certificate is from an unknown authority",
		scout.FaultCertSelf:       "the certificate is self-signed",
		scout.FaultTLS:            "the TLS handshake failed",
		scout.FaultNotTLS:         "the other end does not speak TLS",
		scout.FaultProtocol:       "the answer is not valid HTTP",
		scout.FaultAddressRefused: "the address is not allowed",
		scout.FaultRateLimited:    "rate limited",
		scout.FaultServerError:    "server error",
	}
	for fault, want := range tests {
		if got := fault.Describe(); got != want {
			t.Errorf("%q is described as %q, want %q", fault, got, want)
		}
	}
}
