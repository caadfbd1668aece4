package store_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"serverscout/internal/store"
	"serverscout/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, sqlite(t))
}

func BenchmarkTransition(b *testing.B) { storetest.BenchmarkTransition(b, sqlite(b)) }

func BenchmarkFinish(b *testing.B) { storetest.BenchmarkFinish(b, sqlite(b)) }

// sqlite is the harness of the embedded database: a folder for each. A new one
// is a copy of one that was opened before, which spares most of the migrating.
func sqlite(t testing.TB) storetest.Harness {
	template := t.TempDir()
	s := open(t, store.Options{Dir: template})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return storetest.Harness{
		New: func(t testing.TB) string {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(template)); err != nil {
				t.Fatal(err)
			}
			return dir
		},
		Open: func(o storetest.Options) (*store.Store, error) {
			return store.Open(store.Options{Dir: o.Data, Key: o.Key, Now: o.Now, Changed: o.Changed})
		},
	}
}

// open opens a store that must open, and closes it after the test.
func open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(o)
	if err != nil {
		t.Fatalf("opening the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return s
}
