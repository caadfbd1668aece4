package deliver_test

import (
	"encoding/json"
	"strings"
	"testing"

	"serverscout/internal/deliver"
	"serverscout/internal/scout"
)

func TestPreview(t *testing.T) {
	t.Parallel()
	const key = "0123456789abcdef0123456789abcdef"
	for name, tt := range map[string]struct {
		webhook scout.Webhook
		status  scout.Status
		shows   []string
	}{
		"native": {
			scout.Webhook{URL: scout.NewSecret("https://hooks.example.com/a")},
			scout.StatusDown,
			[]string{"preview-native", "web-server-01", "HTTP service is not responding on port 80", "critical"},
		},
		"no URL yet": {scout.Webhook{Format: "auto"}, scout.StatusWarning, []string{"preview-native", "answers slowly"}},
		"slack": {
			scout.Webhook{Format: "slack", URL: scout.NewSecret("https://hooks.slack.com/services/T0/B0/x")},
			scout.StatusRecovered,
			[]string{"preview-slack preview-recovered", "responding again", "https://scout.example.com/incidents/12345"},
		},
		"pagerduty": {
			scout.Webhook{Format: "pagerduty", URL: scout.NewSecret("https://events.pagerduty.com/v2/enqueue"), Settings: scout.Settings{"routing_key": key}},
			scout.StatusDown,
			[]string{"preview-pagerduty preview-critical"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := deliver.New(nil, deliver.Rules{PublicURL: "https://scout.example.com/"}, deliver.Options{})
			html, body, err := e.Preview(tt.webhook, tt.status)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range tt.shows {
				if !strings.Contains(html, part) {
					t.Errorf("%q is not in\n%s", part, html)
				}
			}
			if !json.Valid([]byte(body)) || strings.Contains(body+html, key) || tt.webhook.Format == "pagerduty" && !strings.Contains(body, scout.Masked) {
				t.Errorf("the body is %s", body)
			}
		})
	}
}

func TestPreviewFails(t *testing.T) {
	t.Parallel()
	e := deliver.New(nil, deliver.Rules{}, deliver.Options{})
	if html, body, err := e.Preview(scout.Webhook{Format: "pigeon"}, scout.StatusDown); err == nil || html+body != "" {
		t.Errorf("%q, %q, %v", html, body, err)
	}
}
