package browser

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// serve serves one page.
func serve(t *testing.T, text string) site {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "script-src 'self' 'unsafe-inline'; style-src 'self'")
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(server.Close)
	return site{base: server.URL}
}

// What axe-core finds is seen, by theme: a harness that finds nothing would
// pass every page.
func TestViolationsAreFound(t *testing.T) {
	t.Parallel()
	p := serve(t, `<!DOCTYPE html><html lang="en"><title>Faulty</title><main><h1>Faulty</h1><input name="q">`).tab(t)
	p.open("")
	found := p.violations()
	if !slices.ContainsFunc(found, func(v violation) bool { return v.ID == "label" }) {
		t.Errorf("a field without a label is not among the violations %v", found)
	}
}

func TestThemesAreSeen(t *testing.T) {
	t.Parallel()
	p := serve(t, `<!DOCTYPE html><title>Themes</title><p>Which?`).tab(t)
	p.open("")
	for _, theme := range []string{"light", "dark"} {
		p.theme(theme)
		var matches bool
		if p.eval("matchMedia('(prefers-color-scheme: "+theme+")').matches", &matches); !matches {
			t.Errorf("the page is not asked for %s", theme)
		}
	}
}

func TestFaultsOfPagesAreNoted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"an exception":              {`<script>throw new Error("a bug")</script>`, "it throws: "},
		"an inline style":           {`<p style="color: red">red`, "it complains: "},
		"a picture from elsewhere":  {`<img src="http://127.0.0.1:1/x.png" alt="">`, "it asks for something from elsewhere: http://127.0.0.1:1/x.png"},
		"nothing wrong, without it": {`<p>fine`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := serve(t, `<!DOCTYPE html><html lang="en"><title>Faulty</title><body>`+tt.text).tab(t)
			p.open("")
			p.eval("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))", nil)
			p.faults.mu.Lock()
			defer p.faults.mu.Unlock()
			if got := strings.Join(p.faults.list, "\n"); !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("the faults are %q, want %q", got, tt.want)
			}
			p.faults.list = nil // they were meant
		})
	}
}
