package main

import (
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	"serverscout/internal/scout"
)

// latency sends 100 state changes a second to one receiver of each format.
func latency(o options) (map[string]any, error) {
	b, err := newBench()
	if err != nil {
		return nil, err
	}
	took, err := b.latencies(o)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"deliveries": len(took), "p50_ms": quantile(took, .5), "p90_ms": quantile(took, .9), "p99_ms": quantile(took, .99),
		"max_ms": quantile(took, 1),
	}, nil
}

// latencies sends 100 state changes a second to three receivers, a native one,
// one of Slack's and one of PagerDuty's, and returns the time each took to the
// first byte at each. It ends b.
func (b *bench) latencies(o options) ([]time.Duration, error) {
	const checks = 1000
	w := &stopwatch{changed: map[string]time.Time{}}
	receivers, webhooks, err := everyFormat(w.arrived)
	if err != nil {
		return nil, err
	}
	for _, r := range receivers {
		defer r.server.Close()
	}
	list, err := b.declare(jobs(checks), webhooks)
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
	total := perSecond * o.seconds
	if err := b.change(list, total, w); err != nil {
		return nil, err
	}
	err = await(func() bool { return received(receivers) >= int64(total*len(receivers)) })
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.took, err
}

// perSecond is how many state changes there are in measures that last.
const perSecond = 100

// everyFormat makes a receiver for each format, all hearing everything.
func everyFormat(onBody func(time.Time, []byte)) ([]*receiver, []scout.Webhook, error) {
	var receivers []*receiver
	var webhooks []scout.Webhook
	for i := range 3 {
		r, err := newReceiver(onBody)
		if err != nil {
			return nil, nil, err
		}
		receivers, webhooks = append(receivers, r), append(webhooks, r.webhook(i))
	}
	return receivers, webhooks, nil
}

// change lets the checks fail and recover in turn, perSecond of them a second,
// total in all.
func (b *bench) change(list []scout.Check, total int, w *stopwatch) error {
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	for i := range total {
		<-tick.C
		c := list[i%len(list)]
		level := scout.Down
		if i/len(list)%2 == 1 {
			level = scout.Up
		}
		w.start(c.Name)
		if err := b.observe(c, level); err != nil {
			return err
		}
	}
	return nil
}

// stopwatch takes the time from a change to its arrival at each receiver.
type stopwatch struct {
	mu      sync.Mutex
	changed map[string]time.Time // by service: when its latest result was ingested
	took    []time.Duration
}

func (w *stopwatch) start(service string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changed[service] = time.Now()
}

var serviceName = regexp.MustCompile(`service \d{5}`)

func (w *stopwatch) arrived(at time.Time, body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if changed, ok := w.changed[string(serviceName.Find(body))]; ok {
		w.took = append(w.took, at.Sub(changed))
	}
}

// throughput hands 10,000 state changes over as fast as they are taken.
func throughput(options) (map[string]any, error) {
	figures := map[string]any{}
	for _, endpoints := range []int{1, 100} {
		rate, err := flood(10_000, endpoints)
		if err != nil {
			return nil, err
		}
		figures[fmt.Sprintf("deliveries_per_second_to_%d", endpoints)] = int(rate)
	}
	return figures, nil
}

// flood opens n incidents, each owed to one of the endpoints, and returns the
// deliveries a second from the first result to the last recorded success.
func flood(n, endpoints int) (float64, error) {
	b, err := newBench()
	if err != nil {
		return 0, err
	}
	list := jobs(n)
	receivers, webhooks, err := share(list, endpoints)
	if err != nil {
		return 0, err
	}
	for _, r := range receivers {
		defer r.server.Close()
	}
	if list, err = b.declare(list, webhooks); err != nil {
		return 0, err
	}
	if err := b.begin(); err != nil {
		return 0, err
	}
	defer b.close()
	start := time.Now()
	if err := b.observeAll(list, scout.Down, 64); err != nil {
		return 0, err
	}
	err = await(func() bool { return received(receivers) >= int64(n) && b.engine.Idle() })
	return float64(n) / time.Since(start).Seconds(), err
}

// share makes endpoints and gives each check to one of them.
func share(checks []scout.Check, endpoints int) ([]*receiver, []scout.Webhook, error) {
	var receivers []*receiver
	webhooks := make([]scout.Webhook, endpoints)
	for i := range webhooks {
		r, err := newReceiver(nil)
		if err != nil {
			return nil, nil, err
		}
		receivers = append(receivers, r)
		webhooks[i] = r.webhook(i)
		if endpoints > 1 {
			for j := i; j < len(checks); j += endpoints {
				webhooks[i].Match.Checks = append(webhooks[i].Match.Checks, checks[j].Name)
			}
		}
	}
	return receivers, webhooks, nil
}

func received(receivers []*receiver) (n int64) {
	for _, r := range receivers {
		n += r.got.Load()
	}
	return n
}

// observeAll ingests one result of every check, several at a time.
func (b *bench) observeAll(list []scout.Check, l scout.Level, workers int) error {
	var group sync.WaitGroup
	errs := make(chan error, workers)
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(list); i += workers {
				if err := b.observe(list[i], l); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(errs)
	return <-errs
}

// burst lets 1,000 checks fail at once, each owed to one of ten endpoints and
// one of ten others; then again with those others hanging.
func burst(o options) (map[string]any, error) {
	var well, hung, ratios []float64
	for range o.pairs {
		a, err := failAtOnce(false)
		if err != nil {
			return nil, err
		}
		z, err := failAtOnce(true)
		if err != nil {
			return nil, err
		}
		well, hung, ratios = append(well, ms(a)), append(hung, ms(z)), append(ratios, float64(z)/float64(a))
	}
	slices.Sort(well)
	slices.Sort(hung)
	slices.Sort(ratios)
	return map[string]any{
		"last_webhook_ms":         spread(well),
		"last_webhook_hanging_ms": spread(hung),
		"ratio":                   spread(ratios),
	}, nil
}

func spread(sorted []float64) map[string]float64 {
	return map[string]float64{"min": sorted[0], "median": sorted[len(sorted)/2], "max": sorted[len(sorted)-1]}
}

// failAtOnce returns the time from the last failing result to the last webhook
// at the first ten endpoints.
func failAtOnce(hang bool) (time.Duration, error) {
	b, err := newBench()
	if err != nil {
		return 0, err
	}
	list := jobs(1000)
	receivers, webhooks, err := share(list, 10)
	if err != nil {
		return 0, err
	}
	others, more, err := share(list, 10)
	if err != nil {
		return 0, err
	}
	for i, r := range others {
		r.hang.Store(hang)
		more[i].Name = "other " + more[i].Name
	}
	for _, r := range append(receivers, others...) {
		defer r.server.Close()
	}
	if list, err = b.declare(list, append(webhooks, more...)); err != nil {
		return 0, err
	}
	if err := b.begin(); err != nil {
		return 0, err
	}
	defer b.close()
	var last time.Time
	done := make(chan error, 1)
	go func() { done <- b.observeAll(list, scout.Down, len(list)) }()
	last = time.Now() // all 1,000 have failed by the time their results are handed over
	if err := await(func() bool { return received(receivers) >= int64(len(list)) }); err != nil {
		return 0, err
	}
	took := time.Since(last)
	return took, <-done
}

// await polls until done, for at most a minute.
func await(done func() bool) error {
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("not everything was delivered within a minute")
		}
	}
	return nil
}
