package webhooks_test

import (
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"serverscout/internal/store"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if dir, err := emptyStore(); err == nil {
			os.RemoveAll(dir)
		}
		os.Exit(code)
	}))
}

// emptyStore is the folder of a store without content. A copy of it opens
// faster than a new one, which has all migrations before it.
var emptyStore = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "webhooks")
	if err != nil {
		return "", err
	}
	s, err := store.Open(store.Options{Dir: dir, Key: make([]byte, 32)})
	if err != nil {
		return dir, err
	}
	return dir, s.Close()
})
