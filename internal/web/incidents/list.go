package incidents

import (
	"context"
	"net/http"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

const (
	pageSize  = 50
	openShown = 25 // of the open ones, where the past ones are shown too
	rowText   = 160
)

// listing is what the list of incidents shows.
type listing struct {
	r      *page.Request
	filter filter
	faults ui.Faults
	open   []row // where asked for, and on the first page
	past   []row
	counts string // how many are open
	more   string // where all open ones are listed; "" if they are
	older  string
}

// row is one incident with who was told of it.
type row struct {
	scout.Incident
	told told
}

func (a *Area) list(r *page.Request) error {
	v := listing{r: r}
	var query scout.IncidentFilter
	query, v.filter, v.faults = readFilter(r)
	status := http.StatusOK
	if len(v.faults) > 0 {
		status = http.StatusUnprocessableEntity
	} else if err := a.fill(r.Context(), &v, query); err != nil {
		return err
	}
	return r.ShowAs(status, page.Page{Title: "Incidents", Section: ui.Incidents}, list(v))
}

// fill reads the incidents that a filter lets through. The first page begins
// with the open ones.
func (a *Area) fill(ctx context.Context, v *listing, query scout.IncidentFilter) error {
	var open, past []scout.Incident
	var err error
	if v.filter.both() && query.Before == "" {
		q := query
		q.Open = true
		if open, err = a.store.ListIncidents(ctx, q, openShown+1); err != nil {
			return err
		}
		v.counts = ui.Count(len(open), "incident") + " open"
		if len(open) == 0 {
			v.counts = "Nothing is open"
		}
		if len(open) > openShown {
			open = open[:openShown]
			v.counts = "More than " + ui.Count(openShown, "incident") + " open"
			v.more = v.r.With("state", stateOpen)
		}
	}
	query.Open, query.Closed = v.filter.State == stateOpen, v.filter.State != stateOpen
	if past, err = a.store.ListIncidents(ctx, query, pageSize+1); err != nil {
		return err
	}
	if len(past) > pageSize {
		past = past[:pageSize]
		v.older = v.r.With("before", past[pageSize-1].ID)
	}
	if v.filter.State == stateOpen {
		open, past = past, nil
	}
	return a.rows(ctx, v, open, past)
}

// rows adds to each incident who was told of it.
func (a *Area) rows(ctx context.Context, v *listing, open, past []scout.Incident) error {
	var ids []string
	for _, i := range open {
		ids = append(ids, i.ID)
	}
	for _, i := range past {
		ids = append(ids, i.ID)
	}
	tellings, err := a.store.Tellings(ctx, ids)
	if err != nil {
		return err
	}
	for _, i := range open {
		v.open = append(v.open, row{i, sumUp(tellings[i.ID])})
	}
	for _, i := range past {
		v.past = append(v.past, row{i, sumUp(tellings[i.ID])})
	}
	return nil
}

// The states that the list can be narrowed to.
const (
	stateOpen = "open"
	statePast = "past"
)

// filter is the filter of the list as it was typed.
type filter struct {
	State, Level, Server, Service, Text, Since, Until string
}

// both reports whether open and past incidents are asked for.
func (f filter) both() bool { return f.State == "" }

// narrow reports whether anything but the state narrows the list.
func (f filter) narrow() bool { return f != filter{State: f.State} }

// readFilter reads the filter from the address, and says what is wrong with
// it.
func readFilter(r *page.Request) (scout.IncidentFilter, filter, ui.Faults) {
	q := r.URL.Query()
	f := filter{q.Get("state"), q.Get("level"), q.Get("server"), q.Get("service"), q.Get("text"), q.Get("since"), q.Get("until")}
	faults := ui.Faults{}
	if f.State != stateOpen && f.State != statePast {
		f.State = ""
	}
	query := scout.IncidentFilter{Server: f.Server, Service: f.Service, Contains: f.Text, Before: q.Get("before")}
	if f.Level != "" {
		level, err := scout.ParseLevel(f.Level)
		if err != nil || level < scout.Warning {
			faults["level"] = "Choose down or warning."
		}
		query.Level = level
	}
	query.Since = readTime(f.Since, "since", r.Clock, faults)
	query.Until = readTime(f.Until, "until", r.Clock, faults)
	if !query.Since.IsZero() && !query.Until.IsZero() && !query.Since.Before(query.Until) {
		faults["until"] = "The end must be later than the beginning."
	}
	return query, f, faults
}

// readTime reads a time in the reader's zone; the zero time for none.
func readTime(text, field string, c ui.Clock, faults ui.Faults) time.Time {
	t, ok := c.ReadTyped(text)
	if !ok {
		faults[field] = "Write a date and a time, such as " + c.Typed(c.Now.Truncate(time.Minute)) + "."
	}
	return t
}
