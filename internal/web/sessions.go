package web

import (
	"context"
	"encoding/gob"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"serverscout/internal/scout"
	"serverscout/internal/web/page"
	"serverscout/internal/web/ui"
)

const (
	sessionLife = 30 * 24 * time.Hour
	sessionIdle = 7 * 24 * time.Hour
)

// SessionStore keeps sessions and knows whose they are. Only a session that
// has begun is kept.
type SessionStore interface {
	scs.CtxStore
	Begin(ctx context.Context, token string, a scout.Account, address, agent string, expires time.Time) (scout.Session, error)
	Current(ctx context.Context, token string) (scout.Session, bool, error)
}

// Accounts reads accounts.
type Accounts interface {
	Account(ctx context.Context, id int64) (scout.Account, error)
}

// Sessions know who is signed in with which browser.
type Sessions struct {
	manager  *scs.SessionManager
	store    SessionStore
	accounts Accounts
}

// NewSessions makes sessions whose cookie is for the paths below root, and for
// HTTPS alone if secure is set.
func NewSessions(store SessionStore, accounts Accounts, root string, secure bool) *Sessions {
	// Not by scs.New, which makes a store with a goroutine of its own first.
	m := &scs.SessionManager{
		Store: store, Lifetime: sessionLife, IdleTimeout: sessionIdle, Codec: scs.GobCodec{}, ErrorFunc: refuse,
		Cookie: scs.SessionCookie{
			Name: "scout_session", Path: root + "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure, Persist: true,
		},
	}
	return &Sessions{manager: m, store: store, accounts: accounts}
}

// refuse answers where sessions cannot be read or written.
func refuse(w http.ResponseWriter, _ *http.Request, err error) {
	slog.Error("a session cannot be read or written", "error", err)
	http.Error(w, "Server Scout cannot read or write its data now. Its log says why.", http.StatusServiceUnavailable)
}

// Begin signs an account in with the browser that sent a request. The token is
// new, so that one that somebody else put there is worth nothing.
func (s *Sessions) Begin(r *http.Request, a scout.Account) error {
	ctx := r.Context()
	if err := s.manager.RenewToken(ctx); err != nil {
		return err
	}
	_, err := s.store.Begin(ctx, s.manager.Token(ctx), a, Address(r), r.UserAgent(), s.manager.Deadline(ctx))
	if err != nil {
		return err
	}
	s.manager.Put(ctx, accountKey, a.ID)
	return nil
}

// End signs out the browser that sent a request.
func (s *Sessions) End(r *http.Request) error { return s.manager.Destroy(r.Context()) }

// Current returns the id of the session of a request, or 0.
func (s *Sessions) Current(r *http.Request) (int64, error) {
	v, _, err := s.store.Current(r.Context(), s.manager.Token(r.Context()))
	return v.ID, err
}

// Address is where a request came from, without the port.
func Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// The keys under which a session keeps its data.
const (
	accountKey = "account"
	noticesKey = "notices"
)

func (s *Sessions) person(r *http.Request) (page.Person, bool) {
	id := s.manager.GetInt64(r.Context(), accountKey)
	if id == 0 {
		return page.Person{}, false
	}
	a, err := s.accounts.Account(r.Context(), id)
	if err != nil {
		return page.Person{}, false
	}
	return page.Person{ID: a.ID, Name: a.Name, Role: a.Role}, true
}

type kept []ui.Notice

func init() { gob.Register(kept{}) } // the session's data is written so

func (s *Sessions) flash(ctx context.Context, n ui.Notice) {
	list, _ := s.manager.Get(ctx, noticesKey).(kept)
	s.manager.Put(ctx, noticesKey, append(list, n))
}

func (s *Sessions) flashes(ctx context.Context) []ui.Notice {
	list, _ := s.manager.Pop(ctx, noticesKey).(kept)
	return list
}
