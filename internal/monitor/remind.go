package monitor

import (
	"context"
	"errors"
	"time"

	"serverscout/internal/incident"
	"serverscout/internal/scout"
)

// errNothingOwed rolls back a telling that nobody is owed.
var errNothingOwed = errors.New("nothing is owed")

// remind tells a check's open incident again, w.mu held, unless wanted finds
// nobody in the decision whom it should be told. While somebody has taken the
// incident on, it repeats for nobody: only those who do not know are told.
func (m *Monitor) remind(ctx context.Context, w *watch, repeats bool, wanted func(decision) bool) error {
	next, e := incident.Remind(w.state, m.options.Now(), repeats)
	err := m.transact(ctx, func(tx Tx, out *outbox) error {
		if repeats {
			acknowledged, err := tx.Acknowledged(e.IncidentID)
			if err != nil {
				return err
			}
			e.Repeats = !acknowledged
		}
		d, err := decide(tx, e)
		if err != nil {
			return err
		}
		if !wanted(d) {
			return errNothingOwed
		}
		if err := tx.SaveIncident(next.Incident); err != nil {
			return err
		}
		return out.tell(tx, e, next.Incident, d)
	})
	switch {
	case errors.Is(err, errNothingOwed):
		return nil
	case err == nil:
		w.state = next
		m.announce(w, next, &e)
	}
	return err
}

// planReminder sets the time at which an open incident is told again, w.mu
// held. It is to be called whenever the level or the configuration has changed.
func (m *Monitor) planReminder(w *watch) {
	// The wall clock may have been set: no wait is longer than the interval.
	every := w.target.Check.Remind
	m.remindIn(w, min(w.state.Incident.Latest.Add(every).Sub(m.options.Now()), every))
}

// remindIn replaces the timer of a watch's reminder, w.mu held. There is none
// without an open incident.
func (m *Monitor) remindIn(w *watch, wait time.Duration) {
	if w.reminder != nil {
		w.reminder.Stop()
		w.reminder = nil
	}
	if w.target.Check.Remind > 0 && w.state.Incident.ID != "" && !w.ended {
		w.reminder = time.AfterFunc(wait, func() { m.remindAgain(w) })
	}
}

// remindAgain tells an open incident again to everybody who sees it. While the
// latest word on the check is not a bad one (it seems to recover, or nothing
// was observed since the program started), the next results are waited for: a
// reminder must not tell what is no longer so.
func (m *Monitor) remindAgain(w *watch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.target.Check
	if m.ctx.Err() != nil || w.ended || w.state.Incident.ID == "" {
		return
	}
	if w.prober != nil && w.state.Last < scout.Warning || len(w.queue) > 0 {
		m.remindIn(w, min(c.ConfirmInterval, c.Remind))
		return
	}
	if err := m.remind(m.ctx, w, true, decision.tellsAnybody); err != nil {
		m.options.Log.Error("a reminder cannot be recorded; it is tried again", "server", w.target.Server.Name, "check", c.Name, "error", err)
		m.remindIn(w, retryCommit)
		return
	}
	m.remindIn(w, c.Remind)
}
