package holds

import (
	"net/url"
	"slices"
	"strconv"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// perPage is how many holds of a state a page lists.
const perPage = 50

// states are the sections of the list, in their order.
func states() []scout.HoldState {
	return []scout.HoldState{scout.HoldActive, scout.HoldPlanned, scout.HoldEnded}
}

// A section is the holds of one state.
type section struct {
	State scout.HoldState
	Holds []scout.Hold
	Older string // the address of those before; "" for none
}

// listing is the page of all holds.
type listing struct {
	Clock    ui.Clock
	Filter   scout.HoldFilter
	Sections []section // without empty ones
}

// Filtered reports whether the list is narrowed, or not at its beginning.
func (l listing) Filtered() bool { return l.Filter != scout.HoldFilter{} }

func (a *Area) list(r *page.Request) error {
	l := listing{Clock: r.Clock, Filter: filterOf(r.URL.Query())}
	for _, state := range states() {
		if l.Filter.State != "" && l.Filter.State != state {
			continue
		}
		one, err := a.section(r, l.Filter, state)
		if err != nil {
			return err
		}
		if len(one.Holds) > 0 {
			l.Sections = append(l.Sections, one)
		}
	}
	return r.Show(around(title), listPage(l))
}

// filterOf reads a filter from an address; what narrows nothing that there is
// is left out. Only the list of one state has further pages.
func filterOf(q url.Values) (f scout.HoldFilter) {
	if kind := scout.HoldKind(q.Get("kind")); slices.Contains(kinds(), kind) {
		f.Kind = kind
	}
	if state := scout.HoldState(q.Get("state")); slices.Contains(states(), state) {
		f.State = state
		f.Before, _ = strconv.ParseInt(q.Get("before"), 10, 64) // what is no number is the beginning
	}
	return f
}

func kinds() []scout.HoldKind { return []scout.HoldKind{scout.Silence, scout.Maintenance} }

// section reads the holds of a state. The pages after the first are those of a
// list of that state alone.
func (a *Area) section(r *page.Request, f scout.HoldFilter, state scout.HoldState) (section, error) {
	f.State = state
	found, err := a.store.ListHolds(r.Context(), f, perPage+1)
	if err != nil {
		return section{}, err
	}
	one := section{State: state, Holds: found}
	if len(found) > perPage {
		one.Holds = found[:perPage]
		one.Older = r.With("state", string(state), "before", ui.ID(one.Holds[perPage-1].ID))
	}
	return one, nil
}

// title is a state as the heading of its section.
func (s section) title() string {
	switch s.State {
	case scout.HoldActive:
		return "Active"
	case scout.HoldPlanned:
		return "Planned"
	default:
		return "Ended"
	}
}

func kindChoices() []ui.Choice {
	list := []ui.Choice{{Label: "Any"}}
	for _, k := range kinds() {
		list = append(list, ui.Choice{Value: string(k), Label: ui.HoldState(k).Sign() + " " + ui.HoldKind(k)})
	}
	return list
}

func stateChoices() []ui.Choice {
	list := []ui.Choice{{Label: "Any"}}
	for _, s := range states() {
		list = append(list, ui.Choice{Value: string(s), Label: section{State: s}.title()})
	}
	return list
}
