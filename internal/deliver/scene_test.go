package deliver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/deliver"
	"serverscout/internal/egress"
	"serverscout/internal/integration/fake"
	"serverscout/internal/monitor"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

const inFlight = 3

// scene is an engine on a real store, with endpoints in memory, inside a
// bubble. Events come from a monitor that takes results but probes nothing.
type scene struct {
	*testing.T
	network
	dir     string
	rules   deliver.Rules   // of the next start; the sender is set by it
	options deliver.Options // of the next start
	wrap    func(*store.Store) deliver.Ledger

	store   *store.Store
	engine  *deliver.Engine
	monitor *monitor.Monitor
	server  scout.Server
	checks  int              // declared so far
	end     func(grace bool) // ends the process: in good order, or as by a kill
}

// play runs a test in a bubble, on a data folder of its own.
func play(t *testing.T, test func(*scene)) {
	t.Helper()
	folder, err := template()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := &scene{T: t, dir: dir, network: network{hosts: map[string]*host{}}, options: deliver.Options{InFlight: inFlight}}
		defer s.network.close()
		defer func() { s.end(true) }()
		test(s)
	})
}

// pass lets time pass, and what is due then happen. It is for bubbles.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// watched is the store as monitor sees it.
type watched struct{ *store.Store }

func (l watched) Update(ctx context.Context, fn func(monitor.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// start begins a process on the data folder.
func (s *scene) start() {
	s.Helper()
	client, err := egress.New(egress.Options{Dial: s.dial})
	s.ok(err)
	var engine *deliver.Engine
	ledger, err := store.Open(store.Options{Dir: s.dir, Key: make([]byte, 32), Changed: func(store.Topic) {
		if engine != nil {
			engine.Nudge()
		}
	}})
	s.ok(err)
	s.rules.Sender = client
	var seen deliver.Ledger = ledger
	if s.wrap != nil {
		seen = s.wrap(ledger)
	}
	engine = deliver.New(seen, s.rules, s.options)
	s.store, s.engine, s.monitor = ledger, engine, monitor.New(watched{ledger}, engine, monitor.Options{})
	s.ok(engine.Recover(s.Context()))
	s.ok(s.monitor.Sync(s.Context()))
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { engine.Run(ctx) })
	s.end = func(grace bool) {
		s.end = func(bool) {}
		cancel()
		running.Wait()
		limit, done := context.WithTimeout(context.Background(), time.Minute)
		if !grace {
			done()
		}
		engine.Stop(limit)
		done()
		client.Close()
		s.ok(ledger.Close())
	}
}

func (s *scene) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// update changes the configuration.
func (s *scene) update(fn func(*store.Tx) error) {
	s.Helper()
	s.ok(s.store.Update(s.Context(), fn))
	s.ok(s.monitor.Sync(s.Context()))
	synctest.Wait()
}

// webhook declares a webhook that is called like its host. It hears everything
// in the native format unless w says otherwise.
func (s *scene) webhook(name string, w scout.Webhook) scout.Webhook {
	s.Helper()
	w.Name, w.Source = name, scout.FromFile
	if w.URL.Empty() {
		w.URL = scout.NewSecret("http://" + name + "/hook")
	}
	if w.Format == "" {
		w.Format = "native"
	}
	if w.AlertTypes == 0 {
		w.AlertTypes = scout.AllAlerts
	}
	if s.hosts[name] == nil {
		s.hosts[name] = native()
	}
	s.save(&w)
	return w
}

func (s *scene) save(w *scout.Webhook) {
	s.Helper()
	s.update(func(tx *store.Tx) error { return tx.SaveWebhook(w) })
}

// check declares a check that tells at the first result, and reports it up.
func (s *scene) check(name string) scout.Check {
	s.Helper()
	c := scout.Check{
		Name: name, Kind: "heartbeat", FailAfter: 1, RecoverAfter: 1, Source: scout.FromFile,
		Settings: scout.Settings{"period": "365d", "token": fmt.Sprintf("token-of-check-%06d", s.checks)},
	}
	s.checks++
	s.update(func(tx *store.Tx) error {
		if s.server.ID == 0 {
			s.server = scout.Server{Name: "web-server-01", IP: "192.0.2.1", Source: scout.FromFile}
			if err := tx.SaveServer(&s.server); err != nil {
				return err
			}
		}
		c.ServerID = s.server.ID
		return tx.SaveCheck(&c)
	})
	s.report(c, scout.Up)
	return c
}

// report takes a result in, and waits for what can follow from it now.
func (s *scene) report(c scout.Check, l scout.Level) {
	s.Helper()
	r := scout.Result{CheckID: c.ID, At: time.Now(), Level: l, Message: c.Name + " is " + l.String()}
	s.ok(s.monitor.Ingest(s.Context(), r))
	synctest.Wait()
}

// breakdown declares a check and reports it down.
func (s *scene) breakdown(name string) scout.Check {
	s.Helper()
	c := s.check(name)
	s.report(c, scout.Down)
	return c
}

// deliveries lists what was owed to a webhook, in the order it was owed.
func (s *scene) deliveries(w scout.Webhook) []scout.Delivery {
	s.Helper()
	list, err := s.store.ListDeliveries(s.Context(), scout.DeliveryFilter{WebhookID: w.ID}, 10_000)
	s.ok(err)
	slices.Reverse(list)
	return list
}

// only returns the single delivery there is of a webhook.
func (s *scene) only(w scout.Webhook) scout.Delivery {
	s.Helper()
	list := s.deliveries(w)
	if len(list) != 1 {
		s.Fatalf("%s has %d deliveries, want 1", w.Name, len(list))
	}
	return list[0]
}

// is fails unless a webhook's deliveries are, in order, at these stages.
func (s *scene) is(w scout.Webhook, want ...scout.DeliveryStatus) {
	s.Helper()
	var got []scout.DeliveryStatus
	for _, d := range s.deliveries(w) {
		got = append(got, d.Status)
	}
	if !slices.Equal(got, want) {
		s.Errorf("the deliveries of %s are %v, want %v", w.Name, got, want)
	}
}

func (s *scene) attempts(d scout.Delivery) []scout.Attempt {
	s.Helper()
	list, err := s.store.Attempts(s.Context(), d.ID, 0, 10_000)
	s.ok(err)
	return list
}

// received lists what came to a host, as "service status", in its order.
func (s *scene) received(name string) []string {
	s.Helper()
	var got []string
	for _, r := range s.hosts[name].Requests() {
		p := payload(s.T, r)
		got = append(got, p.Service+" "+p.Status)
	}
	return got
}

// got fails unless exactly this came to a host.
func (s *scene) got(name string, want ...string) {
	s.Helper()
	if got := s.received(name); !slices.Equal(got, want) {
		s.Errorf("%s received %q, want %q", name, got, want)
	}
}

// payload reads a request as the native payload.
func payload(t *testing.T, r fake.Request) scout.Payload {
	t.Helper()
	var p scout.Payload
	if err := json.Unmarshal(r.Body, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// arrivals lists when requests came to a host, counted from a moment.
func (s *scene) arrivals(name string, from time.Time) []time.Duration {
	var at []time.Duration
	for _, r := range s.hosts[name].Requests() {
		at = append(at, r.At.Sub(from))
	}
	return at
}

// placesAreFree fails unless nothing is under way, and every place of the
// webhook's lane can be had again.
func (s *scene) placesAreFree(w scout.Webhook) {
	s.Helper()
	if !s.engine.Idle() {
		s.Errorf("something is under way")
	}
	n := 0
	for s.engine.Reserve(w.ID) {
		n++
	}
	for range n {
		s.engine.Release(w.ID)
	}
	if n != inFlight {
		s.Errorf("%d places in the lane of %s are free, want %d", n, w.Name, inFlight)
	}
}

func within(d, from, to time.Duration) bool { return from <= d && d <= to }

// serverError is the answer of a receiver that is broken.
func serverError() fake.Answer { return fake.Reply(http.StatusInternalServerError, "broken") }
