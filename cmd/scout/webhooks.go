package main

import (
	"context"

	"serverscout/internal/app/client"
	"serverscout/internal/app/terminal"
	"serverscout/internal/scout"
)

type webhooksCmd struct {
	List     webhooksListCmd     `cmd:"" help:"List webhooks and how they are, oldest first."`
	Show     webhooksShowCmd     `cmd:"" help:"Show a webhook."`
	Add      webhooksAddCmd      `cmd:"" help:"Add a webhook."`
	Change   webhooksChangeCmd   `cmd:"" help:"Change a webhook."`
	Delete   webhooksDeleteCmd   `cmd:"" help:"Delete a webhook and cancel what waits for it."`
	Test     webhooksTestCmd     `cmd:"" help:"Send a sample event and print what the receiver says."`
	Diagnose webhooksDiagnoseCmd `cmd:"" help:"Find out step by step whether messages get through, and what to do."`
	Pause    webhooksPauseCmd    `cmd:"" help:"Hold back what a webhook would be sent."`
	Resume   webhooksResumeCmd   `cmd:"" help:"Send to a paused or disabled webhook again."`
}

type webhooksListCmd struct {
	remote
	limited
	Format string `help:"Only webhooks of this format." placeholder:"FORMAT" complete:"@format"`
}

// Run lists webhooks.
func (c webhooksListCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		return s.ListWebhooks(ctx, client.WebhookFilter{Format: c.Format}, c.Limit)
	})
}

// oneWebhook names a webhook.
type oneWebhook struct {
	remote
	Webhook string `arg:"" help:"The webhook's id or name." complete:"@webhook"`
}

type webhooksShowCmd struct{ oneWebhook }

// Run shows a webhook.
func (c webhooksShowCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ShowWebhook(ctx, c.Webhook) })
}

// webhookKeys are the keys of a webhook that have a flag.
type webhookKeys struct {
	Format     string   `help:"How the message is written; without it, the URL says it." placeholder:"FORMAT" complete:"@format"`
	AlertTypes []string `help:"What it hears: critical, warning, recovery." placeholder:"TYPE" complete:"critical,warning,recovery"`
	Header     []string `sep:"none" help:"A custom header, 'Name: value'; repeatable." placeholder:"HEADER"`
	Set        []string `sep:"none" help:"Another key; repeatable." complete:"@webhook-key=" placeholder:"KEY=VALUE"`
}

// edits are these keys, with a few more.
func (k webhookKeys) edits(more map[string]string) (terminal.Edits, error) {
	keys := filled(more)
	if k.Format != "" {
		keys["format"] = k.Format
	}
	if len(k.AlertTypes) > 0 {
		keys["alert_types"] = k.AlertTypes
	}
	headers, err := terminal.Headers(k.Header)
	if len(headers) > 0 {
		keys["headers"] = headers
	}
	return terminal.Edits{Keys: keys, Set: k.Set}, err
}

type webhooksAddCmd struct {
	remote
	Name string `arg:"" help:"The webhook's name, unique."`
	To   string `arg:"" name:"url" help:"Where it is sent to: an http or https URL."`
	webhookKeys
}

// Help is printed below the flags.
func (webhooksAddCmd) Help() string {
	return `Examples:

    scout webhooks add ops https://hooks.slack.com/services/T000/B000/XXXX --alert-types critical,recovery
    scout webhooks add intake https://alerts.example.com/in --header 'Authorization: Bearer …' --set match.tags=prod
    scout webhooks add signed https://alerts.example.com/in --set secret=@signing-secret.txt`
}

// Run adds a webhook.
func (c webhooksAddCmd) Run(screen *terminal.Screen) error {
	edits, err := c.edits(map[string]string{"name": c.Name, "url": c.To})
	if err != nil {
		return err
	}
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.AddWebhook(ctx, edits) })
}

type webhooksChangeCmd struct {
	oneWebhook
	Name string `help:"Its new name."`
	webhookKeys
	Unset []string `help:"A key to return to its default; repeatable." complete:"@webhook-key" placeholder:"KEY"`
}

// Help is printed below the flags.
func (webhooksChangeCmd) Help() string {
	return `A new URL is given as --set url=https://… (--url says where the server is). One header is removed with --unset headers.NAME.`
}

// Run changes a webhook.
func (c webhooksChangeCmd) Run(screen *terminal.Screen) error {
	edits, err := c.edits(map[string]string{"name": c.Name})
	if err != nil {
		return err
	}
	edits.Unset = c.Unset
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ChangeWebhook(ctx, c.Webhook, edits) })
}

type webhooksDeleteCmd struct{ oneWebhook }

// Run deletes a webhook.
func (c webhooksDeleteCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.DeleteWebhook(ctx, c.Webhook) })
}

type webhooksTestCmd struct {
	remote
	Webhook string `arg:"" optional:"" help:"The webhook's id or name." complete:"@webhook"`
	New     string `help:"Test this URL with the keys below; nothing is saved." placeholder:"URL"`
	Status  string `default:"down" enum:"down,warning,recovered" help:"What the sample tells: down, warning or recovered."`
	webhookKeys
}

// Run sends a sample event; what is not delivered makes the exit status 1.
func (c webhooksTestCmd) Run(screen *terminal.Screen) error {
	edits, err := c.edits(map[string]string{"url": c.New})
	if err != nil {
		return err
	}
	switch {
	case (c.Webhook == "") == (c.New == ""):
		return scout.Errorf(scout.Invalid, "say which webhook to test, by its id or name or with --new URL")
	case c.Webhook != "" && len(edits.Keys)+len(edits.Set) > 0:
		return scout.Errorf(scout.Invalid, "a stored webhook is tested as it is: to test other values, say --new URL")
	}
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		if c.New != "" {
			return s.TestUnsavedWebhook(ctx, edits, c.Status)
		}
		return s.TestWebhook(ctx, c.Webhook, c.Status)
	})
}

type webhooksPauseCmd struct{ oneWebhook }

// Run pauses a webhook.
func (c webhooksPauseCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.PauseWebhook(ctx, c.Webhook) })
}

type webhooksResumeCmd struct{ oneWebhook }

// Run resumes a webhook.
func (c webhooksResumeCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ResumeWebhook(ctx, c.Webhook) })
}
