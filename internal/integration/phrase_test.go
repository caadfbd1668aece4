package integration

import (
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

func TestHeadline(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		notice scout.Notice
		want   string
	}{
		{scout.Notice{Service: "HTTP", Server: "web", Status: scout.StatusDown, Kind: scout.Opened}, "HTTP on web is down"},
		{scout.Notice{Service: "HTTP", Server: "web", Status: scout.StatusDown, Kind: scout.Worsened}, "HTTP on web is down"},
		{scout.Notice{Service: "HTTP", Server: "web", Status: scout.StatusDown, Kind: scout.Reminder}, "HTTP on web is still down"},
		{scout.Notice{Service: "HTTP", Server: "web", Status: scout.StatusWarning, Kind: scout.Opened}, "HTTP on web has a warning"},
		{scout.Notice{Service: "HTTP", Server: "web", Status: scout.StatusWarning, Kind: scout.Eased}, "HTTP on web has eased to a warning"},
		{scout.Notice{Service: "HTTP", Server: "web", Status: scout.StatusWarning, Kind: scout.Reminder}, "HTTP on web still has a warning"},
		{scout.Notice{Service: "HTTP", Server: "web", Status: scout.StatusRecovered, Duration: 90 * time.Second}, "HTTP on web has recovered after 1 min 30 s"},
		{scout.Notice{Service: "HTTP", Server: "web", Status: scout.StatusRecovered}, "HTTP on web has recovered"},
		{scout.Notice{Service: "HTTP", Status: scout.StatusDown}, "HTTP is down"},
		{scout.Notice{Server: "web", Status: scout.StatusDown}, "web is down"},
		{scout.Notice{Server: "\n", Status: scout.StatusDown}, "A service is down"},
		{scout.Notice{Server: "web", Status: scout.StatusDown, Test: true}, "Test: web is down"},
		{scout.Notice{Server: strings.Repeat("<", 99), Status: scout.StatusDown, Test: true}, "Test: &lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;… is down"},
	} {
		if got := headline(tc.notice, 50, slackEscape); got != tc.want {
			t.Errorf("headline %q, want %q", got, tc.want)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Hour:                     "0 s",
		0:                              "0 s",
		999 * time.Millisecond:         "0 s",
		59*time.Second + 999999999:     "59 s",
		time.Minute:                    "1 min",
		5*time.Minute + 23*time.Second: "5 min 23 s",
		3 * time.Hour:                  "3 h",
		3*time.Hour + 59*time.Second:   "3 h",
		2*time.Hour + 50*time.Minute:   "2 h 50 min",
		24 * time.Hour:                 "1 d",
		100*time.Hour + time.Minute:    "4 d 4 h",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestLateNote(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 1, 15, 2, 10, 0, 0, time.UTC)
	late := scout.Notice{Status: scout.StatusDown, At: at, SentAt: at.Add(3 * time.Hour)}
	change := func(f func(*scout.Notice)) scout.Notice {
		n := late
		f(&n)
		return n
	}
	for name, tc := range map[string]struct {
		notice scout.Notice
		want   string
	}{
		"late":           {late, "happened 02:10 UTC, sent 3 h later"},
		"in time":        {change(func(n *scout.Notice) { n.SentAt = at.Add(2 * time.Minute) }), ""},
		"just late":      {change(func(n *scout.Notice) { n.SentAt = at.Add(2*time.Minute + time.Second) }), "happened 02:10 UTC, sent 2 min 1 s later"},
		"back by now":    {change(func(n *scout.Notice) { n.Ended = at.Add(15 * time.Minute) }), "happened 02:10 UTC, sent 3 h later; recovered 02:25 UTC"},
		"recovery":       {change(func(n *scout.Notice) { n.Ended, n.Status = at, scout.StatusRecovered }), "happened 02:10 UTC, sent 3 h later"},
		"the day before": {change(func(n *scout.Notice) { n.SentAt = at.Add(22 * time.Hour) }), "happened 2024-01-15 02:10 UTC, sent 22 h later"},
		"no time":        {change(func(n *scout.Notice) { n.At = time.Time{} }), ""},
	} {
		if got := lateNote(tc.notice, utcClock(tc.notice.SentAt)); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestUTCClockConvertsZones(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("east", 5*3600)
	at := time.Date(2024, 1, 15, 2, 10, 0, 0, zone)
	if got := utcClock(at)(at); got != "21:10 UTC" {
		t.Errorf("%q", got)
	}
	if got := utcClock(at.Add(6 * time.Hour))(at); got != "2024-01-14 21:10 UTC" {
		t.Errorf("%q", got)
	}
}

func TestColoursAndMarks(t *testing.T) {
	t.Parallel()
	for status, want := range map[scout.Status]string{
		scout.StatusDown:      "■ #D32F2F",
		scout.StatusWarning:   "▲ #F5A300",
		scout.StatusRecovered: "● #2E9E4F",
	} {
		if got := markOf(status) + " " + colourOf(status).hex(); got != want {
			t.Errorf("%s: %s, want %s", status, got, want)
		}
	}
	if got := colour(0xA).hex(); got != "#00000A" {
		t.Errorf("padded: %s", got)
	}
}
