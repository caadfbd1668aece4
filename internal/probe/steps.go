package probe

import (
	"context"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"

	"serverscout/internal/scout"
)

// The steps of a probe, as scout.Step names them.
const (
	stepDNS       = "DNS"
	stepConnect   = "connect"
	stepTLS       = "TLS"
	stepFirstByte = "first byte"
	stepContent   = "content"
	stepAnswer    = "answer"
	stepPing      = "ping"
)

// usualSteps is how many steps most probes take at most.
const usualSteps = 5

// steps records how a probe spends its time. A step lasts until the next one
// begins or the probe ends. Hooks run in goroutines of the standard library,
// some of them later than the probe itself, hence the lock.
type steps struct {
	mu    sync.Mutex
	list  []scout.Step
	began time.Time // of the last step
}

type stepsKey struct{}

// beginStep begins a step of the probe to which ctx belongs.
func beginStep(ctx context.Context, name string) {
	if s, ok := ctx.Value(stepsKey{}).(*steps); ok {
		s.begin(name)
	}
}

// begin begins a step, unless it is under way already: addresses of one host
// are tried one after another or side by side.
func (s *steps) begin(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.list) - 1
	if last >= 0 && s.list[last].Name == name {
		return
	}
	now := time.Now()
	if last >= 0 {
		s.list[last].Took = now.Sub(s.began)
	} else {
		s.list = make([]scout.Step, 0, usualSteps)
	}
	s.list = append(s.list, scout.Step{Name: name})
	s.began = now
}

// take ends the last step and hands over all of them.
func (s *steps) take() []scout.Step {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := len(s.list) - 1; last >= 0 {
		s.list[last].Took = time.Since(s.began)
	}
	list := s.list
	s.list = nil
	return list
}

// sight is what the connections of one probe tell about it: how its time was
// spent, and the address it reached.
type sight struct {
	peer
	steps
}

// watch returns a context under which connections are noted. The hooks for TLS
// and HTTP are called by net/http only; other kinds begin such steps
// themselves.
func (s *sight) watch(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, stepsKey{}, &s.steps)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { s.begin(stepDNS) },
		ConnectStart: func(network, address string) {
			s.note(address, false)
			// A UDP socket is connected without a packet being sent.
			if strings.HasPrefix(network, "tcp") {
				s.begin(stepConnect)
			}
		},
		ConnectDone: func(_, address string, err error) {
			if err == nil {
				s.note(address, true)
			}
		},
		TLSHandshakeStart:    func() { s.begin(stepTLS) },
		GotConn:              func(httptrace.GotConnInfo) { s.begin(stepFirstByte) },
		GotFirstResponseByte: func() { s.begin(stepContent) },
	})
}
