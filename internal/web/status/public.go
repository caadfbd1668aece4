package status

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
)

// What browsers and proxies are told: to keep a page for a moment, and to read
// it again after a minute.
const (
	pageAge   = "max-age=30"
	badgeAge  = "max-age=60"
	readAgain = "60"
)

// A document is a drawn page, as it is and compressed.
type document struct{ plain, zipped []byte }

// draw draws a component.
func draw(ctx context.Context, c templ.Component) (document, error) {
	var plain, zipped bytes.Buffer
	if err := c.Render(ctx, &plain); err != nil {
		return document{}, err
	}
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(plain.Bytes()) // a buffer takes everything
	_ = z.Close()
	return document{plain.Bytes(), zipped.Bytes()}, nil
}

// send answers with a document.
func (d document) send(r *page.Request, status int, kind string) error {
	h, text := r.Out.Header(), d.plain
	h.Set("Content-Type", kind)
	h.Set("Vary", "Accept-Encoding") // and nothing else: it is the same for everybody
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		text = d.zipped
	}
	r.Out.WriteHeader(status)
	_, _ = r.Out.Write(text) // nobody is left to tell if it fails
	return nil
}

const (
	kindHTML = "text/html; charset=utf-8"
	kindSVG  = "image/svg+xml"
)

// public shows a status page to whoever may see it.
func (a *Area) public(r *page.Request) error {
	p, found, err := a.visited(r)
	if err != nil {
		return err
	}
	if !found {
		return a.nowhere(r)
	}
	if p.Key != "" && r.PathValue("key") == "" { // it came in the query
		return r.Redirect(p.Path())
	}
	_, drawn, err := a.board(r.Context(), p, r.Clock.Now)
	if err != nil {
		return err
	}
	tellCaches(r, p, pageAge)
	r.Out.Header().Set("Refresh", readAgain)
	return drawn.send(r, http.StatusOK, kindHTML)
}

// visited returns the page that a visitor asks for; false if there is none, and
// if the visitor does not have the key it needs.
func (a *Area) visited(r *page.Request) (p scout.StatusPage, found bool, err error) {
	p, err = a.Store.StatusPageAt(r.Context(), r.PathValue("slug"))
	if scout.HasCode(err, scout.NotFound) {
		return p, false, nil
	}
	key := r.PathValue("key")
	if key == "" {
		key = r.URL.Query().Get("key")
	}
	if p.Key == "" { // a public page has no address with a key
		return p, r.PathValue("key") == "", err
	}
	return p, subtle.ConstantTimeCompare([]byte(key), []byte(p.Key)) == 1, err
}

// board returns what a page shows, and its document.
func (a *Area) board(ctx context.Context, p scout.StatusPage, now time.Time) (*board, document, error) {
	return a.boards.of(ctx, p, now, func(ctx context.Context) (*board, document, error) {
		b, err := a.compose(ctx, p, now)
		if err != nil {
			return nil, document{}, err
		}
		drawn, err := draw(ctx, a.frame(p.Title, b.worst(), publicPage(b)))
		return b, drawn, err
	})
}

// nowhere answers where a visitor may see nothing, in the same words whatever
// the reason.
func (a *Area) nowhere(r *page.Request) error {
	drawn, err := draw(r.Context(), a.frame("Not found", "", nowherePage()))
	if err != nil {
		return err
	}
	r.Out.Header().Set("Cache-Control", "no-store")
	return drawn.send(r, http.StatusNotFound, kindHTML)
}

// tellCaches says for how long an answer may be kept. What a key protects is
// for the visitor's own browser, and not for search engines.
func tellCaches(r *page.Request, p scout.StatusPage, age string) {
	if p.Access == scout.PublicAccess {
		r.Out.Header().Set("Cache-Control", "public, "+age)
		return
	}
	r.Out.Header().Set("Cache-Control", "private, "+age)
	r.Out.Header().Set("X-Robots-Tag", "noindex")
}
