package incidents

import (
	"cmp"
	"context"
	"slices"

	"serverscout/internal/scout"
)

// An incident may have had thousands of events. The page reads its first one
// and the latest, shows of those what changed something and the last reminders,
// and says how many are left out. All of them are shown page by page.
const (
	eventsRead     = 40
	changesShown   = 6
	remindersShown = 2
	eventsOfPage   = 15
)

// selection is the events of an incident that are shown, oldest first.
type selection struct {
	events  []scout.Event
	changes bool  // changes of the level may be among what is left out
	earlier int64 // there are others before the event of this id; 0 if there are none
}

// latest selects the first event, the latest changes of the level, the latest
// reminders and the end.
func (a *Area) latest(ctx context.Context, incidentID string) (selection, error) {
	found, err := a.store.ListEvents(ctx, scout.EventFilter{IncidentID: incidentID}, eventsRead)
	if err != nil {
		return selection{}, err
	}
	if len(found) == eventsRead {
		before, err := a.changesBefore(ctx, incidentID, found[eventsRead-1].ID)
		if err != nil {
			return selection{}, err
		}
		found = append(found, before...)
	}
	var s selection
	reminders, changes := 0, 0
	for _, e := range found {
		switch e.Kind {
		case scout.Reminder:
			if reminders++; reminders > remindersShown {
				continue
			}
		case scout.Worsened, scout.Eased:
			if changes++; changes > changesShown {
				s.changes = true
				continue
			}
		}
		s.events = append(s.events, e)
	}
	slices.Reverse(s.events)
	return s, nil
}

// changesBefore reads what is no reminder of the events before an id, newest
// first.
func (a *Area) changesBefore(ctx context.Context, incidentID string, before int64) ([]scout.Event, error) {
	var found []scout.Event
	for _, kind := range []scout.EventKind{scout.Opened, scout.Worsened, scout.Eased} {
		events, err := a.store.ListEvents(ctx, scout.EventFilter{IncidentID: incidentID, Kind: kind, Before: before}, changesShown+1)
		if err != nil {
			return nil, err
		}
		found = append(found, events...)
	}
	slices.SortFunc(found, func(x, y scout.Event) int { return cmp.Compare(y.Seq, x.Seq) })
	return found, nil
}

// all selects one page of all events, those before an id; 0 for the latest.
func (a *Area) all(ctx context.Context, incidentID string, before int64) (selection, error) {
	found, err := a.store.ListEvents(ctx, scout.EventFilter{IncidentID: incidentID, Before: before}, eventsOfPage+1)
	if err != nil {
		return selection{}, err
	}
	s := selection{}
	if len(found) > eventsOfPage {
		found = found[:eventsOfPage]
		s.earlier = found[eventsOfPage-1].ID
	}
	slices.Reverse(found)
	s.events = found
	return s, nil
}

// between counts the events that are left out before the shown one of index i.
func (s selection) between(i int) int {
	if i == 0 {
		return 0
	}
	return s.events[i].Seq - s.events[i-1].Seq - 1
}

// last is the latest event that is shown; the zero event if there is none.
func (s selection) last() scout.Event {
	if len(s.events) == 0 {
		return scout.Event{}
	}
	return s.events[len(s.events)-1]
}
