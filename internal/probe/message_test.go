package probe

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"serverscout/internal/scout"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"HTTP":                 {"HTTP service", "HTTP certificate"},
		"":                     {"HTTP service", "TLS certificate"},
		"Checkout API":         {"Checkout API", "Checkout API certificate"},
		"mail-service":         {"mail-service", "mail-service certificate"},
		"HTTP certificate":     {"HTTP certificate", "HTTP certificate"},
		"  \x1b\u202eHTTP\r\n": {"HTTP service", "HTTP certificate"},
	} {
		if got := [2]string{serviceName(name, "HTTP"), certificateName(name)}; got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestLatencyText(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		time.Nanosecond:           "1 ms",
		800 * time.Millisecond:    "800 ms",
		800*time.Millisecond + 1:  "801 ms",
		999*time.Millisecond + 1:  "1 s",
		1240 * time.Millisecond:   "1.24 s",
		1240*time.Millisecond + 1: "1.25 s",
		10 * time.Second:          "10 s",
		90 * time.Second:          "90 s",
	} {
		if got := latencyText(d); got != want {
			t.Errorf("%d ns: got %q, want %q", d, got, want)
		}
	}
}

// Whatever stands in names, a message is one printable line of bounded length.
func FuzzMessage(f *testing.F) {
	f.Add("HTTP\x00\n", "www.example.com", "\u202eother:80")
	f.Add(strings.Repeat("ä", 600), strings.Repeat("b", 600), strings.Repeat("c", 600))
	f.Fuzz(func(t *testing.T, name, host, detour string) {
		p := &httpProbe{service: serviceName(name, "HTTP"), expect: expectation{status: make(statusSet, 80)}}
		r := p.judge(answer{status: 503}, place{host: host, port: "80", detour: detour})
		if r.Level != scout.Down {
			t.Errorf("got %+v", r)
		}
		message := tidy(r.Message)
		if utf8.RuneCountInString(message) > maxMessage || strings.ContainsFunc(message, func(c rune) bool { return !unicode.IsPrint(c) }) {
			t.Errorf("got %q", message)
		}
	})
}
