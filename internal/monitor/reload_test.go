package monitor

import (
	"net"
	"slices"
	"testing"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// TestIntervalChanges probes at once and takes a changed interval over; the
// check's state stays.
func TestIntervalChanges(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, p := s.check("HTTP", func(c *scout.Check) { c.Interval = 10 * minute })
		p.becomes(scout.Down)
		s.report(c, scout.Down)
		s.run()
		c.Interval = 20 * time.Second
		s.save(&c)
		changed := time.Now()
		pass(2 * minute)
		at := p.begins(changed)
		if len(at) != 7 || at[0] > time.Second || at[1] >= c.Interval {
			s.Fatalf("after the change it was probed after %v", at)
		}
		at = at[1:]
		for i := range at {
			if want := at[0] + time.Duration(i)*c.Interval; at[i] != want {
				s.Errorf("probe %d began after %s, want %s", i, at[i], want)
			}
		}
		s.story(c, scout.Opened)
	})
}

// TestChangeDuringAProbe takes the change over when the probe ends, and probes
// anew at once.
func TestChangeDuringAProbe(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, p := s.check("HTTP", nil)
		p.takes = func(n int) time.Duration { return 50 * time.Second / time.Duration(1+n*100) }
		begun := time.Now()
		s.run()
		c.Interval = 10 * time.Second
		s.save(&c)
		pass(2 * minute)
		at := p.begins(begun)[1:]
		if len(at) < 6 || at[0] != 50*time.Second || at[1] > 60*time.Second || at[2]-at[1] != c.Interval {
			s.Errorf("after the change it was probed after %v", at)
		}
		if p.most != 1 {
			s.Errorf("%d probes ran at a time", p.most)
		}
	})
}

// TestTargetAndKindChange goes over real sockets: the state stays while the
// target becomes another one, and then the kind.
func TestTargetAndKindChange(t *testing.T) {
	t.Parallel()
	s := newStage(t, folder(t))
	defer func() { s.end() }()
	open, closed := listen(t), listen(t)
	s.ok(closed.Close())

	c := scout.Check{
		Name: "port", Kind: "tcp", Target: closed.Addr().String(), Interval: time.Hour, Timeout: 10 * time.Second,
		ConfirmInterval: time.Hour, FailAfter: 1, RecoverAfter: 1,
	}
	s.save(&c)
	r, err := s.monitor.ProbeNow(t.Context(), c.ID)
	s.ok(err)
	if r.Level != scout.Down {
		t.Fatalf("a closed port is %s: %s", r.Level, r.Message)
	}
	c.Target = open.Addr().String()
	s.save(&c)
	r, err = s.monitor.ProbeNow(t.Context(), c.ID)
	s.ok(err)
	if r.Level != scout.Up {
		t.Fatalf("an open port is %s: %s", r.Level, r.Message)
	}
	s.story(c, scout.Opened, scout.Recovered)

	token := "token-of-the-other-kind"
	c.Kind, c.Target, c.Interval, c.Settings = "heartbeat", "", 0, scout.Settings{"period": "1h", "token": token}
	s.save(&c)
	s.ping(token, scout.Signal{Kind: scout.SignalFail})
	s.story(c, scout.Opened, scout.Recovered, scout.Opened)
	_, err = s.monitor.ProbeNow(t.Context(), c.ID)
	failsWith(t, err, scout.Conflict)

	c.Kind, c.Target, c.Interval, c.Settings = "tcp", open.Addr().String(), time.Hour, nil
	s.save(&c)
	failsWith(t, s.monitor.Ping(t.Context(), token, success), scout.NotFound)
	_, err = s.monitor.ProbeNow(t.Context(), c.ID)
	s.ok(err)
	s.story(c, scout.Opened, scout.Recovered, scout.Opened, scout.Recovered)
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// TestKindChangesDuringAProbe makes a heartbeat of a check that is being
// probed, which takes longer than the heartbeat's period.
func TestKindChangesDuringAProbe(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, p := s.check("HTTP", nil)
		p.takes = func(int) time.Duration { return 10 * time.Second }
		s.run()
		token := "token-of-the-other-kind"
		c.Kind, c.Target, c.Interval, c.Settings = "heartbeat", "", 0, scout.Settings{"period": "2s", "grace": "1s", "token": token}
		s.save(&c)
		pass(12 * time.Second)
		s.ping(token, success)
		s.levelIs(c, scout.Up)
		pass(4 * time.Second)
		s.levelIs(c, scout.Down)
	})
}

// TestServerChanges shows in the next event; what was told stays as it was.
func TestServerChanges(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		c, _ := s.check("HTTP", nil)
		s.report(c, scout.Up, scout.Down)
		s.server.Name, s.server.IP, s.server.Tags = "web-server-02", "192.0.2.2", []string{"prod"}
		s.update(func(tx *store.Tx) error { return tx.SaveServer(&s.server) })
		s.report(c, scout.Up)
		events := s.events(c)
		if events[0].Server != "web-server-01" || events[1].Server != "web-server-02" || events[1].ServerIP != "192.0.2.2" ||
			!slices.Equal(events[1].Tags, []string{"prod"}) {
			s.Errorf("the events are of %+v and %+v", events[0], events[1])
		}
	})
}
