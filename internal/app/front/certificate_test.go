package front

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pair is the PEM text of a certificate and its key.
type pair struct{ cert, key []byte }

func newPair(t *testing.T, serial int64) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pair{
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
	}
}

// files is a certificate in a folder, and what is logged of it.
type files struct {
	t *testing.T
	*Certificate
	said *bytes.Buffer
}

func newFiles(t *testing.T, p pair) *files {
	t.Helper()
	dir := t.TempDir()
	f := &files{t: t, said: &bytes.Buffer{}, Certificate: &Certificate{
		certFile: filepath.Join(dir, "scout.pem"), keyFile: filepath.Join(dir, "scout.key"),
	}}
	f.write(p.cert, p.key)
	var err error
	f.Certificate, err = LoadCertificate(f.certFile, f.keyFile, slog.New(slog.NewTextHandler(f.said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *files) write(cert, key []byte) {
	f.t.Helper()
	for file, content := range map[string][]byte{f.certFile: cert, f.keyFile: key} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			f.t.Fatal(err)
		}
	}
}

// serial is the number of the certificate that is shown.
func (f *files) serial() int64 {
	f.t.Helper()
	c, err := f.Get(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return c.Leaf.SerialNumber.Int64()
}

func (f *files) wants(serial int64, errors int) {
	f.t.Helper()
	if got := f.serial(); got != serial {
		f.t.Errorf("certificate %d is shown, want %d", got, serial)
	}
	if got := strings.Count(f.said.String(), "level=ERROR"); got != errors {
		f.t.Errorf("%d errors are logged, want %d:\n%s", got, errors, f.said)
	}
}

func TestCertificateFollowsItsFiles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first, second, third := newPair(t, 1), newPair(t, 2), newPair(t, 3)
		f := newFiles(t, first)
		f.write(second.cert, second.key)
		f.wants(1, 0) // not yet looked at
		time.Sleep(lookEvery)
		f.wants(2, 0)
		f.write(third.cert, second.key)
		time.Sleep(lookEvery)
		f.wants(2, 1) // of two pairs
		time.Sleep(lookEvery)
		f.wants(2, 1) // said once
		f.write(nil, third.key)
		time.Sleep(lookEvery)
		f.wants(2, 2) // another fault
		if err := os.Remove(f.certFile); err != nil {
			t.Fatal(err)
		}
		time.Sleep(lookEvery)
		f.wants(2, 3)
		f.write(third.cert, third.key)
		time.Sleep(lookEvery)
		f.wants(3, 3)
		time.Sleep(lookEvery)
		f.wants(3, 3)
		if got := strings.Count(f.said.String(), "read anew"); got != 2 {
			t.Errorf("it was read anew %d times, want 2:\n%s", got, f.said)
		}
		if err := os.Remove(f.certFile); err != nil {
			t.Fatal(err)
		}
		time.Sleep(lookEvery)
		f.wants(3, 4) // the same fault as before, and new all the same
	})
}

func TestCertificateIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFiles(t, newPair(t, 1))
		second := newPair(t, 2)
		f.write(second.cert, second.key)
		time.Sleep(lookEvery)
		var gets sync.WaitGroup
		for range 20 {
			gets.Go(func() {
				if got := f.serial(); got != 2 {
					t.Errorf("certificate %d is shown", got)
				}
			})
		}
		gets.Wait()
	})
}

func TestLoadCertificateRefuses(t *testing.T) {
	t.Parallel()
	a, b := newPair(t, 1), newPair(t, 2)
	f := newFiles(t, a)
	f.write(a.cert, b.key)
	_, err := LoadCertificate(f.certFile, f.keyFile, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), f.certFile) || !strings.Contains(err.Error(), "does not match") {
		t.Errorf("error = %v", err)
	}
}
