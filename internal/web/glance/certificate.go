package glance

import (
	"regexp"
	"time"
)

// certificateEnd finds the day on which a certificate expires in the message of
// a tls check, which is where its results carry it.
var certificateEnd = regexp.MustCompile(`(?:, until|, on|expired on) (\d{4}-\d\d-\d\d)`)

// CertificateLeft is how many days a certificate has left by what a result of a
// tls check says of it, below 0 once it has expired; false where it says
// nothing.
func CertificateLeft(message string, now time.Time) (days int, ok bool) {
	m := certificateEnd.FindStringSubmatch(message)
	if m == nil {
		return 0, false
	}
	end, err := time.Parse(time.DateOnly, m[1])
	if err != nil {
		return 0, false
	}
	const day = 24 * time.Hour
	return int(end.Sub(now.UTC().Truncate(day)) / day), true
}
