package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// TestPipelineEndsEverything adds what holds deliveries back or ends them:
// pauses, silences and maintenance windows, receivers that are gone or stay away
// for too long, checks and webhooks that are removed. However it goes, every delivery ends, no receiver is told
// the same thing twice in a row or a recovery out of nothing, and whoever was
// told of an incident that is over knows that it is.
func TestPipelineEndsEverything(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { disturb(t, dir, seed) })
		})
	}
}

func disturb(t *testing.T, dir string, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 2))
	w := &world{t: t, dir: dir, receivers: map[string]*receiver{}, giveUp: time.Hour}
	var moods sync.Map // of strings, by host
	var webhooks []scout.Webhook
	for i, hears := range []scout.AlertTypes{scout.AllAlerts, scout.Critical | scout.Recovery, scout.AllAlerts, scout.AllAlerts} {
		host := fmt.Sprintf("hook%d", i)
		moods.Store(host, "ok")
		w.receivers[host] = &receiver{mood: func() string {
			mood, _ := moods.Load(host)
			return mood.(string)
		}}
		webhooks = append(webhooks, scout.Webhook{Name: host, AlertTypes: hears})
	}
	set := func(host, mood string) { moods.Store(host, mood) }
	w.start()
	checks := w.declare(5, webhooks)
	away := time.Duration(random.IntN(90)) * time.Minute // once; beyond an hour deliveries are given up
	for range 120 {
		time.Sleep(time.Duration(1+random.IntN(2000)) * time.Millisecond)
		hook := webhooks[random.IntN(len(webhooks))]
		switch random.IntN(14) {
		case 0:
			set(hook.Name, []string{"ok", "410", "500", "hang", "lost"}[random.IntN(5)])
		case 1:
			w.update(func(tx *store.Tx) error { return tx.PauseWebhook(hook.ID) })
		case 2, 3:
			set(hook.Name, "ok")
			w.update(func(tx *store.Tx) error { return tx.ResumeWebhook(hook.ID) })
		case 4:
			time.Sleep(away)
			away = 0
		case 5:
			w.stop(random.IntN(2) == 0)
			time.Sleep(time.Duration(random.IntN(20)) * time.Second) // a hold may be over meanwhile
			w.start()
		case 6:
			if len(checks) > 3 {
				gone := checks[len(checks)-1]
				checks = checks[:len(checks)-1]
				w.update(func(tx *store.Tx) error { return tx.DeleteCheck(gone.ID) })
			}
		case 7:
			h := holdAtRandom(random, checks)
			w.update(func(tx *store.Tx) error { return tx.SaveHold(&h) })
		case 8:
			w.endHolds(random)
		default:
			w.ingest(checks[random.IntN(len(checks))], []scout.Level{scout.Up, scout.Warning, scout.Down}[random.IntN(3)])
		}
	}
	for _, hook := range webhooks[:3] {
		set(hook.Name, "ok")
		w.update(func(tx *store.Tx) error { return tx.ResumeWebhook(hook.ID) })
	}
	w.update(func(tx *store.Tx) error { return tx.DeleteWebhook(webhooks[3].ID) })
	time.Sleep(longestHold)
	w.settled(2 * time.Hour)
	for _, hook := range webhooks[:3] {
		w.checkStory(hook)
	}
	w.stop(true)
}

// longestHold is when at the latest a hold made now is over.
const longestHold = time.Minute

// holdAtRandom is a hold of one check or of all, now or soon.
func holdAtRandom(random *rand.Rand, checks []scout.Check) scout.Hold {
	from := time.Now().Add(time.Duration(random.IntN(10)) * time.Second)
	h := scout.Hold{
		Kind: []scout.HoldKind{scout.Silence, scout.Maintenance}[random.IntN(2)],
		From: from, Until: from.Add(time.Duration(1+random.IntN(50)) * time.Second),
	}
	if random.IntN(3) > 0 {
		h.Match.Checks = []string{checks[random.IntN(len(checks))].Name}
	}
	return h
}

// endHolds ends some holds before their time, deletes some of those, and has
// one cover something else.
func (w *world) endHolds(random *rand.Rand) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		holds, err := tx.Holds()
		for _, h := range holds {
			switch random.IntN(3) {
			case 0:
				h.EndedAt = time.Now()
			case 1:
				h.Match = scout.Match{Checks: []string{"job 0"}}
			default:
				continue
			}
			err = errors.Join(err, tx.SaveHold(&h))
			if !h.EndedAt.IsZero() && random.IntN(2) == 0 {
				err = errors.Join(err, tx.DeleteHold(h.ID))
			}
		}
		return err
	})
}

func (w *world) update(fn func(*store.Tx) error) {
	w.t.Helper()
	if err := w.store.Update(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
	if err := w.monitor.Sync(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// checkStory checks what one receiver was told, incident by incident.
func (w *world) checkStory(hook scout.Webhook) {
	w.t.Helper()
	gaveUp := w.gaveUp(hook.ID)
	for id, told := range w.receivers[hook.Name].told() {
		story := []string{}
		for _, p := range told {
			story = append(story, p.Status)
		}
		incident, err := w.store.Incident(context.Background(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		for i, status := range story {
			switch {
			case i == 0 && status == "recovered":
				w.t.Errorf("%s heard only of the recovery of %s: %v", hook.Name, id, story)
			case i > 0 && status == story[i-1] && !gaveUp[id]:
				w.t.Errorf("%s was told twice in a row about %s: %v", hook.Name, id, story)
			}
		}
		if last := story[len(story)-1]; !incident.Open() && last != "recovered" && !gaveUp[id] {
			w.t.Errorf("%s does not know that %s is over: %v", hook.Name, id, story)
		}
	}
	w.mustKnow(hook, gaveUp)
}

// mustKnow checks that nobody is left ignorant of a critical incident that is
// open.
func (w *world) mustKnow(hook scout.Webhook, gaveUp map[string]bool) {
	w.t.Helper()
	open, err := w.store.OpenIncidents(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	told := w.receivers[hook.Name].told()
	for _, incident := range open {
		story := told[incident.ID]
		if incident.Level != scout.Down || gaveUp[incident.ID] {
			continue
		}
		if len(story) == 0 || story[len(story)-1].Status != "down" {
			w.t.Errorf("%s does not know that %s is down: %v", hook.Name, incident.ID, story)
		}
	}
}

// gaveUp names the incidents of which something failed for good.
func (w *world) gaveUp(webhookID int64) map[string]bool {
	w.t.Helper()
	list, err := w.store.ListDeliveries(context.Background(), scout.DeliveryFilter{WebhookID: webhookID}, 10_000)
	if err != nil {
		w.t.Fatal(err)
	}
	gaveUp := map[string]bool{}
	for _, d := range list {
		if !d.Status.Final() {
			w.t.Errorf("delivery %d has not ended: %s, %s", d.ID, d.Status, d.Reason)
		}
		if d.Status == scout.DeliveryFailed {
			gaveUp[d.IncidentID] = true
		}
	}
	return gaveUp
}
