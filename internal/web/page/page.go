// Package page is what the areas of the dashboard share: how a request is
// answered with a page, a part of one, a redirect or an error, and who asked.
package page

import (
	"compress/gzip"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// Person is who is signed in.
type Person struct {
	ID   int64
	Name string
	Role scout.Role
}

// May reports whether a person's role reaches as far as another.
func (p Person) May(role scout.Role) bool { return p.Role.Includes(role) }

// Site is where pages are served. Make it complete before the first request;
// it does not change afterwards.
type Site struct {
	Root    string // path below which the dashboard lies: "" or "/scout"
	Assets  *ui.Assets
	Version string
	Now     func() time.Time
	Log     *slog.Logger
	// Person tells who is signed in with a request; false for nobody.
	Person func(*http.Request) (Person, bool)
	// Tally counts what is not well, and gives the notices about it.
	Tally func(context.Context) (ui.Tally, []ui.Notice, error)
	// Flash keeps a notice for the next page that the same reader sees, and
	// Flashes takes those that are kept.
	Flash   func(context.Context, ui.Notice)
	Flashes func(context.Context) []ui.Notice
}

// A Handler answers a request. An error that it returns is shown as a page of
// its own.
type Handler func(*Request) error

// Request is a request for a page.
type Request struct {
	*http.Request
	Out    http.ResponseWriter
	Person Person
	Clock  ui.Clock
	site   *Site
}

// Page is what a handler says about the page around its body.
type Page struct {
	Title   string
	Section ui.Section
	Trail   []ui.Crumb // without the page itself
	Wide    bool
	Banner  bool // shows the notices about what is not well with Server Scout
	Search  string
}

// Handle serves a handler to those who are signed in; others are sent to sign
// in first. Whoever may only look is refused what is not a GET.
func (s *Site) Handle(mux *http.ServeMux, pattern string, h Handler) {
	s.HandleOwn(mux, pattern, func(r *Request) error {
		if r.Method != http.MethodGet && r.Method != http.MethodHead && !r.Person.May(scout.Editor) {
			return scout.Errorf(scout.Forbidden, "%s is a viewer, who may look at everything and change nothing: ask an admin", r.Person.Name)
		}
		return h(r)
	})
}

// HandleAdmin serves a handler to admins.
func (s *Site) HandleAdmin(mux *http.ServeMux, pattern string, h Handler) {
	s.HandleOwn(mux, pattern, func(r *Request) error {
		if !r.Person.May(scout.Admin) {
			return scout.Errorf(scout.Forbidden, "this is for admins: ask one of them")
		}
		return h(r)
	})
}

// HandleOwn serves a handler to everybody who is signed in, for what concerns
// nobody else.
func (s *Site) HandleOwn(mux *http.ServeMux, pattern string, h Handler) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, in *http.Request) {
		r := s.request(w, in)
		if r.Person.Name == "" {
			s.signIn(r)
			return
		}
		r.answer(h(r))
	})
}

// HandleOpen serves a handler to everybody.
func (s *Site) HandleOpen(mux *http.ServeMux, pattern string, h Handler) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, in *http.Request) {
		r := s.request(w, in)
		r.answer(h(r))
	})
}

// Nowhere answers where there is no page.
func (s *Site) Nowhere(r *Request) error {
	return scout.Errorf(scout.NotFound, "there is no page at this address")
}

// signIn sends a reader to sign in, and back afterwards.
func (s *Site) signIn(r *Request) {
	if r.Part() {
		http.Error(r.Out, "You are no longer signed in. Reload the page.", http.StatusUnauthorized)
		return
	}
	next := "sign-in"
	if r.Method == http.MethodGet {
		next += "?" + url.Values{"next": {r.Here()}}.Encode()
	}
	r.answer(r.Redirect(next))
}

func (s *Site) request(w http.ResponseWriter, in *http.Request) *Request {
	r := &Request{Request: in, Out: w, site: s, Clock: ui.Clock{Now: s.Now(), Zone: zone(in)}}
	if p, ok := s.Person(in); ok {
		r.Person = p
	}
	return r
}

// zone is the reader's time zone, which the browser code leaves in a cookie.
func zone(r *http.Request) *time.Location {
	c, err := r.Cookie("zone")
	if err != nil || len(c.Value) > 100 {
		return nil
	}
	name, err := url.QueryUnescape(c.Value)
	if err != nil {
		return nil
	}
	at, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return at
}

// Root is the path below which the dashboard lies: "" or "/scout".
func (r *Request) Root() string { return r.site.Root }

// Part reports whether the browser code asks for a part of a page alone.
func (r *Request) Part() bool { return r.Header.Get("X-Part") != "" }

// Here is the address of the request, below the root.
func (r *Request) Here() string {
	here := strings.TrimPrefix(r.URL.EscapedPath(), "/")
	if here == "" {
		here = "."
	}
	if r.URL.RawQuery != "" {
		here += "?" + r.URL.RawQuery
	}
	return here
}

// With is the address of the request with some values of its query replaced;
// an empty value removes its key. It is how filters and pages are linked.
func (r *Request) With(pairs ...string) string {
	q := r.URL.Query()
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		} else {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	here, _, _ := strings.Cut(r.Here(), "?")
	if len(q) == 0 {
		return here
	}
	return here + "?" + q.Encode()
}

// ID reads a number from the path. Its error is NotFound.
func (r *Request) ID(name string) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil || id <= 0 {
		return 0, scout.Errorf(scout.NotFound, "there is no such page")
	}
	return id, nil
}

// mostPages is how far lists by number can be walked.
const mostPages = 100_000

// PageNumber is the number of the page of a list that the address asks for; what
// is none is the first.
func (r *Request) PageNumber() int {
	n, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || n < 1 || n > mostPages {
		return 1
	}
	return n
}

// Revision is the one that a form says it was made of; 0, which stands for any,
// if it says none.
func Revision(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// OrNil is a text that was typed, and nil for nothing: commands take that for a
// missing value.
func OrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// Show answers with a page.
func (r *Request) Show(p Page, body templ.Component) error {
	return r.ShowAs(http.StatusOK, p, body)
}

// ShowAs answers with a page and a status.
func (r *Request) ShowAs(status int, p Page, body templ.Component) error {
	shell := ui.Shell{
		Root: r.site.Root, Assets: r.site.Assets.Path, Here: r.Here(), Title: p.Title, Section: p.Section,
		Trail: append(p.Trail[:len(p.Trail):len(p.Trail)], ui.Crumb{Name: p.Title, Path: r.Here()}), Person: r.Person.Name,
		Search: p.Search, Version: r.site.Version, Wide: p.Wide,
	}
	if c, err := r.Cookie("theme"); err == nil && (c.Value == "light" || c.Value == "dark") {
		shell.Theme = c.Value
	}
	if r.Person.Name != "" {
		tally, notices, err := r.site.Tally(r.Context())
		if err != nil {
			return err
		}
		shell.Tally = tally
		if p.Banner {
			shell.Notices = notices
		}
	}
	if r.Header.Get("X-Live") == "" {
		shell.Notices = append(shell.Notices, r.site.Flashes(r.Context())...)
	}
	return r.write(status, ui.Page(shell, body))
}

// ShowPart answers with a part of a page.
func (r *Request) ShowPart(part templ.Component) error { return r.write(http.StatusOK, part) }

// effort is how hard pages are compressed, from 1 to 9: more of it would save a
// few KB of a large page and cost milliseconds.
const effort = 5

// write draws a component whole before anything of it is sent, so that an
// error can still be shown.
func (r *Request) write(status int, c templ.Component) error {
	buffer := templ.GetBuffer()
	defer templ.ReleaseBuffer(buffer)
	if err := c.Render(r.Context(), buffer); err != nil {
		return err
	}
	h := r.Out.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Encoding")
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		r.Out.WriteHeader(status)
		_, _ = buffer.WriteTo(r.Out) // nobody is left to tell if it fails
		return nil
	}
	h.Set("Content-Encoding", "gzip")
	r.Out.WriteHeader(status)
	z, _ := gzip.NewWriterLevel(r.Out, effort) // there is such a level
	_, _ = buffer.WriteTo(z)
	_ = z.Close()
	return nil
}

// Redirect sends the reader to another page, below the root.
func (r *Request) Redirect(to string) error {
	r.Out.Header().Set("Location", r.site.Root+"/"+strings.TrimPrefix(to, "."))
	r.Out.WriteHeader(http.StatusSeeOther)
	return nil
}

// Tell has the next page say something.
func (r *Request) Tell(n ui.Notice) { r.site.Flash(r.Context(), n) }

// Done sends the reader to a page that says what was done.
func (r *Request) Done(to, title string) error {
	r.Tell(ui.Notice{State: ui.Up, Title: title})
	return r.Redirect(to)
}

// answer shows an error that a handler returned.
func (r *Request) answer(err error) {
	if err == nil || r.Context().Err() != nil {
		return
	}
	status, title, text := explain(err)
	if status == http.StatusInternalServerError {
		r.site.Log.Error("a page could not be shown", "path", r.URL.Path, "error", err)
	}
	if r.Part() {
		err = r.write(status, ui.Fault(title+". "+text))
	} else {
		err = r.ShowAs(status, Page{Title: title}, ui.Problem(title, text))
	}
	if err != nil {
		r.site.Log.Error("an error could not be shown", "path", r.URL.Path, "error", err)
		http.Error(r.Out, title, http.StatusInternalServerError)
	}
}

// explain turns an error into a status and words.
func explain(err error) (status int, title, text string) {
	var e *scout.Error
	if !errors.As(err, &e) {
		return http.StatusInternalServerError, "Something went wrong", "Server Scout could not show this page. The reason is in its log."
	}
	switch e.Code {
	case scout.NotFound:
		return http.StatusNotFound, "Not found", ui.Sentence(e.Error())
	case scout.Invalid:
		return http.StatusUnprocessableEntity, "That is not possible", ui.Sentence(e.Error())
	case scout.Conflict, scout.ManagedByFile, scout.Changed:
		return http.StatusConflict, "That is not possible now", ui.Sentence(e.Error())
	case scout.Forbidden, scout.Unauthorized:
		return http.StatusForbidden, "Not allowed", ui.Sentence(e.Error())
	case scout.Unavailable:
		return http.StatusServiceUnavailable, "Not now", ui.Sentence(e.Error())
	default:
		return http.StatusInternalServerError, "Something went wrong", "The reason is in Server Scout's log."
	}
}
