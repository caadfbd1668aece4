package egress

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"serverscout/internal/scout"
)

func rootsOf(s *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate, self-signed if a is nil.
func (a *authority) issue(t *testing.T, template x509.Certificate) (tls.Certificate, *authority) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(1)
	template.BasicConstraintsValid = true
	parent, signer := &template, key
	if a != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, &authority{cert, key}
}

func TestCertificateFaults(t *testing.T) {
	t.Parallel()
	now := time.Now()
	valid := x509.Certificate{
		Subject:     pkix.Name{CommonName: "leaf"},
		NotBefore:   now.Add(-time.Hour),
		NotAfter:    now.Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	ca := valid
	ca.Subject, ca.IsCA, ca.KeyUsage = pkix.Name{CommonName: "Known CA"}, true, x509.KeyUsageCertSign
	_, known := (*authority)(nil).issue(t, ca)
	ca.Subject = pkix.Name{CommonName: "Stranger CA"}
	_, stranger := (*authority)(nil).issue(t, ca)
	expired, future, other := valid, valid, valid
	expired.NotBefore, expired.NotAfter = now.Add(-48*time.Hour), now.Add(-24*time.Hour)
	future.NotBefore = now.Add(30 * time.Minute)
	other.IPAddresses, other.DNSNames = nil, []string{"other.example.com"}
	tests := []struct {
		name    string
		leaf    x509.Certificate
		issuer  *authority
		fault   scout.Fault
		message string
	}{
		{"valid", valid, known, "", ""},
		{"expired", expired, known, scout.FaultCertExpired, "expired on " + scout.Stamp(expired.NotAfter)},
		{"not yet valid", future, known, scout.FaultCertNotYet, "not valid before " + scout.Stamp(future.NotBefore)},
		{"wrong name", other, known, scout.FaultCertName, "is for other.example.com;"},
		{"unknown authority", valid, stranger, scout.FaultCertUnknown, "(CN=Stranger CA)"},
		{"self-signed", valid, nil, scout.FaultCertSelf, "is self-signed"},
	}
	roots := x509.NewCertPool()
	roots.AddCert(known.cert)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			leaf, _ := test.issuer.issue(t, test.leaf)
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			server.TLS = &tls.Config{Certificates: []tls.Certificate{leaf}}
			server.Config.ErrorLog = log.New(io.Discard, "", 0) // each refused handshake would be logged
			server.StartTLS()
			t.Cleanup(server.Close)
			_, err := post(newTestClient(t, Options{RootCAs: roots}), server.URL)
			if test.fault == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			e := wantFault(t, err, test.fault)
			if !strings.Contains(e.Message, test.message) || e.Address != server.Listener.Addr().String() {
				t.Errorf("got %q at %q", e.Message, e.Address)
			}
		})
	}
}

func TestConnectionFaults(t *testing.T) {
	t.Parallel()
	// answer reads a request, if there is one, and writes raw bytes.
	answer := func(raw string) string {
		return listen(t, func(_ int, conn net.Conn) {
			r := bufio.NewReader(conn)
			if first, err := r.Peek(1); err == nil && first[0] == 'P' {
				readRequest(r)
			}
			io.WriteString(conn, raw)
		})
	}
	flood := strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 2*headerLimit/40)
	tests := []struct {
		name, url string
		fault     scout.Fault
		message   string
	}{
		{"closed at once", "http://" + answer(""), scout.FaultReset, "127.0.0.1 closed the connection before its answer was complete"},
		{"closed in the handshake", "https://" + answer(""), scout.FaultReset, "before a request could be sent"},
		{"reset", "http://" + listen(t, func(_ int, conn net.Conn) {
			readRequest(bufio.NewReader(conn))
			conn.(*net.TCPConn).SetLinger(0)
		}), scout.FaultReset, "closed the connection"},
		{"not TLS", "https://" + answer("HTTP/1.1 400 Bad Request\r\n\r\n"), scout.FaultNotTLS, "write http:// if it has no TLS"},
		{"TLS alert", "https://" + answer("\x15\x03\x03\x00\x02\x02\x28"), scout.FaultTLS, "handshake failure"},
		{"not HTTP", "http://" + answer("hello there\r\n\r\n"), scout.FaultProtocol, "if it expects TLS, write https://"},
		{"huge header", "http://" + answer("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 2*headerLimit)+"\r\n\r\n"), scout.FaultProtocol, "headers exceeded"},
		{"endless interim answers", "http://" + answer(flood), scout.FaultProtocol, "headers exceeded"},
		{"bad chunk", "http://" + answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), scout.FaultProtocol, "valid HTTP"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := post(newTestClient(t, Options{}), test.url)
			e := wantFault(t, err, test.fault)
			if !strings.Contains(e.Message, test.message) {
				t.Errorf("got %q, want %q in it", e.Message, test.message)
			}
		})
	}
}

func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	// The near end of a connection: a port in use on which nobody listens.
	conn, err := net.Dial("tcp", listen(t, func(_ int, conn net.Conn) { io.Copy(io.Discard, conn) }))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	address := conn.LocalAddr().String()
	_, port, _ := net.SplitHostPort(address)
	_, err = post(newTestClient(t, Options{}), "http://"+address)
	e := wantFault(t, err, scout.FaultRefused)
	if want := "127.0.0.1 refused the connection on port " + port; !strings.HasPrefix(e.Message, want) || e.Address != address {
		t.Errorf("got %q at %q", e.Message, e.Address)
	}
}

func TestExplainWithoutAConnection(t *testing.T) {
	t.Parallel()
	u, err := parseURL("https://example.com/")
	if err != nil {
		t.Fatal(err)
	}
	socket := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}
	tests := []struct {
		name    string
		err     error
		fault   scout.Fault
		address string
		message string
	}{
		{"no route", &net.OpError{Op: "dial", Addr: socket, Err: syscall.EHOSTUNREACH}, scout.FaultUnreachable, "192.0.2.1:443", "no route to example.com"},
		{"slow DNS", &net.DNSError{IsTimeout: true}, scout.FaultTimeout, "", "the name example.com was not resolved within 10 s"},
		{"broken DNS", &net.DNSError{IsTemporary: true}, scout.FaultResolver, "", "could not be looked up"},
		{"something else", errors.New("odd\xff"), scout.FaultOther, "", "the request to example.com failed: odd\uFFFD"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := (&flight{url: u, timeout: 10 * time.Second}).explain(t.Context(), test.err)
			if e.Fault != test.fault || e.Address != test.address || !strings.Contains(e.Error(), test.message) || !errors.Is(e, test.err) {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestSwitchingProtocolsEndsTheAnswer(t *testing.T) {
	t.Parallel()
	address := listen(t, func(_ int, conn net.Conn) {
		r := bufio.NewReader(conn)
		readRequest(r)
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		io.Copy(io.Discard, r)
	})
	resp, err := post(newTestClient(t, Options{}), "http://"+address)
	if err != nil || resp.Status != 101 || resp.Body != nil {
		t.Errorf("got %d %q, %v", resp.Status, resp.Body, err)
	}
}

func TestMessagesHoldNoSecrets(t *testing.T) {
	t.Parallel()
	const key = "hunter2hunter2"
	address := listen(t, func(_ int, conn net.Conn) {
		readRequest(bufio.NewReader(conn))
		io.WriteString(conn, "token "+key+" is wrong\r\n\r\n")
	})
	request := scout.Request{URL: "http://u:pass-word@" + address + "/path?key=q", Secrets: []string{key}}
	_, err := newTestClient(t, Options{}).Do(context.Background(), request, TrustPrivate)
	e := wantFault(t, err, scout.FaultProtocol)
	for _, secret := range []string{key, "pass-word", "/path", "key=q"} {
		if strings.Contains(e.Message, secret) {
			t.Errorf("%q holds %q", e.Message, secret)
		}
	}
}
