package storetest

import (
	"slices"
	"strings"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var order = map[string]func(*world){
	"a successor goes after its predecessor": successorGoes,
	"a recovery of what was never told":      neverTold,
}

func successorGoes(w *world) {
	ends := map[string]func(scout.Job) scout.Completion{"delivered": w.delivered, "given up": w.gaveUp}
	for how, end := range ends {
		h := w.webhook(how)
		story := w.story()
		first := story.claimed(scout.Warning, h)
		second := story.pending(scout.Down, h)
		w.finish(end(first))
		d := w.is(second.ID, scout.Pending, scout.Owed)
		w.equal("whom it waits for once the first is "+how, d.AfterID, int64(0))
		w.equal("what is due once the first is "+how, w.claimIDs(h, 2), []int64{second.ID})
	}
}

// neverTold plays out stories of one webhook in which everything is owed
// before the first delivery ends.
func neverTold(w *world) {
	const (
		all                = scout.AllAlerts
		some               = scout.Critical | scout.Recovery // easing to a warning is a recovery
		down, warning, end = scout.Down, scout.Warning, scout.Up
	)
	tests := []struct {
		name   string
		hears  scout.AlertTypes
		levels []scout.Level
		fails  []int  // which of them are given up, if it comes to that
		want   string // how each ends: delivered, failed, or never told
	}{
		{"all accepted", all, []scout.Level{down, end}, nil, "d d"},
		{"down given up", all, []scout.Level{down, end}, []int{0}, "f n"},
		{"recovery given up", all, []scout.Level{down, end}, []int{1}, "d f"},
		{"all before it given up", all, []scout.Level{warning, down, end}, []int{0, 1}, "f f n"},
		{"the first of two given up", all, []scout.Level{warning, down, end}, []int{0}, "f d d"},
		{"the second of two given up", all, []scout.Level{warning, down, end}, []int{1}, "d f d"},
		{"down again after a recovery never told", some, []scout.Level{down, warning, down, end}, []int{0}, "f n d d"},
		{"never told twice", some, []scout.Level{down, warning, down, end}, []int{0, 2}, "f n f n"},
		{"told long before", some, []scout.Level{down, warning, down, end}, []int{2}, "d d f d"},
		{"a chain of three", some, []scout.Level{down, warning, down, warning, down, end}, []int{0, 2, 4}, "f n f n f n"},
	}
	for _, tt := range tests {
		h := sampleWebhook(tt.name)
		h.AlertTypes = tt.hears
		w.update(func(tx *store.Tx) error { return tx.SaveWebhook(&h) })
		story := w.story()
		var ids []int64
		for _, level := range tt.levels {
			ids = append(ids, story.pending(level, h).ID)
		}
		w.play(h, ids, tt.fails)
		w.equal(tt.name, w.ends(ids), tt.want)
	}
}

// play sends what is due for a webhook until nothing is, in order. Of the
// deliveries, those numbered in fails are given up.
func (w *world) play(h scout.Webhook, deliveries []int64, fails []int) {
	w.Helper()
	last := int64(0)
	for {
		jobs := w.claim(h, 2)
		if len(jobs) == 0 {
			return
		}
		id := jobs[0].Delivery.ID
		if len(jobs) > 1 || id <= last {
			w.Fatalf("%s: %v are due after delivery %d, want one later at a time", h.Name, idsOf(jobs), last)
		}
		last = id
		if slices.Contains(fails, slices.Index(deliveries, id)) {
			w.finish(w.gaveUp(jobs[0]))
		} else {
			w.finish(w.delivered(jobs[0]))
		}
	}
}

// ends says how each delivery ended, by a letter; "?" for one that did not.
func (w *world) ends(ids []int64) string {
	w.Helper()
	letters := make([]string, len(ids))
	for i, id := range ids {
		d := get(w, w.store.Delivery, id)
		switch {
		case !d.FinishedAt.Equal(w.clock.Now()) || d.AfterID != 0:
			letters[i] = "?"
		case d.Status == scout.Delivered:
			letters[i] = "d"
		case d.Status == scout.DeliveryFailed && d.Reason == scout.GaveUp:
			letters[i] = "f"
		case d.Status == scout.DeliveryCancelled && d.Reason == scout.NeverTold:
			letters[i] = "n"
		default:
			letters[i] = "?"
		}
	}
	return strings.Join(letters, " ")
}
