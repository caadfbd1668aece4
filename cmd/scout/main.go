// Command scout is Server Scout: it watches servers and the services on them
// and tells people and programs by webhook when one breaks or recovers.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"serverscout/internal/app/config"
	"serverscout/internal/app/terminal"
	"serverscout/internal/scout"
)

// version is set by the build.
var version = "dev"

// flags are what kong parses into; each command's own are its struct's.
type flags struct {
	Serve serveCmd `cmd:"" help:"Watch, alert, and serve the dashboard and the API."`
	Demo  demoCmd  `cmd:"" help:"Watch a sample service break and recover, and the webhooks arrive."`

	Servers     serversCmd     `cmd:"" help:"Servers: list, show, add, change, delete."`
	Checks      checksCmd      `cmd:"" help:"Checks: list, show, add, change, delete, pause, resume, probe."`
	Incidents   incidentsCmd   `cmd:"" help:"Incidents: list, show, acknowledge, delete."`
	Events      eventsCmd      `cmd:"" help:"Events: list those of incidents, send one of your own."`
	Webhooks    webhooksCmd    `cmd:"" help:"Webhooks: list, show, add, change, delete, test, diagnose, pause, resume."`
	Holds       holdsCmd       `cmd:"" help:"Silences and maintenance windows: list, show, add, change, end, remove."`
	Deliveries  deliveriesCmd  `cmd:"" help:"Deliveries: list, show the whole exchange, send again."`
	Tokens      tokensCmd      `cmd:"" help:"API tokens: list, create, change, delete."`
	Accounts    accountsCmd    `cmd:"" help:"Accounts: list, add, change, remove, list and end their sessions."`
	Why         whyCmd         `cmd:"" help:"Say why an event did or did not reach each webhook."`
	Egress      egressCmd      `cmd:"" help:"Print which addresses webhook requests come from."`
	StatusPages statusPagesCmd `cmd:"" help:"Status pages: list, show, add, change, delete, and the notes on them."`

	Health     healthCmd     `cmd:"" help:"Ask the server on this machine whether it can do its work, for container health checks."`
	Backup     backupCmd     `cmd:"" help:"Write everything in the data folder to one file, also while a server runs."`
	Restore    restoreCmd    `cmd:"" help:"Go back to a backup; no server may run."`
	Check      checkCmd      `cmd:"" help:"Try a check out, without a server."`
	Config     configCmd     `cmd:"" help:"Look at a configuration file."`
	Token      tokenCmd      `cmd:"" help:"Make an API token in the data folder, without a server."`
	Account    accountCmd    `cmd:"" help:"Give an account in the data folder a new password, without a server."`
	Completion completionCmd `cmd:"" help:"Print the script that lets a shell complete commands."`
	Complete   completeCmd   `cmd:"" hidden:"" name:"__complete"`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

const description = `Server Scout watches servers and the services on them, and tells you by webhook when one breaks or recovers.

Servers, checks and webhooks are named by id or by name; a check's name is server/check, or its own name where only one check has it.

Exit codes: 0 all is well, 1 the command failed or what it looked at is not well, 2 the command line, the configuration or a value is wrong, 3 there is no such object.`

// The exit codes beside 0, as description explains them.
const (
	exitFailed   = 1
	exitUsage    = 2
	exitNotFound = 3
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) (code int) {
	var f flags
	parser, err := kong.New(&f,
		kong.Name("scout"),
		kong.Description(description),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Writers(stdout, stderr),
		kong.Exit(func(c int) { panic(exit(c)) }),
	)
	if err != nil {
		fmt.Fprintln(stderr, "scout:", err)
		return exitFailed
	}
	defer func() { // kong ends the program after --help by calling Exit
		if p := recover(); p != nil {
			c, ok := p.(exit)
			if !ok {
				panic(p)
			}
			code = int(c)
		}
	}()
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "scout: %s\nRun %s --help to see what there is.\n", err, commandSoFar(err))
		return exitUsage
	}
	return report(stderr, parsed.Run(terminal.NewScreen(stdout, stderr, os.Getenv)))
}

type exit int

// commandSoFar is the command up to where its line could not be read.
func commandSoFar(err error) string {
	var bad *kong.ParseError
	if !errors.As(err, &bad) {
		return "scout"
	}
	path := "scout"
	for _, step := range bad.Context.Path {
		if step.Command != nil {
			path += " " + step.Command.Name
		}
	}
	return path
}

// report prints an error and returns the exit code it stands for.
func report(stderr io.Writer, err error) int {
	var bad *config.Error
	switch {
	case err == nil:
		return 0
	case errors.Is(err, terminal.ErrNotWell):
		return exitFailed
	case errors.As(err, &bad):
		fmt.Fprintln(stderr, bad.Error())
		return exitUsage
	}
	terminal.PrintError(stderr, err)
	switch scout.CodeOf(err) {
	case scout.Invalid:
		return exitUsage
	case scout.NotFound:
		return exitNotFound
	default:
		return exitFailed
	}
}

// interrupted returns a context that ends with the first Ctrl-C or SIGTERM; a
// second one ends the program at once.
func interrupted() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
