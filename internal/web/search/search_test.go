package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/html"

	"serverscout/internal/scout"
	"serverscout/internal/store"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

var _ Store = (*store.Store)(nil)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// rig is the area on a real store.
type rig struct {
	*testing.T
	store *store.Store
	mux   *http.ServeMux
}

func setup(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, mux: http.NewServeMux()}
	var err error
	r.store, err = store.Open(store.Options{Dir: t.TempDir(), Key: make([]byte, 32), Now: func() time.Time { return noon }})
	r.ok(err)
	t.Cleanup(func() { r.ok(r.store.Close()) })
	New(Options{r.store}).Route(&page.Site{
		Assets: ui.NewAssets(), Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
		Person: func(*http.Request) (page.Person, bool) {
			return page.Person{ID: 1, Name: "Ann", Role: scout.Admin}, true
		},
		Tally:   func(context.Context) (ui.Tally, []ui.Notice, error) { return ui.Tally{}, nil, nil },
		Flashes: func(context.Context) []ui.Notice { return nil },
	}, r.mux)
	return r
}

func (r *rig) ok(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rig) update(fn func(tx *store.Tx) error) {
	r.Helper()
	r.ok(r.store.Update(r.Context(), fn))
}

// seed makes a server with a check, an incident of it and a webhook that was
// told.
func (r *rig) seed(server, service, webhook string) (scout.Incident, scout.Delivery) {
	r.Helper()
	in := scout.Incident{ID: scout.NewIncidentID(noon), Server: server, Service: service, Level: scout.Down, Worst: scout.Down, Began: noon.Add(-time.Hour), Opened: noon, Message: "refused"}
	d := scout.Delivery{MessageID: scout.NewMessageID(), IncidentID: in.ID, Webhook: webhook, Server: server, Service: service, Status: scout.Delivered, CreatedAt: noon}
	r.update(func(tx *store.Tx) error {
		s := scout.Server{Name: server, IP: "192.0.2.7", Tags: []string{"prod"}}
		if err := tx.SaveServer(&s); err != nil {
			return err
		}
		c := scout.Check{ServerID: s.ID, Name: service, Kind: "http"}
		w := scout.Webhook{Name: webhook, URL: scout.NewSecret("https://hooks.example.com/s3cr3t"), DisplayURL: "https://hooks.example.com/…"}
		if err := errors.Join(tx.SaveCheck(&c), tx.SaveWebhook(&w)); err != nil {
			return err
		}
		d.WebhookID, in.CheckID = w.ID, c.ID
		return errors.Join(tx.SaveIncident(in), tx.InsertDelivery(&d),
			tx.SaveState(scout.CheckState{CheckID: c.ID, Level: scout.Down, Since: noon.Add(-time.Hour), IncidentID: in.ID}, noon))
	})
	return in, d
}

func (r *rig) get(q string) *httptest.ResponseRecorder {
	r.Helper()
	out := httptest.NewRecorder()
	r.mux.ServeHTTP(out, httptest.NewRequestWithContext(r.Context(), http.MethodGet, "/search?"+url.Values{"q": {q}}.Encode(), nil))
	return out
}

// found lists by group where the results of a search lead to, and fails the
// test where one leaves the dashboard's folder.
func (r *rig) found(q string) map[string][]string {
	r.Helper()
	out := r.get(q)
	if out.Code != http.StatusOK {
		r.Fatalf("searching %q = %d to %q", q, out.Code, out.Header().Get("Location"))
	}
	doc, err := html.Parse(out.Body)
	r.ok(err)
	groups := map[string][]string{}
	section := ""
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			switch {
			case n.Data == "section" && a.Key == "id":
				section = a.Val
			case a.Key == "style" || n.Data == "style":
				r.Errorf("<%s> is styled inline", n.Data)
			case n.Data == "a" && a.Key == "href" && (a.Val == "" || strings.ContainsAny(a.Val[:1], "/?#") || strings.Contains(a.Val, ":")):
				r.Errorf("a link leads to %q", a.Val)
			case n.Data == "a" && a.Key == "href" && section != "":
				groups[section] = append(groups[section], a.Val)
			}
		}
	}
	return groups
}

func TestSearchByName(t *testing.T) {
	t.Parallel()
	r := setup(t)
	web, _ := r.seed("web-01", "HTTP", "Slack (ops)")
	r.seed("db-01", "PostgreSQL", "Pager")
	tests := map[string]map[string][]string{
		"WEB-":     {"servers": {"servers/1"}, "checks": {"checks/1"}, "incidents": {"incidents/" + web.ID}},
		" http ":   {"checks": {"checks/1"}, "incidents": {"incidents/" + web.ID}, "webhooks": {"notifications/settings/1", "notifications/settings/2"}},
		"slack (":  {"webhooks": {"notifications/settings/1"}},
		"192.0.2.": {"servers": {"servers/1", "servers/2"}},
		"s3cr3t":   {},
		"%":        {},
		"' OR 1=1": {},
	}
	for q, want := range tests {
		if got := r.found(q); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("searching %q finds %v, want %v", q, got, want)
		}
	}
	body := r.get("web-01").Body.String()
	for _, want := range []string{"HTTP on web-01", "Down since", "Down, began 1 h ago", "refused", "192.0.2.7 prod", `value="web-01"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(r.get("slack").Body.String(), "s3cr3t") {
		t.Error("the page holds a secret")
	}
}

func TestIDsLeadStraightThere(t *testing.T) {
	t.Parallel()
	r := setup(t)
	in, d := r.seed("web-01", "HTTP", "ops")
	_, second := r.seed("web-02", "HTTP", "pager")
	for q, want := range map[string]string{
		in.ID:                         "/incidents/" + in.ID,
		" " + in.ID + " ":             "/incidents/" + in.ID,
		d.MessageID:                   fmt.Sprintf("/notifications/deliveries/%d", d.ID),
		fmt.Sprintf("#%d", second.ID): fmt.Sprintf("/notifications/deliveries/%d", second.ID),
	} {
		if out := r.get(q); out.Code != http.StatusSeeOther || out.Header().Get("Location") != want {
			t.Errorf("searching %q = %d to %q, want %q", q, out.Code, out.Header().Get("Location"), want)
		}
	}
	// A number that is also in a name may mean either.
	if got := r.found(fmt.Sprint(d.ID)); len(got["deliveries"]) != 1 || len(got["servers"]) == 0 {
		t.Errorf("a number in a name finds %v", got)
	}
	for _, q := range []string{"msg_unheard_of", strings.Repeat("9", 23), strings.Repeat("9", 5000), "#0", "#-1", "msg_" + strings.Repeat("x", 5000)} {
		if got := r.found(q); len(got) != 0 {
			t.Errorf("searching %.30q finds %v", q, got)
		}
	}
}

func TestFirstTenOfEach(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for i := range perGroup + 1 {
		r.seed(fmt.Sprintf("web-%02d", i), "HTTP", fmt.Sprintf("web hook %02d", i))
	}
	got := r.found("web")
	for group, want := range map[string]int{"servers": perGroup, "checks": perGroup, "webhooks": perGroup, "incidents": perGroup + 1} {
		if len(got[group]) != want {
			t.Errorf("%s has %d links, want %d", group, len(got[group]), want)
		}
	}
	if last := got["incidents"][perGroup]; last != "incidents?text=web" {
		t.Errorf("all incidents are at %q", last)
	}
	if body := r.get("web").Body.String(); strings.Count(body, "There are more.") != 3 {
		t.Error("the page does not say of three groups that there is more")
	}
	if got := r.found("web-0"); len(got["servers"]) != perGroup || strings.Contains(r.get("web-0").Body.String(), "There are more.") {
		t.Errorf("of ten servers %d are shown, or it is said that there are more", len(got["servers"]))
	}
}

func TestStatesOfWhatIsFound(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.update(func(tx *store.Tx) error {
		s := scout.Server{Name: "web-01"}
		if err := tx.SaveServer(&s); err != nil {
			return err
		}
		fresh, paused := scout.Check{ServerID: s.ID, Name: "fresh"}, scout.Check{ServerID: s.ID, Name: "stopped", Paused: true}
		silent := scout.Webhook{Name: "silent", URL: scout.NewSecret("https://example.com")}
		if err := errors.Join(tx.SaveCheck(&fresh), tx.SaveCheck(&paused), tx.SaveWebhook(&silent)); err != nil {
			return err
		}
		ended := scout.Incident{ID: scout.NewIncidentID(noon), Server: "old", Service: "HTTP", Level: scout.Down, Began: noon.Add(-2 * time.Hour), Ended: noon, Closed: noon}
		return errors.Join(tx.PauseWebhook(silent.ID), tx.SaveIncident(ended))
	})
	for q, want := range map[string]string{
		"fresh": "Not observed yet", "stopped": "Paused", "silent": "Paused", "old": "Recovered, began 2 h ago",
	} {
		if body := r.get(q).Body.String(); !strings.Contains(body, want) {
			t.Errorf("searching %q does not say %q", q, want)
		}
	}
}

func TestNothingToFind(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for q, want := range map[string]string{
		"":                          "Type a part of the name",
		"   ":                       "Type a part of the name",
		"<script>alert(1)</script>": "Nothing found",
		strings.Repeat("ä", 1000):   "Nothing found",
		"\xff\x00":                  "Nothing found",
	} {
		out := r.get(q)
		body := out.Body.String()
		if out.Code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("searching %.30q = %d, want a page that says %q", q, out.Code, want)
		}
		if strings.Contains(body, "<script>alert") || len(body) > 40_000 {
			t.Errorf("searching %.30q gives a page of %d bytes, or with markup", q, len(body))
		}
	}
}

func TestHowFar(t *testing.T) {
	t.Parallel()
	for status, want := range map[scout.DeliveryStatus]string{
		scout.Pending: "◌ Waiting", scout.Sending: "◌ Being sent", scout.Delivered: "● Delivered",
		scout.DeliveryFailed: "■ Failed", scout.DeliveryCancelled: "◌ Cancelled",
	} {
		if state, says := howFar(status); state.Sign()+" "+says != want {
			t.Errorf("%s is %s %s, want %s", status, state.Sign(), says, want)
		}
	}
}
