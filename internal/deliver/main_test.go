package deliver_test

import (
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"serverscout/internal/store"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if dir, err := template(); err == nil {
			os.RemoveAll(dir)
		}
		os.Exit(code)
	}))
}

// template is a data folder whose databases are at the present version: a copy
// of it opens faster than an empty folder.
var template = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "deliver")
	if err != nil {
		return "", err
	}
	s, err := store.Open(store.Options{Dir: dir, Key: make([]byte, 32)})
	if err != nil {
		return "", err
	}
	return dir, s.Close()
})
