package scout_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"serverscout/internal/scout"
)

func TestHasCode(t *testing.T) {
	t.Parallel()
	gone := fmt.Errorf("reading: %w", scout.Errorf(scout.NotFound, "there is none"))
	if !scout.HasCode(gone, scout.NotFound) || scout.HasCode(gone, scout.Internal) {
		t.Error("the code of a wrapped error is not seen")
	}
	if scout.HasCode(nil, scout.Internal) || !scout.HasCode(errors.New("odd"), scout.Internal) {
		t.Error("success has a code, or an error of another type has none")
	}
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	conflict := scout.Errorf(scout.Conflict, "the name %q is taken", "ops")
	tests := []struct {
		name string
		err  error
		want scout.Code
	}{
		{"an Error", conflict, scout.Conflict},
		{"wrapped", fmt.Errorf("create: %w", conflict), scout.Conflict},
		{"joined", errors.Join(io.EOF, conflict), scout.Conflict},
		{"the outer of two", &scout.Error{Code: scout.Unavailable, Err: conflict}, scout.Unavailable},
		{"any other error", io.EOF, scout.Internal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := scout.CodeOf(tt.err); got != tt.want {
				t.Errorf("CodeOf = %s, want %s", got, tt.want)
			}
		})
	}
	defer func() {
		if recover() == nil {
			t.Error("CodeOf(nil) does not panic")
		}
	}()
	scout.CodeOf(nil)
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	field := scout.FieldError{Field: "interval", Value: "1", Message: "needs a unit"}
	tests := []struct {
		err  *scout.Error
		want string
	}{
		{scout.Errorf(scout.NotFound, "there is no check %d", 7), "there is no check 7"},
		{&scout.Error{Fields: []scout.FieldError{field}}, "interval: needs a unit"},
		{&scout.Error{Message: "not saved", Fields: []scout.FieldError{field}, Err: io.EOF}, "not saved: interval: needs a unit: EOF"},
		{&scout.Error{}, ""},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("Error = %q, want %q", got, tt.want)
		}
	}
	if err := (&scout.Error{Err: io.EOF}); !errors.Is(err, io.EOF) {
		t.Error("the cause cannot be found by errors.Is")
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	var faults scout.Faults
	if err := faults.Err(); err != nil {
		t.Fatalf("without faults Err = %v", err)
	}
	var inner scout.Faults
	inner.Add("interval", "1", "needs a unit, such as %s", "30s")
	inner.Add("", "x", "is odd")
	inner.Add("[2]", "", "is empty")

	faults.Add("listen", strings.Repeat("x", 100), "is no address")
	faults.Join("servers[0]", nil)
	faults.Join("servers[0]", fmt.Errorf("read: %w", inner.Err()))
	faults.Join("data", io.EOF)
	faults.Join("checks", scout.Errorf(scout.Conflict, "the name is taken"))
	err := faults.Err()
	if got := scout.CodeOf(err); got != scout.Invalid {
		t.Errorf("code = %s, want invalid", got)
	}
	want := []scout.FieldError{
		{Field: "listen", Value: strings.Repeat("x", 79) + "…", Message: "is no address"},
		{Field: "servers[0].interval", Value: "1", Message: "needs a unit, such as 30s"},
		{Field: "servers[0]", Value: "x", Message: "is odd"},
		{Field: "servers[0][2]", Message: "is empty"},
		{Field: "data", Message: "EOF"},
		{Field: "checks", Message: "the name is taken"},
	}
	var e *scout.Error
	if !errors.As(err, &e) {
		t.Fatalf("Err = %v, want a *scout.Error", err)
	}
	if diff := cmp.Diff(want, e.Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestJoinPath(t *testing.T) {
	t.Parallel()
	tests := []struct{ prefix, field, want string }{
		{"", "", ""},
		{"", "name", "name"},
		{"", "[0]", "[0]"},
		{"servers", "", "servers"},
		{"servers", "[0]", "servers[0]"},
		{"servers[0]", "name", "servers[0].name"},
		{"servers[0]", "checks[1].interval", "servers[0].checks[1].interval"},
	}
	for _, tt := range tests {
		if got := scout.JoinPath(tt.prefix, tt.field); got != tt.want {
			t.Errorf("JoinPath(%q, %q) = %q, want %q", tt.prefix, tt.field, got, tt.want)
		}
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		n          int
		want       string
	}{
		{"empty", "", 5, ""},
		{"shorter", "abc", 5, "abc"},
		{"just fits", "abcde", 5, "abcde"},
		{"one too many", "abcdef", 5, "abcd…"},
		{"to one character", "abc", 1, "…"},
		{"longer in bytes only", "äöüß", 4, "äöüß"},
		{"never inside a character", "äöüß", 3, "äö…"},
		{"beyond the basic plane", "🚨🚨🚨", 2, "🚨…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := scout.Shorten(tt.text, tt.n); got != tt.want {
				t.Errorf("Shorten = %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzShorten(f *testing.F) {
	f.Add("", uint8(1))
	f.Add("abcdef", uint8(5))
	f.Add("äöü🚨", uint8(3))
	f.Add("a\xffb\xf0\x9f", uint8(2))
	f.Fuzz(func(t *testing.T, text string, limit uint8) {
		n := int(limit) + 1
		got := scout.Shorten(text, n)
		if count := utf8.RuneCountInString(got); count > n {
			t.Fatalf("Shorten(%q, %d) has %d characters", text, n, count)
		}
		cut, isCut := strings.CutSuffix(got, "…")
		if got != text && (!isCut || !strings.HasPrefix(text, cut) || utf8.RuneCountInString(text) <= n) {
			t.Fatalf("Shorten(%q, %d) = %q", text, n, got)
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Fatalf("Shorten(%q, %d) cut a character: %q", text, n, got)
		}
	})
}
