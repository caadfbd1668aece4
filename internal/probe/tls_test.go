package probe

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

// What is wrong with a certificate is told the same way by both kinds that
// verify one.
func TestCertificateFaults(t *testing.T) {
	t.Parallel()
	now := time.Now()
	trusted, foreign := newAuthority(t, now.Add(day)), newAuthority(t, now.Add(day))
	valid := trusted.issue(t, now.Add(-day), now.Add(day))
	self, key := sign(t, &x509.Certificate{DNSNames: []string{"www.example.com"}, NotBefore: now.Add(-day), NotAfter: now.Add(day)}, authority{})
	withRoot := foreign.issue(t, now.Add(-day), now.Add(day))
	withRoot.Certificate = append(withRoot.Certificate, foreign.certificate.Raw)
	tests := []struct {
		name        string
		certificate tls.Certificate
		host        string
		complaint   string
	}{
		{"expired", trusted.issue(t, now.Add(-9*day), now.Add(-3*day)), "www.example.com", "expired on " + date(now.Add(-3*day))},
		{"not yet valid", trusted.issue(t, now.Add(2*day), now.Add(9*day)), "www.example.com", "is not valid before " + date(now.Add(2*day))},
		{"other name", valid, "shop.example.com", "is not for the name shop.example.com"},
		{"other address", valid, "192.0.2.1", "is not for the name 192.0.2.1"},
		{"unknown authority", foreign.issue(t, now.Add(-day), now.Add(day)), "www.example.com", "is from an unknown authority"},
		{"unknown authority sent along", withRoot, "www.example.com", "is from an unknown authority"},
		{"self-signed", tls.Certificate{Certificate: [][]byte{self.Raw}, PrivateKey: key}, "www.example.com", "is self-signed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := routed(serveTLS(t, tt.certificate))
			n.roots = trusted.pool()
			r := observe(t, compileTLS, scout.Check{Name: "Web", Target: tt.host}, n)
			expect(t, r, scout.Down, "Web certificate "+tt.complaint)
			r = observe(t, compileHTTP, scout.Check{Name: "Web", Target: "https://" + tt.host}, n)
			expect(t, r, scout.Down, "Web service presents a certificate on port 443 that "+tt.complaint)
		})
	}
}

func TestHandshakeFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		handle func(net.Conn)
		cause  string
	}{
		{"speaks HTTP", func(c net.Conn) {
			_, _ = c.Read(make([]byte, 4096))
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		}, "the other end does not speak TLS"},
		{"speaks first", func(c net.Conn) {
			_, _ = io.WriteString(c, "220 mail.example.com ESMTP\r\n")
			untilClosed(c)
		}, "the other end does not speak TLS"},
		{"has no certificate", func(c net.Conn) { _ = tls.Server(c, &tls.Config{GetCertificate: noCertificate}).Handshake() }, "the TLS handshake failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := routed(serve(t, tt.handle))
			r := observe(t, compileTLS, scout.Check{Name: "Web", Target: "www.example.com"}, n)
			expect(t, r, scout.Down, "Web certificate cannot be checked on port 443: "+tt.cause)
			r = observe(t, compileHTTP, scout.Check{Name: "Web", Target: "https://www.example.com"}, n)
			expect(t, r, scout.Down, "Web service does not answer properly on port 443: "+tt.cause)
		})
	}
}

func noCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, io.ErrNoProgress }

// Fewer days than asked for, or less than a quarter of the lifetime, whichever
// is less.
func TestExpiryWarning(t *testing.T) {
	t.Parallel()
	now := time.Now()
	a := newAuthority(t, now.Add(1000*day))
	tests := []struct {
		name     string
		age      time.Duration
		left     time.Duration
		settings scout.Settings
		level    scout.Level
		message  string // up to the date
	}{
		{"long", 60 * day, 30 * day, nil, scout.Up, "Web certificate is valid for 29 days, until "},
		{"just above", 85 * day, 14*day + time.Hour, nil, scout.Up, "Web certificate is valid for 14 days, until "},
		{"just below", 85 * day, 14*day - time.Hour, nil, scout.Warning, "Web certificate expires in 13 days, on "},
		{"one day", 85 * day, 25 * time.Hour, nil, scout.Warning, "Web certificate expires in 1 day, on "},
		{"hours", 85 * day, 5 * time.Hour, nil, scout.Warning, "Web certificate expires in less than a day, on "},
		{"short-lived", 4 * day, 2 * day, nil, scout.Up, "Web certificate is valid for 1 day, until "},
		{"short-lived, at its end", 5 * day, day, nil, scout.Warning, "Web certificate expires in less than a day, on "},
		{"asked for more", 300 * day, 29 * day, scout.Settings{"warn": map[string]any{"days": 30}}, scout.Warning, "Web certificate expires in 28 days, on "},
		{"asked for none", 85 * day, time.Hour, scout.Settings{"warn": map[string]any{"days": 0}}, scout.Up, "Web certificate is valid for less than a day, until "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := routed(serveTLS(t, a.issue(t, now.Add(-tt.age), now.Add(tt.left))))
			n.roots = a.pool()
			r := observe(t, compileTLS, scout.Check{Name: "Web", Target: "https://www.example.com/x", Settings: tt.settings}, n)
			expect(t, r, tt.level, tt.message+date(now.Add(tt.left)))
			if r.Latency <= 0 {
				t.Errorf("the latency is %s", r.Latency)
			}
		})
	}
}

// An authority that expires before the certificate ends the trust as well.
func TestAuthorityExpires(t *testing.T) {
	t.Parallel()
	now := time.Now()
	a := newAuthority(t, now.Add(30*time.Minute))
	n := routed(serveTLS(t, a.issue(t, now.Add(-90*day), now.Add(90*day))))
	n.roots = a.pool()
	check := scout.Check{Name: "HTTP certificate", Target: "127.0.0.1", Settings: scout.Settings{"warn": map[string]any{"days": 1}}}
	r := observe(t, compileTLS, check, n)
	if r.Level != scout.Up {
		t.Errorf("with a third of its lifetime left: got %s, %q", r.Level, r.Message)
	}

	p := &tlsProbe{certificate: "HTTP certificate", warnDays: warnDays}
	leaf := &x509.Certificate{Raw: []byte("leaf"), NotAfter: now.Add(90 * day)}
	above := &x509.Certificate{Raw: []byte("above"), NotBefore: now.Add(-90 * day), NotAfter: now.Add(3*day + time.Hour)}
	lasting := &x509.Certificate{Raw: []byte("lasting"), NotAfter: now.Add(900 * day)}
	limit := limiting([][]*x509.Certificate{{leaf, above, lasting}})
	expect(t, p.judge(leaf, limit, now, 0), scout.Warning,
		"HTTP certificate loses its trust in 3 days, on "+date(above.NotAfter)+": an authority that vouches for it expires")
	if got := limiting([][]*x509.Certificate{{leaf, above}, {leaf, lasting}}); got != leaf {
		t.Error("a second chain that lasts longer is not preferred")
	}
}

func TestServerName(t *testing.T) {
	t.Parallel()
	now := time.Now()
	a := newAuthority(t, now.Add(1000*day))
	certificate := a.issue(t, now.Add(-day), now.Add(90*day))
	asked := make(chan string, 1)
	n := routed(serve(t, func(c net.Conn) {
		_ = tls.Server(c, &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			asked <- hello.ServerName
			return &certificate, nil
		}}).Handshake()
	}))
	n.roots = a.pool()
	for target, name := range map[string]string{
		"www.example.com": "www.example.com",
		"192.0.2.1:8443":  "www.example.com",
		"127.0.0.1":       "",
		"[fe80::1%eth0]":  "",
	} {
		check := scout.Check{Target: target, Settings: scout.Settings{}}
		if target == "192.0.2.1:8443" {
			check.Settings["server_name"] = name
		}
		if r := observe(t, compileTLS, check, n); r.Level != scout.Up || !strings.HasPrefix(r.Message, "TLS certificate is valid") {
			t.Errorf("%s: got %s, %q", target, r.Level, r.Message)
		}
		if got := <-asked; got != name {
			t.Errorf("%s: asked for %q, want %q", target, got, name)
		}
	}
}
