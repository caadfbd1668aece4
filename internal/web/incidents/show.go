package incidents

import (
	"net/http"
	"strconv"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// show is the page of one incident.
func (a *Area) show(r *page.Request) error {
	i, err := a.store.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return a.showAs(r, http.StatusOK, i, noteForm{})
}

// showAs shows an incident with the note that was typed.
func (a *Area) showAs(r *page.Request, status int, i scout.Incident, note noteForm) error {
	s := story{Incident: i, r: r, note: note, all: r.URL.Query().Get("all") != ""}
	if err := a.read(r, &s); err != nil {
		return err
	}
	return r.ShowAs(status, page.Page{Title: name(i), Section: ui.Incidents, Trail: trail(i)[:1]}, show(s))
}

// read reads what a story is told from.
func (a *Area) read(r *page.Request, s *story) error {
	tellings, err := a.store.Tellings(r.Context(), []string{s.ID})
	if err != nil {
		return err
	}
	s.told = sumUp(tellings[s.ID])
	check, err := a.store.Check(r.Context(), s.CheckID)
	if err != nil && !scout.HasCode(err, scout.NotFound) {
		return err
	}
	s.serverID = check.ServerID
	var chosen selection
	if s.all {
		before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64) // anything else is the latest
		chosen, err = a.all(r.Context(), s.ID, before)
	} else {
		chosen, err = a.latest(r.Context(), s.ID)
	}
	if err != nil {
		return err
	}
	if chosen.earlier != 0 {
		s.earlier = r.With("before", strconv.FormatInt(chosen.earlier, 10))
	}
	return a.tell(r.Context(), s, chosen)
}
