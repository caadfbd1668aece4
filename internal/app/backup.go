package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"serverscout/internal/app/config"
	"serverscout/internal/store"
)

// Backup writes everything in the data folder to one file, also while a server
// runs on it, and says what is in it.
func Backup(ctx context.Context, out io.Writer, c config.Config, version, file string) error {
	key, err := givenKey(c)
	if err != nil {
		return err
	}
	m, err := store.Backup(ctx, store.BackupOptions{Dir: c.Data, File: file, Key: key, Version: version})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s holds everything in %s: the ledger with the configuration and what was delivered, and the telemetry (%s).\n",
		file, c.Data, byteCount(m.Size()))
	if m.HasKey() {
		fmt.Fprintln(out, "It holds the encryption key too: whoever can read it can read the secrets in it. Keep it as you would keep them.")
	} else {
		fmt.Fprintln(out, "The encryption key is not in it, as SCOUT_SECRET_KEY is set: without that key the secrets in it cannot be read.")
	}
	_, err = fmt.Fprintf(out, "To go back to it, stop the server and run: scout restore %s\n", shellWord(file))
	return err
}

// Restore replaces what is in the data folder by a backup, after verifying it,
// and says where that is now.
func Restore(ctx context.Context, out io.Writer, c config.Config, file string) error {
	key, err := givenKey(c)
	if err != nil {
		return err
	}
	r, err := store.Restore(ctx, store.RestoreOptions{Dir: c.Data, File: file, Key: key})
	if err != nil {
		return err
	}
	m := r.Manifest
	fmt.Fprintf(out, "%s is restored to %s: made %s by Server Scout %s, %s, verified.\n",
		filepath.Base(file), c.Data, m.CreatedAt.UTC().Format("2006-01-02 15:04 UTC"), m.Version, byteCount(m.Size()))
	if r.Before != "" {
		fmt.Fprintf(out, "What was there before is in %s; remove it when you no longer need it.\n", r.Before)
	}
	_, err = fmt.Fprintln(out, "What was owed when the backup was made is sent once a server runs: what had been sent since is sent again, under the same Webhook-Id.")
	return err
}

// givenKey is the encryption key from the environment, nil if there is none.
func givenKey(c config.Config) ([]byte, error) {
	value := os.Getenv("SCOUT_SECRET_KEY")
	if value == "" {
		return nil, nil
	}
	return store.LoadKey(c.Data, value)
}

// byteCount writes a size for people: "512 B", "3.4 MB".
func byteCount(n int64) string {
	const step = 1000
	if n < step {
		return fmt.Sprintf("%d B", n)
	}
	size, unit := float64(n)/step, 0
	units := []string{"kB", "MB", "GB", "TB"}
	for size >= step && unit < len(units)-1 {
		size /= step
		unit++
	}
	return fmt.Sprintf("%.1f %s", size, units[unit])
}
