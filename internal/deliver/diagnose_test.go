package deliver_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

// diagnose has a webhook diagnosed and fails the test unless every step is
// reported, in order.
func (s *scene) diagnose(w scout.Webhook) []scout.Finding {
	s.Helper()
	var findings []scout.Finding
	var steps []scout.DoctorStep
	s.ok(s.engine.Diagnose(s.Context(), w, func(f scout.Finding) {
		findings, steps = append(findings, f), append(steps, f.Step)
	}))
	if !slices.Equal(steps, scout.DoctorSteps()) {
		s.Fatalf("the steps are %v", steps)
	}
	return findings
}

// TestDiagnosis looks at the last step, which the target's own words decide,
// and at what is sent and put on record for it.
func TestDiagnosis(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer  fake.Answer // nil: as Slack does
		outcome scout.FindingOutcome
		says    string
		remedy  string
		ends    scout.DeliveryStatus
		healthy bool
	}{
		"accepted":                      {nil, scout.FindingPassed, "accepted the sample", "", scout.Delivered, true},
		"a success that is not counted": {fake.Reply(200, "no_team"), scout.FindingFailed, "Slack answered 200 but not with ok: no_team", "status code is a success", scout.DeliveryFailed, false},
		"an error":                      {fake.Reply(404, "no_service"), scout.FindingSkipped, `the step "Status code" failed`, "", scout.DeliveryFailed, false},
		"no answer":                     {fake.Hang(), scout.FindingSkipped, `the step "Status code" failed`, "", scout.DeliveryFailed, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *scene) {
				s.start()
				s.hosts["chat"] = slack()
				w := s.webhook("chat", scout.Webhook{Format: "slack", URL: scout.NewSecret("http://chat/services/T000/B000/secretpart")})
				if tt.answer != nil {
					s.hosts["chat"].Script(tt.answer)
				}
				findings := s.diagnose(w)
				last := findings[len(findings)-1]
				if last.Outcome != tt.outcome || !strings.Contains(last.Says, tt.says) || !strings.Contains(last.Remedy, tt.remedy) || (last.Remedy == "") != (tt.remedy == "") {
					s.Errorf("the last finding is %+v", last)
				}
				if scout.Healthy(findings) != tt.healthy {
					s.Errorf("healthy is %v: %+v", !tt.healthy, findings)
				}
				if n := len(s.hosts["chat"].Requests()); n != 1 {
					s.Errorf("%d messages came", n)
				}
				d := s.only(w)
				if !d.Test || d.Status != tt.ends || len(s.attempts(d)) != 1 {
					s.Errorf("on record is %+v", d)
				}
				if want := [2]string{"delivery", fmt.Sprint(d.ID)}; !slices.Contains(last.Facts, want) {
					s.Errorf("the facts are %v, want %v among them", last.Facts, want)
				}
				s.placesAreFree(w)
			})
		})
	}
}

// TestDiagnosisOfATargetWithState opens one alert and closes it, and says so
// where it stays open.
func TestDiagnosisOfATargetWithState(t *testing.T) {
	t.Parallel()
	accepts := fake.Reply(202, "{}")
	for name, tt := range map[string]struct {
		answers []fake.Answer
		outcome scout.FindingOutcome
		says    string
		remedy  string
	}{
		"closed":     {[]fake.Answer{accepts, accepts}, scout.FindingPassed, "accepted", ""},
		"stays open": {[]fake.Answer{accepts, serverError()}, scout.FindingWarned, "but not its end", "Close the alert test-"},
		"not opened": {[]fake.Answer{serverError()}, scout.FindingSkipped, "Status code", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *scene) {
				s.start()
				w := s.webhook("pager", scout.Webhook{Format: "pagerduty", Settings: scout.Settings{"routing_key": strings.Repeat("k", 32)}})
				s.hosts["pager"].Script(tt.answers...)
				findings := s.diagnose(w)
				last := findings[len(findings)-1]
				if last.Outcome != tt.outcome || !strings.Contains(last.Says, tt.says) || !strings.Contains(last.Remedy, tt.remedy) {
					s.Errorf("the last finding is %+v", last)
				}
				var actions []string
				for _, r := range s.hosts["pager"].Requests() {
					actions = append(actions, string(r.Body))
				}
				if len(actions) != len(tt.answers) || !strings.Contains(actions[0], `"trigger"`) || len(actions) > 1 && !strings.Contains(actions[1], `"resolve"`) {
					s.Errorf("this came: %q", actions)
				}
			})
		})
	}
}

// TestDiagnosisWithoutAMessage skips the way when there is nothing to send.
func TestDiagnosisWithoutAMessage(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		findings := s.diagnose(scout.Webhook{Name: "new", Format: "fax", URL: scout.NewSecret("http://new/")})
		for _, f := range findings[:len(findings)-1] {
			if f.Outcome != scout.FindingSkipped {
				s.Errorf("%s is %s", f.Step, f.Outcome)
			}
		}
		last := findings[len(findings)-1]
		if last.Outcome != scout.FindingFailed || !strings.Contains(last.Says, "fax") || last.Remedy == "" {
			s.Errorf("the last finding is %+v", last)
		}
	})
}

// TestDiagnosisHidesHeaders shows no custom header's value, not even where the
// receiver quotes it.
func TestDiagnosisHidesHeaders(t *testing.T) {
	t.Parallel()
	const value = "hunter2hunter2"
	for name, answer := range map[string]fake.Answer{
		"in an answer": func(w http.ResponseWriter, r *http.Request) {
			fake.Reply(403, "you sent "+r.Header.Get("X-Door"))(w, r)
		},
		"in what is no answer": func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "token %s is wrong\r\n\r\n", r.Header.Get("X-Door"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *scene) {
				s.start()
				w := s.webhook("ops", scout.Webhook{Headers: []scout.Header{{Name: "X-Door", Value: scout.NewSecret(value)}}})
				s.hosts["ops"].answers(answer)
				findings := s.diagnose(w)
				if text := fmt.Sprint(findings); strings.Contains(text, value) || !strings.Contains(text, scout.Masked) {
					s.Errorf("the findings are %s", text)
				}
				for _, a := range s.attempts(s.only(w)) {
					if strings.Contains(fmt.Sprint(a), value) {
						s.Errorf("on record is %+v", a)
					}
				}
			})
		})
	}
}

// TestDiagnosisWhileStopping is refused once the engine stops, and cut off when
// there is no time left for it.
func TestDiagnosisWhileStopping(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].answers(fake.Hang())
		cut := make(chan error, 1)
		go func() { cut <- s.engine.Diagnose(s.Context(), w, func(scout.Finding) {}) }()
		synctest.Wait()
		over, cancel := context.WithCancel(s.Context())
		cancel()
		s.engine.Stop(over)
		if err := <-cut; !scout.HasCode(err, scout.Unavailable) {
			s.Errorf("the diagnosis that was cut off returned %v", err)
		}
		if err := s.engine.Diagnose(s.Context(), w, func(scout.Finding) {}); !scout.HasCode(err, scout.Unavailable) {
			s.Errorf("the diagnosis after the end returned %v", err)
		}
	})
}
