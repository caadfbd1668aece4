package status

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// The names of what the form has beside a page's own keys, which have no
// hyphen.
const (
	formID       = "form-id"       // of the page that is changed; absent for a new one
	formRevision = "form-revision" // that it was of when it was read
	formGroups   = "form-groups"   // how many groups are drawn
)

// A draft is a status page as a form holds it.
type draft struct {
	stored    scout.StatusPage // ID 0: a new one is being made
	revision  int64
	Slug      string
	Title     string
	Intro     string
	Access    string
	Addresses bool
	Messages  bool
	Groups    []draftGroup
}

type draftGroup struct {
	Name                  string
	Everything            bool
	Servers, Tags, Checks []string
}

// blank reports whether nothing was typed into a group.
func (g draftGroup) blank() bool {
	return g.Name == "" && !g.Everything && len(g.Servers)+len(g.Tags)+len(g.Checks) == 0
}

// newDraft is what the form of a new page begins with.
func newDraft() draft { return draft{Access: string(scout.PublicAccess), Groups: []draftGroup{{}}} }

// draftOf is a stored page as its form begins.
func draftOf(p scout.StatusPage) draft {
	d := draft{
		stored: p, revision: p.Revision, Slug: p.Slug, Title: p.Title, Intro: p.Intro, Access: string(p.Access),
		Addresses: p.ShowAddresses, Messages: p.ShowMessages,
	}
	for _, g := range p.Groups {
		d.Groups = append(d.Groups, draftGroup{g.Name, g.Everything, g.Match.Servers, g.Match.Tags, g.Match.Checks})
	}
	return d
}

// field is the name of a group's key, in the form and in errors.
func field(i int, key string) string { return "groups[" + strconv.Itoa(i) + "]." + key }

// mostDrawn bounds how many groups a form is read for, whatever it says.
const mostDrawn = 200

// readDraft reads what was typed. Groups into which nothing was typed are left
// out, so that the index of each is that in errors.
func readDraft(form url.Values, stored scout.StatusPage) draft {
	d := draft{
		stored: stored, Slug: strings.TrimSpace(form.Get("slug")), Title: strings.TrimSpace(form.Get("title")),
		Intro: form.Get("intro"), Access: form.Get("access"), Addresses: form.Has("show_addresses"), Messages: form.Has("show_messages"),
	}
	d.revision, _ = strconv.ParseInt(form.Get(formRevision), 10, 64)
	drawn, _ := strconv.Atoi(form.Get(formGroups))
	for i := range min(max(drawn, 0), mostDrawn) {
		g := draftGroup{
			Name: strings.TrimSpace(form.Get(field(i, "name"))), Everything: form.Has(field(i, "everything")),
			Servers: lines(form[field(i, "match.servers")]), Tags: lines(form[field(i, "match.tags")]), Checks: lines(form[field(i, "match.checks")]),
		}
		if !g.blank() {
			d.Groups = append(d.Groups, g)
		}
	}
	return d
}

// lines are the inputs that have content.
func lines(inputs []string) []string {
	list := []string{}
	for _, input := range inputs {
		if input = strings.TrimSpace(input); input != "" {
			list = append(list, input)
		}
	}
	return list
}

// keys are the draft as manage reads it.
func (d draft) keys() map[string]any {
	groups := make([]any, 0, len(d.Groups))
	for _, g := range d.Groups {
		groups = append(groups, map[string]any{
			"name": page.OrNil(g.Name), "everything": g.Everything, "match": map[string]any{"servers": g.Servers, "tags": g.Tags, "checks": g.Checks},
		})
	}
	return map[string]any{
		"title": page.OrNil(d.Title), "slug": page.OrNil(d.Slug), "intro": page.OrNil(d.Intro), "access": page.OrNil(d.Access), "groups": groups,
		"show_addresses": d.Addresses, "show_messages": d.Messages,
	}
}

// formView is the form and what it needs to be drawn.
type formView struct {
	draft
	faults ui.Faults
	names  names
	focus  int // the group to type in first; -1 for none
}

func (v formView) isNew() bool { return v.stored.ID == 0 }

func (v formView) path() string {
	if v.isNew() {
		return root + "/new"
	}
	return pathOf(v.stored, "edit")
}

// showForm answers with the form.
func (a *Area) showForm(r *page.Request, status int, d draft, err error, focus int) error {
	v := formView{draft: d, faults: ui.Faults{}, focus: focus}
	if err != nil {
		v.faults = ui.FaultsOf(err, d.fields()...)
	}
	if len(v.Groups) == 0 {
		v.Groups = []draftGroup{{}}
	}
	var failed error
	if v.names, failed = a.names(r.Context()); failed != nil {
		return failed
	}
	title := "Add a status page"
	if !v.isNew() {
		title = "Edit"
	}
	return r.ShowAs(status, around(d.stored, title), formPage(v))
}

// fields are the names that the form has a place for errors at.
func (d draft) fields() []string {
	names := []string{"title", "slug", "intro", "access", "groups"}
	for i := range d.Groups {
		for _, key := range []string{"name", "everything", "match", "match.servers", "match.tags", "match.checks"} {
			names = append(names, field(i, key))
		}
	}
	return names
}

func (a *Area) add(r *page.Request) error {
	return a.showForm(r, http.StatusOK, newDraft(), nil, -1)
}

func (a *Area) edit(r *page.Request) error {
	p, err := a.byID(r)
	if err != nil {
		return err
	}
	return a.showForm(r, http.StatusOK, draftOf(p), nil, -1)
}

// moreGroups draws the form with what was typed and one more group.
func (a *Area) moreGroups(r *page.Request) error {
	d, err := a.typed(r)
	if err != nil {
		return err
	}
	d.Groups = append(d.Groups, draftGroup{})
	return a.showForm(r, http.StatusOK, d, nil, len(d.Groups)-1)
}

// typed reads the form, and the page that it changes.
func (a *Area) typed(r *page.Request) (d draft, err error) {
	if err := r.ParseForm(); err != nil {
		return d, scout.Errorf(scout.Invalid, "the form cannot be read: go back and send it again")
	}
	var stored scout.StatusPage
	if id, err := strconv.ParseInt(cmp.Or(r.PathValue("id"), r.PostForm.Get(formID)), 10, 64); err == nil {
		if stored, err = a.Store.StatusPage(r.Context(), id); err != nil {
			return d, err
		}
	}
	return readDraft(r.PostForm, stored), nil
}

func (a *Area) create(r *page.Request) error {
	d, err := a.typed(r)
	if err != nil {
		return err
	}
	p, err := a.Manager.CreateStatusPage(r.Context(), d.keys())
	return a.saved(r, d, p, err)
}

func (a *Area) change(r *page.Request) error {
	d, err := a.typed(r)
	if err != nil {
		return err
	}
	if d.stored.ID == 0 {
		return scout.Errorf(scout.NotFound, "there is no such page")
	}
	if d.revision == manage.AnyRevision {
		return scout.Errorf(scout.Invalid, "the form is not whole: open the status page again")
	}
	p, err := a.Manager.ChangeStatusPage(r.Context(), d.stored.ID, d.revision, d.keys())
	return a.saved(r, d, p, err)
}

// saved answers once a page was stored, or could not be.
func (a *Area) saved(r *page.Request, d draft, p scout.StatusPage, err error) error {
	if slices.ContainsFunc([]scout.Code{scout.Invalid, scout.Conflict, scout.Changed}, func(c scout.Code) bool { return scout.HasCode(err, c) }) {
		return a.showForm(r, http.StatusUnprocessableEntity, d, err, -1)
	}
	if err != nil {
		return err
	}
	a.boards.forget(p.ID)
	return r.Done(pathOf(p), "Status page “"+p.Title+"” is saved")
}
