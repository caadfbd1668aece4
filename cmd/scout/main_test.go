package main

import (
	"os"
	"strings"
	"testing"
)

// runAsScout makes the test binary be the program itself, with the arguments
// in SCOUT_ARGS, so that tests can run it in a process of its own.
const runAsScout = "SCOUT_TEST_RUN_AS_SCOUT"

func TestMain(m *testing.M) {
	if os.Getenv(runAsScout) != "" {
		os.Exit(run(strings.Fields(os.Getenv("SCOUT_ARGS")), os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}
