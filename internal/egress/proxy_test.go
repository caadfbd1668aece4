package egress

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

// password is the proxy's in these tests. It must come up nowhere.
const password = "hunter2/hunter2"

// testProxy is a real forward proxy.
type testProxy struct {
	to       string      // where everything is passed on to; "": as asked
	status   int         // answered in the place of everything; 0: none
	asked    chan string // requests, as "METHOD target authorization"
	credited string      // the Proxy-Authorization that it wants; "": none
}

// newTestProxy makes a proxy with credentials ada and password.
func newTestProxy(to string) *testProxy {
	return &testProxy{
		to: to, asked: make(chan string, 100),
		credited: "Basic " + base64.StdEncoding.EncodeToString([]byte("ada:"+password)),
	}
}

func (p *testProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.asked <- r.Method + " " + r.RequestURI
	switch {
	case r.Header.Get("Proxy-Authorization") != p.credited:
		w.WriteHeader(http.StatusProxyAuthRequired)
	case p.status != 0:
		w.WriteHeader(p.status)
		io.WriteString(w, "you sent "+r.Header.Get("Proxy-Authorization")+" for "+password)
	case r.Method == http.MethodConnect:
		p.tunnel(w, r)
	default:
		p.forward(w, r)
	}
}

func (p *testProxy) target(r *http.Request) string {
	if p.to != "" {
		return p.to
	}
	return r.Host
}

func (p *testProxy) tunnel(w http.ResponseWriter, r *http.Request) {
	upstream, err := net.Dial("tcp", p.target(r))
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err) // over HTTP/2
	}
	io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	splice(conn, upstream)
}

func (p *testProxy) forward(w http.ResponseWriter, r *http.Request) {
	upstream, err := net.Dial("tcp", p.target(r))
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer upstream.Close()
	r.Header.Del("Proxy-Authorization")
	if err := r.Write(upstream); err != nil {
		return
	}
	resp, err := http.ReadResponse(bufio.NewReader(upstream), r)
	if err != nil {
		return
	}
	w.WriteHeader(resp.StatusCode)
	io.Copy(w, resp.Body)
}

// splice passes bytes on, both ways, until one end is closed.
func splice(a, b net.Conn) {
	go func() {
		defer a.Close()
		io.Copy(a, b)
	}()
	defer b.Close()
	io.Copy(b, a)
}

// throughProxy is the configuration of a proxy at an address.
func throughProxy(scheme, address string) scout.Secret {
	return scout.NewSecret(scheme + "://ada:hunter2%2Fhunter2@" + address)
}

// receiver runs an HTTPS server for hooks.example.com, which speaks HTTP/2,
// and returns the authority of its certificate.
func receiver(t *testing.T) (address string, roots *x509.CertPool) {
	t.Helper()
	now := time.Now()
	_, ca := (*authority)(nil).issue(t, x509.Certificate{
		IsCA: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
	})
	leaf, _ := ca.issue(t, x509.Certificate{
		DNSNames: []string{"hooks.example.com"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(90 * 24 * time.Hour),
	})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Host+" "+r.Header.Get("Proxy-Authorization"))
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{leaf}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	roots, err := LoadCAs([]string{writeFile(t, pemOf("CERTIFICATE", ca.cert.Raw))})
	if err != nil {
		t.Fatal(err)
	}
	return server.Listener.Addr().String(), roots
}

func TestHTTPSThroughAProxy(t *testing.T) {
	t.Parallel()
	address, known := receiver(t)
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			roots := known.Clone()
			p := newTestProxy(address)
			server := httptest.NewUnstartedServer(p)
			if scheme == "https" {
				server.EnableHTTP2 = true // offered, and not to be taken up
				server.StartTLS()
				roots.AddCert(server.Certificate())
			} else {
				server.Start()
			}
			t.Cleanup(server.Close)
			at := server.Listener.Addr().String()
			c := newTestClient(t, Options{Proxy: throughProxy(scheme, at), RootCAs: roots})
			// The name resolves nowhere but at the proxy.
			resp, err := c.Do(t.Context(), scout.Request{URL: "https://hooks.example.com/x?secret"}, PublicOnly)
			if err != nil || string(resp.Body) != "hooks.example.com " || resp.Address != at || resp.Proto != "HTTP/2.0" {
				t.Fatalf("got %q over %s from %s, %v", resp.Body, resp.Proto, resp.Address, err)
			}
			if asked := <-p.asked; asked != "CONNECT hooks.example.com:443" {
				t.Errorf("the proxy was asked for %q", asked)
			}
		})
	}
}

func TestHTTPThroughAProxy(t *testing.T) {
	t.Parallel()
	origin := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host+r.RequestURI) })
	p := newTestProxy(origin.Listener.Addr().String())
	server := serve(t, p.ServeHTTP)
	at := server.Listener.Addr().String()
	c := newTestClient(t, Options{Proxy: throughProxy("http", at)})
	resp, err := c.Do(t.Context(), scout.Request{URL: "http://hooks.example.com/x"}, PublicOnly)
	if err != nil || string(resp.Body) != "hooks.example.com/x" || resp.Address != at {
		t.Fatalf("got %q from %s, %v", resp.Body, resp.Address, err)
	}
	if asked := <-p.asked; asked != "POST http://hooks.example.com/x" {
		t.Errorf("the proxy was asked for %q", asked)
	}
}

func TestProxyIsDialledFromTheSource(t *testing.T) {
	t.Parallel()
	needsLoopbackRange(t)
	origin := make(chan string, 1)
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { origin <- r.RemoteAddr })
	c := newTestClient(t, Options{Proxy: scout.NewSecret(server.URL), Source: []string{"127.0.0.2"}})
	if _, err := c.Do(t.Context(), scout.Request{URL: "http://hooks.example.com/"}, PublicOnly); err != nil {
		t.Fatal(err)
	}
	if got := <-origin; !strings.HasPrefix(got, "127.0.0.2:") {
		t.Errorf("the proxy was dialled from %s", got)
	}
}

func TestFaultsOfTheProxy(t *testing.T) {
	t.Parallel()
	address, roots := receiver(t)
	answering := func(status int) string {
		p := newTestProxy(address)
		p.status = status
		return serve(t, p.ServeHTTP).Listener.Addr().String()
	}
	credited := newTestProxy(address)
	credited.credited = "Basic other"
	other := serve(t, credited.ServeHTTP).Listener.Addr().String()
	saying := func(text string) string {
		return listen(t, func(_ int, conn net.Conn) {
			readRequest(bufio.NewReader(conn))
			io.WriteString(conn, text)
		})
	}
	// The near end of a connection: a port in use on which nobody listens.
	deaf, err := net.Dial("tcp", listen(t, func(_ int, conn net.Conn) { io.Copy(io.Discard, conn) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { deaf.Close() })
	const name = "hooks.example.com:443"
	tests := []struct {
		name    string
		proxy   string
		url     string
		fault   scout.Fault
		message string // PROXY stands for the proxy's address
	}{
		{"refused", deaf.LocalAddr().String(), "https", scout.FaultRefused, "the proxy PROXY refused the connection; check egress.proxy, and that the proxy runs"},
		{"other credentials", other, "https", scout.FaultMisconfigured, "the proxy PROXY wants other credentials (status 407); check the user and the password in egress.proxy"},
		{"other credentials for HTTP", other, "http", scout.FaultMisconfigured, "the proxy PROXY wants other credentials (status 407); check the user and the password in egress.proxy"},
		{"forbidden", answering(403), "https", scout.FaultMisconfigured, "the proxy PROXY would not connect to " + name + " (status 403); check what it allows"},
		{"redirect", answering(302), "https", scout.FaultStatus, "the proxy PROXY would not connect to " + name + " (status 302)"},
		{"a success that is none", answering(204), "https", scout.FaultStatus, "the proxy PROXY would not connect to " + name + " (status 204)"},
		{"failed", answering(500), "https", scout.FaultServerError, "the proxy PROXY would not connect to " + name + " (status 500)"},
		{"bad gateway", answering(502), "https", scout.FaultUnreachable, "the proxy PROXY could not connect to " + name + " (status 502); check the name, the port and the network behind the proxy"},
		{"unavailable", answering(503), "https", scout.FaultUnreachable, "the proxy PROXY could not connect to " + name + " (status 503)"},
		{"gateway timeout", answering(504), "https", scout.FaultTimeout, "the proxy PROXY could not connect to " + name + " (status 504)"},
		{"closed", saying(""), "https", scout.FaultReset, "the proxy PROXY closed the connection before it had connected to " + name},
		{"no HTTP", saying("220 " + password + "\r\n\r\n"), "https", scout.FaultProtocol, "the proxy PROXY made no connection to " + name + `: malformed HTTP status code "` + scout.Masked + `"`},
		{
			"the receiver's certificate", serve(t, newTestProxy(address).ServeHTTP).Listener.Addr().String(), "https://other.example.com",
			scout.FaultCertName, "the certificate of other.example.com is for hooks.example.com; use a name that it covers, or have it issued for this one (through the proxy PROXY)",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newTestClient(t, Options{Proxy: throughProxy("http", test.proxy), RootCAs: roots})
			url := test.url
			if !strings.Contains(url, "://") {
				url += "://hooks.example.com"
			}
			_, err := c.Do(t.Context(), scout.Request{URL: url}, PublicOnly)
			e := wantFault(t, err, test.fault)
			if want := strings.ReplaceAll(test.message, "PROXY", test.proxy); !strings.HasPrefix(e.Message, want) || e.Address != test.proxy {
				t.Errorf("got %q at %q,\nwant %q at %q", e.Message, e.Address, want, test.proxy)
			}
		})
	}
}

func TestFaultsOfTheProxysTLS(t *testing.T) {
	t.Parallel()
	quiet := func(h http.HandlerFunc) *httptest.Server {
		server := httptest.NewUnstartedServer(h)
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		return server
	}
	tests := []struct {
		name, proxy string
		fault       scout.Fault
		message     string
	}{
		{"unknown authority", quiet(newTestProxy("").ServeHTTP).Listener.Addr().String(), scout.FaultCertSelf, "the certificate of the proxy PROXY is self-signed"},
		{"none", serve(t, newTestProxy("").ServeHTTP).Listener.Addr().String(), scout.FaultNotTLS, "the proxy PROXY does not speak TLS; write http:// in egress.proxy if it has none"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newTestClient(t, Options{Proxy: throughProxy("https", test.proxy)})
			_, err := c.Do(t.Context(), scout.Request{URL: "https://hooks.example.com/"}, PublicOnly)
			e := wantFault(t, err, test.fault)
			if want := strings.ReplaceAll(test.message, "PROXY", test.proxy); !strings.HasPrefix(e.Message, want) || e.Address != test.proxy {
				t.Errorf("got %q at %q, want %q", e.Message, e.Address, want)
			}
		})
	}
}

func TestDeadlineCoversTheProxy(t *testing.T) {
	t.Parallel()
	hang := inMemory(func(_ int, conn net.Conn) { io.Copy(io.Discard, conn) })
	tests := []struct {
		name, proxy, url string
		dial             dialFunc
		message          string
	}{
		{"no connection", "http://p:1", "https://example.com/", func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, "no connection to the proxy p:1 within 10 s; check egress.proxy and firewalls"},
		{"no handshake with the proxy", "https://p:1", "https://example.com/", hang, "no connection to the proxy p:1 within 10 s; check egress.proxy and firewalls"},
		{"no answer to CONNECT", "http://p:1", "https://example.com/", hang, "no connection to the proxy p:1 within 10 s; check egress.proxy and firewalls"},
		{"no answer to a request", "http://p:1", "http://example.com/", hang, "no answer from example.com within 10 s; let it answer at once and do its work afterwards (through the proxy p:1)"},
		{"no handshake with the receiver", "http://p:1", "https://example.com/", inMemory(func(_ int, conn net.Conn) {
			readRequest(bufio.NewReader(conn))
			io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			io.Copy(io.Discard, conn)
		}), "no connection to example.com on port 443 within 10 s; check the name, the port and firewalls (through the proxy p:1)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newTestClient(t, Options{Proxy: scout.NewSecret(test.proxy), Dial: test.dial})
				start := time.Now()
				_, err := c.Do(t.Context(), scout.Request{URL: test.url}, PublicOnly)
				e := wantFault(t, err, scout.FaultTimeout)
				if took := time.Since(start); took != 10*time.Second || e.Message != test.message {
					t.Errorf("after %s got %q, want %q", took, e.Message, test.message)
				}
			})
		})
	}
}

func TestDeadlineOverConnectOnSockets(t *testing.T) {
	t.Parallel()
	address := listen(t, func(_ int, conn net.Conn) { io.Copy(io.Discard, conn) })
	c := newTestClient(t, Options{Proxy: throughProxy("http", address), Timeout: 100 * time.Millisecond})
	_, err := c.Do(t.Context(), scout.Request{URL: "https://hooks.example.com/"}, PublicOnly)
	e := wantFault(t, err, scout.FaultTimeout)
	if want := "the proxy " + address + " did not connect to hooks.example.com:443 within 0.1 s"; !strings.HasPrefix(e.Message, want) || e.Address != address {
		t.Errorf("got %q at %q, want %q", e.Message, e.Address, want)
	}
}

func TestPolicyWithAProxy(t *testing.T) {
	t.Parallel()
	tests := []struct {
		host    string
		allow   []string
		trust   Trust
		refused string // "": passed to the proxy
	}{
		{"hooks.example.com", nil, PublicOnly, ""},
		{"hooks.internal", nil, PublicOnly, ""},
		{"93.184.216.34", nil, PublicOnly, ""},
		{"10.0.0.1", nil, PublicOnly, "10.0.0.1 is a private address, which webhooks may not reach; allow it with egress.allow: [10.0.0.1/32]"},
		{"10.0.0.1", []string{"10.0.0.0/8"}, PublicOnly, ""},
		{"10.0.0.1", nil, TrustPrivate, ""},
		{"[::1]", nil, PublicOnly, "::1 is a loopback address"},
		{"127.1", nil, PublicOnly, "127.1 is an IP address in a spelling"},
		{"169.254.169.254", nil, TrustPrivate, "169.254.169.254 is a link-local address"},
		{"localhost", nil, PublicOnly, "localhost resolves to 127.0.0.1, a loopback address, which webhooks may not reach; allow it with egress.allow: [localhost] or [127.0.0.1/32]"},
		{"LocalHost.", nil, PublicOnly, "LocalHost. resolves to 127.0.0.1"},
		{"a.localhost", nil, PublicOnly, "a.localhost resolves to 127.0.0.1"},
		{"a.localhost.", nil, PublicOnly, "a.localhost. resolves to 127.0.0.1"},
		{"localhost", []string{"localhost"}, PublicOnly, ""},
		{"a.localhost", []string{"a.localhost"}, PublicOnly, ""},
		{"a.localhost", []string{"localhost"}, PublicOnly, "a.localhost resolves to 127.0.0.1"},
		{"localhost", []string{"127.0.0.0/8"}, PublicOnly, ""},
		{"localhost", nil, TrustPrivate, ""},
		{"notlocalhost", nil, PublicOnly, ""},
		{"１２７.0.0.1", nil, PublicOnly, "the host １２７.0.0.1 cannot be judged before it reaches the proxy; write it in its xn-- form"},
		{"ⓛocalhost", nil, PublicOnly, "the host ⓛocalhost cannot be judged"},
	}
	for _, test := range tests {
		for _, scheme := range []string{"http", "https"} {
			t.Run(scheme+" "+test.host, func(t *testing.T) {
				t.Parallel()
				dialled := make(chan string, 1)
				c := newTestClient(t, Options{
					Allow: test.allow, Proxy: scout.NewSecret("http://127.0.0.1:3128"),
					Dial: func(_ context.Context, _, address string) (net.Conn, error) {
						dialled <- address
						return nil, net.ErrClosed
					},
				})
				_, err := c.Do(t.Context(), scout.Request{URL: scheme + "://" + test.host + "/"}, test.trust)
				if test.refused == "" {
					wantFault(t, err, scout.FaultOther)
					if got := <-dialled; got != "127.0.0.1:3128" {
						t.Errorf("dialled %s", got)
					}
					return
				}
				e := wantFault(t, err, scout.FaultAddressRefused)
				if !strings.HasPrefix(e.Message, test.refused) || len(dialled) > 0 {
					t.Errorf("got %q, %d dials, want %q", e.Message, len(dialled), test.refused)
				}
			})
		}
	}
}

func TestProxysPasswordIsInNoAnswer(t *testing.T) {
	t.Parallel()
	p := newTestProxy("")
	p.status = 502
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Seen", r.Header.Get("Proxy-Authorization"))
		p.ServeHTTP(w, r)
	})
	c := newTestClient(t, Options{Proxy: throughProxy("http", server.Listener.Addr().String())})
	resp, err := c.Do(t.Context(), scout.Request{URL: "http://hooks.example.com/"}, PublicOnly)
	if err != nil || resp.Status != 502 {
		t.Fatalf("got %d, %v", resp.Status, err)
	}
	shown := string(resp.Body) + resp.Header.Get("X-Seen")
	if strings.Contains(shown, password) || strings.Contains(shown, p.credited) || !strings.Contains(shown, scout.Masked) {
		t.Errorf("got %q", shown)
	}
}

func TestHideLeavesOtherAnswersAlone(t *testing.T) {
	t.Parallel()
	p, err := parseProxy("http://ada:hunter2@proxy.internal")
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]string{"\xff ok": "\xff ok", "\xff hunter2": "\uFFFD " + scout.Masked} {
		resp := scout.Response{Body: []byte(body)}
		if p.hide(&resp); string(resp.Body) != want {
			t.Errorf("%q became %q, want %q", body, resp.Body, want)
		}
	}
}

func TestCheckProxy(t *testing.T) {
	t.Parallel()
	tests := []struct{ url, dialled, fault string }{
		{"http://proxy.internal:3128", "proxy.internal:3128", ""},
		{"http://proxy.internal", "proxy.internal:80", ""},
		{"https://proxy.internal/", "proxy.internal:443", ""},
		{"HTTP://u:p%40ss@10.0.0.1:3128", "10.0.0.1:3128", ""},
		{"socks5://[::1]", "[::1]:1080", ""},
		{"socks5h://u@localhost", "localhost:1080", ""},
		{"", "", "is empty"},
		{"proxy.internal:3128", "", "must begin with http://"},
		{"ftp://secretpw@proxy.internal", "", "must begin with http://"},
		{"http://", "", "names no host"},
		{"http://u:secretpw@", "", "names no host"},
		{"http://u:secret pw@proxy.internal", "", "cannot be read"},
		{"http://u:secretpw/x@proxy.internal", "", "cannot be read"},
		{"http://u:p@secretpw:x", "", "cannot be read"},
		{"http://u@secretpw?x@proxy.internal", "", "must end after host and port"},
		{"http://proxy.internal#secretpw", "", "must end after host and port"},
		{"http://proxy.internal/secretpw", "", "must end after host and port"},
		{"http://u@secretpw..x", "", "must be a host name"},
		{"http://127.1:3128", "", "must be a host name"},
		{"http://pröxy.internal:3128", "", "must be a host name"},
		{"http://proxy.internal:0", "", "must be a number"},
		{"http://proxy.internal:", "", "must be a number"},
	}
	for _, test := range tests {
		t.Run(test.url, func(t *testing.T) {
			t.Parallel()
			p, err := parseProxy(test.url)
			if test.fault == "" {
				if err != nil || p.url.Host != test.dialled {
					t.Fatalf("got %+v, %v", p, err)
				}
				return
			}
			if err := CheckProxy(test.url); err == nil || !strings.Contains(err.Error(), test.fault) || scout.CodeOf(err) != scout.Invalid {
				t.Fatalf("got %v, want %q", err, test.fault)
			}
			if strings.Contains(err.Error(), "secretpw") {
				t.Errorf("%q holds a secret", err)
			}
		})
	}
}

// A refusal is a fixed sentence, and what is accepted can be dialled.
func FuzzCheckProxy(f *testing.F) {
	for _, seed := range []string{"http://u:p@h:1", "https://[::1%25lo]", "socks5://h", "http://h/?#", "http://u:p@h:1@x", "://", "http://%zz"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := parseProxy(raw)
		if err != nil {
			if raw != "" && len(raw) > 12 && strings.Contains(err.Error(), raw) {
				t.Errorf("%q is repeated in %q", raw, err)
			}
			return
		}
		host, port, err := net.SplitHostPort(p.url.Host)
		if err != nil || port == "" || !isAddress(host) && !isHostName(host) {
			t.Errorf("%q gives %q", raw, p.url.Host)
		}
	})
}

func TestNewNamesEverySetting(t *testing.T) {
	t.Parallel()
	_, err := New(Options{Allow: []string{"*"}, Source: []string{"eth0"}, Proxy: scout.NewSecret("ftp://u:hunter2@h")})
	if scout.CodeOf(err) != scout.Invalid {
		t.Fatalf("got %v", err)
	}
	for _, field := range []string{"egress.allow[0]: ", "egress.source[0]: ", "egress.proxy: "} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("%q lacks %q", err, field)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%q holds the password", err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	if got := newTestClient(t, Options{}).Limits(); got != "" {
		t.Errorf("without a proxy: %q", got)
	}
	got := newTestClient(t, Options{Proxy: throughProxy("http", "proxy.internal")}).Limits()
	want := "Webhook requests go through the proxy proxy.internal:80: receivers see its address, and the address policy judges addresses that stand in a webhook's URL, but not those that the proxy resolves a host name to."
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// socks runs a SOCKS5 proxy that passes every connection on to an address, if
// user and password are right.
func socks(t *testing.T, to string, asked chan<- string) (address string) {
	t.Helper()
	read := func(r *bufio.Reader, n int) string {
		b := make([]byte, n)
		_, _ = io.ReadFull(r, b)
		return string(b)
	}
	text := func(r *bufio.Reader) string { return read(r, int(read(r, 1)[0])) }
	return listen(t, func(_ int, conn net.Conn) {
		r := bufio.NewReader(conn)
		read(r, 1)
		text(r) // the methods offered
		conn.Write([]byte{5, 2})
		read(r, 1)
		if user, given := text(r), text(r); user != "ada" || given != password {
			conn.Write([]byte{1, 1})
			return
		}
		conn.Write([]byte{1, 0})
		read(r, 4)
		asked <- text(r)
		read(r, 2)
		upstream, err := net.Dial("tcp", to)
		if err != nil {
			conn.Write([]byte{5, 4, 0, 1, 0, 0, 0, 0, 0, 0})
			return
		}
		conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		splice(conn, upstream)
	})
}

func TestThroughASOCKSProxy(t *testing.T) {
	t.Parallel()
	address, roots := receiver(t)
	asked := make(chan string, 3)
	proxy := socks(t, address, asked)
	for _, scheme := range []string{"socks5", "socks5h"} {
		c := newTestClient(t, Options{Proxy: throughProxy(scheme, proxy), RootCAs: roots})
		resp, err := c.Do(t.Context(), scout.Request{URL: "https://hooks.example.com/"}, PublicOnly)
		if err != nil || string(resp.Body) != "hooks.example.com " || resp.Address != proxy {
			t.Fatalf("got %q from %s, %v", resp.Body, resp.Address, err)
		}
		if got := <-asked; got != "hooks.example.com" {
			t.Errorf("the proxy was asked for %q", got)
		}
	}
	c := newTestClient(t, Options{Proxy: scout.NewSecret("socks5://ada:wrong-password@" + proxy)})
	_, err := c.Do(t.Context(), scout.Request{URL: "https://hooks.example.com/"}, PublicOnly)
	e := wantFault(t, err, scout.FaultOther)
	want := "the proxy " + proxy + " made no connection to hooks.example.com:443: "
	if !strings.HasPrefix(e.Message, want) || strings.Contains(e.Message, "wrong-password") {
		t.Errorf("got %q, want %q", e.Message, want)
	}
	closed := socks(t, "127.0.0.1:1", asked)
	_, err = newTestClient(t, Options{Proxy: throughProxy("socks5", closed)}).Do(t.Context(), scout.Request{URL: "http://hooks.example.com/"}, PublicOnly)
	if e := wantFault(t, err, scout.FaultOther); !strings.Contains(e.Message, "host unreachable") {
		t.Errorf("got %q", e.Message)
	}
}

// TestRepeatedRequestIsExplainedByItsLastConnection has a proxy that closes a
// connection at its second request and is gone at the next dial.
func TestRepeatedRequestIsExplainedByItsLastConnection(t *testing.T) {
	t.Parallel()
	var dials atomic.Int32
	once := inMemory(func(_ int, conn net.Conn) {
		r := bufio.NewReader(conn)
		readRequest(r)
		io.WriteString(conn, okAnswer)
		readRequest(r)
	})
	c := newTestClient(t, Options{
		Proxy: scout.NewSecret("http://p:1"),
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials.Add(1) > 1 {
				return nil, syscall.ECONNREFUSED
			}
			return once(ctx, network, address)
		},
	})
	request := scout.Request{URL: "http://hooks.example.com/"}
	if _, err := c.Do(t.Context(), request, PublicOnly); err != nil {
		t.Fatal(err)
	}
	_, err := c.Do(t.Context(), request, PublicOnly)
	if e := wantFault(t, err, scout.FaultRefused); !strings.HasPrefix(e.Message, "the proxy p:1 refused the connection") {
		t.Errorf("got %q", e.Message)
	}
}
