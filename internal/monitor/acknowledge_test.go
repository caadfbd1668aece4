package monitor

import (
	"testing"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// acknowledge has somebody take the open incident of a check on.
func (s *stage) acknowledge(c scout.Check) {
	s.Helper()
	in := s.incidents(c)[0]
	in.AcknowledgedAt, in.AcknowledgedBy = s.monitor.options.Now(), "alex"
	s.update(func(tx *store.Tx) error { return tx.Acknowledge(in) })
}

// TestAcknowledgedIncident is not reminded of until it worsens, also after a
// restart, and tells its end.
func TestAcknowledgedIncident(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		s.run()
		w := s.webhook("ops", scout.Webhook{})
		c, p := s.reminded("HTTP")
		p.becomes(scout.Warning)
		pass(minute)
		s.delivered()
		s.acknowledge(c)
		pass(30 * minute)
		s.isOwed(w, "HTTP warning")
		s.restart()
		s.run()
		pass(30 * minute)
		s.isOwed(w, "HTTP warning")

		p.becomes(scout.Down)
		pass(2 * minute)
		s.isOwed(w, "HTTP warning", "HTTP down")
		s.delivered()
		pass(10 * minute)
		s.isOwed(w, "HTTP warning", "HTTP down", "HTTP down")
		s.delivered()
		if in := s.incidents(c)[0]; in.AcknowledgedBy != "alex" {
			s.Errorf("who took it on is forgotten: %+v", in)
		}

		s.acknowledge(c) // once more, as it is now
		pass(30 * minute)
		p.becomes(scout.Up)
		pass(2 * minute)
		s.isOwed(w, "HTTP warning", "HTTP down", "HTTP down", "HTTP recovered")
	})
}

// TestAcknowledgementIsTakenBack lets the reminders go on.
func TestAcknowledgementIsTakenBack(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		s.run()
		w := s.webhook("ops", scout.Webhook{})
		c, p := s.reminded("HTTP")
		p.becomes(scout.Down)
		pass(minute)
		s.delivered()
		s.acknowledge(c)
		pass(30 * minute)
		s.update(func(tx *store.Tx) error { return tx.Acknowledge(scout.Incident{ID: s.incidents(c)[0].ID}) })
		pass(11 * minute)
		s.isOwed(w, "HTTP down", "HTTP down")
	})
}

// TestAcknowledgedIncidentIsToldToOthers tells those not yet told, when a pause
// ends and when a webhook is new.
func TestAcknowledgedIncidentIsToldToOthers(t *testing.T) {
	t.Parallel()
	play(t, func(s *stage) {
		s.run()
		ops, paused := s.webhook("ops", scout.Webhook{}), s.webhook("paused", scout.Webhook{})
		c, p := s.reminded("HTTP")
		s.pause(paused)
		p.becomes(scout.Down)
		pass(minute)
		s.delivered()
		s.acknowledge(c)
		s.resume(paused)
		s.isOwed(paused, "HTTP down")
		s.delivered()
		fresh := s.webhook("fresh", scout.Webhook{})
		pass(11 * minute)
		s.isOwed(fresh, "HTTP down")
		s.isOwed(ops, "HTTP down")
		s.isOwed(paused, "HTTP down")
	})
}
