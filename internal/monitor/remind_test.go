package monitor

import (
	"testing"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// reminded declares a check that is told again every ten minutes.
func (s *stage) reminded(name string) (scout.Check, *prober) {
	s.Helper()
	return s.check(name, func(c *scout.Check) { c.Remind = 10 * minute })
}

// TestReminders tells an open incident again to everybody who sees it, and
// nothing before or after that.
func TestReminders(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		ops := s.webhook("ops", scout.Webhook{})
		warnings := s.webhook("warnings", scout.Webhook{AlertTypes: scout.WarningAlerts | scout.Recovery})
		critical := s.webhook("critical", scout.Webhook{AlertTypes: scout.Critical | scout.Recovery})
		elsewhere := s.webhook("elsewhere", scout.Webhook{Match: scout.Match{Servers: []string{"db"}}})
		c, p := s.reminded("HTTP")
		s.run()
		pass(30 * minute)
		s.story(c)
		p.becomes(scout.Warning)
		pass(minute)
		s.isOwed(ops, "HTTP warning")
		s.isOwed(critical)
		s.delivered()
		pass(10 * minute)
		s.story(c, scout.Opened, scout.Reminder)
		s.isOwed(ops, "HTTP warning", "HTTP warning")
		s.isOwed(warnings, "HTTP warning", "HTTP warning")
		s.delivered()

		p.becomes(scout.Down)
		pass(minute)
		s.delivered()
		pass(10 * minute) // counted from when it worsened
		s.isOwed(ops, "HTTP warning", "HTTP warning", "HTTP down", "HTTP down")
		s.isOwed(critical, "HTTP down", "HTTP down")
		s.isOwed(warnings, "HTTP warning", "HTTP warning") // a critical is not its business, now as before
		s.delivered()

		p.becomes(scout.Up)
		pass(minute)
		events := len(s.events(c))
		pass(time.Hour)
		s.isOwed(critical, "HTTP down", "HTTP down", "HTTP recovered")
		s.isOwed(elsewhere)
		if n := len(s.events(c)); n != events {
			s.Errorf("%d events after the end", n-events)
		}
	})
}

// TestReminderTells checks what a reminder says.
func TestReminderTells(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		s.webhook("ops", scout.Webhook{})
		c, _ := s.reminded("HTTP")
		s.report(c, scout.Up, scout.Down)
		s.delivered()
		pass(10 * minute)
		s.story(c, scout.Opened, scout.Reminder)
		e := s.events(c)[1]
		if e.Level != scout.Down || e.Duration.Truncate(time.Second) != 10*minute || e.Message != "HTTP is down" || !e.Repeats {
			s.Errorf("the reminder is %+v", e)
		}
		if in := s.incidents(c)[0]; !in.Latest.Equal(e.At) || in.Events != 2 {
			s.Errorf("the incident is %+v", in)
		}
	})
}

// TestReminderForNobody makes no event that nobody is owed.
func TestReminderForNobody(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{AlertTypes: scout.Recovery})
		c, _ := s.reminded("HTTP")
		s.report(c, scout.Up, scout.Down)
		pass(time.Hour)
		s.story(c, scout.Opened)
		s.isOwed(w)
	})
}

// TestReminderBehindAMessage does not queue reminders behind a message that
// still waits to be sent.
func TestReminderBehindAMessage(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		slow, quick := s.webhook("slow", scout.Webhook{}), s.webhook("quick", scout.Webhook{AlertTypes: scout.Critical})
		c, _ := s.reminded("HTTP")
		s.report(c, scout.Up, scout.Warning, scout.Down)
		for _, job := range s.lanes.jobs() {
			if job.Webhook.ID == quick.ID {
				s.finish(job)
			}
		}
		pass(10 * minute)
		s.isOwed(slow, "HTTP warning", "HTTP down")
		s.isOwed(quick, "HTTP down", "HTTP down")
		events := s.events(c)
		for _, d := range events[len(events)-1].Decisions {
			want := scout.Owed
			if d.WebhookID == slow.ID {
				want = scout.StillWaiting
			}
			if d.Reason != want {
				s.Errorf("%s: decided as %s, want %s", d.Webhook, d.Reason, want)
			}
		}
	})
}

// TestNoReminderWhileItSeemsToRecover waits for what the next results say.
func TestNoReminderWhileItSeemsToRecover(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		s.webhook("ops", scout.Webhook{})
		c, _ := s.check("HTTP", func(c *scout.Check) { c.Remind, c.RecoverAfter = 10*minute, 3 })
		s.report(c, scout.Down)
		s.delivered()
		pass(9 * minute)
		s.report(c, scout.Up)
		pass(2 * minute)
		s.story(c, scout.Opened)
		s.report(c, scout.Down)
		pass(10 * time.Second)
		s.story(c, scout.Opened, scout.Reminder)
	})
}

// TestReminderAcrossARestart does not tell again what nobody has looked at
// since, and keeps the interval.
func TestReminderAcrossARestart(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		s.webhook("ops", scout.Webhook{})
		c, _ := s.reminded("HTTP")
		s.report(c, scout.Down)
		s.delivered()
		pass(4 * minute)
		s.restart()
		pass(5 * minute)
		s.report(c, scout.Down)
		s.story(c, scout.Opened)
		pass(minute)
		s.story(c, scout.Opened, scout.Reminder)
		s.delivered()
		s.restart()
		pass(time.Hour)
		s.story(c, scout.Opened, scout.Reminder)
		s.report(c, scout.Down)
		pass(10 * time.Second)
		s.story(c, scout.Opened, scout.Reminder, scout.Reminder)
	})
}

// TestReminderIsConfigured takes another interval over at once, and none.
func TestReminderIsConfigured(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		s.webhook("ops", scout.Webhook{})
		c, _ := s.check("HTTP", nil)
		s.report(c, scout.Down)
		s.delivered()
		pass(time.Hour)
		s.story(c, scout.Opened)
		change := func(every time.Duration) {
			c.Remind = every
			s.update(func(tx *store.Tx) error { return tx.SaveCheck(&c) })
		}
		change(10 * minute)
		pass(time.Second) // overdue
		s.story(c, scout.Opened, scout.Reminder)
		s.delivered()
		change(0)
		pass(time.Hour)
		s.story(c, scout.Opened, scout.Reminder)
	})
}

// TestReminderThatCannotBeRecorded is tried again.
func TestReminderThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		s.webhook("ops", scout.Webhook{})
		c, _ := s.reminded("HTTP")
		s.report(c, scout.Down)
		s.delivered()
		s.ledger.commits.Store(3)
		pass(10*minute + retryCommit)
		s.story(c, scout.Opened)
		pass(time.Second)
		s.story(c, scout.Opened, scout.Reminder)
	})
}

// TestReminderOfAJumpedClock is due no later than an interval from now, however
// the wall clock was set.
func TestReminderOfAJumpedClock(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		s.webhook("ops", scout.Webhook{})
		c, _ := s.reminded("HTTP")
		s.report(c, scout.Down)
		s.delivered()
		s.jump.Store(-int64(24 * time.Hour))
		c.Name = "renamed"
		s.update(func(tx *store.Tx) error { return tx.SaveCheck(&c) })
		pass(10 * minute)
		s.story(c, scout.Opened, scout.Reminder)
	})
}

// TestExternalCheck keeps its level until the next word from outside, is
// reminded of, and is not probed.
func TestExternalCheck(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{})
		c := scout.Check{Name: "Disk", Kind: "external", FailAfter: 1, RecoverAfter: 1, Remind: 10 * minute}
		s.save(&c)
		s.run()
		pass(time.Hour)
		_, err := s.monitor.ProbeNow(s.Context(), c.ID)
		failsWith(s.T, err, scout.Conflict)
		s.report(c, scout.Down)
		s.delivered()
		pass(11 * minute)
		s.isOwed(w, "Disk down", "Disk down")
		s.delivered()
		s.restart()
		s.run()
		pass(20 * minute) // nobody else would look at it
		s.isOwed(w, "Disk down", "Disk down", "Disk down")
		s.delivered()
		s.report(c, scout.Up)
		s.isOwed(w, "Disk down", "Disk down", "Disk down", "Disk recovered")
	})
}

// TestKindChanges moves a check between what is probed, what is waited for and
// what is only told of, with the schedule that goes with each.
func TestKindChanges(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		s.webhook("ops", scout.Webhook{})
		c, p := s.check("Job", nil)
		s.run()
		pass(2 * minute)
		probed := func() (n int) { return len(p.begins(time.Time{})) }
		become := func(kind string, settings scout.Settings) {
			c.Kind, c.Settings = kind, settings
			s.update(func(tx *store.Tx) error { return tx.SaveCheck(&c) })
		}
		before := probed()
		become("external", nil)
		s.monitor.watched(c.ID).mu.Lock()
		s.monitor.watched(c.ID).prober = nil // the stage gives every check one
		s.monitor.watched(c.ID).mu.Unlock()
		pass(5 * minute)
		if probed() > before+1 { // one may have been under way
			s.Errorf("an external check was probed %d times", probed()-before)
		}
		become("heartbeat", scout.Settings{"period": "1m", "grace": "1m", "token": "token-of-the-changed-1"})
		s.ping("token-of-the-changed-1", success)
		pass(3 * minute)
		s.story(c, scout.Opened)
		before = probed()
		become("tcp", nil)
		pass(2 * minute)
		if probed() == before {
			s.Error("a check that is probed again was not")
		}
	})
}
