package scout

import (
	"strings"
	"time"
	"unicode"
)

// Account is a person who signs in with a name and a password. The password's
// hash is not in it, so that it can be shown.
type Account struct {
	ID                int64
	Name              string // unique without regard to case
	Role              Role
	Revision          int64 // counts its changes, from 1
	CreatedAt         time.Time
	UpdatedAt         time.Time
	PasswordChangedAt time.Time // when somebody last chose the password
}

// Session is one browser in which an account is signed in.
type Session struct {
	ID        int64
	AccountID int64
	CreatedAt time.Time
	SeenAt    time.Time // of its latest request; up to a minute behind
	Address   string    // from where it was begun
	Agent     string    // the browser's own word on what it is; shortened
}

// FoldName returns the form that two names have in common if they differ in
// nothing but case, in any script.
func FoldName(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, name)
}
