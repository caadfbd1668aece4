package egress

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// slow is from how long on an answer is warned of: it comes near the deadline.
const slow = 5 * time.Second

// excerptLength is how many characters of an answer's body a finding shows.
const excerptLength = 200

// answer is the finding about an answer's status.
func (d *diagnosis) answer(resp scout.Response) scout.Finding {
	f := scout.Finding{Step: scout.StepAnswer, Outcome: scout.FindingPassed, Facts: answerFacts(resp)}
	if !d.answered.IsZero() {
		f.Took = max(d.answered.Sub(d.mark), 0)
	}
	f.Says = fmt.Sprintf("%s answered %s", d.flight.host(), statusLine(resp.Status))
	if resp.Status >= 200 && resp.Status <= 299 {
		return f
	}
	f.Outcome = scout.FindingFailed
	if d.wrongScheme {
		d.adviseTLS(&f)
		return f
	}
	switch to := d.location(resp); {
	case to != "":
		f.Says += ", a redirect to " + to + ", which is not followed"
		f.Remedy = "use " + to + " as the webhook's URL"
		f.Facts = append(f.Facts, [2]string{"location", to})
	default:
		f.Remedy = d.remedy(resp)
	}
	return f
}

func statusLine(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// answerFacts are the parts of an answer that say what the receiver means.
func answerFacts(resp scout.Response) [][2]string {
	facts := [][2]string{{"status", statusLine(resp.Status)}, {"protocol", resp.Proto}}
	for _, name := range []string{"Content-Type", "Retry-After", "Www-Authenticate", "Allow"} {
		if value := resp.Header.Get(name); value != "" {
			facts = append(facts, [2]string{strings.ToLower(name), scout.Shorten(value, excerptLength)})
		}
	}
	if body := strings.Join(strings.Fields(strings.ToValidUTF8(string(resp.Body[:min(len(resp.Body), keptBody)]), "\uFFFD")), " "); body != "" {
		facts = append(facts, [2]string{"body", scout.Shorten(body, excerptLength)})
	}
	return facts
}

// location is the URL that a redirect leads to, credentials masked; "" if it
// is none.
func (d *diagnosis) location(resp scout.Response) string {
	raw := resp.Header.Get("Location")
	to, err := url.Parse(raw)
	if resp.Status/100 != 3 || raw == "" || err != nil {
		return ""
	}
	to = d.flight.url.ResolveReference(to)
	if to.Host == "" {
		return ""
	}
	return d.masker.maskURL(to)
}

// remedy is what to do about an answer that is no success.
func (d *diagnosis) remedy(resp scout.Response) string {
	switch resp.Status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return "choose the format that the receiver wants: its answer says what it misses"
	case http.StatusUnauthorized, http.StatusForbidden:
		return d.credentialRemedy()
	case http.StatusNotFound:
		return "check the path of the URL: copy it anew from the receiver, where the webhook may have been removed"
	case http.StatusMethodNotAllowed:
		return "check the path of the URL: this one takes no POST, which webhooks are sent by"
	case http.StatusGone:
		return "make a new webhook at the receiver and paste its URL: this one is gone for good, and a delivery to it would disable the webhook"
	case http.StatusRequestEntityTooLarge:
		return fmt.Sprintf("raise the receiver's limit for request bodies, in it or in the proxy before it: this one had %d bytes", len(d.request.Body))
	case http.StatusUnsupportedMediaType:
		return fmt.Sprintf("choose the format that the receiver wants, or set the header Content-Type: it does not take %s", d.contentType())
	case http.StatusTooManyRequests:
		if wait := resp.Header.Get("Retry-After"); wait != "" {
			return "wait as long as it asks for (Retry-After: " + scout.Shorten(d.masker.maskValue(wait), 40) + "), and let this webhook hear less if it happens again"
		}
		return "wait, and let this webhook hear less if it happens again: the receiver takes no more messages at the moment"
	}
	switch resp.Status / 100 {
	case 3:
		return "ask the receiver for the final URL: its answer does not name one"
	case 5:
		return "look into the receiver's log: the fault is there, and messages are tried again until it is repaired"
	default:
		return "check that the URL is that of a webhook: only an answer with a status from 200 to 299 is a success"
	}
}

// contentType is what the request says of its body, masked if a custom header
// says it.
func (d *diagnosis) contentType() string {
	return d.masker.maskValue(headerOf(d.request, d.flight.url).Get("Content-Type"))
}

// credentialRemedy names what was sent for a credential.
func (d *diagnosis) credentialRemedy() string {
	remedy := "add the header that the receiver wants, such as Authorization with a token"
	inURL := d.flight.url.User != nil && d.request.Header.Get("Authorization") == ""
	names, others := d.credentials()
	switch {
	case inURL:
		remedy = "check the user and the password in the URL"
	case len(names) > 0:
		remedy = "check the value of the header " + strings.Join(names, " and ")
	case others:
		remedy = "check the token or key in the webhook's URL or settings: copy it anew from the receiver"
	}
	if d.request.Header.Get("Webhook-Signature") != "" {
		remedy += ", and that the receiver has the signing secret"
	}
	return remedy
}

// credentials lists the headers that carry a secret, and says whether the
// request has secrets elsewhere.
func (d *diagnosis) credentials() (names []string, others bool) {
	carried := map[string]bool{}
	for name, values := range d.request.Header {
		secret := isCredential(name)
		for _, value := range values {
			if slices.Contains(d.request.Secrets, value) {
				secret, carried[value] = true, true
			}
		}
		if secret {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	others = slices.ContainsFunc(d.request.Secrets, func(s string) bool { return !carried[s] })
	return names, others
}

// time is the finding about how long the whole exchange took.
func (d *diagnosis) time() scout.Finding {
	f := scout.Finding{Step: scout.StepTime, Outcome: scout.FindingPassed, Took: time.Since(d.began)}
	limit := seconds(d.client.timeout)
	f.Says = fmt.Sprintf("it took %s in all; the limit is %s", seconds(f.Took.Round(time.Millisecond)), limit)
	if f.Took > slow {
		f.Outcome = scout.FindingWarned
		f.Remedy = "let the receiver answer at once and do its work afterwards: what takes longer than " + limit + " has failed"
	}
	return f
}
