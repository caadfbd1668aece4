package watch

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

func TestServersPage(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.get("servers").want(t, http.StatusOK, "No servers yet", "Add a server")
	for i := range 52 {
		tag := "even"
		if i%2 == 1 {
			tag = "odd"
		}
		_, err := r.manager.CreateServer(t.Context(), object{"name": fmt.Sprintf("server-%02d", i), "tags": []any{tag}})
		r.must(err)
	}
	first := r.get("servers").want(t, http.StatusOK, "server-00", "server-49", "no checks", "Next")
	first.lacks(t, "server-50", "Previous")
	r.get("servers?page=2").want(t, http.StatusOK, "server-50", "server-51", "Previous").lacks(t, "server-49")
	r.get("servers?tag=odd&q=server-0").want(t, http.StatusOK, "server-01").lacks(t, "server-02", "server-11")
	r.get("servers?state=down").want(t, http.StatusOK, "Nothing found", "Show all")
	r.get("servers?page=999").want(t, http.StatusOK)
	for _, page := range []string{"0", "-1", "x", "99999999999999999999"} {
		r.get("servers?page="+page).want(t, http.StatusOK, "server-00")
	}
	r.get("servers?tag=gone&state=%27%22&q=%00"+strings.Repeat("x", 5000)).want(t, http.StatusOK, "Nothing found")
}

func TestServerPage(t *testing.T) {
	t.Parallel()
	r, server, checks := seeded(t)
	ssh := named(t, checks, "SSH")
	r.enter(ssh, scout.Down, r.now.Add(-12*time.Minute))
	a := r.get("servers/1").want(t, http.StatusOK, server.Name, "192.0.2.1", "prod", "SSH is down", "tls example.com:443", "Open incident", "no data", "12 min ago")
	if strings.Index(a.words(), "SSH") > strings.Index(a.words(), "Backup") {
		t.Error("what is down does not come first")
	}
	for _, over := range []string{"7d", "30d", "90d", "nonsense"} {
		r.get("servers/1?range="+over).want(t, http.StatusOK)
	}
	for _, path := range []string{"servers/99", "servers/x", "servers/0", "servers/-1", "checks/99", "servers/1/checks/new?kind=nope", "servers/99/delete"} {
		r.get(path).want(t, http.StatusNotFound, "Not found")
	}
}

func TestCheckSentences(t *testing.T) {
	t.Parallel()
	r, _, checks := seeded(t)
	ssh := named(t, checks, "SSH")
	path := checkPath(ssh.ID)
	r.get(path).want(t, http.StatusOK, "SSH on web-server-01 was not observed yet. The first result comes within 1 min.", "There is no result yet", "Nothing was measured")
	r.get(checkPath(named(t, checks, "Backup").ID)).want(t, http.StatusOK, "Nothing was heard of Backup").lacks(t, "Probe now", "latency-chart")
	r.enter(ssh, scout.Up, r.now.Add(-3*time.Hour))
	r.get(path).want(t, http.StatusOK, "has been up for 3 h")
	r.enter(ssh, scout.Warning, r.now.Add(-time.Hour))
	r.get(path).want(t, http.StatusOK, "at a warning for 1 h")
	in := r.enter(ssh, scout.Down, r.now.Add(-12*time.Minute))
	a := r.get(path).want(t, http.StatusOK, "SSH on web-server-01 has been down for 12 min.", "What happened, and who was told")
	if !strings.Contains(a.text, `href="incidents/`+in.ID+`"`) {
		t.Error("the open incident is not linked")
	}
	_, err := r.manager.PauseCheck(t.Context(), ssh.ID)
	r.must(err)
	r.get(path).want(t, http.StatusOK, "is paused", "Resume").lacks(t, "Probe now")
}

func TestCheckResults(t *testing.T) {
	t.Parallel()
	r, _, checks := seeded(t)
	ssh := named(t, checks, "SSH")
	for i := range 70 {
		r.store.RecordResult(scout.Result{
			CheckID: ssh.ID, At: r.now.Add(-time.Duration(i) * time.Minute), Level: scout.Up, Latency: time.Duration(i+1) * time.Millisecond,
			Message: fmt.Sprintf("result number %d.", i), IP: "192.0.2.1",
		})
	}
	r.must(r.store.FlushResults(t.Context()))
	a := r.get(checkPath(ssh.ID)).want(t, http.StatusOK, "result number 0.", "result number 24.", "Older", "Latency", "Show as a table")
	a.lacks(t, ">result number 25.<")
	older := ""
	for n := range a.root.Descendants() {
		if n.Data == "a" && attr(n, "rel") == "next" {
			older = attr(n, "href")
		}
	}
	next, _, _ := strings.Cut(older, "#")
	r.get(next).want(t, http.StatusOK, "result number 25.", "result number 49.", "Newest").lacks(t, ">result number 24.<")
	r.get(checkPath(ssh.ID)+"?before=1").want(t, http.StatusOK, "no older results")
	for _, before := range []string{"x", "-1", "0", "99999999999999999999"} {
		r.get(checkPath(ssh.ID)+"?before="+before).want(t, http.StatusOK, "result number 0.")
	}
}

func TestCertificateIsSaid(t *testing.T) {
	t.Parallel()
	r, _, checks := seeded(t)
	tls := named(t, checks, "HTTP certificate")
	a := r.get(checkPath(tls.ID)).want(t, http.StatusOK, "This check comes with HTTP")
	a.lacks(t, "Certificate left", "/edit")
	end := r.now.UTC().AddDate(0, 0, 61).Format(time.DateOnly)
	r.store.RecordResult(scout.Result{CheckID: tls.ID, At: r.now, Level: scout.Up, Message: "HTTP certificate is valid for 61 days, until " + end})
	r.must(r.store.FlushResults(t.Context()))
	r.get(checkPath(tls.ID)).want(t, http.StatusOK, "Certificate left 61 days")
	for _, path := range []string{"/edit", "/delete"} {
		r.get(checkPath(tls.ID, path)).want(t, http.StatusConflict, "comes with another one")
	}
}

func TestSettingsAndTheirOrigin(t *testing.T) {
	t.Parallel()
	r, _, checks := seeded(t)
	a := r.get(checkPath(named(t, checks, "HTTP").ID)).want(t, http.StatusOK,
		"expect.status 200, 204 set here", "interval 30s set here", "fail_after 3 default", "method GET default", "certificate yes default",
		"headers Accept: "+scout.Masked+", X-Key: "+scout.Masked+" set here", "https://probe:"+scout.Masked+"@example.com/health")
	a.lacks(t, "hush")
	r.get(checkPath(named(t, checks, "Backup").ID)).want(t, http.StatusOK, "token "+scout.Masked).lacks(t, "hush")
}

func TestWhatTheFileDeclares(t *testing.T) {
	t.Parallel()
	r := setup(t)
	server := scout.Server{Name: "from-file", IP: "192.0.2.7", Source: scout.FromFile}
	check := scout.Check{Name: "SSH", Kind: "tcp", Target: "22", Interval: time.Minute, Timeout: 10 * time.Second, FailAfter: 3, RecoverAfter: 2, Source: scout.FromFile}
	r.must(r.store.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.SaveServer(&server); err != nil {
			return err
		}
		check.ServerID = server.ID
		return tx.SaveCheck(&check)
	}))
	for _, base := range []string{serverPath(server.ID), checkPath(check.ID)} {
		r.get(base).want(t, http.StatusOK, "declared in /etc/scout.yaml").lacks(t, base+"/edit", base+"/delete")
		for _, action := range []string{"/edit", "/delete"} {
			r.get(base+action).want(t, http.StatusConflict, "declared in /etc/scout.yaml")
		}
		r.post(base+"/delete").want(t, http.StatusConflict, "configuration file")
	}
	r.get(checkPath(check.ID)).want(t, http.StatusOK, "target 22 the file /etc/scout.yaml")
	r.post(checkPath(check.ID, "/pause")).goesTo(t, checkPath(check.ID))
}

func TestOperations(t *testing.T) {
	t.Parallel()
	r, server, checks := seeded(t)
	ssh := named(t, checks, "SSH")
	base := checkPath(ssh.ID)
	r.post(base+"/pause").goesTo(t, base)
	if c, err := r.store.Check(t.Context(), ssh.ID); err != nil || !c.Paused {
		t.Errorf("the check is not paused: %v", err)
	}
	r.post(base+"/resume").goesTo(t, base)
	a := r.part(base+"/probe").want(t, http.StatusOK, "Up", "It answers", "31 ms")
	a.lacks(t, "<main")
	r.post(base+"/probe").goesTo(t, base)
	if last := r.flashes[len(r.flashes)-1].Title; last != "Probed: Up in 31 ms. It answers" {
		t.Errorf("the next page says %q", last)
	}
	r.err = scout.Errorf(scout.Conflict, "check %d is not watched", ssh.ID)
	r.part(base+"/probe").want(t, http.StatusConflict, "is not watched")
	r.post("checks/99/pause").want(t, http.StatusNotFound)

	r.get(base+"/delete").want(t, http.StatusOK, "Delete SSH on web-server-01?", "An incident that is open ends")
	r.post(base+"/delete", "revision", "1").want(t, http.StatusConflict, "changed meanwhile") // pausing counted
	r.post(base+"/delete", "revision", "3").goesTo(t, serverPath(server.ID))
	r.get(checkPath(named(t, checks, "HTTP").ID, "/delete")).want(t, http.StatusOK, "certificate goes with it")
	r.get("servers/1/delete").want(t, http.StatusOK, "Delete web-server-01?", "with 3 checks", "Incidents that are open end")
	r.post("servers/1/delete", "revision", "1").goesTo(t, "servers")
	r.get("servers/1").want(t, http.StatusNotFound)
}

func TestServerForm(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.get("servers/new").want(t, http.StatusOK, "Add a server")
	a := r.post("servers/new", "name", " ", "ip", "http://x/", "tags", "a, b").want(t, http.StatusUnprocessableEntity, "is missing", "must be an IP address")
	if in := a.inputs(); in.Get("ip") != "http://x/" || in.Get("tags") != "a, b" {
		t.Errorf("what was typed is lost: %v", in)
	}
	r.post("servers/new", "name", "db", "ip", "192.0.2.1", "tags", "b, a,,b").goesTo(t, "servers/1")
	r.post("servers/new", "name", "db").want(t, http.StatusConflict, "already")
	form := r.get("servers/1/edit").want(t, http.StatusOK, "Edit server").inputs()
	if form.Get("tags") != "a, b" || form.Get("revision") != "1" {
		t.Errorf("form = %v", form)
	}
	form.Set("name", "db-1")
	r.post("servers/1/edit", flat(form)...).goesTo(t, "servers/1")
	r.post("servers/1/edit", flat(form)...).want(t, http.StatusConflict, "changed meanwhile")
	r.post("servers/99/edit", flat(form)...).want(t, http.StatusNotFound)
}

// Every page is complete without JavaScript and within the strict policy: no
// style or script of its own, all addresses relative, ids unique, inputs with
// labels.
func TestPagesAreClean(t *testing.T) {
	t.Parallel()
	r, server, checks := seeded(t)
	hostile := `<script>alert("x")</script>` + strings.Repeat("w", 300)
	evil, err := r.manager.CreateServer(t.Context(), object{"name": hostile, "ip": "192.0.2.66", "tags": []any{`"><img src=x onerror=alert(1)>`}})
	r.must(err)
	check, err := r.manager.CreateCheck(t.Context(), evil.ID, object{"kind": "http", "name": hostile, "target": "http://192.0.2.66/?q=%3Cscript%3E"})
	r.must(err)
	r.enter(check, scout.Down, r.now.Add(-time.Minute))
	for i := range 30 {
		r.store.RecordResult(scout.Result{CheckID: check.ID, At: r.now.Add(-time.Duration(i) * time.Minute), Level: scout.Down, Message: hostile + strings.Repeat("long ", 13_000), Latency: time.Second})
	}
	r.must(r.store.FlushResults(t.Context()))
	r.found = []scout.Found{{Kind: "tcp", Name: hostile, Target: "192.0.2.66:22"}}
	http1 := named(t, checks, "HTTP")
	pages := map[string]answer{
		"look":      r.post("add/look", "what", "https://example.com/"),
		"services":  r.post("add/services", "what", "192.0.2.99"),
		"bad form":  r.post(serverPath(server.ID, "/checks/new"), "kind", "http", "target", hostile, "expect.status", "x"),
		"heartbeat": r.post(serverPath(server.ID, "/checks/new"), "kind", "heartbeat", "name", "Job", "period", "1h"),
		"tried":     r.post(checkPath(http1.ID, "/try"), flat(r.get(checkPath(http1.ID, "/edit")).inputs())...),
	}
	for _, path := range []string{
		"servers", "servers?q=%3Cscript%3E", "servers/new", serverPath(evil.ID), serverPath(evil.ID, "/edit"), serverPath(evil.ID, "/delete"),
		serverPath(evil.ID, "/checks/new"), checkPath(check.ID), checkPath(check.ID, "?range=90d"), checkPath(check.ID, "/edit"),
		checkPath(check.ID, "/delete"), checkPath(named(t, checks, "HTTP certificate").ID), "add", "add?what=%22%3E%3Cscript%3E",
	} {
		pages[path] = r.get(path)
	}
	for _, k := range manage.CheckKinds() {
		pages[k.Name] = r.get(serverPath(server.ID, "/checks/new?kind="+k.Name))
	}
	for name, a := range pages {
		if a.status >= http.StatusInternalServerError {
			t.Errorf("%s: status %d", name, a.status)
		}
		clean(t, name, a.root)
	}
}

func clean(t *testing.T, name string, root *html.Node) {
	t.Helper()
	ids, labelled := map[string]bool{}, map[string]bool{}
	var inputs []*html.Node
	headings := 0
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "style", "img":
			t.Errorf("%s: there is a <%s>", name, n.Data)
		case "script":
			if attr(n, "src") == "" || n.FirstChild != nil {
				t.Errorf("%s: there is a script in the page", name)
			}
		case "h1":
			headings++
		case "label":
			labelled[attr(n, "for")] = true
		case "input", "select", "textarea":
			inputs = append(inputs, n)
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("%s: <%s> has %s", name, n.Data, a.Key)
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("%s: two elements have the id %s", name, a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case n.Data != "base" && (a.Key == "href" || a.Key == "action" || a.Key == "formaction"):
				if a.Val == "" || strings.ContainsAny(a.Val[:1], "/?#") || strings.Contains(a.Val, ":") {
					t.Errorf("%s: %s=%q is not relative to the base", name, a.Key, a.Val)
				}
			}
		}
	}
	if headings != 1 {
		t.Errorf("%s: there are %d first headings", name, headings)
	}
	for _, n := range inputs {
		inLabel := n.Parent.Data == "label"
		if attr(n, "type") != "hidden" && !inLabel && !labelled[attr(n, "id")] {
			t.Errorf("%s: the input %s has no label", name, attr(n, "name"))
		}
		if by := attr(n, "aria-describedby"); by != "" && !ids[by] {
			t.Errorf("%s: the input %s is described by %s, which is not there", name, attr(n, "name"), by)
		}
	}
}
