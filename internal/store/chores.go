package store

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// chores are loops that work by the clock until they are stopped.
type chores struct {
	ctx  context.Context
	end  context.CancelFunc
	done sync.WaitGroup
}

func newChores() *chores {
	ctx, end := context.WithCancel(context.Background())
	return &chores{ctx: ctx, end: end}
}

// every begins to call f at a distance. An error is logged with a message, and
// f is called again at its time.
func (c *chores) every(d time.Duration, failed string, f func(context.Context) error) {
	c.done.Go(func() {
		tick := time.NewTicker(d)
		defer tick.Stop()
		for {
			select {
			case <-c.ctx.Done():
				return
			case <-tick.C:
				if err := f(c.ctx); err != nil && c.ctx.Err() == nil {
					slog.Error(failed, "error", err)
				}
			}
		}
	})
}

// stop ends the loops and waits for what they are at.
func (c *chores) stop() {
	c.end()
	c.done.Wait()
}

const (
	checkpointEvery  = time.Second
	checkpointFailed = "the write-ahead log was not copied into the database; it is tried again"
)

// checkpoint copies what was committed from the write-ahead log into the
// database, beside the writer. The writer would do it too, but only once there
// is much of it, and let everybody wait.
func (r reader) checkpoint(ctx context.Context) error {
	_, err := r.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	return err
}
