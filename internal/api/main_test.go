package api

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	emptyStore() // by the real clock, and not by that of a bubble
	goleak.VerifyTestMain(m)
}
