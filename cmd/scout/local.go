package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"serverscout/internal/app"
	"serverscout/internal/app/config"
	"serverscout/internal/app/terminal"
	"serverscout/internal/scout"
)

// The commands in this file need no running server.

// place says where the configuration and the data are.
type place struct {
	Config string `help:"Configuration file (SCOUT_CONFIG)." type:"path" placeholder:"FILE"`
	Data   string `help:"Data folder (SCOUT_DATA)." type:"path" placeholder:"DIR"`
}

// load reads the configuration.
func (p place) load(listen string) (config.Config, error) {
	return config.Load(config.Flags{Config: p.Config, Data: p.Data, Listen: listen}, os.LookupEnv)
}

type serveCmd struct {
	place
	Listen string `help:"Address to listen on (SCOUT_LISTEN); default 127.0.0.1:8080." placeholder:"ADDR"`
}

// Run serves until it is told to stop; SIGHUP reloads the configuration.
func (c serveCmd) Run(s *terminal.Screen) error {
	ctx, stop := interrupted()
	defer stop()
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	load := func() (config.Config, error) { return c.load(c.Listen) }
	return app.Serve(ctx, app.ServeOptions{Load: load, Reload: reload, Version: version, Out: s.Out, Err: s.Err})
}

type demoCmd struct{}

// Run shows the demo until it is told to stop.
func (demoCmd) Run(s *terminal.Screen) error {
	ctx, stop := interrupted()
	defer stop()
	return app.Demo(ctx, s.Out, s.Err, version)
}

type configCmd struct {
	Check configCheckCmd `cmd:"" help:"Report everything that is wrong with a configuration file."`
}

type configCheckCmd struct {
	File string `arg:"" help:"The configuration file." type:"path"`
}

// Run checks a file and does nothing else.
func (c configCheckCmd) Run(s *terminal.Screen) error {
	cfg, err := config.Check(c.File, os.LookupEnv)
	if err != nil {
		return err
	}
	checks := 0
	for _, server := range cfg.Declared.Servers {
		checks += len(server.Checks)
	}
	_, err = fmt.Fprintf(s.Out, "%s is valid: %s, %s, %s\n", c.File,
		app.Count(len(cfg.Declared.Servers), "server"), app.Count(checks, "check"), app.Count(len(cfg.Declared.Webhooks), "webhook"))
	return err
}

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make an API token and print it; it is not kept and cannot be shown again."`
}

type tokenCreateCmd struct {
	place
	Name string `required:"" help:"What the token is for; unique."`
	Role string `required:"" enum:"admin,editor,viewer" help:"How far it reaches: admin, editor or viewer."`
}

// Run prints the token and nothing else, so that it can be put into a variable.
func (c tokenCreateCmd) Run(s *terminal.Screen) error {
	cfg, err := c.load("")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return app.CreateToken(ctx, s.Out, cfg, c.Name, c.Role)
}

type backupCmd struct {
	place
	File string `arg:"" help:"The file to write; it must not be there yet." type:"path"`
}

// Run writes a backup. Ctrl-C gives it up.
func (c backupCmd) Run(s *terminal.Screen) error {
	cfg, err := c.load("")
	if err != nil {
		return err
	}
	ctx, stop := interrupted()
	defer stop()
	return app.Backup(ctx, s.Out, cfg, version, c.File)
}

type restoreCmd struct {
	place
	File string `arg:"" help:"The backup." type:"path"`
}

// Help is printed below the flags.
func (restoreCmd) Help() string {
	return `The backup is verified before anything is replaced. What is in the data folder now is moved aside, not deleted.`
}

// Run restores a backup.
func (c restoreCmd) Run(s *terminal.Screen) error {
	cfg, err := c.load("")
	if err != nil {
		return err
	}
	ctx, stop := interrupted()
	defer stop()
	return app.Restore(ctx, s.Out, cfg, c.File)
}

type checkCmd struct {
	Run checkRunCmd `cmd:"" help:"Probe once and print what is found, and how the time was spent."`
}

type checkRunCmd struct {
	Target  string        `arg:"" help:"What to probe: an http, https, tcp or tls URL, or with --kind what that kind takes."`
	Kind    string        `help:"Kind of check; without it, the URL says it." complete:"@kind" placeholder:"KIND"`
	Set     []string      `sep:"none" help:"A key of the check; repeatable." complete:"@check-key=" placeholder:"KEY=VALUE"`
	Timeout time.Duration `default:"10s" help:"How long it may take."`
	JSON    bool          `help:"Print JSON."`
}

// Help is printed below the flags.
func (checkRunCmd) Help() string {
	return `Examples:

    scout check run https://example.com/
    scout check run https://example.com/ --set expect.status=200-299,304 --set method=HEAD
    scout check run --kind dns example.com --set record=MX
    scout check run --kind icmp 192.0.2.7 --set count=5`
}

// Run probes once; what is not up makes the exit status 1.
func (c checkRunCmd) Run(s *terminal.Screen) error {
	ctx, stop := interrupted()
	defer stop()
	edits := terminal.Edits{Set: c.Set, Keys: map[string]any{"timeout": scout.Duration(c.Timeout).String()}}
	return terminal.Trial{Kind: c.Kind, Target: c.Target, Edits: edits, JSON: c.JSON}.Run(ctx, s)
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s *terminal.Screen) error {
	_, err := fmt.Fprintln(s.Out, app.VersionText(version))
	return err
}
