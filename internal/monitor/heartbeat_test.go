package monitor

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// TestNeverPinged is unknown, however long it lasts.
func TestNeverPinged(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, token := s.heartbeat("backup", "10m", "1m")
		s.run()
		pass(time.Hour)
		s.levelIs(c, scout.Unknown)
		s.ping(token, scout.Signal{Kind: scout.SignalStart})
		pass(time.Hour)
		s.levelIs(c, scout.Unknown)
		s.story(c)
	})
}

// TestSilence is down at the moment at which period and grace have passed since
// the last ping, and not before.
func TestSilence(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		results := 0
		s.monitor.options.Record = func(scout.Result) { results++ }
		c, token := s.heartbeat("backup", "10m", "1m")
		s.run()
		pass(5 * minute)
		s.ping(token, success)
		pass(9 * minute)
		s.ping(token, success)
		pass(11*minute - 1)
		s.levelIs(c, scout.Up)
		pass(1)
		s.levelIs(c, scout.Down)
		e := s.events(c)[0]
		if !strings.Contains(e.Message, "has not reported for 11 min") || !strings.Contains(e.Message, "backup") {
			s.Errorf("the message is %q", e.Message)
		}
		pass(time.Hour)
		s.story(c, scout.Opened)
		if results != 3 {
			s.Errorf("two pings and one silence gave %d results", results)
		}

		s.ping(token, success)
		s.levelIs(c, scout.Up)
		s.story(c, scout.Opened, scout.Recovered)
		pass(11*minute - 1)
		s.levelIs(c, scout.Up)
		pass(1)
		s.story(c, scout.Opened, scout.Recovered, scout.Opened)
	})
}

// TestSilenceAcrossARestart is counted from the start of the process.
func TestSilenceAcrossARestart(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, token := s.heartbeat("backup", "10m", "1m")
		s.ping(token, success)
		s.end()
		pass(24 * time.Hour)
		s.start()
		s.run()
		pass(11*minute - 1)
		s.levelIs(c, scout.Up)
		pass(1)
		s.levelIs(c, scout.Down)

		s.restart()
		s.run()
		pass(time.Hour)
		s.story(c, scout.Opened)
		s.ping(token, success)
		s.story(c, scout.Opened, scout.Recovered)
	})
}

// TestSignals has every word a job can say.
func TestSignals(t *testing.T) {
	t.Parallel()
	start := scout.Signal{Kind: scout.SignalStart}
	exit := func(code int) scout.Signal { return scout.Signal{Kind: scout.SignalExit, Code: code} }
	for name, tt := range map[string]struct {
		signals []scout.Signal
		level   scout.Level
		says    string // the message of the last event; "" for no event
	}{
		"success":               {[]scout.Signal{success}, scout.Up, ""},
		"a start alone":         {[]scout.Signal{start}, scout.Unknown, ""},
		"a failure":             {[]scout.Signal{success, {Kind: scout.SignalFail}}, scout.Down, "reported failure"},
		"a failure at first":    {[]scout.Signal{{Kind: scout.SignalFail}}, scout.Down, "reported failure"},
		"exit code 0":           {[]scout.Signal{exit(0)}, scout.Up, ""},
		"exit code 3":           {[]scout.Signal{exit(3)}, scout.Down, "exit code 3"},
		"success after failure": {[]scout.Signal{exit(1), success}, scout.Up, "reported success"},
		"a start after failure": {[]scout.Signal{exit(1), start}, scout.Down, "exit code 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *stage) {
				c, token := s.heartbeat("backup", "10m", "1m")
				for _, signal := range tt.signals {
					s.ping(token, signal)
				}
				s.levelIs(c, tt.level)
				events := s.events(c)
				if tt.says == "" && len(events) > 0 {
					s.Errorf("there are events: %+v", events)
				}
				if tt.says != "" && (len(events) == 0 || !strings.Contains(events[len(events)-1].Message, tt.says)) {
					s.Errorf("the last of %d events does not say %q", len(events), tt.says)
				}
			})
		})
	}
}

// TestStartIsASignOfLife delays the moment at which silence is too long.
func TestStartIsASignOfLife(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, token := s.heartbeat("backup", "10m", "1m")
		s.ping(token, success)
		s.run()
		pass(10 * minute)
		s.ping(token, scout.Signal{Kind: scout.SignalStart})
		pass(11*minute - 1)
		s.levelIs(c, scout.Up)
		pass(1)
		s.levelIs(c, scout.Down)
	})
}

// TestRunDuration is from the start of a run to its end, and is not there for
// a run that was not seen to start.
func TestRunDuration(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		var latencies []time.Duration
		s.monitor.options.Record = func(r scout.Result) { latencies = append(latencies, r.Latency) }
		_, token := s.heartbeat("backup", "1h", "1m")
		s.ping(token, scout.Signal{Kind: scout.SignalStart})
		pass(90 * time.Second)
		s.jump.Store(int64(time.Hour))
		s.ping(token, success)
		pass(90 * time.Second)
		s.ping(token, success)
		if fmt.Sprint(latencies) != "[1m30s 0s]" {
			s.Errorf("the runs took %v", latencies)
		}
	})
}

func TestUnknownToken(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, token := s.heartbeat("backup", "1h", "1m")
		for _, wrong := range []string{"", "token-of-nobody-at-all", token + "x"} {
			failsWith(s.T, s.monitor.Ping(s.Context(), wrong, success), scout.NotFound)
		}
		c.Settings["token"] = "token-that-is-new-now"
		s.save(&c)
		failsWith(s.T, s.monitor.Ping(s.Context(), token, success), scout.NotFound)
		s.ping("token-that-is-new-now", success)
		s.update(func(tx *store.Tx) error { return tx.DeleteCheck(c.ID) })
		failsWith(s.T, s.monitor.Ping(s.Context(), "token-that-is-new-now", success), scout.NotFound)
	})
}

// TestTokensChangeHands has two heartbeats swap their tokens in one change.
func TestTokensChangeHands(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		a, tokenA := s.heartbeat("a", "1h", "1m")
		b, tokenB := s.heartbeat("b", "1h", "1m")
		a.Settings["token"], b.Settings["token"] = tokenB, tokenA
		s.update(func(tx *store.Tx) error {
			if err := tx.SaveCheck(&a); err != nil {
				return err
			}
			return tx.SaveCheck(&b)
		})
		s.ping(tokenB, success)
		s.levelIs(a, scout.Up)
		s.levelIs(b, scout.Unknown)
		s.ping(tokenA, success)
		s.levelIs(b, scout.Up)
	})
}

// TestClockJumps sets the wall clock an hour forth or back: nobody was silent
// for it, and nobody gets an hour more.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(jump.String(), func(t *testing.T) {
			t.Parallel()
			play(t, func(s *stage) {
				c, token := s.heartbeat("backup", "10m", "1m")
				s.ping(token, success)
				s.run()
				pass(5 * minute)
				s.jump.Store(int64(jump))
				pass(6*minute - 1)
				s.levelIs(c, scout.Up)
				pass(1)
				s.levelIs(c, scout.Down)
				if e := s.events(c)[0]; !strings.Contains(e.Message, "for 11 min") {
					s.Errorf("the message is %q", e.Message)
				}
				s.ping(token, success)
				s.levelIs(c, scout.Up)
				s.jump.Store(0)
				pass(11*minute - 1)
				s.levelIs(c, scout.Up)
			})
		})
	}
}

// TestPingRacesTheDeadline has pings come at the very moment at which the
// silence is too long: however it goes, the job is up in the end, and a down
// that was told is taken back.
func TestPingRacesTheDeadline(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{})
		c, token := s.heartbeat("backup", "10m", "0s")
		s.ping(token, success)
		s.run()
		for range 20 {
			<-time.After(10 * minute)
			var pings sync.WaitGroup
			for range 3 {
				pings.Go(func() { s.ping(token, success) })
			}
			pings.Wait()
			synctest.Wait()
			s.levelIs(c, scout.Up)
		}
		s.restart()
		s.levelIs(c, scout.Up)
		downs := 0
		for _, told := range s.owed(w) {
			if told == "backup down" {
				downs++
			} else {
				downs--
			}
		}
		if downs != 0 {
			s.Errorf("the webhook was left with %q", s.owed(w))
		}
	})
}

// TestGraceChanges counts with the new values, from the last ping.
func TestGraceChanges(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, token := s.heartbeat("backup", "1h", "1m")
		s.ping(token, success)
		s.run()
		pass(minute)
		c.Settings["period"] = "5m"
		s.save(&c)
		pass(5*minute - 1)
		s.levelIs(c, scout.Up)
		pass(minute + 1) // the new period counts from the change at the latest
		s.levelIs(c, scout.Down)
	})
}
