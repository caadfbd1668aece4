package scout

import (
	"fmt"
	"log/slog"
	"unique"
)

// Masked is what stands where a secret was, on every screen, API answer, log
// and recorded request.
const Masked = "••••••"

// Secret is text that must not be shown: it prints, logs and marshals as
// Masked. Only Reveal gives it out, to the packages that send or encrypt it.
// The zero value is the empty secret, which prints as the empty string. Equal
// secrets compare equal.
type Secret struct {
	// A handle, because reflection prints a string that lies inside another
	// type's unexported field without asking the methods below.
	value unique.Handle[string]
}

// NewSecret wraps a value.
func NewSecret(v string) Secret {
	if v == "" {
		return Secret{}
	}
	return Secret{unique.Make(v)}
}

// Reveal returns the value itself. Never log or store the result in clear.
func (s Secret) Reveal() string {
	if s.Empty() {
		return ""
	}
	return s.value.Value()
}

// Empty reports whether there is nothing to hide.
func (s Secret) Empty() bool { return s == Secret{} }

// String returns Masked, or nothing for the empty secret.
func (s Secret) String() string {
	if s.Empty() {
		return ""
	}
	return Masked
}

// Format makes every verb print the mask.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue makes slog print the mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText writes the mask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
