package deliver_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"serverscout/internal/deliver"
	"serverscout/internal/integration/fake"
	"serverscout/internal/scout"
)

var (
	firstSecret  = scout.NewSecret("whsec_" + strings.Repeat("Zmlyc3Qh", 4))
	secondSecret = scout.NewSecret("whsec_" + strings.Repeat("c2Vjb25k", 4))
)

// TestSignature checks every attempt as a receiver does, by the library of
// Standard Webhooks, at the moment it came.
func TestSignature(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		w      scout.Webhook
		accept []scout.Secret
	}{
		"one secret":                {scout.Webhook{Secret: firstSecret}, []scout.Secret{firstSecret}},
		"two while one is replaced": {scout.Webhook{Secret: secondSecret, PreviousSecret: firstSecret}, []scout.Secret{firstSecret, secondSecret}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *scene) {
				s.rules.Retry = []time.Duration{6 * time.Minute} // longer than receivers tolerate
				s.start()
				w := s.webhook("ops", tt.w)
				refused := 0
				s.hosts["ops"].answers(func(w http.ResponseWriter, r *http.Request) {
					got := s.hosts["ops"].Requests()
					for _, secret := range tt.accept {
						verifier, err := standardwebhooks.NewWebhook(secret.Reveal())
						if err != nil {
							panic(err)
						}
						if err := verifier.Verify(got[len(got)-1].Body, r.Header); err != nil {
							s.Error(err)
						}
					}
					refused++
					fake.Reply(500+refused, "")(w, r)
				})
				s.breakdown("HTTP")
				pass(15 * time.Minute)
				requests := s.hosts["ops"].Requests()
				if len(requests) < 3 {
					s.Fatalf("%d attempts came, want 3 at least", len(requests))
				}
				for _, r := range requests {
					if id := r.Header.Get("Webhook-Id"); id != s.only(w).MessageID {
						s.Errorf("the Webhook-Id of an attempt is %q", id)
					}
					if stamp := r.Header.Get("Webhook-Timestamp"); stamp != strconv.FormatInt(r.At.Unix(), 10) {
						s.Errorf("the Webhook-Timestamp is %s at %d", stamp, r.At.Unix())
					}
				}
			})
		})
	}
}

func TestUnsigned(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{})
		s.breakdown("HTTP")
		h := s.hosts["ops"].Requests()[0].Header
		if h.Get("Webhook-Id") != s.only(w).MessageID || h.Get("Webhook-Timestamp") == "" || len(h["Webhook-Signature"]) > 0 {
			s.Errorf("without a secret the headers are %v", h)
		}
	})
}

// TestDeliveriesHaveDifferentIDs tells one event to two webhooks and another
// to both.
func TestDeliveriesHaveDifferentIDs(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		s.webhook("a", scout.Webhook{})
		s.webhook("b", scout.Webhook{})
		s.breakdown("HTTP")
		s.breakdown("SSH")
		ids := map[string]bool{}
		for _, name := range []string{"a", "b"} {
			for _, r := range s.hosts[name].Requests() {
				ids[r.Header.Get("Webhook-Id")] = true
			}
		}
		if len(ids) != 4 {
			s.Errorf("four deliveries had these ids: %v", ids)
		}
	})
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	ours := map[string]string{"Content-Type": "application/json", "User-Agent": "ServerScout/test"}
	theirs := map[string]string{"Content-Type": "application/vnd.alerts+json", "User-Agent": "ours/1.0", "X-Team": "night shift"}
	for name, tt := range map[string]struct{ custom, want map[string]string }{
		"none": {nil, ours},
		"all":  {theirs, theirs},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, func(s *scene) {
				s.options.UserAgent = "ServerScout/test"
				s.start()
				var headers []scout.Header
				for name, value := range tt.custom {
					headers = append(headers, scout.Header{Name: strings.ToLower(name), Value: scout.NewSecret(value)})
				}
				s.webhook("ops", scout.Webhook{Headers: headers})
				s.breakdown("HTTP")
				got := s.hosts["ops"].Requests()[0].Header
				for name, value := range tt.want {
					if v := got.Values(name); len(v) != 1 || v[0] != value {
						s.Errorf("%s is %q, want %q once", name, v, value)
					}
				}
			})
		})
	}
}

// TestSecretsAreMaskedOnRecord has a receiver that gives every secret it got
// back: in a header, in its body and so in the sentence that quotes it.
func TestSecretsAreMaskedOnRecord(t *testing.T) {
	t.Parallel()
	secrets := []string{"token-of-the-header", "password-in-the-url", "key-in-the-query"}
	echo := func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		all := r.Header.Get("X-Team") + " " + password + " " + r.URL.Query().Get("key")
		for _, secret := range secrets {
			if !strings.Contains(all, secret) {
				panic("a secret did not arrive: " + secret)
			}
		}
		w.Header().Set("X-Echo", all)
		fake.Reply(http.StatusForbidden, "no entry with "+all)(w, r)
	}
	play(t, func(s *scene) {
		s.start()
		w := s.webhook("ops", scout.Webhook{
			URL:     scout.NewSecret("http://scout:password-in-the-url@ops/hook?key=key-in-the-query"),
			Headers: []scout.Header{{Name: "X-Team", Value: scout.NewSecret("token-of-the-header")}},
		})
		s.hosts["ops"].answers(echo)
		s.breakdown("HTTP")
		a := s.attempts(s.only(w))[0]
		kept := []string{a.Verdict.Detail, a.Request.Line, a.Request.Body, a.Response.Line, a.Response.Body}
		for _, field := range append(a.Request.Header, a.Response.Header...) {
			kept = append(kept, field[0]+": "+field[1])
		}
		all := strings.Join(kept, "\n")
		for _, secret := range secrets {
			if strings.Contains(all, secret) {
				s.Errorf("%q is on record:\n%s", secret, all)
			}
		}
		for _, part := range []string{a.Verdict.Detail, a.Response.Body} {
			if !strings.Contains(part, "no entry with "+scout.Masked) {
				s.Errorf("%q should show where secrets were", part)
			}
		}
		health, err := s.store.Webhook(s.Context(), w.ID)
		s.ok(err)
		if health.Health.LastError != a.Verdict.Detail {
			s.Errorf("the webhook's last error is %q, want the masked detail", health.Health.LastError)
		}
	})
}

// TestLink follows public_url, which a reload may change while the engine
// runs.
func TestLink(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.start()
		s.hosts["ops"] = slack()
		s.webhook("ops", scout.Webhook{URL: scout.NewSecret("http://ops" + fake.SlackServicePath), Format: "slack"})
		for _, tt := range []struct{ publicURL, want string }{
			{"", ""},
			{"https://scout.example.com", "https://scout.example.com/incidents/"},
			{"https://scout.example.com/behind/", "https://scout.example.com/behind/incidents/"},
			{"", ""},
		} {
			rules := s.rules
			rules.PublicURL = tt.publicURL
			s.engine.SetRules(rules)
			c := s.breakdown("HTTP " + strconv.Itoa(s.checks))
			incidents, err := s.store.ListIncidents(s.Context(), scout.IncidentFilter{CheckID: c.ID}, 1)
			s.ok(err)
			requests := s.hosts["ops"].Requests()
			body := string(requests[len(requests)-1].Body)
			if tt.want == "" && strings.Contains(body, "Open in Server Scout") {
				s.Errorf("there is a link without public_url: %s", body)
			}
			if tt.want != "" && !strings.Contains(body, "<"+tt.want+incidents[0].ID+"|") {
				s.Errorf("there is no link to %s: %s", tt.want+incidents[0].ID, body)
			}
		}
	})
}

// TestLateness tells in a message for people that it is late, and that the
// service is back by now.
func TestLateness(t *testing.T) {
	t.Parallel()
	play(t, func(s *scene) {
		s.rules = deliver.Rules{Retry: []time.Duration{90 * time.Second, 20 * time.Minute}}
		s.start()
		s.hosts["ops"] = slack()
		s.webhook("ops", scout.Webhook{URL: scout.NewSecret("http://ops" + fake.SlackServicePath), Format: "slack"})
		s.hosts["ops"].Script(serverError(), serverError())
		happened := time.Now()
		c := s.breakdown("HTTP")
		pass(110 * time.Second)
		s.report(c, scout.Up)
		recovered := time.Now()
		pass(26 * time.Minute)

		requests := s.hosts["ops"].Requests()
		if len(requests) != 4 {
			s.Fatalf("%d requests came, want three of down and one of recovered", len(requests))
		}
		for i, r := range requests[:2] {
			if strings.Contains(string(r.Body), "sent") {
				s.Errorf("attempt %d, after %s, says it is late: %s", i+1, r.At.Sub(happened), r.Body)
			}
		}
		for _, want := range []string{
			"happened " + happened.UTC().Format("15:04 UTC"),
			"sent 2",
			"; recovered " + recovered.UTC().Format("15:04 UTC"),
		} {
			if !strings.Contains(string(requests[2].Body), want) {
				s.Errorf("the third attempt does not say %q: %s", want, requests[2].Body)
			}
		}
	})
}
