package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	quiet      = time.Second      // in which single requests show what is usual
	mostSettle = 30 * time.Second // that a server is given to recover
)

// overloaded is what one round of an overload came to.
type overloaded struct {
	before, during, after round
	usual                 time.Duration // p99 of single requests before
	recovered             time.Duration // from the end of the load
}

// best is the most good answers a second without an overload.
func (o overloaded) best() float64 { return max(o.before.rate(), o.after.rate()) }

// measureOverload prints what becomes of each server that is asked for more
// than it can do.
func (b *bench) measureOverload(ctx context.Context) error {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	met := map[string][]overloaded{}
	for turn := range b.rounds + 1 {
		for _, s := range b.servers() {
			o, err := b.overloadOnce(ctx, s, turn == 0)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if turn > 0 {
				met[s.name] = append(met[s.name], o)
			}
		}
	}
	fmt.Print(overloadTables(b.overload, met))
	return wrongOverload(met)
}

// overloadOnce measures one round. One that only warms up is a closed loop.
func (b *bench) overloadOnce(ctx context.Context, s *subject, warms bool) (o overloaded, err error) {
	if warms {
		o.before, err = s.measure(ctx, (*subject).closed, max(b.duration/4, 200*time.Millisecond))
		return o, err
	}
	if o.before, err = s.measure(ctx, (*subject).closed, b.duration); err != nil {
		return o, err
	}
	w, err := watch(ctx, s)
	if err != nil {
		return o, err
	}
	defer w.stop()
	time.Sleep(quiet)
	if o.usual, err = w.usual(); err != nil {
		return o, err
	}
	load := pace{connections: openConns, rate: max(1, int(b.overload*o.before.rate())), period: b.duration}
	if o.during, err = s.measure(ctx, func(s *subject, ctx context.Context, _ time.Duration) (tally, error) {
		return openLoop(ctx, s.server.address, s.traffic, load)
	}, b.duration); err != nil {
		return o, err
	}
	if o.recovered, err = w.recovered(ctx, o.during.began.Add(load.period), o.usual); err != nil {
		return o, err
	}
	o.during.memory = max(o.during.memory, w.memory())
	w.stop()
	o.after, err = s.measure(ctx, (*subject).closed, b.duration)
	return o, err
}

func overloadTables(times float64, met map[string][]overloaded) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nOverload: an open loop of %g times what the closed loop just did, over %d connections, between two closed loops of %d\n\n",
		times, openConns, closedConns)
	b.WriteString("| | due/s | sent/s | good/s | of best | wrong | refused | served p50 ms | p99 ms | refused p50 ms | p99 ms | server µs | memory MB |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, name := range names {
		if all := met[name]; len(all) > 0 {
			before, during, after := phases(all)
			fmt.Fprintf(&b, "| %s, before | – | %s\n", titles[name], phase(before, "–"))
			fmt.Fprintf(&b, "| overloaded | %.0f | %s\n", times*median(before, round.rate), phase(during, goodput(all)))
			fmt.Fprintf(&b, "| after | – | %s\n", phase(after, "–"))
		}
	}
	b.WriteString("\nFrom the end of the load until three single requests in a row are answered within the p99 of those before it\n\n")
	b.WriteString("| | usual p99 ms | recovered after ms |\n|---|---|---|\n")
	for _, name := range names {
		if all := met[name]; len(all) > 0 {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", titles[name],
				milliseconds(all, func(o overloaded) time.Duration { return o.usual }),
				milliseconds(all, func(o overloaded) time.Duration { return o.recovered }))
		}
	}
	return b.String()
}

func phases(all []overloaded) (before, during, after []round) {
	for _, o := range all {
		before, during, after = append(before, o.before), append(during, o.during), append(after, o.after)
	}
	return before, during, after
}

// phase is what one of the three phases of all rounds came to.
func phase(all []round, ofBest string) string {
	var sum round
	for _, r := range all {
		sum.merge(r.tally)
		sum.server += r.server
		sum.memory = max(sum.memory, r.memory)
	}
	sent := func(r round) float64 { return float64(r.requests()) / r.elapsed.Seconds() }
	return fmt.Sprintf("%.0f | %.0f | %s | %d | %d | %s | %s | %.0f | %.0f |", median(all, sent), median(all, round.rate), ofBest,
		sum.wrong, sum.refused, percentiles(sum.served, 50, 99), percentiles(sum.turnedAway, 50, 99), sum.work(), megabytes(sum.memory))
}

// goodput is what is left of the best.
func goodput(all []overloaded) string {
	parts := make([]float64, len(all))
	for i, o := range all {
		parts[i] = o.during.rate() / o.best()
	}
	return spread(parts, "%.2f")
}

func milliseconds(all []overloaded, of func(overloaded) time.Duration) string {
	values := make([]float64, len(all))
	for i, o := range all {
		values[i] = of(o).Seconds() * 1000
	}
	return spread(values, "%.1f")
}

func wrongOverload(met map[string][]overloaded) error {
	r := &results{rounds: map[string][]round{}}
	var late error
	for name, all := range met {
		before, during, after := phases(all)
		r.rounds[name] = slices.Concat(before, during, after)
		if slices.ContainsFunc(all, func(o overloaded) bool { return o.recovered >= mostSettle }) {
			late = errors.Join(late, fmt.Errorf("%s: not well %v after the load", name, mostSettle))
		}
	}
	return errors.Join(late, r.wrong())
}
