package probe

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"flag"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"serverscout/internal/scout"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// routed is a network in which every name and port leads to one address, so
// that messages show the well-known ports of their targets.
func routed(address string) network {
	n := systemNetwork()
	dial := n.dial
	n.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dial(ctx, network, address)
	}
	return n
}

// failing is a network in which every connection fails with err.
func failing(err error) network {
	return network{dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
	}}
}

// serve accepts connections on the loopback address and hands each to handle
// in a goroutine of its own; the connection is closed afterwards.
func serve(t testing.TB, handle func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer c.Close()
				handle(c)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return l.Addr().String()
}

// closedPort returns a loopback address on which nothing listens.
func closedPort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// untilClosed reads until the other end closes.
func untilClosed(c net.Conn) {
	buffer := make([]byte, 1024)
	for {
		if _, err := c.Read(buffer); err != nil {
			return
		}
	}
}

// reset makes the close of a connection a reset.
func reset(c net.Conn) {
	_, _ = c.Read(make([]byte, 1024))
	_ = c.(*net.TCPConn).SetLinger(0)
}

// authority issues certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t testing.TB, notAfter time.Time) authority {
	t.Helper()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "Test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: notAfter, KeyUsage: x509.KeyUsageCertSign,
	}
	certificate, key := sign(t, template, authority{})
	return authority{certificate, key}
}

func (a authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// issue makes a server's certificate for www.example.com, 127.0.0.1 and fe80::1.
func (a authority) issue(t testing.TB, notBefore, notAfter time.Time) tls.Certificate {
	t.Helper()
	certificate, key := sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "www.example.com"}, DNSNames: []string{"www.example.com"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.ParseIP("fe80::1")}, NotBefore: notBefore, NotAfter: notAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a)
	return tls.Certificate{Certificate: [][]byte{certificate.Raw}, PrivateKey: key}
}

// sign makes a key and a certificate for it, self-signed without an issuer.
func sign(t testing.TB, template *x509.Certificate, issuer authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	parent, parentKey := issuer.certificate, issuer.key
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// serveTLS completes handshakes with a certificate, then waits for the close.
func serveTLS(t testing.TB, certificate tls.Certificate) (address string) {
	t.Helper()
	return serve(t, func(c net.Conn) {
		s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certificate}})
		if s.Handshake() == nil {
			untilClosed(s)
		}
	})
}

// observe compiles and probes once.
func observe(t testing.TB, compile func(scout.Target, network) (Prober, error), c scout.Check, n network) scout.Result {
	t.Helper()
	p, err := compile(scout.Target{Check: c}, n)
	if err != nil {
		t.Fatal(err)
	}
	return p.Probe(t.Context())
}

// expect compares what matters to a reader of a result.
func expect(t testing.TB, r scout.Result, level scout.Level, message string) {
	t.Helper()
	if r.Level != level || r.Message != message {
		t.Errorf("got %s, %q\nwant %s, %q", r.Level, r.Message, level, message)
	}
}

// faultsOf returns the fields of an Invalid error.
func faultsOf(t testing.TB, err error) []scout.FieldError {
	t.Helper()
	var e *scout.Error
	if !errors.As(err, &e) || e.Code != scout.Invalid {
		t.Fatalf("got error %v, want an Invalid *scout.Error", err)
	}
	return e.Fields
}
