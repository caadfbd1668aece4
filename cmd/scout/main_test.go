package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
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
