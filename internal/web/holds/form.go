package holds

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// A form is a hold being set or changed.
type form struct {
	Hold       scout.Hold // as it is stored; the zero value for a new one
	Revision   string
	Kind       string
	Match      scout.Match
	Everything bool
	Comment    string
	From       string // in Zone, as inputs of a date and time hold it
	Until      string
	For        string // a duration
	// Zone is that in which the times are. The form carries it along, since the
	// reader's zone is not known yet when the first page is drawn.
	Zone   *time.Location
	Faults ui.Faults
	Known  known
}

// standardLength is how long a new hold lasts unless something else is chosen.
const standardLength = "1h"

// lengths are what can be chosen for how long a hold lasts.
func lengths() []ui.Choice {
	return []ui.Choice{
		{Value: "30m", Label: "30 minutes"},
		{Value: "1h", Label: "1 hour"},
		{Value: "2h", Label: "2 hours"},
		{Value: "8h", Label: "8 hours"},
		{Value: "1d", Label: "1 day"},
	}
}

// newForm is the form of a new hold, filled in as its address says.
func newForm(r *page.Request) form {
	q := r.URL.Query()
	f := form{
		Kind: string(scout.Silence), For: standardLength, Zone: cmp.Or(r.Clock.Zone, time.UTC),
		Match: scout.Match{Servers: names(q["server"]), Tags: names(q["tag"]), Checks: names(q["check"])},
	}
	if q.Get("kind") == string(scout.Maintenance) {
		f.Kind = string(scout.Maintenance)
	}
	return f
}

// formOf is the form of a hold that there is.
func formOf(h scout.Hold, zone *time.Location) form {
	f := form{
		Hold: h, Revision: strconv.FormatInt(h.Revision, 10), Kind: string(h.Kind), Match: h.Match, Everything: h.Match.Empty(),
		Comment: h.Comment, Zone: zone,
	}
	f.Until = f.storedUntil()
	return f
}

// read reads a form that was sent.
func read(r *page.Request, h scout.Hold) (form, error) {
	if err := r.ParseForm(); err != nil {
		return form{}, scout.Errorf(scout.Invalid, "what was sent is no form, or one of more than a megabyte")
	}
	in := r.PostForm
	f := form{
		Hold: h, Revision: in.Get("revision"), Kind: in.Get("kind"), Everything: in.Has("everything"), Comment: strings.TrimSpace(in.Get("comment")),
		Match: scout.Match{Servers: names(in["match.servers"]), Tags: names(in["match.tags"]), Checks: names(in["match.checks"])},
		From:  strings.TrimSpace(in.Get("from")), Until: strings.TrimSpace(in.Get("until")), For: in.Get("for"), Zone: cmp.Or(r.Clock.Zone, time.UTC),
	}
	if zone, err := time.LoadLocation(in.Get("zone")); err == nil {
		f.Zone = zone
	}
	if h.ID != 0 {
		f.Kind = string(h.Kind)
	}
	return f, nil
}

// names are those of some inputs that were filled in, once each.
func names(values []string) []string {
	var list []string
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}

// storedUntil is the end of the stored hold as the form shows it.
func (f form) storedUntil() string { return f.clock().Typed(f.Hold.Until.Truncate(time.Minute)) }

// keys are what manage reads of the form: of a hold that there is, what was
// changed. The end stands in the place of the length where it was filled in,
// as the form says; as it is shown it lacks the seconds, so that one left alone
// must not count.
func (f form) keys() map[string]any {
	keys := map[string]any{
		"comment": f.Comment, "everything": f.Everything,
		"match": map[string]any{"servers": list(f.Match.Servers), "tags": list(f.Match.Tags), "checks": list(f.Match.Checks)},
	}
	isNew := f.Hold.ID == 0
	if isNew {
		keys["kind"], keys["from"] = page.OrNil(f.Kind), page.OrNil(f.instant(f.From))
	}
	switch {
	case isNew && f.Until != "", !isNew && f.Until != f.storedUntil():
		keys["until"] = page.OrNil(f.instant(f.Until))
	case f.For != "":
		keys["for"] = f.For
	}
	return keys
}

// list is names as manage reads them: never null, which would keep what is
// stored.
func list(names []string) []any {
	values := make([]any, len(names))
	for i, name := range names {
		values[i] = name
	}
	return values
}

// clock is that of the form's zone.
func (f form) clock() ui.Clock { return ui.Clock{Zone: f.Zone} }

// instant reads what an input of a date and time holds. What is no time is left
// as it is, for manage to refuse.
func (f form) instant(text string) string {
	if t, ok := f.clock().ReadTyped(text); ok && text != "" {
		return t.UTC().Format(time.RFC3339)
	}
	return text
}

// fields are the names of the form's fields in errors.
func (f form) fields() []string {
	fields := []string{"match", "match.servers", "match.tags", "match.checks", "everything", "comment", "until", "for"}
	if f.Hold.ID == 0 {
		fields = append(fields, "kind", "from")
	}
	return fields
}

// refused answers with the form again where an error is about what it holds.
func (a *Area) refused(r *page.Request, f form, err error) error {
	status := http.StatusUnprocessableEntity
	switch scout.CodeOf(err) {
	case scout.Invalid:
	case scout.Changed:
		status = http.StatusConflict
	default:
		return err
	}
	f.Faults = ui.FaultsOf(err, f.fields()...)
	return a.show(r, status, f)
}

func (a *Area) show(r *page.Request, status int, f form) (err error) {
	if f.Known, err = a.known(r.Context()); err != nil {
		return err
	}
	return r.ShowAs(status, around(f.title()), formPage(f, r.Clock))
}

func (f form) title() string {
	switch {
	case f.Hold.ID != 0:
		return "Edit " + string(f.Hold.Kind)
	case f.Kind == string(scout.Maintenance):
		return "Plan maintenance"
	default:
		return "New silence"
	}
}

func (f form) action() string {
	if f.Hold.ID == 0 {
		return root + "/new"
	}
	return pathOf(f.Hold.ID, "edit")
}

// lengthChoices are the lengths to choose from. One that was asked for and is
// none of them stays chosen.
func (f form) lengthChoices() []ui.Choice {
	choices := lengths()
	if f.Hold.ID != 0 {
		choices = append([]ui.Choice{{Label: "As it is"}}, choices...)
	}
	if !slices.ContainsFunc(choices, func(c ui.Choice) bool { return c.Value == f.For }) {
		choices = append(choices, ui.Choice{Value: f.For, Label: f.For})
	}
	return choices
}

// help is what manage says of a key.
func help(key string) string {
	for _, f := range manage.HoldFields() {
		if f.Name == key {
			return f.Help
		}
	}
	return ""
}

// typedZone says which zone the times of the form are in.
func (f form) typedZone() string { return "Times are in " + f.clock().ZoneName() + "." }
