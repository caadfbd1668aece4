package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"time"

	"serverscout/internal/scout"
)

// seenEvery is how often a session's latest request and its end are written: a
// browser that looks on must not keep the writer of alerts busy.
const seenEvery = time.Minute

// longestAgent is how many characters of a browser's name are kept.
const longestAgent = 200

// SessionStore keeps the sessions of browsers by the tokens that those hold, of
// which only a hash is kept. It has the methods that the session manager of
// github.com/alexedwards/scs/v2 asks of a store, and is safe for concurrent
// use.
//
// A session begins with Begin and belongs to an account. Data of any other
// token is dropped: a visitor who has not signed in writes nothing, and a
// request that was under way when its session was ended does not bring it back.
type SessionStore struct{ s *Store }

// Sessions returns the store of sessions.
func (s *Store) Sessions() SessionStore { return SessionStore{s} }

// Begin begins an account's session under a token that nobody else knows. It
// is Unauthorized if the account was deleted, or its password changed, since
// the account was read: who signed in with the old one is not signed in.
func (k SessionStore) Begin(ctx context.Context, token string, a scout.Account, address, agent string, expires time.Time) (scout.Session, error) {
	now := k.s.now()
	session := scout.Session{
		AccountID: a.ID, CreatedAt: now, SeenAt: now,
		Address: scout.Shorten(address, longestAgent), Agent: scout.Shorten(agent, longestAgent),
	}
	err := k.s.Update(ctx, func(tx *Tx) error {
		is, err := tx.Account(a.ID)
		if scout.HasCode(err, scout.NotFound) || err == nil && stored(is.PasswordChangedAt) != stored(a.PasswordChangedAt) {
			return scout.Errorf(scout.Unauthorized, "the account was changed meanwhile: sign in again")
		}
		if err != nil {
			return err
		}
		session.ID, err = tx.insert(`INSERT INTO sessions (token, account_id, data, created_at, seen_at, expires_at, address, agent)
			VALUES (?, ?, x'', ?, ?, ?, ?, ?)`,
			hashed(token), session.AccountID, stored(now), stored(now), stored(expires), session.Address, session.Agent)
		return err
	})
	return session, err
}

// FindCtx returns the data of a session that has not expired, and notes that it
// was seen.
func (k SessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	row, found, err := k.find(ctx, token)
	if err != nil || !found {
		return nil, false, err
	}
	if now := k.s.now(); row.seen.After(now) || now.Sub(row.seen) >= seenEvery { // after: the clock was turned back
		// Whoever is signed in stays so where nothing can be written, such as on a
		// full disk: the dashboard is where that is to be read.
		_ = k.s.Update(ctx, func(tx *Tx) error {
			_, err := tx.exec("UPDATE sessions SET seen_at = ? WHERE token = ?", stored(now), hashed(token))
			return err
		})
	}
	return row.data, true, nil
}

// CommitCtx keeps the data and the end of a session that was begun and is not
// over. Where only the end moves, by less than a minute, nothing is written.
func (k SessionStore) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	row, found, err := k.find(ctx, token)
	if err != nil || !found {
		return err
	}
	if moved := expires.Sub(row.expires).Abs(); moved < seenEvery && bytes.Equal(row.data, data) {
		return nil
	}
	return k.s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec("UPDATE sessions SET data = ?, expires_at = ? WHERE token = ?", data, stored(expires), hashed(token))
		return err
	})
}

// DeleteCtx ends a session, if there is one.
func (k SessionStore) DeleteCtx(ctx context.Context, token string) error {
	return k.s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec("DELETE FROM sessions WHERE token = ?", hashed(token))
		return err
	})
}

// Find is FindCtx without a context.
func (k SessionStore) Find(token string) ([]byte, bool, error) {
	return k.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (k SessionStore) Commit(token string, data []byte, expires time.Time) error {
	return k.CommitCtx(context.Background(), token, data, expires)
}

// Delete is DeleteCtx without a context.
func (k SessionStore) Delete(token string) error { return k.DeleteCtx(context.Background(), token) }

// sessionData is what of a session is not for showing.
type sessionData struct {
	data          []byte
	seen, expires time.Time
}

func (k SessionStore) find(ctx context.Context, token string) (d sessionData, found bool, err error) {
	var seen, expires int64
	err = k.s.read.QueryRowContext(ctx, k.s.dialect.bind("SELECT data, seen_at, expires_at FROM sessions WHERE token = ? AND expires_at > ?"),
		hashed(token), stored(k.s.now())).Scan(&d.data, &seen, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return d, false, nil
	}
	d.seen, d.expires = instant(seen), instant(expires)
	return d, err == nil, err
}

// hashed is a token as it is kept. It has so many random bits that no
// dictionary holds it.
func hashed(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

const sessionColumns = "id, account_id, created_at, seen_at, address, agent"

func scanSession(row scanner) (v scout.Session, err error) {
	var created, seen int64
	err = row.Scan(&v.ID, &v.AccountID, &created, &seen, &v.Address, &v.Agent)
	v.CreatedAt, v.SeenAt = instant(created), instant(seen)
	return v, err
}

// Current returns the session of a token, and false if it is over.
func (k SessionStore) Current(ctx context.Context, token string) (v scout.Session, found bool, err error) {
	v, err = scanSession(k.s.read.QueryRowContext(ctx,
		k.s.dialect.bind("SELECT "+sessionColumns+" FROM sessions WHERE token = ? AND expires_at > ?"), hashed(token), stored(k.s.now())))
	if errors.Is(err, sql.ErrNoRows) {
		return v, false, nil
	}
	return v, err == nil, err
}

// ListSessions lists the sessions of an account that are not over, oldest
// first, after the one of that id.
func (s *Store) ListSessions(ctx context.Context, accountID, after int64, limit int) ([]scout.Session, error) {
	return collect(scanSession)(s.read.QueryContext(ctx, s.dialect.bind("SELECT "+sessionColumns+
		" FROM sessions WHERE account_id = ? AND id > ? AND expires_at > ? ORDER BY id LIMIT ?"), accountID, after, stored(s.now()), limit))
}

// EndSession ends one session of an account, or is NotFound.
func (tx *Tx) EndSession(accountID, id int64) error {
	n, err := tx.changed("DELETE FROM sessions WHERE account_id = ? AND id = ? AND expires_at > ?", accountID, id, stored(tx.s.now()))
	if err == nil && n == 0 {
		err = sql.ErrNoRows
	}
	return missing(err, "session", id)
}

// EndSessions ends all sessions of an account but one; 0 ends them all.
func (tx *Tx) EndSessions(accountID, but int64) error {
	_, err := tx.exec("DELETE FROM sessions WHERE account_id = ? AND id <> ?", accountID, but)
	return err
}

// pruneSessions deletes the sessions that are over.
func (s *Store) pruneSessions(ctx context.Context, now time.Time) error {
	for n := int64(pruneRows); n == pruneRows; {
		err := s.Update(ctx, func(tx *Tx) (err error) {
			n, err = tx.changed("DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ? LIMIT ?)", stored(now), pruneRows)
			return err
		})
		if err != nil {
			return err
		}
		if err := breathe(ctx, breath); err != nil {
			return err
		}
	}
	return nil
}
