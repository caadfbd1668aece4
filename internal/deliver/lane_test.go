package deliver

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"serverscout/internal/scout"
)

var noon = time.Date(2024, 1, 15, 12, 0, 0, 0, time.UTC)

// failed is a lane that failed n times in a row, from noon on, a second apart.
func failed(n int) (*lane, time.Time) {
	l, now := &lane{}, noon
	for i := range n {
		now = noon.Add(time.Duration(i) * time.Second)
		l.note(scout.SaysFailure, now)
	}
	return l, now
}

func TestFree(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		failures, inFlight int
		after              time.Duration // the last failure
		want               int
	}{
		"an idle lane":                      {0, 0, 0, 8},
		"a busy lane":                       {0, 3, 0, 5},
		"a full lane":                       {0, 8, 0, 0},
		"a lane that begins to fail":        {brokenAfter - 1, 3, 0, 5},
		"a broken lane in its pause":        {brokenAfter, 0, 0, 0},
		"a broken lane just before its end": {brokenAfter, 0, time.Second - 1, 0},
		"a broken lane after its pause":     {brokenAfter, 0, time.Second, 1},
		"a broken lane that tries":          {brokenAfter, 1, time.Second, 0},
		"a broken lane, full as it broke":   {brokenAfter, 8, time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, now := failed(tt.failures)
			l.inFlight = tt.inFlight
			if got := l.free(8, now.Add(tt.after)); got != tt.want {
				t.Errorf("free = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	for failing, want := range map[time.Duration]time.Duration{
		0:                time.Second,
		10 * time.Second: time.Second,
		20 * time.Second: 2 * time.Second,
		5 * time.Minute:  30 * time.Second,
		24 * time.Hour:   30 * time.Second,
		-time.Hour:       time.Second,
	} {
		l := lane{failing: noon}
		if got := l.pause(noon.Add(failing)); got != want {
			t.Errorf("after %s of failing the pause is %s, want %s", failing, got, want)
		}
	}
}

func TestNote(t *testing.T) {
	t.Parallel()
	l, now := failed(brokenAfter)
	l.inFlight = 2
	l.note(scout.SaysNothing, now)
	if !l.broken() || l.failing != noon {
		t.Errorf("an attempt that says nothing left %+v", l)
	}
	l.note(scout.SaysSuccess, now)
	if *l != (lane{inFlight: 2}) {
		t.Errorf("a success left %+v", l)
	}
	l.note(scout.SaysFailure, now)
	if l.broken() || l.failing != now {
		t.Errorf("the first failure since left %+v", l)
	}
}

func testEngine(r Rules) *Engine { return New(nil, r, Options{InFlight: 8}) }

// TestLanesAreForgotten keeps nothing of a lane without requests or failures.
func TestLanesAreForgotten(t *testing.T) {
	t.Parallel()
	e := testEngine(Rules{})
	if !e.Reserve(1) || len(e.lanes) != 1 {
		t.Fatalf("after a place was taken there are %d lanes", len(e.lanes))
	}
	e.Release(1)
	e.heal(2)
	if len(e.lanes) != 0 {
		t.Errorf("%d lanes are kept for nothing", len(e.lanes))
	}
}

// TestRetryDelay draws many delays: none leaves its bounds, and they are spread over them.
func TestRetryDelay(t *testing.T) {
	t.Parallel()
	e := testEngine(Rules{})
	for tries := range 12 {
		least := DefaultRetry[min(max(tries-1, 0), len(DefaultRetry)-1)]
		most := min(least+least/5, longestRetry)
		shortest, longest := most, least
		for range 200 {
			d := e.retryDelay(tries)
			if d < least || d > most {
				t.Fatalf("after %d tries the delay is %s, want %s to %s", tries, d, least, most)
			}
			shortest, longest = min(shortest, d), max(longest, d)
		}
		if longest-shortest < (most-least)/2 {
			t.Errorf("after %d tries 200 delays lay between %s and %s", tries, shortest, longest)
		}
	}
}

// TestGivesUpAfterADay looks at the moment itself, which no test can wait for.
func TestGivesUpAfterADay(t *testing.T) {
	t.Parallel()
	for tried, want := range map[time.Duration]scout.DeliveryStatus{
		24*time.Hour - 1: scout.Pending,
		24 * time.Hour:   scout.DeliveryFailed,
	} {
		e := New(nil, Rules{}, Options{Now: func() time.Time { return noon }})
		job := scout.Job{Delivery: scout.Delivery{FirstAttempt: noon.Add(-tried), Tries: 300}}
		c := e.conclude(job, scout.Attempt{StartedAt: noon, Verdict: scout.Verdict{Outcome: scout.OutcomeRetry}})
		if c.Status != want {
			t.Errorf("after %s of trying the delivery is %s, want %s", tried, c.Status, want)
		}
	}
}

// TestAlarms compares the alarms with a list that is searched every time.
func TestAlarms(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Map(rapid.IntRange(0, 20), func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) })
		var a alarms
		var model []time.Time
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				v := at.Draw(t, "alarm")
				a.add(v)
				model = append(model, v)
			},
			"drop": func(t *rapid.T) {
				now := at.Draw(t, "now")
				a.drop(now)
				model = slices.DeleteFunc(model, func(v time.Time) bool { return !v.After(now) })
			},
			"": func(t *rapid.T) {
				last := at.Draw(t, "last")
				want := slices.MinFunc(append([]time.Time{last}, model...), time.Time.Compare)
				if got := a.next(last); !got.Equal(want) {
					t.Fatalf("the next alarm is at %s, want %s", got, want)
				}
			},
		})
	})
}
