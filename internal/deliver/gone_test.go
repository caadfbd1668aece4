package deliver_test

import (
	"net/http"
	"testing"
	"time"

	"serverscout/internal/deliver"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// decision returns why the latest event of a check did or did not go to the
// only webhook.
func (s *scene) decision(c scout.Check) scout.Reason {
	s.Helper()
	events, err := s.store.ListEvents(s.Context(), scout.EventFilter{CheckID: c.ID}, 1)
	s.ok(err)
	return events[0].Decisions[0].Reason
}

func (s *scene) stored(w scout.Webhook) scout.Webhook {
	s.Helper()
	w, err := s.store.Webhook(s.Context(), w.ID)
	s.ok(err)
	return w
}

func (s *scene) resume(w scout.Webhook) {
	s.Helper()
	s.update(func(tx *store.Tx) error { return tx.ResumeWebhook(w.ID) })
}

// TestGone fails the delivery, disables the webhook, holds what waits and
// names the reason of what comes later, until the webhook is resumed.
func TestGone(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.rules.Retry = []time.Duration{time.Minute}
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].Script(serverError(), fake.Reply(http.StatusGone, "moved away"))
		waits := s.breakdown("waits")
		s.breakdown("gone")
		s.is(w, scout.Pending, scout.DeliveryFailed)

		failed := s.deliveries(w)[1]
		if a := s.attempts(failed)[0]; failed.Reason != scout.Gone || a.Verdict.Outcome != scout.OutcomeDisabled || a.Verdict.Fault != scout.FaultGone {
			s.Errorf("the delivery failed as %s, its attempt ended as %+v", failed.Reason, a.Verdict)
		}
		if got := s.stored(w); got.DisabledAt.IsZero() || got.DisabledWhy == "" {
			s.Errorf("the webhook is not disabled, or does not say why: %+v", got)
		}

		later := s.breakdown("later")
		pass(5 * time.Minute)
		s.report(waits, scout.Warning)
		s.got("ops", "waits down", "gone down")
		for _, c := range []scout.Check{later, waits} {
			if why := s.decision(c); why != scout.Disabled {
				s.Errorf("the event of %s was not sent because of %q, want %q", c.Name, why, scout.Disabled)
			}
		}

		s.resume(w)
		pass(time.Second)
		got := map[string]int{}
		for _, r := range s.received("ops")[2:] {
			got[r]++
		}
		for _, want := range []string{"waits down", "later down", "waits warning"} {
			if got[want] != 1 {
				s.Errorf("after it was resumed, %q was told %d times: %v", want, got[want], got)
			}
		}
		if got["gone down"] != 1 {
			s.Errorf("what the gone receiver missed was told %d times after it was resumed, want once", got["gone down"])
		}
		s.placesAreFree(w)
	})
}

// TestOnlyGoneDisables has every other failure leave the webhook in use.
func TestOnlyGoneDisables(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.rules = deliver.Rules{Retry: []time.Duration{time.Second}, GiveUpAfter: 10 * time.Second}
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		for _, status := range []int{400, 401, 403, 404, 405, 413, 422, 429, 451, 500, 501, 503} {
			s.hosts["ops"].answers(fake.Reply(status, ""))
			s.breakdown(http.StatusText(status))
			pass(time.Minute)
		}
		for _, d := range s.deliveries(w) {
			if d.Reason != scout.GaveUp {
				s.Errorf("%s failed as %s", d.Service, d.Reason)
			}
		}
		if got := s.stored(w); !got.DisabledAt.IsZero() {
			s.Errorf("the webhook was disabled: %s", got.DisabledWhy)
		}
	})
}

// TestPausedHolds sends nothing while a webhook is paused, and what it held
// afterwards, each once.
func TestPausedHolds(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].Script(serverError())
		s.breakdown("waits")
		s.update(func(tx *store.Tx) error { return tx.PauseWebhook(w.ID) })
		c := s.breakdown("held")
		pass(5 * time.Minute)
		s.got("ops", "waits down")
		if why := s.decision(c); why != scout.WebhookPaused {
			s.Errorf("the event was not sent because of %q", why)
		}
		s.resume(w)
		pass(time.Second)
		if got := s.received("ops"); len(got) != 3 {
			s.Errorf("after the pause came %q, want what waited and what was held", got[1:])
		}
		s.is(w, scout.Delivered, scout.Delivered)
	})
}

// TestPausedHearsRecoveries: who was told before the pause hears the end during
// it, also when the first attempt at that fails; an end that stands behind a
// telling that is held waits with it.
func TestPausedHearsRecoveries(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		told, retried := s.breakdown("told"), s.breakdown("retried")
		s.hosts["ops"].Script(serverError())
		waits := s.breakdown("waits")
		s.update(func(tx *store.Tx) error { return tx.PauseWebhook(w.ID) })
		s.report(told, scout.Up)
		s.hosts["ops"].Script(serverError())
		s.report(retried, scout.Up)
		s.report(waits, scout.Up)
		pass(5 * time.Minute)
		s.got("ops", "told down", "retried down", "waits down", "told recovered", "retried recovered", "retried recovered")
		s.resume(w)
		pass(time.Second)
		if got := s.received("ops"); len(got) != 8 || got[6] != "waits down" || got[7] != "waits recovered" {
			s.Errorf("after the pause came %q", got[min(len(got), 6):])
		}
	})
}

// TestRemovedWebhook cancels what waits for it; the request under way ends by
// itself, and is not tried again.
func TestRemovedWebhook(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].answers(fake.Hang())
		c := s.breakdown("HTTP")
		s.report(c, scout.Up)
		s.update(func(tx *store.Tx) error { return tx.DeleteWebhook(w.ID) })
		s.is(w, scout.Sending, scout.DeliveryCancelled)
		pass(time.Minute)
		s.is(w, scout.DeliveryCancelled, scout.DeliveryCancelled)
		for _, d := range s.deliveries(w) {
			if d.Reason != scout.WebhookRemoved {
				s.Errorf("a delivery was cancelled as %s", d.Reason)
			}
		}
		s.got("ops", "HTTP down")
	})
}
