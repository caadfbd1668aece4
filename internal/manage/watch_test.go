package manage_test

import (
	"errors"
	"testing"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := t.Context()
	https := object{"kind": "http", "name": "HTTPS", "target": "https://example.com/"}
	ssh := object{"kind": "tcp", "name": "SSH", "target": "example.com:22"}
	server := value(m.Watch(ctx, 0, object{"name": "example.com", "ip": "example.com"}, []object{https}))(t)
	again := value(m.Watch(ctx, server.ID, nil, []object{ssh}))(t)
	if again.ID != server.ID || server.Source != scout.FromDatabase {
		t.Errorf("the second check is on %+v, want it on server %d", again, server.ID)
	}
	checks := value(s.ListChecks(ctx, scout.CheckFilter{ServerID: server.ID}, 10))(t)
	names := ""
	for _, c := range checks {
		names += c.Name + "; "
	}
	if names != "HTTPS; HTTPS certificate; SSH; " {
		t.Errorf("checks = %s", names)
	}
}

// One fault undoes all of it, and each is named.
func TestWatchIsAllOrNothing(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := t.Context()
	good := object{"kind": "tcp", "target": "example.com:22"}
	_, err := m.Watch(ctx, 0, object{"name": "example.com"}, []object{good, {"kind": "tcp", "target": "nowhere"}, {"kind": "no"}, good})
	var e *scout.Error
	if !errors.As(err, &e) || e.Code != scout.Invalid || len(e.Fields) != 3 {
		t.Fatalf("error = %v, want three faults", err)
	}
	for i, want := range []string{"checks[1].target", "checks[2].kind", "checks[3]"} {
		if e.Fields[i].Field != want {
			t.Errorf("fault %d is at %s, want %s", i, e.Fields[i].Field, want)
		}
	}
	if servers := value(s.ListServers(ctx, scout.ServerFilter{}, 10))(t); len(servers) != 0 {
		t.Errorf("%d servers were made", len(servers))
	}
	if _, err := m.Watch(ctx, 0, object{"name": ""}, nil); !scout.HasCode(err, scout.Invalid) {
		t.Errorf("a server without a name: %v", err)
	}
	if _, err := m.Watch(ctx, 99, nil, []object{good}); !scout.HasCode(err, scout.NotFound) {
		t.Errorf("a server that is not there: %v", err)
	}
}

func TestCheckKinds(t *testing.T) {
	t.Parallel()
	kinds := manage.CheckKinds()
	if len(kinds) < 5 {
		t.Fatalf("%d kinds", len(kinds))
	}
	for _, k := range kinds {
		one := value(manage.CheckKind(k.Name))(t)
		if one.Title == "" || one.Help == "" || k.Fields[0].Name != "name" || len(one.Fields) != len(k.Fields) {
			t.Errorf("kind %s is not described: %+v", k.Name, one)
		}
	}
	if _, err := manage.CheckKind("nope"); !scout.HasCode(err, scout.NotFound) {
		t.Errorf("a kind that is none: %v", err)
	}
}

func TestDraftStoresNothing(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := t.Context()
	server := value(m.CreateServer(ctx, object{"name": "web-1", "ip": "192.0.2.1"}))(t)
	old := value(m.CreateCheck(ctx, server.ID, object{"kind": "http", "target": "https://192.0.2.1/", "bearer_token": "hush"}))(t)
	draft := value(manage.DraftChange(server, old, object{"target": "https://192.0.2.9/", "bearer_token": scout.Masked}))(t)
	if draft.Target != "https://192.0.2.9/" || draft.Settings["bearer_token"] != "hush" {
		t.Error("the draft is not as the change would be")
	}
	if stored := value(s.Check(ctx, old.ID))(t); stored.Target != old.Target || stored.Revision != old.Revision {
		t.Error("the draft was stored")
	}
	if c, ok := manage.Companion(draft, server); !ok || c.Kind != "tls" {
		t.Errorf("companion = %+v, %t", c, ok)
	}
}
