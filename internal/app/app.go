// Package app joins the rooms: it reads the configuration, opens the store,
// wires the engine and starts and stops it all. Commands call it.
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"serverscout/internal/api"
	"serverscout/internal/app/config"
	"serverscout/internal/app/front"
	"serverscout/internal/deliver"
	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/monitor"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// Options of an App that are not configuration.
type Options struct {
	Version string
	Log     *slog.Logger
}

// App is a running Server Scout.
type App struct {
	log     *slog.Logger
	version string
	config  config.Config
	store   *store.Store
	sender  atomic.Pointer[egress.Client]
	hub     hub
	done    chan struct{} // closed when the program stops
	engine  *deliver.Engine
	monitor *monitor.Monitor
	manager *manage.Manager
	setup   *manage.SetupCode // for the first account; nil: there was one when the program started
	metrics *metrics

	listener net.Listener
	server   *http.Server
	stop     context.CancelFunc
	loops    sync.WaitGroup
	failed   chan error

	certificate *front.Certificate // nil: plain HTTP is served
	root        string             // what everything is served below since the start
}

const (
	// requestGrace is what requests under way get when the program stops:
	// their own deadline, and a moment to record the outcome.
	requestGrace = 11 * time.Second
	serverGrace  = 3 * time.Second
)

// Start opens the data folder, applies the configuration and begins to watch,
// deliver and serve. The caller ends it with Stop.
func Start(ctx context.Context, c config.Config, o Options) (_ *App, err error) {
	a := &App{log: o.Log, version: o.Version, config: c, root: c.Root(), failed: make(chan error, 1), done: make(chan struct{})}
	defer func() {
		if err != nil {
			a.release()
		}
	}()
	if a.listener, err = net.Listen("tcp", c.Listen); err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with --listen", c.Listen, err)
	}
	if a.certificate, err = certificate(c.TLS, o.Log); err != nil {
		return nil, err
	}
	client, err := sender(c)
	if err != nil {
		return nil, err
	}
	a.sender.Store(client)
	if a.store, err = open(c, store.Options{Changed: a.hub.tell}); err != nil {
		return nil, err
	}
	a.metrics = newMetrics(a.store, o.Version)
	a.engine = deliver.New(a.store, rules(c, client), deliver.Options{
		UserAgent: "ServerScout/" + o.Version, Log: o.Log, Observe: a.observe,
	})
	a.monitor = monitor.New(watchLedger{a.store}, a.engine, monitor.Options{
		Log: o.Log, Record: a.metrics.recording(a.store.RecordResult), Late: a.metrics.late,
	})
	a.manager = newManager(a.store)
	a.hub.listen(a.engine.Nudge, a.monitor.Nudge)
	if err := a.prepare(ctx); err != nil {
		return nil, err
	}
	a.serve()
	return a, nil
}

// prepare does what must be done before anything is served: nothing is lost
// from before, the file's word counts, and heartbeats are known.
func (a *App) prepare(ctx context.Context) error {
	if err := a.engine.Recover(ctx); err != nil {
		return fmt.Errorf("taking up what was interrupted: %w", err)
	}
	if a.config.File == "" {
		if err := a.warnOfFile(ctx); err != nil {
			return err
		}
	} else if err := a.manager.Apply(ctx, a.config.Declared); err != nil {
		return fmt.Errorf("applying %s: %w", a.config.File, err)
	}
	if err := a.monitor.Sync(ctx); err != nil {
		return fmt.Errorf("reading what to watch: %w", err)
	}
	return a.guardSetup(ctx)
}

// warnOfFile says that checks of a configuration file are still watched though
// no file was given: they stay as they are, since forgetting --config once
// must not end what it declares.
func (a *App) warnOfFile(ctx context.Context) error {
	targets, err := a.store.Watched(ctx)
	if err != nil {
		return fmt.Errorf("reading what to watch: %w", err)
	}
	n := 0
	for _, t := range targets {
		if t.Check.Source == scout.FromFile {
			n++
		}
	}
	if n > 0 {
		a.log.Warn("no configuration file was given; what an earlier one declared is watched as before, and changed only by a file", "checks", n)
	}
	return nil
}

func (a *App) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	a.stop = cancel
	a.server = &http.Server{
		Handler: behindFront(a.config, outside(api.New(api.Options{
			Store:    a.store,
			Manager:  a.manager,
			Engine:   engine{a.engine, a.monitor},
			NewToken: newToken(a.manager),
			Egress:   a.egress,
			Changes:  &a.hub,
			Done:     a.done,
			Ready:    a.store.Ping,
			Metrics:  a.metrics.handler(),
			Version:  a.version,
			Root:     a.config.Root(),
			Log:      a.log,
		}), a.dashboard())),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	a.loops.Go(func() { a.engine.Run(ctx) })
	a.loops.Go(func() { a.monitor.Run(ctx) })
	a.loops.Go(func() {
		if err := a.accept(); !errors.Is(err, http.ErrServerClosed) {
			a.failed <- fmt.Errorf("serving on %s: %w", a.listener.Addr(), err)
		}
	})
}

// Failed delivers an error if the program can no longer serve.
func (a *App) Failed() <-chan error { return a.failed }

// Stop ends watching, lets requests under way end, and closes the data. What
// has not been sent stays owed.
func (a *App) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), serverGrace)
	defer cancel()
	close(a.done)
	if err := a.server.Shutdown(ctx); err != nil {
		a.server.Close()
	}
	a.stop()
	a.loops.Wait()
	return a.release()
}

// release closes whatever Start opened.
func (a *App) release() error {
	if a.engine != nil {
		ctx, cancel := context.WithTimeout(context.Background(), requestGrace)
		a.engine.Stop(ctx)
		cancel()
	}
	if c := a.sender.Load(); c != nil {
		c.Close()
	}
	var errs []error
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.server == nil && a.listener != nil {
		errs = append(errs, a.listener.Close())
	}
	return errors.Join(errs...)
}

// rules are the engine's rules in a configuration.
func rules(c config.Config, s deliver.Sender) deliver.Rules {
	return deliver.Rules{Sender: s, Retry: c.Delivery.Retry, GiveUpAfter: c.Delivery.GiveUpAfter, PublicURL: c.PublicURL}
}

// Reload takes another configuration over. All that can fail is tried before
// anything that runs changes. What needs a restart is said, not done.
func (a *App) Reload(ctx context.Context, c config.Config) error {
	next, err := sender(c)
	if err != nil {
		return err
	}
	if err := a.manager.Apply(ctx, c.Declared); err != nil {
		next.Close()
		return err
	}
	a.engine.SetRules(rules(c, next))
	a.sender.Swap(next).Close() // idle connections only; requests under way end by themselves
	a.config = a.keepFixed(c)
	return nil
}

func sender(c config.Config) (*egress.Client, error) {
	return egress.New(egress.Options{
		Allow:   c.Egress.Allow,
		Source:  c.Egress.Source,
		Proxy:   c.Egress.Proxy,
		RootCAs: c.Egress.CAs,
	})
}

// usualLimits says which addresses webhooks reach where no proxy hides them.
const usualLimits = "Webhooks reach public addresses and what egress.allow names; those that the configuration file declares also reach private addresses."

// egress says where the requests to webhooks come from.
func (a *App) egress() api.EgressView {
	client := a.sender.Load()
	v := api.EgressView{Proxy: client.Proxy(), Limits: cmp.Or(client.Limits(), usualLimits)}
	for _, address := range client.Sources() {
		v.SourceAddresses = append(v.SourceAddresses, address.String())
	}
	return v
}

// open opens the configuration's data folder with the key from the
// environment, if there is one there.
func open(c config.Config, o store.Options) (*store.Store, error) {
	o.Dir = c.Data
	var err error
	if o.Key, err = givenKey(c); err != nil {
		return nil, err
	}
	return store.Open(o)
}

func newManager(s *store.Store) *manage.Manager {
	return manage.New(commandLedger{s}, egress.CheckURL)
}
