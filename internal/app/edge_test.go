package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"serverscout/internal/app/config"
	"serverscout/internal/deliver"
	"serverscout/internal/scout"
)

// running starts a server on a free port and makes a token for it.
func running(t *testing.T, c config.Config) (a *App, token string) {
	t.Helper()
	c.Listen, c.Data = "127.0.0.1:0", filepath.Join(t.TempDir(), "data")
	c.Delivery = config.Delivery{Retry: deliver.DefaultRetry, GiveUpAfter: deliver.DefaultGiveUpAfter}
	a, err := Start(t.Context(), c, Options{Version: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
	})
	var out bytes.Buffer
	if err := CreateToken(t.Context(), &out, c, "test", string(scout.Admin)); err != nil {
		t.Fatal(err)
	}
	return a, strings.TrimSpace(out.String())
}

// behind is a proxy in front of the server; with prefix, it takes that away.
func behind(t *testing.T, a *App, prefix string) *httptest.Server {
	t.Helper()
	target, err := url.Parse(a.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.SetXForwarded()
	}}
	server := httptest.NewServer(http.StripPrefix(prefix, proxy))
	t.Cleanup(server.Close)
	return server
}

// send makes a request with the token and returns the answer, whose redirects
// are not followed; the caller closes its body.
func send(t *testing.T, method, address, token, body string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// TestSubPath asks a server below its path: by itself, behind a proxy that
// passes the path on, and behind one that takes it away.
func TestSubPath(t *testing.T) {
	t.Parallel()
	c := config.Config{PublicURL: "https://example.com/scout", TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	a, token := running(t, c)
	for name, base := range map[string]string{
		"itself":        a.URL(),
		"passed-on":     behind(t, a, "").URL,
		"stripped-path": behind(t, a, "/scout").URL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := send(t, "POST", base+"/scout/api/v1/servers", token, `{"name":"`+name+`"}`)
			at := made.Header.Get("Location")
			if made.StatusCode != http.StatusCreated || !strings.HasPrefix(at, "/scout/api/v1/servers/") {
				t.Fatalf("made: %s at %q", made.Status, at)
			}
			if got := send(t, "GET", base+at, token, ""); got.StatusCode != http.StatusOK {
				t.Errorf("at its location: %s", got.Status)
			}
			var document struct{ Servers []struct{ URL string } }
			if err := json.NewDecoder(send(t, "GET", base+"/scout/api/v1/openapi.json", "", "").Body).Decode(&document); err != nil {
				t.Fatal(err)
			}
			if len(document.Servers) != 1 || document.Servers[0].URL != "/scout" {
				t.Errorf("the document's servers are %v", document.Servers)
			}
		})
	}
	if got := send(t, "GET", a.URL()+"/scout", "", ""); got.StatusCode != http.StatusTemporaryRedirect || got.Header.Get("Location") != "/scout/" {
		t.Errorf("without its slash: %s to %q", got.Status, got.Header.Get("Location"))
	}
	if got := send(t, "GET", a.URL()+"/api/v1/servers", token, ""); got.StatusCode != http.StatusOK {
		t.Errorf("without its path: %s", got.Status)
	}
}

// TestStreamThroughAProxy follows what happens below a path, through a proxy.
func TestStreamThroughAProxy(t *testing.T) {
	t.Parallel()
	a, token := running(t, config.Config{PublicURL: "https://example.com/scout"})
	base := behind(t, a, "/scout").URL + "/scout/api/v1"
	stream := send(t, "GET", base+"/stream", token, "")
	send(t, "POST", base+"/servers", token, `{"name":"web-server-01"}`)
	for lines := bufio.NewScanner(stream.Body); ; {
		if !lines.Scan() {
			t.Fatalf("the stream ended: %v", lines.Err())
		}
		if lines.Text() == "event: configuration" {
			return
		}
	}
}

func TestReloadSaysWhatTakesARestart(t *testing.T) {
	t.Parallel()
	now := config.Config{
		Listen: "127.0.0.1:8080", Data: "/data", PublicURL: "https://example.com/scout",
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	}
	tests := map[string]struct {
		change func(*config.Config)
		says   string // "" for nothing
	}{
		"nothing":    {func(*config.Config) {}, ""},
		"the host":   {func(c *config.Config) { c.PublicURL = "https://other.example.com/scout" }, ""},
		"the path":   {func(c *config.Config) { c.PublicURL = "https://example.com" }, `"the path of public_url"`},
		"the proxy":  {func(c *config.Config) { c.TrustedProxies = nil }, "trusted_proxies"},
		"TLS":        {func(c *config.Config) { c.TLS = config.TLS{CertFile: "/a", KeyFile: "/b"} }, "tls"},
		"the places": {func(c *config.Config) { c.Listen, c.Data = ":1", "/other" }, `"listen, data"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			a := &App{log: slog.New(slog.NewTextHandler(&log, nil)), config: now, root: now.Root()}
			next := now
			tt.change(&next)
			got := a.keepFixed(next)
			if said := log.Len() > 0; said != (tt.says != "") || !strings.HasSuffix(strings.TrimSpace(log.String()), tt.says) {
				t.Errorf("the log says %q, want %q", &log, tt.says)
			}
			got.PublicURL = now.PublicURL // which alone is taken over
			if !reflect.DeepEqual(got, now) {
				t.Errorf("it counts as taken over: %+v", got)
			}
		})
	}
}

// TestHTTPS looks at the handshake: HTTP/2 is spoken, and nothing below TLS 1.2.
func TestHTTPS(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "scout.pem")
	writeCertificate(t, file)
	a, _ := running(t, config.Config{TLS: config.TLS{CertFile: file, KeyFile: file}})
	address := a.listener.Addr().String()
	dial := func(most uint16) (*tls.Conn, error) {
		return tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS10, MaxVersion: most})
	}
	for _, most := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		conn, err := dial(most)
		if err != nil {
			t.Fatal(err)
		}
		if s := conn.ConnectionState(); s.Version != most || s.NegotiatedProtocol != "h2" {
			t.Errorf("with %s at most: %s, %q", tls.VersionName(most), tls.VersionName(s.Version), s.NegotiatedProtocol)
		}
		conn.Close()
	}
	if conn, err := dial(tls.VersionTLS11); err == nil {
		conn.Close()
		t.Error("TLS 1.1 is spoken")
	}
	if a.URL() != "https://"+address {
		t.Errorf("URL = %s", a.URL())
	}
}

func TestStartRefusesABadCertificate(t *testing.T) {
	t.Parallel()
	c := config.Config{Listen: "127.0.0.1:0", Data: t.TempDir(), TLS: config.TLS{CertFile: "/none.pem", KeyFile: "/none.pem"}}
	if _, err := Start(t.Context(), c, Options{Log: slog.New(slog.DiscardHandler)}); err == nil || !strings.Contains(err.Error(), "/none.pem") {
		t.Errorf("error = %v", err)
	}
}

// writeCertificate puts a self-signed certificate for 127.0.0.1 and its key
// into one file.
func writeCertificate(t *testing.T, file string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
