package watch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// addView is the page on which something new is watched: first what, then how.
type addView struct {
	What   string
	First  bool // of the first visit, which goes on to the first webhook
	Plan   *plan
	Faults ui.Faults
}

// plan is what would be made.
type plan struct {
	Host     string
	Bare     bool         // what answers there can be looked for
	Looked   bool         // and was
	Server   scout.Server // the one there is already; zero: a new one
	Name     string       // of the new one
	Tags     string
	Checks   []proposal
	Services []proposal // what was found to answer
	Faults   ui.Faults
}

func (a *Area) add(r *page.Request) error {
	in := r.URL.Query()
	return addView{What: in.Get("what"), First: in.Has("first")}.show(r, http.StatusOK)
}

func (v addView) show(r *page.Request, status int) error {
	return r.ShowAs(status, page.Page{Title: "Add", Section: ui.Servers, Trail: serversTrail()}, addPage(v))
}

// look reads what was typed, tries what is proposed and shows it.
func (a *Area) look(r *page.Request) error {
	v := addView{What: strings.TrimSpace(r.PostFormValue("what")), First: r.PostFormValue("first") != ""}
	p, err := a.planFor(r)
	if err != nil {
		return v.refused(r, err)
	}
	a.tryAll(r.Context(), p.server(), p.Checks)
	if r.Part() {
		return r.ShowPart(planPart(p))
	}
	v.Plan = &p
	return v.show(r, http.StatusOK)
}

// refused says why nothing can be made of what was typed.
func (v addView) refused(r *page.Request, err error) error {
	status, again := refusal(err)
	if !again {
		return err
	}
	v.Faults = ui.FaultsOf(err, "what")
	if r.Part() {
		return r.ShowPart(ui.Fault(v.Faults["what"] + v.Faults[""]))
	}
	v.What = withoutPassword(v.What)
	return v.show(r, status)
}

// withoutPassword is a URL without what stands before an @ in it: no page holds
// a password.
func withoutPassword(what string) string {
	scheme, rest, isURL := strings.Cut(what, "://")
	authority, path, _ := strings.Cut(rest, "/")
	at := strings.LastIndex(authority, "@")
	if !isURL || at < 0 {
		return what
	}
	return scheme + "://" + authority[at+1:] + "/" + path
}

// planFor makes a plan of what was typed, with the name and tags that may have
// been typed as well.
func (a *Area) planFor(r *page.Request) (plan, error) {
	g, err := guessWhat(r.PostFormValue("what"))
	if err != nil {
		return plan{}, err
	}
	p := plan{Host: g.Host, Bare: g.Bare, Name: g.Host, Tags: r.PostFormValue("tags"), Checks: g.Checks}
	if _, err := manage.ParseServer(map[string]any{"name": p.Host, "ip": p.Host}); err != nil {
		return plan{}, whatFault("This is neither a host name nor an address: check how it is written.")
	}
	if name := strings.TrimSpace(r.PostFormValue("name")); name != "" && r.PostFormValue("host") == p.Host {
		p.Name = name
	}
	if p.Server, err = a.serverAt(r.Context(), g.Host); err != nil {
		return plan{}, err
	}
	return p, a.rename(r.Context(), &p)
}

// server is the server that the checks of a plan would be on.
func (p plan) server() scout.Server {
	if p.Server.ID != 0 {
		return p.Server
	}
	return scout.Server{Name: p.Name, IP: p.Host}
}

// serverAt finds the server that a host is already known as; zero for none.
func (a *Area) serverAt(ctx context.Context, host string) (scout.Server, error) {
	list, err := a.Store.ListServers(ctx, scout.ServerFilter{Contains: host}, serversAPage)
	if err != nil {
		return scout.Server{}, err
	}
	for _, s := range list {
		if strings.EqualFold(s.Name, host) || strings.EqualFold(s.IP, host) {
			return s, nil
		}
	}
	return scout.Server{}, nil
}

// rename gives proposals names that the server's checks do not have yet.
func (a *Area) rename(ctx context.Context, p *plan) error {
	if p.Server.ID == 0 {
		return nil
	}
	there, err := a.Store.ChecksOn(ctx, []int64{p.Server.ID})
	if err != nil {
		return err
	}
	for _, list := range [][]proposal{p.Checks, p.Services} {
		for i := range list {
			list[i].Name = freeName(list[i].Name, there)
		}
	}
	return nil
}

// freeName is a name, with a number where it is taken.
func freeName(name string, there []scout.Check) string {
	free := name
	for n := 2; slices.ContainsFunc(there, func(c scout.Check) bool { return c.Name == free }); n++ {
		free = name + " " + strconv.Itoa(n)
	}
	return free
}

// tryAll probes proposals, all at a time, and ticks those that are not down.
func (a *Area) tryAll(ctx context.Context, server scout.Server, list []proposal) {
	var running sync.WaitGroup
	for i := range list {
		running.Go(func() {
			list[i].Tried = a.tryKeys(ctx, server, list[i].keys())
			list[i].On = len(list) == 1 && list[i].Kind != "icmp" || !list[i].isDown()
		})
	}
	running.Wait()
}

// tryKeys probes a check by its keys.
func (a *Area) tryKeys(ctx context.Context, server scout.Server, keys map[string]any) []tried {
	c, err := manage.ParseCheck(server, keys)
	if err != nil {
		return []tried{{Fault: faultText(err)}}
	}
	return a.tryOut(ctx, server, c)
}

// lookForServices looks what answers on a bare host, and tries it.
func (a *Area) lookForServices(r *page.Request) error {
	v := addView{What: strings.TrimSpace(r.PostFormValue("what")), First: r.PostFormValue("first") != ""}
	p, err := a.planFor(r)
	if err != nil {
		return v.refused(r, err)
	}
	found, err := a.Services(r.Context(), p.Host)
	if err != nil {
		return v.refused(r, err)
	}
	p.Looked = true
	for _, f := range found {
		one := proposal{Kind: f.Kind, Name: f.Name, Target: f.Target}
		one.Certificate = one.https()
		p.Services = append(p.Services, one)
	}
	if err := a.rename(r.Context(), &p); err != nil {
		return err
	}
	a.tryAll(r.Context(), p.server(), p.Services)
	if r.Part() {
		return r.ShowPart(servicesPart(p))
	}
	a.tryAll(r.Context(), p.server(), p.Checks)
	v.Plan = &p
	return v.show(r, http.StatusOK)
}

// tryProposal tries one proposal again.
func (a *Area) tryProposal(r *page.Request) error {
	one, ok := parseProposal(r.PostFormValue("try"))
	if !ok {
		return scout.Errorf(scout.Invalid, "there is nothing to try: go back and choose again")
	}
	one.Certificate = slices.Contains(r.PostForm["certificate"], one.key())
	p, err := a.planFor(r)
	if err != nil {
		return err
	}
	one.Tried = a.tryKeys(r.Context(), p.server(), one.keys())
	if r.Part() {
		return r.ShowPart(outcomeLines(one.Tried))
	}
	a.sent(r, &p)
	for _, list := range [][]proposal{p.Checks, p.Services} {
		for i := range list {
			if list[i].key() == one.key() {
				list[i].Tried = one.Tried
			}
		}
	}
	return addView{What: r.PostFormValue("what"), First: r.PostFormValue("first") != "", Plan: &p}.show(r, http.StatusOK)
}

// sent gives a plan the proposals that its form was sent with, ticked as they
// were.
func (a *Area) sent(r *page.Request, p *plan) {
	p.Checks = nil
	for _, key := range r.PostForm["proposal"] {
		one, ok := parseProposal(key)
		if !ok {
			continue
		}
		one.On = slices.Contains(r.PostForm["watch"], key)
		one.Certificate = slices.Contains(r.PostForm["certificate"], key)
		p.Checks = append(p.Checks, one)
	}
}

// watch makes what is ticked.
func (a *Area) watch(r *page.Request) error {
	v := addView{What: strings.TrimSpace(r.PostFormValue("what")), First: r.PostFormValue("first") != ""}
	p, err := a.planFor(r)
	if err != nil {
		return v.refused(r, err)
	}
	p.Name = strings.TrimSpace(r.PostFormValue("name"))
	a.sent(r, &p)
	v.Plan = &p
	checks := p.ticked()
	if len(checks) == 0 {
		p.Faults = ui.Faults{"": "Tick at least one check."}
		return v.show(r, http.StatusUnprocessableEntity)
	}
	keys := make([]map[string]any, len(checks))
	for i, one := range checks {
		keys[i] = one.keys()
	}
	server, err := a.Manager.Watch(r.Context(), p.Server.ID, serverForm{Name: p.Name, IP: p.Host, Tags: p.Tags}.keys(), keys)
	if err != nil {
		status, again := refusal(err)
		if !again {
			return err
		}
		p.Faults = ui.FaultsOf(settled(byName(err, checks), "name", "tags"), "name", "tags")
		return v.show(r, status)
	}
	done := server.Name + " is watched now, with " + ui.Count(len(checks), "check") + "."
	if v.First {
		return r.Done("notifications/settings/new", done+" Next: where to send word when something breaks.")
	}
	return r.Done(serverPath(server.ID), done)
}

// ticked are the proposals that are ticked.
func (p plan) ticked() []proposal {
	return slices.DeleteFunc(slices.Clone(p.Checks), func(one proposal) bool { return !one.On })
}

// byName returns an error whose faults of checks ("checks[0].target") name the
// check in words.
func byName(err error, checks []proposal) error {
	var e *scout.Error
	if !errors.As(err, &e) {
		return err
	}
	told := *e
	told.Fields = slices.Clone(e.Fields)
	for i, f := range told.Fields {
		for n, one := range checks {
			if holder(f.Field, []string{fmt.Sprintf("checks[%d]", n)}) != "" {
				told.Fields[i] = scout.FieldError{Message: one.Name + ": " + f.Message}
			}
		}
	}
	return &told
}
