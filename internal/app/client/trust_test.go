package client_test

import (
	"cmp"
	"context"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"serverscout/internal/app/client"
	"serverscout/internal/scout"
)

// secure is a server with a certificate that no system trusts, and the file of
// its authority.
func secure(t *testing.T, handle http.HandlerFunc) (url, ca string) {
	t.Helper()
	server := httptest.NewTLSServer(handle)
	t.Cleanup(server.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return server.URL, ca
}

func TestTrust(t *testing.T) {
	t.Parallel()
	url, ca := secure(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/scout/api/v1/servers/1" {
			t.Errorf("the path is %s", r.URL.Path)
		}
		_, _ = io.WriteString(w, `{"id":1,"name":"web"}`)
	})
	c := client.New(url+"/scout/", scout.NewSecret("scout_x"))
	_, err := c.Server(context.Background(), 1)
	if scout.CodeOf(err) != scout.Unavailable || !strings.Contains(err.Error(), "--ca") {
		t.Errorf("without its authority: %v", err)
	}
	if err := c.Trust(ca); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Server(context.Background(), 1); err != nil || got.Value.Name != "web" {
		t.Errorf("with its authority: %+v, %v", got, err)
	}
}

func TestTrustRefuses(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("-----BEGIN NOTHING-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{empty, filepath.Join(t.TempDir(), "none.pem"), t.TempDir()} {
		err := client.New("https://127.0.0.1:1", scout.NewSecret("scout_x")).Trust(file)
		if scout.CodeOf(err) != scout.Invalid || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	held := make(chan struct{})
	url, _ := secure(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/readyz":
		case "/broken/readyz":
			http.Error(w, "the ledger cannot be read", http.StatusServiceUnavailable)
		case "/elsewhere/readyz":
			http.Redirect(w, r, "/readyz", http.StatusFound)
		default:
			<-held
		}
	})
	defer close(held)
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(plain.Close)
	tests := map[string]struct {
		base, fault string
		patience    time.Duration // 0: as long as it takes
	}{
		"over TLS":     {url + "/", "", 0},
		"without":      {plain.URL, "", 0},
		"not ready":    {url + "/broken", "is not ready: 503 Service Unavailable: the ledger cannot be read", 0},
		"a redirect":   {url + "/elsewhere", "is not ready: 302 Found", 0},
		"hangs":        {url + "/hangs", "has not answered in time", 50 * time.Millisecond},
		"no server":    {"http://127.0.0.1:1", "does not answer", 0},
		"plain to TLS": {strings.Replace(url, "https", "http", 1), "is not ready: 400 Bad Request", 0},
		"not a URL":    {"127.0.0.1:8080", "is not the URL of a server", 0},
	}
	for name, tt := range tests {
		ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(tt.patience, 30*time.Second))
		err := client.Ready(ctx, tt.base)
		cancel()
		if (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
			t.Errorf("%s: %v, want %q", name, err, tt.fault)
		}
	}
}
