package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// folder returns every byte of a data folder's files but the key file.
func folder(t *testing.T, dir string) []byte {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, f := range files {
		if f.Name() == store.KeyFile {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

func TestNoSecretLiesInTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir})
	token := scout.NewTokenSecret()
	w := scout.Webhook{
		Name: "ops", DisplayURL: "https://shown.example/", URL: scout.NewSecret("https://hidden.example/Tq8Lk"),
		Headers: []scout.Header{{Name: "Authorization", Value: scout.NewSecret("Bearer Zr5Wm")}},
		Secret:  scout.NewSecret("whsec_Hn2Vb"), PreviousSecret: scout.NewSecret("whsec_Gd7Xc"),
		Settings: scout.Settings{"routing_key": "Pf4Js"},
	}
	c := scout.Check{
		Name: "HTTP", Target: "https://user:Ym9Qt@192.0.2.7/",
		Settings: scout.Settings{"headers": map[string]any{"X-Key": "Bw3Ne"}},
	}
	save := func(tx *store.Tx) error {
		server := scout.Server{Name: "web-1"}
		if c.ServerID == 0 {
			if err := tx.SaveServer(&server); err != nil {
				return err
			}
			c.ServerID = server.ID
			if err := tx.SaveToken(&scout.Token{Name: "ci", Role: scout.Admin}, token); err != nil {
				return err
			}
		}
		if err := tx.SaveCheck(&c); err != nil {
			return err
		}
		return tx.SaveWebhook(&w)
	}
	for range 2 { // made and changed
		if err := s.Update(t.Context(), save); err != nil {
			t.Fatal(err)
		}
	}
	secrets := []string{"Tq8Lk", "Zr5Wm", "Hn2Vb", "Gd7Xc", "Pf4Js", "Ym9Qt", "Bw3Ne", token.Reveal()}
	look := func(when string) {
		t.Helper()
		all := folder(t, dir)
		if !bytes.Contains(all, []byte(w.DisplayURL)) {
			t.Fatalf("%s: what is no secret is not found: this test looks in the wrong place", when)
		}
		for _, secret := range secrets {
			if bytes.Contains(all, []byte(secret)) {
				t.Errorf("%s: %s lies readable in the data folder", when, secret)
			}
		}
	}
	look("while open")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	look("after closing")
}

func TestKeyOfOnesOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key := bytes.Repeat([]byte{9}, 32)
	s := open(t, store.Options{Dir: dir, Key: key})
	w := scout.Webhook{Name: "ops", Secret: scout.NewSecret("whsec_1")}
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveWebhook(&w) }); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, store.KeyFile)); !os.IsNotExist(err) {
		t.Errorf("a key file was made though the key was given: %v", err)
	}
	got, err := open(t, store.Options{Dir: dir, Key: key}).Webhook(t.Context(), w.ID)
	if err != nil || got.Secret != w.Secret {
		t.Errorf("the secret is not what it was: %v", err)
	}
}

// A value that someone with access to the file copies to another row, to have
// it sent where that row says, does not open there.
func TestMovedSecretDoesNotOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir})
	good, bad := scout.Webhook{Name: "good"}, scout.Webhook{Name: "bad"}
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.SaveWebhook(&good); err != nil {
			return err
		}
		return tx.SaveWebhook(&bad)
	})
	if err != nil {
		t.Fatal(err)
	}
	execute(t, filepath.Join(dir, "ledger.db"),
		"UPDATE webhooks SET sealed = (SELECT sealed FROM webhooks WHERE name = 'good') WHERE name = 'bad'")
	if _, err := s.Webhook(t.Context(), bad.ID); err == nil {
		t.Error("a secret opens in another row")
	}
	if _, err := s.Webhook(t.Context(), good.ID); err != nil {
		t.Errorf("the row it came from: %v", err)
	}
}
