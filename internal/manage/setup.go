package manage

import (
	"crypto/rand"
	"crypto/subtle"
	"slices"
	"strings"
	"sync"
	"time"

	"serverscout/internal/scout"
)

// codeAlphabet has no two signs that are taken for each other, and so many that
// the low bits of a random byte name each as often.
const codeAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

const (
	codeLength      = 8
	codesPerMinute  = 10 // wrong ones
	codeGroupLength = codeLength / 2
)

// SetupCode is what shows that whoever makes the first account is the one who
// started the program: it is printed there and kept nowhere. It is safe for
// concurrent use.
type SetupCode struct {
	code string

	mu    sync.Mutex
	wrong []time.Time // in the last minute
}

// NewSetupCode makes a code of 40 random bits.
func NewSetupCode() *SetupCode {
	b := make([]byte, codeLength)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = codeAlphabet[int(b[i])%len(codeAlphabet)]
	}
	return &SetupCode{code: string(b)}
}

// Text returns the code as a person reads it, such as K7QD-M3XA.
func (c *SetupCode) Text() string { return c.code[:codeGroupLength] + "-" + c.code[codeGroupLength:] }

// Check returns nil for the code, in capitals or not, with or without the dash.
// Another text is an Invalid error in the field "code". After ten of those
// within a minute all are Unavailable until the first is a minute old.
func (c *SetupCode) Check(guess string, now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = slices.DeleteFunc(c.wrong, func(t time.Time) bool { return now.Sub(t) >= time.Minute })
	if len(c.wrong) >= codesPerMinute {
		return scout.Errorf(scout.Unavailable, "the code was wrong too often: try again in a minute")
	}
	guess = strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(strings.TrimSpace(guess)))
	if subtle.ConstantTimeCompare([]byte(guess), []byte(c.code)) == 1 {
		return nil
	}
	c.wrong = append(c.wrong, now)
	var faults scout.Faults
	faults.Add("code", "", "is not the code that was printed when Server Scout was started last")
	return faults.Err()
}
