package app

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"serverscout/internal/scout"
	"serverscout/internal/store"
)

// metrics are what /metrics shows. No label holds a name that users chose.
type metrics struct {
	registry *prometheus.Registry
	attempts *prometheus.CounterVec
	sending  prometheus.Histogram
	delay    prometheus.Histogram
	results  *prometheus.CounterVec
	lateness prometheus.Histogram
}

func newMetrics(s *store.Store, version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "scout_attempts_total", Help: "Webhook requests made, by outcome and fault.",
		}, []string{"outcome", "fault"}),
		sending: histogram("scout_attempt_duration_seconds", "How long webhook requests took."),
		delay:   histogram("scout_first_attempt_delay_seconds", "Time from the confirmation of a change to the beginning of a delivery's first attempt."),
		results: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "scout_results_total", Help: "Results of checks, by level.",
		}, []string{"level"}),
		lateness: histogram("scout_probe_lateness_seconds", "How long after its due time a probe began."),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "scout_build_info", Help: "Always 1.", ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	m.registry.MustRegister(m.attempts, m.sending, m.delay, m.results, m.lateness, info, backlog{s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func histogram(name, help string) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: name, Help: help,
		Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 3600},
	})
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) attempt(job scout.Job, a scout.Attempt) {
	m.attempts.WithLabelValues(string(a.Verdict.Outcome), string(a.Verdict.Fault)).Inc()
	m.sending.Observe(a.Duration.Seconds())
	if a.Number == 1 && !job.Delivery.Test {
		m.delay.Observe(a.StartedAt.Sub(job.Event.At).Seconds())
	}
}

// recording counts results on their way to record.
func (m *metrics) recording(record func(scout.Result)) func(scout.Result) {
	return func(r scout.Result) {
		m.results.WithLabelValues(r.Level.String()).Inc()
		record(r)
	}
}

func (m *metrics) late(d time.Duration) { m.lateness.Observe(d.Seconds()) }

// backlog reads the delivery side's state when it is asked for.
type backlog struct{ store *store.Store }

var (
	pendingDesc = prometheus.NewDesc("scout_deliveries_pending", "Deliveries that wait for their next attempt.", nil, nil)
	sendingDesc = prometheus.NewDesc("scout_deliveries_sending", "Deliveries being sent.", nil, nil)
	overdueDesc = prometheus.NewDesc("scout_deliveries_overdue_seconds", "How long the longest due delivery has been waiting; 0 when none is.", nil, nil)
)

// Describe implements prometheus.Collector.
func (b backlog) Describe(out chan<- *prometheus.Desc) {
	out <- pendingDesc
	out <- sendingDesc
	out <- overdueDesc
}

// Collect implements prometheus.Collector.
func (b backlog) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	now, err := b.store.Backlog(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(pendingDesc, err)
		return
	}
	overdue := 0.0
	if !now.OldestDue.IsZero() {
		overdue = max(time.Since(now.OldestDue).Seconds(), 0)
	}
	out <- prometheus.MustNewConstMetric(pendingDesc, prometheus.GaugeValue, float64(now.Pending))
	out <- prometheus.MustNewConstMetric(sendingDesc, prometheus.GaugeValue, float64(now.Sending))
	out <- prometheus.MustNewConstMetric(overdueDesc, prometheus.GaugeValue, overdue)
}
