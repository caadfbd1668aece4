// Package history makes a long history in an empty data folder: servers and
// checks, their incidents with all that was told of them, and their results
// and rollups, as if Server Scout had run for that time. Lists, charts and
// retention are measured on it.
//
// Rows are written in the order in which a server would have written them, so
// that the files are as large, and as scattered, as real ones.
package history

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// Options say how long a history to make, and of how much.
type Options struct {
	Dir    string // the data folder; made if missing, and it must hold no server yet
	Checks int
	Days   int
	// PerYear is how many incidents each check has in a year, at least; some have
	// twice as many. Zero stands for 100.
	PerYear int
	End     time.Time // when the history ends; the present if zero
}

// Tag is on every server of a history, and is what its webhooks match, so that
// they hear of nothing else.
const Tag = "history"

const checksPerServer = 5

// roles are what servers are named after.
var roles = [...]string{"web", "db", "mail", "build", "cache"}

// services are the names of a server's checks.
var services = [checksPerServer]string{"HTTP", "HTTPS certificate", "PostgreSQL", "SSH", "Nightly backup"}

// plan is what a history is made of.
type plan struct {
	checks   []scout.Target
	teams    []scout.Webhook // each server's alerts go to one of them
	onCall   scout.Webhook   // hears some of the servers as well
	from, to time.Time
	perYear  int
}

// Fill makes the history. It is not safe to call while a server runs on the
// folder, and one that fails leaves a folder that is good for nothing.
func Fill(ctx context.Context, o Options) error {
	if o.End.IsZero() {
		o.End = time.Now()
	}
	to := o.End.UTC().Truncate(time.Hour)
	p := plan{from: to.AddDate(0, 0, -o.Days), to: to, perYear: cmp.Or(o.PerYear, 100)}
	if err := p.declare(ctx, o); err != nil {
		return err
	}
	results := make(chan error, 1)
	go func() { results <- fillTelemetry(ctx, o.Dir, p) }()
	return errors.Join(fillLedger(ctx, o.Dir, p), <-results)
}

// declare stores the configuration, as of the beginning of the history.
func (p *plan) declare(ctx context.Context, o Options) error {
	s, err := store.Open(store.Options{Dir: o.Dir, Now: func() time.Time { return p.from }})
	if err != nil {
		return err
	}
	err = s.Update(ctx, func(tx *store.Tx) error {
		if there, err := tx.Servers(); err != nil || len(there) > 0 {
			return errors.Join(err, fmt.Errorf("%s holds servers already: a history needs a folder of its own", o.Dir))
		}
		return errors.Join(p.declareWebhooks(tx), p.declareChecks(tx, o.Checks))
	})
	return errors.Join(err, s.Close())
}

func (p *plan) declareWebhooks(tx *store.Tx) error {
	webhook := func(name, format string) (scout.Webhook, error) {
		target := "https://hooks.example.com/services/" + url.PathEscape(name)
		w := scout.Webhook{
			Name: name, URL: scout.NewSecret(target), DisplayURL: target, Format: format, AlertTypes: scout.AllAlerts,
			Match: scout.Match{Tags: []string{Tag}}, Settings: scout.Settings{}, Source: scout.FromDatabase,
		}
		return w, tx.SaveWebhook(&w)
	}
	for i := range 4 {
		w, err := webhook(fmt.Sprintf("team %d", i+1), "slack")
		if err != nil {
			return err
		}
		p.teams = append(p.teams, w)
	}
	var err error
	p.onCall, err = webhook("on call", "native")
	return err
}

// declareChecks makes heartbeats, for which nothing is probed when a server is
// started on the history.
func (p *plan) declareChecks(tx *store.Tx, n int) error {
	var server scout.Server
	for i := range n {
		if i%checksPerServer == 0 {
			k := i / checksPerServer
			server = scout.Server{
				Name: fmt.Sprintf("%s-%03d", roles[k%len(roles)], k/len(roles)+1), IP: fmt.Sprintf("10.%d.%d.7", k/250, k%250+1),
				Tags: []string{fmt.Sprintf("dc%d", k%3+1), Tag}, Source: scout.FromDatabase,
			}
			if err := tx.SaveServer(&server); err != nil {
				return err
			}
		}
		c := scout.Check{
			ServerID: server.ID, Name: services[i%checksPerServer], Kind: "heartbeat", Interval: time.Minute,
			Timeout: 10 * time.Second, ConfirmInterval: 15 * time.Second, FailAfter: 3, RecoverAfter: 2, Source: scout.FromDatabase,
			Settings: scout.Settings{"period": "365d", "token": fmt.Sprintf("token-of-a-history-%08d", i)},
		}
		if err := tx.SaveCheck(&c); err != nil {
			return err
		}
		p.checks = append(p.checks, scout.Target{Check: c, Server: server})
	}
	return nil
}

// openFast opens a database for writing much of it once: what a power cut
// would leave is of no concern.
func openFast(dir, file string) (*sql.DB, error) {
	abs, err := filepath.Abs(filepath.Join(dir, file))
	if err != nil {
		return nil, err
	}
	q := url.Values{"_pragma": {"journal_mode(DELETE)", "journal_mode(OFF)", "synchronous(OFF)", "cache_size(-400000)", "locking_mode(EXCLUSIVE)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: abs}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// inTransaction runs fn in a transaction of a database opened by openFast.
func inTransaction(ctx context.Context, db *sql.DB, fn func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
