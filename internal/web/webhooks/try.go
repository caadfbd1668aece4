package webhooks

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

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
		end = ui.Fault("The diagnosis could not be finished. " + upper(err.Error()))
	}
	return templ.Join(templ.Raw("</ol>"), end).Render(r.Context(), r.Out)
}

// advice is what to do about the answer of a receiver, where what it said does
// not tell; "" where the sentence about it does.
func advice(a scout.Attempt) string {
	switch a.Verdict.Fault {
	case scout.FaultRedirect:
		return "Put the address it leads to into Endpoint URL: an alert must not go where nobody has chosen."
	case scout.FaultGone:
		return "The receiver says that this address is gone for good. Make a new one there and put it into Endpoint URL."
	case scout.FaultRateLimited:
		return "The receiver takes no more for the moment. Wait, then test again."
	case scout.FaultServerError:
		return "The receiver itself failed; its log says why. An alert would be tried again for at least a day."
	case scout.FaultRejected:
		return "The receiver answered with success, but says that it did not take the message. Its answer below says why."
	case scout.FaultTimeout:
		return "A receiver has 10 seconds to answer. Let it answer first and work afterwards."
	case scout.FaultMisconfigured:
		return adviceOn(a.Status)
	default:
		return ""
	}
}

func adviceOn(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "The receiver refuses the credential. Check the key in the URL, in the fields or in the custom headers."
	case http.StatusNotFound:
		return "The receiver knows nothing at this address. Check the URL: copy it there again, whole."
	case http.StatusMethodNotAllowed:
		return "The receiver takes no POST at this address. Check the URL."
	case http.StatusRequestEntityTooLarge:
		return "The message is too long for the receiver. Raise its limit."
	case http.StatusUnsupportedMediaType, http.StatusBadRequest, http.StatusUnprocessableEntity:
		return "The receiver does not understand the message. Check that Format fits it; its answer below may say what it wants."
	default:
		return ""
	}
}

// upper is a text with a capital at its beginning, unless that is a host name.
func upper(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if text == "" || strings.Contains(strings.TrimRight(word, ".,:"), ".") {
		return text
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
