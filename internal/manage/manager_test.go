package manage_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

func TestCreateReturnsWhatIsStored(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	server := value(m.CreateServer(ctx, object{"name": "web", "ip": "192.0.2.1", "tags": []any{"web", "prod", "web"}}))(t)
	equal(t, "server", server, value(s.Server(ctx, server.ID))(t))
	equal(t, "tags", server.Tags, []string{"prod", "web"})
	check := value(m.CreateCheck(ctx, server.ID, object{"kind": "http"}))(t)
	equal(t, "check", check, value(s.Check(ctx, check.ID))(t))
	webhook := value(m.CreateWebhook(ctx, fullWebhook("ops")))(t)
	equal(t, "webhook", webhook, value(s.Webhook(ctx, webhook.ID))(t))
	if server.ID == 0 || server.Source != scout.FromDatabase || check.Source != scout.FromDatabase || webhook.Source != scout.FromDatabase {
		t.Errorf("got %+v, %+v, %+v", server, check, webhook)
	}
}

func TestCreateRefused(t *testing.T) {
	t.Parallel()
	m, _ := setup(t)
	ctx := context.Background()
	server := value(m.CreateServer(ctx, object{"name": "web", "ip": "192.0.2.1"}))(t)
	value(m.CreateCheck(ctx, server.ID, object{"kind": "http"}))(t)
	value(m.CreateWebhook(ctx, fullWebhook("ops")))(t)
	_, err := m.CreateServer(ctx, object{"name": "web"})
	wantCode(t, err, scout.Conflict)
	_, err = m.CreateCheck(ctx, server.ID, object{"kind": "http"})
	wantCode(t, err, scout.Conflict)
	_, err = m.CreateWebhook(ctx, fullWebhook("ops"))
	wantCode(t, err, scout.Conflict)
	_, err = m.CreateCheck(ctx, 99, object{"kind": "http"})
	wantCode(t, err, scout.NotFound)
	_, err = m.CreateServer(ctx, object{})
	wantFaults(t, err, "name")
	_, err = m.CreateCheck(ctx, server.ID, object{"kind": "tcp"})
	wantFaults(t, err, "target")
	_, err = m.CreateWebhook(ctx, object{"name": "dev"})
	wantFaults(t, err, "url")
}

func TestChangeServer(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	old := value(m.CreateServer(ctx, object{"name": "web", "ip": "192.0.2.1", "tags": []any{"prod"}}))(t)
	got := value(m.ChangeServer(ctx, old.ID, 0, object{"name": "www", "tags": nil}))(t)
	want := old
	want.Name, want.Tags, want.UpdatedAt, want.Revision = "www", nil, got.UpdatedAt, 2
	equal(t, "changed server", got, want)
	equal(t, "stored server", value(s.Server(ctx, old.ID))(t), want)
	_, err := m.ChangeServer(ctx, old.ID, 0, object{"name": nil, "ip": "a b"})
	wantFaults(t, err, "name", "ip")
	_, err = m.ChangeServer(ctx, 99, 0, object{})
	wantCode(t, err, scout.NotFound)
	value(m.CreateServer(ctx, object{"name": "db"}))(t)
	_, err = m.ChangeServer(ctx, old.ID, 0, object{"name": "db"})
	wantCode(t, err, scout.Conflict)
}

// Targets that were built from the server's ip follow a new one, also through
// the configuration file; those that somebody chose stay.
func TestDefaultTargetsFollowTheServer(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	server := value(m.CreateServer(ctx, object{"name": "web", "ip": "192.0.2.1"}))(t)
	for _, in := range []object{
		{"kind": "http"},
		{"kind": "tls"},
		{"kind": "tcp", "target": "22"},
		{"kind": "heartbeat", "period": "1d", "token": "nightly-backup-7f3a9c2e51"},
		{"kind": "http", "name": "chosen", "target": "https://192.0.2.1/"},
	} {
		value(m.CreateCheck(ctx, server.ID, in))(t)
	}
	wantTargets := func(ip string) {
		t.Helper()
		got := map[string]string{}
		for name, c := range checksOf(t, s, server.ID) {
			got[name] = c.Target
		}
		equal(t, "targets", got, map[string]string{
			"HTTP": "http://" + ip + "/", "TLS": ip + ":443", "TCP": "22", "Heartbeat": "",
			"chosen": "https://192.0.2.1/", "chosen certificate": "192.0.2.1:443",
		})
	}
	value(m.ChangeServer(ctx, server.ID, 0, object{"ip": "192.0.2.2"}))(t)
	wantTargets("192.0.2.2")
	value(m.ChangeServer(ctx, server.ID, 0, object{"ip": nil}))(t) // nothing to build them from
	wantTargets("192.0.2.2")
	value(m.ChangeServer(ctx, server.ID, 0, object{"ip": "192.0.2.2"}))(t)
	must(t, m.Apply(ctx, value(parseFile("servers: [{name: web, ip: 192.0.2.3}]"))(t)))
	wantTargets("192.0.2.3")
}

func TestDeleteServer(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	server := value(m.CreateServer(ctx, object{"name": "web", "ip": "192.0.2.1"}))(t)
	value(m.CreateCheck(ctx, server.ID, object{"kind": "http"}))(t)
	must(t, m.DeleteServer(ctx, server.ID, 0))
	if left := checksOf(t, s, server.ID); len(left) != 0 || len(serversOf(t, s)) != 0 {
		t.Errorf("left are %v", left)
	}
	wantCode(t, m.DeleteServer(ctx, server.ID, 0), scout.NotFound)
}

// brought makes an https check and returns its server, itself and the check
// that it brought along.
func brought(t *testing.T, m *manage.Manager, checks func(int64) map[string]scout.Check) (server scout.Server, parent, along scout.Check) {
	t.Helper()
	ctx := context.Background()
	server = value(m.CreateServer(ctx, object{"name": "web"}))(t)
	parent = value(m.CreateCheck(ctx, server.ID, object{"kind": "http", "name": "Site", "target": "https://example.com/"}))(t)
	along, ok := checks(server.ID)["Site certificate"]
	if !ok {
		t.Fatal("no certificate check was brought along")
	}
	return server, parent, along
}

func TestCertificateCheckComesAlong(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	checks := func(id int64) map[string]scout.Check { return checksOf(t, s, id) }
	server, parent, along := brought(t, m, checks)
	if along.Kind != "tls" || along.Target != "example.com:443" || along.ParentID != parent.ID || along.Source != scout.FromDatabase {
		t.Errorf("got %+v", along)
	}
	value(m.PauseCheck(ctx, along.ID))(t)
	value(m.ChangeCheck(ctx, parent.ID, 0, object{"name": "Shop", "target": "https://shop.example.com:8443/", "interval": "5m"}))(t)
	got := checks(server.ID)
	equal(t, "names", slices.Sorted(maps.Keys(got)), []string{"Shop", "Shop certificate"})
	want := along
	want.Name, want.Target, want.Paused = "Shop certificate", "shop.example.com:8443", true
	want.Interval, want.UpdatedAt = got["Shop"].Interval, got["Shop certificate"].UpdatedAt
	want.Revision = 3 // paused, and changed
	equal(t, "certificate check", got["Shop certificate"], want)

	for _, off := range []object{{"certificate": false}, {"target": "http://example.com/"}, {"kind": "tcp", "target": "example.com:22"}} {
		value(m.ChangeCheck(ctx, parent.ID, 0, off))(t)
		equal(t, "names with it off", slices.Sorted(maps.Keys(checks(server.ID))), []string{"Shop"})
		value(m.ChangeCheck(ctx, parent.ID, 0, object{"kind": "http", "certificate": true, "target": "https://example.com/"}))(t)
		equal(t, "names with it on", slices.Sorted(maps.Keys(checks(server.ID))), []string{"Shop", "Shop certificate"})
	}
	must(t, m.DeleteCheck(ctx, parent.ID, 0))
	equal(t, "left", checks(server.ID), map[string]scout.Check{})
}

func TestCertificateCheckIsChangedThroughItsParent(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	_, _, along := brought(t, m, func(id int64) map[string]scout.Check { return checksOf(t, s, id) })
	_, err := m.ChangeCheck(ctx, along.ID, 0, object{"interval": "5m"})
	wantCode(t, err, scout.Conflict)
	if !strings.Contains(err.Error(), "certificate: false") {
		t.Errorf("the error does not say how to switch it off: %v", err)
	}
	wantCode(t, m.DeleteCheck(ctx, along.ID, 0), scout.Conflict)
}

// A check that somebody made by hand stands in the stead of the one that would
// come along, on whichever side of it the name sorts.
func TestHandMadeCertificateCheckStands(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"A", "Z"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, s := setup(t)
			ctx := context.Background()
			server, parent, _ := brought(t, m, func(id int64) map[string]scout.Check { return checksOf(t, s, id) })
			made := value(m.CreateCheck(ctx, server.ID, object{"kind": "tls", "name": name + " certificate", "target": "example.net"}))(t)
			value(m.ChangeCheck(ctx, parent.ID, 0, object{"name": name}))(t)
			got := checksOf(t, s, server.ID)
			equal(t, "names", slices.Sorted(maps.Keys(got)), []string{name, name + " certificate"})
			equal(t, "check made by hand", got[name+" certificate"], made)
			must(t, m.DeleteCheck(ctx, parent.ID, 0))
			equal(t, "left", checksOf(t, s, server.ID), map[string]scout.Check{made.Name: made})
		})
	}
}

func TestPauseAndResumeCheck(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	must(t, m.Apply(ctx, value(parseFile(exampleFile))(t)))
	server := serversOf(t, s)["web-server-01"]
	check := checksOf(t, s, server.ID)["HTTP"]
	paused := value(m.PauseCheck(ctx, check.ID))(t)
	if !paused.Paused {
		t.Error("not paused")
	}
	equal(t, "stored check", value(s.Check(ctx, check.ID))(t), paused)
	equal(t, "paused twice", value(m.PauseCheck(ctx, check.ID))(t), paused)
	resumed := value(m.ResumeCheck(ctx, check.ID))(t)
	check.UpdatedAt, check.Revision = resumed.UpdatedAt, check.Revision+2
	equal(t, "resumed check", resumed, check)
	_, err := m.PauseCheck(ctx, 99)
	wantCode(t, err, scout.NotFound)
}

func TestWhatTheFileDeclaresIsReadOnly(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	must(t, m.Apply(ctx, value(parseFile(exampleFile))(t)))
	server, webhook := serversOf(t, s)["web-server-01"], webhooksOf(t, s)["ops"]
	check := checksOf(t, s, server.ID)["HTTP"]
	_, changedServer := m.ChangeServer(ctx, server.ID, 0, object{"ip": "192.0.2.9"})
	_, changedCheck := m.ChangeCheck(ctx, check.ID, 0, object{"interval": "5m"})
	_, changedWebhook := m.ChangeWebhook(ctx, webhook.ID, 0, object{"format": "native"})
	for what, err := range map[string]error{
		"change of the server":    changedServer,
		"change of the check":     changedCheck,
		"change of the webhook":   changedWebhook,
		"deletion of the server":  m.DeleteServer(ctx, server.ID, 0),
		"deletion of the check":   m.DeleteCheck(ctx, check.ID, 0),
		"deletion of the webhook": m.DeleteWebhook(ctx, webhook.ID, 0),
	} {
		t.Run(what, func(t *testing.T) { wantCode(t, err, scout.ManagedByFile) })
	}
	equal(t, "server", serversOf(t, s)["web-server-01"], server)
	equal(t, "check", checksOf(t, s, server.ID)["HTTP"], check)
	equal(t, "webhook", webhooksOf(t, s)["ops"], webhook)
}

func TestCreateToken(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	made, plain, err := m.CreateToken(ctx, object{"name": "deploy", "role": "editor"})
	must(t, err)
	token, ok, err := s.TokenFor(ctx, plain)
	must(t, err)
	equal(t, "the token", made, token)
	if !ok || token.Name != "deploy" || token.Role != scout.Editor {
		t.Errorf("got %+v, %v", token, ok)
	}
	_, second, err := m.CreateToken(ctx, object{"name": "deploy", "role": "admin"})
	wantCode(t, err, scout.Conflict)
	if !second.Empty() {
		t.Error("a token was returned that is not stored")
	}
	_, _, err = m.CreateToken(ctx, object{"name": strings.Repeat("ä", 501), "role": "viewer"})
	wantFaults(t, err, "name")
	_, _, err = m.CreateToken(ctx, object{"name": " ", "role": "root"})
	equal(t, "faults", faultsOf(t, err), []scout.FieldError{
		{Field: "role", Value: "root", Message: "must be one of viewer, editor, admin"},
		{Field: "name", Value: " ", Message: notBlank},
	})
}
