package browser

import (
	"net/http"
	"strings"
	"testing"

	"serverscout/internal/integration/fake"
)

// An addressee is a service that messages are sent to, as a person sets it up.
type addressee struct {
	title    string
	host     string
	path     string
	format   string            // chosen, where the address does not tell
	fields   map[string]string // that have to be filled in, by name
	secret   string            // part of what was typed that no page may show once it is saved
	handler  http.Handler
	requests func() []fake.Request
}

func (g addressee) url() string { return "https://" + g.host + g.path }

func addressees() (list []addressee, pagerduty *fake.PagerDuty) {
	slack, discord, workflow, connector := &fake.Slack{}, &fake.Discord{}, &fake.TeamsWorkflow{}, &fake.TeamsConnector{}
	pagerduty = &fake.PagerDuty{}
	mattermost, ntfy, gotify, telegram, native := &fake.Mattermost{}, &fake.Ntfy{Protected: true}, &fake.Gotify{}, &fake.Telegram{}, &fake.Native{}
	const key = "0123456789abcdef0123456789abcdef"
	return []addressee{
		{title: "Slack", host: "hooks.slack.com", path: fake.SlackServicePath, secret: "notarealtoken", handler: slack, requests: slack.Requests},
		{title: "Discord", host: "discord.com", path: fake.DiscordPath, secret: "notarealtoken", handler: discord, requests: discord.Requests},
		{
			title: "Microsoft Teams", host: "prod-01.westeurope.logic.azure.com", path: fake.TeamsWorkflowURI, secret: "sig=n",
			handler: workflow, requests: workflow.Requests,
		},
		{
			title: "Microsoft Teams", host: "contoso.webhook.office.com", path: fake.TeamsConnectorURI,
			handler: connector, requests: connector.Requests,
		},
		{
			title: "PagerDuty", host: "events.pagerduty.com", path: fake.PagerDutyPath, fields: map[string]string{"routing_key": key}, secret: key,
			handler: pagerduty, requests: pagerduty.Requests,
		},
		{
			title: "Mattermost", host: "chat.example.com", path: fake.MattermostPath, format: "mattermost", secret: "notarealkey",
			handler: mattermost, requests: mattermost.Requests,
		},
		{
			title: "ntfy", host: "ntfy.sh", path: "/scout-alerts", fields: map[string]string{"token": fake.NtfyToken}, secret: fake.NtfyToken,
			handler: ntfy, requests: ntfy.Requests,
		},
		{
			title: "Gotify", host: "push.example.com", path: "/", format: "gotify", fields: map[string]string{"token": fake.GotifyToken},
			secret: fake.GotifyToken, handler: gotify, requests: gotify.Requests,
		},
		{
			title: "Telegram", host: "api.telegram.org", path: fake.TelegramBotPath, fields: map[string]string{"chat_id": "-1001234567890"},
			secret: "notarealtoken", handler: telegram, requests: telegram.Requests,
		},
		{title: "Native JSON", host: "hooks.example.com", path: "/alerts", handler: native, requests: native.Requests},
	}, pagerduty
}

// Every target is set up as its own users would: an address is pasted, the
// target is recognised, its fields appear, and its strict fake takes the test,
// before and after saving. Nothing secret is shown afterwards.
func TestFormOfEachTarget(t *testing.T) {
	t.Parallel()
	list, pagerduty := addressees()
	hosts := map[string]http.Handler{}
	for _, g := range list {
		hosts[g.host] = g.handler
	}
	p := serveProgram(t, internet(t, hosts)).inhabited(t)
	t.Cleanup(func() { // after the parallel tests
		if open, stray := pagerduty.Open(), pagerduty.Stray(); len(open)+len(stray) > 0 {
			t.Errorf("tests leave alerts open at PagerDuty: %v, stray %v", open, stray)
		}
	})
	for _, g := range list {
		t.Run(g.host, func(t *testing.T) {
			t.Parallel()
			at := p.tab(t)
			at.open("notifications/settings/new")
			at.fill("#field-url", g.url())
			if g.format != "" {
				at.fill("#field-format", g.format)
			}
			at.waitText(".recognised", g.title)
			if recognised := strings.Contains(at.text(".recognised"), "Recognised: "); recognised != (g.format == "" && g.title != "Native JSON") {
				t.Errorf("it says %q", at.text(".recognised"))
			}
			for name, value := range g.fields {
				at.waitFor("document.querySelector('#field-" + name + "')")
				at.fill("#field-"+name, value)
			}
			at.waitText("#preview", "server")
			at.waitFor("!document.querySelector('[data-draw-from][aria-busy]')")
			at.axe()
			at.screenshot("webhook-" + strings.ReplaceAll(g.host, ".", "-"))

			tested := func(button string, before int) {
				t.Helper()
				at.click(button)
				at.waitFor("document.querySelector('#answer').textContent.includes('took the test message')")
				if text := at.text("#answer"); strings.Contains(text, "did not") {
					t.Errorf("the test is answered: %s", text)
				}
				got := g.requests()
				if len(got) <= before {
					t.Errorf("%d requests came, want more than %d", len(got), before)
				}
				for _, r := range got[before:] {
					if r.Rejection != nil {
						t.Errorf("refused: %v\n%s", r.Rejection, r.Body)
					}
				}
			}
			tested("button[formaction='notifications/settings/test']", 0)
			at.follow("form#webhook button.main-action")
			if here := at.here(); !strings.HasPrefix(here, "notifications/settings/") || strings.HasSuffix(here, "/new") {
				t.Fatalf("saving leads to %q: %s", here, at.text("#content"))
			}
			if text := at.text("#content"); !strings.Contains(text, g.title) {
				t.Errorf("the page of the webhook does not name %s: %s", g.title, text)
			}
			tested("button[formaction='notifications/settings/test'], form[action='notifications/settings/test'] button", len(g.requests()))
			var source string
			if at.eval("document.documentElement.outerHTML", &source); g.secret != "" && strings.Contains(source, g.secret) {
				t.Errorf("the page shows %q", g.secret)
			}
		})
	}
}
