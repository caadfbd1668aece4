package scout

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Code says what kind of failure an Error is, for the edges to map.
type Code string

// The codes, each with what it means at the edges.
const (
	Invalid       Code = "invalid"      // the input is wrong; Fields says where
	NotFound      Code = "not_found"    // no such object
	Conflict      Code = "conflict"     // the name is taken, or the state forbids it
	ManagedByFile Code = "managed"      // declared in the configuration file; change it there
	Changed       Code = "changed"      // somebody else changed it meanwhile; read it again
	Unauthorized  Code = "unauthorized" // no valid token
	Forbidden     Code = "forbidden"    // the token's role does not reach this far
	Unavailable   Code = "unavailable"  // cannot now; try again
	Internal      Code = "internal"     // our fault
)

// Error is the one error type that crosses to the edges.
type Error struct {
	Code    Code
	Message string       // one sentence for a person, with the remedy
	Fields  []FieldError // for Invalid: every fault, not the first one only
	Err     error        // the cause, for logs; may be nil
}

// FieldError names one faulty field of an input.
type FieldError struct {
	Field   string // path in the input, e.g. "servers[0].checks[1].interval"
	Value   string // what stood there, shortened; empty for secrets
	Message string // what is wrong and what would be right
}

// Error joins the message and the fields' messages.
func (e *Error) Error() string {
	parts := []string{}
	if e.Message != "" {
		parts = append(parts, e.Message)
	}
	for _, f := range e.Fields {
		parts = append(parts, f.Field+": "+f.Message)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error without fields and cause.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the first Error in err's chain, and Internal for
// any other error. It panics on nil: success has no code.
func CodeOf(err error) Code {
	if err == nil {
		panic("scout: CodeOf(nil)")
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// HasCode reports whether err is an error of that code; success is not.
func HasCode(err error, code Code) bool { return err != nil && CodeOf(err) == code }

// Faults gathers field errors while an input is read to its end. The zero
// value is ready to use.
type Faults struct{ list []FieldError }

// Add records a fault at a field.
func (f *Faults) Add(field, value, format string, args ...any) {
	f.list = append(f.list, FieldError{Field: field, Value: Shorten(value, 80), Message: fmt.Sprintf(format, args...)})
}

// Join records the faults of err below the path prefix; an error that is not
// an Invalid Error is recorded at the prefix itself. Nil is ignored.
func (f *Faults) Join(prefix string, err error) {
	if err == nil {
		return
	}
	var e *Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		f.Add(prefix, "", "%s", err.Error())
		return
	}
	for _, fe := range e.Fields {
		fe.Field = JoinPath(prefix, fe.Field)
		f.list = append(f.list, fe)
	}
}

// JoinNew records those faults of err whose field has none so far, from a
// second look at an input that may only repeat what the first has found.
func (f *Faults) JoinNew(err error) {
	var second Faults
	second.Join("", err)
	for _, fe := range second.list {
		if !slices.ContainsFunc(f.list, func(known FieldError) bool { return known.Field == fe.Field }) {
			f.list = append(f.list, fe)
		}
	}
}

// Err returns an Invalid Error with everything gathered, or nil.
func (f *Faults) Err() error {
	if len(f.list) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Fields: f.list}
}

// JoinPath joins two parts of a field path with a dot where one belongs.
func JoinPath(prefix, field string) string {
	switch {
	case prefix == "":
		return field
	case field == "", strings.HasPrefix(field, "["):
		return prefix + field
	default:
		return prefix + "." + field
	}
}

// Shorten cuts s to at most n characters, the last of them an ellipsis where
// something was cut. It never cuts inside a character.
func Shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	count := 0
	cut := 0
	for i := range s {
		if count == n-1 {
			cut = i
		}
		count++
	}
	if count <= n {
		return s
	}
	return s[:cut] + "…"
}
