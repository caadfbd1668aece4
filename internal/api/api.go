// Package api serves Server Scout over HTTP: the REST API below /api/v1 with
// its OpenAPI document, the addresses that heartbeats ping, and what other
// programs ask of a process (health, readiness, metrics).
//
// It reads the store, changes it through manage and reaches the engine by the
// ports in Engine. Two promises hold for every answer: a secret is never in
// it, except that whoever makes a heartbeat or an API token is shown its text
// once; and every error is an RFC 9457 problem that names the faulty fields.
package api

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// prefix is where the REST API lies.
const prefix = "/api/v1"

// Options are what the API is joined to. Store, Manager, Engine and NewToken
// are needed.
type Options struct {
	Store   Store
	Manager *manage.Manager
	Engine  Engine
	// NewToken makes an API token from its keys, as manage does, and returns its
	// text, which the answer shows and nothing keeps.
	NewToken func(ctx context.Context, keys map[string]any) (scout.Token, string, error)
	Egress   func() EgressView               // nil: nothing is said of it
	Changes  Changes                         // nil: streams find out by themselves, and later
	Done     <-chan struct{}                 // closed when the server stops, to end the streams; nil: never
	Ready    func(ctx context.Context) error // says in one sentence why not; nil: always ready
	Metrics  http.Handler                    // nil: no /metrics
	Version  string                          // the program's
	Root     string                          // the path that people reach it below, such as /scout; "" for none
	Log      *slog.Logger                    // nil: no log
}

// Engine is what the API has done by the running engine. Its errors are
// *scout.Error, and any other is taken for an internal one.
type Engine interface {
	// Test sends a sample event to a webhook, stored or not (ID 0), and returns
	// what is on record of it, whatever the receiver said.
	Test(ctx context.Context, w scout.Webhook, status scout.Status) (scout.Delivery, scout.Attempt, error)
	// Diagnose sends a sample event as Test does and reports what is found at each
	// step, one at a time and as soon as it is known.
	Diagnose(ctx context.Context, w scout.Webhook, report func(scout.Finding)) error
	// ProbeNow probes a check out of turn.
	ProbeNow(ctx context.Context, checkID int64) (scout.Result, error)
	// Ingest takes a result of a check, as monitor does. Once it has returned,
	// what it changed is on disk. A check that is not watched is NotFound.
	Ingest(ctx context.Context, r scout.Result) error
	// Ping takes a heartbeat's signal. Once it has returned, what it changed is
	// on disk. An unknown token is NotFound.
	Ping(ctx context.Context, token string, s scout.Signal) error
}

// api is the handlers' common ground. It does not change once it is made.
type api struct {
	store    Store
	manager  *manage.Manager
	engine   Engine
	newToken func(ctx context.Context, keys map[string]any) (scout.Token, string, error)
	egress   func() EgressView
	changes  Changes
	done     <-chan struct{}
	streams  chan struct{} // holds one of each open stream
	ready    func(ctx context.Context) error
	version  string
	log      *slog.Logger
	huma     huma.API
}

// New returns the handler of everything the package serves. It is safe for
// concurrent use. Timeouts are for the http.Server around it to set.
func New(o Options) http.Handler {
	mux := http.NewServeMux()
	a := newAPI(o, mux)
	document := must(json.Marshal(a.huma.OpenAPI()))
	mux.HandleFunc("GET "+prefix+"/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(document) // nobody is left to tell if it fails
	})
	a.routeHeartbeats(mux)
	a.routeHealth(mux, o.Metrics)
	return a.guard(mux)
}

// newAPI registers the operations of the REST API with mux.
func newAPI(o Options, mux *http.ServeMux) *api {
	a := &api{
		store: o.Store, manager: o.Manager, engine: o.Engine, newToken: o.NewToken, egress: o.Egress, changes: o.Changes,
		done: o.Done, streams: make(chan struct{}, mostStreams), ready: o.Ready, version: o.Version, log: o.Log,
	}
	if a.egress == nil {
		a.egress = func() EgressView { return EgressView{} }
	}
	if a.changes == nil {
		a.changes = silence{}
	}
	if a.ready == nil {
		a.ready = func(context.Context) error { return nil }
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	a.huma = humago.New(mux, configuration(o.Version, o.Root))
	a.huma.UseMiddleware(a.authenticate, a.readBody, a.onlyOnce)
	a.registerServers()
	a.registerChecks()
	a.registerWatching()
	a.registerHistory()
	a.registerIncidents()
	a.registerAcknowledgements()
	a.registerEvents()
	a.registerWhy()
	a.registerReport()
	a.registerWebhooks()
	a.registerTests()
	a.registerHolds()
	a.registerDoctor()
	a.registerDeliveries()
	a.registerSendAgain()
	a.registerAttempts()
	a.registerTokens()
	a.registerAccounts()
	a.registerEgress()
	a.registerStream()
	a.registerStatus()
	return a
}

// configuration is huma's own, without what it would add to answers. The
// document is served by New: huma would make it anew while requests race.
func configuration(version, root string) huma.Config {
	schemas := huma.NewMapRegistry("#/components/schemas/", schemaName)
	schemas.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:   "Server Scout",
				Version: version,
				Description: "Watches services and tells people by webhook when they break or recover. " +
					"Lists come in pages: pass a page's next as cursor to get the one after it. " +
					"Times are RFC 3339 in UTC and are left out where there is none. " +
					"What shows one server, check, webhook or hold has an ETag: send it as If-Match to change what you have seen and nothing newer. " +
					"If-None-Match is not offered, as the state that is shown beside is live.",
			},
			Components: &huma.Components{
				Schemas: schemas,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token": {Type: "http", Scheme: "bearer", Description: "A token made with scout token create. Viewers read; editors also change and operate; admins also manage tokens and accounts."},
				},
			},
			Security: []map[string][]string{{"token": {}}},
			Servers:  []*huma.Server{{URL: cmp.Or(root, "/")}},
		},
		Formats:                      huma.DefaultFormats,
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{restate},
	}
}

// must is for what can only fail if the program is wrong.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
