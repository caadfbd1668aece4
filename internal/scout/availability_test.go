package scout_test

import (
	"testing"
	"time"

	"serverscout/internal/scout"
)

func TestAvailabilityPercent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		of   scout.Availability
		want float64
		ok   bool
	}{
		"nothing":              {scout.Availability{}, 0, false},
		"not observed":         {scout.Availability{Paused: time.Hour, Unknown: time.Hour}, 0, false},
		"up":                   {scout.Availability{Up: time.Hour}, 100, true},
		"down":                 {scout.Availability{Down: time.Hour}, 0, true},
		"a warning counts":     {scout.Availability{Up: time.Hour, Warning: 2 * time.Hour, Down: time.Hour}, 75, true},
		"unobserved time not":  {scout.Availability{Up: time.Hour, Down: time.Hour, Paused: 5 * time.Hour, Unknown: time.Hour}, 50, true},
		"a moment in a decade": {scout.Availability{Up: 8 * 365 * 24 * time.Hour, Down: 8 * 365 * 24 * time.Hour}, 50, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := tt.of.Percent(); got != tt.want || ok != tt.ok {
				t.Errorf("Percent() = %v, %v, want %v, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}
