package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// execute runs a statement on a database file, past the store.
func execute(t *testing.T, file, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// opens opens a folder and closes it again.
func opens(o store.Options) error {
	s, err := store.Open(o)
	if err != nil {
		return err
	}
	return s.Close()
}

// refused fails the test unless opening has failed for a reason that holds the
// words.
func refused(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("the folder opens")
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the message %q does not say %q", err, word)
		}
	}
}

// filled returns a folder that was in use: with a server in its ledger, and a
// result in its telemetry.
func filled(t *testing.T) string {
	t.Helper()
	dir := store.EmptyFolder(t)
	s := open(t, store.Options{Dir: dir})
	if err := s.Update(t.Context(), saveServer("web-1")); err != nil {
		t.Fatal(err)
	}
	s.RecordResult(scout.Result{CheckID: 1, At: time.Now(), Level: scout.Up})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func saveServer(name string) func(*store.Tx) error {
	return func(tx *store.Tx) error { return tx.SaveServer(&scout.Server{Name: name}) }
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, store.Options{Dir: dir})
	for range 2 { // being refused once does not open the door
		refused(t, opens(store.Options{Dir: dir}), dir, "another Server Scout", "--data")
	}
	if err := first.Ping(t.Context()); err != nil {
		t.Errorf("the first process: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, store.Options{Dir: dir})
}

func TestSharedOpensBeside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := open(t, store.Options{Dir: dir})
	d := scout.Delivery{Status: scout.Sending, CreatedAt: time.Now()}
	if err := server.Update(t.Context(), func(tx *store.Tx) error { return tx.InsertDelivery(&d) }); err != nil {
		t.Fatal(err)
	}

	tool := open(t, store.Options{Dir: dir, Shared: true})
	token := scout.NewTokenSecret()
	err := tool.Update(t.Context(), func(tx *store.Tx) error {
		return tx.SaveToken(&scout.Token{Name: "ci", Role: scout.Viewer}, token)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := tool.Close(); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := server.TokenFor(t.Context(), token); err != nil || !ok {
		t.Errorf("the server does not know the tool's token: %v", err)
	}
	done := scout.Completion{Job: scout.Job{Delivery: d}, Status: scout.Delivered, Now: time.Now()}
	if _, err := server.Finish(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	if got, err := server.Delivery(t.Context(), d.ID); err != nil || got.Status != scout.Delivered {
		t.Errorf("the server does not own its delivery any more: %s, %v", got.Status, err)
	}
}

func TestSharedOpensAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tool := open(t, store.Options{Dir: dir, Shared: true})
	if err := tool.Update(t.Context(), saveServer("web-1")); err != nil {
		t.Fatal(err)
	}
	if err := tool.Close(); err != nil {
		t.Fatal(err)
	}
	list, err := open(t, store.Options{Dir: dir}).ListServers(t.Context(), scout.ServerFilter{}, 10)
	if err != nil || len(list) != 1 {
		t.Errorf("the server finds %d servers, %v", len(list), err)
	}
}

func TestNewerVersionIsRefused(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"ledger", "telemetry"} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			dir := filled(t)
			file := filepath.Join(dir, part+".db")
			execute(t, file, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, 1)")
			before := read(t, file)
			refused(t, opens(store.Options{Dir: dir}), part, "9000", "newer Server Scout")
			if !bytes.Equal(read(t, file), before) {
				t.Error("the file was changed all the same")
			}
		})
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestLostKeyIsRefused(t *testing.T) {
	t.Parallel()
	dir := filled(t)
	if err := os.Remove(filepath.Join(dir, store.KeyFile)); err != nil {
		t.Fatal(err)
	}
	refused(t, opens(store.Options{Dir: dir}), "another key", store.KeyFile)
}

func TestFolderThatIsAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, opens(store.Options{Dir: file}), "data folder", file)
}

func TestDamagedFile(t *testing.T) {
	t.Parallel()
	const page = 4096
	damages := map[string]func(b []byte) []byte{
		"another file": func([]byte) []byte { return bytes.Repeat([]byte("no database\n"), 1000) },
		"its head":     func(b []byte) []byte { return append(bytes.Repeat([]byte{0xff}, 100), b[100:]...) },
		"cut short":    func(b []byte) []byte { return b[:len(b)/2/page*page] },
		"its second half": func(b []byte) []byte {
			half := len(b) / 2 / page * page
			return append(b[:half:half], bytes.Repeat([]byte{0xa5}, len(b)-half)...)
		},
	}
	for name, damage := range damages {
		for _, part := range []string{"ledger", "telemetry"} {
			t.Run(part+", "+name, func(t *testing.T) {
				t.Parallel()
				dir := filled(t)
				file := filepath.Join(dir, part+".db")
				if err := os.WriteFile(file, damage(read(t, file)), 0o600); err != nil {
					t.Fatal(err)
				}
				refused(t, use(t, dir), "damaged", "scout restore")
			})
		}
	}
}

// use opens a folder and reads from both files, until something fails.
func use(t *testing.T, dir string) error {
	t.Helper()
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer s.Close() // which may fail as well
	if _, err := s.ListServers(t.Context(), scout.ServerFilter{}, 10); err != nil {
		return err
	}
	if _, err := s.Results(t.Context(), 1, time.Time{}, 10); err != nil {
		return err
	}
	return s.Tidy(t.Context())
}

// What a caller was told is written is in the files at that moment, as if the
// process was killed then: nothing waits for closing.
func TestAcknowledgedIsInTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, store.Options{Dir: dir})
	names := []string{"a", "b", "c"}
	for i, name := range names {
		if err := s.Update(t.Context(), saveServer(name)); err != nil {
			t.Fatal(err)
		}
		killed := t.TempDir()
		if err := os.CopyFS(killed, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		list, err := open(t, store.Options{Dir: killed}).ListServers(context.Background(), scout.ServerFilter{}, 10)
		if err != nil || len(list) != i+1 {
			t.Errorf("after %d writes there are %d servers, %v", i+1, len(list), err)
		}
	}
}
