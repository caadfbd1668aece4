package store

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"serverscout/internal/scout"
)

// Sessions that are over go by themselves, and those that are not stay.
func TestSessionsArePruned(t *testing.T) {
	t.Parallel()
	dir := emptyFolder(t)
	synctest.Test(t, func(t *testing.T) {
		s := openIn(t, Options{Dir: dir})
		a := scout.Account{Name: "ada", Role: scout.Admin}
		if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SaveAccount(&a, scout.NewSecret("hash")) }); err != nil {
			t.Fatal(err)
		}
		const over = 2*pruneRows + 1 // more than one transaction deletes
		for i := range over + 1 {
			expires := time.Now().Add(time.Minute)
			if i == over {
				expires = time.Now().Add(time.Hour)
			}
			if _, err := s.Sessions().Begin(t.Context(), fmt.Sprint(i), a, "", "", expires); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(pruneEvery + time.Minute)
		if n := rowsOf(t, s, "sessions"); n != 1 {
			t.Errorf("%d sessions are kept, want the one that is not over", n)
		}
	})
}
