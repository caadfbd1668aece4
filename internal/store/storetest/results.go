package storetest

import (
	"context"
	"fmt"
	"time"

	"serverscout/internal/scout"
)

var results = map[string]func(*world){
	"a result keeps every field":         resultRoundTrip,
	"newest first, in pages":             resultPages,
	"two at one instant are one":         resultTwice,
	"what could not be written is kept":  bufferSurvives,
	"closing writes what is buffered":    closingFlushes,
	"raw results are kept for 48 h":      rawRetention,
	"each grain of rollups has its time": rollupRetention,
	"tidying again changes nothing":      tidyAgain,
}

func (w *world) flush() {
	w.Helper()
	w.ok(w.store.FlushResults(w.Context()))
}

func (w *world) tidy() {
	w.Helper()
	w.ok(w.store.Tidy(w.Context()))
}

// raw lists all raw results of a check.
func (w *world) raw(check int64) []scout.Result {
	w.Helper()
	list, err := w.store.Results(w.Context(), check, time.Time{}, 1000)
	w.ok(err)
	return list
}

// record keeps a result of a check, at a time from now.
func (w *world) record(check int64, from time.Duration, level scout.Level, latency time.Duration) scout.Result {
	r := scout.Result{CheckID: check, At: w.clock.Now().Add(from), Level: level, Latency: latency, Message: level.String()}
	w.store.RecordResult(r)
	return r
}

func resultRoundTrip(w *world) {
	r := scout.Result{
		CheckID: 3, At: w.clock.Now(), Level: scout.Warning, Latency: 812345 * time.Microsecond,
		Message: "HTTP service answers slowly: 812 ms 😀", IP: "2001:db8::7",
	}
	r.Steps = []scout.Step{{Name: "DNS", Took: time.Millisecond}}
	w.allSet(r)
	w.store.RecordResult(r)
	w.flush()
	r.Steps = nil // these are not kept
	w.equal("the results", w.raw(3), []scout.Result{r})
	w.equal("those of another check", w.raw(4), []scout.Result{})
}

func resultPages(w *world) {
	var want []string
	for i := range 7 {
		w.record(3, time.Duration(i)*time.Second, scout.Up, 0)
		w.record(4, time.Duration(i)*time.Second, scout.Up, 0)
		want = append([]string{fmt.Sprint(w.clock.Now().Add(time.Duration(i) * time.Second))}, want...)
	}
	w.flush()
	var got []string
	for before := (time.Time{}); ; {
		page, err := w.store.Results(w.Context(), 3, before, 3)
		w.ok(err)
		for _, r := range page {
			got = append(got, fmt.Sprint(r.At))
			before = r.At
		}
		if len(page) < 3 {
			break
		}
		w.record(3, time.Minute, scout.Down, 0) // newer than all: of no page that is left
		w.flush()
	}
	w.equal("the pages", got, want)
}

func resultTwice(w *world) {
	first := w.record(3, 0, scout.Up, time.Millisecond)
	w.record(3, 0, scout.Down, 0)
	w.flush()
	w.record(3, 0, scout.Warning, 0)
	w.flush()
	w.equal("the results", w.raw(3), []scout.Result{first})
}

func bufferSurvives(w *world) {
	first := w.record(3, 0, scout.Up, 0)
	ctx, cancel := context.WithCancel(w.Context())
	cancel()
	_ = w.store.FlushResults(ctx) // fails, unless the store has flushed by itself meanwhile
	second := w.record(3, time.Second, scout.Down, 0)
	w.flush()
	w.equal("the results", w.raw(3), []scout.Result{second, first})
}

func closingFlushes(w *world) {
	r := w.record(3, 0, scout.Up, 0)
	w.reopen()
	w.equal("the results", w.raw(3), []scout.Result{r})
}

func rawRetention(w *world) {
	w.record(3, -time.Microsecond, scout.Up, 0)
	oldest := w.record(3, 0, scout.Up, 0)
	newest := w.record(3, time.Hour, scout.Up, 0)
	w.flush()
	w.clock.move(48 * time.Hour)
	w.tidy()
	w.equal("the results", w.raw(3), []scout.Result{newest, oldest})
}

func rollupRetention(w *world) {
	w.record(3, 0, scout.Up, 0)
	w.flush()
	start := w.clock.Now()
	has := func(length time.Duration) bool { return len(w.sums(3, length, start, start.Add(time.Second))) == 1 }
	for _, step := range []struct {
		age           time.Duration
		fiveMin, hour bool
	}{
		{2 * time.Hour, true, true},
		{30 * 24 * time.Hour, true, true},
		{30*24*time.Hour + time.Microsecond, false, true},
		{365 * 24 * time.Hour, false, true},
		{365*24*time.Hour + time.Microsecond, false, false},
	} {
		w.clock.move(start.Add(step.age).Sub(w.clock.Now()))
		w.tidy()
		w.equal(fmt.Sprintf("rollups of 5 minutes and 1 hour after %v", step.age),
			[]bool{has(5 * time.Minute), has(time.Hour)}, []bool{step.fiveMin, step.hour})
	}
}

func tidyAgain(w *world) {
	for i := range 20 {
		w.record(3, time.Duration(i)*time.Minute, scout.Up, time.Duration(i))
	}
	w.flush()
	w.clock.move(time.Hour)
	w.tidy()
	from, to := w.clock.Now().Add(-24*time.Hour), w.clock.Now()
	sums, raw := w.sums(3, 5*time.Minute, from, to), w.raw(3)
	if len(sums) != 4 || len(raw) != 20 {
		w.Fatalf("there are %d rollups and %d results, want 4 and 20", len(sums), len(raw))
	}
	w.tidy()
	w.reopen()
	w.tidy()
	w.equal("the rollups", w.sums(3, 5*time.Minute, from, to), sums)
	w.equal("the results", w.raw(3), raw)
}
