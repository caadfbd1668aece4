package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"serverscout/internal/scout"
)

// keyboard opens a terminal, and the side at which a person sits.
func keyboard(t *testing.T) (person, terminal *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	var number, unlocked int32
	for request, arg := range map[uintptr]*int32{syscall.TIOCGPTN: &number, syscall.TIOCSPTLCK: &unlocked} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, person.Fd(), request, uintptr(unsafe.Pointer(arg))); errno != 0 {
			t.Fatal(errno)
		}
	}
	terminal, err = os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return person, terminal
}

// shows reports whether a terminal shows what is typed.
func shows(t *testing.T, file *os.File) bool {
	t.Helper()
	var now syscall.Termios
	if err := termios(file, readTermios, &now); err != nil {
		t.Fatal(err)
	}
	return now.Lflag&syscall.ECHO != 0
}

func TestPasswordIsTypedUnseen(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ first, again, want string }{
		"twice the same":  {"sec ret\n", "sec ret\n", "sec ret"},
		"a typing error":  {"secret\n", "Secret\n", ""},
		"nothing at all":  {"\n", "\n", ""},
		"the end of file": {"\x04", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			person, terminal := keyboard(t)
			screen := &Screen{Out: io.Discard, Err: writerFunc(func(text string) {
				if !strings.HasSuffix(text, ": ") {
					return
				}
				if shows(t, terminal) {
					t.Errorf("at %q the terminal shows what is typed", text)
				}
				typed := tt.first
				if strings.Contains(text, "again") {
					typed = tt.again
				}
				_, _ = person.WriteString(typed) // nobody waits for it if it fails
			})}
			got, err := PasswordSource{In: terminal}.Read(t.Context(), screen)
			if (err == nil) != (tt.want != "" || name == "nothing at all") || got.Reveal() != tt.want {
				t.Errorf("read is %q, %v", got.Reveal(), err)
			}
			if !shows(t, terminal) {
				t.Error("afterwards the terminal does not show what is typed")
			}
		})
	}
}

// writerFunc is a writer that calls a function.
type writerFunc func(string)

func (f writerFunc) Write(b []byte) (int, error) {
	f(string(b))
	return len(b), nil
}

func TestPasswordIsGivenUp(t *testing.T) {
	t.Parallel()
	person, terminal := keyboard(t)
	ctx, cancel := context.WithCancel(t.Context())
	screen := &Screen{Out: io.Discard, Err: writerFunc(func(string) { cancel() })}
	got, err := PasswordSource{In: terminal}.Read(ctx, screen)
	if !errors.Is(err, context.Canceled) || got != (scout.Secret{}) {
		t.Errorf("read is %q, %v", got.Reveal(), err)
	}
	if !shows(t, terminal) {
		t.Error("afterwards the terminal does not show what is typed")
	}
	_, _ = person.WriteString("\n") // lets the reader end
}
