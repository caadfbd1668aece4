package manage

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"serverscout/internal/scout"
)

// cost is how much work a password's hash is.
type cost struct {
	memory uint32 // in KiB
	passes uint32
	lanes  uint8
}

// present is the cost of new hashes: the least that OWASP advises for argon2id,
// since small machines have to bear it. Older hashes keep their own, until
// their owner signs in.
func present() cost { return cost{memory: 19 << 10, passes: 2, lanes: 1} }

// The costs that are read are bounded, so that a damaged row cannot take the
// memory.
const (
	mostMemory = 1 << 20 // in KiB
	mostPasses = 100
)

const saltBytes, keyBytes = 16, 32

// passwordHash is a password's hash with the way it was made.
type passwordHash struct {
	cost
	salt, key []byte
}

func newPasswordHash(password scout.Secret) passwordHash {
	h := passwordHash{cost: present(), salt: make([]byte, saltBytes)}
	_, _ = rand.Read(h.salt)
	h.key = h.derive(password, keyBytes)
	return h
}

// decoy is a hash that no password has, and that takes as long to compare with
// as a real one.
func decoy() passwordHash {
	return passwordHash{cost: present(), salt: make([]byte, saltBytes), key: make([]byte, keyBytes)}
}

func (h passwordHash) derive(password scout.Secret, length int) []byte {
	return argon2.IDKey([]byte(password.Reveal()), h.salt, h.passes, h.memory, h.lanes, uint32(length))
}

func (h passwordHash) matches(password scout.Secret) bool {
	return subtle.ConstantTimeCompare(h.key, h.derive(password, len(h.key))) == 1
}

// phcForm is the form in which a hash is kept: the PHC string format.
const phcForm = "$argon2id$v=%d$m=%d,t=%d,p=%d$"

// text is the inverse of parsePasswordHash.
func (h passwordHash) text() scout.Secret {
	head := fmt.Sprintf(phcForm, argon2.Version, h.memory, h.passes, h.lanes)
	return scout.NewSecret(head + base64.RawStdEncoding.EncodeToString(h.salt) + "$" + base64.RawStdEncoding.EncodeToString(h.key))
}

// parsePasswordHash reads a hash as it is kept. Its error does not quote it.
func parsePasswordHash(text scout.Secret) (passwordHash, error) {
	var h passwordHash
	var version int
	parts := strings.SplitAfter(text.Reveal(), "$")
	if len(parts) != 6 {
		return h, errors.New("a password's hash is not a PHC string")
	}
	if _, err := fmt.Sscanf(strings.Join(parts[:4], ""), phcForm, &version, &h.memory, &h.passes, &h.lanes); err != nil || version != argon2.Version {
		return h, errors.New("a password's hash was not made by argon2id")
	}
	if h.memory > mostMemory || h.passes < 1 || h.passes > mostPasses || h.lanes < 1 {
		return h, errors.New("a password's hash asks for more work than there may be")
	}
	var saltErr, keyErr error
	h.salt, saltErr = base64.RawStdEncoding.DecodeString(strings.TrimSuffix(parts[4], "$"))
	h.key, keyErr = base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(h.salt) == 0 || len(h.key) < saltBytes {
		return h, errors.New("a password's hash is damaged")
	}
	return h, nil
}

const (
	// hashesAtATime bounds the memory that a flood of sign-ins can take.
	hashesAtATime = 2
	// longestQueue is how long somebody waits for their turn.
	longestQueue = 10 * time.Second
)

// hashing says whose turn it is to hash a password: it holds one of each.
type hashing chan struct{}

func newHashing() hashing { return make(hashing, hashesAtATime) }

// enter waits for a turn, which the caller ends with leave. It is Unavailable
// where too many wait.
func (h hashing) enter(ctx context.Context) error {
	late := time.NewTimer(longestQueue)
	defer late.Stop()
	select {
	case h <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-late.C:
		return scout.Errorf(scout.Unavailable, "too many passwords are being checked at this moment: try again in a minute")
	}
}

func (h hashing) leave() { <-h }

// hash returns the hash of a password as it is kept.
func (h hashing) hash(ctx context.Context, password scout.Secret) (scout.Secret, error) {
	if err := h.enter(ctx); err != nil {
		return scout.Secret{}, err
	}
	defer h.leave()
	return newPasswordHash(password).text(), nil
}
