package scout

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"
)

// Role says how far a token reaches: each role includes those before it.
type Role string

// A viewer reads, an editor changes and operates, an admin does everything.
const (
	Viewer Role = "viewer"
	Editor Role = "editor"
	Admin  Role = "admin"
)

var roleRank = map[Role]int{Viewer: 1, Editor: 2, Admin: 3}

// ParseRole fails for any word but viewer, editor and admin.
func ParseRole(s string) (Role, error) {
	if r := Role(s); roleRank[r] > 0 {
		return r, nil
	}
	return "", fmt.Errorf("%q is not a role: use viewer, editor or admin", s)
}

// Includes reports whether r may do what other may.
func (r Role) Includes(other Role) bool { return roleRank[r] >= roleRank[other] }

// Token is an API token, of which only the hash is kept.
type Token struct {
	ID        int64
	Name      string // unique
	Role      Role
	CreatedAt time.Time
}

// NewTokenSecret returns the text of a new token: "scout_" and 256 random bits.
func NewTokenSecret() Secret {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return NewSecret("scout_" + base64.RawURLEncoding.EncodeToString(b[:]))
}
