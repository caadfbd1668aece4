package integration_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"serverscout/internal/integration"
)

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		value string
		want  time.Duration
		ok    bool
	}{
		{"0", 0, true},
		{"1", time.Second, true},
		{" 120 ", 2 * time.Minute, true},
		{"1.5", 1500 * time.Millisecond, true},
		{"0.2505", 250500 * time.Microsecond, true},
		{"0.0000000001", time.Nanosecond, true},
		{"3600", time.Hour, true},
		{"3601", time.Hour, true},
		{"99999999999999999999999", time.Hour, true},
		{strings.Repeat("9", 400), time.Hour, true},
		{"Mon, 15 Jan 2024 10:30:30 GMT", 30 * time.Second, true},
		{"Monday, 15-Jan-24 10:30:30 GMT", 30 * time.Second, true},
		{"Mon Jan 15 10:30:30 2024", 30 * time.Second, true},
		{"Mon, 15 Jan 2024 10:30:00 GMT", 0, true},
		{"Tue, 16 Jan 2024 10:30:00 GMT", time.Hour, true},
		{"Mon, 15 Jan 2024 10:29:59 GMT", 0, false},
		{"", 0, false},
		{"-1", 0, false},
		{"+1", 0, false},
		{"1e3", 0, false},
		{"0x10", 0, false},
		{"1_000", 0, false},
		{"1.2.3", 0, false},
		{".", 0, false},
		{"inf", 0, false},
		{"NaN", 0, false},
		{"soon", 0, false},
		{"5 s", 0, false},
		{"2024-01-15T10:30:30Z", 0, false},
	} {
		got, ok := integration.ParseRetryAfter(tc.value, instant)
		if got != tc.want || ok != tc.ok {
			t.Errorf("ParseRetryAfter(%q) = %v, %v, want %v, %v", tc.value, got, ok, tc.want, tc.ok)
		}
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	for _, s := range []string{"1", "1.5", "-1", "1e9", "Mon, 15 Jan 2024 10:30:30 GMT", ""} {
		f.Add(s, int64(0))
	}
	f.Fuzz(func(t *testing.T, value string, unix int64) {
		got, ok := integration.ParseRetryAfter(value, time.Unix(unix, 0))
		if got < 0 || got > time.Hour || !ok && got != 0 {
			t.Errorf("ParseRetryAfter(%q) = %v, %v", value, got, ok)
		}
		if at, err := http.ParseTime(value); err == nil && ok && got < time.Hour && !time.Unix(unix, 0).Add(got).Equal(at) {
			t.Errorf("ParseRetryAfter(%q) = %v, which does not lead to %v", value, got, at)
		}
	})
}
