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
)

// place says where the configuration and the data are.
type place struct {
	Config string `help:"Configuration file (SCOUT_CONFIG)." type:"path" placeholder:"FILE"`
	Data   string `help:"Data folder (SCOUT_DATA)." type:"path" placeholder:"DIR"`
}

type serveCmd struct {
	place
	Listen string `help:"Address to listen on (SCOUT_LISTEN); default 127.0.0.1:8080." placeholder:"ADDR"`
}

// Run serves until it is told to stop; SIGHUP reloads the configuration.
func (c serveCmd) Run(t *terminal) error {
	ctx, stop := interrupted()
	defer stop()
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	load := func() (config.Config, error) {
		return config.Load(config.Flags{Config: c.Config, Data: c.Data, Listen: c.Listen}, os.LookupEnv)
	}
	return app.Serve(ctx, app.ServeOptions{Load: load, Reload: reload, Version: version, Out: t.out, Err: t.err})
}

type demoCmd struct{}

// Run shows the demo until it is told to stop.
func (demoCmd) Run(t *terminal) error {
	ctx, stop := interrupted()
	defer stop()
	return app.Demo(ctx, t.out, t.err, version)
}

type configCmd struct {
	Check configCheckCmd `cmd:"" help:"Report everything that is wrong with a configuration file."`
}

type configCheckCmd struct {
	File string `arg:"" help:"The configuration file." type:"path"`
}

// Run checks a file and does nothing else.
func (c configCheckCmd) Run(t *terminal) error {
	cfg, err := config.Check(c.File, os.LookupEnv)
	if err != nil {
		return err
	}
	checks := 0
	for _, s := range cfg.Declared.Servers {
		checks += len(s.Checks)
	}
	_, err = fmt.Fprintf(t.out, "%s is valid: %s, %s, %s\n", c.File,
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
func (c tokenCreateCmd) Run(t *terminal) error {
	cfg, err := config.Load(config.Flags{Config: c.Config, Data: c.Data}, os.LookupEnv)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return app.CreateToken(ctx, t.out, cfg, c.Name, c.Role)
}

type checkCmd struct {
	Run checkRunCmd `cmd:"" help:"Probe a URL once and print what is found."`
}

type checkRunCmd struct {
	URL     string        `arg:"" help:"What to probe: an http, https, tcp or tls URL."`
	Timeout time.Duration `default:"10s" help:"How long it may take."`
}

// Run probes once; what is not up makes the exit status 1.
func (c checkRunCmd) Run(t *terminal) error {
	ctx, stop := interrupted()
	defer stop()
	ok, err := app.CheckRun(ctx, t.out, c.URL, c.Timeout)
	if err == nil && !ok {
		return errNotWell
	}
	return err
}

type deliveriesCmd struct {
	List deliveriesListCmd `cmd:"" help:"List deliveries, newest first."`
}

type deliveriesListCmd struct {
	URL     string `env:"SCOUT_URL" default:"http://127.0.0.1:8080" help:"Where the server is."`
	Token   string `env:"SCOUT_TOKEN" required:"" help:"API token; make one with scout token create."`
	Webhook int64  `help:"Only of this webhook's id."`
	Status  string `help:"Only pending, sending, delivered, failed or cancelled ones." placeholder:"STATUS"`
	Limit   int    `default:"50" help:"At most so many."`
	JSON    bool   `help:"Print JSON."`
}

// Run asks the server's API.
func (c deliveriesListCmd) Run(t *terminal) error {
	ctx, stop := interrupted()
	defer stop()
	return app.ListDeliveries(ctx, t.out, app.DeliveriesQuery{
		URL: c.URL, Token: c.Token, Webhook: c.Webhook, Status: c.Status, Limit: c.Limit, JSON: c.JSON,
	})
}
