package arch

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// A check says what is wrong with a file, as file:line and reason.
type check func(source) []string

// checks are the rules that concern one file at a time.
var checks = map[string]check{
	"fences":  fenceFaults,
	"secrets": revealFaults,
	"sleeps":  sleepFaults,
}

func TestSourcesKeepTheRules(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, check := range checks {
			for _, fault := range check(s) {
				t.Error(fault)
			}
		}
	}
}

// fenceFaults finds uses of fenced packages and names.
func fenceFaults(s source) []string {
	if s.isTest() {
		return nil
	}
	var faults []string
	for _, f := range fences {
		local := s.localName(f.path)
		if local == "" || f.open(s.path) {
			continue
		}
		if f.names == nil {
			faults = append(faults, fmt.Sprintf("%s imports %s: %s", s.path, f.path, f.why))
			continue
		}
		for _, n := range uses(s.syntax, local, f.names...) {
			faults = append(faults, fmt.Sprintf("%s uses %s.%s: %s", s.line(n), f.path, n.Sel.Name, f.why))
		}
	}
	return faults
}

// open reports whether the fence does not concern a file.
func (f fence) open(file string) bool {
	if f.within == nil {
		return !slices.Contains(f.barred, roomOfFile(file))
	}
	return slices.ContainsFunc(f.within, func(prefix string) bool { return strings.HasPrefix(file, prefix) })
}

// roomOfFile returns the room a file is in, or "" outside of internal.
func roomOfFile(file string) string {
	below, ok := strings.CutPrefix(path.Dir(file), "internal/")
	if !ok {
		return ""
	}
	return roomOf(below)
}

// revealFaults finds looks inside a secret. It goes by the method's name,
// which no other type of the module has.
func revealFaults(s source) []string {
	if _, ok := revealers[roomOfFile(s.path)]; ok || s.isTest() {
		return nil
	}
	var faults []string
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok && selector.Sel.Name == "Reveal" {
			faults = append(faults, s.line(n)+" reveals a secret: only the packages in revealers may (rules_test.go)")
		}
		return true
	})
	return faults
}

// sleepFaults finds tests that wait for time to pass. In a synctest bubble the
// clock is the test's own, so sleeping there is exact and costs nothing: files
// that open bubbles may sleep, as their helpers do.
func sleepFaults(s source) []string {
	clock := s.localName("time")
	if !s.isTest() || clock == "" || s.localName("testing/synctest") != "" {
		return nil
	}
	var faults []string
	for _, n := range uses(s.syntax, clock, "Sleep") {
		faults = append(faults, s.line(n)+" sleeps in a test: wait for what is meant, or use a synctest bubble")
	}
	return faults
}

func TestSourceFaultsAreFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, check, path, text string
		faults                  int
	}{
		{"sql in the store", "fences", "internal/store/a.go", `import "database/sql"`, 0},
		{"sql elsewhere", "fences", "internal/api/a.go", `import "database/sql"`, 1},
		{"sql in a test", "fences", "internal/api/a_test.go", `import "database/sql"`, 0},
		{"a client in egress", "fences", "internal/egress/a.go", `import "net/http"; var c http.Client`, 0},
		{"a client elsewhere", "fences", "internal/deliver/a.go", `import "net/http"; var c http.Client`, 1},
		{"a client of the API", "fences", "internal/app/client/client.go", `import "net/http"; var c http.Client`, 0},
		{"a client beside that", "fences", "internal/app/run.go", `import "net/http"; var c http.Client`, 1},
		{"a client by another name", "fences", "internal/api/a.go", `import web "net/http"; var c web.Transport`, 1},
		{"a header", "fences", "internal/api/a.go", `import "net/http"; var h http.Header`, 0},
		{"the clock in pure code", "fences", "internal/incident/a.go", `import "time"; var t = time.Now()`, 1},
		{"a duration in pure code", "fences", "internal/incident/a.go", `import "time"; const d = time.Second`, 0},
		{"the clock in a fake", "fences", "internal/integration/fake/a.go", `import "time"; var t = time.Now()`, 0},
		{"the clock elsewhere", "fences", "internal/monitor/a.go", `import "time"; var t = time.Now()`, 0},
		{"a secret in egress", "secrets", "internal/egress/a.go", `var s = x.Reveal()`, 0},
		{"a secret in the store's kit", "secrets", "internal/store/storetest/a.go", `var s = x.Reveal()`, 1},
		{"a secret in the api", "secrets", "internal/api/a.go", `var s = x.y.Reveal()`, 1},
		{"a secret in a command", "secrets", "cmd/scout/a.go", `var s = x.Reveal()`, 1},
		{"a secret in a test", "secrets", "internal/api/a_test.go", `var s = x.Reveal()`, 0},
		{"a sleep in a test", "sleeps", "internal/api/a_test.go", `import "time"; func f() { time.Sleep(1) }`, 1},
		{"a sleep by another name", "sleeps", "internal/api/a_test.go", `import clock "time"; var f = clock.Sleep`, 1},
		{
			"a sleep in a bubble", "sleeps", "internal/api/a_test.go",
			`import ("time"; "testing/synctest"); func f() { synctest.Test(t, func() { time.Sleep(1) }) }`, 0,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := parse(tt.path, []byte("package a; "+tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if faults := checks[tt.check](s); len(faults) != tt.faults {
				t.Errorf("faults = %q, want %d", faults, tt.faults)
			}
		})
	}
}
