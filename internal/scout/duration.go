package scout

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a time.Duration that reads and writes the text users type:
// Go's units plus d for days ("1d12h", "90s", "50ms").
type Duration time.Duration

// ParseDuration reads Go's duration syntax, in which days may lead:
// "7d", "1d12h30m". Negative durations and numbers without a unit are errors.
func ParseDuration(s string) (time.Duration, error) {
	bad := fmt.Errorf("%q is not a duration: write a number and a unit, such as 500ms, 30s, 5m, 2h or 7d", s)
	rest := s
	var total time.Duration
	if i := strings.IndexByte(s, 'd'); i > 0 {
		days, err := strconv.ParseFloat(s[:i], 64)
		if err != nil || !(days >= 0 && days <= 36500) {
			return 0, bad
		}
		total = time.Duration(days * float64(24*time.Hour))
		rest = s[i+1:]
		if rest == "" {
			return total, nil
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 || strings.HasPrefix(rest, "+") || strings.HasPrefix(rest, "-") {
		return 0, bad
	}
	if total+d < total {
		return 0, bad
	}
	return total + d, nil
}

// String returns the shortest text that ParseDuration reads back: "90s"
// becomes "1m30s", "24h" becomes "1d".
func (d Duration) String() string {
	td := time.Duration(d)
	if td < 0 {
		return td.String()
	}
	days := td / (24 * time.Hour)
	rest := td % (24 * time.Hour)
	text := ""
	if days > 0 {
		text = strconv.FormatInt(int64(days), 10) + "d"
		if rest == 0 {
			return text
		}
	}
	r := rest.String()
	if strings.HasSuffix(r, "m0s") {
		r = strings.TrimSuffix(r, "0s")
	}
	if strings.HasSuffix(r, "h0m") {
		r = strings.TrimSuffix(r, "0m")
	}
	return text + r
}

// MarshalText writes String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDuration reads.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := ParseDuration(string(b))
	*d = Duration(v)
	return err
}

// Clock formats a duration as the payload does: HH:MM:SS, floored to whole
// seconds, hours growing past 99. A negative duration reads 00:00:00.
func Clock(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Stamp formats a time as the payload does: RFC 3339, UTC, whole seconds, Z.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
