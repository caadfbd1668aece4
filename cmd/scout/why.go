package main

import (
	"context"

	"serverscout/internal/app/terminal"
	"serverscout/internal/scout"
)

type whyCmd struct {
	remote
	Incident string `arg:"" optional:"" help:"The incident's id, the alert_id of its messages."`
	Event    int64  `help:"Only this event, by its id; without an incident." placeholder:"ID"`
	Webhook  string `help:"Only what became of the incident at this webhook." placeholder:"WEBHOOK" complete:"@webhook"`
}

// Run says why.
func (c whyCmd) Run(screen *terminal.Screen) error {
	switch {
	case (c.Incident == "") == (c.Event == 0):
		return scout.Errorf(scout.Invalid, "say which incident it is about, by its id, or which event with --event ID")
	case c.Event != 0 && c.Webhook != "":
		return scout.Errorf(scout.Invalid, "--webhook goes with an incident: --event says it of each webhook")
	}
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		if c.Event != 0 {
			return s.WhyEvent(ctx, c.Event)
		}
		return s.WhyIncident(ctx, c.Incident, c.Webhook)
	})
}
