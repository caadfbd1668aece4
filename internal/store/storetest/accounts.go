package storetest

import (
	"strings"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var accounts = map[string]func(*world){
	"an account is kept":                          accountRoundTrip,
	"an account's name is taken, in any case":     accountConflict,
	"a change leaves the password":                accountChange,
	"a hash is replaced unless it was meanwhile":  accountRehash,
	"a session is kept by its token":              sessionRoundTrip,
	"what was never begun is not kept":            sessionNeverBegun,
	"a session that was ended does not come back": sessionEnded,
	"a session expires":                           sessionExpires,
	"a session is seen once a minute":             sessionSeen,
	"all sessions but one are ended":              sessionsEnded,
	"an account goes with its sessions":           accountDeleted,
	"who signed in with an old password does not": sessionOfOldPassword,
}

var someHash, otherHash = scout.NewSecret("$argon2id$one"), scout.NewSecret("$argon2id$other")

func (w *world) saveAccount(a scout.Account, hash scout.Secret) scout.Account {
	w.Helper()
	w.update(func(tx *store.Tx) error { return tx.SaveAccount(&a, hash) })
	return a
}

func (w *world) hashOf(account int64) (hash scout.Secret) {
	w.Helper()
	w.update(func(tx *store.Tx) (err error) {
		hash, err = tx.PasswordHash(account)
		return err
	})
	return hash
}

// begin signs an account in.
func (w *world) begin(token string, a scout.Account) scout.Session {
	w.Helper()
	s, err := w.store.Sessions().Begin(w.Context(), token, a, "192.0.2.7", "Firefox", w.clock.Now().Add(time.Hour))
	w.ok(err)
	return s
}

// signedIn lists the ids of an account's sessions.
func (w *world) signedIn(account int64) []int64 {
	w.Helper()
	list, err := w.store.ListSessions(w.Context(), account, 0, 100)
	w.ok(err)
	ids := []int64{}
	for _, s := range list {
		ids = append(ids, s.ID)
	}
	return ids
}

// holds fails the scenario unless a token's session has some data; "" stands
// for no session.
func (w *world) holds(token, want string) {
	w.Helper()
	data, found, err := w.store.Sessions().FindCtx(w.Context(), token)
	if err != nil || found != (want != "") || string(data) != want {
		w.Errorf("the session of %s holds %q, found = %t, %v, want %q", token, data, found, err, want)
	}
}

func (w *world) commit(token, data string) {
	w.Helper()
	w.ok(w.store.Sessions().CommitCtx(w.Context(), token, []byte(data), w.clock.Now().Add(time.Hour)))
}

func accountRoundTrip(w *world) {
	if has, err := w.store.HasAccounts(w.Context()); has || err != nil {
		w.Errorf("before the first one there are accounts: %t, %v", has, err)
	}
	a := w.saveAccount(scout.Account{Name: "Ada", Role: scout.Admin}, someHash)
	w.allSet(a)
	w.reopen()
	w.equal("the account", get(w, w.store.Account, a.ID), a)
	w.equal("the hash", w.hashOf(a.ID), someHash)
	w.update(func(tx *store.Tx) error {
		named, err := tx.AccountNamed("aDA")
		w.equal("the account by its name", named, a)
		_, unknown := tx.AccountNamed("ad")
		w.code(unknown, scout.NotFound)
		return err
	})
	if has, err := w.store.HasAccounts(w.Context()); !has || err != nil {
		w.Errorf("there are accounts: %t, %v", has, err)
	}
	b := w.saveAccount(scout.Account{Name: "Bob", Role: scout.Viewer}, someHash)
	list, err := w.store.ListAccounts(w.Context(), a.ID, 10)
	w.ok(err)
	w.equal("the list after the first", list, []scout.Account{b})
}

func accountConflict(w *world) {
	w.saveAccount(scout.Account{Name: "Jörg", Role: scout.Admin}, someHash)
	b := w.saveAccount(scout.Account{Name: "b", Role: scout.Admin}, someHash)
	err := w.store.Update(w.Context(), func(tx *store.Tx) error {
		return tx.SaveAccount(&scout.Account{Name: "JÖRG", Role: scout.Admin}, someHash)
	})
	w.code(err, scout.Conflict)
	if err != nil && !strings.Contains(err.Error(), `"JÖRG"`) {
		w.Errorf("the message %q does not name it", err)
	}
	b.Name = "jörg"
	w.code(w.store.Update(w.Context(), func(tx *store.Tx) error { return tx.SaveAccount(&b, scout.Secret{}) }), scout.Conflict)
}

func accountChange(w *world) {
	a := w.saveAccount(scout.Account{Name: "ada", Role: scout.Admin}, someHash)
	w.clock.move(time.Hour)
	changed := a
	changed.Name, changed.Role = "ADA", scout.Viewer
	changed = w.saveAccount(changed, scout.Secret{})
	want := a
	want.Name, want.Role, want.Revision, want.UpdatedAt = "ADA", scout.Viewer, 2, w.clock.Now()
	w.equal("the account", get(w, w.store.Account, a.ID), want)
	w.equal("the hash", w.hashOf(a.ID), someHash)
	changed = w.saveAccount(changed, otherHash)
	w.equal("the hash", w.hashOf(a.ID), otherHash)
	if !changed.PasswordChangedAt.Equal(w.clock.Now()) || changed.Revision != 3 {
		w.Errorf("with a new password it is %+v", changed)
	}
}

func accountRehash(w *world) {
	a := w.saveAccount(scout.Account{Name: "ada", Role: scout.Admin}, someHash)
	rehash := func(old, hash scout.Secret) {
		w.Helper()
		w.update(func(tx *store.Tx) error { return tx.Rehash(a.ID, old, hash) })
	}
	rehash(someHash, otherHash)
	w.equal("the hash", w.hashOf(a.ID), otherHash)
	rehash(someHash, scout.NewSecret("late"))
	w.equal("the hash", w.hashOf(a.ID), otherHash)
	w.equal("the account", get(w, w.store.Account, a.ID), a)
}

func sessionRoundTrip(w *world) {
	a := w.saveAccount(scout.Account{Name: "ada", Role: scout.Admin}, someHash)
	s := w.begin("t", a)
	w.allSet(s)
	w.commit("t", "data")
	w.reopen()
	w.holds("t", "data")
	w.holds("T", "")
	is, found, err := w.store.Sessions().Current(w.Context(), "t")
	if err != nil || !found {
		w.Errorf("the session is not found: %v", err)
	}
	w.equal("the session", is, s)
	list, err := w.store.ListSessions(w.Context(), a.ID, 0, 10)
	w.ok(err)
	w.equal("the sessions", list, []scout.Session{s})
	w.equal("those after it", w.signedIn(a.ID+1), []int64{})
	long, err := w.store.Sessions().Begin(w.Context(), "u", a, "", strings.Repeat("ä", 100_000), w.clock.Now().Add(time.Hour))
	w.ok(err)
	if len(long.Agent) > 1000 {
		w.Errorf("%d bytes of a browser's name are kept", len(long.Agent))
	}
}

func sessionNeverBegun(w *world) {
	w.commit("t", "data")
	w.holds("t", "")
}

func sessionEnded(w *world) {
	a := w.saveAccount(scout.Account{Name: "ada", Role: scout.Admin}, someHash)
	w.begin("t", a)
	w.commit("t", "data")
	w.ok(w.store.Sessions().DeleteCtx(w.Context(), "t"))
	w.commit("t", "data")
	w.holds("t", "")
	w.ok(w.store.Sessions().DeleteCtx(w.Context(), "t"))
}

func sessionExpires(w *world) {
	a := w.saveAccount(scout.Account{Name: "ada", Role: scout.Admin}, someHash)
	s := w.begin("t", a)
	w.commit("t", "data")
	w.clock.move(time.Hour - time.Microsecond)
	w.holds("t", "data")
	w.clock.move(time.Microsecond)
	w.holds("t", "")
	w.commit("t", "data")
	w.holds("t", "")
	if _, found, err := w.store.Sessions().Current(w.Context(), "t"); found || err != nil {
		w.Errorf("it is found: %t, %v", found, err)
	}
	w.equal("the sessions", w.signedIn(a.ID), []int64{})
	w.code(w.store.Update(w.Context(), func(tx *store.Tx) error { return tx.EndSession(a.ID, s.ID) }), scout.NotFound)
}

func sessionSeen(w *world) {
	a := w.saveAccount(scout.Account{Name: "ada", Role: scout.Admin}, someHash)
	w.begin("t", a)
	begun := w.clock.Now()
	seen := func(want time.Time) {
		w.Helper()
		w.commit("t", "data")
		w.holds("t", "data")
		s, _, err := w.store.Sessions().Current(w.Context(), "t")
		w.ok(err)
		if !s.SeenAt.Equal(want) {
			w.Errorf("it was seen at %s, want %s", s.SeenAt, want)
		}
	}
	w.clock.move(59 * time.Second)
	seen(begun)
	w.clock.move(time.Second)
	seen(begun.Add(time.Minute))
	w.clock.move(-time.Hour)
	seen(w.clock.Now())
}

func sessionsEnded(w *world) {
	a := w.saveAccount(scout.Account{Name: "ada", Role: scout.Admin}, someHash)
	b := w.saveAccount(scout.Account{Name: "bob", Role: scout.Admin}, someHash)
	var kept scout.Session
	for _, token := range []string{"1", "2", "3"} {
		kept = w.begin(token, a)
	}
	others := w.begin("4", b)
	w.code(w.store.Update(w.Context(), func(tx *store.Tx) error { return tx.EndSession(b.ID, kept.ID) }), scout.NotFound)
	w.update(func(tx *store.Tx) error { return tx.EndSessions(a.ID, kept.ID) })
	w.equal("the sessions", w.signedIn(a.ID), []int64{kept.ID})
	w.update(func(tx *store.Tx) error { return tx.EndSession(a.ID, kept.ID) })
	w.equal("the sessions", w.signedIn(a.ID), []int64{})
	w.update(func(tx *store.Tx) error { return tx.EndSessions(a.ID, 0) })
	w.equal("another's sessions", w.signedIn(b.ID), []int64{others.ID})
}

func accountDeleted(w *world) {
	a := w.saveAccount(scout.Account{Name: "ada", Role: scout.Admin}, someHash)
	w.begin("t", a)
	w.commit("t", "data")
	w.update(func(tx *store.Tx) error { return tx.DeleteAccount(a.ID) })
	w.holds("t", "")
	_, err := w.store.Account(w.Context(), a.ID)
	w.code(err, scout.NotFound)
	_, err = w.store.Sessions().Begin(w.Context(), "u", a, "", "", w.clock.Now().Add(time.Hour))
	w.code(err, scout.Unauthorized)
}

func sessionOfOldPassword(w *world) {
	signedIn := w.saveAccount(scout.Account{Name: "ada", Role: scout.Admin}, someHash)
	w.clock.move(time.Second)
	now := w.saveAccount(signedIn, otherHash)
	_, err := w.store.Sessions().Begin(w.Context(), "t", signedIn, "", "", w.clock.Now().Add(time.Hour))
	w.code(err, scout.Unauthorized)
	w.begin("t", now)
}
