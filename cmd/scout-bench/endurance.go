package main

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"serverscout/internal/scout"
)

// endurance probes 5,000 HTTP services every 10 s while other checks change
// 100 times a second, and looks at the memory: the live heap, the resident set
// and the goroutines in the second quarter of the time and in the last one.
// The first quarter fills what is meant to be filled.
func endurance(o options) (map[string]any, error) {
	target, stop, err := startTarget()
	if err != nil {
		return nil, err
	}
	defer stop()
	b, err := newBench()
	if err != nil {
		return nil, err
	}
	receivers, webhooks, err := everyFormat(nil)
	if err != nil {
		return nil, err
	}
	for _, r := range receivers {
		defer r.server.Close()
	}
	if _, err := b.declare(httpChecks(target, cmp.Or(o.checks, 5000)), nil); err != nil {
		return nil, err
	}
	list, err := b.declare(jobs(1000), webhooks)
	if err != nil {
		return nil, err
	}
	if err := b.begin(); err != nil {
		return nil, err
	}
	defer b.close()
	if err := b.observeAll(list, scout.Up, 64); err != nil {
		return nil, err
	}
	changed := make(chan error, 1)
	go func() { changed <- b.change(list, perSecond*o.seconds, &stopwatch{changed: map[string]time.Time{}}) }()
	samples, err := watchMemory(changed, max(time.Duration(o.seconds)*time.Second/60, time.Second))
	if err != nil {
		return nil, err
	}
	if len(samples) < 8 {
		return nil, fmt.Errorf("%d s are too short to compare quarters of: use -seconds 60 or more", o.seconds)
	}
	quarter := len(samples) / 4
	early, late := samples[quarter:2*quarter], samples[len(samples)-quarter:]
	figures := map[string]any{"seconds": o.seconds, "deliveries": received(receivers)}
	for name, of := range map[string]func(memory) float64{
		"heap_mb": func(m memory) float64 { return m.heap }, "resident_mb": func(m memory) float64 { return m.resident },
		"goroutines": func(m memory) float64 { return m.goroutines },
	} {
		e, l := median(early, of), median(late, of)
		figures[name] = map[string]float64{"second_quarter": e, "last_quarter": l, "ratio": l / e}
	}
	return figures, nil
}

// memory is what the process holds at a moment.
type memory struct{ heap, resident, goroutines float64 }

// watchMemory looks every so often until done, and tells its figures on the
// way, since an hour is long.
func watchMemory(done <-chan error, every time.Duration) ([]memory, error) {
	var samples []memory
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return samples, err
		case <-tick.C:
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			s := memory{float64(m.HeapAlloc) / (1 << 20), float64(residentMB()), float64(runtime.NumGoroutine())}
			fmt.Fprintf(os.Stderr, "heap %.1f MB, resident %.0f MB, %.0f goroutines\n", s.heap, s.resident, s.goroutines)
			samples = append(samples, s)
		}
	}
}

func median(samples []memory, of func(memory) float64) float64 {
	var values []float64
	for _, s := range samples {
		values = append(values, of(s))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
