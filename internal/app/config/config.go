// Package config reads the configuration: a YAML file, SCOUT_ environment
// variables and flags become one Config.
//
// Reading is strict and complete. Whatever is wrong is reported at once, each
// problem with its place in the file, its path and what would be right. What
// ${VAR} and ${file:/path} bring into the file may be secret and is never
// repeated in an error; neither are values that the metadata calls secret.
package config

import (
	"crypto/x509"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"serverscout/internal/deliver"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// defaultListen is reachable from this machine alone.
const defaultListen = "127.0.0.1:8080"

// Config is everything that is configured from outside of the database.
type Config struct {
	Listen    string // host:port; an empty host is every address, port 0 any free port
	Data      string // absolute path of the data folder; it need not exist yet
	PublicURL string // for links in messages, without a slash at its end; "" for none
	TLS       TLS
	// TrustedProxies are whom to believe what they say of a request's sender;
	// each is masked and free of IPv4 in IPv6.
	TrustedProxies []netip.Prefix
	Egress         Egress
	Delivery       Delivery
	Declared       manage.Declared // servers and webhooks of the file
	File           string          // absolute path of the file that was read; "" for none
}

// Egress says which way webhook requests take and how far they reach.
type Egress struct {
	Allow   []string       // what may be reached although it is not public; valid for egress.ParseAllow
	Source  []string       // where requests come from; valid for egress.ParseSource; none: the system chooses
	Proxy   scout.Secret   // valid for egress.CheckProxy; empty for none
	CAFiles []string       // absolute paths
	CAs     *x509.CertPool // the system's authorities and those in CAFiles, read with the configuration; nil without CAFiles
}

// Delivery says how long and how often a delivery is tried.
type Delivery struct {
	Retry       []time.Duration // waits before the second, third … attempt; the last repeats; never empty
	GiveUpAfter time.Duration   // counted from the first attempt
}

// Flags are the settings given on the command line; "" is not given.
type Flags struct {
	Config, Data, Listen string
}

// path is the configuration file that is to be read; "" for none.
func (f Flags) path(environ func(string) (string, bool)) string {
	if f.Config != "" {
		return f.Config
	}
	path, _ := environ("SCOUT_CONFIG")
	return path
}

// Load reads the configuration. For each setting a flag goes before its
// variable, that before the file, and that before the default; a variable that
// is set to nothing counts as not set. Without --config and SCOUT_CONFIG no
// file is read. Relative paths in the file start at the file's folder, others
// at the working directory. environ is like os.LookupEnv. The error is an
// *Error with every problem there is.
func Load(flags Flags, environ func(string) (string, bool)) (Config, error) {
	path := flags.path(environ)
	c, problems := fromFile(path, environ)
	var faults scout.Faults
	c.override(flags, environ, &faults)
	return finish(c, path, append(problems, unplaced(&faults)...), environ)
}

// Check reads one file as Load does, without flags and SCOUT_ variables.
// environ answers the file's ${VAR}. The error is an *Error with every problem
// of the file.
func Check(path string, environ func(string) (string, bool)) (Config, error) {
	c, problems := fromFile(path, environ)
	return finish(c, path, problems, environ)
}

// fromFile reads the file over the defaults; "" is no file.
func fromFile(path string, environ func(string) (string, bool)) (Config, []Problem) {
	c := Config{
		Listen: defaultListen,
		Delivery: Delivery{
			Retry:       slices.Clone(deliver.DefaultRetry),
			GiveUpAfter: deliver.DefaultGiveUpAfter,
		},
	}
	if path == "" {
		return c, nil
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return c, []Problem{{Message: "its path cannot be made absolute: " + err.Error()}}
	}
	c.File = absolute
	text, problem := readFile(absolute)
	if problem != "" {
		return c, []Problem{{Message: problem}}
	}
	return c, c.readText(text, references{dir: filepath.Dir(absolute), environ: environ})
}

// finish fills in the default data folder and turns problems into an error.
func finish(c Config, path string, problems []Problem, environ func(string) (string, bool)) (Config, error) {
	if c.Data == "" {
		var faults scout.Faults
		var err error
		c.Data, err = defaultData(runtime.GOOS, os.Geteuid() == 0, environ)
		faults.Join("data", err)
		problems = append(problems, unplaced(&faults)...)
	}
	if len(problems) == 0 { // or both files may not be known
		var faults scout.Faults
		faults.Join("tls", c.TLS.check())
		problems = unplaced(&faults)
	}
	if len(problems) > 0 {
		return Config{}, newError(path, problems)
	}
	return c, nil
}
