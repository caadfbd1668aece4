package main

import (
	"context"

	"serverscout/internal/app/terminal"
	"serverscout/internal/scout"
)

type webhooksDiagnoseCmd struct {
	remote
	Webhook string `arg:"" optional:"" help:"The webhook's id or name." complete:"@webhook"`
	New     string `help:"Diagnose this URL with the keys below; nothing is saved." placeholder:"URL"`
	webhookKeys
}

// Help is printed below the flags.
func (webhooksDiagnoseCmd) Help() string {
	return `The receiver gets one sample message, as with scout webhooks test. A webhook whose messages do not get through makes the exit code 1.`
}

// Run diagnoses a webhook.
func (c webhooksDiagnoseCmd) Run(screen *terminal.Screen) error {
	edits, err := c.edits(map[string]string{"url": c.New})
	if err != nil {
		return err
	}
	switch {
	case (c.Webhook == "") == (c.New == ""):
		return scout.Errorf(scout.Invalid, "say which webhook to diagnose, by its id or name or with --new URL")
	case c.Webhook != "" && len(edits.Keys)+len(edits.Set) > 0:
		return scout.Errorf(scout.Invalid, "a stored webhook is diagnosed as it is: to diagnose other values, say --new URL")
	}
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		if c.New != "" {
			return s.DiagnoseUnsavedWebhook(ctx, edits)
		}
		return s.DiagnoseWebhook(ctx, c.Webhook)
	})
}
