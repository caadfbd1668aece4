package storetest

import (
	"bytes"
	"strings"
)

var secrets = map[string]func(*world){
	"another key is refused": wrongKey,
}

func wrongKey(w *world) {
	w.webhook("ops")
	w.ok(w.store.Close())
	other := w.options
	other.Key = bytes.Repeat([]byte{7}, 32)
	s, err := w.harness.Open(other)
	if err == nil {
		w.ok(s.Close())
		w.Fatal("the store opens with another key")
	}
	if !strings.Contains(err.Error(), "another key") || !strings.Contains(err.Error(), "SCOUT_SECRET_KEY") {
		w.Errorf("the message %q does not say what to do", err)
	}
	w.open() // the right key is still the right one
}
