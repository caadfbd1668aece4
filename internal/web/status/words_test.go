package status

import (
	"testing"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

func TestSentence(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		counts scout.CheckCounts
		want   string
	}{
		{scout.CheckCounts{}, "No services are shown here yet"},
		{scout.CheckCounts{Up: 1}, "The service is up"},
		{scout.CheckCounts{Down: 1}, "The service is down"},
		{scout.CheckCounts{Warning: 1}, "The service answers, but not as it should"},
		{scout.CheckCounts{Paused: 1}, "The service is not being watched"},
		{scout.CheckCounts{Unknown: 1}, "The service was not observed yet"},
		{scout.CheckCounts{Up: 12}, "All 12 services are up"},
		{scout.CheckCounts{Up: 11, Down: 1}, "1 of 12 services is down"},
		{scout.CheckCounts{Up: 10, Down: 2}, "2 of 12 services are down"},
		{scout.CheckCounts{Up: 8, Down: 2, Warning: 1, Paused: 1}, "2 of 12 services are down, 1 warning"},
		{scout.CheckCounts{Up: 11, Warning: 1}, "1 of 12 services answers, but not as they should"},
		{scout.CheckCounts{Up: 9, Warning: 2, Unknown: 1}, "2 of 12 services answer, but not as they should"},
		{scout.CheckCounts{Up: 9, Unknown: 2, Paused: 1}, "9 of 12 services are up, 2 not observed yet, 1 not being watched"},
		{scout.CheckCounts{Unknown: 2, Paused: 1}, "None of 3 services was observed yet"},
		{scout.CheckCounts{Paused: 3}, "None of 3 services is being watched"},
	} {
		if got := (&board{Counts: tt.counts}).sentence(); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.counts, got, tt.want)
		}
	}
}

func TestDaySays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		spent scout.Availability
		want  string
	}{
		{scout.Availability{}, ""},
		{scout.Availability{Paused: time.Hour, Unknown: time.Hour}, ""},
		{scout.Availability{Up: time.Hour}, "100 %"},
		{scout.Availability{Up: 23 * time.Hour, Down: time.Hour, Warning: time.Millisecond}, "95.83 %, down 1 h"},
		{scout.Availability{Up: 23 * time.Hour, Warning: time.Hour}, "100 %, warning 1 h"},
	} {
		if got := daySays(tt.spent); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.spent, got, tt.want)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	if got := (outage{Began: at(10, 8), Ended: at(10, 9)}).span(); got != "08:00 to 09:00 UTC" {
		t.Error(got)
	}
	if got := (outage{Began: at(9, 23), Ended: at(10, 1)}).span(); got != "9 March, 23:00 to 01:00 UTC" {
		t.Error(got)
	}
}

// Text fits its box, whatever it is, and a longer one has a wider box.
func TestTextWidth(t *testing.T) {
	t.Parallel()
	for c := rune(' '); c <= '~'; c++ {
		if glyphWidth(c) == otherGlyph {
			t.Errorf("the width of %q is not known", c)
		}
	}
	if textWidth("") != 0 || textWidth("up") >= textWidth("down") || textWidth("iii") >= textWidth("mmm") || textWidth("音") != 11 {
		t.Error("widths do not follow the text")
	}
	b := badge{Label: "uptime 90 d", Value: "99.98 %", State: ui.Up}
	boxes := b.boxes()
	if boxes[1].x != boxes[0].width() || b.width() != boxes[0].width()+boxes[1].width() {
		t.Errorf("the boxes are not side by side: %+v", boxes)
	}
}
