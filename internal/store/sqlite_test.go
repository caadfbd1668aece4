package store_test

import (
	"testing"

	"go.uber.org/goleak"

	"serverscout/internal/store"
	"serverscout/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sqlite is the harness of the embedded database: a folder for each.
var sqlite = storetest.Harness{
	New: func(t testing.TB) string { return t.TempDir() },
	Open: func(o storetest.Options) (*store.Store, error) {
		return store.Open(store.Options{Dir: o.Data, Key: o.Key, Now: o.Now, Changed: o.Changed})
	},
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, sqlite)
}
