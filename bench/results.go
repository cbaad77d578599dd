package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// results are the rounds of each subject. Those of one number followed each
// other at once, and so are compared.
type results struct{ rounds map[string][]round }

var titles = map[string]string{
	"pgbench": "pgbench, the statements alone", "bare": "bare net/http + pgx + encoding/json",
	"postgres": "Taskhold on PostgreSQL", "sqlite": "Taskhold on SQLite",
}

// pace is how many requests a second Taskhold on PostgreSQL, or else what
// comes next to it, answers.
func (r *results) pace() int {
	for _, name := range []string{"postgres", "sqlite", "bare"} {
		if all := r.rounds[name]; len(all) > 0 {
			return int(median(all, round.rate))
		}
	}
	return 0
}

func (r *results) closedTable() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nClosed loop: %d connections, each always busy; pgbench has %d\n\n", closedConns, poolSize)
	b.WriteString("| | requests/s | of pgbench | of bare | CPU of bare | p50 ms | p95 ms | p99 ms | wrong | refused | server µs | database µs | generator µs | memory MB |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, name := range names {
		if all := r.rounds[name]; len(all) > 0 {
			fmt.Fprintf(&b, "| %s | %.0f | %s | %s | %s | %s | %s | %s |\n", titles[name], median(all, round.rate),
				r.ratio(name, "pgbench", round.rate), r.ratio(name, "bare", round.rate), r.ratio(name, "bare", round.work),
				latencies(all), failures(all), costs(all))
		}
	}
	return b.String()
}

func (r *results) openTable(rate int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nOpen loop: %d requests a second over %d connections, latencies from when each was due\n\n", rate, openConns)
	b.WriteString("| | answered/s | unanswered | CPU of bare | p50 ms | p95 ms | p99 ms | wrong | refused | server µs | database µs | generator µs | memory MB |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, name := range names {
		if all := r.rounds[name]; len(all) > 0 {
			fmt.Fprintf(&b, "| %s | %.0f | %d | %s | %s | %s | %s |\n", titles[name], median(all, round.rate),
				total(all, func(r round) int { return r.unanswered }), r.ratio(name, "bare", round.work),
				latencies(all), failures(all), costs(all))
		}
	}
	return b.String()
}

// ratio is the middle one of the ratios of all rounds, with the least and the
// greatest. There is none to what one of the two does not have.
func (r *results) ratio(name, to string, of func(round) float64) string {
	all, others := r.rounds[name], r.rounds[to]
	if name == to || len(all) == 0 || len(others) != len(all) {
		return "–"
	}
	ratios := make([]float64, len(all))
	for i := range all {
		mine, other := of(all[i]), of(others[i])
		if mine == 0 || other == 0 {
			return "–"
		}
		ratios[i] = mine / other
	}
	return spread(ratios, "%.2f")
}

// spread is the middle one of some values, with the least and the greatest.
func spread(values []float64, format string) string {
	return fmt.Sprintf(format+" ("+format+"–"+format+")", middle(values), slices.Min(values), slices.Max(values))
}

// rate is how many good answers there were a second.
func (r round) rate() float64 { return float64(r.good()) / r.elapsed.Seconds() }

// requests is how many were sent.
func (r round) requests() int { return len(r.latencies) - r.unanswered }

// work is the server's processor time for a request in microseconds.
func (r round) work() float64 { return r.each(r.server) }

// each divides among all requests, in microseconds.
func (r round) each(d time.Duration) float64 {
	return float64(d.Microseconds()) / float64(max(1, r.requests()))
}

// latencies are the percentiles of all rounds together. A subject that knows
// none has none.
func latencies(all []round) string {
	var sum []time.Duration
	for _, r := range all {
		sum = append(sum, r.latencies...)
	}
	return percentiles(sum, 50, 95, 99)
}

// percentiles are in milliseconds.
func percentiles(met []time.Duration, percents ...float64) string {
	met = sorted(met)
	texts := make([]string, len(percents))
	for i, percent := range percents {
		texts[i] = "–"
		if d := percentile(met, percent); d > 0 {
			texts[i] = fmt.Sprintf("%.1f", d.Seconds()*1000)
		}
	}
	return strings.Join(texts, " | ")
}

func failures(all []round) string {
	wrong := total(all, func(r round) int { return r.tally.wrong })
	return fmt.Sprintf("%d | %d", wrong, total(all, func(r round) int { return r.refused }))
}

// costs are of a request.
func costs(all []round) string {
	var sum round
	for _, r := range all {
		sum.server += r.server
		sum.database += r.database
		sum.generator += r.generator
		sum.merge(r.tally)
		sum.memory = max(sum.memory, r.memory)
	}
	texts := []string{"–", "–", "–", "–"}
	for i, value := range []float64{sum.each(sum.server), sum.each(sum.database), sum.each(sum.generator), megabytes(sum.memory)} {
		if value > 0 {
			texts[i] = fmt.Sprintf("%.0f", value)
		}
	}
	return strings.Join(texts, " | ")
}

func megabytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// wrong is an error if any answer was not what it has to be.
func (r *results) wrong() error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(r.rounds)) {
		all := r.rounds[name]
		if n := total(all, func(r round) int { return r.tally.wrong }); n > 0 {
			i := slices.IndexFunc(all, func(r round) bool { return r.first != nil })
			errs = append(errs, fmt.Errorf("%s: %d wrong answers, the first: %w", name, n, all[i].first))
		}
	}
	return errors.Join(errs...)
}

func sorted(met []time.Duration) []time.Duration { return slices.Sorted(slices.Values(met)) }

// percentile returns what so many of a hundred do not exceed.
func percentile(sorted []time.Duration, percent float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(percent/100*float64(len(sorted))))]
}

func median(all []round, of func(round) float64) float64 {
	values := make([]float64, len(all))
	for i, r := range all {
		values[i] = of(r)
	}
	return middle(values)
}

// middle returns the middle one, or the mean of the two there.
func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func total(all []round, of func(round) int) (n int) {
	for _, r := range all {
		n += of(r)
	}
	return n
}
