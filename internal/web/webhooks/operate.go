package webhooks

import (
	"context"
	"fmt"
	"strconv"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

func (a *Area) pause(r *page.Request) error {
	return a.operate(r, a.Manager.PauseWebhook, func(int) string { return "is paused: alerts are held back until it is resumed" })
}

func (a *Area) resume(r *page.Request) error {
	return a.operate(r, a.Manager.ResumeWebhook, func(waited int) string {
		if waited == 0 {
			return "is resumed"
		}
		return "is resumed: what waits is sent now, " + ui.Count(waited, "message")
	})
}

// operate does something to a webhook, and says what came of it. done is told
// how many deliveries waited before.
func (a *Area) operate(r *page.Request, do func(context.Context, int64) (scout.Webhook, error), done func(waited int) string) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	counts, err := a.Store.Waiting(r.Context())
	if err != nil {
		return err
	}
	w, err := do(r.Context(), id)
	if err != nil {
		return err
	}
	back := root
	if r.FormValue("form-back") == "webhook" {
		back = pathOf(id)
	}
	return r.Done(back, "Webhook "+quoted(w.Name)+" "+done(counts[id]))
}

func (a *Area) confirmDelete(r *page.Request) error {
	w, err := a.byID(r)
	if err != nil {
		return err
	}
	counts, err := a.Store.Waiting(r.Context())
	if err != nil {
		return err
	}
	text := "Nothing waits for it."
	switch n := counts[w.ID]; {
	case n == 1:
		text = "1 delivery waits for it and is cancelled."
	case n > 1:
		text = strconv.Itoa(n) + " deliveries wait for it and are cancelled."
	}
	return r.Show(below(w, "Delete"), ui.Confirm("Delete webhook "+quoted(w.Name)+"?",
		text+" What was sent to it stays in the history.", pathOf(w.ID, "delete"), "Delete webhook", pathOf(w.ID)))
}

func (a *Area) delete(r *page.Request) error {
	w, err := a.byID(r)
	if err != nil {
		return err
	}
	if err := a.Manager.DeleteWebhook(r.Context(), w.ID, manage.AnyRevision); err != nil {
		return err
	}
	return r.Done(root, "Webhook "+quoted(w.Name)+" is deleted")
}

// rotate makes a new signing secret and shows it. It is made for the revision
// that the reader saw, so that sending the form twice makes one only.
func (a *Area) rotate(r *page.Request) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	revision, err := strconv.ParseInt(r.FormValue(formRevision), 10, 64)
	if err != nil {
		return scout.Errorf(scout.Invalid, "the form is not whole: open the webhook again")
	}
	secret := a.NewSecret()
	w, err := a.Manager.RotateSecret(r.Context(), id, revision, scout.NewSecret(secret))
	if err != nil {
		return err
	}
	return r.Show(below(w, "Signing secret"), signingSecret(w, secret))
}

// previous in the query of unsign takes away the secret before alone.
const previous = "previous"

func (a *Area) confirmUnsign(r *page.Request) error {
	w, err := a.byID(r)
	if err != nil {
		return err
	}
	name, path := "Stop signing", pathOf(w.ID, "unsign")
	text := "Requests to " + quoted(w.Name) + " will have no signature. A receiver that checks it refuses them."
	if r.URL.Query().Has(previous) {
		name, path = "End the old secret", path+"?"+previous+"=1"
		text = "Requests to " + quoted(w.Name) + " will be signed with the new secret alone. A receiver that still has the old one refuses them."
	}
	return r.Show(below(w, name), ui.Confirm(name+"?", text, path, name, pathOf(w.ID)))
}

func (a *Area) unsign(r *page.Request) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	patch, done := map[string]any{"secret": nil, "previous_secret": nil}, "Requests to %s are no longer signed"
	if r.URL.Query().Has(previous) {
		patch, done = map[string]any{"previous_secret": nil}, "Requests to %s are signed with the new secret alone"
	}
	w, err := a.Manager.ChangeWebhook(r.Context(), id, manage.AnyRevision, patch)
	if err != nil {
		return err
	}
	return r.Done(pathOf(id), fmt.Sprintf(done, quoted(w.Name)))
}

// below is the page around something about one webhook.
func below(w scout.Webhook, name string) page.Page {
	p := around(name)
	p.Trail = append(p.Trail, ui.Crumb{Name: w.Name, Path: pathOf(w.ID)})
	return p
}
