package scout_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"serverscout/internal/scout"
)

// answerName plays a name server on one connection: it sends every question
// back as an answer without records and with the response code.
func answerName(c net.Conn, code byte) {
	defer c.Close()
	for {
		var size uint16
		if err := binary.Read(c, binary.BigEndian, &size); err != nil {
			return
		}
		message := make([]byte, size)
		if _, err := io.ReadFull(c, message); err != nil {
			return
		}
		message[2] |= 0x80                         // a response
		message[3] = message[3]&0x70 | 0x80 | code // recursion is available
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, size), message...)); err != nil {
			return
		}
	}
}

func TestFaultOfName(t *testing.T) {
	t.Parallel()
	answering := func(code byte) func(context.Context, string, string) (net.Conn, error) {
		return func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			go answerName(far, code)
			return near, nil
		}
	}
	tests := []struct {
		name string
		dial func(ctx context.Context, network, address string) (net.Conn, error)
		want scout.Fault
	}{
		{"no such name", answering(3), scout.FaultUnknownHost},
		{"a name without addresses", answering(0), scout.FaultUnknownHost},
		{"the name server fails", answering(2), scout.FaultResolver},
		{"no name server is reached", func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("no way there")
		}, scout.FaultResolver},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			resolver := &net.Resolver{PreferGo: true, Dial: tt.dial}
			_, err := (&net.Dialer{Resolver: resolver}).DialContext(t.Context(), "tcp", "nowhere.example.:80")
			if got := scout.FaultOf(err); got != tt.want {
				t.Errorf("FaultOf(%v) = %q, want %q", err, got, tt.want)
			}
		})
	}
}

func TestFaultOfSlowName(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	_, err := resolver.LookupHost(ctx, "nowhere.example.")
	var dns *net.DNSError
	if !errors.As(err, &dns) {
		t.Fatalf("LookupHost: %v, want an error of the resolver", err)
	}
	if got := scout.FaultOf(err); got != scout.FaultTimeout {
		t.Errorf("FaultOf(%v) = %q, want %q", err, got, scout.FaultTimeout)
	}
}
