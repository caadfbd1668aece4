package integration_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/integration"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden renders every case by every format. A folder's target.json says
// to which URL, and with which settings.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, f := range integration.Formats() {
		target := goldenTarget(t, f.Name)
		for name, notice := range goldenCases() {
			t.Run(f.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				req, err := f.Render(notice, target)
				if err != nil {
					t.Fatal(err)
				}
				var got bytes.Buffer
				fmt.Fprintf(&got, "POST %s\nContent-Type: %s\nFurther headers: %v\nMasked: %q\n", req.URL, req.ContentType, req.Header, req.Secrets)
				got.WriteByte('\n')
				if err := json.Indent(&got, req.Body, "", "  "); err != nil {
					t.Fatalf("the body is not JSON: %v", err)
				}
				got.WriteByte('\n')
				compareGolden(t, filepath.Join("testdata", f.Name, name+".golden"), got.Bytes())
			})
		}
	}
}

func goldenTarget(t *testing.T, format string) integration.Target {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", format, "target.json"))
	if err != nil {
		t.Fatal(err)
	}
	var target integration.Target
	if err := json.Unmarshal(raw, &target); err != nil {
		t.Fatal(err)
	}
	return target
}

func compareGolden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); run the test with -update if it should:\n%s", file, diff)
	}
}
