package watch

import (
	"fmt"
	"strconv"
	"strings"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

const (
	serversAPage = 50
	mostTags     = 500
)

// serverList is the page of all servers.
type serverList struct {
	Servers  []scout.CountedServer
	Query    scout.ServerQuery
	Tags     []string
	Page     int
	Earlier  string // the addresses of the pages before and after; "" for none
	Later    string
	Filtered bool
}

func (a *Area) listServers(r *page.Request) error {
	in := r.URL.Query()
	list := serverList{
		Query: scout.ServerQuery{
			Tag: in.Get("tag"), Contains: strings.TrimSpace(in.Get("q")), Standing: scout.Standing(in.Get("state")),
		},
		Page: r.PageNumber(),
	}
	list.Filtered = list.Query != scout.ServerQuery{}
	var err error
	list.Servers, err = a.Store.FindServers(r.Context(), list.Query, (list.Page-1)*serversAPage, serversAPage+1)
	if err != nil {
		return err
	}
	if len(list.Servers) > serversAPage {
		list.Servers = list.Servers[:serversAPage]
		list.Later = r.With("page", strconv.Itoa(list.Page+1))
	}
	switch {
	case list.Page == 2:
		list.Earlier = r.With("page", "")
	case list.Page > 2:
		list.Earlier = r.With("page", strconv.Itoa(list.Page-1))
	}
	if list.Tags, err = a.Store.Tags(r.Context(), mostTags); err != nil {
		return err
	}
	return r.Show(page.Page{Title: "Servers", Section: ui.Servers}, serversPage(list))
}

// tagChoices are what can be chosen for a tag; one that no server has any more
// stays chosen.
func (l serverList) tagChoices() []ui.Choice {
	choices := []ui.Choice{{Value: "", Label: "All"}}
	known := l.Query.Tag == ""
	for _, tag := range l.Tags {
		choices = append(choices, ui.Choice{Value: tag, Label: tag})
		known = known || tag == l.Query.Tag
	}
	if !known {
		choices = append(choices, ui.Choice{Value: l.Query.Tag, Label: l.Query.Tag})
	}
	return choices
}

func stateChoices() []ui.Choice {
	choices := []ui.Choice{{Value: "", Label: "All"}}
	for _, s := range []ui.State{ui.Down, ui.Warning, ui.Unknown, ui.Paused, ui.Up} {
		choices = append(choices, ui.Choice{Value: string(s), Label: s.Sign() + " " + s.Word()})
	}
	return choices
}

// countWords says how many checks there are in which state, the worst first.
func countWords(n scout.CheckCounts) string {
	parts := []string{}
	for _, p := range []struct {
		n    int
		word string
	}{{n.Down, "down"}, {n.Warning, "warning"}, {n.Unknown, "unknown"}, {n.Paused, "paused"}, {n.Up, "up"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	if len(parts) == 0 {
		return "no checks"
	}
	return strings.Join(parts, ", ")
}

func serverPath(id int64, more ...string) string {
	return "servers/" + strconv.FormatInt(id, 10) + strings.Join(more, "")
}

func checkPath(id int64, more ...string) string {
	return "checks/" + strconv.FormatInt(id, 10) + strings.Join(more, "")
}
