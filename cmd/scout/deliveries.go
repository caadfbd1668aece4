package main

import (
	"context"
	"time"

	"serverscout/internal/app/terminal"
)

type deliveriesCmd struct {
	List   deliveriesListCmd   `cmd:"" help:"List deliveries, newest first."`
	Show   deliveriesShowCmd   `cmd:"" help:"Show a delivery and what was sent and answered in each attempt."`
	Again  deliveriesAgainCmd  `cmd:"" help:"Send a delivery again now, whatever became of it."`
	Resend deliveriesResendCmd `cmd:"" help:"Send again now all that failed since a time."`
}

type deliveriesListCmd struct {
	remote
	limited
	Webhook  string `help:"Only deliveries to this webhook." placeholder:"WEBHOOK" complete:"@webhook"`
	Status   string `help:"Only pending, sending, delivered, failed or cancelled ones." placeholder:"STATUS" complete:"pending,sending,delivered,failed,cancelled"`
	Incident string `help:"Only deliveries of this incident." placeholder:"ID"`
	Server   string `help:"Only deliveries about the server of this name." placeholder:"NAME" complete:"@server"`
	Service  string `help:"Only deliveries about checks of this name." placeholder:"NAME"`
	Since    string `help:"Only those created since a time, a date, or so long ago: 24h, 7d." placeholder:"TIME"`
	Until    string `help:"Only those created before that." placeholder:"TIME"`
}

// Run lists deliveries.
func (c deliveriesListCmd) Run(screen *terminal.Screen) error {
	now := time.Now()
	since, err := terminal.ParseSince(c.Since, now)
	if err != nil {
		return err
	}
	until, err := terminal.ParseSince(c.Until, now)
	if err != nil {
		return err
	}
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		return s.ListDeliveries(ctx, terminal.DeliveriesQuery{
			Webhook: c.Webhook, Status: c.Status, Incident: c.Incident, Server: c.Server, Service: c.Service, Since: since, Until: until,
		}, c.Limit)
	})
}

type deliveriesShowCmd struct {
	remote
	ID    int64 `arg:"" help:"The delivery's id."`
	Curl  bool  `help:"Print the curl command that repeats its last attempt, with variables for secrets."`
	Limit int   `default:"20" help:"At most so many attempts, the latest; 0 for all."`
}

// Run shows a delivery.
func (c deliveriesShowCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		if c.Curl {
			return s.PrintCurl(ctx, c.ID)
		}
		return s.ShowDelivery(ctx, c.ID, c.Limit)
	})
}

type deliveriesAgainCmd struct {
	remote
	ID int64 `arg:"" help:"The delivery's id."`
}

// Run sends a delivery again.
func (c deliveriesAgainCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.SendAgain(ctx, c.ID) })
}

type deliveriesResendCmd struct {
	remote
	Failed  bool   `required:"" help:"All that failed, tests aside."`
	Since   string `required:"" help:"Those that failed since a time, a date, or so long ago: 24h, 7d." placeholder:"TIME"`
	Webhook string `help:"Only those to this webhook." placeholder:"WEBHOOK" complete:"@webhook"`
	Server  string `help:"Only those about the server of this name." placeholder:"NAME" complete:"@server"`
	Service string `help:"Only those about checks of this name." placeholder:"NAME"`
	DryRun  bool   `help:"Only say how many there are."`
}

// Run sends deliveries again.
func (c deliveriesResendCmd) Run(screen *terminal.Screen) error {
	since, err := terminal.ParseSince(c.Since, time.Now())
	if err != nil {
		return err
	}
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		return s.SendFailedAgain(ctx, terminal.FailedQuery{
			Webhook: c.Webhook, Server: c.Server, Service: c.Service, Since: since, DryRun: c.DryRun,
		})
	})
}
