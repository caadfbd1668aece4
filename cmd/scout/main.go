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

	"serverscout/internal/app"
	"serverscout/internal/app/config"
)

// version is set by the build.
var version = "dev"

// flags are what kong parses into; each command's own are its struct's.
type flags struct {
	Serve      serveCmd      `cmd:"" help:"Watch, alert, and serve the API."`
	Demo       demoCmd       `cmd:"" help:"Watch a sample service break and recover, and the webhooks arrive."`
	Config     configCmd     `cmd:"" help:"Look at a configuration file."`
	Token      tokenCmd      `cmd:"" help:"Manage API tokens."`
	Check      checkCmd      `cmd:"" help:"Try checks out."`
	Deliveries deliveriesCmd `cmd:"" help:"Look at what was, or is to be, delivered."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// The exit codes beside 0 (all is well): the command failed, or what it looked
// at is not well; the command line or configuration is wrong.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) (code int) {
	var f flags
	parser, err := kong.New(&f,
		kong.Name("scout"),
		kong.Description("Server Scout watches servers and the services on them, and tells you by webhook when one breaks or recovers."),
		kong.Writers(stdout, stderr),
		kong.UsageOnError(),
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
		fmt.Fprintf(stderr, "scout: %s\nRun scout --help to see what there is.\n", err)
		return exitUsage
	}
	err = parsed.Run(&terminal{out: stdout, err: stderr})
	return report(stderr, err)
}

type exit int

// report prints an error and returns the exit code it stands for.
func report(stderr io.Writer, err error) int {
	var bad *config.Error
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errNotWell):
		return exitFailed
	case errors.As(err, &bad):
		fmt.Fprintln(stderr, bad.Error())
		return exitUsage
	default:
		fmt.Fprintln(stderr, "scout:", err)
		return exitFailed
	}
}

// errNotWell says that the command did what it should, and that what it
// reported is not well.
var errNotWell = errors.New("not well")

// terminal is where commands write.
type terminal struct{ out, err io.Writer }

// interrupted returns a context that ends with the first Ctrl-C or SIGTERM; a
// second one ends the program at once.
func interrupted() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(t *terminal) error {
	_, err := fmt.Fprintln(t.out, app.VersionText(version))
	return err
}
