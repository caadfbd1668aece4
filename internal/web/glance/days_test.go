package glance_test

import (
	"testing"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/glance"
	"serverscout/internal/web/ui"
)

func TestDays(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 15, 30, 0, 0, time.FixedZone("", 7200)) // 13:30 UTC
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	days := glance.Days(now, 3)
	glance.AddDays(days, []scout.Stretch{
		{From: at(1, 0), To: at(7, 23), Level: scout.Down}, // before them
		{From: at(7, 23), To: at(8, 20), Level: scout.Up},
		{From: at(8, 20), To: at(9, 2), Level: scout.Down},
		{From: at(9, 2), To: at(10, 12), Level: scout.Warning},
		{From: at(10, 12), To: at(10, 13), Paused: true},
		{From: at(10, 13), To: at(12, 0), Level: scout.Unknown}, // reaches past them
	})
	want := []glance.DayTotal{
		{At: at(8, 0), Spent: scout.Availability{Up: 20 * time.Hour, Down: 4 * time.Hour}},
		{At: at(9, 0), Spent: scout.Availability{Down: 2 * time.Hour, Warning: 22 * time.Hour}},
		{At: at(10, 0), Spent: scout.Availability{Warning: 12 * time.Hour, Paused: time.Hour, Unknown: 11 * time.Hour}},
	}
	for i, d := range days {
		if !d.At.Equal(want[i].At) || d.Spent != want[i].Spent {
			t.Errorf("day %d = %+v, want %+v", i, d, want[i])
		}
	}
	if days[1].State() != ui.Down || days[2].State() != ui.Warning {
		t.Errorf("states = %s, %s", days[1].State(), days[2].State())
	}
	glance.AddDays(nil, []scout.Stretch{{From: at(1, 0), To: at(2, 0)}})
}

func TestCertificateLeft(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 23, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		message string
		days    int
		ok      bool
	}{
		{"The certificate of example.com is valid for 42 more days, until 2026-04-21", 42, true},
		{"The certificate of example.com expires in 1 day, on 2026-03-11", 1, true},
		{"The certificate of example.com has expired on 2026-03-01", -9, true},
		{"expired on 2026-99-99", 0, false},
		{"The certificate expires in less than a day, on 2026-03-11", 1, true},
		{"X loses its trust in 4 days, on 2026-03-14: an authority that vouches for it expires", 4, true},
		{"until 2026-03-11", 0, false},
		{"no route to host", 0, false},
		{"", 0, false},
	} {
		days, ok := glance.CertificateLeft(tt.message, now)
		if days != tt.days || ok != tt.ok {
			t.Errorf("%q: %d, %t; want %d, %t", tt.message, days, ok, tt.days, tt.ok)
		}
	}
}
