package watch

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// heartbeatKind is the kind of check whose token is made here.
const heartbeatKind = "heartbeat"

// checkForm is the form of a check, new or not.
type checkForm struct {
	Kind     scout.CheckKind
	Server   scout.Server
	Check    scout.Check // zero: a new one
	Revision string
	Typed    url.Values // nil: the form was not sent yet
	Faults   ui.Faults
	Tried    []tried
}

func (f checkForm) title() string {
	if f.Check.ID == 0 {
		return "Add a check: " + f.Kind.Title
	}
	return "Edit " + f.Check.Name
}

func (f checkForm) action() string {
	if f.Check.ID == 0 {
		return serverPath(f.Server.ID, "/checks/new")
	}
	return checkPath(f.Check.ID, "/edit")
}

func (f checkForm) tryAction() string {
	if f.Check.ID == 0 {
		return serverPath(f.Server.ID, "/checks/try")
	}
	return checkPath(f.Check.ID, "/try")
}

func (f checkForm) back() string {
	if f.Check.ID == 0 {
		return serverPath(f.Server.ID)
	}
	return checkPath(f.Check.ID)
}

// fields are the keys that a reader fills in: the kind is chosen before, and
// the token of a new heartbeat is made.
func (f checkForm) fields() []scout.Field {
	return slices.DeleteFunc(slices.Clone(f.Kind.Fields), func(k scout.Field) bool {
		return k.Name == "kind" ||
			k.Name == "target" && f.Kind.Passive ||
			k.Name == "token" && f.Kind.Name == heartbeatKind && f.Check.ID == 0
	})
}

// parts draws those of the fields that are wanted.
func (f checkForm) parts(wanted func(scout.Field) bool) []formField {
	fields := slices.DeleteFunc(f.fields(), func(k scout.Field) bool { return !wanted(k) })
	var values map[string]any
	if f.Check.ID != 0 {
		values = manage.ShowCheck(f.Check)
	}
	parts := drawFields("", fields, values, f.Typed, f.Faults)
	for i, p := range parts {
		switch {
		case p.Name == "target":
			parts[i].Help = f.Kind.TargetHelp
			parts[i].Needed = f.Kind.NeedsTarget
			parts[i].Focus = f.Typed == nil && f.Check.ID == 0
		case p.Name == "name":
			parts[i].Default = f.Kind.Title
			parts[i].Help = "How messages call the service. It is unique on its server."
		}
	}
	return parts
}

// basic are the fields that most checks need.
func (f checkForm) basic() []formField { return f.parts(isBasic) }

// answer are those of what counts as up.
func (f checkForm) answer() []formField { return f.parts(isAnswer) }

// timing are those of when it is probed and told.
func (f checkForm) timing() []formField { return f.parts(isTiming) }

// more are all others.
func (f checkForm) more() []formField {
	return f.parts(func(k scout.Field) bool { return !isBasic(k) && !isAnswer(k) && !isTiming(k) })
}

func isBasic(f scout.Field) bool {
	return slices.Contains([]string{"name", "target", "interval", "record"}, f.Name) || f.Required || f.Type == scout.TypeBoolean
}

func isAnswer(f scout.Field) bool { return f.Name == "expect" || f.Name == "warn" }

func isTiming(f scout.Field) bool {
	return slices.Contains([]string{"timeout", "fail_after", "recover_after", "confirm_interval", "remind"}, f.Name)
}

// faulty reports whether a fault stands at one of the fields.
func faulty(list []formField) bool {
	return slices.ContainsFunc(list, func(f formField) bool { return f.Error != "" || faulty(f.Fields) })
}

func (a *Area) newCheck(r *page.Request) error {
	server, err := a.server(r)
	if err != nil {
		return err
	}
	name := r.URL.Query().Get("kind")
	if name == "" {
		return r.Show(page.Page{Title: "Add a check", Section: ui.Servers, Trail: serverTrail(server)}, kindsPage(server, manage.CheckKinds()))
	}
	kind, err := manage.CheckKind(name)
	if err != nil {
		return err
	}
	return checkForm{Kind: kind, Server: server}.show(r, http.StatusOK)
}

func (f checkForm) show(r *page.Request, status int) error {
	p := page.Page{Title: f.title(), Section: ui.Servers, Trail: serverTrail(f.Server)}
	if f.Check.ID != 0 {
		p.Title = "Edit"
		p.Trail = append(p.Trail, ui.Crumb{Name: f.Check.Name, Path: checkPath(f.Check.ID)})
	}
	return r.ShowAs(status, p, checkFormPage(f))
}

// refused answers with the form again where an error is about what it holds.
func (f checkForm) refused(r *page.Request, err error) error {
	status, again := refusal(err)
	if !again {
		return err
	}
	f.fault(err)
	return f.show(r, status)
}

func (f *checkForm) fault(err error) {
	names := fieldNames("", f.fields())
	f.Faults = ui.FaultsOf(settled(err, names...), names...)
}

// sentForm reads the form of a new check that was sent.
func (a *Area) sentForm(r *page.Request) (f checkForm, keys map[string]any, err error) {
	if f.Server, err = a.server(r); err != nil {
		return f, nil, err
	}
	if f.Kind, err = manage.CheckKind(r.PostFormValue("kind")); err != nil {
		return f, nil, err
	}
	f.Typed = r.PostForm
	keys = readFields("", f.fields(), r.PostForm, nil)
	keys["kind"] = f.Kind.Name
	return f, keys, nil
}

func (a *Area) createCheck(r *page.Request) error {
	f, keys, err := a.sentForm(r)
	if err != nil {
		return err
	}
	token := ""
	if f.Kind.Name == heartbeatKind {
		token = scout.NewHeartbeatToken()
		keys["token"] = token
	}
	c, err := a.Manager.CreateCheck(r.Context(), f.Server.ID, keys)
	if err != nil {
		return f.refused(r, err)
	}
	if token != "" {
		p := page.Page{Title: c.Name, Section: ui.Servers, Trail: serverTrail(f.Server)}
		return r.Show(p, pingPage(c, a.PingURL(r.Request, token)))
	}
	return r.Done(checkPath(c.ID), c.Name+" is watched now.")
}

// tryNewCheck probes what the form of a new check says, without saving.
func (a *Area) tryNewCheck(r *page.Request) error {
	f, keys, err := a.sentForm(r)
	if err != nil {
		return err
	}
	c, err := manage.ParseCheck(f.Server, keys)
	return a.showTried(r, f, c, err)
}

// showTried shows what probing a check sees, or why it cannot be probed.
func (a *Area) showTried(r *page.Request, f checkForm, c scout.Check, err error) error {
	status := http.StatusOK
	switch {
	case err == nil:
		f.Tried = a.tryOut(r.Context(), f.Server, c)
	case r.Part():
		f.Tried = []tried{{Fault: faultText(err)}}
	default:
		status = http.StatusUnprocessableEntity
		f.fault(err)
	}
	if r.Part() {
		return r.ShowPart(outcomes(f.Tried))
	}
	return f.show(r, status)
}

func (a *Area) editCheck(r *page.Request) error {
	f, err := a.changeForm(r)
	if err != nil {
		return err
	}
	f.Revision = strconv.FormatInt(f.Check.Revision, 10)
	return f.show(r, http.StatusOK)
}

// changeForm is the form of a check that there is.
func (a *Area) changeForm(r *page.Request) (f checkForm, err error) {
	if f.Check, f.Server, err = a.check(r); err != nil {
		return f, err
	}
	if err := a.changeable(f.Check); err != nil {
		return f, err
	}
	f.Kind, err = manage.CheckKind(f.Check.Kind)
	return f, err
}

// sentChange reads the form of a check that there is, as a patch of it.
func (a *Area) sentChange(r *page.Request) (f checkForm, patch map[string]any, err error) {
	if f, err = a.changeForm(r); err != nil {
		return f, nil, err
	}
	f.Revision = r.PostFormValue("revision")
	f.Typed = r.PostForm
	stored := manage.ShowCheck(f.Check)
	return f, readFields("", f.fields(), r.PostForm, stored), nil
}

func (a *Area) changeCheck(r *page.Request) error {
	f, patch, err := a.sentChange(r)
	if err != nil {
		return err
	}
	c, err := a.Manager.ChangeCheck(r.Context(), f.Check.ID, page.Revision(r.PostFormValue("revision")), patch)
	if err != nil {
		return f.refused(r, err)
	}
	return r.Done(checkPath(c.ID), c.Name+" was saved.")
}

// tryChange probes what the form of a check says, without saving.
func (a *Area) tryChange(r *page.Request) error {
	f, patch, err := a.sentChange(r)
	if err != nil {
		return err
	}
	c, err := manage.DraftChange(f.Server, f.Check, patch)
	return a.showTried(r, f, c, err)
}
