package deliver_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/deliver"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// TestStopWaits lets a request under way end, and sends nothing more.
func TestStopWaits(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].Script(func(w http.ResponseWriter, r *http.Request) {
			<-time.After(8 * time.Second)
			fake.Reply(http.StatusOK, "")(w, r)
		})
		c := s.breakdown("HTTP")
		s.report(c, scout.Up)
		begun := time.Now()
		s.end(true)
		if took := time.Since(begun); took != 8*time.Second {
			s.Errorf("stopping took %s, want the 8 s of the request under way", took)
		}
		s.got("ops", "HTTP down")

		s.start()
		synctest.Wait()
		s.got("ops", "HTTP down", "HTTP recovered")
		if n := len(s.attempts(s.deliveries(w)[0])); n != 1 {
			s.Errorf("the first delivery has %d attempts, want 1", n)
		}
	})
}

// TestInterrupted cuts a request off, as a kill does: it is on record as
// interrupted and sent again after the restart under the same id.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].Script(fake.Hang())
		s.breakdown("HTTP")
		pass(3 * time.Second)
		begun := time.Now()
		s.end(false)
		if took := time.Since(begun); took != 0 || !s.engine.Idle() {
			s.Errorf("the violent end took %s; nothing under way: %v", took, s.engine.Idle())
		}
		pass(time.Hour)
		s.start()
		synctest.Wait()
		d := s.only(w)
		attempts := s.attempts(d)
		if d.Status != scout.Delivered || d.Attempts != 2 || len(attempts) != 2 {
			s.Fatalf("after the restart: %s, %d attempts, %d on record", d.Status, d.Attempts, len(attempts))
		}
		if v := attempts[0].Verdict; v.Outcome != scout.OutcomeInterrupted || v.Fault != scout.FaultInterrupted {
			s.Errorf("the attempt that was cut off is on record as %+v", v)
		}
		for i, r := range s.hosts["ops"].Requests() {
			if r.Header.Get("Webhook-Id") != d.MessageID {
				s.Errorf("attempt %d had the id %s, want %s", i+1, r.Header.Get("Webhook-Id"), d.MessageID)
			}
		}
	})
}

// TestNothingBeginsWhileStopping refuses places from the moment Stop is called.
func TestNothingBeginsWhileStopping(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].Script(fake.Hang())
		s.breakdown("HTTP")
		limit, cancel := context.WithCancel(s.Context())
		stopped := make(chan struct{})
		go func() {
			s.engine.Stop(limit)
			close(stopped)
		}()
		synctest.Wait()
		if s.engine.Reserve(w.ID) {
			s.Error("a place was given while stopping")
		}
		s.breakdown("SSH")
		s.is(w, scout.Sending, scout.Pending)
		pass(9 * time.Second) // the engine still polls
		s.got("ops", "HTTP down")
		cancel()
		<-stopped
		s.end(false)
		s.start()
		synctest.Wait()
		s.is(w, scout.Delivered, scout.Delivered)
	})
}

// shaky is a ledger whose Finish fails some times.
type shaky struct {
	*store.Store
	failures atomic.Int32
}

func (l *shaky) Finish(ctx context.Context, c scout.Completion) ([]scout.Job, error) {
	if l.failures.Add(-1) >= 0 {
		return nil, errors.New("the disk is full")
	}
	return l.Store.Finish(ctx, c)
}

// TestOutcomesOutlastTheLedger has the ledger refuse outcomes for a while:
// nothing is lost, nothing is sent twice, and all goes on.
func TestOutcomesOutlastTheLedger(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		ledger := &shaky{}
		s.wrap = func(real *store.Store) deliver.Ledger {
			ledger.Store = real
			return ledger
		}
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		ledger.failures.Store(12)
		c := s.breakdown("HTTP")
		s.report(c, scout.Up)
		s.is(w, scout.Sending, scout.Pending)
		pass(time.Minute)
		s.got("ops", "HTTP down", "HTTP recovered")
		s.is(w, scout.Delivered, scout.Delivered)
		for _, d := range s.deliveries(w) {
			if n := len(s.attempts(d)); n != 1 {
				s.Errorf("%s has %d attempts on record, want 1", d.Tells, n)
			}
		}
		s.placesAreFree(w)
	})
}

// TestEndWhileOutcomesWait ends the process before the ledger has taken an
// outcome: the attempt counts as interrupted and is made again.
func TestEndWhileOutcomesWait(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		ledger := &shaky{}
		s.wrap = func(real *store.Store) deliver.Ledger {
			ledger.Store = real
			return ledger
		}
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		ledger.failures.Store(1_000_000)
		s.breakdown("HTTP")
		s.end(false)
		ledger.failures.Store(0)
		s.start()
		synctest.Wait()
		s.is(w, scout.Delivered)
		s.got("ops", "HTTP down", "HTTP down")
		s.placesAreFree(w)
	})
}

// blind is a ledger whose due deliveries cannot be read, or not be claimed,
// for a while.
type blind struct {
	*store.Store
	due, claim atomic.Bool
}

func (l *blind) Due(ctx context.Context, now time.Time) ([]int64, error) {
	if l.due.Load() {
		return nil, errors.New("the disk is full")
	}
	return l.Store.Due(ctx, now)
}

func (l *blind) Claim(ctx context.Context, id int64, n int, now time.Time) ([]scout.Job, error) {
	if l.claim.Load() {
		return nil, errors.New("the disk is full")
	}
	return l.Store.Claim(ctx, id, n, now)
}

// TestEngineFindsItsWorkAgain has the ledger fail where the engine looks for
// work: places are not lost over it.
func TestEngineFindsItsWorkAgain(t *testing.T) {
	t.Parallel()
	for name, switched := range map[string]func(*blind, bool){
		"due":   func(l *blind, off bool) { l.due.Store(off) },
		"claim": func(l *blind, off bool) { l.claim.Store(off) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *scene) {
				ledger := &blind{}
				s.wrap = func(real *store.Store) deliver.Ledger {
					ledger.Store = real
					return ledger
				}
				s.start()
				w := s.webhook("ops", scout.Webhook{})
				s.hosts["ops"].Script(serverError())
				switched(ledger, true)
				s.breakdown("HTTP")
				pass(time.Minute)
				s.is(w, scout.Pending)
				switched(ledger, false)
				pass(5 * time.Second)
				s.is(w, scout.Delivered)
				s.placesAreFree(w)
			})
		})
	}
}

// TestClockJumpsBack has the wall clock jump back by a day while a delivery
// waits: it is not kept waiting for that day.
func TestClockJumpsBack(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		var jump atomic.Int64
		s.options.Now = func() time.Time { return time.Now().Add(time.Duration(jump.Load())) }
		s.rules.Retry = []time.Duration{time.Minute}
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].Script(fake.RateLimited("120"))
		s.breakdown("HTTP")
		jump.Store(int64(-24 * time.Hour))
		pass(3 * time.Minute)
		s.is(w, scout.Delivered)
	})
}

// TestObserve tells of every attempt as it is on record.
func TestObserve(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		observed := make(chan scout.Outcome, 100)
		s.options.Observe = func(job scout.Job, a scout.Attempt) {
			if job.Delivery.ID != a.DeliveryID {
				s.Errorf("delivery %d was observed with an attempt of %d", job.Delivery.ID, a.DeliveryID)
			}
			observed <- a.Verdict.Outcome
		}
		s.rules = deliver.Rules{Retry: []time.Duration{time.Minute}, GiveUpAfter: time.Minute}
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].Script(serverError(), serverError())
		s.breakdown("HTTP")
		pass(2 * time.Minute)
		s.breakdown("SSH")
		_, _, err := s.engine.Test(s.Context(), w, scout.StatusDown)
		s.ok(err)
		close(observed)
		var got, want []scout.Outcome
		for o := range observed {
			got = append(got, o)
		}
		for _, d := range s.deliveries(w) {
			for _, a := range s.attempts(d) {
				want = append(want, a.Verdict.Outcome)
			}
		}
		if !slices.Equal(got, want) || len(want) != 4 || want[1] != scout.OutcomeGaveUp {
			s.Errorf("observed were %v, on record are %v", got, want)
		}
	})
}
