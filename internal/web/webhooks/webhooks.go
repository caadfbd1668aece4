// Package webhooks is the screens of Notification Settings: the list of
// webhooks, the form of one with a preview of its messages, Test Webhook and
// Diagnose, and what is done to a webhook that exists.
//
// Every answer of a button is also a whole page, for browsers without
// JavaScript. A secret that was typed or stored never comes back in a page;
// one that Server Scout made is shown once. The URL alone is sent back as it
// was typed while it is not saved, since nobody could correct it otherwise.
package webhooks

import (
	"context"
	"net/http"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// Store is what the screens read. What is not there is a NotFound error. Lists
// have at most limit items.
type Store interface {
	FindWebhooks(ctx context.Context, f scout.WebhookFilter, limit int) ([]scout.Webhook, error)
	Webhook(ctx context.Context, id int64) (scout.Webhook, error)
	ListDeliveries(ctx context.Context, f scout.DeliveryFilter, limit int) ([]scout.Delivery, error)
	Waiting(ctx context.Context) (map[int64]int, error)
	ListServers(ctx context.Context, f scout.ServerFilter, limit int) ([]scout.Server, error)
	ListChecks(ctx context.Context, f scout.CheckFilter, limit int) ([]scout.Check, error)
}

// Engine tries a webhook out, stored or not. ID 0 stands for one that is not
// stored.
type Engine interface {
	// Test sends a sample event and returns what is on record of it, whatever
	// the receiver said.
	Test(ctx context.Context, w scout.Webhook, status scout.Status) (scout.Delivery, scout.Attempt, error)
	// Preview draws a message as its target shows it, as trusted HTML, and gives
	// the body that is sent, with secrets masked in both.
	Preview(w scout.Webhook, status scout.Status) (html, body string, err error)
	// Diagnose goes through the doctor's steps and reports each as it ends, one
	// at a time.
	Diagnose(ctx context.Context, w scout.Webhook, report func(scout.Finding)) error
}

// Egress says where the requests to webhooks come from.
type Egress struct {
	SourceAddresses []string // of this machine; none with a proxy
	Proxy           string   // credentials masked; "" for none
	Limits          string   // one sentence: which addresses can be reached
}

// Options of an Area. All are needed.
type Options struct {
	Store   Store
	Manager *manage.Manager
	Engine  Engine
	Formats []scout.FormatMeta // in the order of the choice
	// Recognise returns the format for a URL, and whether the URL is known as
	// that target's own; any other gets the format that is returned then.
	Recognise func(url string) (scout.FormatMeta, bool)
	// PreviewCSS is the style sheet for what Engine.Preview draws.
	PreviewCSS string
	// NewSecret makes a signing secret, in the form in which receivers take it.
	NewSecret func() string
	Egress    func() Egress
}

// Area serves the screens. Make it with New.
type Area struct {
	Options
	assets *ui.Assets // of the site, once Route was called
}

// New makes an Area.
func New(o Options) *Area { return &Area{Options: o} }

const (
	root       = "notifications/settings"
	title      = "Notification Settings"
	styleSheet = "preview.css"
)

// Route registers the screens and adds the previews' style sheet to the assets.
func (a *Area) Route(site *page.Site, mux *http.ServeMux) {
	site.Assets.Add(styleSheet, a.PreviewCSS)
	a.assets = site.Assets
	site.Handle(mux, "GET /notifications/settings", a.list)
	site.Handle(mux, "GET /notifications/settings/new", a.add)
	site.Handle(mux, "POST /notifications/settings/new", a.create)
	site.Handle(mux, "POST /notifications/settings/fields", a.fields)
	site.Handle(mux, "POST /notifications/settings/preview", a.preview)
	site.Handle(mux, "POST /notifications/settings/test", a.test)
	site.Handle(mux, "POST /notifications/settings/diagnose", a.diagnose)
	site.Handle(mux, "GET /notifications/settings/{id}", a.show)
	site.Handle(mux, "POST /notifications/settings/{id}", a.change)
	site.Handle(mux, "POST /notifications/settings/{id}/pause", a.pause)
	site.Handle(mux, "POST /notifications/settings/{id}/resume", a.resume)
	site.Handle(mux, "GET /notifications/settings/{id}/delete", a.confirmDelete)
	site.Handle(mux, "POST /notifications/settings/{id}/delete", a.delete)
	site.Handle(mux, "POST /notifications/settings/{id}/rotate", a.rotate)
	site.Handle(mux, "GET /notifications/settings/{id}/unsign", a.confirmUnsign)
	site.Handle(mux, "POST /notifications/settings/{id}/unsign", a.unsign)
}

// styles is the address of the previews' style sheet.
func (a *Area) styles() string { return a.assets.Path + "/" + styleSheet }

// around is the page around a body of this area.
func around(name string) page.Page {
	p := page.Page{Title: name, Section: ui.Webhooks}
	if name != title {
		p.Trail = []ui.Crumb{{Name: title, Path: root}}
	}
	return p
}
