package watch

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
)

func TestGuessWhat(t *testing.T) {
	t.Parallel()
	https := func(target string) []proposal {
		return []proposal{{Kind: "http", Name: "HTTPS", Target: target, Certificate: true}}
	}
	plain := func(target string) []proposal { return []proposal{{Kind: "http", Name: "HTTP", Target: target}} }
	tcp := func(port, target string) []proposal {
		return []proposal{{Kind: "tcp", Name: "Port " + port, Target: target}}
	}
	ping := func(host string) []proposal { return []proposal{{Kind: "icmp", Name: "Ping", Target: host}} }
	for what, want := range map[string]guess{
		"https://example.com":                {"example.com", false, https("https://example.com/")},
		" HTTPS://Example.com:8443/a?b=c#d ": {"Example.com", false, https("https://Example.com:8443/a?b=c")},
		"http://[2001:db8::7]:8080/":         {"2001:db8::7", false, plain("http://[2001:db8::7]:8080/")},
		"example.com/health":                 {"example.com", false, https("https://example.com/health")},
		"example.com:22":                     {"example.com", false, tcp("22", "example.com:22")},
		"tcp://example.com:22/":              {"example.com", false, tcp("22", "example.com:22")},
		"[2001:db8::7]:443":                  {"2001:db8::7", false, tcp("443", "[2001:db8::7]:443")},
		"example.com":                        {"example.com", true, ping("example.com")},
		"192.0.2.7":                          {"192.0.2.7", true, ping("192.0.2.7")},
		"2001:db8::7":                        {"2001:db8::7", true, ping("2001:db8::7")},
		"[2001:db8::7]":                      {"2001:db8::7", true, ping("2001:db8::7")},
	} {
		got, err := guessWhat(what)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%q: %v %s", what, err, diff)
		}
		for _, p := range got.Checks {
			if _, err := manage.ParseCheck(scout.Server{Name: got.Host, IP: got.Host}, p.keys()); err != nil {
				t.Errorf("%q: what is proposed cannot be made: %v", what, err)
			}
		}
	}
	for _, what := range []string{
		"", " ", "two words", "https://", "https://a b/", "ftp://example.com/", "example.com:0", "example.com:99999", "example.com:x", ":22",
		"https://user:secret@example.com/", "https://user@example.com/", "http://exa mple.com", "http://[::1", "tcp://", "%", "\x00", strings.Repeat("tcp://", 50),
	} {
		if got, err := guessWhat(what); !scout.HasCode(err, scout.Invalid) {
			t.Errorf("%q: %+v, %v, want an Invalid error", what, got, err)
		}
	}
}

func FuzzGuessWhat(f *testing.F) {
	for _, seed := range []string{"https://example.com/", "example.com:22", "[::1]:1", "a|b", "tcp://x:1/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, what string) {
		g, err := guessWhat(what)
		if err != nil {
			return
		}
		for _, p := range g.Checks {
			back, ok := parseProposal(p.key())
			if !ok || back.key() != p.key() || g.Host == "" {
				t.Errorf("%q: %+v came back as %+v", what, p, back)
			}
		}
	})
}

func TestAddByURL(t *testing.T) {
	t.Parallel()
	r := setup(t)
	page := r.get("add?what=https%3A%2F%2Fexample.com").want(t, http.StatusOK, "What should be watched?", "add a server by hand")
	if page.inputs().Get("what") != "https://example.com" {
		t.Error("what the address says is not in the field")
	}
	a := r.part("add/look", "what", "https://example.com").want(t, http.StatusOK, "HTTPS", "It answers", "Also watch its certificate")
	a.lacks(t, "<main", "See what answers")
	form := r.post("add/look", "what", "https://example.com").want(t, http.StatusOK, "Watch this").inputs()
	form.Set("tags", "prod")
	r.post("add", flat(form)...).goesTo(t, "servers/1")
	s, err := r.store.Server(t.Context(), 1)
	r.must(err)
	checks, err := r.store.ChecksOn(t.Context(), []int64{1})
	r.must(err)
	if s.Name != "example.com" || s.IP != "example.com" || len(s.Tags) != 1 || len(checks) != 2 || checks[1].Kind != "tls" {
		t.Errorf("server %+v with %d checks", s, len(checks))
	}

	// The same host again goes to the server there is, under another name.
	again := r.post("add/look", "what", "https://example.com/other").want(t, http.StatusOK, "which is there already", "HTTPS 2").inputs()
	again.Del("certificate")
	r.post("add", flat(again)...).goesTo(t, "servers/1")
	if checks, err = r.store.ChecksOn(t.Context(), []int64{1}); err != nil || len(checks) != 3 {
		t.Errorf("%d checks, %v", len(checks), err)
	}
}

func TestAddByHost(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.found = []scout.Found{{Kind: "http", Name: "HTTPS", Target: "https://example.com/"}, {Kind: "tcp", Name: "SSH", Target: "example.com:22"}}
	r.part("add/look", "what", "example.com").want(t, http.StatusOK, "Ping", "See what answers there")
	r.part("add/services", "what", "example.com").want(t, http.StatusOK, "SSH", "https://example.com/").lacks(t, "<main", "Ping")
	form := r.post("add/services", "what", "example.com", "first", "1").want(t, http.StatusOK, "Ping", "SSH", "HTTPS").inputs()
	if len(form["watch"]) != 3 {
		t.Errorf("ticked: %v", form["watch"])
	}
	form["watch"] = []string{"tcp|SSH|example.com:22"}
	r.post("add", flat(form)...).goesTo(t, "notifications/settings/new")
	checks, err := r.store.ChecksOn(t.Context(), []int64{1})
	r.must(err)
	if len(checks) != 1 || checks[0].Name != "SSH" {
		t.Errorf("checks = %+v", checks)
	}

	r.found = nil
	r.part("add/services", "what", "192.0.2.9").want(t, http.StatusOK, "Nothing answered", "192.0.2.9:8000")
	r.err = scout.Errorf(scout.Invalid, "the host name is not known")
	r.part("add/services", "what", "unknown.example").want(t, http.StatusOK, "the host name is not known")
	r.post("add/services", "what", "unknown.example").want(t, http.StatusUnprocessableEntity, "the host name is not known")
}

// What is down is proposed and not ticked, unless it is all there is.
func TestWhatIsDownIsNotTicked(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.result = scout.Result{Level: scout.Down, Message: "It is not responding"}
	r.found = []scout.Found{{Kind: "tcp", Name: "SSH", Target: "example.com:22"}, {Kind: "tcp", Name: "SMTP", Target: "example.com:25"}}
	form := r.post("add/services", "what", "example.com").want(t, http.StatusOK, "It is not responding").inputs()
	if len(form["watch"]) != 0 {
		t.Errorf("ticked: %v", form["watch"])
	}
	form = r.post("add/look", "what", "example.com:22").want(t, http.StatusOK, "You can watch it as it is").inputs()
	if len(form["watch"]) != 1 {
		t.Errorf("ticked: %v", form["watch"])
	}
}

func TestAddRefuses(t *testing.T) {
	t.Parallel()
	r := setup(t)
	const secret = "https://probe:hush@example.com/x"
	for _, path := range []string{"add", "add/look", "add/services", "add/try"} {
		r.post(path, "what", secret, "try", "http|HTTPS|"+secret).want(t, http.StatusUnprocessableEntity, "Leave name and password out").lacks(t, "hush")
	}
	r.part("add/look", "what", secret).want(t, http.StatusOK, "Leave name and password out").lacks(t, "hush")
	r.post("add/look", "what", "").want(t, http.StatusUnprocessableEntity, "Type a URL")
	r.post("add/look", "what", strings.Repeat("a", 300)+".example").want(t, http.StatusUnprocessableEntity, "neither a host name nor an address")
	base := []string{"what", "example.com:22", "proposal", "tcp|SSH|example.com:22", "name", "example.com"}
	r.post("add", base...).want(t, http.StatusUnprocessableEntity, "Tick at least one check")
	r.post("add", append(base, "watch", "tcp|Other|example.com:22")...).want(t, http.StatusUnprocessableEntity, "Tick at least one check")
	ticked := append(base, "watch", "tcp|SSH|example.com:22")
	r.post("add", append(ticked, "name", "")...).goesTo(t, "servers/1") // the first name counts
	r.post("add", "what", "other.example:22", "name", " ", "proposal", "tcp|SSH|x", "watch", "tcp|SSH|x").
		want(t, http.StatusUnprocessableEntity, "is missing")
	r.post("add", "what", "other.example:22", "name", "other", "proposal", "tcp|SSH|x", "watch", "tcp|SSH|x", "proposal", "no|N|t", "watch", "no|N|t").
		want(t, http.StatusUnprocessableEntity, "SSH: the port is missing", "N: must be one of")
	r.post("add", "what", "other.example:22", "name", "example.com", "proposal", "tcp|SSH|y:22", "watch", "tcp|SSH|y:22").
		want(t, http.StatusConflict, "already")
	r.post("add/try", "what", "example.com", "try", "x").want(t, http.StatusUnprocessableEntity, "nothing to try")
	servers, err := r.store.ListServers(t.Context(), scout.ServerFilter{}, 10)
	r.must(err)
	if len(servers) != 1 {
		t.Errorf("%d servers were made, want one", len(servers))
	}
}

func TestTryAProposal(t *testing.T) {
	t.Parallel()
	r := setup(t)
	key := "tcp|SSH|example.com:22"
	form := []string{"what", "example.com", "proposal", key, "proposal", "icmp|Ping|example.com", "watch", key, "try", key}
	r.part("add/try", form...).want(t, http.StatusOK, "It answers").lacks(t, "<main")
	in := r.post("add/try", form...).want(t, http.StatusOK, "It answers", "Watch this").inputs()
	if diff := cmp.Diff([]string{key}, in["watch"]); diff != "" {
		t.Errorf("ticks: %s", diff)
	}
	r.part("add/try", "what", "example.com", "try", "tcp|SSH|nowhere").want(t, http.StatusOK, "host:port")
}
