package integration

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"serverscout/internal/scout"
)

func TestDetailText(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC)
	full := scout.Notice{
		AlertID: "12345", Server: "web\n1", Service: "HTTP", ServerIP: "192.0.2.1", Status: scout.StatusDown,
		Message: "no answer", At: at, SentAt: at, Began: at.Add(-time.Minute), Duration: time.Minute,
	}
	change := func(f func(*scout.Notice)) scout.Notice {
		n := full
		f(&n)
		return n
	}
	const facts = "Server: web 1\nService: HTTP\nAddress: 192.0.2.1\n"
	for name, tc := range map[string]struct {
		notice scout.Notice
		want   string
	}{
		"down": {full, "no answer\n\n" + facts + "Since: 2024-01-15 10:29 UTC (1 min)\nSeverity: critical\nAlert: 12345"},
		"recovered": {
			change(func(n *scout.Notice) { n.Status = scout.StatusRecovered }),
			"no answer\n\n" + facts + "Lasted: 1 min (2024-01-15 10:29 UTC – 2024-01-15 10:30 UTC)\nSeverity: info\nAlert: 12345",
		},
		"late": {
			change(func(n *scout.Notice) { n.SentAt = at.Add(time.Hour) }),
			"no answer\nLate: happened 10:30 UTC, sent 1 h later\n\n" + facts + "Since: 2024-01-15 10:29 UTC (1 min)\nSeverity: critical\nAlert: 12345",
		},
		"nothing known":       {scout.Notice{Status: scout.StatusWarning}, "Severity: warning"},
		"late, but no words":  {scout.Notice{Status: scout.StatusWarning, At: at, SentAt: at.Add(time.Hour)}, "Late: happened 10:30 UTC, sent 1 h later\n\nSeverity: warning"},
		"the message is long": {scout.Notice{Status: scout.StatusWarning, Message: strings.Repeat("ü", 2000)}, strings.Repeat("ü", 1299-len("\n\nSeverity: warning")) + "…\n\nSeverity: warning"},
	} {
		if diff := cmp.Diff(tc.want, detailText(tc.notice, 1300, plainMarkup)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestDetailTextAlways checks that the text keeps its limit, and is read back
// as it was written.
func TestDetailTextAlways(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string {
			return strings.Repeat(rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("&<>:\n😀")))).Draw(t, name), 100)
		}
		n := scout.Notice{
			AlertID: text("id"), Server: text("server"), Service: text("service"), ServerIP: text("address"), Message: text("message"),
			Status: scout.StatusDown, Began: time.Unix(1, 0), At: time.Unix(61, 0), SentAt: time.Unix(7261, 0), Duration: time.Minute,
		}
		written := detailText(n, 1300, plainMarkup)
		if got := length(written); got > 1300 {
			t.Fatalf("%d characters", got)
		}
		var p Preview
		readDetailText(&p, written)
		if want := fit(oneLine(n.Message), length(p.Text), plain); p.Text != want {
			t.Fatalf("text %q, want %q", p.Text, want)
		}
		rows := facts(n, utcStamp)
		for i, row := range rows {
			if want := [2]string{row.label, fit(row.value, detailLimit, plain)}; p.Fields[i] != want {
				t.Fatalf("field %q, want %q", p.Fields[i], want)
			}
		}
		if len(p.Notes) != 1 || !strings.HasPrefix(p.Notes[0], "Late: happened") {
			t.Fatalf("notes %q", p.Notes)
		}
	})
}
