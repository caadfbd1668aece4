package manage

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"serverscout/internal/scout"
)

// The bounds of a password, in characters.
const (
	shortestPassword = 10
	longestPassword  = 1000
)

// passwordField describes a password under a name.
func passwordField(name string) scout.Field {
	return scout.Field{
		Name: name, Type: scout.TypeString, Required: true, Secret: true, Min: shortestPassword, Max: longestPassword,
		Help: "What to sign in with: 10 to 1,000 characters, neither the name nor one of the first that a stranger tries.",
	}
}

// obvious lists passwords that are long enough and tried first, in small
// letters.
func obvious() []string {
	return []string{
		"0123456789", "1234567890", "12345678910", "1234567891", "1111111111", "0000000000", "qwertyuiop", "1q2w3e4r5t", "password123",
		"password1234", "passwordpassword", "administrator", "changeme123", "letmein123", "serverscout", "server scout", "server-scout",
	}
}

// notObvious refuses a password that a stranger would try first.
func notObvious(at string, password scout.Secret, name string, faults *scout.Faults) {
	switch plain := password.Reveal(); {
	case strings.EqualFold(plain, name):
		faults.Add(at, "", "must not be the name")
	case slices.Contains(obvious(), strings.ToLower(plain)):
		faults.Add(at, "", "is one of the first that a stranger tries: choose another")
	}
}

// checkPassword judges a new password for an account of a name.
func checkPassword(at string, password scout.Secret, name string) error {
	var faults scout.Faults
	v := normalise("", []scout.Field{passwordField(at)}, map[string]any{at: password.Reveal()}, &faults)
	if v[at] != nil {
		notObvious(at, password, name, &faults)
	}
	return faults.Err()
}

// SignIn returns the account of a name if the password is its own. Whatever of
// the two is wrong, it is the same Unauthorized error after the same time. After
// five wrong ones for a name or from an address within 15 minutes, further ones
// are Unavailable for a while that grows to 15 minutes, the right one too; the
// error says how long. The address is that of the browser, without a port.
func (m *Manager) SignIn(ctx context.Context, name string, password scout.Secret, address string) (scout.Account, error) {
	byName := guessedName(name)
	a, ok, err := m.guess(ctx, password, []string{byName, guessedFrom(address)}, func(tx Tx) (scout.Account, error) {
		return tx.AccountNamed(name)
	})
	switch {
	case err != nil:
		return scout.Account{}, err
	case !ok:
		return scout.Account{}, scout.Errorf(scout.Unauthorized, "the name or the password is wrong")
	}
	m.guesses.right(byName)
	return a, nil
}

// ChangePassword gives an account a new password, if the old one is right, and
// ends all its sessions but one; 0 for none. Faults are in the fields "old" and
// "new". Guessing the old one is slowed down as in SignIn.
func (m *Manager) ChangePassword(ctx context.Context, id int64, old, next scout.Secret, session int64) (a scout.Account, err error) {
	key := "account " + strconv.FormatInt(id, 10)
	a, ok, err := m.guess(ctx, old, []string{key}, func(tx Tx) (scout.Account, error) { return tx.Account(id) })
	if err != nil {
		return a, err
	}
	var faults scout.Faults
	if ok {
		m.guesses.right(key)
	} else {
		faults.Add("old", "", "is not the present password")
	}
	faults.Join("", checkPassword("new", next, a.Name))
	if err := faults.Err(); err != nil {
		return a, err
	}
	return m.setPassword(ctx, next, session, func(tx Tx) (scout.Account, error) { return ownAccount(tx, id, a.Revision) })
}

// ResetPassword gives the account of a name a new password and ends its
// sessions. It is for who may do so without the old one. Faults are in the
// field "password".
func (m *Manager) ResetPassword(ctx context.Context, name string, next scout.Secret) (scout.Account, error) {
	if err := checkPassword("password", next, name); err != nil {
		return scout.Account{}, err
	}
	return m.setPassword(ctx, next, 0, func(tx Tx) (scout.Account, error) { return tx.AccountNamed(name) })
}

// setPassword gives the account that find returns a password that was checked,
// and ends its sessions but one.
func (m *Manager) setPassword(ctx context.Context, next scout.Secret, but int64, find func(Tx) (scout.Account, error)) (a scout.Account, err error) {
	hash, err := m.hashing.hash(ctx, next)
	if err != nil {
		return a, err
	}
	err = m.ledger.Update(ctx, func(tx Tx) (err error) {
		if a, err = find(tx); err != nil {
			return err
		}
		if err := tx.SaveAccount(&a, hash); err != nil {
			return err
		}
		return tx.EndSessions(a.ID, but)
	})
	return a, err
}

// guess returns the account that find finds, and whether the password is its
// own; that there is no such account takes as long to say. A wrong password
// counts for each of the keys.
func (m *Manager) guess(ctx context.Context, password scout.Secret, keys []string, find func(Tx) (scout.Account, error)) (a scout.Account, ok bool, err error) {
	if err := m.guesses.refusal(time.Now(), keys...); err != nil {
		return a, false, err
	}
	if err := m.hashing.enter(ctx); err != nil {
		return a, false, err
	}
	defer m.hashing.leave()
	// Many may have waited for their turn since: they must not all be heard.
	if err := m.guesses.refusal(time.Now(), keys...); err != nil {
		return a, false, err
	}
	a, hash, err := m.credentials(ctx, find)
	if err != nil {
		return a, false, err
	}
	if !hash.matches(password) {
		m.guesses.wrong(time.Now(), keys...)
		return a, false, nil
	}
	m.refresh(ctx, a, hash, password)
	return a, true, nil
}

// credentials returns an account with the hash of its password; where there is
// no such account, a hash that no password has.
func (m *Manager) credentials(ctx context.Context, find func(Tx) (scout.Account, error)) (a scout.Account, hash passwordHash, err error) {
	var text scout.Secret
	err = m.ledger.Update(ctx, func(tx Tx) (err error) {
		if a, err = find(tx); err != nil {
			return err
		}
		text, err = tx.PasswordHash(a.ID)
		return err
	})
	if scout.HasCode(err, scout.NotFound) {
		return scout.Account{}, decoy(), nil
	}
	if err != nil {
		return a, hash, err
	}
	hash, err = parsePasswordHash(text)
	return a, hash, err
}

// refresh replaces a hash that was made at another cost than the present one.
// The password is right either way, and the next sign-in tries again.
func (m *Manager) refresh(ctx context.Context, a scout.Account, hash passwordHash, password scout.Secret) {
	if hash.cost == present() {
		return
	}
	next := newPasswordHash(password)
	_ = m.ledger.Update(ctx, func(tx Tx) error { return tx.Rehash(a.ID, hash.text(), next.text()) })
}
