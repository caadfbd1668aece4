// Package glance tells how servers and checks are and were, for the pages that
// list many of them: state, heartbeat bar and uptime, in a few queries however
// many there are.
package glance

import (
	"context"
	"slices"
	"strings"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// Store is what is read. Checks without an entry have nothing on record.
type Store interface {
	ChecksOn(ctx context.Context, serverIDs []int64) ([]scout.Check, error)
	StatesOf(ctx context.Context, checkIDs []int64) (map[int64]scout.CheckState, error)
	// Stretches lists how checks spent [from, to), oldest first.
	Stretches(ctx context.Context, checkIDs []int64, from, to time.Time) (map[int64][]scout.Stretch, error)
	// RollupsOf lists windows of 5 minutes or 1 hour, oldest first.
	RollupsOf(ctx context.Context, checkIDs []int64, window time.Duration, from, to time.Time) (map[int64][]scout.Rollup, error)
}

// Range is how far back a page looks.
type Range string

// The ranges that a reader can choose from.
const (
	Day     Range = "24h"
	Week    Range = "7d"
	Month   Range = "30d"
	Quarter Range = "90d"
)

// Ranges lists all ranges, the shortest first.
func Ranges() []Range { return []Range{Day, Week, Month, Quarter} }

// ParseRange reads a range from an address; what is none is a Day.
func ParseRange(text string) Range {
	if r := Range(text); slices.Contains(Ranges(), r) {
		return r
	}
	return Day
}

// Length is how long a range is.
func (r Range) Length() time.Duration {
	const day = 24 * time.Hour
	switch r {
	case Week:
		return 7 * day
	case Month:
		return 30 * day
	case Quarter:
		return 90 * day
	default:
		return day
	}
}

// Label is a range as it is shown: "24 h".
func (r Range) Label() string { return string(r[:len(r)-1]) + " " + string(r[len(r)-1:]) }

// Beats is how many beats a bar over the range has where there is room: each
// is some whole hours or days long.
func (r Range) Beats() int {
	switch r {
	case Week:
		return 42
	case Month:
		return 30
	case Quarter:
		return 45
	default:
		return 24
	}
}

// Look says what is looked at: a range up to now, in a number of beats (0: as
// many as suit the range).
type Look struct {
	Range Range
	Now   time.Time
	Beats int
}

// from is when the range begins.
func (l Look) from() time.Time { return l.Now.Add(-l.Range.Length()) }

// Check is a check with how it is and was.
type Check struct {
	scout.Check
	State      ui.State
	Since      time.Time // zero before the first result
	IncidentID string    // the open incident; "" for none
	Beats      []ui.Beat
	Uptime     scout.Availability
}

// Server is a server with how it is and was: beat by beat the worst of its
// checks, which have no beats of their own here, and their uptime taken together.
type Server struct {
	scout.Server
	State  ui.State
	Counts scout.CheckCounts
	Beats  []ui.Beat
	Uptime scout.Availability
	Checks []Check // the worst first
}

// Reader reads. It is safe for concurrent use.
type Reader struct {
	store  Store
	memory memory
}

// New makes a Reader of a store.
func New(s Store) *Reader { return &Reader{store: s} }

// StateOf is the state of a check.
func StateOf(c scout.Check, s scout.CheckState) ui.State {
	if c.Paused {
		return ui.Paused
	}
	return ui.StateOf(s.Level)
}

// A record is a check with how it spent each beat of a frame.
type record struct {
	Check
	spent []scout.Availability
}

// records reads how checks are and were, in the order in which they are given.
func (g *Reader) records(ctx context.Context, list []scout.Check, look Look) ([]record, error) {
	ids := idsOf(list)
	states, err := g.store.StatesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	frame := look.frame()
	spent, err := g.spent(ctx, ids, frame, look.Now)
	if err != nil {
		return nil, err
	}
	before, err := g.store.Stretches(ctx, ids, look.from(), frame.from) // the range begins within a beat that the bar has not
	if err != nil {
		return nil, err
	}
	records := make([]record, 0, len(list))
	for _, c := range list {
		state := states[c.ID]
		r := record{
			Check: Check{Check: c, State: StateOf(c, state), Since: state.Since, IncidentID: state.IncidentID},
			spent: spent[c.ID],
		}
		for _, s := range before[c.ID] {
			r.Uptime.Add(s)
		}
		for _, a := range r.spent {
			r.Uptime.Join(a)
		}
		records = append(records, r)
	}
	return records, nil
}

func idsOf(list []scout.Check) []int64 {
	ids := make([]int64, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	return ids
}

// Checks tells how checks are and were, in the order in which they are given.
func (g *Reader) Checks(ctx context.Context, list []scout.Check, look Look) ([]Check, error) {
	if len(list) == 0 {
		return nil, nil
	}
	records, err := g.records(ctx, list, look)
	if err != nil {
		return nil, err
	}
	rollups, err := g.rollups(ctx, idsOf(list), look.from(), look.Now)
	if err != nil {
		return nil, err
	}
	frame := look.frame()
	checks := make([]Check, 0, len(list))
	for _, r := range records {
		r.Beats = frame.beats(r.spent, rollups[r.ID])
		checks = append(checks, r.Check)
	}
	return checks, nil
}

// Servers tells how servers are and were, in the order in which they are given.
func (g *Reader) Servers(ctx context.Context, list []scout.CountedServer, look Look) ([]Server, error) {
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(list))
	for i, s := range list {
		ids[i] = s.Server.ID
	}
	checks, err := g.store.ChecksOn(ctx, ids)
	if err != nil {
		return nil, err
	}
	records, err := g.records(ctx, checks, look)
	if err != nil {
		return nil, err
	}
	on := map[int64][]record{}
	for _, r := range records {
		on[r.ServerID] = append(on[r.ServerID], r)
	}
	servers := make([]Server, 0, len(list))
	for _, s := range list {
		servers = append(servers, together(s, on[s.Server.ID], look.frame()))
	}
	return servers, nil
}

// together sums up the checks of a server.
func together(s scout.CountedServer, records []record, f frame) Server {
	v := Server{Server: s.Server, Counts: s.Checks, State: ui.State(s.Checks.Standing())}
	for _, r := range records {
		v.Uptime.Join(r.Uptime)
		v.Checks = append(v.Checks, r.Check)
	}
	WorstFirst(v.Checks)
	v.Beats = f.worst(records)
	return v
}

// WorstFirst sorts checks: what is not up first, and by name.
func WorstFirst(checks []Check) {
	slices.SortStableFunc(checks, func(a, b Check) int {
		switch {
		case a.State == b.State:
			return strings.Compare(a.Name, b.Name)
		case a.State.Worse(b.State):
			return -1
		default:
			return 1
		}
	})
}

// mostRollups bounds what is read for the latencies of a list: with more
// windows than that, beats say how a check was and not how fast.
const mostRollups = 8000

// rollups reads the hours of checks, where they are few enough.
func (g *Reader) rollups(ctx context.Context, ids []int64, from, to time.Time) (map[int64][]scout.Rollup, error) {
	if int(to.Sub(from)/time.Hour)*len(ids) > mostRollups {
		return nil, nil
	}
	return g.store.RollupsOf(ctx, ids, time.Hour, from, to)
}

// Uptime is how a check spent a range.
type Uptime struct {
	Range Range
	scout.Availability
}

// Uptimes tells how a check spent each of the ranges up to now.
func (g *Reader) Uptimes(ctx context.Context, checkID int64, now time.Time) ([]Uptime, error) {
	past, err := g.store.Stretches(ctx, []int64{checkID}, now.Add(-Quarter.Length()), now)
	if err != nil {
		return nil, err
	}
	list := make([]Uptime, 0, len(Ranges()))
	for _, r := range Ranges() {
		up := Uptime{Range: r}
		begin := now.Add(-r.Length())
		for _, s := range past[checkID] {
			if s.From.Before(begin) {
				s.From = begin
			}
			if s.From.Before(s.To) {
				up.Add(s)
			}
		}
		list = append(list, up)
	}
	return list, nil
}
