package probe

import (
	"context"

	"serverscout/internal/scout"
)

// Once probes a target one time, stored or not. A target of an unknown or a
// passive kind, or one that cannot be probed, is an error, and so is a ctx that
// ended before anything was seen.
func Once(ctx context.Context, t scout.Target) (scout.Result, error) {
	kind, ok := Lookup(t.Check.Kind)
	if !ok || kind.Passive {
		return scout.Result{}, scout.Errorf(scout.Invalid, "checks of the kind %q are not probed: their results come from outside", t.Check.Kind)
	}
	prober, err := kind.Compile(t)
	if err != nil {
		return scout.Result{}, err
	}
	r := prober.Probe(ctx)
	if r.Level == scout.Unknown {
		return r, ctx.Err()
	}
	return r, nil
}
