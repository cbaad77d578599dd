package telemetry

import (
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The buckets that the OpenTelemetry semantic conventions advise, in seconds.
var (
	requestBuckets = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
	storeBuckets   = []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}
)

// Metrics are what the program counts. Their names, units and labels are those
// of the OpenTelemetry semantic conventions, as Prometheus writes them, where
// there are any; else they begin with taskhold_. No label holds what a client
// chose: each has a few values that are known beforehand.
type Metrics struct {
	registry *prometheus.Registry

	requests *prometheus.HistogramVec
	active   prometheus.Gauge
	refused  prometheus.Counter

	store *prometheus.HistogramVec

	operations *prometheus.CounterVec
	keyed      *prometheus.CounterVec
	limits     *prometheus.CounterVec

	purged     prometheus.Counter
	lastPurge  prometheus.Gauge
	tokens     *prometheus.CounterVec
	keySets    *prometheus.CounterVec
	ignored    *prometheus.CounterVec
	lastKeySet prometheus.Gauge
	shared     prometheus.Gauge
}

// NewMetrics returns metrics that are all zero, with those of the Go runtime,
// the process and the build beside them.
func NewMetrics() *Metrics {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewBuildInfoCollector(),
	)
	m := &Metrics{registry: registry}
	m.countRequests(promauto.With(registry))
	m.countStore(promauto.With(registry))
	m.countUse(promauto.With(registry))
	m.lastPurge.SetToCurrentTime() // a program that has just begun is not late
	return m
}

func (m *Metrics) countRequests(with promauto.Factory) {
	m.requests = with.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "http_server_request_duration_seconds",
		Help:    "Time from the headers of a request to its reply.",
		Buckets: requestBuckets,
	}, []string{"http_request_method", "http_route", "http_response_status_code"})
	m.active = with.NewGauge(prometheus.GaugeOpts{
		Name: "http_server_active_requests",
		Help: "Requests that are being answered.",
	})
	m.refused = with.NewCounter(prometheus.CounterOpts{
		Name: "taskhold_overload_refusals_total",
		Help: "Requests that were refused because their turn did not come in time, or would not have.",
	})
}

func (m *Metrics) countStore(with promauto.Factory) {
	m.store = with.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "db_client_operation_duration_seconds",
		Help:    "Time that a call of the store took, the wait for a connection included. error_type is empty if the store did what it was asked or found that it may not.",
		Buckets: storeBuckets,
	}, []string{"db_system_name", "db_operation_name", "error_type"})
	m.purged = with.NewCounter(prometheus.CounterOpts{
		Name: "taskhold_replays_purged_total",
		Help: "Replays of idempotency keys that were removed after their time.",
	})
	m.lastPurge = with.NewGauge(prometheus.GaugeOpts{
		Name: "taskhold_replay_purge_last_success_timestamp_seconds",
		Help: "When replays were last purged, or nothing called for it; or else when the program began.",
	})
}

func (m *Metrics) countUse(with promauto.Factory) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return with.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m.operations = counter("taskhold_operations_total", "Operations on tasks, those of batches included, by what became of them.", "operation", "outcome")
	m.keyed = counter("taskhold_keyed_requests_total", "Requests with an Idempotency-Key, by what became of them.", "outcome")
	m.limits = counter("taskhold_rate_limit_decisions_total", "What the rate limits decided.", "policy", "decision")
	m.tokens = counter("taskhold_token_verifications_total", "Verifications of access tokens, by what they came to.", "outcome")
	m.keySets = counter("taskhold_key_set_fetches_total", "Fetches of Better Auth's key set, by what they came to.", "outcome")
	m.ignored = counter("taskhold_key_set_ignored_keys_total", "Keys of a fetched set that are not used, by the reason.", "reason")
	m.lastKeySet = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "taskhold_key_set_last_success_timestamp_seconds",
		Help: "When Better Auth's key set was last fetched; 0 if it never was.",
	})
	m.shared = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "taskhold_rate_limit_shared",
		Help: "1 while all replicas limit rates together, 0 while this one does so alone.",
	})
}

// PurgeSpared notes that there was nothing to purge for.
func (m *Metrics) PurgeSpared() { m.lastPurge.SetToCurrentTime() }

// Handler answers with all metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// methods are those that are told apart; the others are one.
var methods = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}

// methodLabel is what the conventions call a method.
func methodLabel(method string) string {
	if slices.Contains(methods, method) {
		return method
	}
	return "_OTHER"
}

// Token counts a verification of a token.
func (m *Metrics) Token(outcome string) { m.tokens.WithLabelValues(outcome).Inc() }

// ExpectKeySet makes it known that there is a key set to fetch, and so that it
// was never fetched yet.
func (m *Metrics) ExpectKeySet() { m.registry.MustRegister(m.lastKeySet) }

// KeySet counts a fetch of the key set.
func (m *Metrics) KeySet(outcome string, fetched bool) {
	m.keySets.WithLabelValues(outcome).Inc()
	if fetched {
		m.lastKeySet.SetToCurrentTime()
	}
}

// IgnoredKey counts a key of a fetched set that is not used.
func (m *Metrics) IgnoredKey(reason string) { m.ignored.WithLabelValues(reason).Inc() }

// ExpectShared makes it known that the replicas are to limit rates together,
// and that so far they do.
func (m *Metrics) ExpectShared() {
	m.registry.MustRegister(m.shared)
	m.Shared(true)
}

// Shared tells whether the replicas limit rates together.
func (m *Metrics) Shared(together bool) {
	value := 0.0
	if together {
		value = 1
	}
	m.shared.Set(value)
}
