package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"serverscout/internal/deliver"
	"serverscout/internal/egress"
	"serverscout/internal/monitor"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// bench is the real engine on a temporary data folder.
type bench struct {
	dir     string
	store   *store.Store
	client  *egress.Client
	engine  *deliver.Engine
	monitor *monitor.Monitor
	end     context.CancelFunc
	loops   sync.WaitGroup
	late    func(time.Duration)
	lasting bool // the data folder is somebody's, and stays, without what was declared

	server   int64 // declared
	webhooks []int64
}

type ledger struct{ *store.Store }

func (l ledger) Update(ctx context.Context, fn func(monitor.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// newBench opens a temporary data folder. Call declare, then begin.
func newBench() (*bench, error) {
	dir, err := os.MkdirTemp("", "scout-bench-")
	if err != nil {
		return nil, err
	}
	return openBench(store.Options{Dir: dir})
}

// openBench opens a data folder, and removes it in the end unless lasting is
// set.
func openBench(o store.Options) (*bench, error) {
	b := &bench{dir: o.Dir, late: func(time.Duration) {}}
	var engine atomic.Pointer[deliver.Engine]
	o.Changed = func(t store.Topic) { // as the server does it
		if e := engine.Load(); e != nil && t == store.TopicDeliveries {
			e.Nudge()
		}
	}
	var err error
	if b.store, err = store.Open(o); err != nil {
		return nil, err
	}
	if b.client, err = egress.New(egress.Options{}); err != nil {
		return nil, err
	}
	b.engine = deliver.New(b.store, deliver.Rules{Sender: b.client}, deliver.Options{UserAgent: "ServerScout/bench"})
	engine.Store(b.engine)
	b.monitor = monitor.New(ledger{b.store}, b.engine, monitor.Options{
		Record: b.store.RecordResult,
		Late:   func(d time.Duration) { b.late(d) },
	})
	return b, nil
}

func (b *bench) begin() error {
	if err := b.monitor.Sync(context.Background()); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.end = cancel
	b.loops.Go(func() { b.engine.Run(ctx) })
	b.loops.Go(func() { b.monitor.Run(ctx) })
	return nil
}

// close ends everything; requests that hang are cut off.
func (b *bench) close() {
	b.end()
	b.loops.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	b.engine.Stop(ctx)
	b.client.Close()
	if b.lasting {
		_ = b.store.Update(context.Background(), b.undeclare)
	}
	_ = b.store.Close()
	if !b.lasting {
		_ = os.RemoveAll(b.dir)
	}
}

// declare stores checks on one server, and webhooks.
func (b *bench) declare(checks []scout.Check, webhooks []scout.Webhook) ([]scout.Check, error) {
	err := b.store.Update(context.Background(), func(tx *store.Tx) error {
		server := scout.Server{Name: fmt.Sprintf("web-server-%d", time.Now().UnixNano()), IP: "127.0.0.1", Source: scout.FromFile}
		if err := tx.SaveServer(&server); err != nil {
			return err
		}
		b.server = server.ID
		for i := range checks {
			checks[i].ServerID, checks[i].Source = server.ID, scout.FromFile
			if err := tx.SaveCheck(&checks[i]); err != nil {
				return err
			}
		}
		for i := range webhooks {
			webhooks[i].Source, webhooks[i].AlertTypes = scout.FromFile, scout.AllAlerts
			if err := tx.SaveWebhook(&webhooks[i]); err != nil {
				return err
			}
			b.webhooks = append(b.webhooks, webhooks[i].ID)
		}
		return nil
	})
	return checks, err
}

// undeclare removes what was declared, so that another bench on the same
// folder does not send to this one's receivers.
func (b *bench) undeclare(tx *store.Tx) error {
	for _, id := range b.webhooks {
		if err := tx.DeleteWebhook(id); err != nil {
			return err
		}
	}
	return tx.DeleteServer(b.server)
}

// jobs are n checks whose results come from the bench itself.
func jobs(n int) []scout.Check {
	list := make([]scout.Check, n)
	for i := range list {
		list[i] = scout.Check{
			Name: fmt.Sprintf("service %05d", i), Kind: "heartbeat", FailAfter: 1, RecoverAfter: 1,
			Settings: scout.Settings{"period": "365d", "token": fmt.Sprintf("token-of-the-job-%06d", i)},
		}
	}
	return list
}

// observe ingests one result, as a probe that has just ended would.
func (b *bench) observe(c scout.Check, l scout.Level) error {
	return b.monitor.Ingest(context.Background(), scout.Result{
		CheckID: c.ID, At: time.Now(), Level: l, Latency: 12 * time.Millisecond,
		Message: "HTTP service is not responding on port 80", IP: "127.0.0.1",
	})
}
