package watch

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

// stored reads a check back.
func (r *rig) stored(id int64) scout.Check {
	r.Helper()
	c, err := r.store.Check(r.Context(), id)
	r.must(err)
	return c
}

func TestCheckIsMadeByItsForm(t *testing.T) {
	t.Parallel()
	r, server, _ := seeded(t)
	path := serverPath(server.ID, "/checks/new")
	r.get(path).want(t, http.StatusOK, "TCP", "HTTP", "Heartbeat", "Makes a TLS handshake")
	form := r.get(path+"?kind=http").want(t, http.StatusOK, "Target", "More settings").inputs()
	if form.Get("certificate") != "true" || form.Get("kind") != "http" {
		t.Errorf("form = %v", form)
	}
	form.Set("name", "Shop")
	form.Set("target", "https://shop.example.com/")
	form.Set("expect.status", "200\r\n 301 \r\n")
	form.Set("expect.headers", "Content-Type: text/html\nX-Empty:")
	form.Set("method", "HEAD")
	form.Set("fail_after", "5")
	form.Set("interval", "2m")
	form.Del("certificate")
	r.post(path, flat(form)...)
	all, err := r.store.ChecksOn(t.Context(), []int64{server.ID})
	r.must(err)
	c := named(t, all, "Shop")
	want := object{
		"name": "Shop", "kind": "http", "target": "https://shop.example.com/", "method": "HEAD", "certificate": false, "fail_after": int64(5),
		"interval": "2m", "timeout": "10s", "confirm_interval": "10s", "recover_after": int64(2),
		"expect":    object{"status": []any{"200", "301"}, "headers": object{"Content-Type": "text/html", "X-Empty": ""}},
		"redirects": "follow", "http_version": "auto", "family": "any",
	}
	if diff := cmp.Diff(want, manage.DescribeCheck(c)); diff != "" {
		t.Errorf("the check (- wanted, + stored):\n%s", diff)
	}
}

func TestFaultsStandBesideTheirFields(t *testing.T) {
	t.Parallel()
	r, server, _ := seeded(t)
	a := r.post(serverPath(server.ID, "/checks/new"), "kind", "http", "name", "HTTP 2", "target", "nope", "expect.status", "200\nabc", "timeout", "1",
		"headers", "Authorization: hush-typed", "bearer_token", "hush-token", "fail_after", "many", "interval", strings.Repeat("9", 4000))
	a.want(t, http.StatusUnprocessableEntity, "http or https URL", "line 2: write a status code", "must be a whole number", "is not a duration")
	a.lacks(t, "hush")
	in := a.inputs()
	if in.Get("target") != "nope" || in.Get("expect.status") != "200\nabc" || in.Get("fail_after") != "many" || in.Get("headers") != "Authorization" {
		t.Errorf("what was typed is lost: %v", in)
	}
	for n := range a.root.Descendants() {
		if n.Data == "input" && attr(n, "name") == "timeout" && (attr(n, "aria-invalid") != "true" || attr(n, "aria-describedby") != "timeout-error") {
			t.Error("the faulty field is not marked")
		}
		if n.Data == "details" && attr(n, "id") == "timing" && !has(n, "open") {
			t.Error("the fault is folded away")
		}
	}
	r.post(serverPath(server.ID, "/checks/new"), "kind", "http", "name", "HTTP", "target", "http://example.com").
		want(t, http.StatusConflict, "already")
	r.post(serverPath(server.ID, "/checks/new"), "kind", "nope").want(t, http.StatusNotFound)
	r.post("servers/99/checks/new", "kind", "http").want(t, http.StatusNotFound)
}

func TestCheckIsChangedByItsForm(t *testing.T) {
	t.Parallel()
	r, _, checks := seeded(t)
	c := named(t, checks, "HTTP")
	path := checkPath(c.ID, "/edit")
	page := r.get(path).want(t, http.StatusOK)
	page.lacks(t, "hush")
	form := page.inputs()
	if form.Get("target") != "https://probe:"+scout.Masked+"@example.com/health" || form.Get("headers") != "Accept: "+scout.Masked+"\nX-Key: "+scout.Masked {
		t.Errorf("form = %v", form)
	}
	// As it stands, it changes nothing.
	r.post(path, flat(form)...).goesTo(t, checkPath(c.ID))
	if diff := cmp.Diff(manage.DescribeCheck(c), manage.DescribeCheck(r.stored(c.ID))); diff != "" {
		t.Errorf("saving changed (- before, + after):\n%s", diff)
	}
	// Of an old revision, it is refused.
	r.post(path, flat(form)...).want(t, http.StatusConflict, "changed meanwhile")
	form.Set("revision", "2")
	form.Set("headers", "X-Key: "+scout.Masked+"\nX-New: hush-new")
	form.Set("expect.status", "")
	form.Set("bearer_token", "")
	form.Set("warn.latency", "800ms")
	r.post(path, flat(form)...).goesTo(t, checkPath(c.ID))
	after := r.stored(c.ID)
	want := object{"X-Key": "hush-header", "X-New": "hush-new"}
	if diff := cmp.Diff(want, after.Settings["headers"]); diff != "" {
		t.Errorf("headers: %s", diff)
	}
	if after.Target != c.Target {
		t.Error("the masked target replaced the stored one")
	}
	if diff := cmp.Diff(object{"latency": "800ms"}, after.Settings["warn"]); diff != "" {
		t.Error(diff)
	}
}

func TestSecretsAreKeptReplacedAndRemoved(t *testing.T) {
	t.Parallel()
	r := setup(t)
	server, err := r.manager.CreateServer(t.Context(), object{"name": "web", "ip": "192.0.2.1"})
	r.must(err)
	c, err := r.manager.CreateCheck(t.Context(), server.ID, object{"kind": "http", "target": "http://192.0.2.1/", "bearer_token": "hush-1"})
	r.must(err)
	path := checkPath(c.ID, "/edit")
	token := func() any { return r.stored(c.ID).Settings["bearer_token"] }
	change := func(pairs ...string) {
		form := r.get(path).want(t, http.StatusOK, "What is stored stays unless you replace it").inputs()
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		r.post(path, flat(form)...).goesTo(t, checkPath(c.ID))
	}
	change("name", "Kept")
	if token() != "hush-1" {
		t.Errorf("the secret is %v after a change beside it", token())
	}
	change("bearer_token", "hush-2")
	if token() != "hush-2" {
		t.Errorf("the secret is %v, want the new one", token())
	}
	change("bearer_token.remove", "true")
	if token() != nil {
		t.Errorf("the secret is %v, want none", token())
	}
}

func TestTryingStoresNothing(t *testing.T) {
	t.Parallel()
	r, server, checks := seeded(t)
	before, err := r.store.ListChecks(t.Context(), scout.CheckFilter{}, 100)
	r.must(err)
	form := []string{"kind", "http", "name", "New", "target", "https://new.example.com/", "certificate", "true"}
	a := r.part(serverPath(server.ID, "/checks/try"), form...).want(t, http.StatusOK, "New certificate", "It answers", "31 ms")
	a.lacks(t, "<main")
	r.post(serverPath(server.ID, "/checks/try"), form...).want(t, http.StatusOK, "It answers", "Save")
	r.part(serverPath(server.ID, "/checks/try"), "kind", "http", "target", "nope").want(t, http.StatusOK, "http or https URL")
	r.post(serverPath(server.ID, "/checks/try"), "kind", "http", "target", "nope").want(t, http.StatusUnprocessableEntity, "http or https URL")

	http1 := named(t, checks, "HTTP")
	change := r.get(checkPath(http1.ID, "/edit")).inputs()
	r.probed = nil
	r.part(checkPath(http1.ID, "/try"), flat(change)...).want(t, http.StatusOK, "It answers")
	if len(r.probed) != 2 || !slices.ContainsFunc(r.probed, func(c scout.Check) bool { return c.Target == http1.Target }) {
		t.Errorf("%d checks were probed, want the stored one with its secrets, and its certificate's", len(r.probed))
	}
	r.err = scout.Errorf(scout.Unavailable, "the server is stopping")
	r.part(checkPath(http1.ID, "/try"), flat(change)...).want(t, http.StatusOK, "the server is stopping")

	after, err := r.store.ListChecks(t.Context(), scout.CheckFilter{}, 100)
	r.must(err)
	if diff := cmp.Diff(len(before), len(after)); diff != "" || r.stored(http1.ID).Revision != http1.Revision {
		t.Errorf("trying stored something: %s", diff)
	}
}

func TestHeartbeatAddressIsShownOnce(t *testing.T) {
	t.Parallel()
	r, server, _ := seeded(t)
	path := serverPath(server.ID, "/checks/new")
	r.post(path, "kind", "heartbeat", "name", "Job").want(t, http.StatusUnprocessableEntity, "is missing").lacks(t, "scout.example")
	a := r.post(path, "kind", "heartbeat", "name", "Job", "period", "1h").want(t, http.StatusOK, "shown only now", "https://scout.example/heartbeats/")
	all, err := r.store.ChecksOn(t.Context(), []int64{server.ID})
	r.must(err)
	c := named(t, all, "Job")
	token, _ := c.Settings["token"].(string)
	if len(token) < 32 || !strings.Contains(a.text, token) {
		t.Error("the page does not show the token that is stored")
	}
	r.get(checkPath(c.ID)).lacks(t, token)
	r.get(checkPath(c.ID, "/edit")).lacks(t, token)
}

// Every kind's form can be drawn and, as it is drawn, read without a fault that
// is not about a key that must be given.
func TestFormsOfAllKindsAreRead(t *testing.T) {
	t.Parallel()
	r, server, _ := seeded(t)
	for _, k := range manage.CheckKinds() {
		form := r.get(serverPath(server.ID, "/checks/new?kind="+k.Name)).want(t, http.StatusOK, k.Help).inputs()
		f := checkForm{Kind: k, Server: server}
		for name, v := range readFields("", f.fields(), form, nil) {
			if v != nil {
				t.Errorf("%s: %s = %v in a form that nobody filled in", k.Name, name, v)
			}
		}
	}
}

func TestPairs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text   string
		stored object
		want   any
	}{
		"nothing":            {"", object{"A": "a"}, nil},
		"names and values":   {"A: a\r\nB:b: c\n\n", nil, object{"A": "a", "B": "b: c"}},
		"a name is gone":     {"A: a", object{"A": "x", "B": "y"}, object{"A": "a", "B": nil}},
		"no colon":           {"A: a\nB", nil, "A: a\nB"},
		"a colon without it": {": a", nil, ": a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, pairs(tt.text, tt.stored)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSettledFaults(t *testing.T) {
	t.Parallel()
	in := &scout.Error{Code: scout.Invalid, Fields: []scout.FieldError{
		{Field: "expect.status[1]", Message: "m"}, {Field: "headers.Accept", Message: "m"}, {Field: "name", Message: "m"}, {Field: "nameless", Message: "m"},
	}}
	got := settled(in, "name", "headers", "expect", "expect.status").(*scout.Error).Fields
	want := []scout.FieldError{
		{Field: "expect.status", Message: "line 2: m"}, {Field: "headers", Message: "Accept: m"}, {Field: "name", Message: "m"}, {Field: "nameless", Message: "m"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if in.Fields[0].Field != "expect.status[1]" {
		t.Error("the error itself was changed")
	}
}
