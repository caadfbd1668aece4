package storetest

import (
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var availability = map[string]func(*world){
	"down from its beginning to its end": availabilityOfAnIncident,
	"a pause is no time observed":        availabilityOfAPause,
	"nor is the time of no process":      availabilityOfAStop,
	"of a check that was removed":        availabilityOfNothing,
}

// enter has a check enter a level that began before the present moment, when
// it is confirmed.
func (w *world) enter(c scout.Check, level scout.Level, before time.Duration) {
	w.Helper()
	now := w.clock.Now()
	st := scout.CheckState{CheckID: c.ID, Level: level, Since: now}
	w.update(func(tx *store.Tx) error { return tx.SaveState(st, now.Add(-before)) })
}

// available is how a check spent all the time it has existed.
func (w *world) available(c scout.Check) scout.Availability {
	w.Helper()
	all, err := w.store.Availability(w.Context(), []int64{c.ID}, c.CreatedAt.Add(-time.Hour), w.clock.Now().Add(time.Hour))
	w.ok(err)
	return all[c.ID]
}

func availabilityOfAnIncident(w *world) {
	c := w.check(w.server("web-1").ID, "HTTP")
	w.clock.move(time.Minute)
	w.enter(c, scout.Up, 0)
	w.clock.move(time.Hour)
	w.enter(c, scout.Warning, 3*time.Minute)
	w.clock.move(10 * time.Minute)
	w.enter(c, scout.Down, time.Minute)
	w.clock.move(20 * time.Minute)
	w.enter(c, scout.Up, 2*time.Minute)
	w.clock.move(time.Hour)
	w.equal("the availability", w.available(c), scout.Availability{
		Unknown: time.Minute, Up: 57*time.Minute + 62*time.Minute, Warning: 12 * time.Minute, Down: 19 * time.Minute,
	})
}

func availabilityOfAPause(w *world) {
	c := w.check(w.server("web-1").ID, "HTTP")
	w.enter(c, scout.Up, 0)
	pause := func(paused bool) {
		w.clock.move(time.Hour)
		c.Paused = paused
		w.update(func(tx *store.Tx) error { return tx.SaveCheck(&c) })
	}
	pause(true)
	pause(false)
	w.clock.move(time.Minute)
	w.enter(c, scout.Down, 0)
	w.clock.move(time.Hour)
	w.equal("the availability", w.available(c), scout.Availability{
		Up: time.Hour, Paused: time.Hour, Unknown: time.Minute, Down: time.Hour,
	})
}

func availabilityOfAStop(w *world) {
	c := w.check(w.server("web-1").ID, "HTTP")
	w.enter(c, scout.Up, 0)
	w.clock.move(time.Hour)
	w.ok(w.store.Close())
	w.clock.move(time.Minute)
	w.open()
	w.clock.move(time.Hour)
	w.equal("the availability", w.available(c), scout.Availability{Up: 2 * time.Hour, Unknown: time.Minute})
	w.ok(w.store.Close())
	w.clock.move(time.Second) // a restart
	w.open()
	w.equal("the availability after a restart", w.available(c), scout.Availability{Up: 2*time.Hour + time.Second, Unknown: time.Minute})
}

func availabilityOfNothing(w *world) {
	c := w.check(w.server("web-1").ID, "HTTP")
	w.enter(c, scout.Up, 0)
	w.update(func(tx *store.Tx) error { return tx.DeleteCheck(c.ID) })
	w.clock.move(time.Hour)
	all, err := w.store.Availability(w.Context(), []int64{c.ID}, c.CreatedAt, w.clock.Now())
	w.ok(err)
	w.equal("the availability", all, map[int64]scout.Availability{})
}
