package integration_test

import (
	"strings"
	"time"

	"serverscout/internal/scout"
)

// hostile is text that breaks careless renderers: pings, markup of several
// targets, tokens, quotes, controls, direction marks, emoji, bad UTF-8.
const hostile = "<!channel> @everyone <@U1> [a](http://b) ]( ) *b* _i_ ~s~ `c` ```d``` &amp; & < > | \" \\ :100: " +
	"\r\nnew line\ttab\x00\x07\x1b[31m \u202Ereversed\u2028 \u2066 😀👩‍👩‍👧 \xff\xfe <https://evil.example|click> {{.}}"

// instant is when the sample outage was confirmed.
var instant = time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC)

// down returns the sample notice of product.md.
func down() scout.Notice {
	return scout.Notice{
		AlertID:   "12345",
		Server:    "web-server-01",
		Service:   "HTTP",
		ServerIP:  "192.168.1.100",
		Tags:      []string{"prod", "web"},
		Status:    scout.StatusDown,
		Kind:      scout.Opened,
		Message:   "HTTP service is not responding on port 80",
		At:        instant,
		Began:     instant.Add(-5*time.Minute - 23*time.Second),
		Duration:  5*time.Minute + 23*time.Second,
		SentAt:    instant.Add(time.Second),
		Link:      "https://scout.example.com/incidents/12345",
		MessageID: "msg_0000000000000000000000000",
	}
}

// goldenCases are the notices that every format's golden folder shows.
func goldenCases() map[string]scout.Notice {
	warning := down()
	warning.Status = scout.StatusWarning
	warning.Message = "HTTP service answers slowly: 912 ms"

	recovered := down()
	recovered.Status, recovered.Kind = scout.StatusRecovered, scout.Recovered
	recovered.Message = "HTTP service is responding again on port 80"
	recovered.Ended = instant.Add(-10 * time.Second)
	recovered.Duration = recovered.Ended.Sub(recovered.Began)

	test := down()
	test.AlertID, test.Server, test.Message, test.Test = "test-12345", "test-server", "Test alert", true
	test.Link = ""

	bad := down()
	bad.Server, bad.Service, bad.ServerIP, bad.Message = hostile, hostile, hostile, hostile
	bad.Link = "https://scout.example.com/i/<|>?a=1&b=|<!channel>"

	oversize := down()
	oversize.Server = strings.Repeat("s&", 250)
	oversize.Service = strings.Repeat("ü", 500)
	oversize.ServerIP = strings.Repeat("1", 3000)
	oversize.Message = strings.Repeat("<😀>", 2500)
	oversize.Link = "https://scout.example.com/" + strings.Repeat("x", 3000)
	oversize.Duration = 1234*time.Hour + 5*time.Minute + 6*time.Second

	missing := scout.Notice{AlertID: "12345", Status: scout.StatusDown, Kind: scout.Opened, At: instant, SentAt: instant}

	late := down()
	late.At = time.Date(2024, 1, 15, 2, 10, 0, 0, time.UTC)
	late.Began = late.At.Add(-late.Duration)
	late.Ended = late.At.Add(15 * time.Minute)
	late.SentAt = late.At.Add(3 * time.Hour)

	reminder := down()
	reminder.Kind, reminder.At = scout.Reminder, instant.Add(time.Hour)
	reminder.SentAt = reminder.At.Add(time.Second)
	reminder.Duration = reminder.At.Sub(reminder.Began)

	return map[string]scout.Notice{
		"down": down(), "warning": warning, "recovered": recovered, "test": test,
		"hostile": bad, "oversize": oversize, "missing": missing, "late": late, "reminder": reminder,
	}
}
