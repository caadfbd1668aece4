package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"

	"serverscout/internal/app/config"
	"serverscout/internal/store"
)

// ServeOptions are what Serve needs from the command line.
type ServeOptions struct {
	Load    func() (config.Config, error) // reads the configuration, now and at each reload
	Reload  <-chan os.Signal
	Version string
	Out     io.Writer // for the person who started it
	Err     io.Writer // for logs
}

// Serve runs Server Scout until ctx ends.
func Serve(ctx context.Context, o ServeOptions) error {
	c, err := o.Load()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(o.Err, nil))
	a, err := Start(ctx, c, Options{Version: o.Version, Log: log})
	if err != nil {
		return err
	}
	welcome(o.Out, a, o.Version)
	for {
		select {
		case <-ctx.Done():
			log.Info("stopping: requests under way get their time")
			return a.Stop()
		case err := <-a.Failed():
			return joinStop(err, a)
		case <-o.Reload:
			a.reload(ctx, o.Load)
		}
	}
}

// reload takes the file as it is now over, or says why not and changes
// nothing.
func (a *App) reload(ctx context.Context, load func() (config.Config, error)) {
	c, err := load()
	if err == nil {
		err = a.Reload(ctx, c)
	}
	if err != nil {
		a.log.Error("the configuration was not reloaded; what ran before goes on", "error", err)
		return
	}
	a.log.Info("configuration reloaded", "file", c.File, "servers", len(c.Declared.Servers), "webhooks", len(c.Declared.Webhooks))
}

func joinStop(err error, a *App) error {
	if stopErr := a.Stop(); stopErr != nil {
		return fmt.Errorf("%w; and stopping: %w", err, stopErr)
	}
	return err
}

// welcome says what runs and what to do next.
func welcome(out io.Writer, a *App, version string) {
	c := a.config
	fmt.Fprintf(out, "Server Scout %s is running at %s\n", version, a.URL())
	fmt.Fprintf(out, "Its data is in %s\n", c.Data)
	if a.setup != nil {
		fmt.Fprintf(out, "There is no account yet: open %s and make the first one with this code: %s\n", cmp.Or(c.PublicURL, a.URL()), a.setup.Text())
	}
	if c.File != "" {
		fmt.Fprintf(out, "It watches what %s declares: %s, %s. After a change: kill -HUP %d\n", c.File,
			Count(len(c.Declared.Servers), "server"), Count(len(c.Declared.Webhooks), "webhook"), os.Getpid())
	}
	if c.PublicURL == "" {
		fmt.Fprintln(out, "Messages carry no link back, because public_url is not set.")
	}
	if c.File != "" && len(c.Declared.Servers) > 0 {
		return
	}
	fmt.Fprintf(out, "What to watch is said in the browser, in a file (scout serve --config scout.yaml) or through the API (%s/api/v1/openapi.json)\n", a.URL())
}

func shellWord(s string) string {
	if strings.ContainsAny(s, " '\"\\$`!*?[](){}<>|&;#~\t") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// Count writes a number with its noun: "1 server", "2 servers".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// VersionText is what scout version prints.
func VersionText(version string) string {
	return fmt.Sprintf("Server Scout %s (%s, %s/%s)", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// CreateToken makes an API token in the data folder, also while a server runs
// on it, and prints it.
func CreateToken(ctx context.Context, out io.Writer, c config.Config, name, role string) error {
	s, err := open(c, store.Options{Shared: true})
	if err != nil {
		return err
	}
	defer s.Close()
	_, token, err := newManager(s).CreateToken(ctx, map[string]any{"name": name, "role": role})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, token.Reveal())
	return err
}
