package webhooks_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log/slog"
	"math/big"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"serverscout/internal/deliver"
	"serverscout/internal/egress"
	"serverscout/internal/integration"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
	"serverscout/internal/web/webhooks"
)

var _ webhooks.Store = (*store.Store)(nil)

// now is when the pages are drawn.
var now = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

// ledger gives manage the real store.
type ledger struct{ *store.Store }

func (l ledger) Update(ctx context.Context, fn func(manage.Tx) error) error {
	return l.Store.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
}

// engine is the real one, with a doctor that a test makes.
type engine struct {
	*deliver.Engine
	doctor func(context.Context, scout.Webhook, func(scout.Finding)) error
}

func (e *engine) Diagnose(ctx context.Context, w scout.Webhook, report func(scout.Finding)) error {
	return e.doctor(ctx, w, report)
}

// A rig is the screens on a real store, manager and engine, with receivers that
// are reached by the names of the real ones.
type rig struct {
	*testing.T
	store   *store.Store
	manager *manage.Manager
	engine  *engine
	handler http.Handler
	secrets int // made so far

	mu    sync.Mutex
	hosts map[string]http.Handler // by host name
	told  []ui.Notice             // flashes
}

func setup(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, hosts: map[string]http.Handler{}}
	template, err := emptyStore()
	r.ok(err)
	dir := t.TempDir()
	r.ok(os.CopyFS(dir, os.DirFS(template)))
	r.store, err = store.Open(store.Options{Dir: dir, Key: make([]byte, 32), Now: func() time.Time { return now }})
	r.ok(err)
	t.Cleanup(func() { r.ok(r.store.Close()) })
	r.manager = manage.New(ledger{r.store}, egress.CheckURL)
	r.engine = &engine{Engine: r.deliver()}
	site := &page.Site{
		Assets:  ui.NewAssets(),
		Version: "1.2.3",
		Now:     func() time.Time { return now },
		Log:     slog.New(slog.NewTextHandler(t.Output(), nil)),
		Person: func(*http.Request) (page.Person, bool) {
			return page.Person{ID: 1, Name: "ada", Role: scout.Admin}, true
		},
		Tally:   func(context.Context) (ui.Tally, []ui.Notice, error) { return ui.Tally{}, nil, nil },
		Flash:   func(_ context.Context, n ui.Notice) { r.told = append(r.told, n) },
		Flashes: func(context.Context) []ui.Notice { return nil },
	}
	mux := http.NewServeMux()
	r.area().Route(site, mux)
	mux.Handle("GET /assets/{hash}/{file}", site.Assets)
	r.handler = mux
	return r
}

func (r *rig) area() *webhooks.Area {
	var formats []scout.FormatMeta
	for _, f := range integration.Formats() {
		formats = append(formats, f.FormatMeta)
	}
	return webhooks.New(webhooks.Options{
		Store: r.store, Manager: r.manager, Engine: r.engine, Formats: formats,
		Recognise: func(url string) (scout.FormatMeta, bool) {
			if strings.Contains(url, scout.Masked) {
				url = "" // no format has to know its target by a masked URL
			}
			f := integration.Recognise(url)
			return f.FormatMeta, f.Name != "native"
		},
		PreviewCSS: integration.PreviewCSS(),
		NewSecret: func() string {
			r.secrets++
			return integration.NewSecret().Reveal()
		},
		Egress: func() webhooks.Egress {
			return webhooks.Egress{SourceAddresses: []string{"192.0.2.7"}, Limits: "Webhooks reach public addresses."}
		},
	})
}

// deliver makes an engine whose every connection ends at a server of the test:
// known hosts have a certificate that is trusted, and self-signed.example.com
// has one that is not. Other hosts refuse the connection.
func (r *rig) deliver() *deliver.Engine {
	known, roots := certificate(r.T, "*.example.com", "hooks.slack.com", "discord.com", "events.pagerduty.com", "api.telegram.org", "ntfy.sh", "example.webhook.office.com")
	strange, _ := certificate(r.T, "self-signed.example.com")
	trusted, unknown := r.listen(&known), r.listen(&strange)
	plain := r.listen(nil)
	client, err := egress.New(egress.Options{RootCAs: roots, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, _ := net.SplitHostPort(address)
		to := trusted
		switch {
		case r.host(host) == nil:
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		case host == "self-signed.example.com":
			to = unknown
		case port == "80":
			to = plain
		}
		return (&net.Dialer{}).DialContext(ctx, network, to)
	}})
	r.ok(err)
	e := deliver.New(r.store, deliver.Rules{Sender: client, PublicURL: "https://scout.example.com"}, deliver.Options{Now: func() time.Time { return now }})
	r.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		e.Stop(ctx)
		client.Close()
	})
	return e
}

// listen serves the receivers, with a certificate if there is one.
func (r *rig) listen(c *tls.Certificate) string {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		host, _, _ := strings.Cut(req.Host, ":")
		r.host(host).ServeHTTP(w, req)
	}))
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	r.Cleanup(srv.Close)
	if c == nil {
		srv.Start()
	} else {
		srv.TLS = &tls.Config{Certificates: []tls.Certificate{*c}}
		srv.StartTLS()
	}
	return srv.Listener.Addr().String()
}

func (r *rig) host(name string) http.Handler {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hosts[name]
}

// receives has a host answer.
func (r *rig) receives(host string, h http.Handler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hosts[host] = h
}

// answering is a receiver that always gives one answer.
func answering(status int, body string, header ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// certificate makes a certificate that vouches for itself, and a pool in which
// it is trusted.
func certificate(t *testing.T, names ...string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func (r *rig) ok(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// webhook makes a webhook of the database.
func (r *rig) webhook(keys map[string]any) scout.Webhook {
	r.Helper()
	w, err := r.manager.CreateWebhook(r.Context(), keys)
	r.ok(err)
	return w
}

// declared makes a webhook of the file.
func (r *rig) declared(name, url string) scout.Webhook {
	r.Helper()
	w, err := manage.ParseWebhook(map[string]any{"name": name, "url": url, "headers": map[string]any{"X-Key": "hunter2"}}, egress.CheckURL)
	r.ok(err)
	w.Source = scout.FromFile
	r.ok(r.store.Update(r.Context(), func(tx *store.Tx) error { return tx.SaveWebhook(&w) }))
	return w
}

// stored reads a webhook as it is now.
func (r *rig) stored(id int64) scout.Webhook {
	r.Helper()
	w, err := r.store.Webhook(r.Context(), id)
	r.ok(err)
	return w
}

// waits makes n deliveries that wait for a webhook.
func (r *rig) waits(w scout.Webhook, n int) {
	r.Helper()
	r.ok(r.store.Update(r.Context(), func(tx *store.Tx) error {
		for range n {
			e := scout.Event{IncidentID: scout.NewIncidentID(now), Seq: 1, Kind: scout.Opened, Level: scout.Down, At: now, Began: now, Server: "web-01", Service: "HTTP"}
			if err := tx.InsertEvent(&e); err != nil {
				return err
			}
			d := scout.Delivery{
				MessageID: scout.NewMessageID(), EventID: e.ID, IncidentID: e.IncidentID, Seq: 1, WebhookID: w.ID, Webhook: w.Name,
				Tells: scout.StatusDown, Status: scout.Pending, Reason: scout.Owed, DueAt: now.Add(time.Minute), CreatedAt: now, Server: e.Server, Service: e.Service,
			}
			if err := tx.InsertDelivery(&d); err != nil {
				return err
			}
		}
		return nil
	}))
}

// get reads a page.
func (r *rig) get(path string) answer {
	r.Helper()
	return r.send(httptest.NewRequestWithContext(r.Context(), "GET", "/"+path, nil))
}

// post sends a form as a browser without JavaScript does.
func (r *rig) post(path string, form url.Values) answer {
	r.Helper()
	req := httptest.NewRequestWithContext(r.Context(), "POST", "/"+path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.send(req)
}

// part sends a form as scout.js does, which asks for a part of the page.
func (r *rig) part(path string, form url.Values) answer {
	r.Helper()
	return r.send(partRequest(r.Context(), path, form))
}

func partRequest(ctx context.Context, path string, form url.Values) *http.Request {
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, values := range form {
		for _, v := range values {
			_ = m.WriteField(name, v) // to memory
		}
	}
	_ = m.Close()
	req := httptest.NewRequestWithContext(ctx, "POST", "/"+path, &body)
	req.Header.Set("Content-Type", m.FormDataContentType())
	req.Header.Set("X-Part", "1")
	return req
}

func (r *rig) send(req *http.Request) answer {
	r.Helper()
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	return read(r.T, w)
}
