package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"serverscout/internal/scout"
)

// answersKept is how long an answer is given again to a request that comes
// again.
const answersKept = 24 * time.Hour

// How many answers that are too old are deleted in one transaction: with each
// new one, and by ForgetAnswers.
const (
	forgottenWithEach = 10
	forgottenAtATime  = 200
)

// ClaimKey takes a token's idempotency key for a request with that
// fingerprint. Whoever has claimed it works on the request and ends with
// KeepAnswer or ReleaseKey. Where the request was answered in the last 24
// hours, nothing is claimed and that answer is returned. A key that was used
// for another request is Invalid; one of which the request is still worked on
// is a Conflict. What an earlier process did not finish counts as absent.
func (s *Store) ClaimKey(ctx context.Context, tokenID int64, key string, fingerprint []byte) (answer []byte, claimed bool, err error) {
	var sealed []byte
	err = s.Update(ctx, func(tx *Tx) (err error) {
		if _, err := tx.forgetAnswers(tx.s.now().Add(-answersKept), forgottenWithEach); err != nil {
			return err
		}
		sealed, claimed, err = tx.claimKey(tokenID, key, fingerprint)
		return err
	})
	if err != nil || claimed {
		return nil, claimed, err
	}
	answer, err = s.sealer.open(sealed, answerRow(tokenID, key))
	return answer, false, err
}

func (tx *Tx) claimKey(tokenID int64, key string, fingerprint []byte) (sealed []byte, claimed bool, err error) {
	var known []byte
	var epoch int64
	var status int
	now := tx.s.now()
	err = tx.row("SELECT fingerprint, epoch, status, sealed FROM idempotency WHERE token_id = ? AND key = ? AND created_at >= ?",
		tokenID, key, stored(now.Add(-answersKept))).Scan(&known, &epoch, &status, &sealed)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && status == 0 && epoch != tx.s.epoch:
		_, err = tx.exec(`INSERT INTO idempotency (token_id, key, fingerprint, epoch, created_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (token_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, epoch = excluded.epoch,
			created_at = excluded.created_at, status = 0, sealed = x''`, tokenID, key, fingerprint, tx.s.epoch, stored(now))
		return nil, err == nil, err
	case err != nil:
		return nil, false, err
	case !bytes.Equal(known, fingerprint):
		var faults scout.Faults
		faults.Add("Idempotency-Key", key, "was sent with another request in the last 24 hours: give each request a key of its own")
		return nil, false, faults.Err()
	case status == 0:
		return nil, false, scout.Errorf(scout.Conflict, "a request with this Idempotency-Key is still being worked on: send it again in a moment")
	}
	return sealed, false, nil
}

// KeepAnswer ends a claim with the answer that was given; status is not 0. The
// answer is kept encrypted.
func (s *Store) KeepAnswer(ctx context.Context, tokenID int64, key string, status int, answer []byte) error {
	sealed := s.sealer.seal(answer, answerRow(tokenID, key))
	return s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec("UPDATE idempotency SET status = ?, sealed = ? WHERE token_id = ? AND key = ? AND epoch = ? AND status = 0",
			status, sealed, tokenID, key, s.epoch)
		return err
	})
}

// ReleaseKey ends a claim without an answer: the key is as good as new.
func (s *Store) ReleaseKey(ctx context.Context, tokenID int64, key string) error {
	return s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec("DELETE FROM idempotency WHERE token_id = ? AND key = ? AND epoch = ? AND status = 0", tokenID, key, s.epoch)
		return err
	})
}

// ForgetAnswers deletes the answers whose requests came before a time, in
// transactions that are small, so that an alert waits for none of them long.
func (s *Store) ForgetAnswers(ctx context.Context, before time.Time) error {
	for {
		var n int64
		err := s.Update(ctx, func(tx *Tx) (err error) {
			n, err = tx.forgetAnswers(before, forgottenAtATime)
			return err
		})
		if err != nil || n < forgottenAtATime {
			return err
		}
	}
}

func (tx *Tx) forgetAnswers(before time.Time, most int) (int64, error) {
	return tx.changed(`DELETE FROM idempotency WHERE (token_id, key) IN (
		SELECT token_id, key FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT ?)`, stored(before), most)
}

func answerRow(tokenID int64, key string) string {
	return fmt.Sprintf("idempotency/%d/%s", tokenID, key)
}
