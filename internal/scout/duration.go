package scout

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Duration is a time.Duration that reads and writes the text users type:
// Go's units plus d for days ("1d12h", "90s", "50ms").
type Duration time.Duration

var durationForm = regexp.MustCompile(`^(\d+(\.\d+)?d)?((\d+(\.\d+)?(h|m|s|ms|us|µs|ns))+)?$`)

// longestDuration bounds what is read: a hundred years.
const longestDuration = 36500 * 24 * time.Hour

// ParseDuration reads Go's duration syntax, in which days may lead:
// "7d", "1d12h30m". Signs, numbers without a unit and more than 36500d are
// errors.
func ParseDuration(s string) (time.Duration, error) {
	bad := fmt.Errorf("%q is not a duration: write a number and a unit, such as 500ms, 30s, 5m, 2h or 7d", s)
	if s == "" || !durationForm.MatchString(s) {
		return 0, bad
	}
	var total time.Duration
	if before, after, found := strings.Cut(s, "d"); found {
		days, err := strconv.ParseFloat(before, 64)
		if err != nil || days > 36500 {
			return 0, bad
		}
		total = time.Duration(days * float64(24*time.Hour))
		s = after
	}
	if s != "" {
		d, err := time.ParseDuration(s)
		if err != nil || d > longestDuration-total {
			return 0, bad
		}
		total += d
	}
	return total, nil
}

// String returns a text that ParseDuration reads back, in the largest units:
// "90s" becomes "1m30s", "24h" becomes "1d".
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
