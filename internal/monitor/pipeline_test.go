package monitor_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/deliver"
	"serverscout/internal/egress"
	"serverscout/internal/monitor"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// receiver is an endpoint in memory: it takes webhooks as told by mood, and
// remembers what it accepted. The checker sees nothing else.
type receiver struct {
	mu       sync.Mutex
	mood     func() string // "ok", "410", "500", "429", "hang", "reset" or "lost"; lost accepts, then drops the connection
	accepted []message
}

type message struct {
	id      string
	payload scout.Payload
}

func (r *receiver) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		r.mu.Lock()
		mood := r.mood()
		if mood == "ok" || mood == "lost" {
			var p scout.Payload
			if err := json.Unmarshal(body, &p); err != nil {
				panic(err)
			}
			r.accepted = append(r.accepted, message{req.Header.Get("Webhook-Id"), p})
		}
		r.mu.Unlock()
		switch mood {
		case "ok":
			io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
		case "410":
			io.WriteString(conn, "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")
		case "500":
			io.WriteString(conn, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")
		case "429":
			io.WriteString(conn, "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")
		case "hang":
			io.Copy(io.Discard, conn) // until the other end gives up
			return
		default: // reset, lost
			return
		}
	}
}

// told lists what was accepted of one incident, repeats left out: what a
// receiver that keeps the Webhook-Ids it has seen makes of it.
func (r *receiver) told() map[string][]scout.Payload {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[string]bool{}
	told := map[string][]scout.Payload{}
	for _, m := range r.accepted {
		if !seen[m.id] {
			seen[m.id] = true
			told[m.payload.AlertID] = append(told[m.payload.AlertID], m.payload)
		}
	}
	return told
}

// world is the engine on a data folder, with receivers in memory.
type world struct {
	t         *testing.T
	dir       string
	receivers map[string]*receiver // by host
	giveUp    time.Duration        // 0: the default
	store     *store.Store
	engine    *deliver.Engine
	monitor   *monitor.Monitor
	stop      func(grace bool)
}

type watchLedger struct{ *store.Store }

func (l watchLedger) Update(ctx context.Context, fn func(monitor.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

func (w *world) start() {
	w.t.Helper()
	client, err := egress.New(egress.Options{Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		host, _, _ := strings.Cut(address, ":")
		ours, theirs := net.Pipe()
		go w.receivers[host].serve(theirs)
		return ours, nil
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	var engine *deliver.Engine
	s, err := store.Open(store.Options{Dir: w.dir, Key: make([]byte, 32), Changed: func(store.Topic) {
		if engine != nil {
			engine.Nudge()
		}
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	engine = deliver.New(s, deliver.Rules{Sender: client, GiveUpAfter: w.giveUp}, deliver.Options{InFlight: 3})
	m := monitor.New(watchLedger{s}, engine, monitor.Options{Record: s.RecordResult})
	if err := engine.Recover(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	if err := m.Sync(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var loops sync.WaitGroup
	loops.Go(func() { engine.Run(ctx) })
	loops.Go(func() { m.Run(ctx) })
	w.store, w.engine, w.monitor = s, engine, m
	w.stop = func(grace bool) {
		cancel()
		loops.Wait()
		limit, done := context.WithTimeout(context.Background(), 11*time.Second)
		if !grace {
			done() // requests under way are cut off, as by a kill
		}
		engine.Stop(limit)
		done()
		client.Close()
		if err := s.Close(); err != nil {
			w.t.Error(err)
		}
	}
}

// declare makes checks and webhooks; results are then ingested by hand.
func (w *world) declare(checks int, webhooks []scout.Webhook) []scout.Check {
	w.t.Helper()
	var made []scout.Check
	err := w.store.Update(context.Background(), func(tx *store.Tx) error {
		server := scout.Server{Name: "server", IP: "192.0.2.1", Source: scout.FromFile}
		if err := tx.SaveServer(&server); err != nil {
			return err
		}
		for i := range checks {
			c := scout.Check{
				ServerID: server.ID, Name: fmt.Sprintf("job %d", i), Kind: "heartbeat", FailAfter: 1, RecoverAfter: 1, Source: scout.FromFile,
				Settings: scout.Settings{"period": "365d", "token": fmt.Sprintf("token-of-job-%06d", i)},
			}
			if err := tx.SaveCheck(&c); err != nil {
				return err
			}
			made = append(made, c)
		}
		for i := range webhooks {
			webhooks[i].Source = scout.FromFile
			webhooks[i].URL = scout.NewSecret("http://" + webhooks[i].Name + "/hook")
			webhooks[i].Format = "native"
			if err := tx.SaveWebhook(&webhooks[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.monitor.Sync(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	return made
}

func (w *world) ingest(c scout.Check, l scout.Level) {
	w.t.Helper()
	r := scout.Result{CheckID: c.ID, At: time.Now(), Level: l, Message: c.Name + " is " + l.String()}
	if err := w.monitor.Ingest(context.Background(), r); err != nil {
		w.t.Fatal(err)
	}
}

// settled waits, in the bubble's time, until nothing is open.
func (w *world) settled(limit time.Duration) {
	w.t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(10 * time.Second) {
		b, err := w.store.Backlog(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		if b.Pending+b.Sending == 0 {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("after %s there are still %+v", limit, b)
		}
	}
}

// owedOf is the checker's own reading of the promise: what a webhook with a
// selection hears of a check whose level went through levels, as one list for
// each incident.
func owedOf(levels []scout.Level, hears scout.AlertTypes) [][]string {
	var incidents [][]string
	var now []string
	open, sees := false, "up"
	for _, l := range levels {
		switch {
		case l == scout.Down && hears.Has(scout.Critical) && sees != "down":
			now, sees = append(now, "down"), "down"
		case l == scout.Warning && hears.Has(scout.WarningAlerts) && sees != "warning":
			now, sees = append(now, "warning"), "warning"
		case l == scout.Up || l == scout.Warning && !hears.Has(scout.WarningAlerts):
			if hears.Has(scout.Recovery) && sees != "up" {
				now = append(now, "recovered")
			}
			sees = "up"
		}
		if l == scout.Up && open {
			if hears == scout.Recovery {
				now = append(now, "recovered")
			}
			incidents, now = append(incidents, now), nil
		}
		open = l != scout.Up
	}
	if open {
		incidents = append(incidents, now)
	}
	return slices.DeleteFunc(incidents, func(i []string) bool { return len(i) == 0 })
}

// TestPipelineOwesAndTells drives the whole engine at random: results, moods
// of the receivers, orderly and violent ends of the process. What each
// receiver got is then compared with what it was owed, by a checker that knows
// only the results and what was received.
func TestPipelineOwesAndTells(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { drive(t, dir, seed) })
		})
	}
}

func drive(t *testing.T, dir string, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	w := &world{t: t, dir: dir, receivers: map[string]*receiver{}}
	var webhooks []scout.Webhook
	var calm atomic.Bool
	for i, hears := range []scout.AlertTypes{
		scout.AllAlerts, scout.Critical | scout.Recovery, scout.Critical, scout.Recovery, scout.WarningAlerts | scout.Recovery,
	} {
		host := fmt.Sprintf("hook%d", i)
		moods := rand.New(rand.NewPCG(seed, uint64(i+2)))
		w.receivers[host] = &receiver{mood: func() string {
			if calm.Load() || moods.IntN(3) > 0 {
				return "ok"
			}
			return []string{"500", "429", "hang", "reset", "lost"}[moods.IntN(5)]
		}}
		webhooks = append(webhooks, scout.Webhook{Name: host, AlertTypes: hears})
	}
	w.start()
	checks := w.declare(6, webhooks)
	levels := make([][]scout.Level, len(checks))
	for i, c := range checks {
		w.ingest(c, scout.Up)
		levels[i] = []scout.Level{scout.Up}
	}
	for range 150 {
		time.Sleep(time.Millisecond) // so that incidents' ids are in their order
		i := random.IntN(len(checks))
		l := []scout.Level{scout.Up, scout.Warning, scout.Down}[random.IntN(3)]
		w.ingest(checks[i], l)
		levels[i] = append(levels[i], l)
		switch random.IntN(25) {
		case 0, 1:
			w.stop(random.IntN(2) == 0)
			w.start()
		case 2, 3, 4:
			time.Sleep(time.Duration(random.IntN(60)) * time.Second)
		}
	}
	calm.Store(true)
	w.settled(time.Hour)
	verify(t, w, checks, webhooks, levels)
	w.stop(true)
}

func verify(t *testing.T, w *world, checks []scout.Check, webhooks []scout.Webhook, levels [][]scout.Level) {
	t.Helper()
	for _, hook := range webhooks {
		got := map[string][][]string{} // by service, in the order of the incidents
		told := w.receivers[hook.Name].told()
		for _, id := range sorted(told) {
			statuses := []string{}
			for _, p := range told[id] {
				statuses = append(statuses, p.Status)
			}
			service := told[id][0].Service
			got[service] = append(got[service], statuses)
		}
		for i, c := range checks {
			want := owedOf(levels[i], hook.AlertTypes)
			if fmt.Sprint(got[c.Name]) != fmt.Sprint(want) {
				t.Errorf("%s (%s) of %s was told\n%v, and was owed\n%v", hook.Name, hook.AlertTypes, c.Name, got[c.Name], want)
			}
		}
	}
}

func sorted[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
