package scout_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	now := time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC)
	tests := []struct {
		name, form string
		new        func() string
	}{
		{"incident", `^1705314600000\d{10}$`, func() string { return scout.NewIncidentID(now) }},
		{"incident before 1970", `^0000000000000\d{10}$`, func() string { return scout.NewIncidentID(time.Unix(-9, 0)) }},
		{"test", `^test-1705314600000\d{10}$`, func() string { return scout.NewTestID(now) }},
		{"message", `^msg_[0-9a-hjkmnp-tv-z]{26}$`, scout.NewMessageID},
		{"token", `^scout_[A-Za-z0-9_-]{43}$`, func() string { return scout.NewTokenSecret().Reveal() }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			form, seen := regexp.MustCompile(tt.form), map[string]bool{}
			for range 100 {
				id := tt.new()
				if !form.MatchString(id) || seen[id] {
					t.Fatalf("%q does not match %s, or is not new", id, form)
				}
				seen[id] = true
			}
		})
	}
}

func TestIncidentIDsSortByTime(t *testing.T) {
	t.Parallel()
	before := ""
	for _, at := range []time.Time{
		time.UnixMilli(0), time.UnixMilli(999), time.UnixMilli(1_000_000_000_000),
		time.UnixMilli(1_705_314_600_000), time.UnixMilli(1_705_314_600_001), time.UnixMilli(9_999_999_999_999),
	} {
		id := scout.NewIncidentID(at)
		if strings.Compare(before, id) >= 0 {
			t.Errorf("%s of %s does not sort after %s", id, at, before)
		}
		before = id
	}
}
