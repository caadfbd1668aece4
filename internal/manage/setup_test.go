package manage_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

func TestSetupCode(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c := manage.NewSetupCode()
	code := c.Text()
	if !regexp.MustCompile(`^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$`).MatchString(code) {
		t.Errorf("the code is %q", code)
	}
	if manage.NewSetupCode().Text() == code {
		t.Error("two codes are the same")
	}
	for _, good := range []string{code, strings.ToLower(code), strings.ReplaceAll(code, "-", ""), " " + strings.ReplaceAll(code, "-", " ") + "\r\n"} {
		must(t, c.Check(good, now))
	}
	wrong := []string{"", "-", code[:8], code + "2", manage.NewSetupCode().Text(), strings.Repeat("A", 1<<20), "\x00", "ÄÖÜ", "1", "2"}
	for _, bad := range wrong {
		wantFaults(t, c.Check(bad, now), "code")
	}
	wantCode(t, c.Check(code, now), scout.Unavailable)
	wantCode(t, c.Check(code, now.Add(time.Minute-time.Nanosecond)), scout.Unavailable)
	must(t, c.Check(code, now.Add(time.Minute)))
	for range wrong {
		wantFaults(t, c.Check("x", now.Add(time.Minute)), "code")
	}
	wantCode(t, c.Check(code, now), scout.Unavailable) // the clock was turned back
}
