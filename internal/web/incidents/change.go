package incidents

import (
	"fmt"
	"net/http"
	"strings"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// acknowledge takes the incident on in the reader's name.
func (a *Area) acknowledge(r *page.Request) error {
	i, err := a.store.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !i.Open() {
		return scout.Errorf(scout.Conflict, "the incident has ended: there is nothing left to take on")
	}
	note := strings.TrimSpace(r.PostFormValue("note"))
	_, err = a.manager.Acknowledge(r.Context(), i.ID, r.Person.Name, note)
	if scout.HasCode(err, scout.Invalid) {
		return a.showAs(r, http.StatusUnprocessableEntity, i, noteForm{note, ui.FaultsOf(err, "note")})
	}
	if err != nil {
		return err
	}
	return r.Done(path(i), "You acknowledged the incident. It is not reminded of again unless it gets worse.")
}

func (a *Area) unacknowledge(r *page.Request) error {
	i, err := a.store.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if _, err := a.manager.Unacknowledge(r.Context(), i.ID); err != nil {
		return err
	}
	return r.Done(path(i), "The acknowledgement is taken back. Reminders go on.")
}

// send makes one delivery of the incident due now.
func (a *Area) send(r *page.Request) error {
	id, err := r.ID("delivery")
	if err != nil {
		return err
	}
	d, err := a.store.Delivery(r.Context(), id)
	if err != nil {
		return err
	}
	if d.IncidentID != r.PathValue("id") {
		return scout.Errorf(scout.NotFound, "delivery %d is not of this incident", id)
	}
	if err := a.manager.SendAgain(r.Context(), id); err != nil {
		return err
	}
	return r.Done("incidents/"+d.IncidentID, fmt.Sprintf("%s is told now.", scout.Shorten(d.Webhook, shownName)))
}

func (a *Area) confirmDelete(r *page.Request) error {
	i, err := a.store.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if i.Open() {
		return scout.Errorf(scout.Conflict, "the incident has not ended: pause or delete its check to end it")
	}
	text := fmt.Sprintf("%s. It began at %s. Its %s and all that is on record of its notifications go with it, for good.",
		stateSentence(i, r.Clock.Now), r.Clock.Exact(i.Began), ui.Count(i.Events, "event"))
	return r.Show(page.Page{Title: "Delete", Section: ui.Incidents, Trail: trail(i)},
		ui.Confirm("Delete this incident?", text, path(i)+"/delete", "Delete the incident", path(i)))
}

func (a *Area) delete(r *page.Request) error {
	i, err := a.store.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := a.manager.DeleteIncident(r.Context(), i.ID); err != nil {
		return err
	}
	return r.Done("incidents", fmt.Sprintf("The incident of %s is deleted.", name(i)))
}

func path(i scout.Incident) string { return "incidents/" + i.ID }

// trail leads to the page of an incident.
func trail(i scout.Incident) []ui.Crumb {
	return []ui.Crumb{{Name: "Incidents", Path: "incidents"}, {Name: name(i), Path: path(i)}}
}
