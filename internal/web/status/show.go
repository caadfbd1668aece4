package status

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// What the screen of a page lists at most.
const (
	mostListedNotes = 100
	mostBadgeChoice = 500
)

// screen is the screen of one status page.
type screen struct {
	Page    scout.StatusPage
	Clock   ui.Clock
	Board   *board
	Address string // of the page, for others
	Notes   []scout.StatusNote
	About   string // the incident that a note is being written about
	Text    string // of that note
	Faults  ui.Faults
	Badges  badgeChoice
}

func (a *Area) show(r *page.Request) error {
	p, err := a.byID(r)
	if err != nil {
		return err
	}
	return a.showScreen(r, http.StatusOK, screen{Page: p, About: r.URL.Query().Get("about")})
}

// showScreen fills the screen in around what a form had to say.
func (a *Area) showScreen(r *page.Request, status int, s screen) (err error) {
	s.Clock = r.Clock
	if s.Board, _, err = a.board(r.Context(), s.Page, r.Clock.Now); err != nil {
		return err
	}
	if s.Notes, err = a.Store.ListStatusNotes(r.Context(), scout.StatusNoteFilter{PageID: s.Page.ID}, mostListedNotes); err != nil {
		return err
	}
	s.Address = a.Outside(r.Request) + "/" + s.Page.Path()
	s.Badges = choose(s.Board, r.URL.Query().Get("check"), daysOf(r.URL.Query().Get("days")), s.Address)
	return r.ShowAs(status, around(s.Page, s.Page.Title), screenPage(s))
}

// incidents are what a note can be about.
func (s screen) incidents() []ui.Choice {
	list := []ui.Choice{{Label: "The page as a whole"}}
	for _, o := range s.Board.Open {
		list = append(list, ui.Choice{Value: o.incidentID, Label: o.what() + ", since " + moment(o.Began)})
	}
	for _, o := range s.Board.Past {
		list = append(list, ui.Choice{Value: o.incidentID, Label: o.what() + ", until " + moment(o.Ended)})
	}
	return list
}

// about says what a note is about.
func (s screen) about(n scout.StatusNote) string {
	if n.IncidentID == "" {
		return "the page as a whole"
	}
	for _, o := range slices.Concat(s.Board.Open, s.Board.Past) {
		if o.incidentID == n.IncidentID {
			return o.Service.Name + " on " + o.Service.Server
		}
	}
	return "an incident that the page shows no longer"
}

func (a *Area) addNote(r *page.Request) error {
	p, err := a.byID(r)
	if err != nil {
		return err
	}
	s := screen{Page: p, Text: r.PostFormValue("text"), About: r.PostFormValue("incident_id")}
	_, err = a.Manager.AddStatusNote(r.Context(), p.ID, r.Person.Name, map[string]any{"text": page.OrNil(s.Text), "incident_id": page.OrNil(s.About)})
	if scout.HasCode(err, scout.Invalid) {
		s.Faults = ui.FaultsOf(err, "text", "incident_id")
		return a.showScreen(r, http.StatusUnprocessableEntity, s)
	}
	if err != nil {
		return err
	}
	a.boards.forget(p.ID)
	return r.Done(pathOf(p), "The note is on the page")
}

// note returns the note that a request is about.
func (a *Area) note(ctx context.Context, p scout.StatusPage, id int64) (scout.StatusNote, error) {
	list, err := a.Store.ListStatusNotes(ctx, scout.StatusNoteFilter{PageID: p.ID, Before: id + 1}, 1)
	if err == nil && (len(list) == 0 || list[0].ID != id) {
		err = scout.Errorf(scout.NotFound, "there is no such note")
	}
	if err != nil {
		return scout.StatusNote{}, err
	}
	return list[0], nil
}

func (a *Area) confirmDeleteNote(r *page.Request) error {
	p, err := a.byID(r)
	if err != nil {
		return err
	}
	id, err := r.ID("note")
	if err != nil {
		return err
	}
	n, err := a.note(r.Context(), p, id)
	if err != nil {
		return err
	}
	return r.Show(around(p, "Delete a note"), ui.Confirm("Delete this note?", "“"+scout.Shorten(n.Text, 200)+"” is taken off the page, and cannot be brought back.",
		pathOf(p, "notes", ui.ID(n.ID), "delete"), "Delete the note", pathOf(p)))
}

func (a *Area) deleteNote(r *page.Request) error {
	p, err := a.byID(r)
	if err != nil {
		return err
	}
	id, err := r.ID("note")
	if err != nil {
		return err
	}
	if err := a.Manager.DeleteStatusNote(r.Context(), p.ID, id); err != nil {
		return err
	}
	a.boards.forget(p.ID)
	return r.Done(pathOf(p), "The note is deleted")
}

// badgeChoice is what badges are shown for, to be copied.
type badgeChoice struct {
	Checks []ui.Choice
	Check  string // the one that is chosen; "" where there is none
	Days   int
	Badges []snippet
}

// A snippet is a badge with what is pasted elsewhere for it.
type snippet struct {
	Kind           string
	Path           string // below the dashboard
	HTML, Markdown string
}

// choose offers the badges of one service of a page: the one asked for, or the
// first. address is the page's.
func choose(b *board, check string, days int, address string) badgeChoice {
	c := badgeChoice{Days: days}
	var chosen *service
	for _, s := range b.listed() {
		c.Checks = append(c.Checks, ui.Choice{Value: ui.ID(s.ID), Label: s.Name + " on " + s.Server})
		if chosen == nil || ui.ID(s.ID) == check {
			chosen = s
		}
	}
	if chosen == nil {
		return c
	}
	c.Check = ui.ID(chosen.ID)
	for _, kind := range badgeKinds {
		path := "/badge/" + c.Check + "/" + kind + ".svg"
		if kind == "uptime" {
			path += "?days=" + strconv.Itoa(days)
		}
		c.Badges = append(c.Badges, snippetOf(kind, b.Page.Path()+path, address+path, address, chosen))
	}
	return c
}

// listed are the services of a page, each once, as many as a choice offers.
func (b *board) listed() []*service {
	var list []*service
	seen := map[int64]bool{}
	for _, g := range b.Groups {
		for _, s := range g.Services {
			if !seen[s.ID] && len(list) < mostBadgeChoice {
				seen[s.ID] = true
				list = append(list, s)
			}
		}
	}
	return list
}

func snippetOf(kind, path, picture, address string, s *service) snippet {
	text := s.Name + " on " + s.Server + ": " + kind
	return snippet{
		Kind: kind, Path: path,
		HTML:     `<a href="` + templ.EscapeString(address) + `"><img src="` + templ.EscapeString(picture) + `" alt="` + templ.EscapeString(text) + `"></a>`,
		Markdown: "[![" + markdownText.Replace(text) + "](" + picture + ")](" + address + ")",
	}
}

// markdownText keeps a text from ending the link that it stands in.
var markdownText = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "`", "\\`")
