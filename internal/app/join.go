package app

import (
	"context"

	"serverscout/internal/deliver"
	"serverscout/internal/manage"
	"serverscout/internal/monitor"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// The rooms do not know each other; here each is given what it asks for.

// watchLedger is the store as monitor sees it.
type watchLedger struct{ *store.Store }

func (l watchLedger) Update(ctx context.Context, fn func(monitor.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// commandLedger is the store as manage sees it.
type commandLedger struct{ *store.Store }

func (l commandLedger) Update(ctx context.Context, fn func(manage.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// engine is what the edges may do to what runs.
type engine struct {
	deliver *deliver.Engine
	monitor *monitor.Monitor
}

func (e engine) Test(ctx context.Context, w scout.Webhook, s scout.Status) (scout.Delivery, scout.Attempt, error) {
	return e.deliver.Test(ctx, w, s)
}

func (e engine) Diagnose(ctx context.Context, w scout.Webhook, report func(scout.Finding)) error {
	return e.deliver.Diagnose(ctx, w, report)
}

func (e engine) ProbeNow(ctx context.Context, checkID int64) (scout.Result, error) {
	return e.monitor.ProbeNow(ctx, checkID)
}

func (e engine) Ping(ctx context.Context, token string, s scout.Signal) error {
	return e.monitor.Ping(ctx, token, s)
}

// Ingest takes a result of a check in that may have been made only just now.
func (e engine) Ingest(ctx context.Context, r scout.Result) error {
	err := e.monitor.Ingest(ctx, r)
	if !scout.HasCode(err, scout.NotFound) {
		return err
	}
	if err := e.monitor.Sync(ctx); err != nil {
		return err
	}
	return e.monitor.Ingest(ctx, r)
}

// newToken makes an API token and gives away its text, once.
func newToken(m *manage.Manager) func(context.Context, map[string]any) (scout.Token, string, error) {
	return func(ctx context.Context, keys map[string]any) (scout.Token, string, error) {
		t, plain, err := m.CreateToken(ctx, keys)
		return t, plain.Reveal(), err
	}
}
