package holds

import (
	"cmp"
	"net/http"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
)

func (a *Area) add(r *page.Request) error { return a.show(r, http.StatusOK, newForm(r)) }

func (a *Area) create(r *page.Request) error {
	f, err := read(r, scout.Hold{})
	if err != nil {
		return err
	}
	h, err := a.manager.CreateHold(r.Context(), r.Person.Name, f.keys())
	if err != nil {
		return a.refused(r, f, err)
	}
	if h.State(r.Clock.Now) == scout.HoldPlanned {
		return r.Done(root, subject(h)+" is planned from "+r.Clock.Minute(h.From)+" until "+r.Clock.Minute(h.Until))
	}
	return r.Done(root, subject(h)+" lasts until "+r.Clock.Minute(h.Until))
}

func (a *Area) edit(r *page.Request) error {
	h, err := a.changeable(r)
	if err != nil {
		return err
	}
	return a.show(r, http.StatusOK, formOf(h, cmp.Or(r.Clock.Zone, time.UTC)))
}

// changeable reads the hold that a request is about, and refuses one that has
// ended.
func (a *Area) changeable(r *page.Request) (scout.Hold, error) {
	h, err := a.hold(r)
	if err == nil && h.State(r.Clock.Now) == scout.HoldEnded {
		err = scout.Errorf(scout.Conflict, "this %s has ended: set a new one", h.Kind)
	}
	return h, err
}

func (a *Area) change(r *page.Request) error {
	h, err := a.changeable(r)
	if err != nil {
		return err
	}
	f, err := read(r, h)
	if err != nil {
		return err
	}
	if h, err = a.manager.ChangeHold(r.Context(), h.ID, page.Revision(f.Revision), f.keys()); err != nil {
		return a.refused(r, f, err)
	}
	return r.Done(root, subject(h)+" was saved: it lasts until "+r.Clock.Minute(h.Until))
}

func (a *Area) end(r *page.Request) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	h, err := a.manager.EndHold(r.Context(), id)
	if err != nil {
		return err
	}
	return r.Done(root, subject(h)+" has ended: what it held back and is still open is told now")
}

func (a *Area) confirmDelete(r *page.Request) error {
	h, err := a.hold(r)
	if err != nil {
		return err
	}
	if h.State(r.Clock.Now) != scout.HoldEnded {
		return scout.Errorf(scout.Conflict, "this %s has not ended: end it first", h.Kind)
	}
	return r.Show(around("Delete "+string(h.Kind)), deletePage(h, r.Clock))
}

func (a *Area) delete(r *page.Request) error {
	h, err := a.hold(r)
	if err != nil {
		return err
	}
	if err := a.manager.DeleteHold(r.Context(), h.ID, page.Revision(r.PostFormValue("revision"))); err != nil {
		return err
	}
	return r.Done(root, subject(h)+" was deleted")
}
