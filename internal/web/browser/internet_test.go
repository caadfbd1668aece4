package browser

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// internet stands for the hosts of the targets: a forward proxy leads to them,
// and an authority of its own vouches for them. So a program can be given the
// addresses that people paste, and nothing leaves this machine. It returns the
// configuration that a program needs for it.
func internet(t *testing.T, hosts map[string]http.Handler) (yaml string) {
	t.Helper()
	var names []string
	for host := range hosts {
		names = append(names, host)
	}
	certificate, authority := vouched(t, names)
	inside := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handler := hosts[r.Host]; handler != nil {
			handler.ServeHTTP(w, r)
			return
		}
		http.Error(w, "there is no host "+r.Host, http.StatusMisdirectedRequest)
	}))
	inside.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	inside.Config.ErrorLog = log.New(io.Discard, "", 0)
	inside.StartTLS()
	t.Cleanup(inside.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host, _, _ := net.SplitHostPort(r.Host); r.Method != http.MethodConnect || hosts[host] == nil {
			http.Error(w, "there is no way to "+r.Host, http.StatusBadGateway)
			return
		}
		tunnel(t, w, inside.Listener.Addr().String())
	}))
	t.Cleanup(proxy.Close)
	return fmt.Sprintf("egress:\n  proxy: %s\n  ca_files: [%q]\n", proxy.URL, authority)
}

// tunnel joins the connection of a request to an address, until one end closes.
func tunnel(t *testing.T, w http.ResponseWriter, address string) {
	there, err := net.Dial("tcp", address)
	if err != nil {
		t.Errorf("behind the proxy: %v", err)
		return
	}
	defer there.Close()
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Errorf("in the proxy: %v", err)
		return
	}
	defer here.Close()
	_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		defer there.Close()
		_, _ = io.Copy(there, here)
	}()
	_, _ = io.Copy(here, there)
}

// vouched makes a certificate for some hosts, and the file of the authority that
// vouches for it, which is itself.
func vouched(t *testing.T, hosts []string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "The test's internet"}, DNSNames: hosts,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, &form, &form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}
