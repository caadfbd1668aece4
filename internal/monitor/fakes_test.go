package monitor

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// prober is a service to look at: it has a level, and a probe of it takes a
// while.
type prober struct {
	checkID int64
	takes   func(n int) time.Duration // of the nth probe, from 0; nil: no time
	level   atomic.Uint32             // a scout.Level

	mu            sync.Mutex
	began         []time.Time
	running, most int // probes at a time: now, and at most so far
}

func (p *prober) becomes(l scout.Level) { p.level.Store(uint32(l)) }

func (p *prober) Probe(ctx context.Context) scout.Result {
	n := p.enter()
	defer p.leave()
	if p.takes != nil {
		select {
		case <-time.After(p.takes(n)):
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return scout.Result{CheckID: p.checkID, At: time.Now()}
	}
	l := scout.Level(p.level.Load())
	return scout.Result{CheckID: p.checkID, At: time.Now(), Level: l, Message: "the service is " + l.String()}
}

func (p *prober) enter() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.began = append(p.began, time.Now())
	p.running++
	p.most = max(p.most, p.running)
	return len(p.began) - 1
}

func (p *prober) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running--
}

// begins lists when probes began, counted from a moment; earlier ones are left
// out.
func (p *prober) begins(from time.Time) []time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []time.Duration
	for _, t := range p.began {
		if !t.Before(from) {
			list = append(list, t.Sub(from))
		}
	}
	return list
}

// nth is when the nth probe began, from 0.
func (p *prober) nth(n int) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.began[n]
}

// places are lanes with room for some deliveries. Nothing leaves them by
// itself.
type places struct {
	mu      sync.Mutex
	free    int
	started []scout.Job
}

func (l *places) Reserve(int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.free == 0 {
		return false
	}
	l.free--
	return true
}

func (l *places) Release(int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free++
}

func (l *places) Start(job scout.Job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.started = append(l.started, job)
}

// jobs lists what was started so far.
func (l *places) jobs() []scout.Job {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.started)
}

// room is how many places are free.
func (l *places) room() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.free
}

// ledger is a store of which some operations can be made to fail.
type ledger struct {
	*store.Store
	passes  atomic.Int32 // so many transactions succeed before that
	commits atomic.Int32 // so many transactions fail, after their function has run
	reading atomic.Bool  // Watched fails
}

var errDisk = errors.New("the disk is full")

func (l *ledger) Update(ctx context.Context, fn func(Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error {
		err := fn(tx)
		if err == nil && l.passes.Add(-1) < 0 && l.commits.Add(-1) >= 0 {
			return errDisk
		}
		return err
	})
}

func (l *ledger) Watched(ctx context.Context) ([]scout.Target, error) {
	if l.reading.Load() {
		return nil, errDisk
	}
	return l.Store.Watched(ctx)
}
