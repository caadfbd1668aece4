package monitor

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// slots fails unless probes began exactly at these moments.
func (s *stage) slots(p *prober, from time.Time, want ...time.Duration) {
	s.Helper()
	got := p.begins(from)
	if len(got) > len(want) {
		got = got[:len(want)]
	}
	if !slices.Equal(got, want) {
		s.Errorf("probes began after %v, want %v", got, want)
	}
}

// untilProbe lets time pass until a check's next probe begins.
func (s *stage) untilProbe(p *prober) time.Time {
	s.Helper()
	before := len(p.begins(time.Time{}))
	for range 10_000 {
		if all := p.begins(time.Time{}); len(all) > before {
			return p.nth(before)
		}
		pass(100 * time.Millisecond)
	}
	s.Fatal("no probe begins")
	return time.Time{}
}

// TestFirstRound has a hundred new checks: each is probed at once, one after the
// other, and from then on once in each interval, over which they are spread
// evenly.
func TestFirstRound(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		s.configure(func(tx *store.Tx) error {
			for i := range 100 {
				c := scout.Check{
					Name: fmt.Sprint(i), Kind: "tcp", Target: "127.0.0.1:1", Interval: minute, ConfirmInterval: minute,
					FailAfter: 1, RecoverAfter: 1,
				}
				if err := s.saveIn(tx, &c); err != nil {
					return err
				}
				s.probers[c.ID] = &prober{checkID: c.ID}
				s.probers[c.ID].becomes(scout.Up)
			}
			return nil
		})
		begun := time.Now()
		s.sync()
		s.run()
		pass(2*minute - 1)
		firsts := map[time.Duration]bool{}
		tenths := make([]int, 10)
		for id, p := range s.probers {
			at := p.begins(begun)
			n := len(at)
			if n < 2 || at[0] > time.Second || at[n-1]-at[n-2] != minute || n > 3 {
				s.Fatalf("check %d was probed after %v, want at once and then once in each minute", id, at)
			}
			firsts[at[0]] = true
			tenths[at[n-2]/(minute/10)]++
		}
		if len(firsts) < 95 {
			s.Errorf("a hundred checks were probed at %d moments at first", len(firsts))
		}
		if slices.Min(tenths) < 8 || slices.Max(tenths) > 12 {
			s.Errorf("a hundred checks fell into the tenths of an interval as %v", tenths)
		}
	})
}

// TestNoDrift has a thousand probes of varying length keep to their slots.
func TestNoDrift(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, p := s.check("HTTP", func(c *scout.Check) { c.Interval, c.ConfirmInterval = time.Second, time.Second })
		random := rand.New(rand.NewPCG(1, 2))
		p.takes = func(int) time.Duration { return time.Duration(random.Int64N(int64(c.Interval))) }
		var late sync.Map
		s.monitor.options.Late = func(d time.Duration) { late.Store(d, true) }
		begun := time.Now()
		s.run()
		pass(1001 * time.Second)
		at := p.begins(begun)
		if len(at) < 1001 {
			s.Fatalf("there were %d probes, want 1001", len(at))
		}
		at = at[1:] // the first one is before the grid
		for i := range at {
			if want := at[0] + time.Duration(i)*time.Second; at[i] != want {
				s.Fatalf("probe %d began after %s, want %s", i, at[i], want)
			}
		}
		late.Range(func(d, _ any) bool {
			if d != time.Duration(0) {
				s.Errorf("a probe was %s late", d)
			}
			return true
		})
	})
}

// TestMissedSlotsAreSkipped has probes take two and a half intervals.
func TestMissedSlotsAreSkipped(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		_, p := s.check("HTTP", nil)
		p.takes = func(int) time.Duration { return 150 * time.Second }
		s.run()
		first := s.untilProbe(p)
		pass(10 * minute)
		s.slots(p, first, 0, 3*minute, 6*minute, 9*minute)
	})
}

// TestHangingProbeDelaysNoOther has most checks hang for as long as they may.
func TestHangingProbeDelaysNoOther(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		for i := range 20 {
			_, hung := s.check(fmt.Sprint("hung ", i), nil)
			hung.takes = func(int) time.Duration { return 5 * minute }
		}
		_, p := s.check("well", nil)
		s.run()
		s.untilProbe(p) // the first one, before its slots
		first := s.untilProbe(p)
		pass(5 * minute)
		s.slots(p, first, 0, minute, 2*minute, 3*minute, 4*minute, 5*minute)
	})
}

// TestNeverTwoAtOnce asks for probes outside of the schedule all the time.
func TestNeverTwoAtOnce(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, p := s.check("HTTP", func(c *scout.Check) { c.Interval, c.ConfirmInterval = 2*time.Second, 2*time.Second })
		p.takes = func(n int) time.Duration { return time.Duration(n%5) * 700 * time.Millisecond }
		s.run()
		var asked sync.WaitGroup
		for range 30 {
			asked.Go(func() {
				if r, err := s.monitor.ProbeNow(s.Context(), c.ID); err != nil || r.Level != scout.Up {
					s.Errorf("a probe that was asked for ended as %+v, %v", r, err)
				}
			})
			pass(900 * time.Millisecond)
		}
		asked.Wait()
		so := len(p.begins(time.Time{}))
		pass(10 * time.Second)
		if p.most != 1 || so < 30 || len(p.begins(time.Time{})) <= so {
			s.Errorf("of %d probes, %d ran at a time; later there were %d", so, p.most, len(p.begins(time.Time{})))
		}
	})
}

// TestConfirming probes more often while a change is being confirmed, in both
// directions, and is back on the check's own slots afterwards.
func TestConfirming(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		takes, confirm time.Duration
		want           []time.Duration // from the first bad probe; good after a minute and a half
	}{
		"quick probes": {0, 10 * time.Second, []time.Duration{
			0, 10 * time.Second, 20 * time.Second, // down
			minute, 2 * minute, 2*minute + 10*time.Second, // up
			3 * minute, 4 * minute,
		}},
		"probes longer than the confirm_interval": {15 * time.Second, 10 * time.Second, []time.Duration{
			0, 15 * time.Second, 30 * time.Second,
			minute, 2 * minute, 2*minute + 15*time.Second,
			3 * minute, 4 * minute,
		}},
		"a slot before the next confirmation": {0, 40 * time.Second, []time.Duration{
			0, 40 * time.Second, minute, // down
			2 * minute, 2*minute + 40*time.Second, // up
			3 * minute, 4 * minute,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *stage) {
				c, p := s.check("HTTP", func(c *scout.Check) { c.FailAfter, c.RecoverAfter, c.ConfirmInterval = 3, 2, tt.confirm })
				p.takes = func(int) time.Duration { return tt.takes }
				s.run()
				s.untilProbe(p)
				pass(30 * time.Second)
				p.becomes(scout.Down)
				bad := s.untilProbe(p)
				pass(90 * time.Second)
				s.levelIs(c, scout.Down)
				p.becomes(scout.Up)
				pass(4 * minute)
				s.slots(p, bad, tt.want...)
				s.levelIs(c, scout.Up)
				s.story(c, scout.Opened, scout.Recovered)
				if e := s.events(c); e[0].Began.Sub(bad.Truncate(time.Microsecond)) != tt.takes || len(e[0].Evidence) != 3 {
					s.Errorf("the incident began %s after the first bad probe, on %d results", e[0].Began.Sub(bad), len(e[0].Evidence))
				}
			})
		})
	}
}

// TestConfirmingThatFails is back on its slots as soon as a result speaks for
// the confirmed level again.
func TestConfirmingThatFails(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, p := s.check("HTTP", func(c *scout.Check) { c.FailAfter = 3 })
		s.run()
		s.untilProbe(p)
		p.becomes(scout.Down)
		bad := s.untilProbe(p)
		p.becomes(scout.Up)
		pass(3 * minute)
		s.slots(p, bad, 0, 10*time.Second, minute, 2*minute)
		s.story(c)
	})
}

// TestRemovedDuringAProbe is the last that is seen of a check: the result is
// nobody's, and there is no further probe.
func TestRemovedDuringAProbe(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, p := s.check("HTTP", nil)
		p.takes = func(int) time.Duration { return 20 * time.Second }
		p.becomes(scout.Down)
		s.run()
		s.update(func(tx *store.Tx) error { return tx.DeleteCheck(c.ID) })
		pass(5 * minute)
		if n := len(p.begins(time.Time{})); n != 1 {
			s.Errorf("there were %d probes, want 1", n)
		}
		s.story(c)
	})
}

// TestProbeNow takes the result in as any other, and says why it cannot.
func TestProbeNow(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, p := s.check("HTTP", func(c *scout.Check) { c.FailAfter = 2 })
		for _, l := range []scout.Level{scout.Up, scout.Down, scout.Down} {
			p.becomes(l)
			r, err := s.monitor.ProbeNow(s.Context(), c.ID)
			s.ok(err)
			if r.Level != l {
				s.Errorf("the result is %s, want %s", r.Level, l)
			}
		}
		s.story(c, scout.Opened)

		job, _ := s.heartbeat("backup", "1h", "1m")
		for _, id := range []int64{job.ID, 4711} {
			_, err := s.monitor.ProbeNow(s.Context(), id)
			failsWith(s.T, err, scout.Conflict)
		}
		left, cancel := context.WithCancel(s.Context())
		cancel()
		if _, err := s.monitor.ProbeNow(left, c.ID); err == nil {
			s.Error("it was probed for somebody who had left")
		}
		c.Paused = true
		s.save(&c)
		_, err := s.monitor.ProbeNow(s.Context(), c.ID)
		failsWith(s.T, err, scout.Conflict)
	})
}

// TestStoppingDropsProbesUnderWay ends at once, and what was not seen to its
// end is no result.
func TestStoppingDropsProbesUnderWay(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, p := s.check("HTTP", nil)
		s.report(c, scout.Up)
		p.becomes(scout.Down)
		p.takes = func(int) time.Duration { return time.Hour }
		s.run()
		failed := make(chan error, 1)
		go func() {
			_, err := s.monitor.ProbeNow(s.Context(), c.ID)
			failed <- err
		}()
		synctest.Wait()
		begun := time.Now()
		s.end()
		failsWith(s.T, <-failed, scout.Unavailable)
		if took := time.Since(begun); took != 0 || p.running != 0 {
			s.Errorf("stopping took %s, and left %d probes running", took, p.running)
		}
		s.start()
		s.levelIs(c, scout.Up)
		s.story(c)
	})
}
