package main

import (
	"context"

	"serverscout/internal/app/terminal"
)

type checksCmd struct {
	List   checksListCmd   `cmd:"" help:"List checks and how they are, oldest first."`
	Show   checksShowCmd   `cmd:"" help:"Show a check."`
	Add    checksAddCmd    `cmd:"" help:"Add a check to a server."`
	Change checksChangeCmd `cmd:"" help:"Change a check."`
	Delete checksDeleteCmd `cmd:"" help:"Delete a check; an open incident of its ends."`
	Pause  checksPauseCmd  `cmd:"" help:"Stop watching a check; an open incident of its ends."`
	Resume checksResumeCmd `cmd:"" help:"Watch a paused check again."`
	Probe  checksProbeCmd  `cmd:"" help:"Have the server probe a check now; the result counts."`
}

type checksListCmd struct {
	remote
	limited
	Server string `help:"Only checks on this server." placeholder:"SERVER" complete:"@server"`
	Kind   string `help:"Only checks of this kind." placeholder:"KIND" complete:"@kind"`
	Level  string `help:"Only checks that are unknown, up, warning or down." placeholder:"LEVEL" complete:"unknown,up,warning,down"`
	Tag    string `help:"Only checks on servers with this tag." placeholder:"TAG"`
}

// Run lists checks.
func (c checksListCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		return s.ListChecks(ctx, terminal.ChecksQuery{Server: c.Server, Kind: c.Kind, Level: c.Level, Tag: c.Tag}, c.Limit)
	})
}

// oneCheck names a check.
type oneCheck struct {
	remote
	Check string `arg:"" help:"The check: its id, server/check, or its own name." complete:"@check"`
}

type checksShowCmd struct{ oneCheck }

// Run shows a check.
func (c checksShowCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ShowCheck(ctx, c.Check) })
}

type checksAddCmd struct {
	remote
	Server   string   `arg:"" help:"The server it is on." complete:"@server"`
	Kind     string   `arg:"" help:"What kind of check it is." complete:"@kind"`
	Target   string   `arg:"" optional:"" help:"What is probed; without it, the server's ip says it."`
	Name     string   `help:"Its name; without it, the kind's."`
	Interval string   `help:"How often it is probed." placeholder:"DURATION"`
	Set      []string `sep:"none" help:"Another key; repeatable." complete:"@check-key=" placeholder:"KEY=VALUE"`
}

// Help is printed below the flags.
func (checksAddCmd) Help() string {
	return `Keys in a group are dotted; lists have commas, or their key is repeated; @FILE stands for the content of a file where the key takes a secret or several lines.

Examples:

    scout checks add web-server-01 http
    scout checks add web-server-01 http https://example.com/ --set expect.status=200-299,304 --set expect.headers.Content-Type=text/html
    scout checks add web-server-01 dns example.com --set record=MX --interval 5m
    scout checks add web-server-01 heartbeat --name backup --set period=1d`
}

// Run adds a check.
func (c checksAddCmd) Run(screen *terminal.Screen) error {
	keys := filled(map[string]string{"name": c.Name, "target": c.Target, "interval": c.Interval})
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		return s.AddCheck(ctx, c.Server, c.Kind, terminal.Edits{Keys: keys, Set: c.Set})
	})
}

type checksChangeCmd struct {
	oneCheck
	Name     string   `help:"Its new name."`
	Target   string   `help:"What is probed from now on." placeholder:"TARGET"`
	Interval string   `help:"How often it is probed from now on." placeholder:"DURATION"`
	Set      []string `sep:"none" help:"Another key; repeatable." complete:"@check-key=" placeholder:"KEY=VALUE"`
	Unset    []string `help:"A key to return to its default; repeatable." complete:"@check-key" placeholder:"KEY"`
}

// Run changes a check.
func (c checksChangeCmd) Run(screen *terminal.Screen) error {
	keys := filled(map[string]string{"name": c.Name, "target": c.Target, "interval": c.Interval})
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error {
		return s.ChangeCheck(ctx, c.Check, terminal.Edits{Keys: keys, Set: c.Set, Unset: c.Unset})
	})
}

type checksDeleteCmd struct{ oneCheck }

// Run deletes a check.
func (c checksDeleteCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.DeleteCheck(ctx, c.Check) })
}

type checksPauseCmd struct{ oneCheck }

// Run pauses a check.
func (c checksPauseCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.PauseCheck(ctx, c.Check) })
}

type checksResumeCmd struct{ oneCheck }

// Run resumes a check.
func (c checksResumeCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ResumeCheck(ctx, c.Check) })
}

type checksProbeCmd struct{ oneCheck }

// Run probes a check; what is not up makes the exit status 1.
func (c checksProbeCmd) Run(screen *terminal.Screen) error {
	return c.do(screen, func(ctx context.Context, s *terminal.Session) error { return s.ProbeCheck(ctx, c.Check) })
}
