package integration

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"serverscout/internal/scout"
)

const (
	maxDetail  = 300  // characters of a verdict's sentence
	maxExcerpt = 2048 // bytes of a body that are looked at for it
)

// Classify says what an answer means. The format's own words come first, then
// the general rules: 2xx is delivered, 410 disables the webhook, everything
// else is tried again. A Retry-After of any answer but a 2xx is honoured. The
// time now is used only for a Retry-After date from a receiver that does not
// tell its own.
func Classify(f Format, r scout.Response, now time.Time) scout.Verdict {
	v, decided := scout.Verdict{}, false
	if f.Classify != nil {
		v, decided = f.Classify(r)
	}
	if !decided {
		v = classifyStatus(f, r)
	}
	if v.Outcome == scout.OutcomeRetry && v.RetryAfter == 0 && !isSuccess(r.Status) {
		v.RetryAfter = retryAfter(r, now)
	}
	v.RetryAfter = min(max(v.RetryAfter, 0), maxRetryAfter)
	v.Detail = scout.Shorten(oneLine(v.Detail), maxDetail)
	return v
}

func isSuccess(status int) bool { return status >= 200 && status <= 299 }

// classifyStatus applies the general rules, which look at the status alone.
func classifyStatus(f Format, r scout.Response) scout.Verdict {
	if isSuccess(r.Status) {
		return scout.Verdict{Outcome: scout.OutcomeDelivered}
	}
	v := scout.Verdict{Outcome: scout.OutcomeRetry, Fault: statusFault(r.Status), Detail: answered(f, r)}
	switch v.Fault {
	case scout.FaultGone:
		v.Outcome = scout.OutcomeDisabled
	case scout.FaultRedirect:
		v.Detail = redirected(f, r)
	}
	return v
}

// statusFault names a status that is not a 2xx.
func statusFault(status int) scout.Fault {
	switch status {
	case http.StatusGone:
		return scout.FaultGone
	case http.StatusTooManyRequests:
		return scout.FaultRateLimited
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden,
		http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusProxyAuthRequired,
		http.StatusLengthRequired, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusRequestHeaderFieldsTooLarge:
		return scout.FaultMisconfigured
	}
	switch status / 100 {
	case 3:
		return scout.FaultRedirect
	case 5:
		return scout.FaultServerError
	default:
		return scout.FaultStatus
	}
}

// receiver is what a sentence calls the other end.
func receiver(f Format) string {
	if f.Name == nativeName || f.Title == "" {
		return "The receiver"
	}
	return f.Title
}

// answered tells the status and what the receiver said about it.
func answered(f Format, r scout.Response) string {
	if said := excerpt(r.Body); said != "" {
		return fmt.Sprintf("%s answered %d: %s", receiver(f), r.Status, said)
	}
	return strings.TrimSpace(fmt.Sprintf("%s answered %d %s", receiver(f), r.Status, http.StatusText(r.Status)))
}

// redirected tells where an answer points to. It names the host only: paths
// and queries may hold credentials.
func redirected(f Format, r scout.Response) string {
	to := "another address"
	if u, err := url.Parse(r.Header.Get("Location")); err == nil && u.Host != "" {
		to = u.Host
	}
	return fmt.Sprintf("%s answered %d, a redirect to %s, and redirects are not followed: use the final URL",
		receiver(f), r.Status, to)
}

// excerpt returns the beginning of a body as one line. Markup says nothing to
// a person and gives "".
func excerpt(body []byte) string {
	text := oneLine(string(body[:min(len(body), maxExcerpt)]))
	if strings.HasPrefix(text, "<") {
		return ""
	}
	return text
}
