package status

import (
	"context"
	"slices"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/glance"
	"serverscout/internal/web/ui"
)

// What a page shows at most.
const (
	daysShown     = 90
	daysOfPast    = 14   // of incidents that have ended, and of notes about the page
	mostServices  = 5000 // on a page
	mostInFull    = 50   // services with a bar of their own
	mostIncidents = 1000 // that are looked through for those of the page
	mostPast      = 50   // incidents that have ended
	mostNotes     = 500
)

// A board is everything that a status page shows, as it was at a moment.
type board struct {
	Page     scout.StatusPage
	At       time.Time
	Groups   []group
	Counts   scout.CheckCounts // of all services, each once
	Open     []outage          // the worst and the oldest first
	Past     []outage          // the latest end first
	Notes    []scout.StatusNote
	services map[int64]*service // by the check's id
	left     int                // services that there is no room for
}

// A group is some services under a name of their own.
type group struct {
	Name     string
	Services []*service        // by server and name
	Days     []glance.DayTotal // all of them taken together
}

// Uptime is that of all services taken together.
func (g group) Uptime() (a scout.Availability) {
	for _, d := range g.Days {
		a.Join(d.Spent)
	}
	return a
}

// A service is a check as a status page shows it.
type service struct {
	ID           int64
	Kind         string
	ParentID     int64 // the check that brought it along; 0 for none
	Name, Server string
	Address      string // "" unless the page shows addresses
	State        ui.State
	Days         []glance.DayTotal // none where services are many
	Uptime       scout.Availability
}

// An outage is an incident as a status page shows it.
type outage struct {
	Service    *service
	State      ui.State // of an open one, now; of one that has ended, the worst
	Began      time.Time
	Ended      time.Time // zero while open
	Message    string    // "" unless the page shows messages
	Notes      []scout.StatusNote
	incidentID string
}

// compose gathers what a page shows.
func (a *Area) compose(ctx context.Context, p scout.StatusPage, now time.Time) (*board, error) {
	b := &board{Page: p, At: now, services: map[int64]*service{}}
	for _, step := range []func(context.Context, *board) error{a.members, a.states, a.history, a.open, a.ended, a.notes} {
		if err := step(ctx, b); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// members finds the services of each group.
func (a *Area) members(ctx context.Context, b *board) error {
	targets, err := a.Store.Outlines(ctx)
	if err != nil {
		return err
	}
	b.Groups = make([]group, len(b.Page.Groups))
	for i, g := range b.Page.Groups {
		b.Groups[i].Name = g.Name
	}
	for _, t := range targets {
		if !b.Page.Covers(t.Server, t.Check.Name) {
			continue
		}
		if len(b.services) == mostServices {
			b.left++
			continue
		}
		s := b.serviceOf(t)
		b.services[s.ID] = s
		for i, g := range b.Page.Groups {
			if g.Covers(t.Server, t.Check.Name) {
				b.Groups[i].Services = append(b.Groups[i].Services, s)
			}
		}
	}
	return nil
}

func (b *board) serviceOf(t scout.Target) *service {
	s := &service{
		ID: t.Check.ID, Kind: t.Check.Kind, ParentID: t.Check.ParentID, Name: t.Check.Name, Server: t.Server.Name, State: ui.Unknown,
	}
	if b.Page.ShowAddresses {
		s.Address = t.Server.IP
	}
	if t.Check.Paused {
		s.State = ui.Paused
	}
	return s
}

func (b *board) ids() []int64 {
	ids := make([]int64, 0, len(b.services))
	for id := range b.services {
		ids = append(ids, id)
	}
	return ids
}

// states tells how each service is now.
func (a *Area) states(ctx context.Context, b *board) error {
	states, err := a.Store.StatesOf(ctx, b.ids())
	if err != nil {
		return err
	}
	for id, s := range b.services {
		if s.State != ui.Paused {
			s.State = ui.StateOf(states[id].Level)
		}
		switch s.State {
		case ui.Down:
			b.Counts.Down++
		case ui.Warning:
			b.Counts.Warning++
		case ui.Paused:
			b.Counts.Paused++
		case ui.Up:
			b.Counts.Up++
		default:
			b.Counts.Unknown++
		}
	}
	return nil
}

// history tells how each service, and each group, was day by day.
func (a *Area) history(ctx context.Context, b *board) error {
	past, err := a.Store.Stretches(ctx, b.ids(), glance.Days(b.At, daysShown)[0].At, b.At)
	if err != nil {
		return err
	}
	for id, s := range b.services {
		s.Uptime = spent(past[id])
		if b.inFull() {
			s.Days = glance.Days(b.At, daysShown)
			glance.AddDays(s.Days, past[id])
		}
	}
	for i := range b.Groups {
		g := &b.Groups[i]
		g.Days = glance.Days(b.At, daysShown)
		for _, s := range g.Services {
			glance.AddDays(g.Days, past[s.ID])
		}
	}
	return nil
}

// spent sums up stretches.
func spent(past []scout.Stretch) (a scout.Availability) {
	for _, s := range past {
		a.Add(s)
	}
	return a
}

// inFull reports whether each service has a bar of its own: where there are
// many, each group has one.
func (b *board) inFull() bool { return len(b.services) <= mostInFull }

// open finds the open incidents of the page's services.
func (a *Area) open(ctx context.Context, b *board) error {
	list, err := a.Store.OpenIncidents(ctx)
	if err != nil {
		return err
	}
	for _, in := range list {
		if s := b.services[in.CheckID]; s != nil && in.Open() {
			b.Open = append(b.Open, b.outageOf(in, s, in.Level))
		}
	}
	slices.SortStableFunc(b.Open, func(x, y outage) int {
		switch {
		case x.State.Worse(y.State):
			return -1
		case y.State.Worse(x.State):
			return 1
		default:
			return x.Began.Compare(y.Began)
		}
	})
	return nil
}

// ended finds the incidents of the page's services that have ended lately. One
// that was open for long is among them as well, as far as the bars reach.
func (a *Area) ended(ctx context.Context, b *board) error {
	list, err := a.Store.ListIncidents(ctx, scout.IncidentFilter{Closed: true, Since: b.At.AddDate(0, 0, -daysShown)}, mostIncidents)
	if err != nil {
		return err
	}
	for _, in := range list {
		if s := b.services[in.CheckID]; s != nil && in.Ended.After(b.At.AddDate(0, 0, -daysOfPast)) {
			b.Past = append(b.Past, b.outageOf(in, s, in.Worst))
		}
	}
	slices.SortStableFunc(b.Past, func(x, y outage) int { return y.Ended.Compare(x.Ended) })
	b.Past = b.Past[:min(len(b.Past), mostPast)]
	return nil
}

func (b *board) outageOf(in scout.Incident, s *service, level scout.Level) outage {
	o := outage{Service: s, State: ui.StateOf(level), Began: in.Began, Ended: in.Ended, incidentID: in.ID}
	if b.Page.ShowMessages {
		o.Message = in.Message
	}
	return o
}

// notes puts each note where it belongs.
func (a *Area) notes(ctx context.Context, b *board) error {
	list, err := a.Store.ListStatusNotes(ctx, scout.StatusNoteFilter{PageID: b.Page.ID}, mostNotes)
	if err != nil {
		return err
	}
	about := map[string][]scout.StatusNote{}
	for _, n := range list {
		switch {
		case n.IncidentID != "":
			about[n.IncidentID] = append(about[n.IncidentID], n)
		case n.At.After(b.At.AddDate(0, 0, -daysOfPast)):
			b.Notes = append(b.Notes, n)
		}
	}
	for _, outages := range [][]outage{b.Open, b.Past} {
		for i := range outages {
			outages[i].Notes = about[outages[i].incidentID]
		}
	}
	return nil
}
