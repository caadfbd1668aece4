package webhooks

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// latestShown is how many deliveries the page of a webhook shows.
const latestShown = 10

// A view is the page of one webhook, made or being made.
type view struct {
	form
	clock     ui.Clock
	faults    ui.Faults
	formats   []scout.FormatMeta
	suggested string  // name
	names     names   // to filter by
	preview   drawing // of the message
	styles    string  // address of the previews' style sheet
	answer    templ.Component
	waiting   int
	latest    []scout.Delivery
}

func (v view) isNew() bool    { return v.stored.ID == 0 }
func (v view) declared() bool { return v.stored.Source == scout.FromFile }

func (v view) name() string {
	if v.isNew() {
		return "Add New Webhook"
	}
	return v.stored.Name
}

// path is where the webhook's own page is, or that of a new one.
func (v view) path() string {
	if v.isNew() {
		return root + "/new"
	}
	return pathOf(v.stored.ID)
}

func pathOf(id int64, more ...string) string {
	path := root + "/" + strconv.FormatInt(id, 10)
	for _, step := range more {
		path += "/" + step
	}
	return path
}

// view gathers what the page of a webhook shows.
func (a *Area) view(r *page.Request, f form) (v view, err error) {
	v = view{form: f, clock: r.Clock, formats: a.Formats, styles: a.styles(), faults: ui.Faults{}}
	if v.suggested, err = a.suggested(r.Context(), f); err != nil {
		return v, err
	}
	if v.preview, err = a.draw(r.Context(), f); err != nil {
		return v, err
	}
	if v.isNew() || !v.declared() {
		if v.names, err = a.names(r.Context()); err != nil {
			return v, err
		}
	}
	if v.isNew() {
		return v, nil
	}
	counts, err := a.Store.Waiting(r.Context())
	if err != nil {
		return v, err
	}
	v.waiting = counts[f.stored.ID]
	v.latest, err = a.Store.ListDeliveries(r.Context(), scout.DeliveryFilter{WebhookID: f.stored.ID}, latestShown)
	return v, err
}

// again answers with the page of a form as it was typed, but for secrets.
func (a *Area) again(r *page.Request, status int, f form, faults ui.Faults, answer templ.Component) error {
	v, err := a.view(r, f) // before the secrets are forgotten, which the preview may need
	if err != nil {
		return err
	}
	if faults != nil {
		v.faults = faults
	}
	if !f.asStored {
		v.draft.forget(f.format, v.faults)
	}
	v.answer = answer
	return r.ShowAs(status, around(v.name()), detail(v))
}

func (a *Area) add(r *page.Request) error {
	v, err := a.view(r, a.typed(r, scout.Webhook{}))
	if err != nil {
		return err
	}
	return r.Show(around(v.name()), detail(v))
}

func (a *Area) show(r *page.Request) error {
	w, err := a.byID(r)
	if err != nil {
		return err
	}
	v, err := a.view(r, a.typed(r, w))
	if err != nil {
		return err
	}
	return r.Show(around(v.name()), detail(v))
}

func (a *Area) byID(r *page.Request) (scout.Webhook, error) {
	id, err := r.ID("id")
	if err != nil {
		return scout.Webhook{}, err
	}
	return a.Store.Webhook(r.Context(), id)
}

func (a *Area) create(r *page.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := a.typed(r, scout.Webhook{})
	suggested, err := a.suggested(r.Context(), f)
	if err != nil {
		return err
	}
	f.draft.Name = cmp.Or(f.draft.Name, suggested)
	keys, secret := a.keys(f)
	return a.save(r, f, secret, func() (scout.Webhook, error) { return a.Manager.CreateWebhook(r.Context(), keys) })
}

func (a *Area) change(r *page.Request) error {
	w, err := a.byID(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	f := a.typed(r, w)
	revision, err := strconv.ParseInt(r.PostForm.Get(formRevision), 10, 64)
	if err != nil {
		return scout.Errorf(scout.Invalid, "the form is not whole: open the webhook again")
	}
	keys, secret := a.keys(f)
	return a.save(r, f, secret, func() (scout.Webhook, error) { return a.Manager.ChangeWebhook(r.Context(), w.ID, revision, keys) })
}

// save stores a form, unless something is wrong with it, and says so. A signing
// secret that was made for it is shown, once.
func (a *Area) save(r *page.Request, f form, secret string, store func() (scout.Webhook, error)) error {
	var w scout.Webhook
	err := f.draft.faults().Err()
	if err != nil {
		_, err = a.webhook(r.Context(), f) // everything that is wrong, not the form's own faults alone
	} else {
		w, err = store()
	}
	if err != nil {
		faults, ok := f.faultsOf(err)
		if !ok {
			return err
		}
		return a.again(r, http.StatusUnprocessableEntity, f, faults, nil)
	}
	if secret != "" {
		return r.Show(around("Signing secret of "+w.Name), signingSecret(w, secret))
	}
	return r.Done(pathOf(w.ID), "Webhook "+quoted(w.Name)+" is saved")
}

// fields answers with the part of the form that depends on the target, or with
// no content while what is shown is still right, so that nothing that is being
// typed there is lost.
func (a *Area) fields(r *page.Request) error {
	f, err := a.read(r)
	if err != nil {
		return err
	}
	if !r.Part() {
		return a.again(r, http.StatusOK, f, nil, nil)
	}
	v := view{form: f, faults: ui.Faults{}}
	if v.suggested, err = a.suggested(r.Context(), f); err != nil {
		return err
	}
	if r.PostForm.Get(formShown) == v.shown() {
		r.Out.WriteHeader(http.StatusNoContent)
		return nil
	}
	v.draft.forget(f.format, v.faults)
	return r.ShowPart(targetFields(v))
}

// shown names what the drawn fields were drawn for.
func (v view) shown() string {
	return v.format.Name + " " + strconv.FormatBool(v.known) + " " + v.draft.Format + " " + v.suggested
}

func quoted(name string) string { return "“" + name + "”" }
