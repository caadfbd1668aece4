package arch

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentIsTrue compares ARCHITECTURE.md's table of packages with the
// import table and with the packages there are.
func TestDocumentIsTrue(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := documentedRooms(string(text))
	if len(documented) == 0 {
		t.Fatal("ARCHITECTURE.md has no table of packages that this test can read")
	}
	for name, may := range documented {
		if _, err := os.Stat(filepath.Join(root, "internal", filepath.FromSlash(name))); err != nil {
			t.Errorf("ARCHITECTURE.md names a package that does not exist: %v", err)
		}
		want := mayText(rooms[name])
		if _, own := rooms[name]; !own { // a part of a room
			want = "as `" + roomOf(name) + "`"
		}
		if may != want {
			t.Errorf("ARCHITECTURE.md says that %s may import %q; the import table says %q", name, may, want)
		}
	}
	for _, p := range packages(t) {
		_, name, _ := ruleFor(p.ImportPath)
		if _, ok := documented[name]; !ok && name != "" && name != "cmd/scout" {
			t.Errorf("%s is not in ARCHITECTURE.md's table of packages", p.ImportPath)
		}
	}
}

// A row of the document's table: `name` | its one job | what it may import.
var documentRow = regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\|[^|\n]*\\| ([^|\n]*) \\|$")

// documentedRooms maps the rooms in the document's table to the text of what
// they may import.
func documentedRooms(text string) map[string]string {
	documented := map[string]string{}
	for _, row := range documentRow.FindAllStringSubmatch(text, -1) {
		documented[row[1]] = row[2]
	}
	return documented
}

// mayText writes what a room may import as the document does.
func mayText(r room) string {
	switch {
	case r.all:
		return "all"
	case len(r.may) == 0:
		return "–"
	default:
		return strings.Join(r.may, ", ")
	}
}

func TestDocumentedRoomsAreRead(t *testing.T) {
	t.Parallel()
	got := documentedRooms("| package | job | may |\n| --- | --- | --- |\n| `a/b` | Does `x`. | c, d |\n| `e` | Else. | – |\n")
	if want := map[string]string{"a/b": "c, d", "e": "–"}; !maps.Equal(got, want) {
		t.Errorf("documentedRooms = %v, want %v", got, want)
	}
	if got, want := mayText(room{may: []string{"c", "d"}}), "c, d"; got != want {
		t.Errorf("mayText = %q, want %q", got, want)
	}
}
