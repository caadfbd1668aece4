package deliver_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// TestTestIsRecorded sends each sample to a stored webhook and to the unsaved
// values of one, and looks at what came, at what is returned and at what is on
// record.
func TestTestIsRecorded(t *testing.T) {
	t.Parallel()
	for _, status := range []scout.Status{scout.StatusDown, scout.StatusWarning, scout.StatusRecovered} {
		for _, unsaved := range []bool{false, true} {
			name := string(status) + " to a stored webhook"
			if unsaved {
				name = string(status) + " to unsaved values"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				play(t, func(s *scene) {
					s.start()
					w := s.webhook("ops", scout.Webhook{Secret: firstSecret})
					if unsaved {
						w.ID = 0
					}
					d, a, err := s.engine.Test(s.Context(), w, status)
					s.ok(err)
					if d.Status != scout.Delivered || !d.Test || d.WebhookID != w.ID || a.Verdict.Outcome != scout.OutcomeDelivered {
						s.Errorf("the test returned %+v and %+v", d, a.Verdict)
					}
					requests := s.hosts["ops"].Requests()
					if len(requests) != 1 || requests[0].Rejection != nil || requests[0].Header.Get("Webhook-Id") != d.MessageID ||
						requests[0].Header.Get("Webhook-Signature") == "" {
						s.Fatalf("this came: %+v", requests)
					}
					p := payload(s.T, requests[0])
					if p.ServerName != "test-server" || p.Message != "Test alert" || p.Status != string(status) ||
						!strings.HasPrefix(p.AlertID, "test-") || p.Duration != "00:05:23" {
						s.Errorf("the sample is %+v", p)
					}
					kept, err := s.store.Delivery(s.Context(), d.ID)
					s.ok(err)
					attempts := s.attempts(kept)
					if kept.Status != scout.Delivered || !kept.Test || len(attempts) != 1 || attempts[0].Status != http.StatusOK {
						s.Errorf("on record are %+v and %+v", kept, attempts)
					}
					s.placesAreFree(w)
				})
			})
		}
	}
}

// TestTestOfATargetWithState triggers and resolves one alert, whatever is
// tested, and stops at the first telling that fails.
func TestTestOfATargetWithState(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status scout.Status
		answer fake.Answer // to the first request; nil: as the service does
		want   []string    // what came, in order
		told   scout.Status
		ends   scout.DeliveryStatus
	}{
		"down":      {scout.StatusDown, nil, []string{"trigger", "resolve"}, scout.StatusDown, scout.Delivered},
		"warning":   {scout.StatusWarning, nil, []string{"trigger", "resolve"}, scout.StatusWarning, scout.Delivered},
		"recovered": {scout.StatusRecovered, nil, []string{"trigger", "resolve"}, scout.StatusRecovered, scout.Delivered},
		"refused":   {scout.StatusRecovered, serverError(), []string{"trigger"}, scout.StatusDown, scout.DeliveryFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *scene) {
				s.start()
				w := s.webhook("pager", scout.Webhook{Format: "pagerduty", Settings: scout.Settings{"routing_key": strings.Repeat("k", 32)}})
				if tt.answer != nil {
					s.hosts["pager"].Script(tt.answer)
				} else {
					s.hosts["pager"].Script(fake.Reply(202, "{}"), fake.Reply(202, "{}"))
				}
				d, _, err := s.engine.Test(s.Context(), w, tt.status)
				s.ok(err)
				if d.Tells != tt.told || d.Status != tt.ends {
					s.Errorf("returned is a delivery that tells %s and is %s", d.Tells, d.Status)
				}
				var got, keys []string
				for _, r := range s.hosts["pager"].Requests() {
					var event struct {
						Action string `json:"event_action"`
						Key    string `json:"dedup_key"`
					}
					s.ok(json.Unmarshal(r.Body, &event))
					got, keys = append(got, event.Action), append(keys, event.Key)
				}
				if !slices.Equal(got, tt.want) || len(slices.Compact(keys)) != 1 || !strings.HasPrefix(keys[0], "test-") {
					s.Errorf("%v came under the keys %v, want %v under one", got, keys, tt.want)
				}
			})
		})
	}
}

// TestFailedTest is tried once and says nothing about the webhook, whatever
// the receiver answers.
func TestFailedTest(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer fake.Answer
		fault  scout.Fault
		status int
	}{
		"a broken server":   {serverError(), scout.FaultServerError, 500},
		"a receiver gone":   {fake.Reply(410, ""), scout.FaultGone, 410},
		"too many requests": {fake.RateLimited("60"), scout.FaultRateLimited, 429},
		"no answer":         {fake.Hang(), scout.FaultTimeout, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *scene) {
				s.start()
				w := s.webhook("ops", scout.Webhook{})
				s.hosts["ops"].Script(tt.answer)
				d, a, err := s.engine.Test(s.Context(), w, scout.StatusDown)
				s.ok(err)
				if d.Status != scout.DeliveryFailed || d.Reason != scout.TestFailed || a.Verdict.Fault != tt.fault || a.Status != tt.status {
					s.Errorf("the test returned %+v and %+v, status %d", d, a.Verdict, a.Status)
				}
				pass(2 * time.Minute)
				s.got("ops", "HTTP down")
				if got := s.stored(w); got.Health != (scout.WebhookHealth{}) || !got.DisabledAt.IsZero() {
					s.Errorf("the webhook was changed: %+v, disabled %v", got.Health, got.DisabledAt)
				}
				s.breakdown("HTTP")
				s.is(w, scout.DeliveryFailed, scout.Delivered)
				s.placesAreFree(w)
			})
		})
	}
}

// TestUnrenderableTest cannot even be sent: the answer says why.
func TestUnrenderableTest(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		d, a, err := s.engine.Test(s.Context(), scout.Webhook{Name: "new", Format: "fax", URL: scout.NewSecret("http://new/")}, scout.StatusDown)
		s.ok(err)
		if d.Status != scout.DeliveryFailed || a.Verdict.Fault != scout.FaultUnrenderable || !strings.Contains(a.Verdict.Detail, "fax") {
			s.Errorf("the test returned %+v and %+v", d, a.Verdict)
		}
	})
}

// TestTestOfAHeldWebhook reaches the receiver although the webhook is paused or
// disabled, and resumes nothing.
func TestTestOfAHeldWebhook(t *testing.T) {
	t.Parallel()
	for name, hold := range map[string]func(*scene, scout.Webhook){
		"paused": func(s *scene, w scout.Webhook) {
			s.update(func(tx *store.Tx) error { return tx.PauseWebhook(w.ID) })
		},
		"disabled": func(s *scene, _ scout.Webhook) {
			s.hosts["ops"].Script(fake.Reply(http.StatusGone, ""))
			s.breakdown("gone")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *scene) {
				s.start()
				w := s.webhook("ops", scout.Webhook{})
				s.hosts["ops"].Script(serverError())
				s.breakdown("waits")
				hold(s, w)
				before := len(s.received("ops"))
				d, _, err := s.engine.Test(s.Context(), s.stored(w), scout.StatusDown)
				s.ok(err)
				pass(5 * time.Minute)
				if got := s.received("ops")[before:]; d.Status != scout.Delivered || len(got) != 1 {
					s.Errorf("the test ended as %s; received was %q", d.Status, got)
				}
				if got := s.stored(w); !got.Paused && got.DisabledAt.IsZero() {
					s.Error("the webhook was resumed")
				}
			})
		})
	}
}

// TestSuccessfulTestWakes makes all that waits for the webhook due, also in a
// lane that is broken.
func TestSuccessfulTestWakes(t *testing.T) {
	t.Parallel()
	for name, failures := range map[string]int{"after one failure": 1, "in a broken lane": 6} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *scene) {
				s.rules.Retry = []time.Duration{time.Hour}
				s.start()
				w := s.webhook("ops", scout.Webhook{})
				s.hosts["ops"].answers(serverError())
				for i := range failures {
					s.breakdown(string(rune('a' + i)))
				}
				s.hosts["ops"].answers(nil)
				_, _, err := s.engine.Test(s.Context(), w, scout.StatusDown)
				s.ok(err)
				synctest.Wait()
				for _, d := range s.deliveries(w) {
					if d.Status != scout.Delivered {
						s.Errorf("%s is %s after the receiver had answered", d.Service, d.Status)
					}
				}
				s.placesAreFree(w)
			})
		})
	}
}

// TestTestOutlivesItsCaller records the attempt although the one who asked for
// it is gone.
func TestTestOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		caller, leave := context.WithCancel(s.Context())
		s.hosts["ops"].Script(func(w http.ResponseWriter, r *http.Request) {
			leave()
			fake.Reply(http.StatusOK, "")(w, r)
		})
		_, _, err := s.engine.Test(caller, w, scout.StatusDown)
		s.ok(err)
		s.is(w, scout.Delivered)
	})
}

// TestTestWhileStopping is refused once the engine stops, and cut off when
// there is no time left for it.
func TestTestWhileStopping(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].answers(fake.Hang())
		failed := make(chan error, 1)
		go func() {
			_, _, err := s.engine.Test(s.Context(), w, scout.StatusDown)
			failed <- err
		}()
		synctest.Wait()
		over, cancel := context.WithCancel(s.Context())
		cancel()
		s.engine.Stop(over)
		if err := <-failed; err == nil || scout.CodeOf(err) != scout.Unavailable {
			s.Errorf("the test that was cut off returned %v", err)
		}
		if _, _, err := s.engine.Test(s.Context(), w, scout.StatusDown); err == nil || scout.CodeOf(err) != scout.Unavailable {
			s.Errorf("the test after the end returned %v", err)
		}
		s.got("ops", "HTTP down")

		s.end(false)
		s.start()
		if d := s.only(w); d.Status != scout.DeliveryFailed || d.Reason != scout.TestFailed {
			s.Errorf("after a restart the test is %s, %s", d.Status, d.Reason)
		}
	})
}
