// Package account has the pages about who one is: making the first account,
// signing in and out, the password, where one is signed in, and API tokens.
package account

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// Reader reads accounts, sessions and tokens.
type Reader interface {
	HasAccounts(ctx context.Context) (bool, error)
	ListSessions(ctx context.Context, accountID, after int64, limit int) ([]scout.Session, error)
	ListTokens(ctx context.Context, after int64, limit int) ([]scout.Token, error)
	Token(ctx context.Context, id int64) (scout.Token, error)
}

// Sessions sign browsers in and out.
type Sessions interface {
	Begin(r *http.Request, a scout.Account) error
	End(r *http.Request) error
	Current(r *http.Request) (int64, error)
}

// Options are what the pages are joined to.
type Options struct {
	Reader   Reader
	Manager  *manage.Manager
	Sessions Sessions
	// SetupCode returns nil for the code that was printed when the program
	// started.
	SetupCode func(guess string, now time.Time) error
	NewToken  func(ctx context.Context, keys map[string]any) (scout.Token, string, error)
	Address   func(*http.Request) string
}

// Area serves the pages.
type Area struct{ Options }

// New makes the area.
func New(o Options) *Area { return &Area{o} }

// Route implements web.Area.
func (a *Area) Route(site *page.Site, mux *http.ServeMux) {
	site.HandleOpen(mux, "GET /setup", a.setup)
	site.HandleOpen(mux, "POST /setup", a.makeFirst)
	site.HandleOpen(mux, "GET /sign-in", a.signIn)
	site.HandleOpen(mux, "POST /sign-in", a.begin)
	site.HandleOwn(mux, "POST /sign-out", a.signOut)
	site.HandleOwn(mux, "GET /settings", a.settings)
	site.HandleOwn(mux, "POST /settings/password", a.changePassword)
	site.HandleOwn(mux, "POST /settings/theme", a.theme)
	site.HandleOwn(mux, "POST /settings/sessions/end", a.endOthers)
	site.HandleOwn(mux, "POST /settings/sessions/{id}/end", a.endSession)
	site.HandleAdmin(mux, "POST /settings/tokens", a.makeToken)
	site.HandleAdmin(mux, "GET /settings/tokens/{id}/delete", a.askToken)
	site.HandleAdmin(mux, "POST /settings/tokens/{id}/delete", a.deleteToken)
}

// first is the form that makes the first account.
type first struct {
	Code, Name string
	Faults     ui.Faults
}

func (a *Area) setup(r *page.Request) error {
	if done, err := a.Reader.HasAccounts(r.Context()); err != nil || done {
		return orRedirect(r, err, "sign-in")
	}
	return r.Show(page.Page{Title: "Welcome"}, setupPage(first{Code: r.FormValue("code")}))
}

func orRedirect(r *page.Request, err error, to string) error {
	if err != nil {
		return err
	}
	return r.Redirect(to)
}

func (a *Area) makeFirst(r *page.Request) error {
	f := first{Code: strings.TrimSpace(r.PostFormValue("code")), Name: strings.TrimSpace(r.PostFormValue("name"))}
	account, err := a.firstAccount(r, f)
	switch {
	case scout.HasCode(err, scout.Conflict):
		return r.Redirect("sign-in")
	case err != nil:
		f.Faults = ui.FaultsOf(err, "code", "name", "password", "again")
		return r.ShowAs(http.StatusUnprocessableEntity, page.Page{Title: "Welcome"}, setupPage(f))
	}
	if err := a.Sessions.Begin(r.Request, account); err != nil {
		return err
	}
	return r.Redirect("add?first=1")
}

func (a *Area) firstAccount(r *page.Request, f first) (scout.Account, error) {
	if err := a.SetupCode(f.Code, r.Clock.Now); err != nil {
		return scout.Account{}, err
	}
	password := r.PostFormValue("password")
	if password != r.PostFormValue("again") {
		return scout.Account{}, fault("again", "this is not the same password as above")
	}
	return a.Manager.CreateFirstAccount(r.Context(), f.Name, scout.NewSecret(password))
}

func fault(field, message string) error {
	return &scout.Error{Code: scout.Invalid, Message: message, Fields: []scout.FieldError{{Field: field, Message: message}}}
}

// entry is the form to sign in.
type entry struct{ Name, Next, Fault string }

func (a *Area) signIn(r *page.Request) error {
	if r.Person.Name != "" {
		return r.Redirect(local(r.FormValue("next")))
	}
	if any, err := a.Reader.HasAccounts(r.Context()); err != nil || !any {
		return orRedirect(r, err, "setup")
	}
	return r.Show(page.Page{Title: "Sign in"}, signInPage(entry{Next: r.FormValue("next")}))
}

func (a *Area) begin(r *page.Request) error {
	e := entry{Name: strings.TrimSpace(r.PostFormValue("name")), Next: r.PostFormValue("next")}
	account, err := a.Manager.SignIn(r.Context(), e.Name, scout.NewSecret(r.PostFormValue("password")), a.Address(r.Request))
	if scout.HasCode(err, scout.Unauthorized) || scout.HasCode(err, scout.Unavailable) {
		e.Fault = ui.Sentence(err.Error())
		return r.ShowAs(http.StatusUnprocessableEntity, page.Page{Title: "Sign in"}, signInPage(e))
	}
	if err != nil {
		return err
	}
	if err := a.Sessions.Begin(r.Request, account); err != nil {
		return err
	}
	return r.Redirect(local(e.Next))
}

// local is the page to go to after signing in. What does not lie below the
// dashboard's own address is not followed: it may come from anywhere.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || strings.HasPrefix(u.Path, "/") || strings.Contains(next, `\`) ||
		u.Path == "sign-out" || next == "" {
		return "."
	}
	return next
}

func (a *Area) signOut(r *page.Request) error {
	if err := a.Sessions.End(r.Request); err != nil {
		return err
	}
	return r.Redirect("sign-in")
}

// themes are what a reader may choose of.
var themes = []ui.Choice{{Value: "", Label: "As the system has it"}, {Value: "light", Label: "Light"}, {Value: "dark", Label: "Dark"}}

func (a *Area) theme(r *page.Request) error {
	http.SetCookie(r.Out, &http.Cookie{
		Name: "theme", Value: url.QueryEscape(r.PostFormValue("theme")), Path: r.Root() + "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode,
	})
	return r.Redirect("settings")
}
