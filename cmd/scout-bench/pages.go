package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"serverscout/internal/app"
	"serverscout/internal/app/config"
	"serverscout/internal/scout"
)

const (
	pageGoal     = 30.0 // ms
	pageSizeGoal = 100  // KB
)

// pages opens every page of the dashboard on the history, in the whole program
// and by HTTP, about another server, check or incident each time. The time is
// that to the last byte; the size is what a browser that was never here before
// loads, compressed: the page, the style sheet and the browser code.
func pages(o options) (map[string]any, error) {
	samples, err := pickFrom(o.dir)
	if err != nil {
		return nil, err
	}
	v, err := newVisitor(o.dir)
	if err != nil {
		return nil, err
	}
	figures := map[string]any{}
	slow, large := []string{}, []string{}
	all := dashboardPages()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		took := make([]time.Duration, len(samples))
		size := 0
		for i, about := range samples {
			n, d, err := v.open(all[name](about))
			took[i] = d
			if err != nil {
				return nil, errors.Join(fmt.Errorf("%s: %w", name, err), v.leave())
			}
			size = max(size, n)
		}
		p95, kb := quantile(took, .95), size/1024
		figures[name] = map[string]any{"p50_ms": quantile(took, .5), "p95_ms": p95, "kb": kb}
		if p95 > pageGoal {
			slow = append(slow, name)
		}
		if kb > pageSizeGoal {
			large = append(large, name)
		}
	}
	figures["over_30_ms"], figures["over_100_kb"] = slow, large
	return figures, v.leave()
}

// dashboardPages are the paths of all pages that show what there is much of.
func dashboardPages() map[string]func(sample) string {
	fixed := func(path string) func(sample) string { return func(sample) string { return path } }
	of := func(form string, id func(sample) any) func(sample) string {
		return func(v sample) string { return fmt.Sprintf(form, id(v)) }
	}
	server := func(v sample) any { return v.server.ID }
	check := func(v sample) any { return v.check.ID }
	return map[string]func(sample) string{
		"overview":                 fixed(""),
		"overview, 7 days":         fixed("?range=7d"),
		"overview, 30 days":        fixed("?range=30d"),
		"overview, 90 days":        fixed("?range=90d"),
		"overview, last page":      fixed("?page=8&range=90d"),
		"overview by name":         of("?q=%v", func(v sample) any { return url.QueryEscape(v.server.Name) }),
		"overview by tag":          of("?tag=%v", func(v sample) any { return v.server.Tags[0] }),
		"overview of what is down": fixed("?state=down"),
		"wall":                     fixed("wall"),
		"servers":                  fixed("servers"),
		"server":                   of("servers/%v", server),
		"server, 90 days":          of("servers/%v?range=90d", server),
		"check":                    of("checks/%v", check),
		"check, 7 days":            of("checks/%v?range=7d", check),
		"check, 30 days":           of("checks/%v?range=30d", check),
		"check, 90 days":           of("checks/%v?range=90d", check),
		"edit check":               of("checks/%v/edit", check),
		"add":                      fixed("add"),
		"incidents":                fixed("incidents"),
		"incidents of a server":    of("incidents?server=%v", func(v sample) any { return url.QueryEscape(v.server.Name) }),
		"incident":                 of("incidents/%v", func(v sample) any { return v.incident.ID }),
		"webhooks":                 fixed("notifications/settings"),
		"webhook":                  of("notifications/settings/%v", func(v sample) any { return v.webhook.ID }),
		"new webhook":              fixed("notifications/settings/new"),
		"history":                  fixed("notifications/history"),
		"history, attempts":        fixed("notifications/history?view=attempts"),
		"history of what failed":   fixed("notifications/history?status=failed"),
		"history by text":          of("notifications/history?q=%v", func(v sample) any { return url.QueryEscape(v.server.Name) }),
		"delivery":                 of("notifications/deliveries/%v", func(v sample) any { return v.delivery.ID }),
		"send again":               fixed("notifications/send-again"),
		"silences":                 fixed("holds"),
		"new silence":              fixed("holds/new"),
		"status pages":             fixed("status-pages"),
		"new status page":          fixed("status-pages/new"),
		"settings":                 fixed("settings"),
		"search":                   of("search?q=%v", func(v sample) any { return url.QueryEscape(v.server.Name) }),
	}
}

// A visitor is signed in to a program that runs on a data folder.
type visitor struct {
	app    *app.App
	client *http.Client
	base   string
	assets map[string]int // sizes by path
}

const (
	visitorName     = "scout-bench"
	visitorPassword = "correct horse battery staple"
)

func newVisitor(dir string) (*visitor, error) {
	ctx := context.Background()
	c, err := config.Load(config.Flags{Data: dir, Listen: "127.0.0.1:0"}, func(string) (string, bool) { return "", false })
	if err != nil {
		return nil, err
	}
	account := app.AccountReset{Name: visitorName, Password: scout.NewSecret(visitorPassword), Create: true}
	if err := app.ResetAccount(ctx, io.Discard, io.Discard, c, account); err != nil {
		return nil, err
	}
	running, err := app.Start(ctx, c, app.Options{Version: "bench", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	v := &visitor{app: running, client: &http.Client{Jar: jar}, base: running.URL() + "/", assets: map[string]int{}}
	if err == nil {
		err = v.signIn()
	}
	if err != nil {
		return nil, errors.Join(err, v.leave())
	}
	return v, nil
}

func (v *visitor) leave() error { return v.app.Stop() }

func (v *visitor) signIn() error {
	resp, err := v.client.PostForm(v.base+"sign-in", url.Values{"name": {visitorName}, "password": {visitorPassword}})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if at := resp.Request.URL.Path; resp.StatusCode != http.StatusOK || at != "/" {
		return fmt.Errorf("signing in leads to %s with status %d", at, resp.StatusCode)
	}
	return nil
}

// assetPath finds what a page loads.
var assetPath = regexp.MustCompile(`(?:href|src)="(assets/[^"]+)"`)

// open loads a page and returns its size with all that it loads, which is read
// the first time only, and how long the page itself took.
func (v *visitor) open(path string) (size int, took time.Duration, err error) {
	start := time.Now()
	size, body, err := v.load(path)
	took = time.Since(start)
	if err != nil {
		return 0, 0, err
	}
	text, err := unzip(body)
	if err != nil {
		return 0, 0, err
	}
	for _, m := range assetPath.FindAllSubmatch(text, -1) {
		asset := string(m[1])
		if _, known := v.assets[asset]; !known {
			if v.assets[asset], _, err = v.load(asset); err != nil {
				return 0, 0, err
			}
		}
		size += v.assets[asset]
	}
	return size, took, nil
}

// load returns what came, compressed, and how many bytes it is.
func (v *visitor) load(path string) (size int, body []byte, err error) {
	req, err := http.NewRequest(http.MethodGet, v.base+path, nil)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := v.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err != nil {
		return 0, nil, err
	}
	if resp.StatusCode != http.StatusOK || strings.HasPrefix(resp.Request.URL.Path, "/sign-in") {
		return 0, nil, fmt.Errorf("%s answers %d at %s", path, resp.StatusCode, resp.Request.URL.Path)
	}
	return len(body), body, nil
}

func unzip(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
