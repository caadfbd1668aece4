package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"serverscout/internal/scout"
)

var rollups = map[string]func(*world){
	"counts and latencies are right":     rollupFigures,
	"windows follow the clock":           rollupWindows,
	"a window is summed up once settled": rollupSettles,
	"a long pause is made good":          rollupAfterPause,
	"a clock that jumped ahead and back": rollupAfterJump,
	"any results give the right figures": rollupOracle,
	"a range has its start, not its end": rollupRange,
	"nothing observed gives no rollup":   rollupOfNothing,
	"pruning reaches every check":        pruneEveryCheck,
}

func (w *world) sums(check int64, length time.Duration, from, to time.Time) []scout.Rollup {
	w.Helper()
	list, err := w.store.Rollups(w.Context(), check, length, from, to)
	w.ok(err)
	return list
}

// around lists the rollups of a check that start in the last three days.
func (w *world) around(check int64, length time.Duration) []scout.Rollup {
	w.Helper()
	return w.sums(check, length, w.clock.Now().Add(-72*time.Hour), w.clock.Now())
}

const ms = time.Millisecond

func rollupFigures(w *world) {
	start := w.clock.Now()
	for i, r := range []struct {
		level   scout.Level
		latency time.Duration
	}{{scout.Up, 30 * ms}, {scout.Down, 10 * ms}, {scout.Up, 20 * ms}, {scout.Warning, 90 * ms}, {scout.Up, 40 * ms}} {
		w.record(3, time.Duration(i)*time.Minute, r.level, r.latency)
	}
	w.record(4, time.Minute, scout.Down, 7*ms)
	w.flush()
	w.clock.move(2 * time.Hour)
	w.tidy()
	want := scout.Rollup{CheckID: 3, Start: start, Up: 3, Warning: 1, Down: 1, Min: 10 * ms, Median: 30 * ms, Max: 90 * ms}
	other := scout.Rollup{CheckID: 4, Start: start, Down: 1, Min: 7 * ms, Median: 7 * ms, Max: 7 * ms}
	w.allSet(want)
	for _, length := range []time.Duration{5 * time.Minute, time.Hour} {
		w.equal("the rollups of "+length.String(), w.around(3, length), []scout.Rollup{want})
		w.equal("those of another check", w.around(4, length), []scout.Rollup{other})
	}
}

func rollupWindows(w *world) {
	start := w.clock.Now()
	for _, at := range []time.Duration{0, 5*time.Minute - time.Microsecond, 5 * time.Minute, 59 * time.Minute, time.Hour} {
		w.record(3, at, scout.Up, ms)
	}
	w.flush()
	w.clock.move(3 * time.Hour)
	w.tidy()
	want := func(after time.Duration, up int) scout.Rollup {
		return scout.Rollup{CheckID: 3, Start: start.Add(after), Up: up, Min: ms, Median: ms, Max: ms}
	}
	w.equal("the rollups of 5 minutes", w.around(3, 5*time.Minute), []scout.Rollup{
		want(0, 2), want(5*time.Minute, 1), want(55*time.Minute, 1), want(time.Hour, 1),
	})
	w.equal("the rollups of an hour", w.around(3, time.Hour), []scout.Rollup{want(0, 4), want(time.Hour, 1)})
}

func rollupSettles(w *world) {
	w.record(3, 0, scout.Up, ms)
	w.flush()
	w.clock.move(5*time.Minute + 30*time.Second - time.Microsecond)
	w.tidy()
	w.equal("the rollups of a window that may still get results", w.around(3, 5*time.Minute), []scout.Rollup{})
	w.record(3, -time.Minute, scout.Down, ms) // late, but in time
	w.flush()
	w.clock.move(time.Microsecond)
	w.tidy()
	got := w.around(3, 5*time.Minute)
	if len(got) != 1 || got[0].Up != 1 || got[0].Down != 1 {
		w.Errorf("the rollups are %+v, want one with both results", got)
	}
}

func rollupAfterPause(w *world) {
	w.record(3, 0, scout.Up, ms)
	w.flush()
	w.clock.move(time.Hour)
	w.tidy()
	w.record(3, 0, scout.Down, ms)
	w.flush()
	w.clock.move(10 * time.Hour) // nothing ran
	w.record(3, -time.Hour, scout.Warning, ms)
	w.reopen()
	w.tidy()
	var levels []int
	for _, r := range w.around(3, 5*time.Minute) {
		levels = append(levels, r.Up, r.Warning, r.Down)
	}
	w.equal("the counts", levels, []int{1, 0, 0, 0, 0, 1, 0, 1, 0})
}

func rollupAfterJump(w *world) {
	w.record(3, 0, scout.Up, ms)
	w.flush()
	w.clock.move(6 * time.Hour)
	w.record(3, 0, scout.Up, ms)
	w.flush()
	w.clock.move(2 * time.Hour)
	w.tidy() // so far ahead it is summed up
	w.clock.move(-7 * time.Hour)
	w.tidy()
	w.record(3, 0, scout.Down, ms)
	w.flush()
	start := w.clock.Now()
	w.clock.move(2 * time.Hour)
	w.tidy()
	for _, length := range []time.Duration{5 * time.Minute, time.Hour} {
		got := w.sums(3, length, start, start.Add(time.Second))
		if len(got) != 1 || got[0].Down != 1 {
			w.Errorf("after the jump back the rollups of %v are %+v, want one with the failure", length, got)
		}
	}
}

func rollupRange(w *world) {
	for i := range 3 {
		w.record(3, time.Duration(i)*5*time.Minute, scout.Up, ms)
	}
	w.flush()
	from := w.clock.Now()
	w.clock.move(time.Hour)
	w.tidy()
	starts := []time.Time{}
	for _, r := range w.sums(3, 5*time.Minute, from, from.Add(10*time.Minute)) {
		starts = append(starts, r.Start)
	}
	w.equal("the starts", starts, []time.Time{from, from.Add(5 * time.Minute)})
	w.equal("just after the first", len(w.sums(3, 5*time.Minute, from.Add(time.Microsecond), from.Add(10*time.Minute))), 1)
}

func rollupOfNothing(w *world) {
	w.tidy()
	w.clock.move(3 * time.Hour)
	w.tidy()
	w.equal("the rollups", w.around(3, time.Hour), []scout.Rollup{})
}

// rollupOracle draws an hour of results, several times in one database, and
// sums them up by hand.
func rollupOracle(w *world) {
	observation := rapid.Custom(func(t *rapid.T) scout.Result {
		return scout.Result{
			CheckID: rapid.Int64Range(1, 3).Draw(t, "check"),
			At:      time.UnixMicro(rapid.Int64Range(0, time.Hour.Microseconds()-1).Draw(t, "at")),
			Level:   rapid.SampledFrom([]scout.Level{scout.Up, scout.Warning, scout.Down}).Draw(t, "level"),
			Latency: time.Duration(rapid.Int64Range(0, 20_000_000).Draw(t, "latency")) * time.Microsecond,
		}
	})
	id := func(r scout.Result) [2]int64 { return [2]int64{r.CheckID, r.At.UnixMicro()} }
	from := w.clock.Now()
	w.clock.move(30 * time.Second) // a window has settled by the end of the hour's draw
	rapid.Check(w, func(t *rapid.T) {
		drawn := rapid.SliceOfNDistinct(observation, 0, 40, id).Draw(t, "results")
		for i := range drawn {
			drawn[i].At = from.Add(time.Duration(drawn[i].At.UnixMicro()) * time.Microsecond)
			w.store.RecordResult(drawn[i])
		}
		w.flush()
		w.clock.move(time.Hour)
		w.tidy()
		for _, length := range []time.Duration{5 * time.Minute, time.Hour} {
			for check := int64(1); check <= 3; check++ {
				got, want := w.sums(check, length, from, from.Add(time.Hour)), summed(drawn, check, length)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("the rollups of %v differ (- wanted, + got):\n%s", length, diff)
				}
			}
		}
		from = from.Add(time.Hour)
	})
}

// summed is what the rollups of a check must be, the plain way.
func summed(all []scout.Result, check int64, length time.Duration) []scout.Rollup {
	windows := map[time.Time][]scout.Result{}
	for _, r := range all {
		if r.CheckID == check {
			start := r.At.Truncate(length)
			windows[start] = append(windows[start], r)
		}
	}
	sums := []scout.Rollup{}
	for start, in := range windows {
		sum := scout.Rollup{CheckID: check, Start: start}
		slices.SortFunc(in, func(a, b scout.Result) int { return int(a.Latency - b.Latency) })
		sum.Min, sum.Median, sum.Max = in[0].Latency, in[len(in)/2].Latency, in[len(in)-1].Latency
		for _, r := range in {
			sum.Up += one(r.Level == scout.Up)
			sum.Warning += one(r.Level == scout.Warning)
			sum.Down += one(r.Level == scout.Down)
		}
		sums = append(sums, sum)
	}
	slices.SortFunc(sums, func(a, b scout.Rollup) int { return a.Start.Compare(b.Start) })
	return sums
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func pruneEveryCheck(w *world) {
	checks := []int64{1, 2, 40, 1 << 40}
	start := w.clock.Now()
	for i, check := range checks {
		w.record(check, 0, scout.Up, 0)
		if i != 1 { // one has nothing newer
			w.record(check, 2*time.Hour, scout.Up, 0)
		}
	}
	w.flush()
	w.clock.move(4 * time.Hour)
	w.tidy()
	w.clock.move(start.Add(365*24*time.Hour + time.Hour).Sub(w.clock.Now()))
	w.tidy()
	for i, check := range checks {
		want := 1
		if i == 1 {
			want = 0
		}
		w.equal(fmt.Sprintf("hours of check %d", check), len(w.sums(check, time.Hour, start, start.Add(4*time.Hour))), want)
	}
}
