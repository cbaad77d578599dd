package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Pool is how a pool of connections to a store stands.
type Pool struct {
	Name     string
	Max      int // connections at most
	Used     int
	Idle     int
	Waits    int64         // how often somebody had to wait for a connection
	Waited   time.Duration // all of them together
	TimedOut int64         // how often somebody gave up, also for having been told to
}

// WatchPools shows how the pools stand, whenever the metrics are asked for.
func (m *Metrics) WatchPools(read func() []Pool) { m.registry.MustRegister(pools(read)) }

// pools is a [prometheus.Collector].
type pools func() []Pool

var (
	poolName = []string{"db_client_connection_pool_name"}

	connections = prometheus.NewDesc("db_client_connection_count",
		"Connections of a pool, by whether they are in use.", append(poolName, "db_client_connection_state"), nil)
	connectionsMax = prometheus.NewDesc("db_client_connection_max",
		"The most connections that a pool may have.", poolName, nil)
	connectionWaits = prometheus.NewDesc("db_client_connection_wait_time_seconds",
		"How often and how long a call had to wait for a connection of a pool.", poolName, nil)
	connectionTimeouts = prometheus.NewDesc("db_client_connection_timeouts_total",
		"Calls that gave up waiting for a connection of a pool.", poolName, nil)
)

// Describe implements [prometheus.Collector].
func (pools) Describe(to chan<- *prometheus.Desc) {
	to <- connections
	to <- connectionsMax
	to <- connectionWaits
	to <- connectionTimeouts
}

// Collect implements [prometheus.Collector].
func (read pools) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value int, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value), labels...)
	}
	for _, p := range read() {
		gauge(connections, p.Used, p.Name, "used")
		gauge(connections, p.Idle, p.Name, "idle")
		gauge(connectionsMax, p.Max, p.Name)
		to <- prometheus.MustNewConstSummary(connectionWaits, uint64(p.Waits), p.Waited.Seconds(), nil, p.Name)
		to <- prometheus.MustNewConstMetric(connectionTimeouts, prometheus.CounterValue, float64(p.TimedOut), p.Name)
	}
}
