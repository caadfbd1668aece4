package webhooks

import (
	"net/url"
	"slices"
	"strings"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// The names of what a form has beside a webhook's own keys. Keys have no
// hyphen, so that none can be the same.
const (
	formID       = "form-id"       // of the webhook that is changed; absent for a new one
	formRevision = "form-revision" // that it was of when it was read
	formShown    = "form-shown"    // for which the drawn fields were drawn
	formSign     = "form-sign"
	headerName   = "header-name"
	headerValue  = "header-value"
)

// A draft is a webhook as a form holds it: text, with the mask in the place of
// each stored secret.
type draft struct {
	URL, Name, Format     string
	Alerts                []string
	Headers               []header
	Servers, Tags, Checks []string
	Settings              map[string]string // of the format; other names may be in it
	Sign                  bool              // make a signing secret
}

type header struct{ Name, Value string }

// fieldOf is the path under which errors name a header.
func (h header) fieldOf() string { return scout.JoinPath("headers", h.Name) }

// newDraft is what the form of a new webhook begins with.
func newDraft() draft {
	return draft{Format: "auto", Alerts: scout.AllAlerts.Names(), Settings: map[string]string{}}
}

// draftOf is a stored webhook as its form begins.
func draftOf(w scout.Webhook) draft {
	shown := manage.ShowWebhook(w)
	d := draft{
		URL: w.DisplayURL, Name: w.Name, Format: w.Format, Alerts: w.AlertTypes.Names(),
		Servers: w.Match.Servers, Tags: w.Match.Tags, Checks: w.Match.Checks, Settings: map[string]string{},
	}
	for _, h := range w.Headers {
		d.Headers = append(d.Headers, header{h.Name, h.Value.String()})
	}
	for name := range w.Settings {
		d.Settings[name] = textOf(shown[name])
	}
	return d
}

// readDraft reads what was typed. Rows without content are no rows.
func readDraft(form url.Values) draft {
	d := draft{
		URL: strings.TrimSpace(form.Get("url")), Name: strings.TrimSpace(form.Get("name")), Format: form.Get("format"),
		Alerts: form["alert_types"], Servers: lines(form["match.servers"]), Tags: lines(form["match.tags"]),
		Checks: lines(form["match.checks"]), Settings: map[string]string{}, Sign: form.Get(formSign) != "",
	}
	values := form[headerValue]
	for i, name := range form[headerName] {
		h := header{Name: strings.TrimSpace(name)}
		if i < len(values) {
			h.Value = strings.TrimSpace(values[i])
		}
		if h.Name != "" || h.Value != "" && h.Value != scout.Masked {
			d.Headers = append(d.Headers, h)
		}
	}
	for name := range form {
		d.Settings[name] = strings.TrimSpace(form.Get(name))
	}
	return d
}

// lines are the lines of inputs that have content.
func lines(inputs []string) []string {
	list := []string{}
	for _, input := range inputs {
		for line := range strings.Lines(input) {
			if line = strings.TrimSpace(line); line != "" {
				list = append(list, line)
			}
		}
	}
	return list
}

// faults are what only a form can have wrong: two rows of one header, one
// without a value, no alert type at all.
func (d draft) faults() *scout.Faults {
	var faults scout.Faults
	seen := map[string]bool{}
	for _, h := range d.Headers {
		switch name := strings.ToLower(h.Name); {
		case name == "":
			faults.Add(h.fieldOf(), "", "a value needs the name of its header")
		case seen[name]:
			faults.Add(h.fieldOf(), "", "%s is given twice", h.Name)
		case h.Value == "":
			faults.Add(h.fieldOf(), "", "%s needs a value; to leave it out, remove both", h.Name)
		}
		seen[strings.ToLower(h.Name)] = true
	}
	if len(d.Alerts) == 0 {
		faults.Add("alert_types", "", "choose at least one: without any it would hear nothing")
	}
	return &faults
}

// keys are the draft as manage reads it, for a format. With a stored webhook
// they are a merge patch of it, which removes what the form or the format does
// not have.
func (d draft) keys(format scout.FormatMeta, stored scout.Webhook) map[string]any {
	headers := map[string]any{}
	for _, h := range stored.Headers {
		headers[h.Name] = nil
	}
	for _, h := range d.Headers {
		headers[h.Name] = h.Value
	}
	keys := map[string]any{
		"url": d.URL, "name": page.OrNil(d.Name), "format": d.Format, "alert_types": d.Alerts, "headers": headers,
		"match": map[string]any{"servers": d.Servers, "tags": d.Tags, "checks": d.Checks},
	}
	for name := range stored.Settings {
		if !slices.Contains(scout.FieldNames(format.Fields), name) {
			keys[name] = nil
		}
	}
	for _, f := range drawn(format) {
		keys[f.Name] = valueOf(f, d.Settings[f.Name])
	}
	return keys
}

// forget takes out of a draft that is sent back what is secret and was typed,
// and says of each that it is to be typed again.
func (d *draft) forget(format scout.FormatMeta, faults ui.Faults) {
	const again = "type it again: what is secret is not sent back to a browser"
	typed := func(value, field string) string {
		if value == "" || value == scout.Masked {
			return value
		}
		if faults[field] == "" {
			faults[field] = again
		}
		return ""
	}
	d.Headers = slices.Clone(d.Headers)
	for i, h := range d.Headers {
		d.Headers[i].Value = typed(h.Value, h.fieldOf())
	}
	for _, f := range format.Fields {
		if f.Secret {
			d.Settings[f.Name] = typed(d.Settings[f.Name], f.Name)
		}
	}
}

// fields lists the fields that the form has an error's place for.
func (d draft) fields(format scout.FormatMeta) []string {
	list := []string{"url", "name", "format", "alert_types", "headers", "match.servers", "match.tags", "match.checks", "secret", "previous_secret"}
	for _, h := range d.Headers {
		list = append(list, h.fieldOf())
	}
	for _, f := range drawn(format) {
		list = append(list, f.Name)
	}
	return list
}
