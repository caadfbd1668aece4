package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"serverscout/internal/app/client"
	"serverscout/internal/app/config"
	"serverscout/internal/app/terminal"
)

type healthCmd struct {
	Config  string        `help:"Configuration file (SCOUT_CONFIG)." type:"path" placeholder:"FILE"`
	Listen  string        `help:"Address that the server listens on (SCOUT_LISTEN)." placeholder:"ADDR"`
	URL     string        `help:"Where to ask instead." placeholder:"URL"`
	Timeout time.Duration `default:"5s" help:"How long the answer may take."`
}

// Help is printed below the flags.
func (healthCmd) Help() string {
	return `It asks the server that these settings start, on this machine, whether it can do its work; the exit code is 0 if it can and 1 if not. This is what container health checks are for.`
}

// Run asks once.
func (c healthCmd) Run(s *terminal.Screen) error {
	url := c.URL
	if url == "" {
		var err error
		url, err = config.LocalURL(config.Flags{Config: c.Config, Listen: c.Listen}, os.LookupEnv)
		if err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.Timeout)
	defer cancel()
	if err := client.Ready(ctx, url); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.Out, "The server at %s is ready.\n", url)
	return err
}
