package terminal

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strings"

	"serverscout/internal/scout"
)

// PasswordSource is where a command gets a new password from: from a person at
// the terminal, unless one of its flags is set.
type PasswordSource struct {
	In       *os.File // where it is typed, or comes from
	Stdin    bool     // it is all of In, without the last line's end
	Generate bool     // it is made here
}

// longestInput is how many bytes of a password are read: more than any has.
const longestInput = 64 << 10

// Read gets the password. What manage asks of one is not judged here.
func (p PasswordSource) Read(ctx context.Context, s *Screen) (scout.Secret, error) {
	switch {
	case p.Generate:
		return scout.NewSecret(rand.Text()), nil
	case p.Stdin:
		text, err := io.ReadAll(io.LimitReader(p.In, longestInput))
		if err != nil {
			return scout.Secret{}, fmt.Errorf("reading the password: %w", err)
		}
		return scout.NewSecret(withoutEnd(string(text))), nil
	default:
		return p.ask(ctx, s)
	}
}

// ask has a person type the password twice, without its being shown.
func (p PasswordSource) ask(ctx context.Context, s *Screen) (scout.Secret, error) {
	show, err := hideTyping(p.In)
	if err != nil {
		return scout.Secret{}, scout.Errorf(scout.Invalid,
			"there is no terminal to ask for the password on: give it with --password-stdin, or have one made with --generate")
	}
	defer show()
	typed := bufio.NewReader(p.In)
	first, err := askLine(ctx, typed, s, "New password: ")
	if err != nil {
		return scout.Secret{}, err
	}
	again, err := askLine(ctx, typed, s, "The same again: ")
	if err != nil {
		return scout.Secret{}, err
	}
	if first != again {
		return scout.Secret{}, scout.Errorf(scout.Invalid, "the two passwords differ: run the command again")
	}
	return scout.NewSecret(first), nil
}

// askLine returns one line that is typed, or why ctx has ended: the terminal
// must show again what is typed before the program ends.
func askLine(ctx context.Context, typed *bufio.Reader, s *Screen, prompt string) (string, error) {
	type answer struct {
		line string
		err  error
	}
	fmt.Fprint(s.Err, prompt)
	defer fmt.Fprintln(s.Err) // the person's own was not shown
	came := make(chan answer, 1)
	go func() {
		line, err := typed.ReadString('\n')
		came <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-came:
		if a.err != nil {
			return "", fmt.Errorf("no password was typed: %w", a.err)
		}
		return withoutEnd(a.line), nil
	}
}

// withoutEnd is a text without the end of its last line.
func withoutEnd(text string) string {
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
}
