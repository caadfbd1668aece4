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
	// onHistory: it needs a data folder with a history, and so runs only when
	// it is asked for.
	onHistory bool
}

// options are the sizes; the defaults are the ones the goals speak of.
type options struct {
	seconds int    // of the measures that last
	pairs   int    // of the measures that compare
	checks  int    // of the schedule and of a history; 0: what the goals speak of
	days    int    // of a history
	perYear int    // incidents of each check of a history
	dir     string // the data folder with the history
}

var measures = []measure{
	{"latency", "p50 ≤ 2 ms, p99 ≤ 20 ms from the state change to the first byte at the receiver, 100 events/s", latency, false},
	{"throughput", "≥ 3500 deliveries/s with full attempt records, 10,000 events to 1 and to 100 endpoints", throughput, false},
	{"burst", "1,000 checks failing at once: last webhook ≤ 1 s after the last failing probe; half of the endpoints hanging: ratio ≤ 1.1", burst, false},
	{"schedule", "5,000 HTTP checks at 10 s: 99 % within 250 ms of schedule, ≤ 0.25 core, ≤ 200 MB", schedule, false},
	{"endurance", "memory flat over an hour (-seconds 3600) of 5,000 checks and 100 events/s to three receivers: ratio near 1", endurance, false},
	{"history", "a year of 2,000 checks: ≤ 5 GB", makeHistory, true},
	{"queries", "every list and chart ≤ 50 ms at p95 on the history of -dir", queries, true},
	{"pages", "every page ≤ 30 ms at p95 and ≤ 100 KB on the history of -dir", pages, true},
	{"retention", "p99 of the latency while the history of -dir is rolled up and pruned, against without: ratio near 1", retention, true},
}

func main() {
	if os.Getenv(targetEnv) != "" {
		serveTarget()
		return
	}
	o, chosen := parse(os.Args[1:])
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, m := range chosen {
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

// parse reads flags and the names of measures, which may come in any order. It
// ends the program if they are wrong.
func parse(args []string) (o options, chosen []measure) {
	names := []string{}
	for _, m := range measures {
		names = append(names, m.name)
	}
	flag.IntVar(&o.seconds, "seconds", 30, "how long lasting measures last")
	flag.IntVar(&o.pairs, "pairs", 5, "how many alternated pairs comparing measures run")
	flag.IntVar(&o.checks, "checks", 0, "checks of the schedule (default 5000) and of a history (default 2000)")
	flag.IntVar(&o.days, "days", 365, "days of a history")
	flag.IntVar(&o.perYear, "incidents", 100, "incidents that each check of a history has in a year, at least; some have twice as many")
	flag.StringVar(&o.dir, "dir", "", "data folder of the history: made by history, read by queries and pages, used up by retention")
	flag.Usage = func() {
		fmt.Fprintf(os.Stderr, "usage: scout-bench [flags] [%s]...\n", strings.Join(names, "|"))
		flag.PrintDefaults()
	}
	for len(args) > 0 {
		_ = flag.CommandLine.Parse(args) // ends the program on an error
		if flag.NArg() == 0 {
			break
		}
		i := slices.Index(names, flag.Arg(0))
		if i < 0 {
			flag.Usage()
			os.Exit(2)
		}
		chosen = append(chosen, measures[i])
		args = flag.Args()[1:]
	}
	if len(chosen) == 0 {
		chosen = slices.DeleteFunc(slices.Clone(measures), func(m measure) bool { return m.onHistory || m.name == "endurance" })
	}
	if o.dir == "" && slices.ContainsFunc(chosen, func(m measure) bool { return m.onHistory }) {
		fmt.Fprintln(os.Stderr, "scout-bench: name the data folder of the history with -dir")
		os.Exit(2)
	}
	return o, chosen
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
