package probe

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"serverscout/internal/scout"
)

const (
	maxMessage = 300 // characters of a message
	maxName    = 100 // characters of a check's name or a host inside a message
)

// clean replaces what does not print (control characters, text direction
// marks) with spaces.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
}

// tidy makes a message printable and bounds its length.
func tidy(message string) string { return scout.Shorten(clean(message), maxMessage) }

// short makes a name fit into a message.
func short(s string) string { return scout.Shorten(strings.TrimSpace(clean(s)), maxName) }

// serviceName begins a sentence about a service: "HTTP" alone reads better as
// "HTTP service", a name of several words stands for itself.
func serviceName(checkName, fallback string) string {
	name := short(checkName)
	if name == "" {
		name = fallback
	}
	if strings.Contains(name, " ") || endsWith(name, "service") {
		return name
	}
	return name + " service"
}

// certificateName begins a sentence about a certificate.
func certificateName(checkName string) string {
	name := short(checkName)
	switch {
	case name == "":
		return "TLS certificate"
	case endsWith(name, "certificate"):
		return name
	default:
		return name + " certificate"
	}
}

func endsWith(name, word string) bool { return strings.HasSuffix(strings.ToLower(name), word) }

// place is where a probe looked when it saw what a message tells.
type place struct {
	host   string
	port   string // of the target
	detour string // host:port that a redirect led to; "" for none
	of     string // whose port it is, where that is not the target's; "" otherwise
}

// String completes "on …".
func (p place) String() string {
	text := "port " + p.port
	if p.of != "" {
		text += " of " + short(p.of)
	}
	if p.detour != "" {
		text += fmt.Sprintf(" (redirected to %s)", short(p.detour))
	}
	return text
}

// outage words the error that kept a service from answering in time.
func outage(service string, at place, err error, timeout time.Duration) string {
	if complaint := certificateComplaint(err, at.host); complaint != "" {
		return fmt.Sprintf("%s presents a certificate on %s that %s", service, at, complaint)
	}
	verb := "is not responding"
	switch scout.FaultOf(err) {
	case scout.FaultTLS, scout.FaultNotTLS, scout.FaultProtocol, scout.FaultOther:
		verb = "does not answer properly"
	}
	return fmt.Sprintf("%s %s on %s: %s", service, verb, at, cause(err, at.host, timeout))
}

// cause words what is behind an error, to stand after a colon.
func cause(err error, host string, timeout time.Duration) string {
	switch fault := scout.FaultOf(err); fault {
	case scout.FaultTimeout:
		return "no answer within " + latencyText(timeout)
	case scout.FaultReset:
		return "the connection was reset or closed early"
	case scout.FaultUnknownHost:
		return "unknown host name " + short(host)
	case scout.FaultOther:
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			return "Server Scout itself has too many open files to probe it"
		}
		if errors.Is(err, syscall.EPERM) {
			return "a firewall on Server Scout's own machine does not let it out"
		}
		return "no usable answer"
	default:
		return fault.Describe()
	}
}

// certificateComplaint says what is wrong with a certificate, to stand after
// its name; "" when the error is not about a certificate.
func certificateComplaint(err error, host string) string {
	var invalid x509.CertificateInvalidError
	errors.As(err, &invalid)
	switch scout.FaultOf(err) {
	case scout.FaultCertExpired:
		return "expired on " + date(invalid.Cert.NotAfter)
	case scout.FaultCertNotYet:
		return "is not valid before " + date(invalid.Cert.NotBefore)
	case scout.FaultCertName:
		return "is not for the name " + short(host)
	case scout.FaultCertUnknown:
		return "is from an unknown authority"
	case scout.FaultCertSelf:
		return "is self-signed"
	default:
		return ""
	}
}

// slowly words an answer that came late.
func slowly(service string, at place, latency time.Duration, limit scout.Duration) string {
	return fmt.Sprintf("%s answers slowly on %s: %s, more than %s",
		service, at, latencyText(latency), latencyText(time.Duration(limit)))
}

// latencyText writes a duration in milliseconds below one second and in
// seconds with two decimals above. It rounds up, so that what exceeds a limit
// also reads so.
func latencyText(d time.Duration) string {
	ms := (d + time.Millisecond - 1) / time.Millisecond
	if ms < 1000 {
		return fmt.Sprintf("%d ms", ms)
	}
	hundredths := (d + 10*time.Millisecond - 1) / (10 * time.Millisecond)
	return strconv.FormatFloat(float64(hundredths)/100, 'f', -1, 64) + " s"
}

// spanText writes a long duration in its two largest units, rounded down.
func spanText(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	switch {
	case s >= 24*3600:
		return fmt.Sprintf("%d d %d h", s/86400, s/3600%24)
	case s >= 3600:
		return fmt.Sprintf("%d h %d min", s/3600, s/60%60)
	case s >= 60:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	default:
		return fmt.Sprintf("%d s", s)
	}
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }
