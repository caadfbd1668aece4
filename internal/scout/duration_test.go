package scout_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"serverscout/internal/scout"
)

const day = 24 * time.Hour

func TestParseDuration(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want time.Duration
	}{
		{"50ms", 50 * time.Millisecond},
		{"1s", time.Second},
		{"90s", 90 * time.Second},
		{"1h30m", 90 * time.Minute},
		{"1.5h", 90 * time.Minute},
		{"0s", 0},
		{"7d", 7 * day},
		{"0d", 0},
		{"0.5d", 12 * time.Hour},
		{"1d12h30m", day + 12*time.Hour + 30*time.Minute},
		{"36500d", 36500 * day},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, err := scout.ParseDuration(tt.text)
			if err != nil || got != tt.want {
				t.Errorf("ParseDuration = %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestParseDurationRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "10", "ten seconds", "s", "d", "5 s", "-5s", "+5s", "-1d", "1d-1h", "1d+1h", "12h1d", "1d1d",
		"36501d", "1e9d", "NaNd", "Infd", "36500d2562047h", "1D", "1w",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := scout.ParseDuration(text)
			if err == nil || got != 0 {
				t.Fatalf("ParseDuration = %v, %v; want 0 and an error", got, err)
			}
			if !strings.Contains(err.Error(), "500ms, 30s, 5m, 2h or 7d") {
				t.Errorf("the error does not say what is right: %v", err)
			}
		})
	}
}

func TestDurationString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		duration time.Duration
		want     string
	}{
		{0, "0s"},
		{50 * time.Millisecond, "50ms"},
		{30 * time.Second, "30s"},
		{90 * time.Second, "1m30s"},
		{5 * time.Minute, "5m"},
		{10 * time.Minute, "10m"},
		{time.Hour, "1h"},
		{20 * time.Hour, "20h"},
		{time.Hour + 10*time.Minute, "1h10m"},
		{time.Hour + time.Second, "1h0m1s"},
		{day, "1d"},
		{36*time.Hour + 500*time.Millisecond, "1d12h0m0.5s"},
		{10*day + 5*time.Minute, "10d5m"},
		{-time.Minute, "-1m0s"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			if got := scout.Duration(tt.duration).String(); got != tt.want {
				t.Errorf("String = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDurationReadsWhatItWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := scout.Duration(rapid.Int64Range(0, int64(36500*day)).Draw(t, "nanoseconds"))
		text, err := want.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got scout.Duration
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Fatalf("%d is written %q and read %d, %v", want, text, got, err)
		}
	})
}

func TestDurationInJSON(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(map[string]scout.Duration{"interval": scout.Duration(90 * time.Minute)})
	if err != nil || string(b) != `{"interval":"1h30m"}` {
		t.Errorf("Marshal = %s, %v", b, err)
	}
	var d scout.Duration
	if err := json.Unmarshal([]byte(`"1d"`), &d); err != nil || d != scout.Duration(day) {
		t.Errorf("Unmarshal = %v, %v; want 1d", d, err)
	}
	if err := json.Unmarshal([]byte(`"soon"`), &d); err == nil {
		t.Error("Unmarshal takes a word")
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, seed := range []string{"", "7d", "1d12h30m", "0.5d", "-1d", "1e9d", "9223372036854775807ns", "36500d2562047h", "1d1d", "µs"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := scout.ParseDuration(text)
		if err != nil {
			if d != 0 {
				t.Fatalf("ParseDuration(%q) = %v beside an error", text, d)
			}
			return
		}
		if d < 0 {
			t.Fatalf("ParseDuration(%q) = %v", text, d)
		}
		if d > 36500*day { // longer than String's days may be read
			return
		}
		again, err := scout.ParseDuration(scout.Duration(d).String())
		if err != nil || again != d {
			t.Fatalf("ParseDuration(%q) = %v, written %s, read %v, %v", text, d, scout.Duration(d), again, err)
		}
	})
}

func TestClock(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		duration time.Duration
		want     string
	}{
		{"zero", 0, "00:00:00"},
		{"of the contract", 5*time.Minute + 23*time.Second, "00:05:23"},
		{"floored, not rounded", 59*time.Second + 999*time.Millisecond, "00:00:59"},
		{"a full minute", time.Minute, "00:01:00"},
		{"a full hour", time.Hour, "01:00:00"},
		{"two digits of hours", 99*time.Hour + 59*time.Minute + 59*time.Second, "99:59:59"},
		{"hours grow", 123*time.Hour + 4*time.Minute + 5*time.Second, "123:04:05"},
		{"the longest", math.MaxInt64, "2562047:47:16"},
		{"negative", -time.Hour, "00:00:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := scout.Clock(tt.duration); got != tt.want {
				t.Errorf("Clock = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestStamp(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC)
	tests := []struct {
		name string
		time time.Time
	}{
		{"UTC", at},
		{"another zone", at.In(time.FixedZone("", 5*3600+1800))},
		{"floored to whole seconds", at.Add(time.Second - 1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, want := scout.Stamp(tt.time), "2024-01-15T10:30:00Z"; got != want {
				t.Errorf("Stamp = %q, want %q", got, want)
			}
		})
	}
}
