package manage_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/probe"
	"serverscout/internal/scout"
)

const exampleFile = `
servers:
  - name: web-server-01
    ip: 192.168.1.100
    tags: [prod, web]
    checks:
      - name: HTTP
        kind: http
        target: http://192.168.1.100/
        interval: 60s
        timeout: 10s
        fail_after: 3
        recover_after: 2
        confirm_interval: 10s
        warn: {latency: 800ms}
        expect: {status: [200-299], body_contains: ok}
webhooks:
  - name: ops
    url: https://hooks.slack.com/services/T0/B0/x
    format: auto
    alert_types: [critical, warning, recovery]
    headers: {Authorization: "Bearer hunter2"}
    secret: whsec_aHVudGVyMi1jb3JyZWN0LWhvcnNlLWJhdHRlcnktc3RhcGxl
    match: {tags: [prod]}
`

// defaultsOf is what a check of a kind is set to if it is given no more than
// this of the kind's own keys.
func defaultsOf(kind string, given object) scout.Settings {
	s := scout.Settings{}
	k, _ := probe.Lookup(kind)
	for _, f := range k.Fields {
		if f.Default != nil {
			s[f.Name] = f.Default
		}
	}
	maps.Copy(s, given)
	return s
}

// parseFile reads servers and webhooks from YAML.
func parseFile(text string) (manage.Declared, error) {
	var file struct {
		Servers, Webhooks []object
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		return manage.Declared{}, err
	}
	return manage.ParseDeclared(file.Servers, file.Webhooks, egress.CheckURL)
}

func TestExampleFile(t *testing.T) {
	t.Parallel()
	got := value(parseFile(exampleFile))(t)
	equal(t, "what the file declares", got, manage.Declared{
		Servers: []manage.DeclaredServer{{
			Server: scout.Server{Name: "web-server-01", IP: "192.168.1.100", Tags: []string{"prod", "web"}, Source: scout.FromFile},
			Checks: []scout.Check{{
				Name: "HTTP", Kind: "http", Target: "http://192.168.1.100/", Source: scout.FromFile,
				Interval: time.Minute, Timeout: 10 * time.Second, ConfirmInterval: 10 * time.Second, FailAfter: 3, RecoverAfter: 2,
				Settings: defaultsOf("http", object{
					"warn":   object{"latency": "800ms"},
					"expect": object{"status": []string{"200-299"}, "body_contains": "ok"},
				}),
			}},
		}},
		Webhooks: []scout.Webhook{{
			Name: "ops", URL: scout.NewSecret("https://hooks.slack.com/services/T0/B0/x"), Format: "auto", Source: scout.FromFile,
			DisplayURL: "https://hooks.slack.com/services/T0/B0/" + scout.Masked,
			AlertTypes: scout.AllAlerts, Match: scout.Match{Tags: []string{"prod"}},
			Headers: []scout.Header{{Name: "Authorization", Value: scout.NewSecret("Bearer hunter2")}},
			Secret:  scout.NewSecret("whsec_aHVudGVyMi1jb3JyZWN0LWhvcnNlLWJhdHRlcnktc3RhcGxl"),
		}},
	})
}

// What the example says in full is also what is meant when nothing is said.
func TestCheckDefaults(t *testing.T) {
	t.Parallel()
	timing := scout.Check{Interval: time.Minute, Timeout: 10 * time.Second, ConfirmInterval: 10 * time.Second, FailAfter: 3, RecoverAfter: 2}
	short := timing
	short.Interval, short.Timeout, short.ConfirmInterval = 5*time.Second, 5*time.Second, 5*time.Second
	tests := map[string]struct {
		server scout.Server
		in     object
		want   func(c *scout.Check)
	}{
		"http": {scout.Server{IP: "192.0.2.1"}, object{"kind": "http"}, func(c *scout.Check) {
			*c = timing
			c.Name, c.Target, c.Settings = "HTTP", "http://192.0.2.1/", defaultsOf("http", nil)
		}},
		"http, IPv6": {scout.Server{IP: "2001:db8::1"}, object{"kind": "http", "interval": "5s"}, func(c *scout.Check) {
			*c = short
			c.Name, c.Target, c.Settings = "HTTP", "http://[2001:db8::1]/", defaultsOf("http", nil)
		}},
		"tcp": {scout.Server{IP: "192.0.2.1"}, object{"kind": "tcp", "target": "22"}, func(c *scout.Check) {
			*c = timing
			c.Name, c.Target = "TCP", "22"
		}},
		"tls": {scout.Server{IP: "192.0.2.1"}, object{"kind": "tls", "warn": object{}}, func(c *scout.Check) {
			*c = timing
			c.Name, c.Target, c.Settings = "TLS", "192.0.2.1:443", defaultsOf("tls", object{"warn": object{"days": int64(14)}})
		}},
		"heartbeat": {scout.Server{}, object{"kind": "heartbeat", "period": "24h", "token": "nightly-backup-7f3a9c2e51"}, func(c *scout.Check) {
			c.Name, c.FailAfter, c.RecoverAfter = "Heartbeat", 1, 1
			c.Settings = scout.Settings{"period": "1d", "grace": "1m", "token": "nightly-backup-7f3a9c2e51"}
		}},
		"null is absent": {scout.Server{IP: "192.0.2.1"}, object{"kind": "http", "interval": nil, "warn": nil, "method": nil, "name": nil}, func(c *scout.Check) {
			*c = timing
			c.Name, c.Target, c.Settings = "HTTP", "http://192.0.2.1/", defaultsOf("http", nil)
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want scout.Check
			test.want(&want)
			want.Kind = test.in["kind"].(string)
			equal(t, "check", value(manage.ParseCheck(test.server, test.in))(t), want)
		})
	}
}

func TestWebhookDefaults(t *testing.T) {
	t.Parallel()
	got := value(manage.ParseWebhook(object{"name": "ops", "url": "https://example.com/hook"}, egress.CheckURL))(t)
	equal(t, "webhook", got, scout.Webhook{
		Name: "ops", URL: scout.NewSecret("https://example.com/hook"), DisplayURL: "https://example.com/hook", Format: "auto", AlertTypes: scout.AllAlerts,
	})
}

func TestValuesTakenAsMeant(t *testing.T) {
	t.Parallel()
	s := value(manage.ParseServer(object{"name": "ドメイン " + "🐧", "ip": "fe80::1%eth0", "tags": []any{"b", int64(7), true, 1.5, "b"}}))(t)
	equal(t, "server", s, scout.Server{Name: "ドメイン 🐧", IP: "fe80::1%eth0", Tags: []string{"1.5", "7", "b", "true"}})
	c := value(manage.ParseCheck(s, object{
		"kind": "http", "target": "http://web/", "interval": "1.5d", "fail_after": 4.0, "recover_after": uint64(5), "confirm_interval": "1.5d",
		"expect": object{"status": []any{uint64(200), "300-399"}}, "headers": object{"X-Count": int64(3)},
	}))(t)
	if c.Interval != 36*time.Hour || c.ConfirmInterval != c.Interval || c.FailAfter != 4 || c.RecoverAfter != 5 {
		t.Errorf("got %+v", c)
	}
	equal(t, "status", c.Settings["expect"], object{"status": []string{"200", "300-399"}})
	equal(t, "headers", c.Settings["headers"], object{"X-Count": "3"})
}

// An input may be used again by its owner.
func TestInputsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	tags := []string{"b", "a"}
	value(manage.ParseServer(object{"name": "web", "tags": tags}))(t)
	equal(t, "tags", tags, []string{"b", "a"})
}

func TestChangeCheck(t *testing.T) {
	t.Parallel()
	token := "nightly-backup-7f3a9c2e51"
	base := object{
		"kind": "http", "name": "Site", "target": "https://ops:hunter2@example.com/", "certificate": false,
		"warn": object{"latency": "1s"}, "expect": object{"status": []any{"200"}, "body_contains": "ok"},
		"headers": object{"Authorization": "Bearer hunter2", "X-Key": "7"},
	}
	tests := map[string]struct {
		patch object
		want  object // beside the base; nil: gone
	}{
		"nothing":                {object{}, object{}},
		"a key":                  {object{"fail_after": 5}, object{"fail_after": int64(5)}},
		"null restores default":  {object{"target": nil, "certificate": nil}, object{"target": "http://192.0.2.1/", "certificate": true}},
		"within a group":         {object{"expect": object{"body_contains": "up"}}, object{"expect": object{"status": []any{"200"}, "body_contains": "up"}}},
		"null within a group":    {object{"expect": object{"body_contains": nil}}, object{"expect": object{"status": []any{"200"}}}},
		"null for a group":       {object{"warn": nil}, object{"warn": nil}},
		"lists replace":          {object{"expect": object{"status": []any{"201"}}}, object{"expect": object{"status": []any{"201"}, "body_contains": "ok"}}},
		"masked values are kept": {object{"headers": object{"Authorization": scout.Masked, "X-Key": "8"}}, object{"headers": object{"Authorization": "Bearer hunter2", "X-Key": "8"}}},
		"a header null":          {object{"headers": object{"X-Key": nil}}, object{"headers": object{"Authorization": "Bearer hunter2"}}},
		"headers null":           {object{"headers": nil}, object{"headers": nil}},
		"the shown target":       {object{"target": "https://ops:" + scout.Masked + "@example.com/"}, object{}},
		"interval, defaults follow": {
			object{"interval": "5s"}, object{"interval": "5s", "timeout": "5s", "confirm_interval": "5s"},
		},
		"kind tcp": {object{"kind": "tcp", "target": "22"}, object{
			"kind": "tcp", "target": "22", "certificate": nil, "warn": nil, "expect": nil, "headers": nil, "method": nil,
			"family": nil, "http_version": nil, "redirects": nil,
		}},
		"kind heartbeat": {object{"kind": "heartbeat", "period": "1d", "token": token}, object{
			"kind": "heartbeat", "period": "1d", "grace": "1m", "token": token, "target": nil, "certificate": nil, "warn": nil, "expect": nil, "headers": nil,
			"method": nil, "interval": nil, "timeout": nil, "confirm_interval": nil, "fail_after": nil, "recover_after": nil,
			"family": nil, "http_version": nil, "redirects": nil,
		}},
	}
	timing := object{"interval": "1m", "timeout": "10s", "confirm_interval": "10s", "fail_after": 3, "recover_after": 2}
	maps.Copy(timing, defaultsOf("http", nil))
	delete(timing, "certificate")
	m, s := setup(t)
	server := value(m.CreateServer(context.Background(), object{"name": "web", "ip": "192.0.2.1"}))(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			old := value(m.CreateCheck(ctx, server.ID, with(base, object{"name": name})))(t)
			got := value(m.ChangeCheck(ctx, old.ID, 0, test.patch))(t)
			want := with(with(with(base, timing), object{"name": name}), test.want)
			for k, v := range want {
				if v == nil {
					delete(want, k)
				}
			}
			equal(t, "changed check", viaJSON(t, manage.DescribeCheck(got)), viaJSON(t, want))
			equal(t, "stored check", viaJSON(t, manage.DescribeCheck(value(s.Check(ctx, old.ID))(t))), viaJSON(t, want))
			if got.CreatedAt != old.CreatedAt {
				t.Error("the time of creation changed")
			}
		})
	}
}

func TestChangeCheckRefused(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	server := value(m.CreateServer(ctx, object{"name": "web", "ip": "192.0.2.1"}))(t)
	check := value(m.CreateCheck(ctx, server.ID, object{"kind": "http", "interval": "60s", "confirm_interval": "30s"}))(t)
	value(m.CreateCheck(ctx, server.ID, object{"kind": "tls"}))(t)
	tests := map[string]struct {
		patch object
		want  []string
	}{
		"confirm_interval was chosen":    {object{"interval": "20s"}, []string{"confirm_interval"}},
		"kind null":                      {object{"kind": nil}, []string{"kind"}},
		"kind unknown":                   {object{"kind": "ping"}, []string{"kind"}},
		"a mask without a secret":        {object{"headers": object{"X-New": scout.Masked}}, []string{"headers.X-New"}},
		"a mask in another URL":          {object{"target": "https://a:" + scout.Masked + "@web/"}, []string{"target"}},
		"keys of the kind before, given": {object{"kind": "tcp", "target": "22", "method": "GET"}, []string{"method"}},
		"all faults":                     {object{"interval": 5, "naem": "x"}, []string{"interval", "naem"}},
	}
	for name, test := range tests {
		_, err := m.ChangeCheck(ctx, check.ID, 0, test.patch)
		t.Run(name, func(t *testing.T) { wantFaults(t, err, test.want...) })
	}
	_, err := m.ChangeCheck(ctx, check.ID, 0, object{"name": "TLS"})
	wantCode(t, err, scout.Conflict)
	_, err = m.ChangeCheck(ctx, 99, 0, object{})
	wantCode(t, err, scout.NotFound)
	equal(t, "stored check", value(s.Check(ctx, check.ID))(t), check)
}
