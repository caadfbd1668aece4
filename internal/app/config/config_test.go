package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/deliver"
	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := Load(Flags{}, environment{"HOME": "/home/ada"}.lookup)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Listen:   "127.0.0.1:8080",
		Data:     "/home/ada/.local/share/serverscout",
		Delivery: Delivery{Retry: deliver.DefaultRetry, GiveUpAfter: deliver.DefaultGiveUpAfter},
	}
	if diff := cmp.Diff(want, c, secretsByValue); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	c.Delivery.Retry[0] = 0
	if deliver.DefaultRetry[0] == 0 {
		t.Error("a change of the configuration changes the defaults")
	}
}

// TestEmptyFilesAreValid also has the encodings that editors leave behind.
func TestEmptyFilesAreValid(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "\ufeff", "\r\n", "# all defaults\n", "---\n", "{}", "servers:\nwebhooks:\nlisten:\negress:\n"} {
		if c := mustCheck(t, content, nil); c.Listen != defaultListen || c.Declared.Servers != nil {
			t.Errorf("%q: got %+v", content, c)
		}
	}
}

func TestByteOrderMarkAndLineEnds(t *testing.T) {
	t.Parallel()
	c := mustCheck(t, "\ufefflisten: :80\r\nservers:\r\n  - name: a\r\n    ip: |-\r\n      a\r\n", nil)
	if c.Listen != ":80" || c.Declared.Servers[0].Server.IP != "a" {
		t.Errorf("got %+v", c)
	}
	p := problemsOf(t, "\ufefflisten: x\r\ndata: /d\rpublic_url: x\r\n", nil)
	if len(p) != 2 || p[0].Line != 1 || p[0].Column != 9 || p[1].Line != 3 {
		t.Errorf("got %+v", p)
	}
}

func TestOrderOfSources(t *testing.T) {
	t.Parallel()
	file := write(t, `
listen: 127.0.0.1:1
data: d
public_url: https://file.example.com/
egress: {allow: [10.0.0.0/8], source: [" 127.0.0.2 "], proxy: "http://u:p@h"}
delivery: {retry: [1s], give_up_after: 1h}
`)
	dir := filepath.Dir(file)
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	known, err := egress.LoadCAs([]string{"testdata/ca.pem"})
	if err != nil {
		t.Fatal(err)
	}
	inFile := Config{
		Listen: "127.0.0.1:1", Data: filepath.Join(dir, "d"), PublicURL: "https://file.example.com",
		Egress:   Egress{Allow: []string{"10.0.0.0/8"}, Source: []string{"127.0.0.2"}, Proxy: scout.NewSecret("http://u:p@h")},
		Delivery: Delivery{Retry: []time.Duration{time.Second}, GiveUpAfter: time.Hour},
		File:     file,
	}
	tests := map[string]struct {
		flags Flags
		env   environment
		want  func(*Config)
	}{
		"file by flag":               {Flags{Config: file}, nil, func(*Config) {}},
		"file by variable":           {Flags{}, environment{"SCOUT_CONFIG": file}, func(*Config) {}},
		"the flag's file":            {Flags{Config: file}, environment{"SCOUT_CONFIG": "/none"}, func(*Config) {}},
		"a variable before the file": {Flags{Config: file}, environment{"SCOUT_LISTEN": ":2"}, func(c *Config) { c.Listen = ":2" }},
		"a flag before a variable":   {Flags{Config: file, Listen: ":3"}, environment{"SCOUT_LISTEN": ":2"}, func(c *Config) { c.Listen = ":3" }},
		"data by variable":           {Flags{Config: file}, environment{"SCOUT_DATA": "v"}, func(c *Config) { c.Data = filepath.Join(wd, "v") }},
		"data by flag":               {Flags{Config: file, Data: "/f/../g"}, environment{"SCOUT_DATA": "v"}, func(c *Config) { c.Data = "/g" }},
		"public_url":                 {Flags{Config: file}, environment{"SCOUT_PUBLIC_URL": "http://a/b/"}, func(c *Config) { c.PublicURL = "http://a/b" }},
		"source":                     {Flags{Config: file}, environment{"SCOUT_EGRESS_SOURCE": "192.0.2.10, ::1"}, func(c *Config) { c.Egress.Source = []string{"192.0.2.10", "::1"} }},
		"proxy":                      {Flags{Config: file}, environment{"SCOUT_EGRESS_PROXY": "socks5://p:1"}, func(c *Config) { c.Egress.Proxy = scout.NewSecret("socks5://p:1") }},
		"ca_files": {Flags{Config: file}, environment{"SCOUT_EGRESS_CA_FILES": "testdata/ca.pem"}, func(c *Config) {
			c.Egress.CAFiles, c.Egress.CAs = []string{filepath.Join(wd, "testdata/ca.pem")}, known
		}},
		"a list replaces":                  {Flags{Config: file}, environment{"SCOUT_EGRESS_ALLOW": "a.internal, ::1,"}, func(c *Config) { c.Egress.Allow = []string{"a.internal", "::1"} }},
		"retry":                            {Flags{Config: file}, environment{"SCOUT_DELIVERY_RETRY": "50ms,5m"}, func(c *Config) { c.Delivery.Retry = []time.Duration{50 * time.Millisecond, 5 * time.Minute} }},
		"give_up_after":                    {Flags{Config: file}, environment{"SCOUT_DELIVERY_GIVE_UP_AFTER": "30d"}, func(c *Config) { c.Delivery.GiveUpAfter = 720 * time.Hour }},
		"set to nothing is not set":        {Flags{Config: file}, environment{"SCOUT_LISTEN": "", "SCOUT_EGRESS_ALLOW": ""}, func(*Config) {}},
		"an unknown variable is no matter": {Flags{Config: file}, environment{"SCOUT_LISTNE": "x"}, func(*Config) {}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := inFile
			tt.want(&want)
			got, err := Load(tt.flags, tt.env.lookup)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, secretsByValue); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestFaultsOfAllSourcesAreReported(t *testing.T) {
	t.Parallel()
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	file := write(t, "listen: x\ncolour: blue\n")
	_, err = Load(Flags{Config: file, Listen: "y", Data: "\x00"}, environment{
		"SCOUT_LISTEN":                 "z:99999",
		"SCOUT_PUBLIC_URL":             "https://user:hunter2@example.com",
		"SCOUT_EGRESS_ALLOW":           "10.0.0.0/8,*",
		"SCOUT_EGRESS_SOURCE":          "127.0.0.1,eth0",
		"SCOUT_EGRESS_PROXY":           "proxy:hunter2@h",
		"SCOUT_EGRESS_CA_FILES":        "testdata/ca.pem,testdata/issue.yaml",
		"SCOUT_DELIVERY_RETRY":         ",",
		"SCOUT_DELIVERY_GIVE_UP_AFTER": "0s",
	}.lookup)
	const port = "must end in a port from 0 to 65535; 0 is any free port"
	const address = "must be host:port, such as 127.0.0.1:8080, or :8080 for every address of this machine"
	want := strings.NewReplacer("FILE:", file+":", "WD", wd).Replace(`SCOUT_LISTEN: ` + port + `
SCOUT_PUBLIC_URL: must be the address that people open, such as https://scout.example.com, without user, password and query
SCOUT_EGRESS_ALLOW[1]: "*" is none of: a range (10.0.0.0/8), an address (10.1.2.3), a host name (hooks.internal; without scheme, port or path, non-ASCII names in their xn-- form)
SCOUT_EGRESS_SOURCE[1]: "eth0" is not an address that requests can come from: write one of this machine's, such as 192.0.2.10 or 2001:db8::10
SCOUT_EGRESS_PROXY: the URL must begin with http://, https:// or socks5://
SCOUT_EGRESS_CA_FILES[1]: the file "WD/testdata/issue.yaml" holds no certificate: it must be PEM text, with lines of -----BEGIN CERTIFICATE-----
SCOUT_DELIVERY_RETRY: must be a list of 1 to 100 durations, such as [1s, 10s, 1m, 5m]
SCOUT_DELIVERY_GIVE_UP_AFTER: must be from 1s to 30d
--listen: ` + address + `
--data: must be the path of a folder, such as ./data
data: there is no folder of your own to keep data in, as HOME is not set: name one with --data or SCOUT_DATA
FILE:1:9: listen: ` + address + `
  listen: x
          ^
FILE:2:1: colour: is not a known key: known here are listen, data, public_url, tls, trusted_proxies, egress, delivery, servers, webhooks
  colour: ••••••
  ^`)
	if os.Geteuid() == 0 {
		want = strings.ReplaceAll(want, "data: there is no folder of your own to keep data in, as HOME is not set: name one with --data or SCOUT_DATA\n", "")
	}
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestListen(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"127.0.0.1:8080": true, ":8080": true, "localhost:0": true, "[::1]:65535": true, "[fe80::1%eth0]:80": true,
		"": false, "8080": false, "localhost": false, "::1:80": false, "a:b": false, "a:": false, ":080": false,
		":-1": false, ":65536": false, "a b:80": false, "http://a:80": false, "a/b:80": false,
	}
	for in, valid := range tests {
		var c Config
		if err := c.setListen(in); (err == nil) != valid || valid && c.Listen != in {
			t.Errorf("%q: got %q, %v", in, c.Listen, err)
		}
	}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // "" is refused
		"https://scout.example.com": "https://scout.example.com",
		"http://[::1]:8080/scout/":  "http://[::1]:8080/scout",
		"HTTPS://Example.com//":     "HTTPS://Example.com",
		"":                          "", "/scout": "", "example.com": "", "ftp://a": "", "https://": "", "https://a?": "",
		"https://a?b=c": "", "https://a#b": "", "https://u@a": "", "https://a:b": "", " https://a": "",
	}
	for in, want := range tests {
		var c Config
		if err := c.setPublicURL(in); (err == nil) != (want != "") || c.PublicURL != want {
			t.Errorf("%q: got %q, %v", in, c.PublicURL, err)
		}
	}
}

func TestRetryBounds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		items []string
		valid bool
	}{
		"none":      {nil, false},
		"shortest":  {[]string{"50ms"}, true},
		"too short": {[]string{"49ms"}, false},
		"longest":   {[]string{"5m"}, true},
		"too long":  {[]string{"5m1s"}, false},
		"most":      {strings.Split(strings.Repeat("1s,", 99)+"1s", ","), true},
		"too many":  {strings.Split(strings.Repeat("1s,", 100)+"1s", ","), false},
	}
	for name, tt := range tests {
		var c Config
		if err := c.setRetry(tt.items); (err == nil) != tt.valid || len(c.Delivery.Retry) > 0 != tt.valid {
			t.Errorf("%s: got %v, %v", name, c.Delivery.Retry, err)
		}
	}
}

func TestDefaultData(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		env  environment
		root bool
		want string // "" is refused
	}{
		"home":                   {environment{"HOME": "/home/ada"}, false, "/home/ada/.local/share/serverscout"},
		"root with a home":       {environment{"HOME": "/root"}, true, "/root/.local/share/serverscout"},
		"XDG":                    {environment{"HOME": "/home/ada", "XDG_DATA_HOME": "/data"}, false, "/data/serverscout"},
		"a relative XDG is none": {environment{"HOME": "/home/ada", "XDG_DATA_HOME": "data"}, false, "/home/ada/.local/share/serverscout"},
		"root without a home":    {nil, true, "/var/lib/serverscout"},
		"nothing":                {environment{"HOME": "", "XDG_DATA_HOME": ""}, false, ""},
	}
	for name, tt := range tests {
		if got, err := defaultData("linux", tt.root, tt.env.lookup); got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestUnreadableFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	long := filepath.Join(dir, "long.yaml")
	if err := os.WriteFile(long, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(long, maxFile+1); err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		dir:                            "cannot be read: is a directory",
		filepath.Join(dir, "none"):     "cannot be read: no such file or directory",
		long:                           "is longer than 16 MiB, the most that is read",
		write(t, "data: \xe9t\xe9"):    "is not UTF-8 text: save it in this encoding",
		write(t, "\xff\xfed\x00a\x00"): "is not UTF-8 text: save it in this encoding",
	}
	for file, want := range tests {
		_, err := Check(file, environment{"HOME": "/home/ada"}.lookup)
		if err == nil || err.Error() != file+": "+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestCheckReadsTheFileAlone has variables that Load would follow.
func TestCheckReadsTheFileAlone(t *testing.T) {
	t.Parallel()
	c := mustCheck(t, "listen: :1\ndata: /d\n", environment{"SCOUT_LISTEN": "nonsense", "SCOUT_CONFIG": "/none"})
	if c.Listen != ":1" {
		t.Errorf("got %q", c.Listen)
	}
}

// TestExamples loads the files that users copy from.
func TestExamples(t *testing.T) {
	t.Parallel()
	env := environment{
		"HOME":               "/home/ada",
		"OPS_TOKEN":          "token",
		"OPS_SIGNING_SECRET": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
		"SLACK_WEBHOOK_URL":  "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
		"BACKUP_TOKEN":       "nightly-backup-7f3a9c2e51",
		"ORDERS_PASSWORD":    "correct horse",
		"PAGERDUTY_KEY":      "0123456789abcdef0123456789abcdef",
	}
	for _, file := range []string{"testdata/issue.yaml", "../../../scout.example.yaml"} {
		c, err := Check(file, env.lookup)
		if err != nil {
			t.Errorf("%s", err)
			continue
		}
		if len(c.Declared.Servers) == 0 || len(c.Declared.Webhooks) == 0 {
			t.Errorf("%s: got %+v", file, c.Declared)
		}
		_, err = Check(file, environment{"HOME": "/home/ada"}.lookup)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Error(), "OPS_TOKEN is not set") {
			t.Errorf("%s: without its variables, got %v", file, err)
		}
	}
}

// TestExampleIsComplete looks for every key that the metadata knows.
func TestExampleIsComplete(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../../scout.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"tls", "cert_file", "key_file", "trusted_proxies", "allow", "source", "proxy", "ca_files"} {
		if !strings.Contains(string(content), key+":") {
			t.Errorf("the example lacks %s", key)
		}
	}
	var look func(fields []scout.Field)
	look = func(fields []scout.Field) {
		for _, f := range fields {
			if !strings.Contains(string(content), f.Name+":") {
				t.Errorf("the example lacks %s: %s", f.Name, f.Help)
			}
			look(f.Fields)
		}
	}
	look(manage.ServerFields())
	look(manage.AllCheckFields())
	look(manage.AllWebhookFields())
}

// TestEgress has a file of authorities beside the configuration file.
func TestEgress(t *testing.T) {
	t.Parallel()
	authority, err := os.ReadFile("testdata/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	file := write(t, `
egress:
  source: [192.0.2.10, "2001:db8::10"]
  proxy: http://scout:${PASSWORD}@proxy.internal:3128
  ca_files: [ca.pem]
`)
	beside := filepath.Join(filepath.Dir(file), "ca.pem")
	if err := os.WriteFile(beside, authority, 0o600); err != nil {
		t.Fatal(err)
	}
	known, err := egress.LoadCAs([]string{beside})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Check(file, environment{"HOME": "/home/ada", "PASSWORD": "hunter2"}.lookup)
	if err != nil {
		t.Fatal(err)
	}
	want := Egress{
		Source:  []string{"192.0.2.10", "2001:db8::10"},
		Proxy:   scout.NewSecret("http://scout:hunter2@proxy.internal:3128"),
		CAFiles: []string{beside},
		CAs:     known,
	}
	if diff := cmp.Diff(want, c.Egress, secretsByValue); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if none := mustCheck(t, "egress: {ca_files: [], source: []}", nil).Egress; none.CAs != nil || len(none.CAFiles)+len(none.Source) > 0 {
		t.Errorf("of empty lists: got %+v", none)
	}
}

// TestDeclaredValues looks at one value of every kind.
func TestDeclaredValues(t *testing.T) {
	t.Parallel()
	c, err := Check("testdata/issue.yaml", environment{
		"HOME": "/home/ada", "OPS_TOKEN": "abc", "OPS_SIGNING_SECRET": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
	}.lookup)
	if err != nil {
		t.Fatal(err)
	}
	server, webhook := c.Declared.Servers[0], c.Declared.Webhooks[0]
	check := server.Checks[0]
	if server.Server.Name != "web-server-01" || check.Interval != time.Minute || check.FailAfter != 3 || check.Source != scout.FromFile {
		t.Errorf("got %+v", server)
	}
	if h := webhook.Headers; len(h) != 1 || h[0].Name != "Authorization" || h[0].Value.Reveal() != "Bearer abc" {
		t.Errorf("got %+v", h)
	}
}

// TestLoadAnswersWithOneType: whoever reads problems one by one relies on it.
func TestLoadAnswersWithOneType(t *testing.T) {
	t.Parallel()
	for _, flags := range []Flags{{Config: "/none"}, {Listen: "x"}, {Data: "\x00"}} {
		_, err := Load(flags, environment{"HOME": "/home/ada"}.lookup)
		var e *Error
		if !errors.As(err, &e) || len(e.Problems) == 0 {
			t.Errorf("%+v: got %v", flags, err)
		}
	}
}
