package probe

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

// demanding is a TLS 1.2 service that ends the handshake of a client without
// a certificate, with the authority of its own.
func demanding(t *testing.T) (authority, network) {
	t.Helper()
	a := newAuthority(t, time.Now().Add(time.Hour))
	certificate := a.issue(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	return a, routed(serve(t, func(c net.Conn) {
		s := tls.Server(c, &tls.Config{
			Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12,
		})
		if s.Handshake() == nil {
			untilClosed(s)
		}
	}))
}

func TestTLSConnection(t *testing.T) {
	t.Parallel()
	a, n := demanding(t)
	certificate, key := a.issueClient(t)
	const notKnown = "TLS certificate is from an unknown authority"
	const failed = "TLS certificate cannot be checked on port 443: the TLS handshake failed"
	tests := []struct {
		name     string
		settings scout.Settings
		want     string
	}{
		{"everything", scout.Settings{"ca": a.pem(), "client_certificate": certificate, "client_key": key}, ""},
		{"no client certificate", scout.Settings{"ca": a.pem()}, failed},
		{"no authority", scout.Settings{"client_certificate": certificate, "client_key": key}, notKnown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.settings["warn"] = map[string]any{"days": 0}
			r := observe(t, compileTLS, scout.Check{Target: "www.example.com", Settings: tt.settings}, n)
			if tt.want != "" {
				expect(t, r, scout.Down, tt.want)
			} else if r.Level != scout.Up {
				t.Errorf("got %+v", r)
			}
		})
	}
}

func TestTLSFamily(t *testing.T) {
	t.Parallel()
	dialed := ""
	n := network{dial: func(_ context.Context, network, _ string) (net.Conn, error) {
		dialed = network
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	}}
	for family, want := range map[string][2]string{
		"any":  {"tcp", "unknown host name mail.example.com"},
		"ipv4": {"tcp4", "no IPv4 address is known for mail.example.com"},
		"ipv6": {"tcp6", "no IPv6 address is known for mail.example.com"},
	} {
		r := observe(t, compileTLS, scout.Check{Target: "mail.example.com", Settings: scout.Settings{
			"family": family, "server_name": "www.example.com",
		}}, n)
		expect(t, r, scout.Down, "TLS certificate cannot be checked on port 443: "+want[1])
		if dialed != want[0] {
			t.Errorf("%s dials %s, want %s", family, dialed, want[0])
		}
	}
	for field, settings := range map[string]scout.Settings{
		"family":     {"family": "ipv6"},
		"ca":         {"ca": "hush"},
		"client_key": {"client_certificate": "hush"},
	} {
		_, err := compileTLS(scout.Target{Check: scout.Check{Target: "192.0.2.1", Settings: settings}}, n)
		if faults := faultsOf(t, err); len(faults) != 1 || faults[0].Field != field || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: got %v", field, err)
		}
	}
}

// The check of the certificate connects as the http check does, so that both
// see the same certificate and trust it alike.
func TestCertificateCheckConnectsAlike(t *testing.T) {
	t.Parallel()
	a, n := demanding(t)
	certificate, key := a.issueClient(t)
	connection := scout.Settings{"family": "ipv4", "ca": a.pem(), "client_certificate": certificate, "client_key": key}
	check := scout.Check{Target: "https://www.example.com/", Settings: scout.Settings{"method": "HEAD"}}
	for name, value := range connection {
		check.Settings[name] = value
	}
	companion, ok := certificateCheck(check, scout.Server{})
	if diff := cmp.Diff(map[string]any(connection), map[string]any(companion.Settings)); diff != "" || !ok {
		t.Fatalf("got %t, settings (-want +got):\n%s", ok, diff)
	}
	if r := observe(t, compileTLS, companion, n); r.Level != scout.Up && r.Level != scout.Warning {
		t.Errorf("got %+v", r)
	}
}
