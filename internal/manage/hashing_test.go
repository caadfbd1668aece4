package manage

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"golang.org/x/crypto/argon2"

	"serverscout/internal/scout"
)

func TestPasswordHash(t *testing.T) {
	t.Parallel()
	password := scout.NewSecret("correct horse")
	h := newPasswordHash(password)
	text := h.text()
	if !strings.HasPrefix(text.Reveal(), "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(text.Reveal(), "=\n") {
		t.Errorf("it is kept as %s", text.Reveal())
	}
	read, err := parsePasswordHash(text)
	if err != nil || read.text() != text || read.cost != present() {
		t.Fatalf("read again it is %+v, %v", read, err)
	}
	if !read.matches(password) {
		t.Error("its own password does not match")
	}
	for _, wrong := range []string{"", "correct hors", "Correct horse", "correct horse ", strings.Repeat("x", 1<<20)} {
		if read.matches(scout.NewSecret(wrong)) {
			t.Errorf("%.20q matches", wrong)
		}
	}
	if newPasswordHash(password).text() == text {
		t.Error("two hashes of a password are the same")
	}
	if decoy().matches(scout.Secret{}) || decoy().cost != present() {
		t.Error("the decoy is no decoy")
	}
}

// What another program made, at a cost of its own, is read.
func TestPasswordHashOfAnotherCost(t *testing.T) {
	t.Parallel()
	h := passwordHash{cost: cost{memory: 64, passes: 1, lanes: 2}, salt: []byte("some salt, 16 by")}
	h.key = argon2.IDKey([]byte("a password"), h.salt, 1, 64, 2, 24)
	read, err := parsePasswordHash(h.text())
	if err != nil || !read.matches(scout.NewSecret("a password")) || read.cost == present() {
		t.Errorf("it is read as %+v, %v", read, err)
	}
}

func TestDamagedPasswordHash(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "$", "plain", "$$$$$", "$2a$10$abcdefghijklmnopqrstuv",
		"$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng",
		"$argon2id$v=18$m=19456,t=2,p=1$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng",
		"$argon2id$v=19$m=19456,t=0,p=1$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng",
		"$argon2id$v=19$m=19456,t=2,p=0$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng",
		"$argon2id$v=19$m=19456,t=2,p=256$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng",
		"$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng",
		"$argon2id$v=19$m=19456,t=101,p=1$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng",
		"$argon2id$v=19$m=19456,t=2,p=1$$MTIzNDU2Nzg5MDEyMzQ1Ng",
		"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$",
		"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$!!!!",
		"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng$",
	} {
		if _, err := parsePasswordHash(scout.NewSecret(text)); err == nil {
			t.Errorf("%q is read", text)
		} else if text != "" && strings.Contains(err.Error(), text) && len(text) > 5 {
			t.Errorf("%q is quoted: %v", text, err)
		}
	}
}

func FuzzParsePasswordHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng")
	f.Add("$argon2id$v=19$m=+1,t=0x2,p= 1$$")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parsePasswordHash(scout.NewSecret(text))
		if err != nil {
			return
		}
		if h.memory > mostMemory || h.passes < 1 || h.passes > mostPasses || h.lanes < 1 {
			t.Errorf("%q asks for %+v", text, h.cost)
		}
		if again, err := parsePasswordHash(h.text()); err != nil || again.text() != h.text() {
			t.Errorf("%q is written as %s, which is read as %+v, %v", text, h.text().Reveal(), again, err)
		}
	})
}

func TestHashesWaitForTheirTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHashing()
		ctx, cancel := context.WithCancel(t.Context())
		for range hashesAtATime {
			if err := h.enter(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.enter(ctx); err == nil || scout.CodeOf(err) != scout.Unavailable {
			t.Errorf("one too many: %v", err)
		}
		entered := make(chan error)
		go func() { entered <- h.enter(ctx) }()
		synctest.Wait()
		h.leave()
		if err := <-entered; err != nil {
			t.Errorf("after one has left: %v", err)
		}
		cancel()
		if err := h.enter(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
	})
}
