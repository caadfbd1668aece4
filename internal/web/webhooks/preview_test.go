package webhooks_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// TestPreview shows the message for each state, from the address and from the
// form, as a part and as a page.
func TestPreview(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := r.webhook(map[string]any{"name": "ops", "url": "https://hooks.slack.com" + fake.SlackServicePath})
	for status, tone := range map[string]string{"down": "critical", "warning": "warning", "recovered": "recovered", "": "critical", "other": "critical"} {
		want := "preview preview-slack preview-" + tone
		path := fmt.Sprintf("%s/%d?preview=%s", settings, w.ID, status)
		page := r.get(path).is(200)
		page.one("figure", "class="+want)
		form := page.form("webhook")
		if tone != "critical" && form.Get("preview") != status {
			t.Errorf("the form has %q", form.Get("preview"))
		}
		r.part(settings+"/preview", form).is(200).one("figure", "class="+want)
		r.post(settings+"/preview", form).is(200).one("figure", "class="+want)

		form.Set("json", "yes")
		text := r.part(settings+"/preview", form).is(200).text()
		if !strings.HasPrefix(text, "{") || !strings.Contains(text, "attachments") {
			t.Errorf("the JSON is %s", text)
		}
	}
	r.get(fmt.Sprintf("%s/%d?json=yes", settings, w.ID)).says(`"attachments": [`)
}

// TestPreviewOfWhatIsTyped draws values that cannot be saved yet.
func TestPreviewOfWhatIsTyped(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for name, tt := range map[string]struct{ url, format, want string }{
		"nothing":           {"", "auto", "preview-native"},
		"half an address":   {"htt", "auto", "preview-native"},
		"a target":          {"https://discord.com" + fake.DiscordPath, "auto", "preview-discord"},
		"a format alone":    {"", "discord", "preview-discord"},
		"a setting missing": {"https://push.example.com/", "gotify", "preview-gotify"},
	} {
		form := r.filled("url", tt.url, "format", tt.format)
		if part := r.part(settings+"/preview", form).is(200); !strings.Contains(part.raw, tt.want+" ") {
			t.Errorf("%s: %s", name, part.raw)
		}
	}
}

// TestFormatThatIsNoMore shows a webhook whose format an older program knew.
func TestFormatThatIsNoMore(t *testing.T) {
	t.Parallel()
	r := setup(t)
	w := scout.Webhook{Name: "ops", URL: scout.NewSecret("https://example.com/"), DisplayURL: "https://example.com/", Format: "pigeon", AlertTypes: scout.AllAlerts, Source: scout.FromDatabase}
	r.ok(r.store.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveWebhook(&w) }))
	path := fmt.Sprintf("%s/%d", settings, w.ID)
	page := r.get(path).is(200).says("cannot be drawn yet", "is not a format")
	r.post(path, page.form("webhook")).leads(path)
	if got := r.stored(w.ID).Format; got != "auto" {
		t.Errorf("the format is %q now", got)
	}
	r.get(settings).is(200)
}

// TestPreviewKeepsSecrets draws a body that has a credential in it.
func TestPreviewKeepsSecrets(t *testing.T) {
	t.Parallel()
	const key = "0123456789abcdef0123456789abcdef"
	r := setup(t)
	w := r.webhook(map[string]any{"name": "ops", "url": "https://events.pagerduty.com/v2/enqueue", "routing_key": key})
	r.get(fmt.Sprintf("%s/%d?json=yes", settings, w.ID)).is(200).says(`"routing_key": "` + scout.Masked + `"`).hides(key)
	form := r.filled("url", "https://events.pagerduty.com/v2/enqueue", "routing_key", key, "json", "yes")
	r.part(settings+"/preview", form).is(200).says(scout.Masked).hides(key)
}

func TestUnknownForms(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, path := range []string{"fields", "preview", "test", "diagnose"} {
		for _, id := range []string{"99", "x", "-1"} {
			r.part(settings+"/"+path, url.Values{"form-id": {id}, "url": {"https://example.com/"}}).is(404)
			r.post(settings+"/"+path, url.Values{"form-id": {id}}).is(404)
		}
		r.post(settings+"/"+path, url.Values{"url": {strings.Repeat("x", 1<<20)}}).is(422).says("too long")
		r.post(settings+"/"+path, url.Values{}).hides("500")
	}
}
