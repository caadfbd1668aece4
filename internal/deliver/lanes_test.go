package deliver_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"serverscout/internal/deliver"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

// placesAreFreeAfter is placesAreFree once a lane's pause is over.
func (s *scene) placesAreFreeAfter(w scout.Webhook, pause time.Duration) {
	s.Helper()
	s.hosts[w.Name].answers(nil)
	s.breakdown("after the pause")
	pass(pause)
	s.placesAreFree(w)
}

// TestHungEndpointDelaysNoOther has one of two webhooks hang: it holds its own
// places and no more, and the other hears everything at once.
func TestHungEndpointDelaysNoOther(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		hung, well := s.webhook("hung", scout.Webhook{}), s.webhook("well", scout.Webhook{})
		s.hosts["hung"].answers(fake.Hang())
		begun := time.Now()
		for i := range 20 {
			s.breakdown(fmt.Sprint("service ", i))
		}
		if at := s.arrivals("well", begun); len(at) != 20 || slices.Max(at) != 0 {
			s.Errorf("the other webhook heard at %v", at)
		}
		if n := len(s.hosts["hung"].Requests()); n != inFlight {
			s.Errorf("%d requests hang, want %d", n, inFlight)
		}
		pass(9 * time.Second)
		if n := len(s.hosts["hung"].Requests()); n != inFlight {
			s.Errorf("after 9 s there were %d requests, want %d", n, inFlight)
		}

		s.hosts["hung"].answers(nil)
		pass(time.Minute)
		s.is(hung, slices.Repeat([]scout.DeliveryStatus{scout.Delivered}, 20)...)
		s.placesAreFree(hung)
		s.placesAreFree(well)
	})
}

// TestBrokenLane has everything fail for a long time, with much waiting: one
// attempt at a time, with pauses from one second to half a minute; and found
// soon when the receiver is back.
func TestBrokenLane(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.rules.Retry = []time.Duration{time.Second} // the lane alone paces it
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].answers(serverError())
		begun := time.Now()
		for i := range 12 {
			s.breakdown(fmt.Sprint("service ", i))
		}
		pass(20 * time.Minute)
		at := s.arrivals("ops", begun)
		for i := 6; i < len(at); i++ { // the first five break it
			want := min(max(at[i-1]/10, time.Second), 30*time.Second)
			if wait := at[i] - at[i-1]; !within(wait, want, want+1200*time.Millisecond) {
				s.Errorf("after %s the pause was %s, want %s", at[i-1], wait, want)
			}
		}
		if last := at[len(at)-1] - at[len(at)-2]; last < 30*time.Second {
			s.Errorf("after 20 minutes the pause was %s, want 30 s", last)
		}

		s.hosts["ops"].answers(nil)
		pass(31 * time.Second)
		s.is(w, slices.Repeat([]scout.DeliveryStatus{scout.Delivered}, 12)...)
		s.placesAreFree(w)
	})
}

// TestBrokenLaneTriesOneAtATime has attempts hang in a lane that is broken.
func TestBrokenLaneTriesOneAtATime(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.rules.Retry = []time.Duration{time.Second}
		s.start()
		s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].answers(serverError())
		for i := range 8 {
			s.breakdown(fmt.Sprint("service ", i))
		}
		s.hosts["ops"].answers(fake.Hang())
		begun := time.Now()
		before := len(s.hosts["ops"].Requests())
		pass(2 * time.Minute)
		at := s.arrivals("ops", begun)[before:]
		if len(at) < 5 {
			s.Fatalf("only %d attempts in two minutes", len(at))
		}
		for i := range at[1:] {
			if wait := at[i+1] - at[i]; wait < 11*time.Second {
				s.Errorf("attempt %d came %s after the one before, which took 10 s", i+2, wait)
			}
		}
	})
}

// TestPlacesNeverLeak has receivers do everything they can, at random in time
// and order; then every place must be free again.
func TestPlacesNeverLeak(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.rules = deliver.Rules{Retry: []time.Duration{time.Second, 3 * time.Second}, GiveUpAfter: time.Minute}
		s.start()
		moods := []fake.Answer{
			nil, serverError(), fake.Hang(), fake.Reset(), fake.RateLimited("2"), fake.Redirect("http://b/"), endless,
		}
		a, b := s.webhook("a", scout.Webhook{}), s.webhook("b", scout.Webhook{})
		for i := range 28 {
			s.hosts["a"].answers(moods[i%len(moods)])
			s.hosts["b"].answers(moods[(i*3+1)%len(moods)])
			c := s.breakdown(fmt.Sprint("service ", i))
			if i%2 == 0 {
				s.report(c, scout.Up)
			}
			pass(time.Duration(i*i%13) * time.Second / 2)
		}
		s.hosts["a"].answers(nil)
		s.hosts["b"].answers(nil)
		pass(3 * time.Minute)
		backlog, err := s.store.Backlog(s.Context())
		s.ok(err)
		if backlog.Pending+backlog.Sending > 0 {
			s.Errorf("not everything has ended: %+v", backlog)
		}
		s.placesAreFree(a)
		s.placesAreFree(b)
	})
}

// TestLaneIsFull refuses a place beyond the limit, and gives one that was
// released out again.
func TestLaneIsFull(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		for range inFlight {
			if !s.engine.Reserve(w.ID) {
				s.Fatal("a free place was refused")
			}
		}
		if s.engine.Reserve(w.ID) || s.engine.Idle() {
			s.Error("a full lane gave a place, or counts as idle")
		}
		s.breakdown("HTTP")
		s.is(w, scout.Pending)
		for range inFlight {
			s.engine.Release(w.ID)
		}
		pass(5 * time.Second) // nothing told the engine that there is room
		s.is(w, scout.Delivered)
		s.placesAreFree(w)
	})
}
