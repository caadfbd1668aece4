package webhooks

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// largestForm is how many bytes a form may have.
const largestForm = 1 << 20

// A form is a webhook being made or changed, or one that is looked at.
type form struct {
	stored   scout.Webhook // ID 0: a new one
	asStored bool          // nothing was typed: the draft is what is stored
	draft    draft
	format   scout.FormatMeta
	known    bool // format is that of the URL's own target
	status   scout.Status
	json     bool // show the JSON that is sent, not the message
}

// read reads a form that was posted: typed values, or for what the file
// declares and for a button beside no form, the id alone.
func (a *Area) read(r *page.Request) (form, error) {
	if err := parse(r); err != nil {
		return form{}, err
	}
	var stored scout.Webhook
	if text := r.PostForm.Get(formID); text != "" {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return form{}, scout.Errorf(scout.NotFound, "there is no such webhook")
		}
		if stored, err = a.Store.Webhook(r.Context(), id); err != nil {
			return form{}, err
		}
	}
	return a.typed(r, stored), nil
}

// parse reads the values of a form as browsers and scout.js send them.
func parse(r *page.Request) error {
	r.Body = http.MaxBytesReader(r.Out, r.Body, largestForm)
	err := r.ParseForm()
	if err == nil {
		err = r.ParseMultipartForm(largestForm)
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return scout.Errorf(scout.Invalid, "what was sent is no form, or one that is too long")
	}
	return nil
}

// typed is the form of a webhook with what a request holds of it.
func (a *Area) typed(r *page.Request, stored scout.Webhook) form {
	f := form{stored: stored, status: scout.StatusDown, json: r.FormValue("json") != ""}
	if status, err := scout.ParseStatus(r.FormValue("preview")); err == nil {
		f.status = status
	}
	f.asStored = stored.ID != 0 && (stored.Source == scout.FromFile || !r.PostForm.Has("url"))
	switch {
	case f.asStored:
		f.draft = draftOf(stored)
	case r.PostForm.Has("url"):
		f.draft = readDraft(r.PostForm)
	default:
		f.draft = newDraft()
	}
	f.format, f.known = a.formatOf(f.draft, stored)
	if stored.ID != 0 && f.format.Name != manage.FormatOf(stored).Name {
		f.draft.unmask(f.format)
	}
	return f
}

// unmask takes out masks for which another format's secrets stood.
func (d draft) unmask(format scout.FormatMeta) {
	for _, f := range format.Fields {
		if d.Settings[f.Name] == scout.Masked {
			delete(d.Settings, f.Name)
		}
	}
}

// formatOf is the format of a draft, and whether its URL is known as that
// target's own.
func (a *Area) formatOf(d draft, stored scout.Webhook) (scout.FormatMeta, bool) {
	byURL, known := a.Recognise(d.URL)
	if stored.ID != 0 && d.URL == stored.DisplayURL { // masked: the URL itself says it
		others, _ := a.Recognise("")
		byURL = manage.FormatOf(scout.Webhook{URL: stored.URL})
		known = byURL.Name != others.Name
	}
	i := slices.IndexFunc(a.Formats, func(f scout.FormatMeta) bool { return f.Name == d.Format })
	if i < 0 {
		return byURL, known
	}
	return a.Formats[i], known && byURL.Name == d.Format
}

// webhook is the webhook that a form stands for, to be tried out. An error says
// what is wrong with the values; the webhook is then as far as they go.
func (a *Area) webhook(ctx context.Context, f form) (scout.Webhook, error) {
	if f.asStored {
		return f.stored, nil
	}
	keys, _ := a.keys(f)
	w, err := a.Manager.UnsavedWebhook(ctx, f.stored.ID, keys)
	faults := f.draft.faults()
	faults.JoinNew(err)
	if err == nil || scout.HasCode(err, scout.Invalid) {
		err = faults.Err()
	}
	return w, err
}

// keys are what manage reads of a form, and the signing secret that was made
// for it, if it asks for one: for a new webhook, or in the place of one that is
// not sent to the URL's new host.
func (a *Area) keys(f form) (keys map[string]any, secret string) {
	keys = f.draft.keys(f.format, f.stored)
	if f.draft.Sign {
		secret = a.NewSecret()
		keys["secret"], keys["previous_secret"] = secret, nil
	}
	return keys, secret
}

// faultsOf sorts what is wrong with a form by its fields. It is false for an
// error that is not about the form.
func (f form) faultsOf(err error) (ui.Faults, bool) {
	switch {
	case scout.HasCode(err, scout.Conflict): // of all that is stored, the name alone must differ
		return ui.Faults{"name": err.Error()}, true
	case scout.HasCode(err, scout.Invalid), scout.HasCode(err, scout.Changed):
		return ui.FaultsOf(err, f.draft.fields(f.format)...), true
	default:
		return nil, false
	}
}

// suggested is a name for a new webhook that no other has: its target's, or the
// host's where that says more.
func (a *Area) suggested(ctx context.Context, f form) (string, error) {
	if f.draft.URL == "" || f.stored.ID != 0 {
		return "", nil
	}
	name := f.format.Title
	if u, err := url.Parse(f.draft.URL); err == nil && u.Hostname() != "" && !f.known && f.draft.Format == "auto" {
		name = scout.Shorten(u.Hostname(), 100)
	}
	for n := 1; ; n++ {
		candidate := name
		if n > 1 {
			candidate += " " + strconv.Itoa(n)
		}
		found, err := a.Store.FindWebhooks(ctx, scout.WebhookFilter{Name: candidate}, 1)
		if err != nil || len(found) == 0 {
			return candidate, err
		}
	}
}
