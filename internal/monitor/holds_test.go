package monitor

import (
	"slices"
	"testing"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// holdBack begins a hold of everything now, for so long; change makes it different.
func (s *stage) holdBack(kind scout.HoldKind, long time.Duration, change func(*scout.Hold)) scout.Hold {
	s.Helper()
	now := s.monitor.options.Now()
	h := scout.Hold{Kind: kind, Author: "ops", From: now, Until: now.Add(long)}
	if change != nil {
		change(&h)
	}
	s.update(func(tx *store.Tx) error { return tx.SaveHold(&h) })
	return h
}

// endHold ends a hold before its time.
func (s *stage) endHold(h scout.Hold) {
	s.Helper()
	h.EndedAt = s.monitor.options.Now()
	s.update(func(tx *store.Tx) error { return tx.SaveHold(&h) })
}

// reasons lists how the events of a check were decided for a webhook, oldest
// first.
func (s *stage) reasons(c scout.Check, w scout.Webhook) []scout.Reason {
	s.Helper()
	var list []scout.Reason
	for _, e := range s.events(c) {
		for _, d := range e.Decisions {
			if d.WebhookID == w.ID {
				list = append(list, d.Reason)
			}
		}
	}
	return list
}

// decided fails unless the events of a check were decided so for a webhook.
func (s *stage) decided(c scout.Check, w scout.Webhook, want ...scout.Reason) {
	s.Helper()
	if got := s.reasons(c, w); !slices.Equal(got, want) {
		s.Errorf("the events of %s were decided as %v, want %v", c.Name, got, want)
	}
}

// settled fails unless nothing is left to catch up with.
func (s *stage) settled() {
	s.Helper()
	next, err := s.ledger.NextHoldEnd(s.Context())
	s.ok(err)
	if !next.IsZero() {
		s.Errorf("a hold is still to end, at %s", next)
	}
}

// TestHolds plays a story during which a hold is in force, and what each
// webhook is owed of it in all.
func TestHolds(t *testing.T) {
	t.Parallel()
	up, warn, down := scout.Up, scout.Warning, scout.Down
	for name, tt := range map[string]struct {
		before, during, after []scout.Level // the hold
		want                  []string
		reminders             int
	}{
		"an incident that began meanwhile": {
			before: []scout.Level{up}, during: []scout.Level{down}, want: []string{"HTTP down"}, reminders: 1,
		},
		"one that was told before": {
			before: []scout.Level{up, down}, want: []string{"HTTP down"},
		},
		"one that worsened meanwhile": {
			before: []scout.Level{up, warn}, during: []scout.Level{down}, want: []string{"HTTP warning", "HTTP down"}, reminders: 1,
		},
		"one that went there and back": {
			before: []scout.Level{up, warn}, during: []scout.Level{down, warn}, want: []string{"HTTP warning"},
		},
		"one that came and went": {
			before: []scout.Level{up}, during: []scout.Level{down, up},
		},
		"one that was told before and ended": {
			before: []scout.Level{up, down}, during: []scout.Level{up}, want: []string{"HTTP down", "HTTP recovered"},
		},
		"its end afterwards": {
			before: []scout.Level{up}, during: []scout.Level{down}, after: []scout.Level{up},
			want: []string{"HTTP down", "HTTP recovered"}, reminders: 1,
		},
	} {
		for how, end := range map[string]func(*stage, scout.Hold){
			"by time": func(s *stage, _ scout.Hold) { pass(time.Hour) },
			"early":   func(s *stage, h scout.Hold) { s.endHold(h) },
			"while the program was off": func(s *stage, _ scout.Hold) {
				s.end()
				pass(2 * time.Hour)
				s.start()
			},
			"after the clock was set forward": func(s *stage, _ scout.Hold) {
				s.jump.Store(int64(90 * minute))
				s.sync()
			},
		} {
			t.Run(name+", ended "+how, func(t *testing.T) {
				t.Parallel()
				play(t, func(s *stage) {
					s.run()
					w := s.webhook("ops", scout.Webhook{})
					c, _ := s.check("HTTP", func(c *scout.Check) { c.Interval = 24 * time.Hour })
					pass(time.Second) // the first probe
					s.report(c, tt.before...)
					s.delivered()
					h := s.holdBack(scout.Maintenance, time.Hour, nil)
					s.report(c, tt.during...)
					end(s, h)
					s.report(c, tt.after...)
					s.isOwed(w, tt.want...)
					s.settled()
					reminders := 0
					for _, e := range s.events(c) {
						if e.Kind == scout.Reminder {
							reminders++
						}
					}
					if reminders != tt.reminders {
						s.Errorf("there are %d reminders, want %d", reminders, tt.reminders)
					}
					s.restart()
					s.isOwed(w, tt.want...)
				})
			})
		}
	}
}

// TestHoldTellsTheTruth checks what is told when a hold ends, and what is on
// record of why nothing was told before.
func TestHoldTellsTheTruth(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		s.run()
		w := s.webhook("ops", scout.Webhook{})
		c, p := s.check("HTTP", nil)
		gone, q := s.check("SSH", nil)
		pass(minute)
		s.holdBack(scout.Silence, 30*minute, nil)
		p.becomes(scout.Down)
		q.becomes(scout.Down)
		pass(2 * minute)
		q.becomes(scout.Up)
		pass(27 * minute)
		s.isOwed(w)
		pass(2 * minute)
		s.isOwed(w, "HTTP down")
		s.decided(c, w, scout.Silenced, scout.Owed)
		s.decided(gone, w, scout.Silenced, scout.NeverTold)
		e := s.events(c)[1]
		if e.Kind != scout.Reminder || e.Duration < 28*minute || e.Duration > 30*minute || !e.Ended.IsZero() {
			s.Errorf("when the hold ended this was told: %+v", e)
		}
	})
}

// TestHoldEndsOnTime does not wait for the next look at the configuration.
func TestHoldEndsOnTime(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{})
		c, _ := s.check("HTTP", nil)
		s.report(c, scout.Up)
		s.run()
		s.holdBack(scout.Silence, 10*time.Second, nil)
		s.report(c, scout.Down)
		pass(9 * time.Second)
		s.isOwed(w)
		pass(time.Second)
		s.isOwed(w, "HTTP down")
	})
}

// TestHoldCovers holds back what the match names and nothing else.
func TestHoldCovers(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{})
		held, _ := s.check("HTTP", nil)
		free, _ := s.check("SSH", nil)
		s.holdBack(scout.Silence, time.Hour, func(h *scout.Hold) { h.Match.Checks = []string{"web-server-01/HTTP"} })
		s.holdBack(scout.Silence, time.Hour, func(h *scout.Hold) { h.Match.Servers = []string{"db"} })
		s.report(held, scout.Down)
		s.report(free, scout.Down)
		s.isOwed(w, "SSH down")
	})
}

// TestHoldThatIsPlanned holds nothing before it begins.
func TestHoldThatIsPlanned(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{})
		a, _ := s.check("before", nil)
		b, _ := s.check("during", nil)
		h := s.holdBack(scout.Maintenance, 20*minute, func(h *scout.Hold) { h.From = h.From.Add(10 * minute) })
		s.report(a, scout.Down)
		s.isOwed(w, "before down")
		pass(11 * minute)
		s.report(b, scout.Down)
		s.isOwed(w, "before down")
		s.endHold(h)
		s.isOwed(w, "before down", "during down")
	})
}

// TestHoldsOverlap lets go with the last one, whichever began first.
func TestHoldsOverlap(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{})
		c, _ := s.check("HTTP", nil)
		silence := s.holdBack(scout.Silence, 2*time.Hour, nil)
		s.holdBack(scout.Maintenance, time.Hour, nil)
		s.report(c, scout.Down)
		s.decided(c, w, scout.Silenced) // it lasts longer
		s.endHold(silence)
		s.isOwed(w)
		pass(time.Hour)
		s.sync()
		s.isOwed(w, "HTTP down")
	})
}

// TestHoldAndPause tells a webhook that was resumed during a hold when that
// ends, and one that is paused at its end when it is resumed.
func TestHoldAndPause(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		early, late := s.webhook("early", scout.Webhook{}), s.webhook("late", scout.Webhook{})
		c, _ := s.check("HTTP", nil)
		s.pause(early)
		s.pause(late)
		h := s.holdBack(scout.Silence, time.Hour, nil)
		s.report(c, scout.Down)
		s.resume(early)
		s.isOwed(early)
		s.endHold(h)
		s.isOwed(early, "HTTP down")
		s.isOwed(late)
		s.resume(late)
		s.isOwed(late, "HTTP down")
		s.isOwed(early, "HTTP down")
	})
}

// TestHoldIsChanged tells at once what a hold does not cover any more.
func TestHoldIsChanged(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{})
		a, _ := s.check("a", nil)
		b, _ := s.check("b", nil)
		h := s.holdBack(scout.Silence, time.Hour, nil)
		s.report(a, scout.Down)
		s.report(b, scout.Down)
		h.Match.Checks = []string{"b"}
		s.update(func(tx *store.Tx) error { return tx.SaveHold(&h) })
		s.isOwed(w, "a down")
		s.endHold(h)
		s.isOwed(w, "a down", "b down")
	})
}

// TestHoldIsDeleted loses nothing when a hold is deleted before what it held
// back was told.
func TestHoldIsDeleted(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{})
		c, _ := s.check("HTTP", nil)
		h := s.holdBack(scout.Silence, time.Hour, nil)
		s.report(c, scout.Down)
		s.configure(func(tx *store.Tx) error {
			h.EndedAt = time.Now()
			if err := tx.SaveHold(&h); err != nil {
				return err
			}
			return tx.DeleteHold(h.ID)
		})
		s.restart()
		s.isOwed(w, "HTTP down")
		s.settled()
	})
}

// TestHoldStopsReminders stops those of an incident that is open when it
// begins, and lets them go on after it.
func TestHoldStopsReminders(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		s.run()
		w := s.webhook("ops", scout.Webhook{})
		c, p := s.reminded("HTTP")
		p.becomes(scout.Down)
		pass(minute)
		s.delivered()
		s.holdBack(scout.Maintenance, time.Hour, nil)
		pass(time.Hour)
		s.isOwed(w, "HTTP down")
		s.story(c, scout.Opened)
		pass(11 * minute)
		s.isOwed(w, "HTTP down", "HTTP down")
	})
}

// TestHoldIsOverForGood holds nothing back again when the clock is set back to
// when it was in force.
func TestHoldIsOverForGood(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{})
		c, _ := s.check("HTTP", nil)
		s.holdBack(scout.Silence, time.Hour, nil)
		s.jump.Store(int64(2 * time.Hour))
		s.sync()
		s.settled()
		s.jump.Store(0)
		s.report(c, scout.Down)
		s.isOwed(w, "HTTP down")
	})
}

// TestHoldWhoseEndFails is caught up with by a later attempt, and tells nothing
// twice.
func TestHoldWhoseEndFails(t *testing.T) {
	t.Parallel()
	for failing := range int32(4) { // one transaction after the other of those it takes
		play(t, func(s *stage) {
			w := s.webhook("ops", scout.Webhook{})
			a, _ := s.check("a", nil)
			b, _ := s.check("b", nil)
			h := s.holdBack(scout.Silence, time.Hour, nil)
			s.report(a, scout.Down)
			s.report(b, scout.Down)
			h.EndedAt = time.Now()
			s.configure(func(tx *store.Tx) error { return tx.SaveHold(&h) })
			s.ledger.passes.Store(failing)
			s.ledger.commits.Store(1)
			if err := s.monitor.Sync(s.Context()); err == nil {
				s.Error("nothing was said of the failure")
			}
			s.restart()
			owed := s.owed(w)
			slices.Sort(owed)
			if want := []string{"a down", "b down"}; !slices.Equal(owed, want) {
				s.Errorf("with failure %d ops is owed %q, want %q", failing, owed, want)
			}
			s.settled()
		})
	}
}

// TestResultBetweenEndAndCatchUp is told at once, though its time lies in the
// hold.
func TestResultBetweenEndAndCatchUp(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{})
		c, _ := s.check("HTTP", nil)
		h := s.holdBack(scout.Silence, time.Hour, nil)
		r := result(c, scout.Down)
		pass(minute)
		h.EndedAt = time.Now()
		s.configure(func(tx *store.Tx) error { return tx.SaveHold(&h) })
		s.ok(s.monitor.Ingest(s.Context(), r))
		s.isOwed(w, "HTTP down")
		s.sync()
		s.isOwed(w, "HTTP down")
	})
}
