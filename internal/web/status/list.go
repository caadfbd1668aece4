package status

import (
	"strconv"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

const pagesPerList = 50

// listing is the list of all status pages.
type listing struct {
	Pages []scout.StatusPage
	Next  string // address of the next page of the list; "" on the last one
	First bool   // this is the first one
}

func (a *Area) list(r *page.Request) error {
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64) // what is no number is the beginning
	found, err := a.Store.ListStatusPages(r.Context(), scout.StatusPageFilter{After: after}, pagesPerList+1)
	if err != nil {
		return err
	}
	l := listing{First: after == 0}
	if len(found) > pagesPerList {
		found = found[:pagesPerList]
		l.Next = r.With("after", ui.ID(found[len(found)-1].ID))
	}
	l.Pages = found
	return r.Show(page.Page{Title: "Status pages", Section: ui.Statuses}, listPage(l))
}

// around is the page around something about a status page, or about a new one
// (ID 0).
func around(p scout.StatusPage, title string) page.Page {
	v := page.Page{Title: title, Section: ui.Statuses, Trail: []ui.Crumb{{Name: "Status pages", Path: root}}}
	if p.ID != 0 && title != p.Title {
		v.Trail = append(v.Trail, ui.Crumb{Name: p.Title, Path: pathOf(p)})
	}
	return v
}

// pathOf is where the screen of a status page is, and what lies below it.
func pathOf(p scout.StatusPage, more ...string) string {
	path := root + "/" + ui.ID(p.ID)
	for _, step := range more {
		path += "/" + step
	}
	return path
}

func (a *Area) byID(r *page.Request) (scout.StatusPage, error) {
	id, err := r.ID("id")
	if err != nil {
		return scout.StatusPage{}, err
	}
	return a.Store.StatusPage(r.Context(), id)
}

func (a *Area) confirmDelete(r *page.Request) error {
	p, err := a.byID(r)
	if err != nil {
		return err
	}
	return r.Show(around(p, "Delete"), ui.Confirm("Delete status page “"+p.Title+"”?",
		"Its address and its badges lead nowhere then, and its notes are gone. What it shows is watched as before.",
		pathOf(p, "delete"), "Delete the status page", pathOf(p)))
}

func (a *Area) delete(r *page.Request) error {
	p, err := a.byID(r)
	if err != nil {
		return err
	}
	if err := a.Manager.DeleteStatusPage(r.Context(), p.ID, manage.AnyRevision); err != nil {
		return err
	}
	a.boards.forget(p.ID)
	return r.Done(root, "Status page “"+p.Title+"” is deleted")
}
