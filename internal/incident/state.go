// Package incident decides, from results alone, when a check's level changes
// and which webhooks hear of it. It is pure: no I/O, no clock, no randomness
// of its own, so that every decision can be replayed and tested.
package incident

import (
	"fmt"
	"slices"
	"time"

	"serverscout/internal/scout"
)

// evidenceLimit bounds how many confirming results an event keeps.
const evidenceLimit = 10

// State is what is known of one check. The zero value is a check that was
// never observed. A State restored from the ledger has Level, Since and
// Incident only: half-counted confirmations start again.
type State struct {
	Level    scout.Level
	Since    time.Time      // when Level was confirmed
	Incident scout.Incident // the open incident; its ID is "" while there is none
	Last     scout.Level    // the latest result's level; Unknown before the first
	IP       string         // the address probes reached last; "" if none

	// Consecutive results, up to the latest, that were at least as bad, or at
	// most as bad, as a level.
	atLeastWarning, atLeastDown int
	atMostWarning, atMostUp     int

	badFrom  time.Time // first of the results counted by atLeastWarning
	goodFrom time.Time // first of the results counted by atMostUp
	evidence []scout.Result
}

// Confirming reports whether the latest result speaks for another level than
// the confirmed one, so that the check should be probed sooner.
func (s State) Confirming() bool { return s.Last != scout.Unknown && s.Last != s.Level }

// Step takes one result into account. The event is nil unless the result
// confirms a change of level that is worth telling. newID is called for the id
// of a new incident. s is not modified.
//
// A worse level is entered after FailAfter consecutive results at or above it,
// a better one after RecoverAfter consecutive results at or below it. The
// first good result of a check that was never observed makes it up at once:
// there is nothing to recover from.
func Step(s State, t scout.Target, r scout.Result, newID func(time.Time) string) (State, *scout.Event) {
	s = s.count(r)
	next := s.entered(t.Check)
	if next == s.Level {
		return s, nil
	}
	previous := s.Level
	s.Level, s.Since = next, r.At
	if next == scout.Up && s.Incident.ID == "" {
		return s, nil
	}
	e := &scout.Event{
		Kind:     kindOf(previous, next),
		Level:    next,
		At:       r.At,
		CheckID:  t.Check.ID,
		Server:   t.Server.Name,
		Service:  t.Check.Name,
		ServerIP: address(t.Server, s.IP),
		Tags:     t.Server.Tags,
		Message:  r.Message,
		Evidence: s.confirming(previous, t.Check),
	}
	if e.Kind == scout.Opened {
		s.Incident = scout.Incident{
			ID:      newID(r.At),
			CheckID: t.Check.ID,
			Server:  t.Server.Name,
			Service: t.Check.Name,
			Tags:    t.Server.Tags,
			Began:   s.badFrom,
			Opened:  r.At,
		}
	}
	ended := time.Time{}
	if e.Kind == scout.Recovered {
		ended = s.goodFrom
	}
	s.tell(e, ended)
	return s, e
}

// End closes the open incident of a check that is paused or removed at now.
// The event is nil when none is open. The check is unknown afterwards; the
// state returned still has the incident, as it ended.
func End(s State, now time.Time) (State, *scout.Event) {
	in := s.Incident
	if in.ID == "" {
		return State{}, nil
	}
	e := &scout.Event{
		Kind:     scout.Recovered,
		Level:    scout.Up,
		At:       now,
		CheckID:  in.CheckID,
		Server:   in.Server,
		Service:  in.Service,
		ServerIP: in.ServerIP,
		Tags:     in.Tags,
		Message:  fmt.Sprintf("%s on %s is no longer watched", in.Service, in.Server),
	}
	s.tell(e, now)
	return State{Incident: s.Incident}, e
}

// Remind makes an event that tells the open incident's present level again,
// with the duration it has by now. s must have an open incident. A reminder
// that repeats is for those as well who were told that level before.
func Remind(s State, now time.Time, repeats bool) (State, scout.Event) {
	in := s.Incident
	e := scout.Event{
		Kind:     scout.Reminder,
		Repeats:  repeats,
		Level:    in.Level,
		At:       now,
		CheckID:  in.CheckID,
		Server:   in.Server,
		Service:  in.Service,
		ServerIP: in.ServerIP,
		Tags:     in.Tags,
		Message:  in.Message,
	}
	s.tell(&e, time.Time{})
	return s, e
}

// tell makes e the incident's next event and the incident what e says. ended
// is zero unless the incident ends with e.
func (s *State) tell(e *scout.Event, ended time.Time) {
	in := &s.Incident
	in.Events++
	in.ServerIP = e.ServerIP
	in.Tags = e.Tags
	in.Message = e.Message
	in.Latest = e.At
	e.IncidentID, e.Seq, e.Began = in.ID, in.Events, in.Began
	if e.Kind != scout.Recovered {
		in.Level = e.Level
		in.Worst = max(in.Worst, e.Level)
		e.Duration = max(e.At.Sub(in.Began), 0)
		return
	}
	in.Ended, in.Closed = ended, e.At
	e.Ended = ended
	e.Duration = max(ended.Sub(in.Began), 0)
}

// Began is when the present level began: with the incident, with its end, or
// when the level was confirmed.
func (s State) Began(e *scout.Event) time.Time {
	switch {
	case e == nil:
		return s.Since
	case e.Kind == scout.Opened:
		return e.Began
	case e.Kind == scout.Recovered:
		return e.Ended
	default:
		return e.At
	}
}

// Closed returns the state after the end of its incident was recorded.
func (s State) Closed() State {
	s.Incident = scout.Incident{}
	return s
}

func (s State) count(r scout.Result) State {
	kept := s.evidence[max(len(s.evidence)-evidenceLimit+1, 0):]
	s.evidence = append(slices.Clip(kept), r) // a copy: earlier states keep theirs
	s.Last = r.Level
	if r.IP != "" {
		s.IP = r.IP
	}
	if r.Level >= scout.Warning {
		if s.atLeastWarning == 0 {
			s.badFrom = r.At
		}
		s.atLeastWarning++
		s.atMostUp = 0
	} else {
		if s.atMostUp == 0 {
			s.goodFrom = r.At
		}
		s.atMostUp++
		s.atLeastWarning = 0
	}
	if r.Level == scout.Down {
		s.atLeastDown++
		s.atMostWarning = 0
	} else {
		s.atMostWarning++
		s.atLeastDown = 0
	}
	return s
}

// entered returns the level the counts speak for by now.
func (s State) entered(c scout.Check) scout.Level {
	switch {
	case s.Level < scout.Down && s.atLeastDown >= c.FailAfter:
		return scout.Down
	case s.Level < scout.Warning && s.atLeastWarning >= c.FailAfter:
		return scout.Warning
	case s.Level == scout.Unknown && s.atMostUp > 0,
		s.Level > scout.Up && s.atMostUp >= c.RecoverAfter:
		return scout.Up
	case s.Level > scout.Warning && s.atMostWarning >= c.RecoverAfter:
		return scout.Warning
	default:
		return s.Level
	}
}

// confirming returns the results that confirmed the change from a level to the
// present one, oldest first, at most evidenceLimit.
func (s State) confirming(from scout.Level, c scout.Check) []scout.Result {
	needed := c.RecoverAfter
	if s.Level > from {
		needed = c.FailAfter
	}
	return slices.Clone(s.evidence[max(len(s.evidence)-needed, 0):])
}

func kindOf(from, to scout.Level) scout.EventKind {
	switch {
	case to == scout.Up:
		return scout.Recovered
	case from < scout.Warning:
		return scout.Opened
	case to > from:
		return scout.Worsened
	default:
		return scout.Eased
	}
}

// address is the configured address, or the one the probe resolved.
func address(s scout.Server, probed string) string {
	if s.IP != "" {
		return s.IP
	}
	return probed
}
