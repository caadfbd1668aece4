package integration

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// maxRetryAfter is the longest wish of a receiver that is honoured.
const maxRetryAfter = time.Hour

// ParseRetryAfter reads a Retry-After header: seconds, also with a fraction,
// or an HTTP date, which is taken relative to now. The result is at most one
// hour. It returns false for anything else, for negative numbers and for a
// date in the past.
func ParseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if value != "" && strings.Trim(value, "0123456789.") == "" {
		return parseSeconds(value)
	}
	at, err := http.ParseTime(value)
	if err != nil || at.Before(now) {
		return 0, false
	}
	return min(at.Sub(now), maxRetryAfter), true
}

// parseSeconds reads digits with at most one dot. It rounds up, so that a wish
// is never shortened.
func parseSeconds(value string) (time.Duration, bool) {
	seconds, err := strconv.ParseFloat(value, 64)
	if math.IsInf(seconds, 1) {
		return maxRetryAfter, true
	}
	if err != nil {
		return 0, false
	}
	if seconds >= maxRetryAfter.Seconds() {
		return maxRetryAfter, true
	}
	return time.Duration(math.Ceil(seconds * float64(time.Second))), true
}

// retryAfter returns what a response asks for, 0 for nothing. A date is
// measured by the receiver's own clock where it tells it: its distance to ours
// does not matter then.
func retryAfter(r scout.Response, now time.Time) time.Duration {
	if theirs, err := http.ParseTime(r.Header.Get("Date")); err == nil {
		now = theirs
	}
	wait, _ := ParseRetryAfter(r.Header.Get("Retry-After"), now)
	return wait
}
