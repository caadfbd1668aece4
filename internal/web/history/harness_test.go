package history_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/html"

	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
	"serverscout/internal/web/history"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

var _ history.Store = (*store.Store)(nil)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// ledger gives manage the real store.
type ledger struct{ *store.Store }

func (l ledger) Update(ctx context.Context, fn func(manage.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// A rig is the pages on a real store and a real manager, by a clock that stands
// at noon.
type rig struct {
	*testing.T
	store   *store.Store
	manager *manage.Manager
	mux     *http.ServeMux
	zone    string // of the reader

	mu      sync.Mutex
	notices []ui.Notice
	nobody  bool // nobody is signed in
}

func setup(t *testing.T) *rig {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir(), Key: make([]byte, 32), Now: func() time.Time { return noon }})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return on(t, s, ledger{s})
}

// on makes a rig of a store and a ledger.
func on(t *testing.T, s *store.Store, l manage.Ledger) *rig {
	r := &rig{T: t, store: s, manager: manage.New(l, egress.CheckURL), mux: http.NewServeMux()}
	site := &page.Site{
		Assets: ui.NewAssets(), Version: "v1", Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
		Person: func(*http.Request) (page.Person, bool) {
			return page.Person{ID: 1, Name: "ana", Role: scout.Admin}, !r.nobody
		},
		Tally:   func(context.Context) (ui.Tally, []ui.Notice, error) { return ui.Tally{}, nil, nil },
		Flash:   r.flash,
		Flashes: func(context.Context) []ui.Notice { return nil },
	}
	history.New(history.Options{Store: s, Manager: r.manager}).Route(site, r.mux)
	return r
}

func (r *rig) flash(_ context.Context, n ui.Notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notices = append(r.notices, n)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// An answer is a page that was read.
type answer struct {
	*testing.T
	status   int
	location string
	size     int
	root     *html.Node
}

// get reads a page and checks what holds for every one.
func (r *rig) get(path string) answer {
	r.Helper()
	return r.send(httptest.NewRequestWithContext(r.Context(), http.MethodGet, path, nil))
}

func (r *rig) post(path string, form url.Values) answer {
	r.Helper()
	req := httptest.NewRequestWithContext(r.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.send(req)
}

func (r *rig) send(req *http.Request) answer {
	r.Helper()
	if r.zone != "" {
		req.AddCookie(&http.Cookie{Name: "zone", Value: url.QueryEscape(r.zone)})
	}
	w := httptest.NewRecorder()
	r.mux.ServeHTTP(w, req)
	a := answer{T: r.T, status: w.Code, location: w.Header().Get("Location"), size: w.Body.Len()}
	var err error
	a.root, err = html.Parse(w.Body)
	must(r.T, err)
	if a.status != http.StatusSeeOther {
		a.sound(req.URL.String())
	}
	return a
}

// sound checks what holds for every page: nothing inline, every address
// relative to <base>, one heading on top, every id once, every field labelled.
func (a answer) sound(path string) {
	a.Helper()
	ids, labelled := map[string]int{}, map[string]bool{}
	for n := range a.root.Descendants() {
		ids[attr(n, "id")]++
		if n.Data == "label" {
			labelled[attr(n, "for")] = true
		}
	}
	for n := range a.root.Descendants() {
		if n.Data == "style" || n.Data == "script" && attr(n, "src") == "" {
			a.Errorf("%s has an inline %s", path, n.Data)
		}
		if id := attr(n, "id"); id != "" && ids[id] > 1 {
			a.Errorf("%s has the id %q %d times", path, id, ids[id])
		}
		if field := n.Data == "input" && attr(n, "type") != "hidden" || n.Data == "select"; field && !labelled[attr(n, "id")] {
			a.Errorf("%s: the field %q has no label", path, attr(n, "name"))
		}
		for _, at := range n.Attr {
			if at.Key == "style" || strings.HasPrefix(at.Key, "on") {
				a.Errorf("%s: <%s %s=%q>", path, n.Data, at.Key, at.Val)
			}
			address := at.Key == "href" || at.Key == "action" || at.Key == "src" || at.Key == "formaction"
			if address && n.Data != "base" && !relative(at.Val) {
				a.Errorf("%s: %s=%q is not relative to the base", path, at.Key, at.Val)
			}
		}
	}
	if h := a.all("h1"); len(h) != 1 {
		a.Errorf("%s has %d first headings", path, len(h))
	}
}

// relative reports whether an address is below the base.
func relative(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "" && u.Host == "" && u.Path != "" && u.Path[0] != '/'
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// text is what a node says, in one line.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// all lists the elements of a tag.
func (a answer) all(tag string) []*html.Node {
	var list []*html.Node
	for n := range a.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			list = append(list, n)
		}
	}
	return list
}

// main is what the page says below its frame.
func (a answer) main() string { return text(a.all("main")[0]) }

// says fails the test unless the page says all of some texts.
func (a answer) says(texts ...string) {
	a.Helper()
	for _, want := range texts {
		if !strings.Contains(a.main(), want) {
			a.Errorf("the page does not say %q:\n%s", want, a.main())
		}
	}
}

// saysNot fails the test if the page says one of some texts.
func (a answer) saysNot(texts ...string) {
	a.Helper()
	for _, unwanted := range texts {
		if strings.Contains(a.main(), unwanted) {
			a.Errorf("the page says %q:\n%s", unwanted, a.main())
		}
	}
}

// value is what a field of a form holds, the search in the frame aside.
func (a answer) value(name string) string {
	for _, n := range append(a.all("input"), a.all("option")...) {
		if attr(n, "name") == name && attr(n, "id") != "search" {
			return attr(n, "value")
		}
		selected := n.Data == "option" && n.Parent != nil && attr(n.Parent, "name") == name
		for _, at := range n.Attr {
			if selected && at.Key == "selected" {
				return attr(n, "value")
			}
		}
	}
	return ""
}

// rows lists the texts of the rows of the page's tables.
func (a answer) rows() []string {
	var list []string
	for _, body := range a.all("tbody") {
		for n := range body.ChildNodes() {
			if n.Data == "tr" {
				list = append(list, text(n))
			}
		}
	}
	return list
}

// linked lists the deliveries that the page's tables link to.
func (a answer) linked() []string {
	list := []string{}
	for _, n := range a.all("a") {
		if attr(n, "class") == "rowlink" {
			list = append(list, strings.TrimPrefix(attr(n, "href"), "notifications/deliveries/"))
		}
	}
	return list
}

// link is the address of the link with a text; "" if there is none.
func (a answer) link(label string) string {
	for _, n := range a.all("a") {
		if text(n) == label {
			return attr(n, "href")
		}
	}
	return ""
}

func (r *rig) webhook(name string) scout.Webhook {
	r.Helper()
	w, err := r.manager.CreateWebhook(r.Context(), map[string]any{"name": name, "url": "https://hooks.example.com/" + url.PathEscape(name)})
	must(r.T, err)
	return w
}

// A made is a delivery to make: what is zero is as usual.
type made struct {
	incident string
	seq      int
	server   string
	service  string
	message  string
	tells    scout.Status
	status   scout.DeliveryStatus
	afterID  int64
	at       time.Time
	test     bool
}

// deliver writes an event, and its delivery to a webhook.
func (r *rig) deliver(w scout.Webhook, m made) scout.Job {
	r.Helper()
	if m.incident == "" {
		m.incident = scout.NewIncidentID(noon)
	}
	if m.test {
		m.incident = scout.NewTestID(noon)
	}
	usual := func(text *string, value string) {
		if *text == "" {
			*text = value
		}
	}
	usual(&m.server, "web-1")
	usual(&m.service, "HTTP")
	usual(&m.message, "connection refused")
	usual((*string)(&m.tells), "down")
	usual((*string)(&m.status), "sending")
	m.seq = max(m.seq, 1)
	if m.at.IsZero() {
		m.at = noon.Add(-time.Hour)
	}
	e := scout.Event{
		IncidentID: m.incident, Seq: m.seq, Kind: scout.Opened, Level: m.tells.Level(), At: m.at,
		Server: m.server, Service: m.service, Message: m.message, Test: m.test,
	}
	d := scout.Delivery{
		MessageID: scout.NewMessageID(), IncidentID: m.incident, Seq: m.seq, WebhookID: w.ID, Webhook: w.Name, Tells: m.tells, Status: m.status,
		Reason: scout.Owed, DueAt: m.at, CreatedAt: m.at, AfterID: m.afterID, Server: m.server, Service: m.service, Test: m.test,
	}
	must(r.T, r.store.Update(r.Context(), func(tx *store.Tx) error {
		if err := tx.InsertEvent(&e); err != nil {
			return err
		}
		d.EventID = e.ID
		in := scout.Incident{ID: m.incident, Server: m.server, Service: m.service, Level: m.tells.Level(), Opened: m.at, Events: m.seq}
		if !m.test {
			if err := tx.SaveIncident(in); err != nil {
				return err
			}
		}
		return tx.InsertDelivery(&d)
	}))
	return scout.Job{Delivery: d, Event: e, Webhook: w}
}

// attempt is one that was answered with a status; 0 for no answer.
func attempt(job scout.Job, status int, detail string) scout.Attempt {
	a := scout.Attempt{
		DeliveryID: job.Delivery.ID, WebhookID: job.Webhook.ID, Number: job.Delivery.Attempts + 1,
		StartedAt: job.Delivery.CreatedAt, Duration: 43 * time.Millisecond, Status: status, Address: "192.0.2.7:443",
		Verdict: scout.Verdict{Outcome: scout.OutcomeRetry, Fault: scout.FaultMisconfigured, Detail: detail},
		Request: scout.Exchange{
			Line:   "POST https://hooks.example.com/" + scout.Masked,
			Header: [][2]string{{"Authorization", scout.Masked}, {"Content-Type", "application/json"}},
			Body:   `{"status":"down","message":"connection refused"}`,
		},
		Response: scout.Exchange{Line: fmt.Sprintf("HTTP/1.1 %d", status), Header: [][2]string{{"Server", "nginx"}}, Body: "no such hook", Truncated: true},
	}
	switch {
	case status == 0:
		a.Verdict.Fault, a.Response, a.Address = scout.FaultTimeout, scout.Exchange{}, ""
	case status < 300:
		a.Verdict = scout.Verdict{Outcome: scout.OutcomeDelivered}
	}
	return a
}

// finish ends an attempt.
func (r *rig) finish(job scout.Job, a scout.Attempt, status scout.DeliveryStatus, reason scout.Reason, due time.Time) {
	r.Helper()
	c := scout.Completion{
		Job: job, Attempt: a, Status: status, Reason: reason, DueAt: due, Delay: time.Minute, Now: job.Delivery.CreatedAt.Add(3 * time.Second),
		Says: scout.SaysFailure,
	}
	if status == scout.Delivered {
		c.Says = scout.SaysSuccess
	}
	_, err := r.store.Finish(r.Context(), c)
	must(r.T, err)
}

// delivered, gaveUp and retried are deliveries after one attempt.
func (r *rig) delivered(w scout.Webhook, m made) int64 {
	r.Helper()
	job := r.deliver(w, m)
	r.finish(job, attempt(job, 200, ""), scout.Delivered, scout.Owed, time.Time{})
	return job.Delivery.ID
}

func (r *rig) gaveUp(w scout.Webhook, m made) int64 {
	r.Helper()
	job := r.deliver(w, m)
	r.finish(job, attempt(job, 404, "The receiver answered 404: no such hook"), scout.DeliveryFailed, scout.GaveUp, time.Time{})
	return job.Delivery.ID
}

func (r *rig) retried(w scout.Webhook, m made, due time.Time) int64 {
	r.Helper()
	job := r.deliver(w, m)
	r.finish(job, attempt(job, 0, "no answer from hooks.example.com within 10 s"), scout.Pending, scout.Owed, due)
	return job.Delivery.ID
}

func path(id int64) string { return fmt.Sprintf("/notifications/deliveries/%d", id) }
