package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"serverscout/internal/app"
	"serverscout/internal/app/config"
)

// runAsScout makes the test binary be the program itself, with the arguments
// in SCOUT_ARGS, so that tests can run it in a process of its own.
const runAsScout = "SCOUT_TEST_RUN_AS_SCOUT"

func TestMain(m *testing.M) {
	if os.Getenv(runAsScout) != "" {
		os.Exit(run(strings.Fields(os.Getenv("SCOUT_ARGS")), os.Stdout, os.Stderr))
	}
	testscript.Main(m, map[string]func(){
		"scout": func() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// TestCommandLine runs the scripts of commands that need no server.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(service.Close)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("SERVICE", service.URL)
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
	})
}

// TestRemoteCommands runs the scripts of commands that ask a server, each with
// a server of its own, a service to watch and a receiver of webhooks.
func TestRemoteCommands(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(service.Close)
	receiver := httptest.NewServer(http.HandlerFunc(receive))
	t.Cleanup(receiver.Close)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/remote",
		Setup: func(e *testscript.Env) error {
			e.Setenv("SERVICE", service.URL)
			e.Setenv("RECEIVER", receiver.URL)
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("TZ", "UTC")
			return startServer(e)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"delivered": waitDelivered},
	})
}

// waitDelivered is the script's command "delivered N [OUTCOME]": it returns once
// so many attempts have ended well, or with another outcome.
func waitDelivered(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	outcome := "delivered"
	if len(args) > 1 {
		outcome = args[1]
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, ts.Getenv("SCOUT_URL")+"/api/v1/stream?types=attempt", nil)
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+ts.Getenv("SCOUT_TOKEN"))
	req.Header.Set("Last-Event-ID", "0-0") // from the beginning
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); want > 0; {
		if !lines.Scan() {
			ts.Fatalf("the stream ended while %d more deliveries were waited for: %v", want, lines.Err())
		}
		if strings.Contains(lines.Text(), `"outcome":"`+outcome+`"`) {
			want--
		}
	}
}

// receive is a receiver that refuses what is sent to /refuse, and is gone for
// good at /gone.
func receive(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/refuse" {
		http.Error(w, "not here", http.StatusTeapot)
		return
	}
	if r.URL.Path == "/gone" {
		w.WriteHeader(http.StatusGone)
		return
	}
	_, _ = io.WriteString(w, `{"taken":true}`)
}

// startServer starts a server for a script, and tells it where it is.
func startServer(e *testscript.Env) error {
	file := filepath.Join(e.WorkDir, "server", "scout.yaml")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	text := "listen: 127.0.0.1:0\ndata: ./data\negress: {allow: [127.0.0.0/8]}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	c, err := config.Load(config.Flags{Config: file}, func(string) (string, bool) { return "", false })
	if err != nil {
		return err
	}
	ctx := context.Background()
	a, err := app.Start(ctx, c, app.Options{Version: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	e.Defer(func() { _ = a.Stop() }) // the folder goes with the script
	var token bytes.Buffer
	if err := app.CreateToken(ctx, &token, c, "script", "admin"); err != nil {
		return err
	}
	e.Setenv("SCOUT_URL", a.URL())
	e.Setenv("SCOUT_TOKEN", strings.TrimSpace(token.String()))
	e.Setenv("SCOUT_TEST_CONFIG", file)
	return nil
}
