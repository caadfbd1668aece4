package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestFaults reads every faulty file and compares all that is said about it.
func TestFaults(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/faults/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			_, err := Check(file, secrets.lookup)
			if err == nil {
				t.Fatal("no error")
			}
			folder, absErr := filepath.Abs(filepath.Dir(file))
			if absErr != nil {
				t.Fatal(absErr)
			}
			got := strings.NewReplacer(folder+"/", "", filepath.Dir(file)+"/", "").Replace(err.Error()) + "\n"
			for _, secret := range []string{"hunter2", "h2", "this-is-shown-nowhere"} {
				if strings.Contains(got, secret) {
					t.Errorf("the error repeats %q:\n%s", secret, got)
				}
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
