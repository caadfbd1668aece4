package browser

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
	"serverscout/internal/web/history"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

// ledger gives manage the real store.
type ledger struct{ *store.Store }

func (l ledger) Update(ctx context.Context, fn func(manage.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// A scene is the pages of the history below a path, on a real store, for who
// has the cookie that signIn gives.
type scene struct {
	*testing.T
	site
	store   *store.Store
	manager *manage.Manager
	changed chan struct{} // holds one hint while there is news
	closing chan struct{}

	mu      sync.Mutex
	notices []ui.Notice
}

// below is where the dashboard lies, as behind a proxy.
const below = "/scout"

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{T: t, changed: make(chan struct{}, 1), closing: make(chan struct{})}
	var err error
	s.store, err = store.Open(store.Options{Dir: t.TempDir(), Key: make([]byte, 32), Changed: s.hint})
	s.must(err)
	t.Cleanup(func() { s.must(s.store.Close()) })
	s.manager = manage.New(ledger{s.store}, egress.CheckURL)
	server := httptest.NewServer(s.handler())
	t.Cleanup(func() {
		close(s.closing)
		server.Close()
	})
	s.site = site{base: server.URL + below, signIn: func(p *tab) {
		p.do(network.SetCookie("person", "ana").WithURL(server.URL))
	}}
	return s
}

func (s *scene) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// handler serves the pages as the program does: below a path, with the policy
// that forbids everything inline.
func (s *scene) handler() http.Handler {
	mux := http.NewServeMux()
	pages := &page.Site{
		Root: below, Assets: ui.NewAssets(), Version: "v1.2.3", Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Person: func(r *http.Request) (page.Person, bool) {
			c, err := r.Cookie("person")
			if err != nil {
				return page.Person{}, false
			}
			return page.Person{ID: 1, Name: c.Value, Role: "admin"}, true
		},
		Tally:   func(context.Context) (ui.Tally, []ui.Notice, error) { return ui.Tally{}, nil, nil },
		Flash:   s.flash,
		Flashes: s.flashes,
	}
	mux.Handle("GET /assets/{hash}/{file}", pages.Assets)
	mux.HandleFunc("GET /live", s.live)
	mux.HandleFunc("GET /favicon.ico", http.NotFound)
	history.New(history.Options{Store: s.store, Manager: s.manager}).Route(pages, mux)
	return http.StripPrefix(below, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'")
		mux.ServeHTTP(w, r)
	}))
}

// hint is told what changes in the store.
func (s *scene) hint(store.Topic) {
	select {
	case s.changed <- struct{}{}:
	default: // a hint is waiting already
	}
}

// live streams the hints.
func (s *scene) live(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	event := "hello"
	for {
		fmt.Fprintf(w, "event: %s\ndata: {}\n\n", event)
		if http.NewResponseController(w).Flush() != nil {
			return
		}
		select {
		case <-s.changed:
			event = "changed"
		case <-r.Context().Done():
			return
		case <-s.closing:
			return
		}
	}
}

func (s *scene) flash(_ context.Context, n ui.Notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notices = append(s.notices, n)
}

func (s *scene) flashes(context.Context) []ui.Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.notices
	s.notices = nil
	return taken
}

func (s *scene) webhook(name string) scout.Webhook {
	s.Helper()
	w, err := s.manager.CreateWebhook(s.Context(), map[string]any{"name": name, "url": "https://hooks.example.com/" + strings.ToLower(name)})
	s.must(err)
	return w
}

// owe writes an incident that opened so long ago, and the delivery of its first
// event, which is being sent.
func (s *scene) owe(w scout.Webhook, server string, ago time.Duration) scout.Job {
	s.Helper()
	at := time.Now().Add(-ago)
	in := scout.Incident{ID: scout.NewIncidentID(at), Server: server, Service: "HTTP", Level: scout.Down, Worst: scout.Down, Opened: at, Events: 1}
	e := scout.Event{
		IncidentID: in.ID, Seq: 1, Kind: scout.Opened, Level: scout.Down, At: at, Server: server, Service: "HTTP",
		Message: "HTTP service is not responding on port 80",
	}
	d := scout.Delivery{
		MessageID: scout.NewMessageID(), IncidentID: in.ID, Seq: 1, WebhookID: w.ID, Webhook: w.Name, Tells: scout.StatusDown,
		Status: scout.Sending, Reason: scout.Owed, CreatedAt: at, Server: server, Service: "HTTP",
	}
	s.must(s.store.Update(s.Context(), func(tx *store.Tx) error {
		if err := tx.SaveIncident(in); err != nil {
			return err
		}
		if err := tx.InsertEvent(&e); err != nil {
			return err
		}
		d.EventID = e.ID
		return tx.InsertDelivery(&d)
	}))
	return scout.Job{Delivery: d, Event: e, Webhook: w}
}

// answer ends a delivery with an answer of its receiver: 200 is delivered,
// anything else is given up.
func (s *scene) answer(job scout.Job, status int) int64 {
	s.Helper()
	at := job.Delivery.CreatedAt
	c := scout.Completion{Job: job, Status: scout.Delivered, Reason: scout.Owed, Now: at.Add(time.Second), Says: scout.SaysSuccess}
	c.Attempt = scout.Attempt{
		DeliveryID: job.Delivery.ID, WebhookID: job.Webhook.ID, Number: 1, StartedAt: at, Duration: 43 * time.Millisecond,
		Status: status, Address: "192.0.2.7:443", Verdict: scout.Verdict{Outcome: scout.OutcomeDelivered},
		Request: scout.Exchange{
			Line:   "POST https://hooks.example.com/" + scout.Masked,
			Header: [][2]string{{"Content-Type", "application/json"}, {"Webhook-Id", job.Delivery.MessageID}},
			Body:   `{"server_name":"` + job.Delivery.Server + `","status":"down"}`,
		},
		Response: scout.Exchange{Line: fmt.Sprintf("HTTP/1.1 %d %s", status, http.StatusText(status)), Header: [][2]string{{"Content-Type", "text/plain"}}, Body: "thanks"},
	}
	if status != http.StatusOK {
		c.Status, c.Reason, c.Says = scout.DeliveryFailed, scout.GaveUp, scout.SaysFailure
		c.Attempt.Verdict = scout.Verdict{Outcome: scout.OutcomeGaveUp, Fault: scout.FaultMisconfigured, Detail: fmt.Sprintf("The receiver answered %d: no such hook", status)}
	}
	_, err := s.store.Finish(s.Context(), c)
	s.must(err)
	return job.Delivery.ID
}

// populate makes some of everything: deliveries that arrived, failed and wait.
// It returns one that failed.
func (s *scene) populate() (failed int64) {
	s.Helper()
	ops, pager := s.webhook("Ops"), s.webhook("Pager")
	for i := range 6 {
		s.answer(s.owe(ops, fmt.Sprintf("web-server-0%d", i), time.Duration(60-i)*time.Minute), http.StatusOK)
	}
	failed = s.answer(s.owe(pager, "db-01", 30*time.Minute), http.StatusNotFound)
	s.answer(s.owe(pager, "a-very-long-server-name-that-nobody-would-choose-but-somebody-did.example.internal", 20*time.Minute), http.StatusNotFound)
	s.owe(ops, "mail-01", time.Minute)
	return failed
}
