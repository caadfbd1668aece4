package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"serverscout/internal/app/config"
	"serverscout/internal/scout"
)

// The demo's service is well at first, then breaks and recovers in turn.
const (
	demoWellFirst = 2 * time.Second
	demoBroken    = 4500 * time.Millisecond
	demoWell      = 25 * time.Second
)

// Demo runs Server Scout in a temporary folder, with a sample service that
// breaks and recovers by itself and a sample receiver that prints each webhook
// it gets, until ctx ends. Nothing on the way between the two is simulated.
func Demo(ctx context.Context, out, log io.Writer, version string) (err error) {
	dir, err := os.MkdirTemp("", "scout-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	print := &printer{out: out, start: time.Now()}
	service, err := listen(&sampleService{print: print})
	if err != nil {
		return err
	}
	defer service.Close()
	receiver, err := listen(sampleReceiver{print})
	if err != nil {
		return err
	}
	defer receiver.Close()
	c, err := demoConfig(dir, service.url, receiver.url)
	if err != nil {
		return err
	}
	a, err := Start(ctx, c, Options{Version: version, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		return err
	}
	_, token, err := a.manager.CreateToken(ctx, map[string]any{"name": "demo", "role": "admin"})
	if err != nil {
		return joinStop(err, a)
	}
	print.intro(a, service.url, receiver.url, filepath.Join(dir, "scout.yaml"), token)
	service.handler.(*sampleService).live(ctx)
	print.line("Stopping.")
	return a.Stop()
}

// demoConfig writes the configuration file of the demo and reads it as every
// file is read.
func demoConfig(dir, service, receiver string) (config.Config, error) {
	file := filepath.Join(dir, "scout.yaml")
	text := fmt.Sprintf(`listen: 127.0.0.1:0
data: %q
servers:
  - name: sample-server
    ip: 127.0.0.1
    tags: [demo]
    checks:
      - name: HTTP
        kind: http
        target: %q
        interval: 1s
        timeout: 1s
        fail_after: 3
        recover_after: 2
        confirm_interval: 1s
webhooks:
  - name: sample-receiver
    url: %q
`, filepath.Join(dir, "data"), service, receiver+"/webhook")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return config.Config{}, err
	}
	return config.Load(config.Flags{Config: file}, func(string) (string, bool) { return "", false })
}

// local is an HTTP server on a free port of this machine.
type local struct {
	*http.Server
	url     string
	handler http.Handler
}

func listen(h http.Handler) (*local, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }() // ends with Close
	return &local{Server: s, url: "http://" + l.Addr().String(), handler: h}, nil
}

// sampleService answers 200 while it is well and 503 while it is broken.
type sampleService struct {
	print  *printer
	mu     sync.Mutex
	broken bool
}

// ServeHTTP implements http.Handler.
func (s *sampleService) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		http.Error(w, "the sample service is broken", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// live breaks and recovers until ctx ends.
func (s *sampleService) live(ctx context.Context) {
	well := demoWellFirst
	for {
		if !pause(ctx, well) {
			return
		}
		s.set(true, "The sample service breaks now.")
		if !pause(ctx, demoBroken) {
			return
		}
		s.set(false, "The sample service is well again.")
		well = demoWell
	}
}

func (s *sampleService) set(broken bool, says string) {
	s.mu.Lock()
	s.broken = broken
	s.mu.Unlock()
	s.print.line(says)
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// sampleReceiver prints each webhook it gets.
type sampleReceiver struct{ print *printer }

// ServeHTTP implements http.Handler.
func (r sampleReceiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(io.LimitReader(req.Body, 64<<10))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, body, "  ", "  ") != nil {
		pretty.Write(body)
	}
	r.print.line(fmt.Sprintf("The receiver got a webhook (%s):\n  %s", req.Header.Get("Webhook-Id"), pretty.String()))
	w.WriteHeader(http.StatusNoContent)
}

// printer writes lines with the time since the start.
type printer struct {
	mu    sync.Mutex
	out   io.Writer
	start time.Time
}

func (p *printer) line(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "[%5.1fs] %s\n", time.Since(p.start).Seconds(), text)
}

func (p *printer) intro(a *App, service, receiver, file string, token scout.Secret) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, `Server Scout is running on %s, in a temporary folder.
  sample service   %s  (breaks and recovers by itself)
  sample receiver  %s  (prints each webhook it gets)
  configuration    %s
  API              %s/api/v1/incidents
  token            %s
Try:  curl -H "Authorization: Bearer %[6]s" %[5]s/api/v1/deliveries
Ctrl-C ends it and removes the folder.

`, a.URL(), service, receiver, file, a.URL(), token.Reveal())
}
