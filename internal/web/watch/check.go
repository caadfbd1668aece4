package watch

import (
	"context"
	"strconv"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/glance"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

const (
	resultsAPage  = 25
	latestResults = 60 // beats of the bar
)

// checkView is the page of one check.
type checkView struct {
	Check     glance.Check
	Kind      scout.CheckKind
	Server    scout.Server
	Parent    scout.Check     // that brought it along; zero for none
	Incident  scout.Incident  // the open one; zero for none
	Holds     []scout.Hold    // in force, that cover it
	Beats     []ui.Beat       // the latest results
	Uptimes   []glance.Uptime // one for each range
	Range     glance.Range
	Chart     ui.Chart
	Incidents []scout.Incident
	Results   []scout.Result
	Paged     bool   // the results are not the newest
	Older     string // the address of the results before; "" for none
	// Certificate is how many days are left of it; only where a result told.
	Certificate int
	Certified   bool
	Settings    []setting
	Request     *page.Request
	ConfigFile  string
}

func (a *Area) showCheck(r *page.Request) error {
	v, err := a.checkView(r)
	if err != nil {
		return err
	}
	return r.Show(page.Page{Title: v.Check.Name, Section: ui.Servers, Trail: serverTrail(v.Server)}, checkPage(v))
}

// check reads the check that a request is about, and its server.
func (a *Area) check(r *page.Request) (c scout.Check, s scout.Server, err error) {
	id, err := r.ID("id")
	if err != nil {
		return c, s, err
	}
	if c, err = a.Store.Check(r.Context(), id); err != nil {
		return c, s, err
	}
	s, err = a.Store.Server(r.Context(), c.ServerID)
	return c, s, err
}

// checkView reads all that the page of a check shows.
func (a *Area) checkView(r *page.Request) (v checkView, err error) {
	c, server, err := a.check(r)
	if err != nil {
		return v, err
	}
	v = checkView{Server: server, Range: glance.ParseRange(r.URL.Query().Get("range")), Request: r, ConfigFile: a.ConfigFile}
	if v.Kind, err = manage.CheckKind(c.Kind); err != nil {
		return v, err
	}
	if c.ParentID != 0 {
		if v.Parent, err = a.Store.Check(r.Context(), c.ParentID); err != nil {
			return v, err
		}
	}
	holds, err := a.Store.HoldsOf(r.Context(), r.Clock.Now)
	if err != nil {
		return v, err
	}
	v.Holds = glance.Covering(holds, server, c.Name)
	v.Settings = effective(c, v.Kind)
	if err := a.state(r, c, &v); err != nil {
		return v, err
	}
	if err := a.results(r, &v); err != nil {
		return v, err
	}
	return v, a.history(r, &v)
}

// state reads how the check is.
func (a *Area) state(r *page.Request, c scout.Check, v *checkView) error {
	states, err := a.Store.StatesOf(r.Context(), []int64{c.ID})
	if err != nil {
		return err
	}
	state := states[c.ID]
	v.Check = glance.Check{Check: c, State: glance.StateOf(c, state), Since: state.Since, IncidentID: state.IncidentID}
	if state.IncidentID == "" {
		return nil
	}
	v.Incident, err = a.Store.Incident(r.Context(), state.IncidentID)
	if scout.HasCode(err, scout.NotFound) { // it was deleted just now
		return nil
	}
	return err
}

// results reads single results: the latest for the bar, and a page for the
// list.
func (a *Area) results(r *page.Request, v *checkView) error {
	latest, err := a.Store.Results(r.Context(), v.Check.ID, time.Time{}, latestResults)
	if err != nil {
		return err
	}
	v.Beats = glance.Latest(latest, latestResults)
	if len(latest) > 0 && v.Check.Kind == "tls" {
		v.Certificate, v.Certified = glance.CertificateLeft(latest[0].Message, r.Clock.Now)
	}
	v.Results = latest
	if us, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64); err == nil && us > 0 {
		v.Paged = true
		if v.Results, err = a.Store.Results(r.Context(), v.Check.ID, time.UnixMicro(us), resultsAPage+1); err != nil {
			return err
		}
	}
	if len(v.Results) > resultsAPage {
		v.Results = v.Results[:resultsAPage]
		v.Older = r.With("before", strconv.FormatInt(v.Results[resultsAPage-1].At.UnixMicro(), 10)) + "#results"
	}
	return nil
}

// history reads what the check's past sums up to.
func (a *Area) history(r *page.Request, v *checkView) (err error) {
	now := r.Clock.Now
	if v.Uptimes, err = a.glance.Uptimes(r.Context(), v.Check.ID, now); err != nil {
		return err
	}
	incidents, err := a.Store.ListIncidents(r.Context(), scout.IncidentFilter{CheckID: v.Check.ID}, mostShades)
	if err != nil {
		return err
	}
	v.Incidents = incidents[:min(len(incidents), latestIncidents)]
	if v.Kind.Passive {
		return nil // there is no latency to draw
	}
	v.Chart, err = a.chart(r, v.Check.ID, v.Range, incidents)
	return err
}

// owned reports whether the check can be edited and deleted here.
func (v checkView) owned() bool {
	return v.Check.Source == scout.FromDatabase && v.Check.ParentID == 0
}

func (a *Area) pauseCheck(r *page.Request) error {
	return a.operate(r, a.Manager.PauseCheck, " is paused. Resume it when it shall be watched again.")
}

func (a *Area) resumeCheck(r *page.Request) error {
	return a.operate(r, a.Manager.ResumeCheck, " is watched again.")
}

// checkOperation is a command that is about a check as a whole.
type checkOperation func(context.Context, int64) (scout.Check, error)

// operate changes whether a check is watched.
func (a *Area) operate(r *page.Request, do checkOperation, says string) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	c, err := do(r.Context(), id)
	if err != nil {
		return err
	}
	return r.Done(checkPath(id), c.Name+says)
}

// probeNow probes a check out of turn and shows what it saw.
func (a *Area) probeNow(r *page.Request) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	result, err := a.ProbeNow(r.Context(), id)
	if err != nil {
		return err
	}
	seen := tried{Result: result}
	if r.Part() {
		return r.ShowPart(outcomeOf(seen))
	}
	r.Tell(ui.Notice{State: seen.state(), Title: "Probed: " + outcome(result)})
	return r.Redirect(checkPath(id))
}

func (a *Area) confirmDeleteCheck(r *page.Request) error {
	c, s, err := a.check(r)
	if err != nil {
		return err
	}
	if err := a.changeable(c); err != nil {
		return err
	}
	text := "The check is deleted with what was observed of it. An incident that is open ends; those that have ended stay in the history."
	if _, brings := manage.Companion(c, s); brings {
		text += " The check of its certificate goes with it."
	}
	d := doomed{Title: "Delete " + c.Name + " on " + s.Name + "?", Text: text, Path: checkPath(c.ID, "/delete"), Back: checkPath(c.ID), Revision: c.Revision}
	trail := append(serverTrail(s), ui.Crumb{Name: c.Name, Path: checkPath(c.ID)})
	return r.Show(page.Page{Title: "Delete check", Section: ui.Servers, Trail: trail}, deletePage(d))
}

// changeable refuses what cannot be changed here, and says where to.
func (a *Area) changeable(c scout.Check) error {
	switch {
	case c.ParentID != 0:
		return scout.Errorf(scout.Conflict, "the check %s comes with another one: change that, or switch the certificate check off there", c.Name)
	case c.Source == scout.FromFile:
		return a.declared("check", c.Name)
	default:
		return nil
	}
}

func (a *Area) deleteCheck(r *page.Request) error {
	c, s, err := a.check(r)
	if err != nil {
		return err
	}
	if err := a.Manager.DeleteCheck(r.Context(), c.ID, page.Revision(r.PostFormValue("revision"))); err != nil {
		return err
	}
	return r.Done(serverPath(s.ID), c.Name+" on "+s.Name+" was deleted.")
}
