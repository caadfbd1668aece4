package arch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestImportsFollowTheTable(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, fault := range importFaults(p) {
			t.Error(fault)
		}
	}
}

// importFaults says what a package imports that it must not.
func importFaults(p listed) []string {
	rule, name, bound := ruleFor(p.ImportPath)
	if !bound {
		return nil
	}
	if name == "" {
		return []string{p.ImportPath + " has no row in the import table (rules_test.go): say what it may import, and why"}
	}
	var faults []string
	for _, imported := range p.Imports {
		if !rule.allows(name, imported) {
			faults = append(faults, fmt.Sprintf("%s imports %s: %s", p.ImportPath, imported, rule.why))
		}
	}
	return faults
}

// ruleFor finds the rule for a package and the name of its room. Commands
// other than the product's are not bound; a package under internal without a
// room is bound and has no name.
func ruleFor(importPath string) (rule room, name string, bound bool) {
	if importPath == modulePath+"/cmd/scout" {
		return scoutCommand, "cmd/scout", true
	}
	below, ok := strings.CutPrefix(importPath, modulePath+"/internal/")
	if !ok {
		return room{}, "", false
	}
	name = roomOf(below)
	return rooms[name], name, true
}

// roomOf returns the nearest room at or above a path below internal, or "".
func roomOf(below string) string {
	for {
		if _, ok := rooms[below]; ok {
			return below
		}
		cut := strings.LastIndexByte(below, '/')
		if cut < 0 {
			return ""
		}
		below = below[:cut]
	}
}

// allows reports whether a room of the given name may import a package.
func (r room) allows(name, imported string) bool {
	if below, ok := strings.CutPrefix(imported, modulePath+"/"); ok {
		below, internal := strings.CutPrefix(below, "internal/")
		other := roomOf(below)
		return internal && (other == name || slices.Contains(r.may, other) || r.all && !rooms[other].kit)
	}
	if standard(imported) {
		return true
	}
	return slices.ContainsFunc(r.modules, func(module string) bool {
		return imported == module || strings.HasPrefix(imported, module+"/")
	})
}

// standard tells the standard library's packages by their first element: that
// of any other module carries a dot.
func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

func TestImportFaultsAreFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, imported string
		ok             bool
	}{
		{"internal/scout", "time", true},
		{"internal/scout", "golang.org/x/sys/unix", false},
		{"internal/monitor", modulePath + "/internal/probe", true},
		{"internal/monitor", modulePath + "/internal/store", false},
		{"internal/probe", modulePath + "/internal/incident", false},
		{"internal/store/sqlite", modulePath + "/internal/store", true},
		{"internal/store", "modernc.org/sqlite/lib", true},
		{"internal/store", "modernc.org/sqlitefork", false},
		{"internal/egress", "golang.org/x/net/http2", false},
		{"internal/integration", modulePath + "/internal/integration/fake", false},
		{"internal/integration/fake", modulePath + "/internal/integration", false},
		{"internal/store/storetest", modulePath + "/internal/store", true},
		{"internal/app", modulePath + "/internal/store", true},
		{"internal/app", modulePath + "/internal/integration/fake", false},
		{"internal/app", modulePath + "/cmd/scout", false},
		{"internal/app", "github.com/alecthomas/kong", false},
		{"internal/unheard-of", "time", false},
		{"cmd/scout", "github.com/alecthomas/kong", true},
		{"cmd/scout", modulePath + "/internal/store", false},
		{"cmd/other", modulePath + "/internal/store", true},
	}
	for _, tt := range tests {
		faults := importFaults(listed{ImportPath: modulePath + "/" + tt.from, Imports: []string{tt.imported}})
		if ok := len(faults) == 0; ok != tt.ok {
			t.Errorf("%s imports %s: allowed = %v, want %v %q", tt.from, tt.imported, ok, tt.ok, faults)
		}
	}
}

func TestRulesGiveReasons(t *testing.T) {
	t.Parallel()
	for name, r := range rooms {
		if r.why == "" {
			t.Errorf("the room %s has no reason", name)
		}
		for _, other := range r.may {
			if _, ok := rooms[other]; !ok {
				t.Errorf("the room %s may import %s, which is no room", name, other)
			}
		}
	}
	for name, why := range revealers {
		if _, ok := rooms[name]; !ok || why == "" {
			t.Errorf("revealers: %q is no room or has no reason", name)
		}
	}
	for name, why := range longer {
		if why == "" {
			t.Errorf("longer: %s has no reason", name)
		}
	}
}
