package main

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"serverscout/internal/store"
	"serverscout/internal/store/history"
)

const megabyte = 1 << 20

// makeHistory fills the data folder of -dir.
func makeHistory(o options) (map[string]any, error) {
	start := time.Now()
	checks := cmp.Or(o.checks, 2000)
	if err := history.Fill(context.Background(), history.Options{Dir: o.dir, Checks: checks, Days: o.days, PerYear: o.perYear}); err != nil {
		return nil, err
	}
	figures := sizes(o.dir)
	figures["checks"], figures["days"], figures["seconds"] = checks, o.days, int(time.Since(start).Seconds())
	return figures, nil
}

// sizes are the sizes of a data folder's databases, in MB.
func sizes(dir string) map[string]any {
	figures := map[string]any{}
	total := int64(0)
	for _, part := range []string{"ledger", "telemetry"} {
		if info, err := os.Stat(filepath.Join(dir, part+".db")); err == nil {
			figures[part+"_mb"] = info.Size() / megabyte
			total += info.Size()
		}
	}
	figures["total_mb"] = total / megabyte
	return figures
}

// retention measures the latency on a history, alternately while nothing else
// happens and while it is rolled up and pruned. Each pair keeps less of the
// history than the one before, so that there always is something to prune.
func retention(o options) (map[string]any, error) {
	var without, with, ratios []float64
	for i := range o.pairs {
		quiet, err := latencyOn(o, store.Retention{}, false)
		if err != nil {
			return nil, err
		}
		shorter := float64(o.pairs-i) / float64(o.pairs+1) // of what is kept
		busy, err := latencyOn(o, store.Retention{
			Raw: part(48*time.Hour, shorter), FiveMin: part(30*24*time.Hour, shorter),
			Hour: part(365*24*time.Hour, shorter), History: part(365*24*time.Hour, shorter),
		}, true)
		if err != nil {
			return nil, err
		}
		without, with, ratios = append(without, quiet), append(with, busy), append(ratios, busy/quiet)
	}
	figures := map[string]any{}
	for name, list := range map[string][]float64{"p99_without_ms": without, "p99_with_ms": with, "ratio": ratios} {
		slices.Sort(list)
		figures[name] = spread(list)
	}
	return figures, nil
}

func part(d time.Duration, share float64) time.Duration { return time.Duration(float64(d) * share) }

// latencyOn returns the p99 of the latency on the history, in milliseconds.
func latencyOn(o options, keep store.Retention, tidy bool) (float64, error) {
	b, err := openBench(store.Options{Dir: o.dir, Keep: keep})
	if err != nil {
		return 0, err
	}
	b.lasting = true
	ctx, cancel := context.WithCancel(context.Background())
	tidied := make(chan error, 1)
	go func() {
		if tidy {
			tidied <- b.store.Tidy(ctx)
			return
		}
		tidied <- nil
	}()
	took, err := b.latencies(o)
	cancel()
	<-tidied // how far it came does not matter
	if err != nil {
		return 0, err
	}
	return quantile(took, .99), nil
}
