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
