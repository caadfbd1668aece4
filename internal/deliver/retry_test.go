package deliver_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"serverscout/internal/deliver"
	"serverscout/internal/egress"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

// TestRetrySchedule looks at the times at which a receiver that stays broken
// is tried: each wait is that of the schedule and up to a fifth more, the last
// repeats and is never more than five minutes.
func TestRetrySchedule(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].answers(serverError())
		begun := time.Now()
		s.breakdown("HTTP")
		pass(25 * time.Minute)
		at := s.arrivals("ops", begun)
		if len(at) < 10 {
			s.Fatalf("%d attempts in 25 minutes: %v", len(at), at)
		}
		for i := range at[1:] {
			least := deliver.DefaultRetry[min(i, len(deliver.DefaultRetry)-1)]
			most := min(least+least/5, 5*time.Minute)
			if wait := at[i+1] - at[i]; !within(wait, least, most) {
				s.Errorf("attempt %d came %s after the one before, want %s to %s", i+2, wait, least, most)
			}
		}
		if d := s.only(w); d.Status != scout.Pending || d.Attempts != len(at) || len(s.attempts(d)) != len(at) {
			s.Errorf("after %d attempts the delivery is %+v", len(at), d)
		}
	})
}

// TestRetriesDoNotDelayEachOther has several webhooks fail at almost the same
// time: each is tried again on its own schedule.
func TestRetriesDoNotDelayEachOther(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.rules.Retry = []time.Duration{7 * time.Second}
		s.start()
		for i := range 4 {
			name := fmt.Sprint("hook", i)
			s.webhook(name, scout.Webhook{Match: scout.Match{Checks: []string{name}}})
			s.hosts[name].answers(serverError())
			s.breakdown(name)
			pass(900 * time.Millisecond)
		}
		pass(time.Minute)
		for name, h := range s.hosts {
			requests := h.Requests()
			for i := range requests[1:] {
				if wait := requests[i+1].At.Sub(requests[i].At); !within(wait, 7*time.Second, 8400*time.Millisecond) {
					s.Errorf("attempt %d of %s came after %s, want 7 s to 8.4 s", i+2, name, wait)
				}
			}
		}
	})
}

// TestGivesUp tries for as long as give_up_after says, counted from the first
// attempt. A recovery behind it is cancelled: it was never told.
func TestGivesUp(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.rules = deliver.Rules{Retry: []time.Duration{time.Minute}, GiveUpAfter: 20 * time.Minute}
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].answers(serverError())
		c := s.breakdown("HTTP")
		pass(19 * time.Minute)
		s.report(c, scout.Up)
		s.is(w, scout.Pending, scout.Pending)
		pass(3 * time.Minute)
		s.is(w, scout.DeliveryFailed, scout.DeliveryCancelled)

		list := s.deliveries(w)
		attempts := s.attempts(list[0])
		last := attempts[len(attempts)-1]
		if list[0].Reason != scout.GaveUp || last.Verdict.Outcome != scout.OutcomeGaveUp || last.Verdict.Fault != scout.FaultServerError {
			s.Errorf("the delivery failed as %s, its last attempt ended as %+v", list[0].Reason, last.Verdict)
		}
		tried := last.StartedAt.Sub(attempts[0].StartedAt)
		if !within(tried, 20*time.Minute, 21*time.Minute+12*time.Second) {
			s.Errorf("it was tried for %s, want 20 minutes and the attempt after them", tried)
		}
		if list[1].Reason != scout.NeverTold || list[1].Attempts != 0 {
			s.Errorf("the recovery was cancelled as %s after %d attempts", list[1].Reason, list[1].Attempts)
		}
		s.placesAreFreeAfter(w, time.Minute)
	})
}

// TestRulesChangeWhileItRuns shortens the schedule for what is already being
// retried.
func TestRulesChangeWhileItRuns(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.rules.Retry = []time.Duration{time.Minute}
		s.start()
		s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].answers(serverError())
		begun := time.Now()
		s.breakdown("HTTP")
		rules := s.rules
		rules.Retry = []time.Duration{time.Hour, 10 * time.Second}
		s.engine.SetRules(rules)
		pass(100 * time.Second)
		at := s.arrivals("ops", begun)
		if len(at) < 4 || !within(at[1], time.Minute, 72*time.Second) || !within(at[2]-at[1], 10*time.Second, 12*time.Second) {
			s.Errorf("attempts came at %v", at)
		}
	})
}

// TestRetryAfter holds the whole webhook for as long as the receiver wishes,
// also over a restart, and no other webhook. A wish never shortens the
// schedule.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	date := func(d time.Duration) fake.Answer {
		return func(w http.ResponseWriter, r *http.Request) {
			fake.RateLimited(time.Now().Add(d).UTC().Format(http.TimeFormat))(w, r)
		}
	}
	for name, tt := range map[string]struct {
		answer      fake.Answer
		least, most time.Duration // until the second attempt
		held        bool          // also for other incidents
		wish        time.Duration
	}{
		"seconds":                   {fake.RateLimited("40"), 40 * time.Second, 40 * time.Second, true, 40 * time.Second},
		"seconds with a fraction":   {fake.RateLimited("40.5"), 40500 * time.Millisecond, 40500 * time.Millisecond, true, 40500 * time.Millisecond},
		"a date":                    {date(90 * time.Second), 90 * time.Second, 90 * time.Second, true, 90 * time.Second},
		"more than an hour":         {fake.RateLimited("86400"), time.Hour, time.Hour, true, time.Hour},
		"less than the schedule":    {fake.RateLimited("5"), 20 * time.Second, 24 * time.Second, true, 5 * time.Second},
		"of an answer that is 503":  {unavailable("40"), 40 * time.Second, 40 * time.Second, true, 40 * time.Second},
		"a word that means nothing": {fake.RateLimited("soon"), 20 * time.Second, 24 * time.Second, false, 0},
	} {
		for _, restart := range []bool{false, true} {
			if restart && tt.wish == time.Hour {
				continue // an hour of polls is slow: once is enough
			}
			t.Run(fmt.Sprintf("%s, restart %v", name, restart), func(t *testing.T) {
				t.Parallel()
				play(t, func(s *scene) {
					s.rules.Retry = []time.Duration{20 * time.Second}
					s.start()
					w := s.webhook("ops", scout.Webhook{})
					s.webhook("other", scout.Webhook{})
					s.hosts["ops"].Script(tt.answer)
					begun := time.Now()
					s.breakdown("HTTP")
					if got := s.attempts(s.only(w))[0].Verdict.RetryAfter; got != tt.wish {
						s.Errorf("the wish on record is %s, want %s", got, tt.wish)
					}
					if restart {
						s.end(true)
						s.start()
					}
					s.breakdown("SSH")
					if !tt.held {
						s.got("ops", "HTTP down", "SSH down", "HTTP down") // woken by the success
						return
					}
					s.got("ops", "HTTP down")
					s.got("other", "HTTP down", "SSH down")
					pass(tt.wish - time.Millisecond)
					s.got("ops", "HTTP down")
					pass(tt.most - tt.wish + 5*time.Second)
					s.is(w, scout.Delivered, scout.Delivered)
					at := s.arrivals("ops", begun)[1:]
					slices.Sort(at)
					if tt.least == tt.wish && !restart && at[0] != tt.wish {
						s.Errorf("the second attempt came after %s, want %s", at[0], tt.wish)
					}
					s.placesAreFree(w)
				})
			})
		}
	}
}

func unavailable(retryAfter string) fake.Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", retryAfter)
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// TestRetryAfterDoesNotShorten has the receiver wish for less than the schedule
// says: the schedule stands.
func TestRetryAfterDoesNotShorten(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.rules.Retry = []time.Duration{20 * time.Second}
		s.start()
		s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].Script(fake.RateLimited("5"))
		begun := time.Now()
		s.breakdown("HTTP")
		pass(24 * time.Second)
		if at := s.arrivals("ops", begun); len(at) != 2 || at[1] < 20*time.Second {
			s.Errorf("attempts came at %v", at)
		}
	})
}

// TestRetryAfterIsNotShortenedBySuccess has an answer with a wish come while
// another request is under way, which then succeeds.
func TestRetryAfterIsNotShortenedBySuccess(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		slowly := func(w http.ResponseWriter, r *http.Request) {
			<-time.After(5 * time.Second)
			fake.Reply(http.StatusOK, "")(w, r)
		}
		s.hosts["ops"].Script(slowly, fake.RateLimited("60"))
		begun := time.Now()
		s.breakdown("HTTP")
		s.breakdown("SSH")
		pass(6 * time.Second)
		s.is(w, scout.Delivered, scout.Pending)
		s.breakdown("DNS")
		pass(time.Minute)
		if at := s.arrivals("ops", begun); len(at) != 4 || at[2] < time.Minute || at[3] < time.Minute {
			s.Errorf("requests came at %v, want the last two after a minute", at)
		}
	})
}

// TestSuccessWakes has one success make all that waits for the webhook due at
// once: open critical incidents first, then the longest due.
func TestSuccessWakes(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.rules.Retry = []time.Duration{10 * time.Hour}
		s.options.InFlight = 1
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].Script(serverError(), serverError(), serverError())
		warned := s.check("warned")
		s.report(warned, scout.Warning)
		over := s.breakdown("over")
		s.report(over, scout.Up)
		s.breakdown("open")
		s.got("ops", "warned warning", "over down", "open down")

		pass(time.Minute)
		s.breakdown("last")
		s.got("ops", "warned warning", "over down", "open down", // which failed
			"last down", "open down", "warned warning", "over down", "over recovered")
		s.is(w, slices.Repeat([]scout.DeliveryStatus{scout.Delivered}, 5)...)
	})
}

// TestSenderIsReplaced has attempts go through another client as soon as the
// rules name one.
func TestSenderIsReplaced(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		rules := s.rules
		rules.Sender = closedDoor{}
		s.engine.SetRules(rules)
		s.breakdown("HTTP")
		if v := s.attempts(s.only(w))[0].Verdict; v.Fault != scout.FaultAddressRefused || v.Detail != "the door is closed" {
			s.Errorf("the attempt ended as %+v", v)
		}
		s.engine.SetRules(s.rules)
		pass(2 * time.Second)
		s.is(w, scout.Delivered)
		s.got("ops", "HTTP down")
	})
}

// closedDoor is a sender that nothing gets through.
type closedDoor struct{ deliver.Sender }

func (closedDoor) Do(context.Context, scout.Request, egress.Trust) (scout.Response, error) {
	return scout.Response{}, &egress.Error{Fault: scout.FaultAddressRefused, Message: "the door is closed"}
}
