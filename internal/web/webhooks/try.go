package webhooks

import (
	"net/http"

	"github.com/a-h/templ"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// test sends a sample event by the values of a form, and shows what came of it.
func (a *Area) test(r *page.Request) error {
	return a.try(r, func(f form, w scout.Webhook) error {
		d, attempt, err := a.Engine.Test(r.Context(), w, f.status)
		if err != nil {
			return err
		}
		shown := tested(r.Clock, d, attempt)
		if r.Part() {
			return r.ShowPart(shown)
		}
		return a.again(r, http.StatusOK, f, nil, shown)
	})
}

// try does something with the webhook that a form stands for, or says what is
// wrong with the form.
func (a *Area) try(r *page.Request, do func(form, scout.Webhook) error) error {
	f, err := a.read(r)
	if err != nil {
		return err
	}
	w, err := a.webhook(r.Context(), f)
	if err == nil {
		return do(f, w)
	}
	faults, ok := f.faultsOf(err)
	if !ok {
		return err
	}
	if r.Part() {
		return part(r, http.StatusUnprocessableEntity, wrong(faults, f.draft.fields(f.format)))
	}
	return a.again(r, http.StatusUnprocessableEntity, f, faults, nil)
}

// part answers with a part of a page and a status, and keeps nothing back.
func part(r *page.Request, status int, c templ.Component) error {
	r.Out.Header().Set("Content-Type", "text/html; charset=utf-8")
	r.Out.Header().Set("Cache-Control", "no-store")
	r.Out.WriteHeader(status)
	return c.Render(r.Context(), r.Out)
}

// diagnose goes through the doctor's steps, and shows each as it ends.
func (a *Area) diagnose(r *page.Request) error {
	return a.try(r, func(f form, w scout.Webhook) error {
		if r.Part() {
			return a.stream(r, w)
		}
		var findings []scout.Finding
		if err := a.Engine.Diagnose(r.Context(), w, func(f scout.Finding) { findings = append(findings, f) }); err != nil {
			return err
		}
		return a.again(r, http.StatusOK, f, nil, diagnosis(findings))
	})
}

// stream sends the steps of a diagnosis one by one. After the first of them it
// is too late for a status, so that an error is told in the answer.
func (a *Area) stream(r *page.Request, w scout.Webhook) error {
	if err := part(r, http.StatusOK, templ.Raw(`<ol class="steps">`)); err != nil {
		return err
	}
	flush := http.NewResponseController(r.Out).Flush
	var findings []scout.Finding
	err := a.Engine.Diagnose(r.Context(), w, func(f scout.Finding) {
		findings = append(findings, f)
		_ = step(f).Render(r.Context(), r.Out) // who left sees no more of it
		_ = flush()
	})
	end := conclusion(findings)
	if err != nil {
		end = ui.Fault("The diagnosis could not be finished. " + ui.Capital(err.Error()))
	}
	return templ.Join(templ.Raw("</ol>"), end).Render(r.Context(), r.Out)
}
