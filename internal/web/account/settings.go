package account

import (
	"net/http"
	"strings"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// mostListed is how many sessions and tokens the page shows.
const mostListed = 200

// settings is what the page of the account shows.
type settings struct {
	Person   page.Person
	Clock    ui.Clock
	Sessions []scout.Session
	Current  int64 // this browser's
	Tokens   []scout.Token
	Theme    string
	Password ui.Faults
	Token    ui.Faults
	TokenIs  string // the text of a token that was made just now
	Made     string // its name
}

func (a *Area) settings(r *page.Request) error {
	return a.show(r, http.StatusOK, settings{})
}

// show fills the page in around what a form had to say.
func (a *Area) show(r *page.Request, status int, s settings) (err error) {
	s.Person, s.Clock = r.Person, r.Clock
	if s.Current, err = a.Sessions.Current(r.Request); err != nil {
		return err
	}
	if s.Sessions, err = a.Reader.ListSessions(r.Context(), r.Person.ID, 0, mostListed); err != nil {
		return err
	}
	if r.Person.May(scout.Admin) {
		if s.Tokens, err = a.Reader.ListTokens(r.Context(), 0, mostListed); err != nil {
			return err
		}
	}
	if c, err := r.Cookie("theme"); err == nil {
		s.Theme = c.Value
	}
	return r.ShowAs(status, page.Page{Title: "Account", Section: ui.Settings}, settingsPage(s))
}

func (a *Area) changePassword(r *page.Request) error {
	current, err := a.Sessions.Current(r.Request)
	if err != nil {
		return err
	}
	next := r.PostFormValue("new")
	if next != r.PostFormValue("again") {
		err = fault("again", "this is not the same password as above")
	} else {
		_, err = a.Manager.ChangePassword(r.Context(), r.Person.ID, scout.NewSecret(r.PostFormValue("old")), scout.NewSecret(next), current)
	}
	if err != nil {
		return a.show(r, http.StatusUnprocessableEntity, settings{Password: ui.FaultsOf(err, "old", "new", "again")})
	}
	return r.Done("settings", "The password was changed. Other browsers were signed out.")
}

func (a *Area) endSession(r *page.Request) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	if err := a.Manager.EndSession(r.Context(), r.Person.ID, id); err != nil {
		return err
	}
	return r.Done("settings", "That browser was signed out.")
}

func (a *Area) endOthers(r *page.Request) error {
	current, err := a.Sessions.Current(r.Request)
	if err != nil {
		return err
	}
	if err := a.Manager.EndSessions(r.Context(), r.Person.ID, current); err != nil {
		return err
	}
	return r.Done("settings", "All other browsers were signed out.")
}

func (a *Area) makeToken(r *page.Request) error {
	name := strings.TrimSpace(r.PostFormValue("name"))
	t, text, err := a.NewToken(r.Context(), map[string]any{"name": name, "role": r.PostFormValue("role")})
	if err != nil {
		return a.show(r, http.StatusUnprocessableEntity, settings{Token: ui.FaultsOf(err, "name", "role"), Made: name})
	}
	return a.show(r, http.StatusOK, settings{TokenIs: text, Made: t.Name})
}

func (a *Area) askToken(r *page.Request) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	t, err := a.Reader.Token(r.Context(), id)
	if err != nil {
		return err
	}
	return r.Show(page.Page{Title: "Delete a token", Section: ui.Settings, Trail: []ui.Crumb{{Name: "Account", Path: "settings"}}},
		ui.Confirm("Delete the token “"+t.Name+"”?", "Programs that use it are refused from then on. This cannot be taken back.",
			r.Here(), "Delete the token", "settings"))
}

func (a *Area) deleteToken(r *page.Request) error {
	id, err := r.ID("id")
	if err != nil {
		return err
	}
	if err := a.Manager.DeleteToken(r.Context(), id); err != nil {
		return err
	}
	return r.Done("settings", "The token was deleted.")
}

func roleChoices() []ui.Choice {
	return []ui.Choice{
		{Value: string(scout.Viewer), Label: "viewer: reads"},
		{Value: string(scout.Editor), Label: "editor: also changes and operates"},
		{Value: string(scout.Admin), Label: "admin: also manages tokens and accounts"},
	}
}

// browser is what a browser says it is, in few words.
func browser(agent string) string {
	name, system := "A browser", ""
	for _, known := range []string{"Firefox", "Edg", "OPR", "Chrome", "Safari"} {
		if strings.Contains(agent, known+"/") {
			name = map[string]string{"Edg": "Edge", "OPR": "Opera"}[known]
			if name == "" {
				name = known
			}
			break
		}
	}
	for _, known := range []string{"Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux"} {
		if strings.Contains(agent, known) {
			system = " on " + strings.TrimSuffix(known, " OS X")
			break
		}
	}
	return name + system
}
