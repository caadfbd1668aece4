package watch

import (
	"context"
	"errors"
	"sync"

	"serverscout/internal/manage"
	"serverscout/internal/scout"
	"serverscout/internal/web/ui"
)

// tried is what a probe saw that nobody waits for but the reader.
type tried struct {
	Name   string // of the check, where there are several
	Result scout.Result
	Fault  string // why it was not probed; "" if it was
}

func (t tried) state() ui.State {
	if t.Fault != "" {
		return ui.Down
	}
	return ui.StateOf(t.Result.Level)
}

func (t tried) says() string {
	if t.Fault != "" {
		return t.Fault
	}
	return t.Result.Message
}

// took says how long it took, and how the time was spent.
func (t tried) took() string {
	if t.Result.Latency == 0 {
		return ""
	}
	text := ui.Millis(t.Result.Latency)
	if steps := stepsText(t.Result.Steps); steps != "" {
		text += " (" + steps + ")"
	}
	return text
}

// tryOut probes a check, and the one that it would bring along.
func (a *Area) tryOut(ctx context.Context, server scout.Server, c scout.Check) []tried {
	checks := []scout.Check{c}
	if other, ok := manage.Companion(c, server); ok {
		checks = append(checks, other)
	}
	list := make([]tried, len(checks))
	var running sync.WaitGroup
	for i, c := range checks {
		running.Go(func() {
			result, err := a.Try(ctx, server, c)
			list[i] = tried{Name: c.Name, Result: result, Fault: faultText(err)}
		})
	}
	running.Wait()
	return list
}

// faultText is an error as a sentence for a reader; "" for none. What is no
// error of the reader's making is not told in detail.
func faultText(err error) string {
	var e *scout.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e) && e.Code != scout.Internal:
		return e.Error()
	default:
		return "It could not be probed. Try again."
	}
}
