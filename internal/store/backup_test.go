package store_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// backedUp returns a backup of a folder that was in use, as filled makes it.
func backedUp(t *testing.T) string {
	t.Helper()
	return backUp(t, filled(t), nil)
}

func backUp(t *testing.T, dir string, key []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "scout.backup")
	_, err := store.Backup(t.Context(), store.BackupOptions{Dir: dir, File: file, Key: key, Version: "1.2.3"})
	if err != nil {
		t.Fatalf("backing up: %v", err)
	}
	return file
}

func restore(t *testing.T, dir, file string) store.Restored {
	t.Helper()
	r, err := store.Restore(t.Context(), store.RestoreOptions{Dir: dir, File: file})
	if err != nil {
		t.Fatalf("restoring: %v", err)
	}
	return r
}

// servers are the names of the servers in a folder.
func servers(t *testing.T, o store.Options) []string {
	t.Helper()
	s, err := store.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return serversOf(t, s)
}

func serversOf(t *testing.T, s *store.Store) (names []string) {
	t.Helper()
	list, err := s.ListServers(t.Context(), scout.ServerFilter{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		names = append(names, v.Name)
	}
	return names
}

// entries are the names of what is in a folder.
func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// A backup that is made while a server writes, restored to another folder.
func TestBackupOfARunningServer(t *testing.T) {
	t.Parallel()
	dir := filled(t)
	s := open(t, store.Options{Dir: dir})
	hook := scout.Webhook{Name: "ops", Secret: scout.NewSecret("whsec_1")}
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveWebhook(&hook) }); err != nil {
		t.Fatal(err)
	}
	file := backUp(t, dir, nil)
	if err := s.Update(t.Context(), saveServer("later")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v: nobody else may read it", info.Mode(), err)
	}
	if got := entries(t, filepath.Dir(file)); len(got) != 1 {
		t.Errorf("beside the backup lies %v", got)
	}

	into := filepath.Join(t.TempDir(), "data")
	r := restore(t, into, file)
	if r.Before != "" || !r.Manifest.HasKey() || r.Manifest.Version != "1.2.3" {
		t.Errorf("restored %+v", r)
	}
	b := open(t, store.Options{Dir: into})
	if got := serversOf(t, b); !slices.Equal(got, []string{"web-1"}) {
		t.Errorf("servers = %v", got)
	}
	got, err := b.Webhook(t.Context(), hook.ID)
	if err != nil || got.Secret != hook.Secret {
		t.Errorf("the secret is not what it was: %v", err)
	}
	if results, err := b.Results(t.Context(), 1, time.Time{}, 10); err != nil || len(results) != 1 {
		t.Errorf("results = %v, %v", results, err)
	}
}

// What was owed is sent again under the same id.
func TestRestoreOwesWhatWasOwed(t *testing.T) {
	t.Parallel()
	dir := filled(t)
	s := open(t, store.Options{Dir: dir})
	hook := scout.Webhook{Name: "ops"}
	d := scout.Delivery{MessageID: scout.NewMessageID(), Status: scout.Sending, DueAt: time.Now(), CreatedAt: time.Now()}
	e := scout.Event{IncidentID: "1", Seq: 1}
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.SaveWebhook(&hook); err != nil {
			return err
		}
		if err := tx.InsertEvent(&e); err != nil {
			return err
		}
		d.WebhookID, d.EventID = hook.ID, e.ID
		return tx.InsertDelivery(&d)
	})
	if err != nil {
		t.Fatal(err)
	}
	into := t.TempDir()
	restore(t, into, backUp(t, dir, nil))
	b := open(t, store.Options{Dir: into})
	if n, err := b.Recover(t.Context()); err != nil || n != 1 {
		t.Fatalf("recovered %d, %v", n, err)
	}
	jobs, err := b.Claim(t.Context(), hook.ID, 10, time.Now().Add(time.Minute))
	if err != nil || len(jobs) != 1 || jobs[0].Delivery.MessageID != d.MessageID {
		t.Errorf("claimed %v, %v, want message %s", jobs, err, d.MessageID)
	}
}

func TestBackupWithoutAServer(t *testing.T) {
	t.Parallel()
	dir := filled(t)
	before, names := folder(t, dir), entries(t, dir)
	backUp(t, dir, nil)
	if !bytes.Equal(folder(t, dir), before) || !slices.Equal(entries(t, dir), names) {
		t.Errorf("the data folder was changed: %v are now %v", names, entries(t, dir))
	}
}

func TestBackupFails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(t *testing.T, dir, file string)
		words   []string
	}{
		"the file exists": {func(t *testing.T, _, file string) { write(t, file, "mine") }, []string{"exists already"}},
		"no data": {func(t *testing.T, dir, _ string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}, []string{"no ledger", "--data"}},
		"no key": {func(t *testing.T, dir, _ string) {
			if err := os.Remove(filepath.Join(dir, store.KeyFile)); err != nil {
				t.Fatal(err)
			}
		}, []string{"encryption key"}},
		"another key": {func(t *testing.T, dir, _ string) {
			write(t, filepath.Join(dir, store.KeyFile), strings.Repeat("A", 43)+"=\n")
		}, []string{"another key"}},
		"damaged data": {func(t *testing.T, dir, _ string) {
			file := filepath.Join(dir, "ledger.db")
			b := read(t, file)
			write(t, file, string(append(b[:4096:4096], bytes.Repeat([]byte{0xa5}, len(b)-4096)...)))
		}, []string{"ledger", "damaged"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, place := filled(t), t.TempDir()
			file := filepath.Join(place, "scout.backup")
			tt.prepare(t, dir, file)
			before := entries(t, place)
			_, err := store.Backup(t.Context(), store.BackupOptions{Dir: dir, File: file})
			refused(t, err, tt.words...)
			if got := entries(t, place); !slices.Equal(got, before) {
				t.Errorf("it left %v behind", got)
			}
		})
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBackupIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	place := t.TempDir()
	_, err := store.Backup(ctx, store.BackupOptions{Dir: filled(t), File: filepath.Join(place, "scout.backup")})
	if err == nil || len(entries(t, place)) > 0 {
		t.Errorf("error = %v, and it left %v behind", err, entries(t, place))
	}
}

func TestRestoreKeepsWhatWasThere(t *testing.T) {
	t.Parallel()
	file := backedUp(t)
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir})
	if err := s.Update(t.Context(), saveServer("there before")); err != nil {
		t.Fatal(err)
	}
	killed := t.TempDir() // with a log that was not yet written into the database
	if err := os.CopyFS(killed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	r, err := store.Restore(t.Context(), store.RestoreOptions{Dir: killed, File: file, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(killed, "before-restore-20260301T100000Z"); r.Before != want {
		t.Errorf("what was there is in %q, want %q", r.Before, want)
	}
	if got := servers(t, store.Options{Dir: killed}); !slices.Equal(got, []string{"web-1"}) {
		t.Errorf("servers = %v", got)
	}
	if got := servers(t, store.Options{Dir: r.Before}); !slices.Equal(got, []string{"there before"}) {
		t.Errorf("servers of before = %v", got)
	}
}

func TestRestoreBesideAServer(t *testing.T) {
	t.Parallel()
	file, dir := backedUp(t), filled(t)
	s := open(t, store.Options{Dir: dir})
	_, err := store.Restore(t.Context(), store.RestoreOptions{Dir: dir, File: file})
	refused(t, err, "another Server Scout", dir)
	if err := s.Update(t.Context(), saveServer("web-2")); err != nil {
		t.Error(err)
	}
}

func TestBackupWithTheKeyElsewhere(t *testing.T) {
	t.Parallel()
	dir, key := t.TempDir(), bytes.Repeat([]byte{7}, 32)
	if err := opens(store.Options{Dir: dir, Key: key}); err != nil {
		t.Fatal(err)
	}
	file := backUp(t, dir, key)
	if bytes.Contains(read(t, file), []byte(store.KeyFile)) {
		t.Error("the backup holds a key file")
	}
	own := filled(t) // a folder with a key of its own
	for name, tt := range map[string]struct {
		o     store.RestoreOptions
		words []string // nil: it works
	}{
		"the key":                {store.RestoreOptions{Dir: t.TempDir(), Key: key}, nil},
		"no key":                 {store.RestoreOptions{Dir: t.TempDir()}, []string{"SCOUT_SECRET_KEY"}},
		"another key":            {store.RestoreOptions{Dir: t.TempDir(), Key: bytes.Repeat([]byte{8}, 32)}, []string{"another key"}},
		"the folder's other key": {store.RestoreOptions{Dir: own}, []string{"another key"}},
	} {
		tt.o.File = file
		_, err := store.Restore(t.Context(), tt.o)
		if tt.words == nil && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if tt.words != nil {
			refused(t, err, append(tt.words, file, "nothing was changed")...)
		}
	}
	if got := servers(t, store.Options{Dir: own}); !slices.Equal(got, []string{"web-1"}) {
		t.Errorf("servers of the folder that was left alone = %v", got)
	}
}

func TestRestoreWithAnotherKeySet(t *testing.T) {
	t.Parallel()
	_, err := store.Restore(t.Context(), store.RestoreOptions{Dir: t.TempDir(), File: backedUp(t), Key: bytes.Repeat([]byte{8}, 32)})
	refused(t, err, "SCOUT_SECRET_KEY", "unset")
}

// member is one file of a tar.
type member struct {
	header tar.Header
	body   []byte
}

func readTar(t *testing.T, file string) (list []member) {
	t.Helper()
	in := tar.NewReader(bytes.NewReader(read(t, file)))
	for {
		h, err := in.Next()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, member{*h, body})
	}
}

func writeTar(t *testing.T, list []member) []byte {
	t.Helper()
	var b bytes.Buffer
	out := tar.NewWriter(&b)
	for _, m := range list {
		if m.header.Typeflag == tar.TypeReg {
			m.header.Size = int64(len(m.body))
		}
		if err := out.WriteHeader(&m.header); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write(m.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// manifestOf changes a backup's manifest.
func manifestOf(t *testing.T, list []member, change func(m *store.Manifest)) {
	t.Helper()
	var m store.Manifest
	if err := json.Unmarshal(list[0].body, &m); err != nil {
		t.Fatal(err)
	}
	change(&m)
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	list[0].body = b
}

// Whatever is wrong with a backup is said, and nothing is changed.
func TestRestoreOfABadBackup(t *testing.T) {
	t.Parallel()
	type parts = []member
	changes := map[string]struct {
		change func(t *testing.T, list parts) parts
		words  string
	}{
		"no manifest":        {func(_ *testing.T, l parts) parts { return l[1:] }, "not a backup"},
		"a manifest of text": {func(_ *testing.T, l parts) parts { l[0].body = []byte("hello"); return l }, "not a backup"},
		"a newer format": {func(t *testing.T, l parts) parts {
			manifestOf(t, l, func(m *store.Manifest) { m.Format = 2; m.Version = "9.0" })
			return l
		}, "newer Server Scout (9.0)"},
		"a huge member": {func(t *testing.T, l parts) parts {
			manifestOf(t, l, func(m *store.Manifest) { m.Members[0].Size = 1 << 50 })
			return l
		}, "cut short"},
		"a negative size": {func(t *testing.T, l parts) parts {
			manifestOf(t, l, func(m *store.Manifest) { m.Members[0].Size = -1 })
			return l
		}, "not a backup"},
		"another member in the manifest": {func(t *testing.T, l parts) parts {
			manifestOf(t, l, func(m *store.Manifest) { m.Members[0].Name = "../ledger.db" })
			return l
		}, "not a backup"},
		"no telemetry": {func(t *testing.T, l parts) parts {
			manifestOf(t, l, func(m *store.Manifest) { m.Members = slices.Delete(m.Members, 1, 2) })
			return slices.Delete(l, 2, 3)
		}, "not a backup"},
		"a path":        {func(_ *testing.T, l parts) parts { l[1].header.Name = "../ledger.db"; return l }, "not a backup"},
		"a link":        {func(_ *testing.T, l parts) parts { link(&l[3]); return l }, "not a backup"},
		"a member more": {func(_ *testing.T, l parts) parts { return append(l, l[3]) }, "more in it"},
		"a member less": {func(_ *testing.T, l parts) parts { return l[:3] }, "not a backup"},
		"longer":        {func(_ *testing.T, l parts) parts { l[1].body = append(l[1].body, 0); return l }, "not a backup"},
		"shorter":       {func(_ *testing.T, l parts) parts { l[1].body = l[1].body[1:]; return l }, "damaged"},
		"a bit flipped": {func(_ *testing.T, l parts) parts { l[2].body[5000] ^= 1; return l }, "damaged"},
		"another key": {func(t *testing.T, l parts) parts {
			l[3].body = []byte(strings.Repeat("A", 43) + "=\n")
			return rehashed(t, l)
		}, "another key"},
		"a damaged ledger":    {func(t *testing.T, l parts) parts { spoil(l[1].body); return rehashed(t, l) }, "the ledger"},
		"a damaged telemetry": {func(t *testing.T, l parts) parts { spoil(l[2].body); return rehashed(t, l) }, "the telemetry"},
		"no database":         {func(t *testing.T, l parts) parts { l[1].body = bytes.Repeat([]byte("x"), 9000); return rehashed(t, l) }, "the ledger"},
	}
	file := backedUp(t)
	for name, tt := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := filepath.Join(t.TempDir(), "bad.backup")
			write(t, bad, string(writeTar(t, tt.change(t, readTar(t, file)))))
			refusedUnchanged(t, bad, tt.words)
		})
	}
}

// refusedUnchanged fails the test unless a backup is refused for a reason, and
// a folder that is in use stays as it is.
func refusedUnchanged(t *testing.T, file, words string) {
	t.Helper()
	dir := filled(t)
	before, names := folder(t, dir), entries(t, dir)
	_, err := store.Restore(t.Context(), store.RestoreOptions{Dir: dir, File: file})
	refused(t, err, words, file, "nothing was changed")
	if !bytes.Equal(folder(t, dir), before) || !slices.Equal(entries(t, dir), names) {
		t.Errorf("the folder was changed; it holds %v", entries(t, dir))
	}
}

func link(m *member) {
	m.header.Typeflag, m.header.Linkname, m.header.Size, m.body = tar.TypeSymlink, "/etc/passwd", 0, nil
}

// spoil damages a database behind its first page.
func spoil(b []byte) {
	for i := 4096; i < len(b); i++ {
		b[i] = 0xa5
	}
}

// rehashed has a backup's manifest say what is in it.
func rehashed(t *testing.T, list []member) []member {
	t.Helper()
	dir := t.TempDir()
	manifestOf(t, list, func(m *store.Manifest) {
		for i := range m.Members {
			write(t, filepath.Join(dir, m.Members[i].Name), string(list[i+1].body))
			described, err := store.Describe(filepath.Join(dir, m.Members[i].Name))
			if err != nil {
				t.Fatal(err)
			}
			m.Members[i] = described
		}
	})
	return list
}

func TestRestoreOfOtherFiles(t *testing.T) {
	t.Parallel()
	whole := read(t, backedUp(t))
	for name, tt := range map[string]struct {
		text  []byte
		words string
	}{
		"empty":        {nil, "not a backup"},
		"text":         {[]byte("hello"), "not a backup"},
		"a database":   {read(t, filepath.Join(filled(t), "ledger.db")), "not a backup"},
		"its first kB": {whole[:1024], "damaged"},
		"its half":     {whole[:len(whole)/2], "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "other")
			write(t, file, string(tt.text))
			refusedUnchanged(t, file, tt.words)
		})
	}
	t.Run("missing", func(t *testing.T) {
		t.Parallel()
		refusedUnchanged(t, filepath.Join(t.TempDir(), "none"), "no such file")
	})
	t.Run("a folder", func(t *testing.T) {
		t.Parallel()
		refusedUnchanged(t, t.TempDir(), "not a backup")
	})
}

func TestRestoreOfANewerVersion(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"ledger", "telemetry"} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			dir := filled(t)
			execute(t, filepath.Join(dir, part+".db"), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, 1)")
			refusedUnchanged(t, backUp(t, dir, nil), "newer Server Scout")
		})
	}
}
