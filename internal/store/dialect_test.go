package store

import "testing"

func TestOlderVersion(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want bool
	}{
		{"3.51.2", "3.51.3", true},
		{"3.51.3", "3.51.3", false},
		{"3.51.10", "3.51.3", false},
		{"3.9.9", "3.51.3", true},
		{"3.60.0", "3.51.3", false},
		{"4.0.0", "3.51.3", false},
		{"3.51", "3.51.3", true},
		{"", "3.51.3", true},
	}
	for _, tt := range tests {
		if got := olderVersion(tt.a, tt.b); got != tt.want {
			t.Errorf("olderVersion(%q, %q) = %t", tt.a, tt.b, got)
		}
	}
}

func TestStoredTimes(t *testing.T) {
	t.Parallel()
	for _, us := range []int64{0, 1, 1_700_000_000_123_456} {
		if got := stored(instant(us)); got != us {
			t.Errorf("%d is read and stored as %d", us, got)
		}
	}
	if !instant(0).IsZero() {
		t.Error("0 is not read as the zero time")
	}
}
