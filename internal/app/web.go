package app

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"serverscout/internal/integration"
	"serverscout/internal/probe"
	"serverscout/internal/scout"
	"serverscout/internal/web"
	"serverscout/internal/web/account"
	"serverscout/internal/web/components"
	"serverscout/internal/web/glance"
	"serverscout/internal/web/history"
	"serverscout/internal/web/holds"
	"serverscout/internal/web/incidents"
	"serverscout/internal/web/overview"
	"serverscout/internal/web/search"
	"serverscout/internal/web/status"
	"serverscout/internal/web/ui"
	"serverscout/internal/web/watch"
	"serverscout/internal/web/webhooks"
)

// dashboard puts the screens together.
func (a *App) dashboard() http.Handler {
	sessions := web.NewSessions(a.store.Sessions(), a.store, a.root, a.secure())
	glances := glance.New(a.store)
	address := outsideAddress(a.config.PublicURL, a.root)
	o := web.Options{
		Root: a.root, Version: a.version, Sessions: sessions, Tally: a.tally, Changes: &a.hub, Done: a.done, Log: a.log,
		Areas: []web.Area{
			account.New(account.Options{
				Reader: a.store, Manager: a.manager, Sessions: sessions, SetupCode: a.checkSetup,
				NewToken: newToken(a.manager), Address: web.Address,
			}),
			overview.New(a.store, glances),
			incidents.New(a.store, a.manager),
			history.New(history.Options{Store: a.store, Manager: a.manager}),
			search.New(search.Options{Store: a.store}),
			holds.New(a.store, a.manager),
			watch.New(watch.Options{
				Store: a.store, Manager: a.manager, ProbeNow: a.monitor.ProbeNow, Try: tryCheck,
				Services: probe.Services, PingURL: func(r *http.Request, token string) string { return address(r) + "/heartbeats/" + token }, ConfigFile: a.config.File,
			}),
			webhooks.New(webhooks.Options{
				Store: a.store, Manager: a.manager, Engine: a.engine, Formats: formats(), Recognise: recognise,
				PreviewCSS: integration.PreviewCSS(), NewSecret: func() string { return integration.NewSecret().Reveal() },
				Egress: func() webhooks.Egress { return webhooks.Egress(a.egress()) },
			}),
			status.New(status.Options{Store: a.store, Manager: a.manager, Outside: address}),
		},
	}
	if a.version == developmentVersion {
		o.Areas = append(o.Areas, components.Area{})
	}
	return web.New(o)
}

// developmentVersion is that of a program that was built by go build alone.
const developmentVersion = "dev"

// tryCheck probes a check that need not be stored.
func tryCheck(ctx context.Context, s scout.Server, c scout.Check) (scout.Result, error) {
	return probe.Once(ctx, scout.Target{Server: s, Check: c})
}

func formats() []scout.FormatMeta {
	var list []scout.FormatMeta
	for _, f := range integration.Formats() {
		list = append(list, f.FormatMeta)
	}
	return list
}

// recognise returns the format for a URL, and whether it is the target's own.
func recognise(url string) (scout.FormatMeta, bool) {
	f := integration.Recognise(url)
	return f.FormatMeta, f.Recognise != nil
}

// mostFailing is how many failing webhooks the notices name.
const mostFailing = 3

// tally counts what is not well, and says which webhooks are failing.
func (a *App) tally(ctx context.Context) (t ui.Tally, notices []ui.Notice, err error) {
	checks, err := a.store.Tally(ctx)
	if err != nil {
		return t, nil, err
	}
	failing, err := a.store.FindWebhooks(ctx, scout.WebhookFilter{Failing: scout.With}, 100)
	if err != nil {
		return t, nil, err
	}
	for i, w := range failing {
		if i == mostFailing {
			notices = append(notices, ui.Notice{
				State: ui.Warning, Title: fmt.Sprintf("%d more webhooks are failing", len(failing)-mostFailing),
				Action: "See which", Path: "notifications/settings",
			})
			break
		}
		notices = append(notices, ui.Notice{
			State: ui.Down, Title: "The webhook “" + w.Name + "” is failing", Text: ui.Sentence(w.Health.LastError),
			Action: "See what happened", Path: "notifications/settings/" + ui.ID(w.ID),
		})
	}
	return ui.Tally{Down: checks.Down, Warning: checks.Warning, Failing: len(failing)}, notices, nil
}

// outside tells what other programs ask from what people open in a browser.
func outside(api, dashboard http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, prefix := range []string{"/api/", "/heartbeats/", "/healthz", "/readyz", "/metrics"} {
			if strings.HasPrefix(r.URL.Path, prefix) {
				api.ServeHTTP(w, r)
				return
			}
		}
		dashboard.ServeHTTP(w, r)
	})
}

// secure reports whether browsers are to send their session by HTTPS alone: that
// is so where the program serves HTTPS itself, or public_url says that whatever
// stands in front of it does.
func (a *App) secure() bool {
	return a.certificate != nil || strings.HasPrefix(a.config.PublicURL, "https://")
}

// checkSetup returns nil for the code that was printed at the start.
func (a *App) checkSetup(guess string, now time.Time) error {
	if a.setup == nil {
		return scout.Errorf(scout.Conflict, "the first account was made already: sign in with it, or restart Server Scout if it was removed")
	}
	return a.setup.Check(guess, now)
}
