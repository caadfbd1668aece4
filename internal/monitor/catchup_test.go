package monitor

import (
	"slices"
	"testing"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

func (s *stage) pause(w scout.Webhook) {
	s.Helper()
	s.update(func(tx *store.Tx) error { return tx.PauseWebhook(w.ID) })
}

func (s *stage) resume(w scout.Webhook) {
	s.Helper()
	s.update(func(tx *store.Tx) error { return tx.ResumeWebhook(w.ID) })
}

// TestCatchUp pauses a webhook at one point of a story and resumes it at a
// later one: it then hears what it was not told, once, and another webhook
// hears nothing of it.
func TestCatchUp(t *testing.T) {
	t.Parallel()
	up, warn, down := scout.Up, scout.Warning, scout.Down
	crit := scout.Critical | scout.Recovery
	for name, tt := range map[string]struct {
		hears                 scout.AlertTypes // 0: everything
		before, during, after []scout.Level    // the pause
		undelivered, repeated bool             // what came before still waits; there is a second pause
		want, stranger        []string         // what the two webhooks are owed in all
		reminders             int
	}{
		"an incident that began meanwhile": {
			before: []scout.Level{up}, during: []scout.Level{down},
			want: []string{"down"}, reminders: 1, stranger: []string{"down"},
		},
		"one that was told before": {
			before: []scout.Level{up, down},
			want:   []string{"down"}, stranger: []string{"down"},
		},
		"one that worsened meanwhile": {
			before: []scout.Level{up, warn}, during: []scout.Level{down},
			want: []string{"warning", "down"}, reminders: 1, stranger: []string{"warning", "down"},
		},
		"one that went there and back": {
			before: []scout.Level{up, warn}, during: []scout.Level{down, warn},
			want: []string{"warning"}, stranger: []string{"warning", "down", "warning"},
		},
		"one that came and went": {
			before: []scout.Level{up}, during: []scout.Level{down, up},
			want: nil, stranger: []string{"down", "recovered"},
		},
		"one that was told before and ended": {
			before: []scout.Level{up, down}, during: []scout.Level{up},
			want: []string{"down", "recovered"}, stranger: []string{"down", "recovered"},
		},
		"its end afterwards": {
			before: []scout.Level{up}, during: []scout.Level{down}, after: []scout.Level{up},
			want: []string{"down", "recovered"}, reminders: 1, stranger: []string{"down", "recovered"},
		},
		"a warning it does not hear": {
			hears: crit, before: []scout.Level{up}, during: []scout.Level{warn},
			want: nil, stranger: []string{"warning"},
		},
		"one that came and went, of which it hears ends alone": {
			hears: scout.Recovery, before: []scout.Level{up}, during: []scout.Level{down, up},
			want: nil, stranger: []string{"down", "recovered"},
		},
		"what waited all the time": {
			before: []scout.Level{up, down}, undelivered: true,
			want: []string{"down"}, stranger: []string{"down"},
		},
		"two pauses": {
			before: []scout.Level{up}, during: []scout.Level{down}, repeated: true,
			want: []string{"down"}, reminders: 1, stranger: []string{"down"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *stage) {
				w, stranger := s.webhook("ops", scout.Webhook{AlertTypes: tt.hears}), s.webhook("stranger", scout.Webhook{})
				c, _ := s.check("HTTP", nil)
				s.report(c, tt.before...)
				if !tt.undelivered {
					s.delivered()
				}
				s.pause(w)
				pass(minute)
				s.report(c, tt.during...)
				pass(minute)
				s.resume(w)
				s.sync()
				if tt.repeated {
					s.pause(w)
					s.resume(w)
				}
				s.report(c, tt.after...)

				check := func(w scout.Webhook, want []string) {
					var all []string
					for _, status := range want {
						all = append(all, "HTTP "+status)
					}
					s.isOwed(w, all...)
				}
				check(w, tt.want)
				check(stranger, tt.stranger)
				left, err := s.ledger.CatchUps(s.Context())
				s.ok(err)
				if len(left) > 0 {
					s.Errorf("there is something left to catch up with: %v", left)
				}
				reminders := 0
				for _, e := range s.events(c) {
					if e.Kind == scout.Reminder {
						reminders++
					}
				}
				if reminders != tt.reminders {
					s.Errorf("there are %d reminders, want %d", reminders, tt.reminders)
				}
			})
		})
	}
}

// TestReminder tells the level and the duration of now, as an event of its own.
func TestReminder(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{})
		c, _ := s.check("HTTP", nil)
		s.report(c, scout.Up)
		s.pause(w)
		s.report(c, scout.Warning)
		pass(minute)
		s.report(c, scout.Down)
		pass(4 * minute)
		s.resume(w)
		s.story(c, scout.Opened, scout.Worsened, scout.Reminder)
		e := s.events(c)[2]
		if e.Level != scout.Down || e.Duration.Truncate(time.Second) != 5*minute || e.Message != "HTTP is down" || !e.Ended.IsZero() {
			s.Errorf("the reminder is %+v", e)
		}
		s.isOwed(w, "HTTP down")
		if why := e.Decisions[0].Reason; why != scout.Owed {
			s.Errorf("the reminder was decided as %s", why)
		}
		if in := s.incidents(c)[0]; in.Events != 3 {
			s.Errorf("the incident has %d events, want 3", in.Events)
		}
		s.report(c, scout.Up)
		s.story(c, scout.Opened, scout.Worsened, scout.Reminder, scout.Recovered)
	})
}

// TestCatchUpOfADisabledWebhook tells the end of an incident that it was told
// of and that ended while the receiver counted as gone.
func TestCatchUpOfADisabledWebhook(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{})
		told, _ := s.check("told", nil)
		lost, _ := s.check("lost", nil)
		s.report(told, scout.Up, scout.Down)
		s.delivered()
		s.report(lost, scout.Up, scout.Down)
		jobs := s.lanes.jobs()
		job := jobs[len(jobs)-1]
		_, err := s.ledger.Finish(s.Context(), scout.Completion{
			Job: job, Status: scout.DeliveryFailed, Reason: scout.Gone, Now: time.Now(), Says: scout.SaysFailure, Disable: "the receiver is gone",
			Attempt: scout.Attempt{DeliveryID: job.Delivery.ID, WebhookID: w.ID, Number: 1, StartedAt: time.Now()},
		})
		s.ok(err)
		fresh, _ := s.check("fresh", nil)
		s.report(fresh, scout.Up, scout.Down)
		pass(minute)
		s.report(told, scout.Up)
		s.report(lost, scout.Up)
		s.isOwed(w, "told down", "lost down")
		if why := s.events(told)[1].Decisions[0].Reason; why != scout.Disabled {
			s.Errorf("the recovery was decided as %s", why)
		}

		s.resume(w)
		s.sync()
		owed := s.owed(w)
		slices.Sort(owed)
		if want := []string{"fresh down", "lost down", "told down", "told recovered"}; !slices.Equal(owed, want) {
			s.Errorf("ops is owed %q, want %q", owed, want)
		}
		if d := s.events(told)[1].Decisions; len(d) != 1 || d[0].Reason != scout.CaughtUp {
			s.Errorf("the recovery is now decided as %+v", d)
		}
		s.restart()
		if again := s.owed(w); len(again) != 4 {
			s.Errorf("after a restart ops is owed %q", again)
		}
	})
}

// TestCatchUpThatFails is made up for, and tells nothing twice.
func TestCatchUpThatFails(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"in the same process": false, "after a restart": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *stage) {
				w := s.webhook("ops", scout.Webhook{})
				a, _ := s.check("a", nil)
				b, _ := s.check("b", nil)
				s.pause(w)
				s.report(a, scout.Up, scout.Down)
				s.report(b, scout.Up, scout.Down)
				s.configure(func(tx *store.Tx) error { return tx.ResumeWebhook(w.ID) })
				free := s.lanes.room()
				s.ledger.commits.Store(2)
				for range 2 {
					if err := s.monitor.Sync(s.Context()); err == nil {
						s.Error("nothing was said of the failure")
					}
				}
				if s.lanes.room() != free {
					s.Errorf("%d places are free, %d before", s.lanes.room(), free)
				}
				if restart {
					s.restart()
				}
				s.sync()
				s.sync()
				owed := s.owed(w)
				slices.Sort(owed)
				if want := []string{"a down", "b down"}; !slices.Equal(owed, want) {
					s.Errorf("ops is owed %q, want %q", owed, want)
				}
			})
		})
	}
}
