package egress

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"serverscout/internal/scout"
)

// writeFile puts a file into a folder of its own and returns its path.
func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func TestLoadCAs(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	file := writeFile(t, "An explanation.\n"+pemOf("EC PRIVATE KEY", []byte("x"))+pemOf("CERTIFICATE", server.Certificate().Raw))
	pool, err := LoadCAs([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := post(newTestClient(t, Options{RootCAs: pool}), server.URL); err != nil {
		t.Error(err)
	}
	system, err := x509.SystemCertPool()
	if err != nil {
		t.Fatal(err)
	}
	system.AddCert(server.Certificate())
	if !pool.Equal(system) {
		t.Error("the pool is not the system's with one certificate more")
	}
}

func TestLoadCAsNamesEveryBadFile(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	good := pemOf("CERTIFICATE", server.Certificate().Raw)
	long := writeFile(t, "")
	if err := os.Truncate(long, longestCAFile+1); err != nil {
		t.Fatal(err)
	}
	files := []string{
		writeFile(t, good), filepath.Join(t.TempDir(), "none.pem"), t.TempDir(), writeFile(t, ""), writeFile(t, pemOf("PRIVATE KEY", []byte("hunter2"))),
		writeFile(t, good+pemOf("CERTIFICATE", []byte("hunter2"))), long,
	}
	want := []string{
		"", "cannot be read: no such file or directory", "cannot be read: is a directory", "holds no certificate", "holds no certificate",
		"has a certificate that cannot be read, its number 2: ", "is longer than 4 MiB",
	}
	_, err := LoadCAs(files)
	var invalid *scout.Error
	if !errors.As(err, &invalid) || invalid.Code != scout.Invalid || len(invalid.Fields) != len(want)-1 {
		t.Fatalf("got %v", err)
	}
	for i, f := range invalid.Fields {
		if f.Field != "egress.ca_files["+string(rune('1'+i))+"]" || !strings.Contains(f.Message, want[i+1]) || strings.Contains(f.Message, "hunter2") {
			t.Errorf("got %+v, want %q", f, want[i+1])
		}
	}
}
