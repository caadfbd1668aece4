package store_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var _ scs.CtxStore = store.SessionStore{}

// signIn is a handler that signs an account in.
func signIn(manager *scs.SessionManager, sessions store.SessionStore, a scout.Account) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := manager.RenewToken(r.Context())
		if err == nil {
			_, err = sessions.Begin(r.Context(), manager.Token(r.Context()), a, r.RemoteAddr, r.UserAgent(), manager.Deadline(r.Context()))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		manager.Put(r.Context(), "account", a.ID)
	}
}

// The session manager that the dashboard uses works on the real store.
func TestSessionManager(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir})
	a := scout.Account{Name: "ada", Role: scout.Admin}
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveAccount(&a, scout.NewSecret("hash")) }); err != nil {
		t.Fatal(err)
	}
	// Not by scs.New, which begins a goroutine that nobody can end for certain.
	manager := &scs.SessionManager{
		Store: s.Sessions(), Codec: scs.GobCodec{}, Lifetime: 24 * time.Hour, IdleTimeout: time.Hour,
		Cookie: scs.SessionCookie{Name: "session", Path: "/"},
		ErrorFunc: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /in", signIn(manager, s.Sessions(), a))
	mux.HandleFunc("POST /out", func(_ http.ResponseWriter, r *http.Request) { _ = manager.Destroy(r.Context()) })
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		if manager.GetInt64(r.Context(), "account") == a.ID {
			_, _ = io.WriteString(w, "ada")
		}
		manager.Put(r.Context(), "visited", true)
	})
	server := httptest.NewServer(manager.LoadAndSave(mux))
	defer server.Close()
	jar, _ := cookiejar.New(nil) // it never fails
	browser := server.Client()
	browser.Jar = jar
	defer browser.CloseIdleConnections()
	ask := func(method, path string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s %s = %d %s, %v", method, path, resp.StatusCode, text, err)
		}
		return string(text)
	}
	for _, step := range []struct{ method, path, want string }{
		{"GET", "/", ""},
		{"GET", "/", ""},
		{"POST", "/in", ""},
		{"GET", "/", "ada"},
		{"GET", "/", "ada"},
		{"POST", "/in", ""},
		{"GET", "/", "ada"},
		{"POST", "/out", ""},
		{"GET", "/", ""},
	} {
		if got := ask(step.method, step.path); got != step.want {
			t.Errorf("%s %s = %q, want %q", step.method, step.path, got, step.want)
		}
	}
	list, err := s.ListSessions(t.Context(), a.ID, 0, 10)
	if err != nil || len(list) != 0 {
		t.Errorf("signed out, the sessions are %+v, %v", list, err)
	}
}

// Whoever reads the files cannot sign in with what is in them.
func TestNoSessionTokenLiesInTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir})
	a := scout.Account{Name: "account-with-a-name", Role: scout.Admin}
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveAccount(&a, scout.NewSecret("hash")) }); err != nil {
		t.Fatal(err)
	}
	const token = "Vw7Rk2Lm"
	if _, err := s.Sessions().Begin(t.Context(), token, a, "", "", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	all := folder(t, dir)
	if !bytes.Contains(all, []byte(a.Name)) {
		t.Fatal("what is no secret is not found: this test looks in the wrong place")
	}
	if bytes.Contains(all, []byte(token)) {
		t.Error("a session's token lies readable in the data folder")
	}
}
