// Package monitor watches: it schedules checks, owns each check's live state,
// and takes every result, whoever observed it, in through Ingest. What a
// result changes is committed, with all it owes, before live state advances.
package monitor

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"serverscout/internal/incident"
	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

// Ledger is what monitor needs of the store.
type Ledger interface {
	HoldLedger
	Watched(ctx context.Context) ([]scout.Target, error)
	States(ctx context.Context) (map[int64]scout.CheckState, error)
	OpenIncidents(ctx context.Context) ([]scout.Incident, error)
	CatchUps(ctx context.Context) (map[int64]time.Time, error)
	EndedSince(ctx context.Context, t time.Time) ([]scout.Event, error)
	Update(ctx context.Context, fn func(Tx) error) error
}

// Tx is one transaction of the ledger.
type Tx interface {
	HoldTx
	SaveState(s scout.CheckState, began time.Time) error
	SaveIncident(i scout.Incident) error
	InsertEvent(e *scout.Event) error
	SetDecisions(eventID int64, d []scout.Decision) error
	InsertDelivery(d *scout.Delivery) error
	OpenDelivery(incidentID string, webhookID int64) (int64, error)
	Past(incidentID string, seq int) (scout.Past, error)
	Webhooks() ([]scout.Webhook, error)
	CaughtUp(webhookID int64) error
	Acknowledged(incidentID string) (bool, error)
}

// Lanes is where deliveries that can go at once are handed on. Reserve takes a
// place in a webhook's lane, which is then used by Start or given back by
// Release.
type Lanes interface {
	Reserve(webhookID int64) bool
	Release(webhookID int64)
	Start(job scout.Job)
}

// Options of a Monitor. Zero fields take defaults.
type Options struct {
	Now func() time.Time
	Log *slog.Logger
	// Record keeps a result for lists and charts; it must not block.
	Record func(scout.Result)
	// Late is told how long after its due time each probe began; for metrics.
	Late func(time.Duration)
}

// Monitor watches all checks. Make it with New and start it with Run.
type Monitor struct {
	ledger  Ledger
	lanes   Lanes
	options Options

	syncing sync.Mutex  // held by Sync
	holdEnd *time.Timer // Sync's: nudges when the next hold is over

	mu         sync.Mutex
	watches    map[int64]*watch
	heartbeats map[string]*watch // by token
	agenda     agenda
	vacant     time.Time     // when the next first probe may begin
	wake       chan struct{} // the agenda's head has changed
	nudge      chan struct{} // the configuration may have changed
	prober     func(probe.Kind, scout.Target) (probe.Prober, error)

	ctx    context.Context // ends when probing must stop
	cancel context.CancelFunc
	probes sync.WaitGroup
}

// New makes a monitor that watches nothing yet.
func New(ledger Ledger, lanes Lanes, o Options) *Monitor {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Record == nil {
		o.Record = func(scout.Result) {}
	}
	if o.Late == nil {
		o.Late = func(time.Duration) {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Monitor{
		ledger: ledger, lanes: lanes, options: o,
		watches:    map[int64]*watch{},
		heartbeats: map[string]*watch{},
		wake:       make(chan struct{}, 1),
		nudge:      make(chan struct{}, 1),
		prober:     func(k probe.Kind, t scout.Target) (probe.Prober, error) { return k.Compile(t) },
		ctx:        ctx, cancel: cancel,
	}
}

// syncEvery is how often the configuration is compared without a nudge.
const syncEvery = 30 * time.Second

// Run watches until ctx ends, and returns when the last probe has.
func (m *Monitor) Run(ctx context.Context) {
	var loops sync.WaitGroup
	loops.Go(func() { m.keep(ctx) })
	loops.Go(func() { m.follow(ctx) })
	<-ctx.Done()
	m.cancel()
	loops.Wait()
	m.probes.Wait()
}

// Nudge says that the configuration may have changed. It never blocks and may
// be left out.
func (m *Monitor) Nudge() { signal(m.nudge) }

// keep brings what is watched in line with the configuration, at every nudge
// and now and then.
func (m *Monitor) keep(ctx context.Context) {
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	for {
		if err := m.Sync(ctx); err != nil && ctx.Err() == nil {
			m.options.Log.Error("the configuration cannot be read; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-m.nudge:
		case <-tick.C:
		}
	}
}

// Ingest takes one result in: the one way into the engine. When it returns
// without error, whatever the result has changed is on disk, and what it owes
// is on its way. After an error the result is kept and tried again, in order.
func (m *Monitor) Ingest(ctx context.Context, r scout.Result) error {
	w := m.watched(r.CheckID)
	if w == nil {
		return scout.Errorf(scout.NotFound, "there is no check %d to take this result, or it is paused", r.CheckID)
	}
	return m.take(context.WithoutCancel(ctx), w, func() (scout.Result, bool) { return r, true })
}

// take asks for a result with the check's state at rest, queues it behind
// those that wait for a failed commit, and works through the queue.
func (m *Monitor) take(ctx context.Context, w *watch, observe func() (scout.Result, bool)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok := observe()
	if !ok || w.ended {
		return nil
	}
	r.Steps = nil // who asked for the probe has them; kept as evidence, they would cost memory for every check
	m.options.Record(r)
	if len(w.queue) >= queueLimit {
		return scout.Errorf(scout.Unavailable, "results cannot be recorded at present: the database cannot be written")
	}
	w.queue = append(w.queue, r)
	return m.drain(ctx, w)
}

// queueLimit bounds how many results of a check wait while the ledger refuses
// to be written; the oldest are kept, as they hold what happened first.
const queueLimit = 10_000

// drain works through a check's queue, w.mu held. A commit that fails leaves
// its result at the head and is tried again after a while.
func (m *Monitor) drain(ctx context.Context, w *watch) error {
	for len(w.queue) > 0 {
		next, e := incident.Step(w.state, w.target, w.queue[0], scout.NewIncidentID)
		changed := next.Level != w.state.Level
		if changed {
			if err := m.commit(ctx, w.checkID, next, e); err != nil {
				m.options.Log.Error("a change of state cannot be recorded; it is tried again",
					"server", w.target.Server.Name, "check", w.target.Check.Name, "error", err)
				w.retryLater(m)
				return err
			}
			m.announce(w, next, e)
		}
		w.advance(next)
		if changed {
			m.planReminder(w)
		}
		w.queue = w.queue[1:]
	}
	w.queue = nil
	return nil
}

// announce logs a change of state: one wide line each.
func (m *Monitor) announce(w *watch, s incident.State, e *scout.Event) {
	if e == nil {
		m.options.Log.Debug("check observed", "server", w.target.Server.Name, "check", w.target.Check.Name, "level", s.Level)
		return
	}
	m.options.Log.Info("check changed", "server", e.Server, "check", e.Service, "event", e.Kind, "level", e.Level,
		"incident", e.IncidentID, "duration", scout.Clock(e.Duration), "message", e.Message)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
