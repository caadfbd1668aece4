package monitor

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// TestFailedCommitIsRetriedInOrder has the ledger refuse a change of state for
// a while: what is reported meanwhile waits behind it, nothing is lost or told
// out of order, and places are given back.
func TestFailedCommitIsRetriedInOrder(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		w := s.webhook("ops", scout.Webhook{})
		c, _ := s.check("HTTP", nil)
		s.report(c, scout.Up)
		free := s.lanes.room()
		s.ledger.commits.Store(1_000_000)
		for _, l := range []scout.Level{scout.Down, scout.Warning, scout.Up, scout.Down} {
			pass(100 * time.Millisecond)
			if err := s.monitor.Ingest(s.Context(), result(c, l)); err == nil {
				s.Errorf("%s was taken although it could not be recorded", l)
			}
		}
		pass(10 * time.Second)
		s.levelIs(c, scout.Up)
		s.story(c)
		if s.lanes.room() != free || len(s.lanes.jobs()) > 0 {
			s.Errorf("%d places are free, %d before; %d jobs were started", s.lanes.room(), free, len(s.lanes.jobs()))
		}

		s.ledger.commits.Store(0)
		pass(retryCommit)
		s.story(c, scout.Opened, scout.Eased, scout.Recovered, scout.Opened)
		s.isOwed(w, "HTTP down", "HTTP warning", "HTTP recovered", "HTTP down")
		s.levelIs(c, scout.Down)
		if in := s.incidents(c); len(in) != 2 || in[0].Open() || !in[1].Open() {
			s.Errorf("the incidents are %+v", in)
		}
		if d := s.events(c)[0].At.Sub(s.events(c)[1].At); d != -100*time.Millisecond {
			s.Errorf("the events do not keep the times of their results")
		}
		s.report(c, scout.Up)
		s.levelIs(c, scout.Up)
	})
}

// TestEachFailureCounts has the ledger refuse just once, at any point of a
// story: what comes of it is the same.
func TestEachFailureCounts(t *testing.T) {
	t.Parallel()
	for failing := range 5 {
		t.Run(fmt.Sprint(failing), func(t *testing.T) {
			t.Parallel()
			play(t, func(s *stage) {
				w := s.webhook("ops", scout.Webhook{})
				c, _ := s.check("HTTP", nil)
				for i, l := range []scout.Level{scout.Up, scout.Warning, scout.Down, scout.Up, scout.Down} {
					if i == failing {
						s.ledger.commits.Store(1)
					}
					err := s.monitor.Ingest(s.Context(), result(c, l))
					if (err != nil) != (i == failing) {
						s.Errorf("result %d was answered with %v", i, err)
					}
				}
				pass(retryCommit)
				s.story(c, scout.Opened, scout.Worsened, scout.Recovered, scout.Opened)
				s.isOwed(w, "HTTP warning", "HTTP down", "HTTP recovered", "HTTP down")
			})
		})
	}
}

// TestPingsWhileTheLedgerFails are answered with an error, and count all the
// same.
func TestPingsWhileTheLedgerFails(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, token := s.heartbeat("backup", "10m", "0s")
		s.ping(token, success)
		s.run()
		s.ledger.commits.Store(1_000_000)
		pass(minute)
		if err := s.monitor.Ping(s.Context(), token, scout.Signal{Kind: scout.SignalFail}); err == nil {
			s.Error("a failure that could not be recorded was answered as if it were")
		}
		if err := s.monitor.Ping(s.Context(), token, success); err == nil {
			s.Error("a success behind it was answered as if it were recorded")
		}
		s.ledger.commits.Store(0)
		pass(retryCommit)
		s.story(c, scout.Opened, scout.Recovered)
		pass(9 * minute)
		s.levelIs(c, scout.Up)
		pass(minute)
		s.levelIs(c, scout.Down)
	})
}

// TestQueueIsBounded refuses results once too many wait for the ledger; the
// oldest stay, and are not lost.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, _ := s.check("HTTP", nil)
		s.report(c, scout.Up)
		s.ledger.commits.Store(1_000_000)
		w := s.monitor.watched(c.ID)
		w.mu.Lock()
		w.queue = slices.Repeat([]scout.Result{result(c, scout.Down)}, queueLimit-1)
		w.mu.Unlock()
		if err := s.monitor.Ingest(s.Context(), result(c, scout.Up)); err == nil {
			s.Error("nothing was said of the failure")
		}
		failsWith(s.T, s.monitor.Ingest(s.Context(), result(c, scout.Down)), scout.Unavailable)
		s.ledger.commits.Store(0)
		pass(retryCommit)
		s.story(c, scout.Opened, scout.Recovered)
		s.report(c, scout.Up)
	})
}

// TestUnchangedLevelNeedsNoLedger takes results in that change nothing while
// the ledger cannot be written.
func TestUnchangedLevelNeedsNoLedger(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, _ := s.check("HTTP", func(c *scout.Check) { c.FailAfter = 3 })
		s.report(c, scout.Up)
		s.ledger.commits.Store(1)
		s.report(c, scout.Up, scout.Down, scout.Down, scout.Up, scout.Down)
		s.story(c)
		if s.ledger.commits.Load() != 1 {
			s.Error("something was written")
		}
	})
}

// TestBornClaimed writes a delivery as already being sent when nothing stands
// before it, and as pending otherwise.
func TestBornClaimed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before func(*stage, scout.Webhook, scout.Check) // after the check was up
		want   scout.DeliveryStatus                     // of the last delivery
		after  bool                                     // it waits for an earlier one
	}{
		"nothing stands before it": {func(*stage, scout.Webhook, scout.Check) {}, scout.Sending, false},
		"its lane is full":         {func(s *stage, _ scout.Webhook, _ scout.Check) { s.lanes.free = 0 }, scout.Pending, false},
		"an earlier one of the incident is open": {func(s *stage, _ scout.Webhook, c scout.Check) {
			s.report(c, scout.Warning)
		}, scout.Pending, true},
		"an earlier one of the incident was delivered": {func(s *stage, _ scout.Webhook, c scout.Check) {
			s.report(c, scout.Warning)
			s.delivered()
		}, scout.Sending, false},
		"one of another incident is open": {func(s *stage, _ scout.Webhook, _ scout.Check) {
			other, _ := s.check("other", nil)
			s.report(other, scout.Down)
		}, scout.Sending, false},
		"the receiver asked for quiet": {func(s *stage, w scout.Webhook, _ scout.Check) {
			s.hold(w, time.Now().Add(minute))
		}, scout.Pending, false},
		"the receiver had asked for quiet": {func(s *stage, w scout.Webhook, _ scout.Check) {
			s.hold(w, time.Now().Add(minute))
			pass(minute)
		}, scout.Sending, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *stage) {
				w := s.webhook("ops", scout.Webhook{})
				c, _ := s.check("HTTP", nil)
				s.report(c, scout.Up)
				tt.before(s, w, c)
				free, started := s.lanes.room(), len(s.lanes.jobs())
				s.report(c, scout.Down)

				list := s.deliveries(w)
				d := list[len(list)-1]
				if d.Status != tt.want || (d.AfterID != 0) != tt.after {
					s.Errorf("the delivery was born %s, after delivery %d", d.Status, d.AfterID)
				}
				jobs := s.lanes.jobs()[started:]
				if used := free - s.lanes.room(); used != len(jobs) {
					s.Errorf("%d jobs hold %d places", len(jobs), used)
				}
				if tt.want == scout.Pending {
					if len(jobs) > 0 {
						s.Errorf("it was started: %+v", jobs)
					}
					return
				}
				if len(jobs) != 1 {
					s.Fatalf("%d jobs were started, want 1", len(jobs))
				}
				job := jobs[0]
				if job.Delivery.ID != d.ID || job.Delivery.MessageID != d.MessageID || job.Event.ID != d.EventID ||
					job.Webhook.URL.Reveal() != w.URL.Reveal() || job.Event.Message != "HTTP is down" {
					s.Errorf("the job is %+v, the delivery on record %+v", job, d)
				}
			})
		})
	}
}

// hold makes a webhook one whose receiver asked for quiet until a time, by the
// outcome of a delivery of its own.
func (s *stage) hold(w scout.Webhook, until time.Time) {
	s.Helper()
	other, _ := s.check("limited", nil)
	s.report(other, scout.Down)
	jobs := s.lanes.jobs()
	job := jobs[len(jobs)-1]
	_, err := s.ledger.Finish(s.Context(), scout.Completion{
		Job: job, Status: scout.Pending, Reason: scout.Owed, Now: time.Now(), DueAt: until, Says: scout.SaysFailure, HoldUntil: until,
		Attempt: scout.Attempt{DeliveryID: job.Delivery.ID, WebhookID: w.ID, Number: 1, StartedAt: time.Now()},
	})
	s.ok(err)
}

// TestDecisions keeps with each event why it did or did not go to each webhook.
func TestDecisions(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		all := s.webhook("all", scout.Webhook{})
		s.webhook("filtered", scout.Webhook{Match: scout.Match{Checks: []string{"SSH"}}})
		paused := s.webhook("paused", scout.Webhook{})
		s.webhook("recovery", scout.Webhook{AlertTypes: scout.Recovery})
		s.update(func(tx *store.Tx) error { return tx.PauseWebhook(paused.ID) })
		c, _ := s.check("HTTP", nil)
		s.report(c, scout.Up, scout.Down, scout.Up)

		want := [][]scout.Reason{
			{scout.Owed, scout.Filtered, scout.WebhookPaused, scout.NotSelected},
			{scout.Owed, scout.Filtered, scout.NeverTold, scout.Owed},
		}
		for i, e := range s.events(c) {
			var got []scout.Reason
			for _, d := range e.Decisions {
				got = append(got, d.Reason)
			}
			if !slices.Equal(got, want[i]) {
				s.Errorf("event %d was decided as %v, want %v", i+1, got, want[i])
			}
		}
		s.isOwed(all, "HTTP down", "HTTP recovered")
		s.isOwed(paused)
	})
}

// TestResultsAreRecorded hands every result on, once, whatever becomes of it.
func TestResultsAreRecorded(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		var got []scout.Level
		s.monitor.options.Record = func(r scout.Result) { got = append(got, r.Level) }
		c, _ := s.check("HTTP", nil)
		s.report(c, scout.Up, scout.Up, scout.Down)
		s.ledger.commits.Store(2)
		_ = s.monitor.Ingest(s.Context(), result(c, scout.Up)) // fails, see above
		pass(2 * retryCommit)
		synctest.Wait()
		if want := []scout.Level{scout.Up, scout.Up, scout.Down, scout.Up}; !slices.Equal(got, want) {
			s.Errorf("recorded were %v, want %v", got, want)
		}
		failsWith(s.T, s.monitor.Ingest(s.Context(), scout.Result{CheckID: 4711, Level: scout.Up}), scout.NotFound)
	})
}

// TestStepsAreNotKept: how a probe spent its time is for who asked for it. As
// evidence it would stay in memory for every check.
func TestStepsAreNotKept(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, _ := s.check("HTTP", nil)
		recorded := 0
		s.monitor.options.Record = func(r scout.Result) {
			recorded++
			if r.Steps != nil {
				s.Errorf("recorded with %v", r.Steps)
			}
		}
		r := result(c, scout.Down)
		r.Steps = []scout.Step{{Name: "DNS", Took: time.Millisecond}}
		s.ok(s.monitor.Ingest(s.Context(), r))
		if recorded != 1 {
			s.Errorf("%d results were recorded", recorded)
		}
	})
}
