package watch

import (
	"net/http"
	"strconv"
	"strings"

	"serverscout/internal/scout"
	"serverscout/internal/web/glance"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// latestIncidents is how many incidents a page of something else lists.
const latestIncidents = 10

// serverView is the page of one server.
type serverView struct {
	Server     scout.Server
	Checks     []glance.Check
	Incidents  []scout.Incident
	Holds      []scout.Hold // in force, on at least one of the checks
	Range      glance.Range
	Request    *page.Request
	ConfigFile string
}

func (a *Area) showServer(r *page.Request) error {
	server, err := a.server(r)
	if err != nil {
		return err
	}
	v := serverView{Server: server, Range: glance.ParseRange(r.URL.Query().Get("range")), Request: r, ConfigFile: a.ConfigFile}
	checks, err := a.Store.ChecksOn(r.Context(), []int64{server.ID})
	if err != nil {
		return err
	}
	v.Checks, err = a.glance.Checks(r.Context(), checks, glance.Look{Range: v.Range, Now: r.Clock.Now})
	if err != nil {
		return err
	}
	glance.WorstFirst(v.Checks)
	holds, err := a.Store.HoldsOf(r.Context(), r.Clock.Now)
	if err != nil {
		return err
	}
	v.Holds = glance.CoveringAny(holds, server, v.Checks)
	v.Incidents, err = a.Store.ListIncidents(r.Context(), scout.IncidentFilter{Server: server.Name}, latestIncidents)
	if err != nil {
		return err
	}
	return r.Show(page.Page{Title: server.Name, Section: ui.Servers, Trail: serversTrail()}, serverPage(v))
}

// server reads the server that a request is about.
func (a *Area) server(r *page.Request) (scout.Server, error) {
	id, err := r.ID("id")
	if err != nil {
		return scout.Server{}, err
	}
	return a.Store.Server(r.Context(), id)
}

func serversTrail() []ui.Crumb { return []ui.Crumb{{Name: "Servers", Path: "servers"}} }

func serverTrail(s scout.Server) []ui.Crumb {
	return append(serversTrail(), ui.Crumb{Name: s.Name, Path: serverPath(s.ID)})
}

// serverForm is the form of a server's own keys.
type serverForm struct {
	ID             int64 // 0: a new one
	Revision       string
	Name, IP, Tags string
	Faults         ui.Faults
}

func (f serverForm) action() string {
	if f.ID == 0 {
		return "servers/new"
	}
	return serverPath(f.ID, "/edit")
}

func (f serverForm) back() string {
	if f.ID == 0 {
		return "servers"
	}
	return serverPath(f.ID)
}

func (f serverForm) title() string {
	if f.ID == 0 {
		return "Add a server"
	}
	return "Edit server"
}

func readServer(r *page.Request) serverForm {
	return serverForm{
		Revision: r.PostFormValue("revision"), Name: strings.TrimSpace(r.PostFormValue("name")),
		IP: strings.TrimSpace(r.PostFormValue("ip")), Tags: r.PostFormValue("tags"),
	}
}

// keys are what the form holds, as manage reads it. An empty name is one that
// was left out.
func (f serverForm) keys() map[string]any {
	keys := map[string]any{"name": f.Name, "ip": f.IP, "tags": splitTags(f.Tags)}
	if f.Name == "" {
		keys["name"] = nil
	}
	return keys
}

// splitTags reads tags that stand between commas.
func splitTags(text string) []string {
	tags := []string{}
	for tag := range strings.SplitSeq(text, ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}

func (a *Area) newServer(r *page.Request) error {
	return showServerForm(r, http.StatusOK, serverForm{})
}

func showServerForm(r *page.Request, status int, f serverForm) error {
	p := page.Page{Title: f.title(), Section: ui.Servers, Trail: serversTrail()}
	if f.ID != 0 {
		p.Trail = append(p.Trail, ui.Crumb{Name: "Server", Path: serverPath(f.ID)})
	}
	return r.ShowAs(status, p, serverFormPage(f))
}

// refused answers with the form again where an error is about what it holds.
func (f serverForm) refused(r *page.Request, err error) error {
	status, again := refusal(err)
	if !again {
		return err
	}
	f.Faults = ui.FaultsOf(settled(err, "name", "ip", "tags"), "name", "ip", "tags")
	return showServerForm(r, status, f)
}

// refusal is the status of a form that is shown again; false for an error that
// is not about what was filled in.
func refusal(err error) (status int, again bool) {
	switch scout.CodeOf(err) {
	case scout.Invalid:
		return http.StatusUnprocessableEntity, true
	case scout.Conflict, scout.Changed, scout.ManagedByFile:
		return http.StatusConflict, true
	default:
		return 0, false
	}
}

func (a *Area) createServer(r *page.Request) error {
	f := readServer(r)
	s, err := a.Manager.CreateServer(r.Context(), f.keys())
	if err != nil {
		return f.refused(r, err)
	}
	return r.Done(serverPath(s.ID), s.Name+" was added. Add a check next.")
}

func (a *Area) editServer(r *page.Request) error {
	s, err := a.server(r)
	if err != nil {
		return err
	}
	if s.Source == scout.FromFile {
		return a.declared("server", s.Name)
	}
	return showServerForm(r, http.StatusOK, serverForm{
		ID: s.ID, Revision: strconv.FormatInt(s.Revision, 10), Name: s.Name, IP: s.IP, Tags: strings.Join(s.Tags, ", "),
	})
}

// declared refuses to change what the file declares, and says where to.
func (a *Area) declared(what, name string) error {
	return scout.Errorf(scout.ManagedByFile, "the %s %s is declared in %s: change it there and reload", what, name, a.ConfigFile)
}

func (a *Area) changeServer(r *page.Request) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	f := readServer(r)
	f.ID = id
	s, err := a.Manager.ChangeServer(r.Context(), id, page.Revision(r.PostFormValue("revision")), f.keys())
	if err != nil {
		return f.refused(r, err)
	}
	return r.Done(serverPath(id), s.Name+" was saved.")
}

// doomed is what a deletion would destroy.
type doomed struct {
	Title, Text, Path, Back string
	Revision                int64
}

func (a *Area) confirmDeleteServer(r *page.Request) error {
	s, err := a.server(r)
	if err != nil {
		return err
	}
	if s.Source == scout.FromFile {
		return a.declared("server", s.Name)
	}
	checks, err := a.Store.ChecksOn(r.Context(), []int64{s.ID})
	if err != nil {
		return err
	}
	d := doomed{
		Title: "Delete " + s.Name + "?", Path: serverPath(s.ID, "/delete"), Back: serverPath(s.ID), Revision: s.Revision,
		Text: "The server is deleted with " + ui.Count(len(checks), "check") +
			" and what was observed of them. Incidents that are open end; those that have ended stay in the history.",
	}
	return r.Show(page.Page{Title: "Delete server", Section: ui.Servers, Trail: serverTrail(s)}, deletePage(d))
}

func (a *Area) deleteServer(r *page.Request) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	s, err := a.Store.Server(r.Context(), id)
	if err != nil {
		return err
	}
	if err := a.Manager.DeleteServer(r.Context(), id, page.Revision(r.PostFormValue("revision"))); err != nil {
		return err
	}
	return r.Done("servers", s.Name+" was deleted.")
}
