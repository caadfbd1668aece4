// Package deliver sends what is owed: a lane per webhook claims deliveries,
// renders them, sends them, judges the answer and records it. There is no pool
// that all share, so an endpoint that hangs delays nobody else.
//
// The ledger is the truth. What the engine keeps in memory (who is sending,
// who is failing) only paces it and may be lost at any moment.
package deliver

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"serverscout/internal/egress"
	"serverscout/internal/scout"
)

// Ledger is what the engine needs of the store.
type Ledger interface {
	Recover(ctx context.Context) (int, error)
	Due(ctx context.Context, now time.Time) ([]int64, error)
	Clamp(ctx context.Context, now time.Time) error
	Claim(ctx context.Context, webhookID int64, n int, now time.Time) ([]scout.Job, error)
	Finish(ctx context.Context, c scout.Completion) ([]scout.Job, error)
	BeginTest(ctx context.Context, e *scout.Event, d *scout.Delivery) error
}

// Sender sends requests. Its errors are *egress.Error.
type Sender interface {
	Do(ctx context.Context, r scout.Request, trust egress.Trust) (scout.Response, error)
	// Diagnose does the same and reports what it finds at each step of the way.
	Diagnose(ctx context.Context, r scout.Request, trust egress.Trust, report func(scout.Finding)) (scout.Response, error)
}

// Rules are what a reload may change while the engine runs. Zero fields take
// the defaults below.
type Rules struct {
	Sender      Sender
	Retry       []time.Duration // waits before the second, third … attempt; the last repeats; jitter is added
	GiveUpAfter time.Duration   // counted from the first attempt
	PublicURL   string          // for links in messages; "" for none
}

// The defaults of Rules.
var (
	DefaultRetry = []time.Duration{
		time.Second, 3 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
	}
	DefaultGiveUpAfter = 24 * time.Hour
)

// Options of an engine. Zero fields take defaults.
type Options struct {
	UserAgent string // sent unless a custom header replaces it
	InFlight  int    // requests at a time to one webhook
	Now       func() time.Time
	Log       *slog.Logger
	// Observe is told of every attempt, after it is recorded; for metrics.
	Observe func(job scout.Job, a scout.Attempt)
}

const (
	defaultInFlight = 16
	pollEvery       = 5 * time.Second // without a nudge or an alarm
	longestRetry    = 5 * time.Minute
)

// Engine delivers. Make it with New, then call Run; Reserve, Start and Release
// may be called before that.
type Engine struct {
	ledger  Ledger
	options Options
	rules   atomic.Pointer[Rules]

	mu       sync.Mutex
	lanes    map[int64]*lane
	stopping bool

	nudge  chan struct{}
	alarms chan time.Time
	work   sync.WaitGroup // lanes and tests
	ctx    context.Context
	cancel context.CancelFunc
}

// New makes an engine that sends nothing yet.
func New(ledger Ledger, r Rules, o Options) *Engine {
	if o.InFlight == 0 {
		o.InFlight = defaultInFlight
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Observe == nil {
		o.Observe = func(scout.Job, scout.Attempt) {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	e := &Engine{
		ledger: ledger, options: o,
		lanes:  map[int64]*lane{},
		nudge:  make(chan struct{}, 1),
		alarms: make(chan time.Time, 64),
		ctx:    ctx, cancel: cancel,
	}
	e.SetRules(r)
	return e
}

// SetRules takes other rules for every attempt that begins from now on.
func (e *Engine) SetRules(r Rules) {
	if len(r.Retry) == 0 {
		r.Retry = DefaultRetry
	}
	if r.GiveUpAfter == 0 {
		r.GiveUpAfter = DefaultGiveUpAfter
	}
	e.rules.Store(&r)
}

// Recover gives back what an earlier process was sending. Call it once, before
// anything else.
func (e *Engine) Recover(ctx context.Context) error {
	n, err := e.ledger.Recover(ctx)
	if err == nil && n > 0 {
		e.options.Log.Info("attempts were interrupted when Server Scout last ended; they are sent again", "attempts", n)
	}
	return err
}

// Nudge says that something may be due. It never blocks and may be left out.
func (e *Engine) Nudge() {
	select {
	case e.nudge <- struct{}{}:
	default:
	}
}

// Run finds due work until ctx ends. Requests under way then go on; see Stop.
func (e *Engine) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var ahead alarms
	regular := time.Now()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case at := <-e.alarms:
			ahead.add(at)
		case <-e.nudge:
			err = e.poll(ctx)
		case <-timer.C:
			now := time.Now()
			if !now.Before(regular) {
				err = e.ledger.Clamp(ctx, e.options.Now())
				regular = now.Add(pollEvery)
			}
			err = errors.Join(err, e.poll(ctx))
			ahead.drop(now)
		}
		timer.Reset(time.Until(ahead.next(regular)))
		if err != nil && ctx.Err() == nil {
			e.options.Log.Error("due deliveries cannot be read; it is tried again", "error", err)
		}
	}
}

// alarm asks for a poll at a time.
func (e *Engine) alarm(at time.Time) {
	select {
	case e.alarms <- at:
	default: // the poll that comes anyway finds it
	}
}

// poll claims what is due for every webhook whose lane has room.
func (e *Engine) poll(ctx context.Context) error {
	due, err := e.ledger.Due(ctx, e.options.Now())
	if err != nil {
		return err
	}
	for _, id := range due {
		n := e.room(id)
		if n == 0 {
			continue
		}
		jobs, err := e.ledger.Claim(ctx, id, n, e.options.Now())
		for _, job := range jobs {
			e.Start(job)
		}
		for range n - len(jobs) {
			e.Release(id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Stop lets the requests under way end, but waits no longer than ctx. What
// has not ended then is interrupted, and found and sent again at the next
// start. Nothing new is sent.
func (e *Engine) Stop(ctx context.Context) {
	e.mu.Lock()
	e.stopping = true
	e.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		e.work.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	e.cancel()
	<-ended
}

// retryDelay is the wait before the next attempt of a delivery that was tried
// tries times: the schedule's, plus up to a fifth of it, so that deliveries
// that failed together do not come back together.
func (e *Engine) retryDelay(tries int) time.Duration {
	retry := e.rules.Load().Retry
	d := retry[min(max(tries-1, 0), len(retry)-1)]
	return min(d+rand.N(d/5+1), max(longestRetry, d))
}
