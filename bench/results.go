package main

import (
	"errors"
	"fmt"
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
	b.WriteString("| | requests/s | of pgbench | of bare | p50 ms | p95 ms | p99 ms | wrong | refused | server µs | database µs | generator µs | memory MB |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, name := range names {
		if all := r.rounds[name]; len(all) > 0 {
			fmt.Fprintf(&b, "| %s | %.0f | %s | %s | %s | %s | %s |\n", titles[name], median(all, round.rate),
				r.ratio(name, "pgbench"), r.ratio(name, "bare"), latencies(all), failures(all), costs(all))
		}
	}
	return b.String()
}

func (r *results) openTable(rate int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nOpen loop: %d requests a second over %d connections, latencies from when each was due\n\n", rate, openConns)
	b.WriteString("| | answered/s | unanswered | p50 ms | p95 ms | p99 ms | wrong | refused | server µs | database µs | generator µs | memory MB |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, name := range names {
		if all := r.rounds[name]; len(all) > 0 {
			fmt.Fprintf(&b, "| %s | %.0f | %d | %s | %s | %s |\n", titles[name], median(all, round.rate),
				total(all, func(r round) int { return r.unanswered }), latencies(all), failures(all), costs(all))
		}
	}
	return b.String()
}

// ratio is the middle one of the ratios of all rounds, with the least and the
// greatest.
func (r *results) ratio(name, to string) string {
	all, others := r.rounds[name], r.rounds[to]
	if name == to || len(all) == 0 || len(others) != len(all) {
		return "–"
	}
	ratios := make([]float64, len(all))
	for i := range all {
		ratios[i] = all[i].rate() / others[i].rate()
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", middle(ratios), slices.Min(ratios), slices.Max(ratios))
}

// rate is how many good answers there were a second.
func (r round) rate() float64 { return float64(r.good()) / r.elapsed.Seconds() }

// latencies are the percentiles of all rounds together. A subject that knows
// none has none.
func latencies(all []round) string {
	var sum []time.Duration
	for _, r := range all {
		sum = append(sum, r.latencies...)
	}
	slices.Sort(sum)
	texts := make([]string, 0, 3)
	for _, percent := range []float64{50, 95, 99} {
		text := "–"
		if d := percentile(sum, percent); d > 0 {
			text = fmt.Sprintf("%.1f", d.Seconds()*1000)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " | ")
}

func failures(all []round) string {
	wrong := total(all, func(r round) int { return r.tally.wrong })
	return fmt.Sprintf("%d | %d", wrong, total(all, func(r round) int { return r.refused }))
}

// costs are of a request.
func costs(all []round) string {
	var sum spent
	var memory int64
	requests := 0
	for _, r := range all {
		sum.server += r.server
		sum.database += r.database
		sum.generator += r.generator
		requests += len(r.latencies) - r.unanswered
		memory = max(memory, r.memory)
	}
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(max(1, requests)) }
	texts := []string{"–", "–", "–", "–"}
	for i, value := range []float64{each(sum.server), each(sum.database), each(sum.generator), float64(memory) / (1 << 20)} {
		if value > 0 {
			texts[i] = fmt.Sprintf("%.0f", value)
		}
	}
	return strings.Join(texts, " | ")
}

// wrong is an error if any answer was not what it has to be.
func (r *results) wrong() error {
	var errs []error
	for _, name := range names {
		all := r.rounds[name]
		if n := total(all, func(r round) int { return r.tally.wrong }); n > 0 {
			i := slices.IndexFunc(all, func(r round) bool { return r.first != nil })
			errs = append(errs, fmt.Errorf("%s: %d wrong answers, the first: %w", name, n, all[i].first))
		}
	}
	return errors.Join(errs...)
}

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
