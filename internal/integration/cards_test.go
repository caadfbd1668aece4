package integration_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"serverscout/internal/integration"
	"serverscout/internal/scout"
)

// checkCardPreviews checks what chat programs show of the golden cases. The
// fields end with those given.
func checkCardPreviews(t *testing.T, all map[string]integration.Preview, footer []string, last ...[2]string) {
	t.Helper()
	want := integration.Preview{
		Colour: "#D32F2F",
		Title:  "■ HTTP on web-server-01 is down",
		Text:   "HTTP service is not responding on port 80",
		Fields: append([][2]string{
			{"Server", "web-server-01"},
			{"Service", "HTTP"},
			{"Address", "192.168.1.100"},
			{"Since", "2024-01-15 10:24 UTC (5 min 23 s)"},
			{"Severity", "critical"},
		}, last...),
		Footer: footer,
		Link:   "https://scout.example.com/incidents/12345",
	}
	if diff := cmp.Diff(want, all["down"]); diff != "" {
		t.Errorf("down (-want +got):\n%s", diff)
	}
	checkCardTitles(t, all)
	if got, want := all["recovered"].Fields[3], "5 min 13 s (2024-01-15 10:24 UTC – 2024-01-15 10:29 UTC)"; got != [2]string{"Lasted", want} {
		t.Errorf("recovered: %q", got)
	}
	missing := append([][2]string{{"Severity", "critical"}}, last...)
	if p := all["missing"]; p.Text != "" || p.Link != "" || p.Notes != nil || !cmp.Equal(p.Fields, missing) {
		t.Errorf("missing: %+v", p)
	}
	if got := all["late"].Notes; len(got) != 1 || !strings.HasPrefix(got[0], "Late: happened ") || !strings.Contains(got[0], ", sent 3 h later; recovered ") {
		t.Errorf("late: notes %q", got)
	}
	for _, part := range []string{"<!channel> @everyone <@U1> [a](http://b) ]( ) *b* _i_ ~s~ `c` ```d``` &amp; & < > | \" \\ :100: new line tab", "<https://evil.example|click> {{.}}"} {
		if !strings.Contains(all["hostile"].Text, part) {
			t.Errorf("hostile: %q is not in %q", part, all["hostile"].Text)
		}
	}
	if p := all["hostile"]; p.Link != "https://scout.example.com/i/%3C%7C%3E?a=1&b=%7C%3C!channel%3E" {
		t.Errorf("hostile: link %q", p.Link)
	}
	if p := all["oversize"]; !strings.HasSuffix(p.Text, "…") || !strings.HasSuffix(p.Title, "… is down") || p.Link != "" {
		t.Errorf("oversize: %+v", p)
	}
}

func checkCardTitles(t *testing.T, all map[string]integration.Preview) {
	t.Helper()
	want := map[string][2]string{
		"down":      {"#D32F2F", "■ HTTP on web-server-01 is down"},
		"warning":   {"#F5A300", "▲ HTTP on web-server-01 has a warning"},
		"reminder":  {"#D32F2F", "■ HTTP on web-server-01 is still down"},
		"recovered": {"#2E9E4F", "● HTTP on web-server-01 has recovered after 5 min 13 s"},
		"test":      {"#D32F2F", "■ Test: HTTP on test-server is down"},
		"missing":   {"#D32F2F", "■ A service is down"},
	}
	got := map[string][2]string{}
	for name := range want {
		got[name] = [2]string{all[name].Colour, all[name].Title}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("colours and titles (-want +got):\n%s", diff)
	}
}

// TestCardsShowTheSameText renders any message by each of the formats that
// escape in their own ways, and finds the same text in their previews. Slack's
// texts know no markup, so its preview is what the others are measured by.
func TestCardsShowTheSameText(t *testing.T) {
	t.Parallel()
	const breaks = "\u200B" // what Mattermost's escaping adds, typed by a user
	rapid.Check(t, func(rt *rapid.T) {
		n := down()
		n.Message = strings.ReplaceAll(rapid.OneOf(anyText(), rapid.StringOf(rapid.SampledFrom([]rune("\\*_`~[]<>@#:&;.-+1) a/w!|{}")))).Draw(rt, "message"), breaks, "")
		texts := map[string]string{}
		for _, name := range []string{"slack", "discord", "teams", "mattermost"} {
			p, err := format(t, name).Preview(body(rt, format(t, name), n, integration.Target{}))
			if err != nil {
				rt.Fatal(err)
			}
			if strings.HasSuffix(p.Text, "…") {
				return // cut, by each at its own limit
			}
			texts[name] = p.Text
		}
		for name, text := range texts {
			if text != texts["slack"] {
				rt.Fatalf("%s shows %q, want %q", name, text, texts["slack"])
			}
		}
	})
}

func TestSlackPreview(t *testing.T) {
	t.Parallel()
	checkCardPreviews(t, previews(t, "slack", integration.Target{URL: slackURL}), []string{"Alert 12345"})
}

func TestSlackWorkflowPreview(t *testing.T) {
	t.Parallel()
	target := integration.Target{URL: "https://hooks.slack.com/triggers/T0/1/x"}
	p := previews(t, "slack", target)["down"]
	if len(p.Fields) != 9 || p.Fields[0] != [2]string{"alert_id", "12345"} || p.Title != "" {
		t.Errorf("%+v", p)
	}
}

// TestBadSettings checks that settings of a wrong kind stop a rendering, and
// are not quoted.
func TestBadSettings(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"discord", "mattermost"} {
		_, err := format(t, name).Render(down(), integration.Target{Settings: scout.Settings{"username": 17.5}})
		if err == nil || strings.Contains(err.Error(), "17.5") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
