package monitor

import (
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// ends are the ways in which a check stops being watched.
var ends = map[string]func(*stage, *store.Tx, scout.Check) error{
	"paused": func(_ *stage, tx *store.Tx, c scout.Check) error {
		c.Paused = true
		return tx.SaveCheck(&c)
	},
	"removed":             func(_ *stage, tx *store.Tx, c scout.Check) error { return tx.DeleteCheck(c.ID) },
	"removed with server": func(s *stage, tx *store.Tx, _ scout.Check) error { return tx.DeleteServer(s.server.ID) },
}

// TestEndOfWatching ends the open incident of a check that is paused or
// removed, while the process runs or while it does not.
func TestEndOfWatching(t *testing.T) {
	t.Parallel()
	for how, end := range ends {
		for where, away := range map[string]bool{"while it runs": false, "while the process is down": true} {
			t.Run(how+" "+where, func(t *testing.T) {
				t.Parallel()
				play(t, func(s *stage) {
					w := s.webhook("ops", scout.Webhook{})
					c, _ := s.check("HTTP", nil)
					calm, _ := s.check("SSH", nil)
					s.report(c, scout.Up, scout.Down)
					s.report(calm, scout.Up)
					pass(minute)
					finish := func(tx *store.Tx) error { return end(s, tx, c) }
					if away {
						s.configure(finish)
						s.restart()
					} else {
						s.update(finish)
					}
					s.story(c, scout.Opened, scout.Recovered)
					s.story(calm)
					s.isOwed(w, "HTTP down", "HTTP recovered")
					last := s.events(c)[1]
					if last.Message != "HTTP on web-server-01 is no longer watched" || last.Duration.Truncate(time.Second) != minute {
						s.Errorf("the incident ended after %s with %q", last.Duration, last.Message)
					}
					if in := s.incidents(c)[0]; in.Open() {
						s.Errorf("the incident is open: %+v", in)
					}
					failsWith(s.T, s.monitor.Ingest(s.Context(), result(c, scout.Down)), scout.NotFound)
					s.sync()
					s.restart()
					s.story(c, scout.Opened, scout.Recovered)
				})
			})
		}
	}
}

// TestResumedCheckStartsAnew knows nothing of what was before the pause.
func TestResumedCheckStartsAnew(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, p := s.check("HTTP", func(c *scout.Check) { c.FailAfter = 2 })
		s.report(c, scout.Up, scout.Down, scout.Down, scout.Down)
		c.Paused = true
		s.save(&c)
		s.levelIs(c, scout.Unknown)
		s.run()
		paused := time.Now()
		pass(3 * minute)
		if at := p.begins(paused); len(at) > 0 {
			s.Errorf("while it was paused it was probed after %v", at)
		}

		c.Paused = false
		s.save(&c)
		pass(time.Second) // the first probe
		s.levelIs(c, scout.Up)
		s.story(c, scout.Opened, scout.Recovered)
		s.report(c, scout.Down)
		s.story(c, scout.Opened, scout.Recovered)
		s.report(c, scout.Down)
		s.story(c, scout.Opened, scout.Recovered, scout.Opened)
		if in := s.incidents(c); len(in) != 2 {
			s.Errorf("there are %d incidents, want 2", len(in))
		}
		pass(minute)
		if at := p.begins(paused); len(at) == 0 {
			s.Error("after the pause it was not probed")
		}
	})
}

// TestEndThatCannotBeRecorded is made up for, once, whether the check stays
// away or comes back before.
func TestEndThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]bool{"it stays paused": false, "it is resumed before": true} {
		for commits, failures := range map[string]int32{"one commit fails": 1, "all fail for a while": 10} {
			t.Run(name+", "+commits, func(t *testing.T) {
				t.Parallel()
				play(t, func(s *stage) {
					w := s.webhook("ops", scout.Webhook{})
					c, _ := s.check("HTTP", nil)
					s.report(c, scout.Up, scout.Down)
					s.ledger.commits.Store(failures)
					c.Paused = true
					s.configure(func(tx *store.Tx) error { return s.saveIn(tx, &c) })
					if err := s.monitor.Sync(s.Context()); err == nil {
						s.Error("nothing was said of the failure")
					}
					s.ledger.commits.Store(0)
					if back {
						c.Paused = false
						s.configure(func(tx *store.Tx) error { return s.saveIn(tx, &c) })
					}
					s.sync()
					s.sync()
					s.story(c, scout.Opened, scout.Recovered)
					s.isOwed(w, "HTTP down", "HTTP recovered")
					if !back {
						return
					}
					s.report(c, scout.Down)
					s.story(c, scout.Opened, scout.Recovered, scout.Opened)
				})
			})
		}
	}
}

// TestCheckThatCannotBeWatched stands in nobody's way: neither in that of other
// checks nor, where only its change is wrong, in its own.
func TestCheckThatCannotBeWatched(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		unknown, _ := s.check("strange", func(c *scout.Check) { c.Kind = "telepathy" })
		well, _ := s.check("HTTP", nil)
		failsWith(s.T, s.monitor.Ingest(s.Context(), result(unknown, scout.Up)), scout.NotFound)
		s.report(well, scout.Up)

		well.Settings = scout.Settings{"nonsense": true}
		s.save(&well)
		if _, err := s.monitor.ProbeNow(s.Context(), well.ID); err != nil {
			s.Errorf("after a change that is wrong: %v", err)
		}
		job, token := s.heartbeat("backup", "1h", "1m")
		job.Settings = scout.Settings{"period": "never", "token": token}
		s.save(&job)
		s.ping(token, success)
	})
}

// TestRestart brings the state back from the ledger: an incident that was open
// is not opened again, ends if the service has recovered meanwhile, and
// half-counted confirmations begin again.
func TestRestart(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before, after []scout.Level
		want          []scout.EventKind
	}{
		"still down": {
			[]scout.Level{scout.Down, scout.Down},
			[]scout.Level{scout.Down, scout.Down, scout.Down},
			[]scout.EventKind{scout.Opened},
		},
		"recovered meanwhile": {
			[]scout.Level{scout.Down, scout.Down},
			[]scout.Level{scout.Up, scout.Up},
			[]scout.EventKind{scout.Opened, scout.Recovered},
		},
		"eased meanwhile": {
			[]scout.Level{scout.Down, scout.Down},
			[]scout.Level{scout.Warning, scout.Warning},
			[]scout.EventKind{scout.Opened, scout.Eased},
		},
		"half a confirmation": {
			[]scout.Level{scout.Up, scout.Down},
			[]scout.Level{scout.Down},
			nil,
		},
		"half a recovery": {
			[]scout.Level{scout.Down, scout.Down, scout.Up},
			[]scout.Level{scout.Up},
			[]scout.EventKind{scout.Opened},
		},
		"a second incident": {
			[]scout.Level{scout.Down, scout.Down, scout.Up, scout.Up},
			[]scout.Level{scout.Down, scout.Down},
			[]scout.EventKind{scout.Opened, scout.Recovered, scout.Opened},
		},
		"up, and nothing since": {
			[]scout.Level{scout.Up},
			[]scout.Level{scout.Up},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *stage) {
				c, _ := s.check("HTTP", func(c *scout.Check) { c.FailAfter, c.RecoverAfter = 2, 2 })
				begun := time.Now().Truncate(time.Microsecond)
				s.report(c, tt.before...)
				pass(time.Hour)
				s.restart()
				s.report(c, tt.after...)
				s.story(c, tt.want...)
				ids := map[string]bool{}
				for _, e := range s.events(c) {
					ids[e.IncidentID] = true
				}
				if got := len(s.incidents(c)); got != len(ids) {
					s.Errorf("%d incidents for events of %d", got, len(ids))
				}
				if len(tt.want) == 2 && !s.events(c)[1].Began.Equal(begun) {
					s.Errorf("the incident began %s, want %s", s.events(c)[1].Began, begun)
				}
			})
		})
	}
}

// TestKeepsUp finds a change of the configuration at once when it is nudged,
// and within half a minute when it is not.
func TestKeepsUp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		nudge bool
		after time.Duration
	}{
		"with a nudge":    {true, 0},
		"without a nudge": {false, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *stage) {
				s.run()
				c := scout.Check{Name: "job", Kind: "heartbeat", FailAfter: 1, RecoverAfter: 1}
				c.Settings = scout.Settings{"period": "1h", "token": "token-of-the-new-job"}
				s.configure(func(tx *store.Tx) error { return s.saveIn(tx, &c) })
				synctest.Wait()
				failsWith(s.T, s.monitor.Ping(s.Context(), "token-of-the-new-job", success), scout.NotFound)
				if tt.nudge {
					s.monitor.Nudge()
				}
				pass(tt.after)
				s.ping("token-of-the-new-job", success)
			})
		})
	}
}

// TestConfigurationThatCannotBeRead changes nothing that is watched, and is
// read again.
func TestConfigurationThatCannotBeRead(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, token := s.heartbeat("backup", "1h", "1m")
		s.run()
		s.ledger.reading.Store(true)
		c.Paused = true
		s.configure(func(tx *store.Tx) error { return s.saveIn(tx, &c) })
		pass(2 * minute)
		s.ping(token, success)
		s.ledger.reading.Store(false)
		pass(30 * time.Second)
		failsWith(s.T, s.monitor.Ping(s.Context(), token, success), scout.NotFound)
	})
}
