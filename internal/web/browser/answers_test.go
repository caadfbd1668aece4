package browser

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Test Webhook shows on the spot what came back, good or bad: the status code,
// the time, the error in words, the body, and what to do.
func TestAnswersOfATest(t *testing.T) {
	t.Parallel()
	p := serveProgram(t, near).inhabited(t)
	for name, tt := range map[string]struct {
		url    string // where no receiver of the test's own answers
		status int
		header map[string]string
		body   string
		hangs  bool
		tls    bool
		want   []string
	}{
		"200":          {status: http.StatusOK, body: "thank you", want: []string{"took the test message", "200 OK", "thank you"}},
		"302":          {status: http.StatusFound, header: map[string]string{"Location": "https://elsewhere.example.com/"}, want: []string{"did not take", "302 Found", "https://elsewhere.example.com/", "Put the address it leads to into the webhook's URL"}},
		"404":          {status: http.StatusNotFound, body: "no such hook", want: []string{"did not take", "404 Not Found", "no such hook", "Check the webhook's URL"}},
		"500":          {status: http.StatusInternalServerError, body: "database is away", want: []string{"did not take", "500 Internal Server Error", "database is away", "Look into the receiver's log"}},
		"time-out":     {hangs: true, want: []string{"did not take", "10 s", "none: no answer came", "Let it answer first"}},
		"self-signed":  {tls: true, status: http.StatusOK, want: []string{"did not take", "none: no answer came", "certificate"}},
		"refused":      {url: "http://10.255.255.1/hook", want: []string{"did not take", "10.255.255.1", "egress.allow"}},
		"closed port":  {url: "http://127.0.0.1:1/hook", want: []string{"did not take", "refused"}},
		"no such host": {url: "https://hooks.invalid/hook", want: []string{"did not take", "hooks.invalid"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := tt.url
			if url == "" {
				s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if tt.hangs {
						_, _ = io.Copy(io.Discard, r.Body) // or it would not be seen that the sender leaves
						<-r.Context().Done()
						return
					}
					for name, value := range tt.header {
						w.Header().Set(name, value)
					}
					w.WriteHeader(tt.status)
					_, _ = io.WriteString(w, tt.body)
				}))
				s.Config.ErrorLog = log.New(io.Discard, "", 0)
				if tt.tls {
					s.StartTLS()
				} else {
					s.Start()
				}
				t.Cleanup(s.Close)
				url = s.URL
			}
			at := p.tab(t)
			at.open("notifications/settings/new")
			at.fill("#field-url", url)
			at.fill("#field-name", name)
			at.drawn()
			at.click("button[formaction='notifications/settings/test']")
			at.waitText("#answer", "take")
			text := at.text("#answer")
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("it does not say %q: %s", want, text)
				}
			}
			at.forEverybody("test-" + strings.ReplaceAll(name, " ", "-"))
			if got := at.value("#field-url"); got != url {
				t.Errorf("the form has forgotten the URL: %q", got)
			}
			if tt.hangs {
				return // it was long enough
			}
			at.click("button[formaction='notifications/settings/diagnose']")
			at.waitFor("document.querySelector('#answer .steps') && !document.querySelector('#answer').hasAttribute('aria-busy') && document.querySelector('#answer').innerText.includes('Payload')")
			if text := at.text("#answer"); strings.Contains(text, "What to do") == (tt.status == http.StatusOK && !tt.tls) {
				t.Errorf("the diagnosis says: %s", text)
			}
		})
	}
}

// drawn waits until the form of a new webhook has been drawn for a URL that is
// of no target: until then what stands below it moves, and a click may miss.
func (p *tab) drawn() {
	p.Helper()
	p.waitText(".recognised", "Native JSON")
	p.waitFor("!document.querySelector('[data-draw-from][aria-busy]')")
}
