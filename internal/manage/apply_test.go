package manage_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"serverscout/internal/egress"
	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

const twoServers = `
servers:
  - name: web
    ip: 192.0.2.1
    tags: [prod]
    checks:
      - {kind: http, name: Site, target: "https://example.com/", expect: {status: [200]}}
      - {kind: heartbeat, name: Backup, period: 24h, token: nightly-backup-7f3a9c2e51}
  - name: db
    checks:
      - {kind: tcp, target: "db:5432", interval: 2m}
webhooks:
  - {name: ops, url: "https://example.com/ops", headers: {Authorization: Bearer hunter2}, match: {tags: [prod]}}
  - {name: dev, url: "https://hooks.slack.com/services/T0/B0/x"}
`

// apply makes the store what a file declares.
func apply(t *testing.T, m *manage.Manager, file string) {
	t.Helper()
	must(t, m.Apply(context.Background(), value(parseFile(file))(t)))
}

// everything is all that is configured, with ids and times.
type everything struct {
	Servers  map[string]scout.Server
	Checks   map[string]scout.Check // by "server/check"
	Webhooks map[string]scout.Webhook
}

func stored(t *testing.T, s *store.Store) everything {
	t.Helper()
	all := everything{serversOf(t, s), map[string]scout.Check{}, webhooksOf(t, s)}
	for _, server := range all.Servers {
		for _, c := range checksOf(t, s, server.ID) {
			all.Checks[server.Name+"/"+c.Name] = c
		}
	}
	return all
}

func (e everything) wantNames(t *testing.T, servers, checks, webhooks []string) {
	t.Helper()
	equal(t, "servers", slices.Sorted(maps.Keys(e.Servers)), servers)
	equal(t, "checks", slices.Sorted(maps.Keys(e.Checks)), checks)
	equal(t, "webhooks", slices.Sorted(maps.Keys(e.Webhooks)), webhooks)
}

func TestApply(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	declared := value(parseFile(twoServers))(t)
	must(t, m.Apply(context.Background(), declared))
	got := stored(t, s)
	got.wantNames(t, []string{"db", "web"}, []string{"db/TCP", "web/Backup", "web/Site", "web/Site certificate"}, []string{"dev", "ops"})
	for _, want := range declared.Servers {
		server := got.Servers[want.Server.Name]
		equal(t, "server", manage.DescribeServer(server), manage.DescribeServer(want.Server))
		for _, c := range want.Checks {
			check := got.Checks[server.Name+"/"+c.Name]
			equal(t, "check", viaJSON(t, manage.DescribeCheck(check)), viaJSON(t, manage.DescribeCheck(c)))
		}
	}
	for _, want := range declared.Webhooks {
		equal(t, "webhook", manage.DescribeWebhook(got.Webhooks[want.Name]), manage.DescribeWebhook(want))
	}
	for name, c := range got.Checks {
		if c.Source != scout.FromFile || c.ServerID == 0 {
			t.Errorf("%s: got source %s, server %d", name, c.Source, c.ServerID)
		}
	}
	if along, parent := got.Checks["web/Site certificate"], got.Checks["web/Site"]; along.ParentID != parent.ID || along.Target != "example.com:443" {
		t.Errorf("got %+v", along)
	}
	if got.Servers["web"].Source != scout.FromFile || got.Webhooks["ops"].Source != scout.FromFile {
		t.Errorf("got sources %s, %s", got.Servers["web"].Source, got.Webhooks["ops"].Source)
	}
}

// The same file again touches nothing, whoever paused what.
func TestApplyAgain(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	apply(t, m, twoServers)
	first := stored(t, s)
	value(m.PauseCheck(ctx, first.Checks["web/Site"].ID))(t)
	value(m.PauseCheck(ctx, first.Checks["web/Site certificate"].ID))(t)
	value(m.PauseWebhook(ctx, first.Webhooks["ops"].ID))(t)
	before := stored(t, s)
	apply(t, m, twoServers)
	equal(t, "after the same file", stored(t, s), before)
}

// One change in the file touches one object, which keeps its id, its pause and
// the time it was made.
func TestApplyChanges(t *testing.T) {
	t.Parallel()
	changed := map[string]struct {
		file  string
		check func(e *everything)
	}{
		"a server": {twoServersWith(t, "ip: 192.0.2.1", "ip: 192.0.2.2"), func(e *everything) {
			v := e.Servers["web"]
			v.IP = "192.0.2.2"
			e.Servers["web"] = v
		}},
		"a check": {twoServersWith(t, "interval: 2m", "interval: 3m"), func(e *everything) {
			v := e.Checks["db/TCP"]
			v.Interval = 3 * time.Minute
			e.Checks["db/TCP"] = v
		}},
		"a webhook": {twoServersWith(t, "hunter2", "hunter3"), func(e *everything) {
			v := e.Webhooks["ops"]
			v.Headers = []scout.Header{{Name: "Authorization", Value: scout.NewSecret("Bearer hunter3")}}
			e.Webhooks["ops"] = v
		}},
	}
	for name, test := range changed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, s := setup(t)
			ctx := context.Background()
			apply(t, m, twoServers)
			value(m.PauseCheck(ctx, stored(t, s).Checks["db/TCP"].ID))(t)
			value(m.PauseWebhook(ctx, stored(t, s).Webhooks["ops"].ID))(t)
			want := stored(t, s)
			apply(t, m, test.file)
			got := stored(t, s)
			test.check(&want)
			if touched(&want, got) != 1 {
				t.Errorf("touched %d objects, want 1", touched(&want, got))
			}
			equal(t, "after the change", got, want)
		})
	}
}

// touched counts what was saved since, and sets its time in e.
func touched(e *everything, now everything) (n int) {
	for k, v := range e.Servers {
		if v.UpdatedAt != now.Servers[k].UpdatedAt {
			n++
		}
		v.UpdatedAt, v.Revision = now.Servers[k].UpdatedAt, now.Servers[k].Revision
		e.Servers[k] = v
	}
	for k, v := range e.Checks {
		if v.UpdatedAt != now.Checks[k].UpdatedAt {
			n++
		}
		v.UpdatedAt, v.Revision = now.Checks[k].UpdatedAt, now.Checks[k].Revision
		e.Checks[k] = v
	}
	for k, v := range e.Webhooks {
		if v.UpdatedAt != now.Webhooks[k].UpdatedAt {
			n++
		}
		v.UpdatedAt, v.Revision = now.Webhooks[k].UpdatedAt, now.Webhooks[k].Revision
		e.Webhooks[k] = v
	}
	return n
}

func TestApplyRemoves(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	value(m.CreateServer(ctx, object{"name": "mine"}))(t)
	value(m.CreateWebhook(ctx, object{"name": "my hook", "url": "https://example.com/"}))(t)
	apply(t, m, twoServers)
	owed := owe(t, s, webhooksOf(t, s)["ops"])
	apply(t, m, `
servers:
  - name: web
    checks: [{kind: http, name: Site, target: "https://example.com/", certificate: false}]
`)
	stored(t, s).wantNames(t, []string{"mine", "web"}, []string{"web/Site"}, []string{"my hook"})
	if got := value(s.Delivery(ctx, owed.ID))(t); got.Status != scout.DeliveryCancelled || got.Reason != scout.WebhookRemoved {
		t.Errorf("got %+v", got)
	}
	apply(t, m, "")
	stored(t, s).wantNames(t, []string{"mine"}, nil, []string{"my hook"})
}

// What the file names becomes the file's, with its history; what it does not
// name stays whose it was.
func TestApplyTakesOver(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	server := value(m.CreateServer(ctx, object{"name": "web", "ip": "192.0.2.9"}))(t)
	site := value(m.CreateCheck(ctx, server.ID, object{"kind": "http", "name": "Site", "target": "https://example.org/"}))(t)
	value(m.PauseCheck(ctx, site.ID))(t)
	other := value(m.CreateCheck(ctx, server.ID, object{"kind": "tcp", "name": "SSH", "target": "22"}))(t)
	hook := value(m.CreateWebhook(ctx, object{"name": "ops", "url": "https://example.org/"}))(t)
	value(m.PauseWebhook(ctx, hook.ID))(t)
	before := stored(t, s)
	apply(t, m, twoServers)
	got := stored(t, s)

	web, check, along, ops := got.Servers["web"], got.Checks["web/Site"], got.Checks["web/Site certificate"], got.Webhooks["ops"]
	if web.ID != server.ID || web.Source != scout.FromFile || web.IP != "192.0.2.1" || web.CreatedAt != server.CreatedAt {
		t.Errorf("server: got %+v", web)
	}
	if check.ID != site.ID || check.Source != scout.FromFile || check.Target != "https://example.com/" || !check.Paused {
		t.Errorf("check: got %+v", check)
	}
	if along.ID != before.Checks["web/Site certificate"].ID || along.Source != scout.FromFile || along.Target != "example.com:443" {
		t.Errorf("certificate check: got %+v", along)
	}
	if ops.ID != hook.ID || ops.Source != scout.FromFile || ops.URL.Reveal() != "https://example.com/ops" || !ops.Paused {
		t.Errorf("webhook: got %+v", ops)
	}
	equal(t, "check the file does not name", got.Checks["web/SSH"], other)
}

// Checks added by hand to a server of the file keep that server when the file
// drops it; it can be taken over again.
func TestApplyDropsAServerWithChecksMadeByHand(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	apply(t, m, twoServers)
	web := serversOf(t, s)["web"]
	value(m.CreateCheck(ctx, web.ID, object{"kind": "http", "name": "Shop", "target": "https://shop.example.com/"}))(t)
	before := stored(t, s)
	apply(t, m, "")
	got := stored(t, s)
	got.wantNames(t, []string{"web"}, []string{"web/Shop", "web/Shop certificate"}, nil)
	equal(t, "check made by hand", got.Checks["web/Shop"], before.Checks["web/Shop"])
	if got.Servers["web"].ID != web.ID || got.Servers["web"].Source != scout.FromDatabase {
		t.Errorf("got %+v", got.Servers["web"])
	}
	value(m.ChangeServer(ctx, web.ID, 0, object{"ip": "192.0.2.7"}))(t)
	apply(t, m, twoServers)
	if again := serversOf(t, s)["web"]; again.ID != web.ID || again.Source != scout.FromFile || again.IP != "192.0.2.1" {
		t.Errorf("got %+v", again)
	}
}

// The check that would come along yields to one made by hand and to one that
// the file declares itself, which takes the place of the one there was.
func TestApplyCertificateCheckYields(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := context.Background()
	apply(t, m, "servers: [{name: web}]")
	made := value(m.CreateCheck(ctx, serversOf(t, s)["web"].ID, object{"kind": "tls", "name": "Site certificate", "target": "example.net"}))(t)
	apply(t, m, twoServers)
	equal(t, "check made by hand", stored(t, s).Checks["web/Site certificate"], made)

	must(t, m.DeleteCheck(ctx, made.ID, 0))
	apply(t, m, twoServers)
	along := stored(t, s).Checks["web/Site certificate"]
	apply(t, m, twoServersWith(t, "- {kind: heartbeat,", `- {kind: tls, name: Site certificate, target: example.net}
      - {kind: heartbeat,`))
	if got := stored(t, s).Checks["web/Site certificate"]; got.ID != along.ID || got.ParentID != 0 || got.Target != "example.net" {
		t.Errorf("got %+v", got)
	}
	apply(t, m, "servers: [{name: web, checks: [{kind: tls, name: Site certificate, target: example.net}]}]")
	stored(t, s).wantNames(t, []string{"web"}, []string{"web/Site certificate"}, nil)
	apply(t, m, twoServers)
	if got := stored(t, s).Checks["web/Site certificate"]; got.ID != along.ID || got.ParentID == 0 || got.Target != "example.com:443" {
		t.Errorf("got %+v", got)
	}
}

var errSave = errors.New("the disk is full")

// failing is a ledger whose transactions cannot save webhooks.
type failing struct{ ledger }

func (f failing) Update(ctx context.Context, fn func(manage.Tx) error) error {
	return f.ledger.Update(ctx, func(tx manage.Tx) error { return fn(failingTx{tx}) })
}

type failingTx struct{ manage.Tx }

func (failingTx) SaveWebhook(*scout.Webhook) error { return errSave }

func TestApplyIsAllOrNothing(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	apply(t, m, twoServers)
	before := stored(t, s)
	file := value(parseFile(`
servers: [{name: new, checks: [{kind: tcp, target: "new:22"}]}, {name: web, ip: 192.0.2.2}]
webhooks: [{name: ops, url: "https://example.com/other"}]
`))(t)
	if err := manage.New(failing{ledger{s}}, egress.CheckURL).Apply(context.Background(), file); !errors.Is(err, errSave) {
		t.Fatalf("got error %v", err)
	}
	equal(t, "after a failed save", stored(t, s), before)
	must(t, m.Apply(context.Background(), file))
	stored(t, s).wantNames(t, []string{"new", "web"}, []string{"new/TCP"}, []string{"ops"})
}
