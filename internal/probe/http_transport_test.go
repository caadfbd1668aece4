package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

// secureWeb serves HTTPS with a certificate of the authority, which the
// network trusts. configure may change the server before it starts.
func secureWeb(t testing.TB, configure func(*httptest.Server), handler http.HandlerFunc) (authority, network) {
	t.Helper()
	a := newAuthority(t, time.Now().Add(time.Hour))
	s := httptest.NewUnstartedServer(handler)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{a.issue(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // failed handshakes are wanted
	configure(s)
	s.StartTLS()
	t.Cleanup(s.Close)
	n := routed(s.Listener.Addr().String())
	n.roots = a.pool()
	return a, n
}

func (a authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw}))
}

// issueClient makes a client's certificate and its key, in PEM form.
func (a authority) issueClient(t testing.TB) (certificate, key string) {
	t.Helper()
	c, k := sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Probe"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, a)
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// sayProtocol answers with the version that the request was made in.
func sayProtocol(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }

func TestHTTPVersions(t *testing.T) {
	t.Parallel()
	_, secure1 := secureWeb(t, func(*httptest.Server) {}, sayProtocol)
	_, secure2 := secureWeb(t, func(s *httptest.Server) { s.EnableHTTP2 = true }, sayProtocol)
	plain2 := httptest.NewUnstartedServer(http.HandlerFunc(sayProtocol))
	plain2.Config.Protocols = new(http.Protocols)
	plain2.Config.Protocols.SetHTTP1(true)
	plain2.Config.Protocols.SetUnencryptedHTTP2(true)
	plain2.Start()
	t.Cleanup(plain2.Close)
	plainBoth := routed(plain2.Listener.Addr().String())
	tests := []struct {
		name, target, version string
		network               network
		spoken                string
		want                  string
	}{
		{"auto, 1.1 there", "https://www.example.com", "auto", secure1, "HTTP/1.1", "HTTP service answers on port 443 (200 OK)"},
		{"auto, 2 there", "https://www.example.com", "auto", secure2, "HTTP/2.0", "HTTP service answers on port 443 (200 OK)"},
		{"auto, unencrypted", "http://www.example.com", "auto", plainBoth, "HTTP/1.1", "HTTP service answers on port 80 (200 OK)"},
		{"1.1, 2 there", "https://www.example.com", "1.1", secure2, "HTTP/1.1", "HTTP service answers on port 443 (200 OK)"},
		{"2, 2 there", "https://www.example.com", "2", secure2, "HTTP/2.0", "HTTP service answers on port 443 (200 OK)"},
		{"2, 1.1 there", "https://www.example.com", "2", secure1, "", "HTTP service does not speak HTTP/2 on port 443"},
		{"2, nothing negotiated", "https://www.example.com", "2", unnegotiated(t), "", "HTTP service does not speak HTTP/2 on port 443"},
		{"2, unencrypted", "http://www.example.com", "2", plainBoth, "HTTP/2.0", "HTTP service answers on port 80 (200 OK)"},
		{"2, unencrypted 1.1 there", "http://www.example.com", "2", web(t, sayProtocol), "", "HTTP service does not speak HTTP/2 on port 80"},
		{"2, refused", "http://www.example.com", "2", routed(closedPort(t)), "", "HTTP service is not responding on port 80: connection refused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			level := scout.Down
			if tt.spoken != "" {
				level = scout.Up
			}
			r := observe(t, compileHTTP, scout.Check{Target: tt.target, Settings: scout.Settings{
				"http_version": tt.version, "expect": map[string]any{"body_contains": tt.spoken},
			}}, tt.network)
			expect(t, r, level, tt.want)
		})
	}
}

// unnegotiated is an HTTPS service that knows nothing of negotiated versions.
func unnegotiated(t *testing.T) network {
	t.Helper()
	a := newAuthority(t, time.Now().Add(time.Hour))
	certificate := a.issue(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	n := routed(serve(t, func(c net.Conn) {
		s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certificate}})
		_, _ = s.Read(make([]byte, 4096))
		_, _ = io.WriteString(s, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	}))
	n.roots = a.pool()
	return n
}

func TestHTTPFamily(t *testing.T) {
	t.Parallel()
	for family, want := range map[string]string{"any": "tcp", "ipv4": "tcp4", "ipv6": "tcp6"} {
		dialed := ""
		n := web(t, func(http.ResponseWriter, *http.Request) {})
		dial := n.dial
		n.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			dialed = network
			return dial(ctx, "tcp", address)
		}
		r := observe(t, compileHTTP, scout.Check{Target: "http://www.example.com/", Settings: scout.Settings{"family": family}}, n)
		expect(t, r, scout.Up, "HTTP service answers on port 80 (200 OK)")
		if dialed != want {
			t.Errorf("%s dials %s, want %s", family, dialed, want)
		}
	}
}

func TestHTTPFamilyWithoutAddress(t *testing.T) {
	t.Parallel()
	const notFound = 3
	settings := scout.Settings{"family": "ipv6"}
	unknown := observe(t, compileHTTP, scout.Check{Target: "http://www.example.com/", Settings: settings}, resolving(t, notFound))
	expect(t, unknown, scout.Down, "HTTP service is not responding on port 80: no IPv6 address is known for www.example.com")

	// The first dial reaches the service; the second is real, and refused
	// before anything is sent.
	n := web(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
	})
	dial := n.dial
	n.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == "192.0.2.1:80" {
			return new(net.Dialer).DialContext(ctx, network, address)
		}
		return dial(ctx, "tcp", address)
	}
	led := observe(t, compileHTTP, scout.Check{Target: "http://www.example.com/", Settings: settings}, n)
	expect(t, led, scout.Down, "HTTP service is not responding on port 80 (redirected to 192.0.2.1:80): no IPv6 address is known for 192.0.2.1")
}

// The authorities of ca are trusted in place of the system's, not beside them.
func TestHTTPAuthorities(t *testing.T) {
	t.Parallel()
	a, trusting := secureWeb(t, func(*httptest.Server) {}, func(http.ResponseWriter, *http.Request) {})
	other := newAuthority(t, time.Now().Add(time.Hour))
	distrusting := trusting
	distrusting.roots = other.pool()
	const up = "HTTP service answers on port 443 (200 OK)"
	const unknown = "HTTP service presents a certificate on port 443 that is from an unknown authority"
	tests := []struct {
		name    string
		network network
		ca      string
		level   scout.Level
		want    string
	}{
		{"none", distrusting, "", scout.Down, unknown},
		{"its own", distrusting, a.pem(), scout.Up, up},
		{"several", distrusting, "# ours\n" + other.pem() + "\n# theirs\n" + a.pem(), scout.Up, up},
		{"another", trusting, other.pem(), scout.Down, unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check := scout.Check{Target: "https://www.example.com/", Settings: scout.Settings{"ca": tt.ca}}
			expect(t, observe(t, compileHTTP, check, tt.network), tt.level, tt.want)
		})
	}
}

func TestHTTPClientCertificate(t *testing.T) {
	t.Parallel()
	a, n := secureWeb(t, func(s *httptest.Server) { s.TLS.ClientAuth = tls.RequireAnyClientCert }, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	})
	certificate, key := a.issueClient(t)
	check := scout.Check{Target: "https://www.example.com/", Settings: scout.Settings{
		"client_certificate": certificate, "client_key": key, "expect": map[string]any{"body_contains": "Probe"},
	}}
	expect(t, observe(t, compileHTTP, check, n), scout.Up, "HTTP service answers on port 443 (200 OK)")

	check.Settings = nil
	expect(t, observe(t, compileHTTP, check, n), scout.Down, "HTTP service does not answer properly on port 443: the TLS handshake failed")
}

func TestHTTPTransportFaults(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, time.Now().Add(time.Hour))
	certificate, key := a.issueClient(t)
	_, otherKey := a.issueClient(t)
	half := certificate[:len(certificate)/2]
	damaged := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("hush")}))
	const passphrase = "write a private key in PEM form, without a passphrase"
	tests := []struct {
		name     string
		settings scout.Settings
		field    string
		value    string
		message  string
	}{
		{"version", scout.Settings{"http_version": "3"}, "http_version", "3", "use one of auto, 1.1, 2"},
		{"family", scout.Settings{"family": "ipx"}, "family", "ipx", "use one of any, ipv4, ipv6"},
		{"redirects", scout.Settings{"redirects": "some"}, "redirects", "some", "use one of follow, none, same_host"},
		{"no PEM", scout.Settings{"ca": "/etc/hush.pem"}, "ca", "", "write certificates in PEM form, from -----BEGIN CERTIFICATE----- on"},
		{"cut off", scout.Settings{"ca": certificate + half}, "ca", "", "a PEM block in it is cut off or damaged: copy it again"},
		{"damaged", scout.Settings{"ca": damaged}, "ca", "", "a certificate in it is damaged: copy it again"},
		{"a key", scout.Settings{"ca": certificate + key}, "ca", "", "only certificates can stand here: remove the other PEM blocks"},
		{"no key", scout.Settings{"client_certificate": certificate}, "client_key", "", "is missing: client_certificate needs its key"},
		{"no certificate", scout.Settings{"client_key": key}, "client_certificate", "", "is missing: client_key needs its certificate"},
		{"no PEM certificate", scout.Settings{"client_certificate": "hush", "client_key": key}, "client_certificate", "", "write certificates in PEM form, from -----BEGIN CERTIFICATE----- on"},
		{"no PEM key", scout.Settings{"client_certificate": certificate, "client_key": "hush"}, "client_key", "", passphrase},
		{"certificate for a key", scout.Settings{"client_certificate": certificate, "client_key": certificate}, "client_key", "", passphrase},
		{"another's key", scout.Settings{"client_certificate": certificate, "client_key": otherKey}, "client_key", "", "does not belong to the first certificate in client_certificate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := compileHTTP(scout.Target{Check: scout.Check{Target: "https://www.example.com/", Settings: tt.settings}}, systemNetwork())
			expectFault(t, err, scout.FieldError{Field: tt.field, Value: tt.value, Message: tt.message})
		})
	}
}

func TestHTTPFamilyOfAddress(t *testing.T) {
	t.Parallel()
	const is4, is6 = "the target is an IPv4 address: use any or ipv4", "the target is an IPv6 address: use any or ipv6"
	tests := []struct{ host, family, want string }{
		{"192.0.2.1", "any", ""},
		{"192.0.2.1", "ipv4", ""},
		{"192.0.2.1", "ipv6", is4},
		{"[::ffff:192.0.2.1]", "ipv4", ""},
		{"[::ffff:192.0.2.1]", "ipv6", is4},
		{"[2001:db8::1]", "ipv4", is6},
		{"[2001:db8::1]", "ipv6", ""},
		{"www.example.com", "ipv6", ""},
	}
	for _, tt := range tests {
		_, err := compileHTTP(scout.Target{Check: scout.Check{
			Target: "https://" + tt.host + "/", Settings: scout.Settings{"family": tt.family},
		}}, systemNetwork())
		if tt.want != "" {
			expectFault(t, err, scout.FieldError{Field: "family", Value: tt.family, Message: tt.want})
		} else if err != nil {
			t.Errorf("%s, %s: %v", tt.host, tt.family, err)
		}
	}
}

// expectFault compares the only fault there is; nothing in it may be a secret.
func expectFault(t *testing.T, err error, want scout.FieldError) {
	t.Helper()
	got := faultsOf(t, err)
	if len(got) != 1 || got[0] != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if strings.Contains(err.Error(), "hush") {
		t.Errorf("the error gives something away: %s", err)
	}
}
