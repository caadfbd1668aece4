package deliver_test

import (
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

// endless answers with a status at once and with a body that does not end.
func endless(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusOK)
	for r.Context().Err() == nil {
		_, _ = io.WriteString(w, "wait ")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
		}
	}
}

// TestFailuresAreRetried looks at one failed attempt of each kind: how it is on
// record, when it ended, and that the same message comes again a second later.
func TestFailuresAreRetried(t *testing.T) {
	t.Parallel()
	type seen struct {
		Fault  scout.Fault
		Status int
		Took   time.Duration
	}
	for name, tt := range map[string]struct {
		answer fake.Answer
		want   seen
	}{
		"a broken server":       {serverError(), seen{scout.FaultServerError, 500, 0}},
		"a wrong request":       {fake.Reply(400, "no"), seen{scout.FaultMisconfigured, 400, 0}},
		"a wrong token":         {fake.Reply(401, "no"), seen{scout.FaultMisconfigured, 401, 0}},
		"a wrong path":          {fake.Reply(404, "no"), seen{scout.FaultMisconfigured, 404, 0}},
		"too many requests":     {fake.Reply(429, "no"), seen{scout.FaultRateLimited, 429, 0}},
		"a redirect":            {fake.Redirect("http://elsewhere/hook"), seen{scout.FaultRedirect, 307, 0}},
		"a connection cut":      {fake.Reset(), seen{scout.FaultReset, 0, 0}},
		"no answer":             {fake.Hang(), seen{scout.FaultTimeout, 0, 10 * time.Second}},
		"an answer without end": {endless, seen{scout.FaultTimeout, 200, 10 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *scene) {
				s.start()
				w := s.webhook("ops", scout.Webhook{})
				s.hosts["elsewhere"] = native()
				s.hosts["ops"].Script(tt.answer)
				begun := time.Now()
				s.breakdown("HTTP")
				pass(tt.want.Took)

				d := s.only(w)
				if d.Status != scout.Pending || d.Attempts != 1 {
					s.Errorf("after the first attempt: %s, %d attempts", d.Status, d.Attempts)
				}
				a := s.attempts(d)[0]
				if diff := cmp.Diff(tt.want, seen{a.Verdict.Fault, a.Status, a.Duration}); diff != "" {
					s.Error(diff)
				}
				if a.Verdict.Outcome != scout.OutcomeRetry || a.Verdict.Detail == "" || !a.StartedAt.Equal(begun) {
					s.Errorf("the first attempt is on record as %+v, started %s", a.Verdict, a.StartedAt)
				}

				pass(1200 * time.Millisecond)
				s.is(w, scout.Delivered)
				last := s.attempts(d)[1]
				wait := last.StartedAt.Sub(begun.Add(tt.want.Took))
				if last.Verdict != (scout.Verdict{Outcome: scout.OutcomeDelivered}) || !within(wait, time.Second, 1200*time.Millisecond) {
					s.Errorf("the second attempt came after %s and ended as %+v", wait, last.Verdict)
				}
				s.got("ops", "HTTP down", "HTTP down")
				s.got("elsewhere")
				s.placesAreFree(w)
			})
		})
	}
}

func TestSuccess(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"200": 200, "202": 202, "204": 204, "299": 299} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *scene) {
				s.start()
				w := s.webhook("ops", scout.Webhook{})
				s.hosts["ops"].Script(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
				s.breakdown("HTTP")
				d := s.only(w)
				a := s.attempts(d)
				if d.Status != scout.Delivered || d.FinishedAt.IsZero() || len(a) != 1 {
					s.Errorf("the delivery is %+v after %d attempts", d, len(a))
				}
				if a[0].Status != status || a[0].Address != "ops:80" || a[0].Request.Line != "POST http://ops/hook" {
					s.Errorf("the attempt is on record as %d of %s, %q", a[0].Status, a[0].Address, a[0].Request.Line)
				}
				pass(time.Minute)
				s.got("ops", "HTTP down")
			})
		})
	}
}

// TestUnreachableHost has no connection at all.
func TestUnreachableHost(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{URL: scout.NewSecret("http://nobody/hook")})
		s.breakdown("HTTP")
		a := s.attempts(s.only(w))[0]
		if a.Verdict.Fault != scout.FaultRefused || a.Status != 0 || a.Address != "nobody:80" {
			s.Errorf("the attempt is on record as %+v, status %d, address %q", a.Verdict, a.Status, a.Address)
		}
	})
}

// TestUnsafeAddress is a webhook that was not declared in the file.
func TestUnsafeAddress(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		s.hosts["127.0.0.1"] = native()
		w := s.webhook("ops", scout.Webhook{URL: scout.NewSecret("http://127.0.0.1/hook")})
		s.breakdown("HTTP")
		s.got("127.0.0.1", "HTTP down")

		w.Source = scout.FromDatabase
		s.save(&w)
		s.breakdown("SSH")
		s.got("127.0.0.1", "HTTP down")
		a := s.attempts(s.deliveries(w)[1])[0]
		if a.Verdict.Fault != scout.FaultAddressRefused || a.Verdict.Outcome != scout.OutcomeRetry {
			s.Errorf("the attempt is on record as %+v", a.Verdict)
		}
	})
}

// TestEachAttemptUsesTheWebhookAsItIs changes URL, format, headers and secret
// between the attempts of one delivery.
func TestEachAttemptUsesTheWebhookAsItIs(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		s.hosts["new"] = slack()
		w := s.webhook("ops", scout.Webhook{Headers: []scout.Header{{Name: "X-Team", Value: scout.NewSecret("first")}}})
		s.hosts["ops"].Script(serverError())
		s.breakdown("HTTP")

		w.URL, w.Format = scout.NewSecret("http://new"+fake.SlackServicePath), "slack"
		w.Headers[0].Value = scout.NewSecret("second")
		w.Secret = firstSecret
		s.save(&w)
		pass(2 * time.Second)
		s.is(w, scout.Delivered)

		before, after := s.hosts["ops"].Requests(), s.hosts["new"].Requests()
		if len(before) != 1 || len(after) != 1 {
			s.Fatalf("%d requests came to the old URL and %d to the new, want 1 each", len(before), len(after))
		}
		if got := []string{before[0].Header.Get("X-Team"), after[0].Header.Get("X-Team")}; !cmp.Equal(got, []string{"first", "second"}) {
			s.Errorf("the headers were %q", got)
		}
		if before[0].Header.Get("Webhook-Signature") != "" || after[0].Header.Get("Webhook-Signature") == "" {
			s.Errorf("the second attempt alone should be signed")
		}
		if after[0].Rejection != nil {
			s.Errorf("the second attempt is not a Slack message: %v", after[0].Rejection)
		}
	})
}

// TestUnrenderable is a webhook with a format that does not exist, or with a
// secret that is none: a fault of the configuration, which can be put right.
func TestUnrenderable(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]scout.Webhook{
		"format": {Format: "fax"},
		"secret": {Secret: scout.NewSecret("whsec_short")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *scene) {
				s.start()
				w := s.webhook("ops", wrong)
				s.breakdown("HTTP")
				a := s.attempts(s.only(w))[0]
				if a.Verdict.Outcome != scout.OutcomeRetry || a.Verdict.Fault != scout.FaultUnrenderable || a.Verdict.Detail == "" {
					s.Errorf("the attempt is on record as %+v", a.Verdict)
				}
				w.Format, w.Secret = "native", scout.Secret{}
				s.save(&w)
				pass(1200 * time.Millisecond)
				s.is(w, scout.Delivered)
				s.got("ops", "HTTP down")
				s.placesAreFree(w)
			})
		})
	}
}

// TestOrderWithinAnIncident holds the end of an incident behind its beginning,
// and nothing of another incident.
func TestOrderWithinAnIncident(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.hosts["ops"].Script(serverError(), serverError())
		c := s.breakdown("HTTP")
		s.report(c, scout.Warning)
		s.report(c, scout.Up)
		s.got("ops", "HTTP down")
		s.breakdown("SSH")
		s.got("ops", "HTTP down", "SSH down")
		pass(2 * time.Second)
		ofHTTP := slices.DeleteFunc(s.received("ops"), func(r string) bool { return r == "SSH down" })
		if want := []string{"HTTP down", "HTTP down", "HTTP warning", "HTTP recovered"}; !slices.Equal(ofHTTP, want) {
			s.Errorf("of the first incident came %q, want %q", ofHTTP, want)
		}
		s.placesAreFree(w)
	})
}
