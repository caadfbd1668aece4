package main

import (
	"context"

	"serverscout/internal/app/terminal"
)

// remote is how commands reach a running server, and how they print.
type remote struct {
	URL   string `env:"SCOUT_URL" default:"http://127.0.0.1:8080" help:"Where the server is; default http://127.0.0.1:8080." placeholder:"URL" group:"Connection"`
	Token string `env:"SCOUT_TOKEN" help:"API token; scout token create makes one." placeholder:"TOKEN" group:"Connection"`
	CA    string `env:"SCOUT_CA" help:"PEM file of an authority to trust as well, for a server with a certificate of its own." type:"path" placeholder:"FILE" group:"Connection"`
	JSON  bool   `help:"Print JSON, as the API gives it."`
}

// do has work done with the server. Ctrl-C ends it.
func (r remote) do(screen *terminal.Screen, work func(context.Context, *terminal.Session) error) error {
	ctx, stop := interrupted()
	defer stop()
	session, err := terminal.NewSession(r.URL, r.Token, r.CA, r.JSON, screen)
	if err != nil {
		return err
	}
	return work(ctx, session)
}

// limited is how much of a list is wanted.
type limited struct {
	Limit int `default:"50" help:"At most so many; 0 for all."`
}

// filled are the keys whose flags were given.
func filled(keys map[string]string) map[string]any {
	object := map[string]any{}
	for key, v := range keys {
		if v != "" {
			object[key] = v
		}
	}
	return object
}
