package monitor

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/probe"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

const minute = time.Minute

// stage is a monitor on a real store, with services that a test plays. Inside
// a bubble it can run on the bubble's time.
type stage struct {
	*testing.T
	dir     string
	jump    atomic.Int64 // by how much the wall clock is wrong
	probers map[int64]*prober

	ledger  *ledger
	lanes   *places
	monitor *Monitor
	server  scout.Server
	tokens  int
	end     func() // ends the process
}

// play runs a test in a bubble, on a data folder of its own.
func play(t *testing.T, test func(*stage)) {
	t.Helper()
	dir := folder(t)
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, dir)
		defer func() { s.end() }()
		test(s)
	})
}

func folder(t *testing.T) string {
	t.Helper()
	from, err := template()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func newStage(t *testing.T, dir string) *stage {
	s := &stage{T: t, dir: dir, probers: map[int64]*prober{}}
	s.start()
	return s
}

// start begins a process: its monitor knows what to watch, but runs only after
// run.
func (s *stage) start() {
	s.Helper()
	db, err := store.Open(store.Options{Dir: s.dir, Key: make([]byte, 32)})
	s.ok(err)
	s.ledger, s.lanes = &ledger{Store: db}, &places{free: 100}
	s.monitor = New(s.ledger, s.lanes, Options{Now: func() time.Time { return time.Now().Add(time.Duration(s.jump.Load())) }})
	compile := s.monitor.prober
	s.monitor.prober = func(k probe.Kind, t scout.Target) (probe.Prober, error) {
		if p := s.probers[t.Check.ID]; p != nil { // a service that the test plays, in the place of the network
			return p, nil
		}
		return compile(k, t)
	}
	s.sync()
	s.end = func() {
		s.end = func() {}
		s.monitor.cancel()
		s.ok(db.Close())
	}
}

// run lets the monitor run until the process ends.
func (s *stage) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.monitor.Run(ctx) })
	end := s.end
	s.end = func() {
		cancel()
		running.Wait()
		end()
	}
	synctest.Wait()
}

// restart ends the process and begins another.
func (s *stage) restart() {
	s.Helper()
	s.end()
	s.start()
}

// pass lets time pass, and what is due then happen. It is for bubbles.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (s *stage) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// sync brings the monitor in line with the configuration.
func (s *stage) sync() {
	s.Helper()
	s.ok(s.monitor.Sync(s.Context()))
}

// configure changes the configuration without telling the monitor. A moment
// passes, because changes are told apart by their time.
func (s *stage) configure(fn func(*store.Tx) error) {
	s.Helper()
	<-time.After(time.Millisecond)
	s.ok(s.ledger.Store.Update(s.Context(), fn))
}

// update changes the configuration, and the monitor takes it over.
func (s *stage) update(fn func(*store.Tx) error) {
	s.Helper()
	s.configure(fn)
	s.sync()
}

// save writes a check, on the one server there is.
func (s *stage) save(c *scout.Check) {
	s.Helper()
	s.update(func(tx *store.Tx) error { return s.saveIn(tx, c) })
}

func (s *stage) saveIn(tx *store.Tx, c *scout.Check) error {
	if s.server.ID == 0 {
		s.server = scout.Server{Name: "web-server-01", IP: "192.0.2.1", Source: scout.FromFile}
		if err := tx.SaveServer(&s.server); err != nil {
			return err
		}
	}
	c.ServerID, c.Source = s.server.ID, scout.FromFile
	return tx.SaveCheck(c)
}

// check declares a check that is probed once a minute, every ten seconds while
// a change is confirmed, and tells at the first result; change makes it
// different. The service is up.
func (s *stage) check(name string, change func(*scout.Check)) (scout.Check, *prober) {
	s.Helper()
	c := scout.Check{
		Name: name, Kind: "tcp", Target: "127.0.0.1:1", Interval: minute, Timeout: 10 * time.Second,
		ConfirmInterval: 10 * time.Second, FailAfter: 1, RecoverAfter: 1,
	}
	if change != nil {
		change(&c)
	}
	p := &prober{}
	p.becomes(scout.Up)
	s.configure(func(tx *store.Tx) error { return s.saveIn(tx, &c) })
	p.checkID = c.ID
	s.probers[c.ID] = p
	s.sync()
	return c, p
}

// heartbeat declares a heartbeat and returns its token.
func (s *stage) heartbeat(name, period, grace string) (scout.Check, string) {
	s.Helper()
	s.tokens++
	token := fmt.Sprintf("token-of-check-%06d", s.tokens)
	c := scout.Check{
		Name: name, Kind: "heartbeat", FailAfter: 1, RecoverAfter: 1,
		Settings: scout.Settings{"period": period, "grace": grace, "token": token},
	}
	s.save(&c)
	return c, token
}

func (s *stage) ping(token string, signal scout.Signal) {
	s.Helper()
	s.ok(s.monitor.Ping(s.Context(), token, signal))
}

// success is the signal of a job that ended well.
var success = scout.Signal{Kind: scout.SignalSuccess}

func result(c scout.Check, l scout.Level) scout.Result {
	return scout.Result{CheckID: c.ID, At: time.Now(), Level: l, Message: c.Name + " is " + l.String()}
}

// report takes results in, one after the other.
func (s *stage) report(c scout.Check, levels ...scout.Level) {
	s.Helper()
	for _, l := range levels {
		s.ok(s.monitor.Ingest(s.Context(), result(c, l)))
	}
}

// webhook declares a webhook. It hears everything unless w says otherwise.
func (s *stage) webhook(name string, w scout.Webhook) scout.Webhook {
	s.Helper()
	w.Name, w.Format, w.Source, w.URL = name, "native", scout.FromFile, scout.NewSecret("http://"+name+"/")
	if w.AlertTypes == 0 {
		w.AlertTypes = scout.AllAlerts
	}
	s.update(func(tx *store.Tx) error { return tx.SaveWebhook(&w) })
	return w
}

// levelIs fails unless the ledger has a check at a level, with an open incident
// exactly when that is a bad one.
func (s *stage) levelIs(c scout.Check, want scout.Level) {
	s.Helper()
	states, err := s.ledger.States(s.Context())
	s.ok(err)
	if got := states[c.ID]; got.Level != want || (got.IncidentID != "") != (want > scout.Up) {
		s.Errorf("%s is %s in the ledger with incident %q, want %s", c.Name, got.Level, got.IncidentID, want)
	}
}

// events lists the events of a check, oldest first.
func (s *stage) events(c scout.Check) []scout.Event {
	s.Helper()
	list, err := s.ledger.ListEvents(s.Context(), scout.EventFilter{CheckID: c.ID}, 1000)
	s.ok(err)
	slices.Reverse(list)
	return list
}

// story fails unless the events of a check are, in order, of these kinds.
func (s *stage) story(c scout.Check, want ...scout.EventKind) {
	s.Helper()
	var got []scout.EventKind
	for _, e := range s.events(c) {
		got = append(got, e.Kind)
	}
	if !slices.Equal(got, want) {
		s.Errorf("the events of %s are %v, want %v", c.Name, got, want)
	}
}

// incidents lists the incidents of a check, oldest first.
func (s *stage) incidents(c scout.Check) []scout.Incident {
	s.Helper()
	list, err := s.ledger.ListIncidents(s.Context(), scout.IncidentFilter{CheckID: c.ID}, 1000)
	s.ok(err)
	slices.Reverse(list)
	return list
}

// owed lists what a webhook is owed, in order, as "service status".
func (s *stage) owed(w scout.Webhook) []string {
	s.Helper()
	var list []string
	for _, d := range s.deliveries(w) {
		list = append(list, d.Service+" "+string(d.Tells))
	}
	return list
}

func (s *stage) deliveries(w scout.Webhook) []scout.Delivery {
	s.Helper()
	list, err := s.ledger.ListDeliveries(s.Context(), scout.DeliveryFilter{WebhookID: w.ID}, 1000)
	s.ok(err)
	slices.Reverse(list)
	return list
}

// isOwed fails unless a webhook is owed exactly this.
func (s *stage) isOwed(w scout.Webhook, want ...string) {
	s.Helper()
	if got := s.owed(w); !slices.Equal(got, want) {
		s.Errorf("%s is owed %q, want %q", w.Name, got, want)
	}
}

// delivered records that every job started so far has been delivered.
func (s *stage) delivered() {
	s.Helper()
	for _, job := range s.lanes.jobs() {
		s.finish(job)
	}
}

// finish records that a job has been delivered.
func (s *stage) finish(job scout.Job) {
	s.Helper()
	a := scout.Attempt{DeliveryID: job.Delivery.ID, WebhookID: job.Webhook.ID, Number: 1, StartedAt: time.Now()}
	a.Verdict.Outcome = scout.OutcomeDelivered
	_, err := s.ledger.Finish(s.Context(), scout.Completion{
		Job: job, Attempt: a, Status: scout.Delivered, Reason: scout.Owed, Now: time.Now(), Says: scout.SaysSuccess,
	})
	s.ok(err)
}

func failsWith(t *testing.T, err error, code scout.Code) {
	t.Helper()
	if err == nil || scout.CodeOf(err) != code {
		t.Errorf("the error is %v, want one with the code %s", err, code)
	}
}
