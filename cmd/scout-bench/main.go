// Command scout-bench measures Server Scout end to end: the real store, engine
// and HTTP, against receivers and services on this machine. It prints one JSON
// object a line: the measure, its figures and the goal.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// A measure is one benchmark. It returns its figures.
type measure struct {
	name string
	goal string
	run  func(options) (map[string]any, error)
}

// options are the sizes; the defaults are the ones the goals speak of.
type options struct {
	seconds int // of the measures that last
	pairs   int // of the measures that compare
	checks  int // of the schedule
}

var measures = []measure{
	{"latency", "p50 ≤ 2 ms, p99 ≤ 20 ms from the state change to the first byte at the receiver, 100 events/s", latency},
	{"throughput", "≥ 3500 deliveries/s with full attempt records, 10,000 events to 1 and to 100 endpoints", throughput},
	{"burst", "1,000 checks failing at once: last webhook ≤ 1 s after the last failing probe; half of the endpoints hanging: ratio ≤ 1.1", burst},
	{"schedule", "5,000 HTTP checks at 10 s: 99 % within 250 ms of schedule, ≤ 0.25 core, ≤ 200 MB", schedule},
}

func main() {
	if os.Getenv(targetEnv) != "" {
		serveTarget()
		return
	}
	var o options
	names := []string{}
	for _, m := range measures {
		names = append(names, m.name)
	}
	flag.IntVar(&o.seconds, "seconds", 30, "how long lasting measures last")
	flag.IntVar(&o.pairs, "pairs", 5, "how many alternated pairs comparing measures run")
	flag.IntVar(&o.checks, "checks", 5000, "checks of the schedule measure")
	flag.Usage = func() {
		fmt.Fprintf(os.Stderr, "usage: scout-bench [flags] [%s]...\n", strings.Join(names, "|"))
		flag.PrintDefaults()
	}
	flag.Parse()
	for _, name := range flag.Args() {
		if !slices.Contains(names, name) {
			flag.Usage()
			os.Exit(2)
		}
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, m := range measures {
		if flag.NArg() > 0 && !slices.Contains(flag.Args(), m.name) {
			continue
		}
		figures, err := m.run(o)
		if err != nil {
			fmt.Fprintf(os.Stderr, "scout-bench: %s: %v\n", m.name, err)
			os.Exit(1)
		}
		if err := out.Encode(map[string]any{"measure": m.name, "goal": m.goal, "figures": figures}); err != nil {
			os.Exit(1)
		}
	}
}

// quantile returns the q-quantile of durations in milliseconds; it sorts them.
func quantile(d []time.Duration, q float64) float64 {
	slices.Sort(d)
	if len(d) == 0 {
		return 0
	}
	return ms(d[min(int(q*float64(len(d))), len(d)-1)])
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
