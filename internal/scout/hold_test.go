package scout_test

import (
	"testing"
	"time"

	"serverscout/internal/scout"
)

func TestHoldState(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC)
	h := scout.Hold{From: from, Until: from.Add(time.Hour)}
	ended := h
	ended.EndedAt = from.Add(time.Minute)
	for name, tt := range map[string]struct {
		hold  scout.Hold
		after time.Duration // after its beginning
		want  scout.HoldState
	}{
		"before":                        {h, -1, scout.HoldPlanned},
		"the first moment":              {h, 0, scout.HoldActive},
		"the last moment":               {h, time.Hour - 1, scout.HoldActive},
		"over":                          {h, time.Hour, scout.HoldEnded},
		"ended early":                   {ended, 2 * time.Minute, scout.HoldEnded},
		"the clock was set back":        {ended, 0, scout.HoldEnded},
		"and before its beginning even": {ended, -time.Hour, scout.HoldEnded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.hold.State(from.Add(tt.after)); got != tt.want {
				t.Errorf("state = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestMatchEmpty(t *testing.T) {
	t.Parallel()
	one := []string{"x"}
	for _, m := range []scout.Match{{Servers: one}, {Tags: one}, {Checks: one}} {
		if m.Empty() || m.Covers("web-01", nil, "HTTP") {
			t.Errorf("%+v is empty, or covers what it does not name", m)
		}
	}
	if m := (scout.Match{Tags: []string{}}); !m.Empty() || !m.Covers("web-01", nil, "HTTP") {
		t.Error("a match that names nothing does not cover everything")
	}
}
