package storetest

import (
	"strings"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

var tokens = map[string]func(*world){
	"a token is found by its text": tokenRoundTrip,
	"a token's name is taken":      tokenConflict,
}

func (w *world) saveToken(name string, role scout.Role) (scout.Token, scout.Secret, error) {
	t, plain := scout.Token{Name: name, Role: role}, scout.NewTokenSecret()
	err := w.store.Update(w.Context(), func(tx *store.Tx) error { return tx.SaveToken(&t, plain) })
	return t, plain, err
}

func tokenRoundTrip(w *world) {
	admin, adminText, err := w.saveToken("ci", scout.Admin)
	w.ok(err)
	viewer, viewerText, err := w.saveToken("wall", scout.Viewer)
	w.ok(err)
	w.allSet(admin)
	w.reopen()
	for text, want := range map[scout.Secret]scout.Token{adminText: admin, viewerText: viewer} {
		got, ok, err := w.store.TokenFor(w.Context(), text)
		if err != nil || !ok {
			w.Fatalf("the token %s is not found: %v", want.Name, err)
		}
		w.equal("the token", got, want)
	}
	for _, text := range []scout.Secret{{}, scout.NewSecret("scout_"), scout.NewTokenSecret()} {
		got, ok, err := w.store.TokenFor(w.Context(), text)
		if err != nil || ok {
			w.Errorf("another text finds %+v, %v", got, err)
		}
	}
}

func tokenConflict(w *world) {
	_, first, err := w.saveToken("ci", scout.Editor)
	w.ok(err)
	_, second, err := w.saveToken("ci", scout.Admin)
	w.code(err, scout.Conflict)
	if err != nil && !strings.Contains(err.Error(), `"ci"`) {
		w.Errorf("the message %q does not name it", err)
	}
	if _, ok, _ := w.store.TokenFor(w.Context(), second); ok {
		w.Error("the token that was refused is valid")
	}
	if got, ok, _ := w.store.TokenFor(w.Context(), first); !ok || got.Role != scout.Editor {
		w.Errorf("the first token is %+v, valid = %t", got, ok)
	}
}
