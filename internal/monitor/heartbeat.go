package monitor

import (
	"context"
	"time"

	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

// Ping takes a signal from the job behind a heartbeat check. When it returns
// without error, a change it made is on disk. An unknown token is NotFound.
func (m *Monitor) Ping(ctx context.Context, token string, s scout.Signal) error {
	m.mu.Lock()
	w := m.heartbeats[token]
	m.mu.Unlock()
	if w == nil {
		return scout.Errorf(scout.NotFound, "there is no heartbeat with this token, or its check is paused")
	}
	return m.take(context.WithoutCancel(ctx), w, func() (scout.Result, bool) {
		now := time.Now() // durations go by the clock that does not jump
		w.pinged = now
		if s.Kind == scout.SignalStart {
			w.begun = now
			return scout.Result{}, false
		}
		r := scout.Result{CheckID: w.target.Check.ID, At: m.options.Now()}
		r.Level, r.Message = judge(w.target.Check.Name, s)
		if !w.begun.IsZero() {
			r.Latency, w.begun = now.Sub(w.begun), time.Time{}
		}
		return r, true
	})
}

// judge is what a signal says of its job.
func judge(service string, s scout.Signal) (scout.Level, string) {
	switch {
	case s.Kind == scout.SignalFail:
		return scout.Down, probe.FailureMessage(service)
	case s.Kind == scout.SignalExit && s.Code != 0:
		return scout.Down, probe.ExitMessage(service, s.Code)
	default:
		return scout.Up, probe.SuccessMessage(service)
	}
}

// listen judges a heartbeat's silence and puts the watch back for the moment
// at which it would be too long. Silence counts from the last ping or from
// when this process began to watch, whichever is later; a job that was never
// heard of is not missed.
func (m *Monitor) listen(w *watch) {
	var deadline time.Time
	_ = m.take(m.ctx, w, func() (r scout.Result, silent bool) {
		if w.beat == nil { // it has become a check of another kind
			deadline = time.Now()
			return r, false
		}
		now := time.Now()
		allowed := w.beat.Period + w.beat.Grace
		silence := now.Sub(w.pinged)
		if silence < allowed {
			deadline = w.pinged.Add(allowed)
			return r, false
		}
		deadline = now.Add(allowed)
		if w.state.Level == scout.Unknown || w.state.Level == scout.Down {
			return r, false
		}
		return scout.Result{
			CheckID: w.target.Check.ID,
			At:      m.options.Now(),
			Level:   scout.Down,
			Message: probe.SilentMessage(w.target.Check.Name, silence),
		}, true
	}) // a result that cannot be recorded is kept, and logged
	w.mu.Lock()
	defer w.mu.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	w.looking = false
	if m.watches[w.checkID] != w || !w.scheduled() {
		return
	}
	w.slot, w.due = deadline, deadline
	m.schedule(w)
}
