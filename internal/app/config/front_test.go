package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
)

// writePair puts a new certificate and its key into a folder, as name.pem and
// name.key.
func writePair(t *testing.T, dir, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{name}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		name + ".pem": {Type: "CERTIFICATE", Bytes: cert},
		name + ".key": {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writePair(t, dir, "a")
	writePair(t, dir, "b")
	pathTo := func(name string) string { return filepath.Join(dir, name) }
	ofA := TLS{pathTo("a.pem"), pathTo("a.key")}
	tests := map[string]struct {
		text  string
		env   environment
		want  TLS
		fault string // part of the error; "" for none
	}{
		"none":                         {text: "tls:\n"},
		"beside the file":              {text: "tls: {cert_file: a.pem, key_file: a.key}", want: ofA},
		"by variables":                 {env: environment{"SCOUT_TLS_CERT_FILE": pathTo("a.pem"), "SCOUT_TLS_KEY_FILE": pathTo("a.key")}, want: ofA},
		"one of the file, one of them": {text: "tls: {cert_file: a.pem}", env: environment{"SCOUT_TLS_KEY_FILE": pathTo("a.key")}, want: ofA},
		"both in one file":             {text: "tls: {cert_file: both.pem, key_file: both.pem}", want: TLS{pathTo("both.pem"), pathTo("both.pem")}},
		"no key":                       {text: "tls: {cert_file: a.pem}", fault: "tls: takes both cert_file and key_file"},
		"no certificate":               {text: "tls: {key_file: a.key}", fault: "tls: takes both cert_file and key_file"},
		"of two pairs":                 {text: "tls: {cert_file: a.pem, key_file: b.key}", fault: "tls: what is in cert_file and key_file cannot be used: tls: private key does not match public key"},
		"exchanged":                    {text: "tls: {cert_file: a.key, key_file: a.pem}", fault: "cannot be used"},
		"missing":                      {text: "tls:\n  cert_file: c.pem\n  key_file: a.key", fault: `scout.yaml:2:14: tls.cert_file: the file "c.pem" cannot be read: no such file`},
		"a folder":                     {text: "tls: {cert_file: a.pem, key_file: .}", fault: `tls.key_file: the file "." cannot be read: is a directory`},
		"a variable's file is missing": {env: environment{"SCOUT_TLS_CERT_FILE": pathTo("c.pem")}, fault: "SCOUT_TLS_CERT_FILE: the file"},
		"not a group":                  {text: "tls: a.pem", fault: "tls: must be a group of keys: cert_file, key_file"},
		"an unknown key":               {text: "tls: {cert: a.pem}", fault: "tls.cert: is not a known key"},
	}
	both := []byte{}
	for _, name := range []string{"a.pem", "a.key"} {
		content, err := os.ReadFile(pathTo(name))
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, content...)
	}
	if err := os.WriteFile(pathTo("both.pem"), both, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+"-scout.yaml")
			if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := Load(Flags{Config: file, Data: dir}, tt.env.lookup)
			if tt.fault != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fault) {
					t.Errorf("error = %v, want %q", err, tt.fault)
				}
				return
			}
			if err != nil || c.TLS != tt.want || c.TLS.On() != (tt.want != TLS{}) {
				t.Errorf("got %+v, %v, want %+v", c.TLS, err, tt.want)
			}
		})
	}
}

func TestTrustedProxies(t *testing.T) {
	t.Parallel()
	c := mustCheck(t, `trusted_proxies: [127.0.0.1, " 10.1.2.3/8 ", "::ffff:192.0.2.1", "2001:db8::1/32"]`, nil)
	want := []netip.Prefix{
		netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8"),
		netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("2001:db8::/32"),
	}
	if !slices.Equal(c.TrustedProxies, want) {
		t.Errorf("got %v, want %v", c.TrustedProxies, want)
	}
	c, err := Load(Flags{Data: "d"}, environment{"SCOUT_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8"}.lookup)
	if err != nil || !slices.Equal(c.TrustedProxies, want[:2]) {
		t.Errorf("by its variable: %v, %v", c.TrustedProxies, err)
	}
	bad := []string{"proxy.internal", "10.0.0.0/33", "10.0.0", "*", "", "127.0.0.1:80"}
	problems := problemsOf(t, `trusted_proxies: ["`+strings.Join(bad, `", "`)+`"]`, nil)
	if len(problems) != len(bad) || problems[1].Path != "trusted_proxies[1]" || !strings.Contains(problems[1].Message, `"10.0.0.0/33" is neither`) {
		t.Errorf("got %+v", problems)
	}
}

func TestRoot(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // "-" is refused
		"https://example.com": "", "https://example.com/": "", "https://example.com/scout/": "/scout",
		"https://example.com/a/b.c-d_e~f": "/a/b.c-d_e~f", "https://example.com/apis": "/apis",
		"https://example.com/api": "-", "https://example.com/api/scout": "-", "https://example.com/a//b": "-",
		"https://example.com/../a": "-", "https://example.com/a/.": "-", "https://example.com/a%20b": "-",
		"https://example.com/a%2fb": "-", `https://example.com/a"b`: "-", "https://example.com/ä": "-",
	}
	for in, want := range tests {
		var c Config
		err := c.setPublicURL(in)
		if (err == nil) != (want != "-") || err == nil && c.Root() != want {
			t.Errorf("%q: got %q, %v, want %q", in, c.Root(), err, want)
		}
	}
	if root := (Config{}).Root(); root != "" {
		t.Errorf("without public_url it is %q", root)
	}
}

func TestLocalURL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writePair(t, dir, "a")
	tests := map[string]struct {
		text  string
		flags Flags
		env   environment
		want  string // "" is an error
	}{
		"default":           {want: "http://127.0.0.1:8080"},
		"every address":     {env: environment{"SCOUT_LISTEN": ":81"}, want: "http://127.0.0.1:81"},
		"every IPv4":        {text: "listen: 0.0.0.0:82", want: "http://127.0.0.1:82"},
		"every IPv6":        {text: "listen: '[::]:83'", want: "http://[::1]:83"},
		"one address":       {text: "listen: 192.0.2.1:84", want: "http://192.0.2.1:84"},
		"flag":              {text: "listen: :85", flags: Flags{Listen: "localhost:86"}, want: "http://localhost:86"},
		"HTTPS":             {text: "listen: :87\ntls: {cert_file: a.pem, key_file: a.key}", want: "https://127.0.0.1:87"},
		"a fault elsewhere": {text: "listen: :88\nservers: [{nonsense: 1}]\ntls: {cert_file: a.pem, key_file: a.key}", want: "https://127.0.0.1:88"},
		"no such variable":  {text: "listen: :89\ndata: ${NOT_SET}", want: "http://127.0.0.1:89"},
		"any free port":     {text: "listen: :0"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.flags.Config = filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".yaml")
			if err := os.WriteFile(tt.flags.Config, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := LocalURL(tt.flags, tt.env.lookup)
			var invalid *scout.Error
			if got != tt.want || (tt.want == "") != errors.As(err, &invalid) {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}
