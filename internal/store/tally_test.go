package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"serverscout/internal/scout"
)

func TestTally(t *testing.T) {
	t.Parallel()
	s := openIn(t, Options{})
	levels := []scout.Level{scout.Up, scout.Up, scout.Warning, scout.Down, scout.Unknown, scout.Down}
	err := s.Update(t.Context(), func(tx *Tx) error {
		server := scout.Server{Name: "web"}
		if err := tx.SaveServer(&server); err != nil {
			return err
		}
		for i, level := range levels {
			c := scout.Check{ServerID: server.ID, Name: fmt.Sprint(i), Kind: "http", Paused: i == len(levels)-1}
			if err := tx.SaveCheck(&c); err != nil {
				return err
			}
			if level == scout.Unknown {
				continue
			}
			if err := tx.SaveState(scout.CheckState{CheckID: c.ID, Level: level}, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
	got, read := s.Tally(t.Context())
	if err := errors.Join(err, read); err != nil {
		t.Fatal(err)
	}
	if want := (scout.CheckCounts{Up: 2, Warning: 1, Down: 1, Unknown: 1, Paused: 1}); got != want {
		t.Errorf("tally %+v, want %+v", got, want)
	}
}
