package scout_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	"serverscout/internal/scout"
)

// today is the clock of all certificates and clients here.
var today = time.Date(2024, 1, 15, 0, 0, 0, 0, time.UTC)

// A pair is a certificate with its key.
type pair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate for host.example, valid a day before and after
// today unless change says otherwise, signed by issuer or, if that is nil, by
// itself.
func issue(t *testing.T, issuer *pair, change func(*x509.Certificate)) *pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "host.example"},
		DNSNames:     []string{"host.example"},
		NotBefore:    today.Add(-24 * time.Hour),
		NotAfter:     today.Add(24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	change(template)
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.cert, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &pair{cert, key}
}

func authority(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: name}
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	}
}

// shakeHands runs a TLS handshake and returns the client's error. A pipe would
// not do: both ends may write at once, and a pipe has no room for that.
func shakeHands(t *testing.T, client, server *tls.Config) error {
	t.Helper()
	address := serve(t, func(c *net.TCPConn) {
		defer c.Close()
		_ = tls.Server(c, server).HandshakeContext(t.Context())
	})
	c, err := net.Dial(address.Network(), address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return tls.Client(c, client).HandshakeContext(t.Context())
}

func TestFaultOfCertificate(t *testing.T) {
	t.Parallel()
	trusted := issue(t, nil, authority("Trusted"))
	foreign := issue(t, nil, authority("Foreign"))
	roots := x509.NewCertPool()
	roots.AddCert(trusted.cert)
	as := func(*x509.Certificate) {}
	tests := []struct {
		name   string
		issuer *pair
		change func(*x509.Certificate)
		want   scout.Fault
	}{
		{"valid", trusted, as, scout.NoFault},
		{"expired", trusted, func(c *x509.Certificate) { c.NotAfter = today.Add(-time.Second) }, scout.FaultCertExpired},
		{"not yet valid", trusted, func(c *x509.Certificate) { c.NotBefore = today.Add(time.Second) }, scout.FaultCertNotYet},
		{"another name", trusted, func(c *x509.Certificate) { c.DNSNames = []string{"other.example"} }, scout.FaultCertName},
		{"unknown authority", foreign, as, scout.FaultCertUnknown},
		{"self-signed", nil, as, scout.FaultCertSelf},
		{"self-signed as an authority", nil, authority("host.example"), scout.FaultCertSelf},
		{"named like its authority, but signed by another", foreign, func(c *x509.Certificate) { c.Subject = foreign.cert.Subject }, scout.FaultCertUnknown},
		{"self-signed and expired", nil, func(c *x509.Certificate) { c.NotAfter = today.Add(-time.Second) }, scout.FaultCertExpired},
		{"not for servers", trusted, func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		}, scout.FaultTLS},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			leaf := issue(t, tt.issuer, tt.change)
			err := shakeHands(t,
				&tls.Config{ServerName: "host.example", RootCAs: roots, Time: func() time.Time { return today }},
				&tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.cert.Raw}, PrivateKey: leaf.key}}})
			if got := scout.FaultOf(err); got != tt.want {
				t.Errorf("FaultOf(%v) = %q, want %q", err, got, tt.want)
			}
		})
	}
}

// TestFaultOfChain sends the authority along: that it signed itself does not
// make the server's own certificate self-signed.
func TestFaultOfChain(t *testing.T) {
	t.Parallel()
	foreign := issue(t, nil, authority("Foreign"))
	leaf := issue(t, foreign, func(*x509.Certificate) {})
	err := shakeHands(t,
		&tls.Config{ServerName: "host.example", RootCAs: x509.NewCertPool(), Time: func() time.Time { return today }},
		&tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.cert.Raw, foreign.cert.Raw}, PrivateKey: leaf.key}}})
	if got := scout.FaultOf(err); got != scout.FaultCertUnknown {
		t.Errorf("FaultOf(%v) = %q, want %q", err, got, scout.FaultCertUnknown)
	}
}

func TestFaultOfHandshake(t *testing.T) {
	t.Parallel()
	leaf := issue(t, nil, func(*x509.Certificate) {})
	roots := x509.NewCertPool()
	roots.AddCert(leaf.cert)
	certificates := []tls.Certificate{{Certificate: [][]byte{leaf.cert.Raw}, PrivateKey: leaf.key}}
	tests := []struct {
		name           string
		client, server *tls.Config
	}{
		{"no version in common", &tls.Config{MaxVersion: tls.VersionTLS12}, &tls.Config{Certificates: certificates, MinVersion: tls.VersionTLS13}},
		{
			"no cipher in common",
			&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}},
			&tls.Config{
				Certificates: certificates, MaxVersion: tls.VersionTLS12,
				CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384},
			},
		},
		{"a server without a certificate", &tls.Config{}, &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return &tls.Certificate{}, nil
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := tt.client
			client.ServerName, client.RootCAs, client.Time = "host.example", roots, func() time.Time { return today }
			err := shakeHands(t, client, tt.server)
			if got := scout.FaultOf(err); got != scout.FaultTLS {
				t.Errorf("FaultOf(%v) = %q, want %q", err, got, scout.FaultTLS)
			}
		})
	}
}
