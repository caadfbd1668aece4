package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestServeTLS runs the program with a certificate of its own, below a path,
// and asks it as the command line does.
func TestServeTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeCertificate(t, filepath.Join(dir, "scout.pem"))
	config := filepath.Join(dir, "scout.yaml")
	text := "listen: 127.0.0.1:0\ndata: ./data\npublic_url: https://example.com/scout\ntls: {cert_file: scout.pem, key_file: scout.pem}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, config: config}
	p.start()
	defer p.kill()
	if !strings.HasPrefix(p.url, "https://127.0.0.1:") {
		t.Fatalf("the welcome names %s", p.url)
	}
	token := strings.TrimSpace(p.command("token create --name admin --role admin --config " + config))
	connection := fmt.Sprintf(" --ca %s --token %s --url %s", filepath.Join(dir, "scout.pem"), token, p.url)
	p.command("servers add web-server-01" + connection + "/scout")
	if out := p.command("servers list" + connection); !strings.Contains(out, "web-server-01") {
		t.Errorf("without the path it prints %q", out)
	}
	if out := p.command("health --url " + p.url); !strings.Contains(out, "is ready") {
		t.Errorf("health prints %q", out)
	}
	stranger := exec.Command(os.Args[0])
	stranger.Env = append(os.Environ(), runAsScout+"=1", "SCOUT_ARGS=servers list --token scout_x --url "+p.url)
	if out, err := stranger.CombinedOutput(); err == nil || !strings.Contains(string(out), "name a PEM file with it by --ca") {
		t.Errorf("without its authority: %v\n%s", err, out)
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
