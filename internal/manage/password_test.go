package manage_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/store"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	m, _ := setup(t)
	a := value(m.CreateAccount(t.Context(), newAccount("Ada", scout.Viewer)))(t)
	equal(t, "account", value(m.SignIn(t.Context(), "aDA", secret(goodPassword), "192.0.2.7"))(t), a)
	wrong := ""
	for i, tt := range []struct{ name, password string }{
		{"ada", goodPassword + "x"},
		{"ada", ""},
		{"bob", goodPassword},
		{"", goodPassword},
		{strings.Repeat("x", 1<<20), strings.Repeat("y", 1<<20)},
		{"\x00\xff", "\x00\xff"},
	} {
		got, err := m.SignIn(t.Context(), tt.name, secret(tt.password), fmt.Sprint("192.0.2.", i))
		wantCode(t, err, scout.Unauthorized)
		if wrong == "" {
			wrong = err.Error()
		}
		if err.Error() != wrong || got.ID != 0 {
			t.Errorf("%.20q: %v with %+v, and not as before: %s", tt.name, err, got, wrong)
		}
	}
}

// Guesses are slowed down by name and by address, and nobody else is.
func TestGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	guess := func(m *manage.Manager, name, address string, want scout.Code) {
		t.Helper()
		_, err := m.SignIn(t.Context(), name, secret("a wrong password"), address)
		wantCode(t, err, want)
	}
	t.Run("by name", func(t *testing.T) {
		t.Parallel()
		m, _ := setup(t)
		a := value(m.CreateAccount(t.Context(), newAccount("ada", scout.Admin)))(t)
		value(m.CreateAccount(t.Context(), newAccount("bob", scout.Admin)))(t)
		for i := range 5 {
			guess(m, "ada", fmt.Sprint("192.0.2.", i), scout.Unauthorized)
		}
		_, err := m.SignIn(t.Context(), "ADA", secret(goodPassword), "192.0.2.99")
		wantCode(t, err, scout.Unavailable)
		if !strings.Contains(err.Error(), "try again in 30s") && !strings.Contains(err.Error(), "try again in 2") {
			t.Errorf("%q does not say when", err)
		}
		value(m.SignIn(t.Context(), "bob", secret(goodPassword), "192.0.2.1"))(t)
		value(m.ChangePassword(t.Context(), a.ID, secret(goodPassword), secret("another password"), 0))(t) // is signed in
	})
	t.Run("by address", func(t *testing.T) {
		t.Parallel()
		m, _ := setup(t)
		value(m.CreateAccount(t.Context(), newAccount("ada", scout.Admin)))(t)
		for i := range 5 {
			if i == 3 { // to know one password does not help to guess others
				value(m.SignIn(t.Context(), "ada", secret(goodPassword), "192.0.2.7"))(t)
			}
			guess(m, fmt.Sprint("x", i), "192.0.2.7", scout.Unauthorized)
		}
		guess(m, "ada", "192.0.2.7", scout.Unavailable)
		value(m.SignIn(t.Context(), "ada", secret(goodPassword), "192.0.2.8"))(t)
	})
	t.Run("at once", func(t *testing.T) {
		t.Parallel()
		m, _ := setup(t)
		value(m.CreateAccount(t.Context(), newAccount("ada", scout.Admin)))(t)
		const many = 20
		codes := make(chan scout.Code, many)
		for range many {
			go func() {
				_, err := m.SignIn(t.Context(), "ada", secret("a wrong password"), "192.0.2.7")
				codes <- scout.CodeOf(err)
			}()
		}
		heard := 0
		for range many {
			if <-codes == scout.Unauthorized {
				heard++
			}
		}
		if heard > 6 { // two are heard at a time
			t.Errorf("%d guesses were heard", heard)
		}
	})
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := t.Context()
	a := value(m.CreateAccount(ctx, newAccount("ada lovelace", scout.Viewer)))(t)
	begin(t, s, "1", a)
	kept := begin(t, s, "2", a)
	_, err := m.ChangePassword(ctx, a.ID, secret("not the old one"), secret("short"), 0)
	wantFaults(t, err, "old", "new")
	_, err = m.ChangePassword(ctx, a.ID, secret(goodPassword), secret("ADA LOVELACE"), 0)
	wantFaults(t, err, "new")
	_, err = m.ChangePassword(ctx, 99, secret(goodPassword), secret("another password"), 0)
	wantFaults(t, err, "old")
	changed := value(m.ChangePassword(ctx, a.ID, secret(goodPassword), secret("another password"), kept.ID))(t)
	equal(t, "stored account", value(s.Account(ctx, a.ID))(t), changed)
	if changed.Revision != 2 || !changed.PasswordChangedAt.After(a.PasswordChangedAt) {
		t.Errorf("changed to %+v", changed)
	}
	equal(t, "sessions", sessionsOf(t, s, a.ID), []int64{kept.ID})
	value(m.SignIn(ctx, "ada lovelace", secret("another password"), ""))(t)
	for range 5 {
		_, err = m.ChangePassword(ctx, a.ID, secret(goodPassword), secret("yet another one"), 0)
		wantFaults(t, err, "old")
	}
	_, err = m.ChangePassword(ctx, a.ID, secret("another password"), secret("yet another one"), 0)
	wantCode(t, err, scout.Unavailable)
}

func TestResetPassword(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	ctx := t.Context()
	a := value(m.CreateAccount(ctx, newAccount("ada", scout.Viewer)))(t)
	begin(t, s, "1", a)
	_, err := m.ResetPassword(ctx, "ada", secret("qwertyuiop"))
	wantFaults(t, err, "password")
	_, err = m.ResetPassword(ctx, "bob", secret("another password"))
	wantCode(t, err, scout.NotFound)
	equal(t, "the number of sessions", len(sessionsOf(t, s, a.ID)), 1)
	value(m.ResetPassword(ctx, "ADA", secret("another password")))(t)
	equal(t, "sessions", sessionsOf(t, s, a.ID), []int64{})
	value(m.SignIn(ctx, "ada", secret("another password"), ""))(t)
	_, err = m.SignIn(ctx, "ada", secret(goodPassword), "")
	wantCode(t, err, scout.Unauthorized)
}

// A hash of another cost is as good, and is made anew when its owner signs in.
func TestOldHashesAreMadeAnew(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	salt := []byte("sixteen bytes of")
	cheap := fmt.Sprintf("$argon2id$v=19$m=64,t=1,p=1$c2l4dGVlbiBieXRlcyBvZg$%s", base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(goodPassword), salt, 1, 64, 1, 32)))
	a := scout.Account{Name: "ada", Role: scout.Admin}
	must(t, s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveAccount(&a, secret(cheap)) }))
	hash := func() (h scout.Secret) {
		must(t, s.Update(t.Context(), func(tx *store.Tx) (err error) {
			h, err = tx.PasswordHash(a.ID)
			return err
		}))
		return h
	}
	_, err := m.SignIn(t.Context(), "ada", secret("a wrong password"), "")
	wantCode(t, err, scout.Unauthorized)
	if hash() != secret(cheap) {
		t.Error("a wrong password makes a new hash")
	}
	equal(t, "account", value(m.SignIn(t.Context(), "ada", secret(goodPassword), ""))(t), value(s.Account(t.Context(), a.ID))(t))
	anew := hash()
	if !strings.HasPrefix(anew.Reveal(), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the hash is %s", anew.Reveal())
	}
	value(m.SignIn(t.Context(), "ada", secret(goodPassword), ""))(t)
	if hash() != anew {
		t.Error("it is made anew each time")
	}
}

// A hash that cannot be read is the program's fault, and not the person's.
func TestDamagedHashIsInternal(t *testing.T) {
	t.Parallel()
	m, s := setup(t)
	must(t, s.Update(t.Context(), func(tx *store.Tx) error {
		return tx.SaveAccount(&scout.Account{Name: "ada", Role: scout.Admin}, secret("damaged"))
	}))
	_, err := m.SignIn(t.Context(), "ada", secret(goodPassword), "")
	wantCode(t, err, scout.Internal)
}
